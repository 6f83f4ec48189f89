# SPDX-License-Identifier: Apache-2.0
"""A package that was handed over answers its order: letter, clocks, end, register."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.functional.packages.conftest import Packing
from tests.functional.packages.test_order_package import names
from tests.support.senders import Senders, refreshed
from tests.support.vaults import Vault
from vigie.core.clock import DAY_MS
from vigie.core.errors import ConflictError
from vigie.flow import anchors, register, second_person
from vigie.flow.orders import disclose, emergency, execute, letters, narrow, prove, silence
from vigie.flow.orders.letters import pdf
from vigie.flow.packages import handed
from vigie.store.models import DutyClock, Order, OrderLetter, Record

if TYPE_CHECKING:
    from pathlib import Path

    from django.test import Client

    from tests.support.people import Agora
    from vigie.flow.packages import Made

pytestmark = pytest.mark.django_db


@pytest.fixture
def packing(agora: Agora, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Packing:
    vault = Vault(agora.house).install(monkeypatch)
    vault.set_up()
    agora.publish_trust()
    return Packing(agora, vault, Senders(agora), tmp_path)


def made(packing: Packing, name: str = "out.zip.age") -> Made:
    """Make a package of a granted order."""
    return packing.build(name)


def hand(packing: Packing, package: Made, note: str = "by courier") -> Order:
    """Hand a package over; return the order as it is now."""
    handed.hand_over(packing.agora.house, packing.by, package.row.pk, note)
    return refreshed(packing.order)


def clocks(order: Order) -> dict[str, str]:
    return dict(DutyClock.objects.filter(order=order).values_list("duty", "state"))


def test_a_package_that_only_waits_answers_nothing(packing: Packing) -> None:
    packing.grant()
    packing.seal(b"the picture")
    made(packing)
    assert refreshed(packing.order).state != "closed"
    assert clocks(packing.order)["eevidence_epoc"] == "running"
    assert not OrderLetter.objects.filter(kind="disclosure").exists()


def test_handing_over_closes_the_order_and_meets_its_clock(packing: Packing) -> None:
    packing.grant()
    packing.seal(b"the picture")
    package = made(packing)
    packing.agora.clock.advance(DAY_MS)
    order = hand(packing, package)
    now = packing.agora.house.now()
    assert (order.state, order.outcome) == ("closed", "followed")
    assert (order.closed_at, order.executed_at, order.decided_by) == (now, now, packing.by)
    assert clocks(order)["eevidence_epoc"] == "met"
    [letter] = OrderLetter.objects.filter(order=order, kind="disclosure")
    assert package.row.pk in letter.data["body"]
    assert package.row.tagmanifest_sha512 in letter.data["body"]
    assert "ana.lima" not in json.dumps(letter.data)
    assert pdf(letter).startswith(b"%PDF")
    kinds = list(Record.objects.order_by("entry__index").values_list("kind", flat=True))
    assert kinds.index("package.handed") < kinds.index("order.executed")


def test_what_came_after_its_time_is_done_late(packing: Packing) -> None:
    packing.grant()
    packing.seal(b"the picture")
    package = made(packing)
    packing.agora.clock.advance(15 * DAY_MS)
    assert clocks(hand(packing, package))["eevidence_epoc"] == "done_late"


def test_an_emergency_meets_its_eight_hours_and_keeps_its_second_look(packing: Packing) -> None:
    packing.order = packing.ask("subscriber", reference="DE-2026-12", time_limit="emergency")
    house, order = packing.agora.house, packing.order
    prove.by_call_back(house, packing.senders.calls, order, packing.phone, "Confirmed.")
    rows = list(order.data.values_list("pk", flat=True))
    asked = emergency.ask(house, packing.by, refreshed(order), rows, "A life is in danger.")
    second_person.confirm(house, packing.senders.checks, asked)
    at = house.now() - DAY_MS
    packing.seal(b"{}", kind="account", meta={"category": "subscriber", "at": at})
    order = hand(packing, made(packing))
    found = clocks(order)
    assert found["eevidence_epoc_emergency"] == "met"
    assert found[emergency.REVIEW] == "running"
    assert order.outcome == "followed"


def test_what_was_not_covered_makes_it_followed_in_part(packing: Packing) -> None:
    packing.order = packing.ask("content", "subscriber", reference="DE-2026-13")
    packing.order.data.filter(category="subscriber").update(category="unheard_of")
    house, order = packing.agora.house, packing.order
    prove.by_call_back(house, packing.senders.calls, order, packing.phone, "Confirmed.")
    narrow.narrow(house, packing.by, order)
    row = order.data.get(category="content")
    disclose.grant(house, packing.by, order, [row.pk], "covered")
    packing.seal(b"the picture")
    order = hand(packing, made(packing))
    assert order.outcome == "narrowed"
    [letter] = OrderLetter.objects.filter(order=order, kind="disclosure")
    assert "unheard_of" in letter.data["body"]


def test_a_second_package_has_a_letter_of_its_own_and_moves_no_clock(packing: Packing) -> None:
    packing.grant()
    packing.seal(b"the picture")
    first = hand(packing, made(packing))
    packing.agora.clock.advance(DAY_MS)
    second = made(packing, "second.zip.age")
    order = hand(packing, second)
    assert (order.closed_at, order.executed_at) == (first.closed_at, first.executed_at)
    letters = OrderLetter.objects.filter(order=order, kind="disclosure").order_by("pk")
    assert [second.row.pk in one.data["body"] for one in letters] == [False, True]
    assert Record.objects.filter(kind="order.executed").count() == 1


def test_without_its_proof_the_hand_over_is_noted_and_nothing_confirmed(packing: Packing) -> None:
    packing.grant()
    packing.seal(b"the picture")
    package = made(packing)
    proof = packing.order.proofs.get()
    prove.withdraw(packing.agora.house, packing.senders.checks, proof, "The caller lied.")
    order = hand(packing, package)
    assert order.state != "closed"
    assert not OrderLetter.objects.filter(kind="disclosure").exists()
    assert Record.objects.filter(kind="package.handed").count() == 1


def test_nothing_more_leaves_on_an_order_that_was_refused(packing: Packing) -> None:
    packing.grant()
    packing.seal(b"the picture")
    package = made(packing)
    execute.refuse(packing.agora.house, packing.by, packing.order, "Court annulled it.")
    with pytest.raises(ConflictError) as refused:
        made(packing, "second.zip.age")
    assert refused.value.code == "order_closed"
    assert hand(packing, package).outcome == "refused"


def test_data_that_left_is_not_taken_back(packing: Packing) -> None:
    packing.grant()
    packing.seal(b"the picture")
    order = hand(packing, made(packing))
    with pytest.raises(ConflictError) as refused:
        execute.withdraw(packing.agora.house, packing.by, order, "Annulled.")
    assert refused.value.code == "data_left"


def test_a_fault_in_the_letter_leaves_nothing_noted(
    packing: Packing, monkeypatch: pytest.MonkeyPatch
) -> None:
    packing.grant()
    packing.seal(b"the picture")
    package = made(packing)

    def stop(*_args: object, **_more: object) -> None:
        raise OSError(28, "no space")

    monkeypatch.setattr(letters, "write", stop)
    with pytest.raises(OSError, match="no space"):
        hand(packing, package)
    package.row.refresh_from_db()
    assert package.row.handed_at is None
    assert clocks(packing.order)["eevidence_epoc"] == "running"


def test_the_register_says_that_data_left_once_the_silence_ended(
    packing: Packing, client: Client
) -> None:
    packing.grant()
    packing.seal(b"the picture")
    order = hand(packing, made(packing))
    assert order.silent
    assert register.latest(packing.agora.house, None, 10) == []
    silence.end(packing.agora.house, order, user=packing.by, reason="The authority said so.")
    [line] = register.latest(packing.agora.house, None, 10)
    assert (line.reference, line.answer, line.action) == (
        f"O-{order.number}",
        "followed",
        "disclosed",
    )
    assert (line.territories, line.state) == ((), "none")
    page = client.get("/register").content.decode()
    assert "data handed over" in page
    assert "ana.lima" not in page


def test_the_packages_own_checkpoint_is_the_one_that_is_stamped(
    packing: Packing, monkeypatch: pytest.MonkeyPatch
) -> None:
    packing.grant()
    packing.seal(b"the picture")
    stamped: list[int | None] = []
    monkeypatch.setattr(anchors, "stamp", lambda _house, size=None: stamped.append(size))
    files = names(packing.opened(made(packing)))
    note = files["log/checkpoint"]
    assert stamped == [int(note.splitlines()[1])]
