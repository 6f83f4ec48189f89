# SPDX-License-Identifier: Apache-2.0
"""Who an order is from: what proves it, and what ends a proof."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.order_papers import PRODUCTION, REMOVAL, receive
from tests.support.people import NOW, Agora
from tests.support.senders import EPOC, TCO, Senders, read_here, refreshed
from tests.support.signers import TestAuthority
from vigie.core.clock import DAY_MS
from vigie.core.errors import ConflictError, InvalidInputError, RefusedError
from vigie.flow.orders import authorities, prove, read
from vigie.store.models import Order, OrderChannel, OrderProof, OrderState, Record

pytestmark = pytest.mark.django_db
SPOKE = "Spoke with the registry: reference, account, category and period confirmed."


@pytest.fixture(autouse=True)
def _read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    read_here(monkeypatch)


@pytest.fixture
def senders(agora: Agora) -> Senders:
    return Senders(agora)


@pytest.fixture
def root(senders: Senders) -> TestAuthority:
    made = TestAuthority("Qualified Root", NOW)
    made.trust(senders.agora.folder, qualified=True)
    return made


def call(senders: Senders, order: Order, **more: Any) -> OrderProof:
    user = more.pop("user", senders.calls)
    contact = more.pop("contact", senders.phone)
    return prove.by_call_back(senders.agora.house, user, order, contact, SPOKE)


def test_nothing_is_proven_when_it_comes(senders: Senders) -> None:
    order = senders.order()
    assert not prove.suffices(order)
    with pytest.raises(RefusedError) as refused:
        prove.check_suffices(order)
    assert refused.value.code == "unproven"


def test_a_call_back_by_a_second_officer_proves_it(senders: Senders) -> None:
    order = senders.order()
    proof = call(senders, order)
    assert prove.suffices(order)
    assert prove.suffices(order, discloses=True)
    assert [one.pk for one in prove.standing(refreshed(order))] == [proof.pk]
    row = refreshed(order)
    assert row.authority == senders.office
    assert (row.proof, row.proven_by, row.state) == ("call_back", senders.calls, OrderState.READY)


def test_the_record_of_a_proof_holds_the_digest_of_the_scope(senders: Senders) -> None:
    proof = call(senders, senders.order())
    said = bytes(Record.objects.get(kind="order.proven").content).decode()
    assert proof.scope_sha256 in said
    assert "registry" not in said


@pytest.mark.parametrize("who", ["recorded_by", "owner", "decided_by"])
def test_who_recorded_or_works_on_it_does_not_call_back(senders: Senders, who: str) -> None:
    order = senders.order()
    Order.objects.filter(pk=order.pk).update(**{who: senders.calls})
    with pytest.raises(RefusedError) as refused:
        call(senders, refreshed(order))
    assert refused.value.code == "own_order"


def test_the_desk_that_recorded_it_is_no_second_officer(senders: Senders) -> None:
    order = senders.order(channel=OrderChannel.DESK, user=senders.calls)
    with pytest.raises(RefusedError):
        call(senders, order)
    call(senders, order, user=senders.decides)


def test_a_proof_ends_where_its_caller_takes_the_order_over(senders: Senders) -> None:
    order = senders.order()
    call(senders, order)
    Order.objects.filter(pk=order.pk).update(owner=senders.calls)
    assert not prove.suffices(order)


def test_a_contact_entered_after_it_came_proves_nothing(senders: Senders) -> None:
    order = senders.order()
    senders.agora.clock.advance(1000)
    late = senders.contact("phone", "+49 30 5550000")
    with pytest.raises(RefusedError) as refused:
        call(senders, order, contact=late)
    assert refused.value.code == "contact_too_late"


def test_a_contact_of_the_same_moment_proves_nothing(senders: Senders) -> None:
    same = senders.contact("phone", "+49 30 5550000")
    order = senders.order()
    with pytest.raises(RefusedError):
        call(senders, order, contact=same)


def test_what_was_recorded_as_received_earlier_counts_from_then(senders: Senders) -> None:
    senders.contact("phone", "+49 30 5550000")
    given = receive(
        senders.agora,
        EPOC,
        PRODUCTION,
        channel=OrderChannel.DESK,
        user=senders.enters,
        came_at=NOW - DAY_MS,
    )
    late = authorities.find("phone", "+49 30 5550000").get()
    with pytest.raises(RefusedError) as refused:
        call(senders, Order.objects.get(pk=given.number), contact=late)
    assert refused.value.code == "contact_too_late"


@pytest.mark.parametrize(
    ("kind", "value", "code"),
    [("mail", "registry@sta.example", "contact_kind"), ("post", "Turmstr. 91", "contact_kind")],
)
def test_a_call_back_goes_to_a_telephone(
    senders: Senders, kind: str, value: str, code: str
) -> None:
    senders.agora.clock.advance(-DAY_MS)
    contact = senders.contact(kind, value)
    senders.agora.clock.advance(DAY_MS)
    with pytest.raises(RefusedError) as refused:
        call(senders, senders.order(), contact=contact)
    assert refused.value.code == code


def test_unchecked_stale_withdrawn_and_foreign_contacts_prove_nothing(senders: Senders) -> None:
    senders.agora.clock.advance(-400 * DAY_MS)
    stale = senders.contact("phone", "+49 30 1110000")
    unchecked = senders.contact("phone", "+49 30 2220000", checked=False)
    gone = senders.contact("phone", "+49 30 3330000")
    other = senders.contact("phone", "+33 1 44 32 51 51", senders.authority("Parquet", "FR"))
    authorities.withdraw(senders.agora.house, senders.enters, gone, "moved")
    senders.agora.clock.advance(400 * DAY_MS)
    order = senders.order()
    expected = {stale: "contact_unchecked", unchecked: "contact_unchecked",
                gone: "contact_unchecked", other: "other_state"}  # fmt: skip
    for contact, code in expected.items():
        with pytest.raises(RefusedError) as refused:
            call(senders, order, contact=contact)
        assert refused.value.code == code, contact.value
    assert not prove.suffices(order)


def test_a_number_that_came_by_letter_proves_nothing_until_that_letter_is_proven(
    senders: Senders,
) -> None:
    first = senders.order(reference="A-1", authority_contact="direct: 030 555 12 34")
    planted = senders.contact("phone", "+49 30 5551234")
    senders.agora.clock.advance(DAY_MS)
    second = senders.order(reference="A-2")
    with pytest.raises(RefusedError) as refused:
        call(senders, second, contact=planted)
    assert refused.value.code == "contact_from_letter"
    call(senders, first)  # by the number that was there before
    call(senders, second, contact=planted)


@pytest.mark.parametrize(
    "change",
    [
        {"reference": "DE-2026-12"},
        {"fields": {"identifiers": ["ana.lima", "bo.reed"]}},
        {"sender": "Another office"},
        {"reply_to": "answers@elsewhere.example"},
        {"country": "AT"},
        {"emergency": True},
        {"territories": ["DE", "FR"]},
        {"form": "dsa_art10_order"},
    ],
    ids=lambda one: next(iter(one)),
)
def test_a_proof_lapses_where_what_it_asks_is_edited(
    senders: Senders, change: dict[str, Any]
) -> None:
    order = senders.order()
    call(senders, order)
    Order.objects.filter(pk=order.pk).update(**change)
    assert not prove.suffices(order)
    assert "changed after it was proven" in prove.why_not(order) or "form" in change


def test_a_proof_lapses_where_a_row_or_place_is_added(senders: Senders) -> None:
    order = senders.order()
    call(senders, order)
    row = order.data.create(category="content", account="bo.reed")
    assert not prove.suffices(order)
    row.delete()
    assert prove.suffices(order)
    order.data.update(period_until=NOW)
    assert not prove.suffices(order)
    order.data.update(period_until=None)
    order.locations.create(position=9, url="https://agora.example/p/9")
    assert not prove.suffices(order)
    order.locations.update(copy=True)  # what the desk found is no part of what was asked
    assert prove.suffices(order)


def test_filling_in_by_hand_ends_the_proof(senders: Senders) -> None:
    order = senders.order()
    call(senders, order)
    read.note_fields(
        senders.agora.house, senders.enters, order, PRODUCTION | {"identifiers": ["bo.reed"]}
    )
    assert not prove.suffices(order)
    assert refreshed(order).state == OrderState.RECEIVED


def test_who_filled_the_form_in_does_not_call_back(senders: Senders) -> None:
    order = senders.order()
    order = read.note_fields(senders.agora.house, senders.calls, order, PRODUCTION)
    with pytest.raises(RefusedError) as refused:
        call(senders, order)
    assert refused.value.code == "own_order"
    call(senders, order, user=senders.checks)


def test_a_withdrawn_proof_and_a_withdrawn_contact_end_it(senders: Senders) -> None:
    order = senders.order()
    proof = call(senders, order)
    prove.withdraw(senders.agora.house, senders.decides, proof, "the number was wrong")
    assert not prove.suffices(order)
    assert refreshed(order).proof == "none"
    assert refreshed(order).state == OrderState.RECEIVED
    with pytest.raises(ConflictError):
        prove.withdraw(senders.agora.house, senders.decides, proof, "again")
    call(senders, order)
    assert prove.suffices(order)
    authorities.withdraw(senders.agora.house, senders.enters, senders.phone, "wrong")
    assert not prove.suffices(order)


def test_a_proof_needs_a_note_and_the_permission(senders: Senders) -> None:
    order = senders.order()
    with pytest.raises(InvalidInputError):
        prove.by_call_back(senders.agora.house, senders.calls, order, senders.phone, " ")
    lead = senders.agora.person("l.ead", role="senior")
    with pytest.raises(RefusedError):
        prove.by_call_back(senders.agora.house, lead, order, senders.phone, SPOKE)
    with pytest.raises(RefusedError):
        prove.by_declared_contact(senders.agora.house, lead, order, senders.mail, SPOKE)


def test_a_closed_order_is_not_proven(senders: Senders) -> None:
    order = senders.order()
    Order.objects.filter(pk=order.pk).update(state=OrderState.CLOSED)
    with pytest.raises(ConflictError):
        call(senders, order)


def removal(senders: Senders, **more: Any) -> Order:
    values = REMOVAL | {"issuing_state": "DE", "issuing_authority": senders.office.name}
    given = receive(senders.agora, TCO, values | more)
    return Order.objects.get(pk=given.number)


def test_a_declared_contact_proves_a_removal_order_and_never_a_disclosure(
    senders: Senders,
) -> None:
    house, order = senders.agora.house, removal(senders)
    said = "We wrote to the declared contact; it confirmed number and addresses."
    prove.by_declared_contact(house, senders.enters, order, senders.mail, said)
    assert prove.suffices(order)
    assert not prove.suffices(order, discloses=True)
    asked = senders.order()
    prove.by_declared_contact(house, senders.enters, asked, senders.mail, said)
    assert not prove.suffices(asked)


def test_a_contact_that_was_not_declared_is_no_declared_contact(senders: Senders) -> None:
    order = removal(senders)
    with pytest.raises(RefusedError) as refused:
        prove.by_declared_contact(senders.agora.house, senders.enters, order, senders.phone, SPOKE)
    assert refused.value.code == "not_declared"


def test_a_referral_unit_orders_nothing(senders: Senders) -> None:
    senders.agora.clock.advance(-DAY_MS)
    unit = senders.authority("Referral unit", "EU", "referral_unit")
    phone = senders.contact("phone", "+31 70 3025000", unit)
    senders.agora.clock.advance(DAY_MS)
    with pytest.raises(RefusedError) as refused:
        call(senders, senders.order(), contact=phone)
    assert refused.value.code == "orders_nothing"


def test_the_eevidence_system_proves_by_its_channel_and_identifier_alone(
    senders: Senders,
) -> None:
    house = senders.agora.house
    senders.agora.clock.advance(-DAY_MS)
    known = senders.contact("eevidence", "DE-STA-BEISPIELSTADT")
    senders.agora.clock.advance(DAY_MS)
    typed = senders.order()
    with pytest.raises(RefusedError) as refused:
        prove.by_eevidence(house, typed, known, "msg-1")
    assert refused.value.code == "other_channel"
    came = senders.order(channel=OrderChannel.EEVIDENCE, reference="DE-2026-77")
    with pytest.raises(RefusedError):
        prove.by_eevidence(house, came, senders.phone, "msg-1")
    prove.by_eevidence(house, came, known, "msg-1")
    assert prove.suffices(came, discloses=True)
