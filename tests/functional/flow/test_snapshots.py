# SPDX-License-Identifier: Apache-2.0
"""Verbs mark what changed; `jobs` builds it; a door loads and judges with it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from msgspec import structs

from tests.support.door import LEXICON
from tests.support.made import there
from vigie.core.errors import ConflictError, InvalidInputError, NotFoundError
from vigie.flow import banks, keys, policies, snapshot_index, snapshot_parts, snapshots
from vigie.flow.gateway import brakes
from vigie.flow.house import build
from vigie.flow.snapshot_parts import mark_dirty
from vigie.flow.snapshots import mark_changed, publish_snapshot
from vigie.law import LawPackError, Origin
from vigie.screening.lexicons.shipped import load_shipped
from vigie.screening.matching.bank import Entry, FileKind, Problem, read_entries
from vigie.screening.policy import PolicyError
from vigie.screening.snapshot import LIGHT, load
from vigie.screening.snapshot_files import current_number, read_manifest, write_manifest
from vigie.store.models import (
    BankEntry,
    DirtyPart,
    PolicyVersion,
    Record,
    SnapshotPart,
    SnapshotRow,
    Stance,
)

PACK = """
jurisdiction: IS
version: "2026.11.1"
as_of: 2026-11
source: planted for a test
entries:
  - id: is_planted
    kind: offence
    class: hate
    speech: true
    text_checked: false
    provision: Planted code, section 1
    what: nothing that exists
    src: invented
    confidence: medium
"""


@pytest.fixture
def first(house):
    policies.publish_starter_set(house, "vigie init")
    assert publish_snapshot(house) == 1
    return house


def test_first_snapshot_loads_with_the_starter_set(first):
    snapshot = load(first.settings.snapshots_dir)
    assert snapshot.number == 1
    assert snapshot.served == ("AT", "DE", "FR")
    assert len(snapshot.policies.active) == PolicyVersion.objects.count() > 0
    assert not DirtyPart.objects.exists()
    assert SnapshotRow.objects.get().number == 1
    assert publish_snapshot(first) is None


def test_what_settings_and_package_say_anew_is_in_the_next_snapshot(first, monkeypatch):
    assert mark_changed(first) == []
    wider = replace(first, settings=replace(first.settings, countries=("AT", "CH", "DE", "FR")))
    assert mark_changed(wider) == ["operator"]
    more = [*load_shipped(), LEXICON]
    monkeypatch.setattr(snapshot_parts, "load_shipped", lambda: more)
    assert mark_changed(wider) == ["lexicons", "operator"]
    assert publish_snapshot(wider) == 2
    assert load(first.settings.snapshots_dir).served == ("AT", "CH", "DE", "FR")
    assert mark_changed(wider) == []


def test_packs_of_the_operators_own_are_in_force_and_shown_as_such(first):
    first.settings.law_dir.mkdir()
    (first.settings.law_dir / "is.yaml").write_text(PACK)
    house = build(first.settings, first.clock)
    assert mark_changed(house) == ["law"]
    publish_snapshot(house)
    entry = load(first.settings.snapshots_dir).law.entries["is_planted"]
    assert (entry.origin, entry.territories) == (Origin.OPERATOR, ("IS",))
    (first.settings.law_dir / "is.yaml").write_text("jurisdiction: 7")
    with pytest.raises(LawPackError, match=r"is\.yaml"):
        build(first.settings, first.clock)


def test_starter_set_is_published_once(first):
    assert policies.publish_starter_set(first, "vigie init") == []


def test_key_is_found_by_the_next_snapshot_and_gone_after_revocation(first):
    row, secret = keys.create_key(first, "platform", ["trusted"], "agora", {"per_second": 5})
    assert secret.startswith("vg_")
    assert secret not in str(row.__dict__)
    publish_snapshot(first)
    folder = first.settings.snapshots_dir
    found = there(load(folder).access.find(f"Bearer {secret}"))
    assert (found.service, found.per_second, found.trusted) == ("agora", 5, True)
    keys.revoke_key(first, row.pk)
    publish_snapshot(first)
    assert load(folder).access.find(f"Bearer {secret}") is None
    assert current_number(folder) == 3


@pytest.mark.parametrize(
    ("name", "scopes", "limits"),
    [("", ["trusted"], {}), ("a", [], {}), ("a", ["root"], {}), ("a", ["public"], {"x": 1})],
)
def test_key_that_cannot_be_is_refused(house, name, scopes, limits):
    with pytest.raises(InvalidInputError):
        keys.create_key(house, name, scopes, limits=limits)


def test_only_what_changed_is_built(first):
    before = read_manifest(first.settings.snapshots_dir, 1).parts
    keys.create_key(first, "platform", ["public"])
    publish_snapshot(first)
    after = read_manifest(first.settings.snapshots_dir, 2).parts
    assert {name for name in after if after[name] != before.get(name)} == {"keys"}


def test_change_during_a_build_is_built_next_time(first, monkeypatch):
    from vigie.flow import snapshots

    keys.create_key(first, "one", ["public"])
    real = write_manifest

    def meanwhile(*args):
        keys.create_key(first, "two", ["public"])
        real(*args)

    with monkeypatch.context() as patch:
        patch.setattr(snapshots, "write_manifest", meanwhile)
        publish_snapshot(first)
    assert DirtyPart.objects.filter(part="keys").exists()
    publish_snapshot(first)
    assert len(load(first.settings.snapshots_dir).access) == 2


def test_a_brake_does_not_wait_for_a_large_part_that_is_being_built(first, monkeypatch):
    mark_dirty(SnapshotPart.INDEX, first.now())
    mark_dirty(SnapshotPart.POLICIES, first.now())
    real, seen = snapshot_index.build, []

    def slow(*args, **more):
        brakes.stop(first, None, "chat", ["FR"], "Looked into.")
        number = publish_snapshot(first, only=LIGHT)
        seen.append((number, load(first.settings.snapshots_dir).brakes[0].feature))
        brakes.stop(first, None, "image_edit", ["FR"], "Looked into.")
        return real(*args, **more)

    with monkeypatch.context() as patch:
        patch.setattr(snapshot_index, "build", slow)
        assert publish_snapshot(first) == 3
    assert seen == [(2, "chat")]
    assert DirtyPart.objects.filter(part="brakes").exists()
    publish_snapshot(first)
    assert [one.feature for one in load(first.settings.snapshots_dir).brakes] == [
        "chat",
        "image_edit",
    ]


def test_small_parts_alone_are_not_published_before_the_first_snapshot(house):
    brakes.stop(house, None, "chat", [], "Looked into.")
    assert publish_snapshot(house, only=("brakes",)) is None
    assert publish_snapshot(house) == 1
    assert load(house.settings.snapshots_dir).brakes


def test_number_is_not_used_again_after_a_crash_before_the_record(first, monkeypatch):
    keys.create_key(first, "one", ["public"])

    def fails(*_args, **_more):
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(SnapshotRow.objects, "create", fails)
        with pytest.raises(RuntimeError):
            publish_snapshot(first)
    assert publish_snapshot(first) == 3
    assert list(SnapshotRow.objects.order_by("number").values_list("number", flat=True)) == [1, 3]


def test_imported_hashes_are_matched_and_withdrawn_ones_are_not(first):
    banks.create_bank(first, "list-one", "terrorist", "owner one")
    lines = ["aa" * 32, "nonsense", "# a remark", "bb" * 32, "aa" * 32]
    came = banks.import_entries(
        first, "list-one", read_entries(lines, FileKind.HEX, "sha256"), "admin"
    )
    assert (came.taken, came.known, len(came.problems)) == (2, 1, 1)
    assert isinstance(came.problems[0], Problem)
    publish_snapshot(first)
    index = index_of(first)
    assert hits(index, "aa") == [("list-one", "positive")]
    assert hits(index, "cc") == []
    banks.import_entries(first, "list-one", [Entry(algorithm="sha256", value=b"\xcc" * 32)], "a")
    publish_snapshot(first)
    assert hits(index_of(first), "cc") == [("list-one", "positive")]
    assert index_of(first).tail_length == 3
    banks.withdraw_entry(first, BankEntry.objects.get(value="aa" * 32).pk, "admin")
    publish_snapshot(first)
    assert hits(index_of(first), "aa") == []
    assert hits(index_of(first), "cc") == [("list-one", "positive")]
    assert index_of(first).tail_length == 2


def test_long_tail_and_withdrawals_from_the_base_rebuild_the_base(first, monkeypatch):
    from vigie.flow import snapshot_index

    banks.create_bank(first, "list-one", "terrorist", "owner one")
    entries = [Entry(algorithm="sha256", value=bytes([n]) * 32) for n in (0xAA, 0xBB)]
    banks.import_entries(first, "list-one", entries, "admin")
    monkeypatch.setattr(snapshot_index, "TAIL_LIMIT", 1)
    publish_snapshot(first)
    assert index_of(first).tail_length == 0
    assert hits(index_of(first), "aa") == [("list-one", "positive")]
    banks.withdraw_entry(first, BankEntry.objects.get(value="aa" * 32).pk, "admin")
    publish_snapshot(first)
    assert hits(index_of(first), "aa") == []
    assert hits(index_of(first), "bb") == [("list-one", "positive")]


def index_of(house):
    import msgspec

    from vigie.screening.matching.base import IndexRow
    from vigie.screening.matching.index import HashIndex
    from vigie.screening.snapshot_files import read_parts

    folder = house.settings.snapshots_dir
    manifest = read_manifest(folder, current_number(folder))
    tail = msgspec.json.decode(read_parts(folder, manifest)["index_tail"], type=list[IndexRow])
    return HashIndex.open(folder / "parts" / manifest.parts["index"]).with_tail(tail)


def hits(index, byte):
    [found] = index.lookup([("sha256", bytes.fromhex(byte * 32))])
    return [(ref.bank, ref.opinion.value) for hit in found.hits for ref in hit.refs]


def test_bank_of_a_taken_name_or_unknown_class_is_refused(house):
    banks.create_bank(house, "list-one", "child", "owner one")
    with pytest.raises(ConflictError):
        banks.create_bank(house, "list-one", "child", "owner one")
    with pytest.raises(InvalidInputError):
        banks.create_bank(house, "list-two", "nonsense", "owner one")
    with pytest.raises(NotFoundError):
        banks.import_entries(house, "list-three", [], "admin")


def test_opinion_of_another_owner_makes_an_entry_disputed(house):
    banks.create_bank(house, "list-one", "terrorist", "owner one")
    banks.import_entries(house, "list-one", [Entry(algorithm="sha256", value=b"a" * 32)], "x")
    entry = BankEntry.objects.get()
    banks.state_opinion(house, entry.pk, "somebody", Stance.NEGATIVE, "satire")
    entry.refresh_from_db()
    assert entry.opinion == "disputed"
    assert entry.opinions.get().stance == "negative"


def test_same_policy_in_the_same_state_changes_nothing(first):
    version = there(PolicyVersion.objects.filter(state="shadow").first())
    again = policies.publish_policy(first, version.source, "admin", state=version.state)
    assert again.pk == version.pk
    live = policies.publish_policy(first, version.source, "admin", state="live")
    assert (live.version, live.state) == (version.version + 1, "live")
    version.refresh_from_db()
    assert version.state == "retired"
    assert Record.objects.filter(kind="policy.published").count() == PolicyVersion.objects.count()


def test_policy_whose_own_test_fails_is_not_published(first):
    source = there(PolicyVersion.objects.first()).source.replace("fires", "quiet")
    with pytest.raises(InvalidInputError):
        policies.publish_policy(first, source, "admin", state="live")


UNKNOWN_LABEL = """
id: mistyped
version: 1
title: {en: A, fr: A, de: A}
description: Reads a label that no detector reports.
terms: {clause: "1", title: {en: T, fr: T, de: T}}
limits: {some: 0.5}
when: {score: score.denail >= limit.some}
action: label
tests: [{name: fires, given: {score.denail: 0.9}, expect: fires}]
"""


@pytest.mark.parametrize("state", ["shadow", "live"])
def test_a_policy_that_no_door_could_load_is_not_published(first, state):
    with pytest.raises(PolicyError, match=r"mine\.yaml:8:.*score\.denail") as refused:
        policies.publish_policy(first, UNKNOWN_LABEL, "c.vidal", state=state, file="mine.yaml")
    assert "denial" in (refused.value.fix or "")
    assert publish_snapshot(first) is None
    keys.create_key(first, "platform", ["trusted"])
    publish_snapshot(first)
    assert load(first.settings.snapshots_dir).number == 2


def test_a_draft_may_read_what_is_not_there_yet(first):
    row = policies.publish_policy(first, UNKNOWN_LABEL, "c.vidal", state="draft")
    assert row.state == "draft"
    assert publish_snapshot(first) is None


def test_a_revoked_key_does_not_wait_for_policies_that_fit_no_law(first):
    row, secret = keys.create_key(first, "platform", ["trusted"])
    publish_snapshot(first)
    less = {k: v for k, v in first.law.entries.items() if k != "fr_denial"}
    poorer = replace(first, law=structs.replace(first.law, entries=less))
    assert mark_changed(poorer) == ["law"]
    keys.revoke_key(poorer, row.pk)
    assert publish_snapshot(poorer) == 3
    snapshot = load(first.settings.snapshots_dir)
    assert snapshot.access.find(f"Bearer {secret}") is None
    assert "fr_denial" in snapshot.law.entries
    assert list(DirtyPart.objects.values_list("part", flat=True)) == ["law"]
    assert publish_snapshot(poorer) is None
    snapshots._held.clear()  # a process that starts with the pack back in its place
    assert publish_snapshot(first) == 4
    assert not DirtyPart.objects.exists()


def test_retired_policy_is_in_no_snapshot(first):
    name = there(PolicyVersion.objects.first()).policy.policy_id
    policies.retire_policy(first, name, "admin")
    publish_snapshot(first)
    active = load(first.settings.snapshots_dir).policies.active
    assert name not in [one.policy.id for one in active]
    with pytest.raises(NotFoundError):
        policies.retire_policy(first, name, "admin")
