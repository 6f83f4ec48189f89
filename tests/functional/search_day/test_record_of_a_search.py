# SPDX-License-Identifier: Apache-2.0
"""The record of a search: opened and closed under checkpoints, line by line, never changed."""

from __future__ import annotations

import json

import pytest

from tests.support import proceedings
from tests.support.appeals import restricted
from tests.support.people import ORIGIN, Agora
from vigie import keys, locks
from vigie.core.errors import ConflictError, InvalidInputError, NotFoundError, RefusedError
from vigie.flow.search_day import days, entries, scope, signed, told
from vigie.flow.search_day.entries import EntryGiven
from vigie.flow.search_day.scope import ScopeGiven
from vigie.ledger.note import Signer
from vigie.ledger.policy import of_key
from vigie.ledger.verify.logdir import verify_log
from vigie.store.append_only import AppendOnlyError
from vigie.store.models import PublishedCheckpoint, Record, RecordKey, SearchDay, SearchEntry
from vigie.store.permissions import Permission, Role, permissions_of

HASH = "ab" * 32
THING = {"kind": "object", "label": "a laptop", "serial": "C02X", "seal": "4711"}


def line(**more: object) -> EntryGiven:
    return EntryGiven(**{"kind": "event", "label": "They came in.", **more})  # type: ignore[arg-type]


def test_a_search_is_opened_under_a_checkpoint_that_covers_its_record(agora: Agora) -> None:
    opened = days.open_search(agora.house, "command line", proceedings.given())
    search = opened.search
    assert opened.published
    covered = PublishedCheckpoint.objects.get(note=search.checkpoint_open)
    assert search.record.entry.index < covered.size
    seed = keys.read(agora.settings.keys_dir, keys.KeyName.LOG)
    policy = of_key(Signer(ORIGIN, seed).vkey)
    assert verify_log(str(agora.settings.log_dir), policy).checkpoint.size == covered.size


def test_the_closing_checkpoint_covers_every_line_of_the_day(agora: Agora) -> None:
    search = proceedings.opened(agora)
    made = entries.add_entry(agora.house, "command line", search.number, line())
    closed = days.close_search(agora.house, "command line", search.number, "All left.")
    assert closed.published
    covered = PublishedCheckpoint.objects.get(note=closed.search.checkpoint_close)
    assert made.record.entry.index < covered.size
    assert closed.search.closing is not None
    assert closed.search.closing.entry.index < covered.size


def test_the_log_says_nothing_of_names_in_the_open(agora: Agora) -> None:
    search = proceedings.opened(agora)
    plain = bytes(search.record.content).decode()
    for word in (proceedings.COURT, proceedings.WARRANT, "Klein", proceedings.WORDS):
        assert word not in plain
    kept = RecordKey.objects.get(record=search.record).fields
    assert kept["warrant"] == proceedings.WARRANT


def test_what_is_taken_has_serial_number_hash_and_seal_on_record(agora: Agora) -> None:
    search = proceedings.opened(agora)
    entries.add_entry(agora.house, "command line", search.number, line(**THING))
    copy = line(kind="copy", label="an image of a disk", sha256=HASH.upper(), seal="4712")
    entries.add_entry(agora.house, "command line", search.number, copy)
    shown = told.as_json(days.find(search.number))
    assert [(one["serial"], one["sha256"], one["seal"]) for one in shown["entries"]] == [
        ("C02X", "", "4711"),
        ("", HASH, "4712"),
    ]
    assert json.dumps(shown)


def test_a_document_of_counsel_is_listed_as_existing(agora: Agora) -> None:
    search = proceedings.opened(agora)
    set_apart = line(kind="privileged", label="one folder, marked by counsel", seal="4713")
    made = entries.add_entry(agora.house, "command line", search.number, set_apart)
    assert made.sha256 == ""
    assert days.close_search(agora.house, "command line", search.number).search.entries.count() == 1


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"kind": "object", "label": "a laptop"}, "serial"),
        ({"kind": "copy", "label": "a copy"}, "sha256"),
        ({"kind": "copy", "label": "a copy", "sha256": "xyz"}, "sha256"),
        ({"kind": "gift"}, "kind"),
        ({"label": " "}, "label"),
        ({"label": "x" * 301}, "label"),
        ({"note": "x" * 20_001}, "note"),
        ({"happened_at": 1}, "happened_at"),
    ],
)
def test_a_line_that_cannot_stand_is_refused_at_its_field(
    agora: Agora, given: dict[str, object], field: str
) -> None:
    search = proceedings.opened(agora)
    with pytest.raises(InvalidInputError) as refused:
        entries.add_entry(agora.house, "command line", search.number, line(**given))
    assert refused.value.field == field
    assert not SearchEntry.objects.exists()


def test_a_copy_without_a_hash_says_why(agora: Agora) -> None:
    search = proceedings.opened(agora)
    given = line(kind="copy", label="a copy", note="They gave no hash though asked twice.")
    assert entries.add_entry(agora.house, "command line", search.number, given).pk


def test_a_line_is_never_changed_and_a_correction_may_follow_the_closing(agora: Agora) -> None:
    search = proceedings.opened(agora)
    first = entries.add_entry(agora.house, "command line", search.number, line(**THING))
    first.serial = "C03X"
    with pytest.raises(AppendOnlyError):
        first.save()
    with pytest.raises(AppendOnlyError):
        SearchEntry.objects.all().delete()
    days.close_search(agora.house, "command line", search.number)
    agora.clock.advance(1_000)
    late = line(label="The serial number of the laptop is C03X.")
    after = entries.add_entry(agora.house, "command line", search.number, late)
    assert after.at > days.find(search.number).closed_at  # type: ignore[operator]


def test_opening_asks_for_authority_warrant_and_scope_alone(agora: Agora) -> None:
    for name in ("authority_name", "warrant", "scope_text"):
        words = {"authority_name": "Court", "warrant": "1/26", "scope_text": "all", name: " "}
        with pytest.raises(InvalidInputError) as refused:
            days.open_search(agora.house, "command line", days.SearchGiven(**words))  # type: ignore[arg-type]
        assert refused.value.field == name
    assert not SearchDay.objects.exists()
    least = days.SearchGiven(authority_name="Court", warrant="1/26", scope_text="all")
    assert days.open_search(agora.house, "command line", least).search.number == 1


@pytest.mark.parametrize("role", list(Role))
def test_only_who_may_keep_the_record_opens_writes_and_closes(agora: Agora, role: Role) -> None:
    search = proceedings.opened(agora)
    user = agora.person(f"p.{role}", role, number=50)
    acts = (
        lambda: entries.add_entry(agora.house, user, search.number, line()),
        lambda: entries.set_scope(agora.house, user, search.number, ScopeGiven()),
        lambda: days.open_search(agora.house, user, proceedings.given()),
        lambda: days.close_search(agora.house, user, search.number),
    )
    for act in acts:
        if Permission.SEARCH_MANAGE in permissions_of(role):
            assert act() is not None
            continue
        with pytest.raises(RefusedError):
            act()


def test_a_closed_search_is_not_closed_again_and_no_unknown_one(agora: Agora) -> None:
    search = proceedings.opened(agora)
    days.close_search(agora.house, "command line", search.number)
    with pytest.raises(ConflictError):
        days.close_search(agora.house, "command line", search.number)
    with pytest.raises(NotFoundError):
        days.close_search(agora.house, "command line", 9)


def test_a_search_stands_though_nobody_could_sign(
    agora: Agora, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signed, "WAIT_S", 0.0)
    with locks.acquire(agora.settings.run_dir / signed.LOCK, address="a server that hangs"):
        opened = days.open_search(agora.house, "command line", proceedings.given())
    assert not opened.published
    assert opened.search.checkpoint_open == ""
    assert SearchDay.objects.get().closed_at is None
    agora.publish()
    assert days.find(opened.search.number).checkpoint_open


def test_a_log_that_refuses_to_sign_stops_no_search(agora: Agora) -> None:
    proceedings.opened(agora)
    state = agora.settings.data_dir / "log-state"
    for one in [one for one in state.rglob("*") if one.is_file()]:
        one.write_bytes(b"not what was signed")
    second = days.open_search(agora.house, "command line", proceedings.given())
    assert not second.published
    assert SearchDay.objects.filter(closed_at=None).count() == 2


def test_the_scope_finds_what_it_names_and_nothing_of_class_child(agora: Agora) -> None:
    other = agora.person("m.olsen", Role.SENIOR, number=11)
    named = restricted(agora, other, "p-1")
    restricted(agora, other, "p-2")
    agora.removal("p-3")
    meant = scope.read(agora.house, ScopeGiven(service="agora", items=("p-1", "p-3")))
    found = list(scope.decisions(meant))
    assert named in found
    assert {one.item_id for one in found} == {"p-1"}
    by_author = scope.read(agora.house, ScopeGiven(service="agora", authors=("a-9",)))
    assert {one.item_id for one in scope.decisions(by_author)} == {"p-1", "p-2"}
    whole = scope.read(agora.house, ScopeGiven(services=("agora",)))
    assert {one.item_id for one in scope.decisions(whole)} == {"p-1", "p-2"}
    elsewhere = scope.read(agora.house, ScopeGiven(service="other", items=("p-1",)))
    assert not scope.decisions(elsewhere)
    assert not scope.decisions(scope.Scope())


def test_the_period_bounds_the_scope(agora: Agora) -> None:
    other = agora.person("m.olsen", Role.SENIOR, number=11)
    restricted(agora, other, "p-1")
    now = agora.clock.now_ms()
    later = ScopeGiven(service="agora", items=("p-1",), after=now + 1)
    assert not scope.decisions(scope.read(agora.house, later))
    until = ScopeGiven(service="agora", items=("p-1",), after=now - 86_400_000, until=now + 1)
    assert scope.decisions(scope.read(agora.house, until))
    with pytest.raises(InvalidInputError):
        scope.read(agora.house, ScopeGiven(items=("p-1",), after=now, until=now))


def test_authors_stand_in_the_scope_by_pseudonym(agora: Agora) -> None:
    search = days.open_search(
        agora.house,
        "command line",
        days.SearchGiven(
            authority_name="Court",
            warrant="1/26",
            scope_text="an account",
            scope=ScopeGiven(service="agora", authors=("a-9",)),
        ),
    ).search
    assert "a-9" not in json.dumps(search.scope)
    assert scope.of(search).authors == (("agora", agora.house.pseudonym("agora", "a-9")),)


def test_a_scope_that_names_no_record_is_refused(agora: Agora) -> None:
    with pytest.raises(InvalidInputError) as refused:
        scope.read(agora.house, ScopeGiven(orders=(9,)))
    assert refused.value.field == "orders"


def test_entering_the_scope_again_is_a_line_of_the_record(agora: Agora) -> None:
    search = proceedings.opened(agora)
    made = entries.set_scope(
        agora.house, "command line", search.number, ScopeGiven(services=("agora",))
    )
    search.refresh_from_db()
    assert scope.of(search).services == ("agora",)
    assert RecordKey.objects.get(record=made.record).fields["scope"]["services"] == ["agora"]
    assert Record.objects.filter(kind="search.entry").count() == 1
