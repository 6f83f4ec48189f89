# SPDX-License-Identifier: Apache-2.0
"""Hash lists at the desk: owners, opinions, disputes; withdrawing needs a right and a reason."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.support.people import Agora
from tests.support.victims import seen
from vigie.core.errors import RefusedError
from vigie.flow import banks
from vigie.flow.intimate import lists
from vigie.flow.policies import publish_starter_set
from vigie.flow.snapshots import publish_snapshot
from vigie.flow.transaction import writing
from vigie.screening.matching.bank import Entry
from vigie.screening.matching.base import CLAIMS, NOTIFIED
from vigie.store.models import Bank, BankEntry, Record, Stance

PASSWORD = "correct horse battery staple"
HOSTILE = "<script>alert(1)</script>"
FACTS = seen(3)


@pytest.fixture
def stock(agora: Agora) -> dict[str, Bank]:
    """A list of each kind, one entry each."""
    made = {}
    for name, cls in (("north", "child"), ("stop", "intimate"), ("house", "terms")):
        made[name] = banks.create_bank(agora.house, name, cls, f"owner of {name}", HOSTILE)
        entry = Entry(algorithm="pdq", value=bytes.fromhex(FACTS.pdq or ""), quality=90)
        banks.import_entries(agora.house, name, [entry], "test", pause=lambda _: None)
    with writing():
        made[CLAIMS] = lists.ensure(CLAIMS, agora.house.now())
        made[NOTIFIED] = lists.ensure(NOTIFIED, agora.house.now())
        lists.add_notified([("pdq", FACTS.pdq or "")], "D-1", agora.house.now())
    return made


def sign_in(agora: Agora, client: Client, role: str) -> Client:
    agora.person("somebody", role)
    client.post("/console/login", {"name": "somebody", "password": PASSWORD})
    return client


def test_every_list_stands_with_owner_and_counts(desk: Client, stock: dict[str, Bank]) -> None:
    shown = desk.get("/console/banks").content.decode()
    for name in stock:
        assert name in shown
    assert "owner of stop" in shown
    assert HOSTILE not in shown


def test_entries_show_what_owners_say_and_what_is_disputed(
    agora: Agora, desk: Client, stock: dict[str, Bank]
) -> None:
    entry = BankEntry.objects.get(bank=stock["stop"])
    banks.state_opinion(agora.house, entry.pk, "somebody else", Stance.NEGATIVE, HOSTILE)
    shown = desk.get(f"/console/banks/{stock['stop'].pk}").content.decode()
    assert FACTS.pdq is not None
    assert FACTS.pdq in shown
    assert "somebody else" in shown
    assert "does not belong to it" in shown
    assert shown.count("disputed") >= 1
    assert HOSTILE not in shown
    assert "<img" not in shown


@pytest.mark.parametrize(
    ("role", "child", "claims"),
    [
        ("auditor", False, False),
        ("moderator", False, False),
        ("senior", False, True),
        ("child_safety", True, False),
        ("policy_editor", False, False),
    ],
)
def test_entries_of_class_child_and_of_notifiers_have_readers_of_their_own(
    agora: Agora, client: Client, stock: dict[str, Bank], role: str, child: bool, claims: bool
) -> None:
    sign_in(agora, client, role)
    for name, allowed in (("north", child), (CLAIMS, claims)):
        shown = client.get(f"/console/banks/{stock[name].pk}").content.decode()
        assert ("not shown to your role" in shown) is not allowed
        if not allowed:
            assert (FACTS.pdq or "") not in shown


def test_an_entry_is_withdrawn_with_a_reason(desk: Client, stock: dict[str, Bank]) -> None:
    entry = BankEntry.objects.get(bank=stock["stop"])
    where = f"/console/banks/{stock['stop'].pk}"
    active = BankEntry.objects.filter(pk=entry.pk, active=True)
    assert desk.post(where, {"entry": entry.pk, "reason": " "}).status_code in {400, 422}
    assert active.exists()
    answer = desk.post(where, {"entry": entry.pk, "reason": "its owner took it back"})
    assert answer.status_code == 302
    assert not active.exists()
    record = Record.objects.filter(kind="bank.withdrawn").get()
    assert b"took it back" not in bytes(record.content)
    assert desk.post(where, {"entry": entry.pk, "reason": "again"}).status_code == 404


def test_an_entry_of_another_list_is_not_withdrawn_here(
    desk: Client, stock: dict[str, Bank]
) -> None:
    entry = BankEntry.objects.get(bank=stock["house"])
    answer = desk.post(f"/console/banks/{stock['stop'].pk}", {"entry": entry.pk, "reason": "x"})
    assert answer.status_code == 404
    entry.refresh_from_db()
    assert entry.active


@pytest.mark.parametrize("role", ["auditor", "moderator", "legal"])
def test_who_may_only_read_withdraws_nothing(
    agora: Agora, client: Client, stock: dict[str, Bank], role: str
) -> None:
    sign_in(agora, client, role)
    entry = BankEntry.objects.get(bank=stock["stop"])
    where = f"/console/banks/{stock['stop'].pk}"
    assert "Withdraw the entry" not in client.get(where).content.decode()
    assert client.post(where, {"entry": entry.pk, "reason": "x"}).status_code == 403
    entry.refresh_from_db()
    assert entry.active


def test_the_lists_are_asked_about_a_hash(
    agora: Agora, desk: Client, stock: dict[str, Bank]
) -> None:
    publish_starter_set(agora.house, "test")
    publish_snapshot(agora.house)
    shown = desk.post("/console/banks", {"hash": FACTS.pdq}).content.decode()
    assert "stop" in shown.split('role="status"')[1]
    assert "north" not in shown.split('role="status"')[1]
    none = desk.post("/console/banks", {"hash": "ab" * 32}).content.decode()
    assert "No list that you may see knows it" in none
    for bad in ("", "zz" * 32, "<script>", "ab"):
        answer = desk.post("/console/banks", {"hash": bad})
        assert answer.status_code in {400, 422}
        assert "<script>" not in answer.content.decode().split("<main")[1]


@pytest.mark.parametrize("name", [CLAIMS, NOTIFIED])
def test_nothing_is_imported_into_the_lists_of_the_victims_path(
    agora: Agora, stock: dict[str, Bank], name: str
) -> None:
    entry: Any = Entry(algorithm="pdq", value=bytes.fromhex(FACTS.pdq or ""), quality=90)
    with pytest.raises(RefusedError) as caught:
        banks.import_entries(agora.house, name, [entry], "test", pause=lambda _: None)
    assert caught.value.code == "reserved_bank"


def test_a_list_that_is_not_there_is_said(desk: Client) -> None:
    assert desk.get("/console/banks/999").status_code == 404
