# SPDX-License-Identifier: Apache-2.0
"""Shredding: the key goes, the file says nothing, the log stands; holds are asked."""

from __future__ import annotations

import json

import pytest

from vigie.core.errors import ConflictError, InvalidInputError, NotFoundError, RefusedError
from vigie.evidence import age, keys, terms
from vigie.flow import holds, personal, retain
from vigie.flow.deletion import Subject
from vigie.flow.vault import access, layout, shred, term
from vigie.store.models import (
    CustodyEvent,
    ErasureSubject,
    Evidence,
    LogEntry,
    Record,
    RecordKey,
)

DAY = terms.DAY_MS


def test_at_its_maximum_a_record_is_shredded_and_its_proof_still_holds(vault, agora, first):
    row = vault.seal()
    path = layout.path_of(agora.settings, row.file)
    ciphertext, wrapped = path.read_bytes(), row.wrapped[0]
    entry = LogEntry.objects.get(record=row.record_id)
    before = bytes(entry.entry)
    agora.clock.advance(190 * DAY - 1)
    retain.retain(agora.house)
    assert Evidence.objects.get().wrapped
    agora.clock.advance(1)
    retain.retain(agora.house)
    gone = Evidence.objects.get()
    assert (gone.wrapped, gone.sha256, gone.meta, gone.author) == ([], "", {}, "")
    assert gone.shredded_at == agora.house.now()
    assert not path.exists()
    event = CustodyEvent.objects.get(kind="shredded")
    assert (event.by, event.reason) == ("vigie", "term")
    said = json.loads(Record.objects.get(pk=event.record_id).canonical)
    assert (said["k"], said["evidence"]) == ("evidence.shredded", row.evidence_id)
    # The entry is untouched and provable; nobody can open what it committed to.
    assert bytes(LogEntry.objects.get(pk=entry.pk).entry) == before
    assert not RecordKey.objects.filter(record=row.record_id).exists()
    with pytest.raises(NotFoundError):
        access.read(agora.house, first, gone, "review")
    # A copy of the file from a backup, without the wrapped key, is noise to the epoch too.
    identity = (agora.settings.vault_dir / "general-1.txt").read_text()
    with pytest.raises(Exception, match="does not open"):
        age.decrypt(ciphertext, [identity])
    # Control: with the wrapped key it would have opened.
    assert age.decrypt(ciphertext, [keys.unwrap(wrapped, [identity])])


def test_a_hold_keeps_it_past_its_maximum(vault, agora):
    vault.seal(item_id="p-9")
    hold = holds.place_hold(agora.house, basis="order", owner="legal", review_at=0, item_id="p-9")
    agora.clock.advance(400 * DAY)
    retain.retain(agora.house)
    assert Evidence.objects.get().shredded_at is None
    holds.lift_hold(agora.house, hold.pk)
    retain.retain(agora.house)
    assert Evidence.objects.get().shredded_at


def test_a_person_shreds_neither_early_nor_under_a_hold_nor_without_a_reason(vault, agora, first):
    row = vault.seal(item_id="p-9")
    with pytest.raises(InvalidInputError):
        shred.shred(agora.house, row, user=first, reason="")
    with pytest.raises(ConflictError) as told:
        shred.shred(agora.house, row, user=first, reason="withdrawn")
    assert told.value.code == "too_early"
    agora.clock.advance(185 * DAY)
    holds.place_hold(agora.house, basis="order", owner="legal", review_at=0, item_id="p-9")
    with pytest.raises(ConflictError) as told:
        shred.shred(agora.house, row, user=first, reason="withdrawn")
    assert told.value.code == "held"
    with pytest.raises(RefusedError):
        shred.shred(agora.house, row, user=agora.person("m", "moderator"), reason="x")
    assert Evidence.objects.get().wrapped


def test_what_a_crash_left_of_a_shredded_file_goes_with_the_next_retention(vault, agora):
    row = vault.seal(rule="fr_press_law")
    path = layout.path_of(agora.settings, row.file)
    agora.clock.advance(366 * DAY)
    retain.retain(agora.house)
    path.write_bytes(b"age-encryption.org/v1\nleft over")
    retain.retain(agora.house)
    assert not path.exists()


def test_a_renewal_moves_both_ends_by_the_rules_own_period(vault, agora, first):
    row = vault.seal(rule="eevidence_preservation")
    ends = (row.keep_until, row.purge_at)
    term.renew(agora.house, row, basis="Annex VI, 12/26", user=first)
    row.refresh_from_db()
    assert (row.keep_until, row.purge_at) == (ends[0] + 30 * DAY, ends[1] + 30 * DAY)
    assert CustodyEvent.objects.get(kind="held").reason == "Annex VI, 12/26"
    with pytest.raises(ConflictError):
        term.renew(agora.house, vault.seal(), basis="x", user=first)


def test_a_term_begins_anew_with_its_event_and_never_ends_earlier(vault, agora):
    row = vault.seal(rule="tco_preservation")
    ends = row.purge_at
    term.begin(agora.house, row, agora.house.now() - DAY)
    assert Evidence.objects.get().purge_at == ends
    agora.clock.advance(10 * DAY)
    term.begin(agora.house, row, agora.house.now())
    assert Evidence.objects.get().purge_at == ends + 10 * DAY


def part():
    return next(one for one in personal.PARTS if one.name == "sealed evidence")


def test_a_persons_erasure_waits_for_the_minimum_then_shreds(vault, agora):
    row = vault.seal()
    subject = Subject(kind=ErasureSubject.AUTHOR, service="default", author="a" * 32)
    assert not part().ended(subject, agora.house.now()).exists()
    agora.clock.advance(185 * DAY)
    rows = part().ended(subject, agora.house.now())
    assert list(rows) == [row]
    rows.update(**part().blank)
    retain.retain(agora.house)
    gone = Evidence.objects.get()
    assert gone.shredded_at
    assert CustodyEvent.objects.get(kind="shredded").reason == "erasure"
    assert not layout.path_of(agora.settings, gone.file).exists()


def test_access_names_neither_what_an_order_asked_for_nor_class_child(vault, agora):
    subject = Subject(kind=ErasureSubject.AUTHOR, service="default", author="a" * 32)
    row = vault.seal()
    assert part().rows(subject).count() == 1
    Evidence.objects.filter(pk=row.pk).update(lane="child")
    assert part().rows(subject).count() == 0


@pytest.mark.parametrize("one", terms.TERMS, ids=lambda one: one.id)
def test_every_rule_has_a_maximum_not_below_its_minimum_and_says_its_source(one):
    assert one.most_days >= one.least_days
    assert one.most_days > 0
    assert one.law
    assert terms.find(one.id) is one
