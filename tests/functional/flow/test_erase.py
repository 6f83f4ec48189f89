# SPDX-License-Identifier: Apache-2.0
"""Erasure and terms: one deletion function, which asks the holds first."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection

from tests.support.made import TEXT, Door
from vigie.core.errors import ConflictError
from vigie.core.item import Author
from vigie.flow import erase, holds, retain
from vigie.jobs.folding import Folding
from vigie.store.models import (
    Case,
    DecisionRecord,
    Erasure,
    HourKey,
    IdempotencyRow,
    ItemContent,
    LogEntry,
    PendingPurge,
    Record,
    RecordKey,
    Segment,
    Statement,
)

DAY = 86_400_000


@pytest.fixture
def folding(house):
    made = Folding(house, pause=lambda _: None)
    yield made
    made.close()


def test_erased_item_loses_text_keys_and_names_and_keeps_its_proof(house, door, folding):
    sealed = door.propose(door.item(id="p-1"))
    folding.drain()
    counts = erase.erase_item(house, "p-1", "platform")
    assert (counts.contents, counts.keys, counts.decisions) == (1, 1, 1)
    decision = DecisionRecord.objects.get()
    assert (decision.author, decision.media, decision.has_content) == ("", [], False)
    assert not ItemContent.objects.exists()
    assert not RecordKey.objects.filter(record=decision.record_id).exists()
    assert bytes(LogEntry.objects.get(index=decision.log_index).entry) == sealed.entry
    assert Case.objects.get().state == "cancelled"
    erased = Record.objects.get(kind="content.erased")
    assert b"p-1" not in erased.canonical
    assert Erasure.objects.get().record_id == erased.pk


def test_other_items_and_services_stay(house, door, folding):
    door.propose(door.item(id="p-1", service="agora"))
    door.propose(door.item(id="p-1", service="market"))
    door.propose(door.item(id="p-2", service="agora"))
    folding.drain()
    erase.erase_item(house, "p-1", "platform", service="agora")
    left = ItemContent.objects.order_by("service").values_list("service", "item_id")
    assert list(left) == [("agora", "p-2"), ("market", "p-1")]


def test_author_is_erased_by_the_name_that_the_platform_uses(house, door, folding):
    door.propose(door.item(author=Author(id="a-1")))
    door.propose(door.item(author=Author(id="a-2")))
    folding.drain()
    counts = erase.erase_author(house, "a-1", "platform")
    assert counts.contents == 1
    assert ItemContent.objects.get().author["id"] == "a-2"


def test_hold_forbids_erasure_until_it_is_lifted(house, door, folding):
    door.propose(door.item(id="p-1"))
    folding.drain()
    hold = holds.place_hold(
        house, basis="Art. 6 TCO", owner="legal", review_at=house.now() + DAY, item_id="p-1"
    )
    with pytest.raises(ConflictError) as refused:
        erase.erase_item(house, "p-1", "platform")
    assert refused.value.code == "held"
    with pytest.raises(ConflictError):
        erase.erase_author(house, "a-9", "platform")
    assert ItemContent.objects.exists()
    holds.lift_hold(house, hold.pk)
    assert erase.erase_item(house, "p-1", "platform").contents == 1


def test_what_the_journals_held_goes_too(house, door, folding):
    first = door.propose(door.item(id="p-1"))
    harmless = door.decide(door.item(id="p-1", version=2))
    other = door.decide(door.item(id="p-2"))
    folding.turn()
    # Answered and not folded yet when the erasure is asked for.
    late = door.propose(door.item(id="p-1", version=3))
    erase.erase_item(house, "p-1", "platform")
    assert folding.erase() == 1
    assert not PendingPurge.objects.exists()
    assert not ItemContent.objects.exists()
    assert LogEntry.objects.filter(record__kind="decision.made").count() == 2
    from vigie.journal.reader import Reader

    reader = Reader(house.settings.journal_dir, door.writer)
    left = b"".join(row.body for row in reader.read(0, 100))
    reader.close()
    assert other.salt in left
    for gone in (first, harmless, late):
        assert gone.salt not in left
        assert gone.decision_id.encode() not in left


def files_with(folder: Path, needle: bytes) -> list[str]:
    return [p.name for p in folder.rglob("*") if p.is_file() and needle in p.read_bytes()]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("scrubbed", [True, False], ids=["as shipped", "control"])
def test_no_byte_of_an_erased_text_stays_in_any_file(settings, clock, transactional_db, scrubbed):
    """The control: without `secure_delete` and an emptied WAL the text is still there."""
    if connection.vendor != "sqlite":
        pytest.skip("only where the store is a SQLite file")
    from vigie.flow.house import build
    from vigie.jobs import wal

    needle = (TEXT * 40).encode()[100:164]
    store = Path(connection.settings_dict["NAME"])
    house = build(settings, clock)
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA secure_delete={'ON' if scrubbed else 'OFF'}")
    door = Door(settings, house.pseudonym_key, house.now())
    folding = Folding(house, pause=lambda _: None)
    try:
        for number in range(20):
            door.propose(door.item(id=f"p-{number}", text=TEXT * 40))
        folding.turn()
        wal.truncate_store()
        assert files_with(store.parent, needle)
        for number in range(20):
            erase.erase_item(house, f"p-{number}", "platform")
        if scrubbed:
            folding.erase()
        wal.truncate_store()
        held = files_with(store.parent, needle) + files_with(settings.data_dir, needle)
        assert bool(held) is not scrubbed, held
    finally:
        door.close()
        folding.close()
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete=ON")


def test_text_goes_when_a_case_is_closed_without_a_finding(house, door, folding, clock):
    from vigie.flow.decide import PersonDecision, Verb, decide
    from vigie.store.models import User

    door.propose()
    folding.drain()
    retain.retain(house)
    assert ItemContent.objects.exists()
    user = User.objects.create_user("c.vidal", None, role="moderator")
    decide(house, PersonDecision(on=1, verb=Verb.LEAVE, reason="It is a quotation.", user=user))
    retain.retain(house)
    assert ItemContent.objects.exists(), "an undo must find it"
    clock.advance(31_000)
    retain.retain(house)
    assert not ItemContent.objects.exists()
    assert not DecisionRecord.objects.get(number=1).has_content


def test_text_of_a_restriction_stays_for_the_complaint_window(house, door, folding, clock):
    door.restrict()
    folding.drain()
    clock.advance((house.settings.statement_days - 1) * DAY)
    retain.retain(house)
    assert ItemContent.objects.exists()
    clock.advance(2 * DAY)
    retain.retain(house)
    assert not ItemContent.objects.exists()
    assert Statement.objects.get().content == {}


def test_held_text_outlives_its_term(house, door, folding, clock):
    door.restrict(door.item(id="p-1"))
    folding.drain()
    holds.place_hold(house, basis="order", owner="legal", review_at=0, item_id="p-1")
    clock.advance(400 * DAY)
    retain.retain(house)
    assert ItemContent.objects.exists()


def test_sample_is_kept_thirty_days(house, folding, clock):
    door = Door(house.settings, house.pseudonym_key, house.now(), sample_rate=1.0)
    door.decide()
    folding.drain()
    clock.advance(29 * DAY)
    retain.retain(house)
    assert ItemContent.objects.exists()
    clock.advance(2 * DAY)
    retain.retain(house)
    assert not ItemContent.objects.exists()
    door.close()


def test_hashes_of_what_was_not_restricted_go_after_ninety_days(house, door, folding, clock):
    from vigie.core.item import MediaFacts

    door.decide()
    media = (MediaFacts(status="ok", sha256="ab" * 32),)
    door.restrict(media=media)
    sampling = Door(house.settings, house.pseudonym_key, house.now(), sample_rate=1.0)
    sampling.decide(media=media)
    folding.drain()
    clock.advance(91 * DAY)
    retain.retain(house)
    kept = DecisionRecord.objects.get(outcome="limit")
    gone = DecisionRecord.objects.get(outcome="allow")
    assert kept.media == ["sha256:" + "ab" * 32]
    assert (gone.media, gone.author) == ([], "")
    sampling.close()


def test_segments_and_hourly_keys_go_together(house, door, folding, clock):
    door.decide()
    folding.drain()
    segment = Segment.objects.get()
    file = house.settings.archive_dir / segment.file
    assert file.exists()
    assert HourKey.objects.count() == 1
    clock.advance(91 * DAY)
    retain.retain(house)
    assert not file.exists()
    assert not HourKey.objects.exists()
    segment.refresh_from_db()
    assert segment.erased_at == house.now()
    assert LogEntry.objects.filter(index=segment.log_index).exists()


def test_idempotency_keys_go_after_two_days(house, door, folding, clock):
    door.restrict(idempotency=b"k" * 16)
    folding.drain()
    assert IdempotencyRow.objects.count() == 1
    clock.advance(2 * DAY + 1)
    retain.retain(house)
    assert not IdempotencyRow.objects.exists()
