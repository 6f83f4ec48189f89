# SPDX-License-Identifier: Apache-2.0
"""No sequence of verbs discloses without a proof that suffices; no form takes too weak a one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.people import Agora
from tests.support.senders import EPOC, Senders, read_here
from vigie.core.errors import VigieError
from vigie.flow import records, second_person
from vigie.flow.orders import authorities, disclose, emergency, prove
from vigie.flow.orders.scope import content_digest
from vigie.law import orders as forms
from vigie.law.orders import Aim
from vigie.store.models import Order, OrderProof, Proof

pytestmark = pytest.mark.django_db
STRONG = {"signature", "call_back", "eevidence"}


@pytest.fixture
def senders(agora: Agora, monkeypatch: pytest.MonkeyPatch) -> Senders:
    read_here(monkeypatch)
    return Senders(agora)


def written(senders: Senders, order: Order, proof: str, *, qualified: bool) -> OrderProof:
    """Write a proof past every verb, as the store could hold it."""
    kinds = {"call_back": senders.phone, "declared_contact": senders.mail}
    order.authority = senders.office
    order.save(update_fields=["authority"])
    draft = records.draft("order.proven", 1, {"order": order.number})
    records.append_one(draft)
    return OrderProof.objects.create(
        order=order,
        proof=proof,
        contact=kinds.get(proof, senders.phone),
        qualified=qualified,
        scope_sha256=content_digest(order),
        by=senders.calls if proof == "call_back" else None,
        at=1,
        record_id=draft.record_id,
    )


@pytest.mark.parametrize("form", [one.id for one in forms.received_here()])
def test_each_form_against_each_proof(senders: Senders, form: str) -> None:
    known = forms.load()[form]
    order = senders.order(EPOC)
    Order.objects.filter(pk=order.pk).update(form=form, country="DE")
    for proof in Proof:
        for qualified in (False, True):
            with transaction.atomic():
                row = Order.objects.get(pk=order.pk)
                written(senders, row, proof.value, qualified=qualified)
                strong = proof in STRONG and (proof != "signature" or qualified)
                data = proof.value in known.proofs and strong
                assert prove.suffices(row, discloses=True) == data, (proof, qualified)
                undone = known.aim in {Aim.REMOVAL, Aim.REFERRAL}
                weak = proof.value in known.proofs and proof != "none"
                assert prove.suffices(row) == (weak if undone else data), (proof, qualified)
                transaction.set_rollback(True)


def test_no_form_that_discloses_takes_a_declared_contact() -> None:
    for form in forms.received_here():
        taken = prove.enough(form, discloses=True)
        assert taken <= STRONG, form.id
        if form.discloses:
            assert prove.enough(form) <= STRONG, form.id


Content = tuple[tuple[str, ...], str]


@dataclass
class World:
    """One order, and an own account of what was proven and granted for which content."""

    senders: Senders
    order: Order
    proofs: list[tuple[Content, str]] = field(default_factory=list)
    granted: Content | None = None
    phone_gone: bool = False
    owner: str = ""

    @property
    def content(self) -> Content:
        """What it asks now."""
        accounts = self.order.data.order_by("pk").values_list("account", flat=True)
        return tuple(accounts), Order.objects.get(pk=self.order.pk).reply_to

    @property
    def proven(self) -> bool:
        """True where somebody who does not own it called the number for this very content."""
        return not self.phone_gone and any(
            content == self.content and who != self.owner for content, who in self.proofs
        )

    @property
    def fresh(self) -> Order:
        """The order as it is."""
        return Order.objects.get(pk=self.order.pk)


def call(world: World) -> None:
    senders = world.senders
    prove.by_call_back(
        senders.agora.house, senders.calls, world.fresh, senders.phone, "yes, theirs"
    )
    if any(content != world.content for content, _who in world.proofs):
        world.granted = None
    world.proofs.append((world.content, "calls"))


def declare(world: World) -> None:
    senders = world.senders
    house = senders.agora.house
    prove.by_declared_contact(house, senders.enters, world.fresh, senders.mail, "it said so")


def withdraw_proof(world: World) -> None:
    senders = world.senders
    last = world.order.proofs.filter(withdrawn_at=None, proof="call_back").latest("pk")
    prove.withdraw(senders.agora.house, senders.enters, last, "wrong")
    world.proofs.pop()


def withdraw_number(world: World) -> None:
    senders = world.senders
    authorities.withdraw(senders.agora.house, senders.enters, senders.phone, "wrong")
    world.phone_gone = True


def widen(world: World) -> None:
    world.order.data.create(category="subscriber", account="bo.reed")


def narrow_back(world: World) -> None:
    world.order.data.filter(account="bo.reed").delete()


def redirect(world: World) -> None:
    now = world.fresh.reply_to
    Order.objects.filter(pk=world.order.pk).update(reply_to="" if now else "me@other.test")


def caller_owns(world: World) -> None:
    Order.objects.filter(pk=world.order.pk).update(owner=world.senders.calls)
    world.owner = "calls"


def nobody_owns(world: World) -> None:
    Order.objects.filter(pk=world.order.pk).update(owner=None)
    world.owner = ""


def grant(world: World) -> None:
    senders = world.senders
    rows = list(world.order.data.values_list("pk", flat=True))
    disclose.grant(senders.agora.house, senders.decides, world.fresh, rows, "covered")
    assert world.proven
    world.granted = world.content


def grant_by_caller(world: World) -> None:
    senders = world.senders
    rows = list(world.order.data.values_list("pk", flat=True))
    if not world.order.proofs.filter(withdrawn_at=None, by=senders.calls).exists():
        return
    disclose.grant(senders.agora.house, senders.calls, world.fresh, rows, "covered")
    raise AssertionError("who called back granted")


def hurry(world: World) -> None:
    """Ask for an emergency that the order does not state, and let a second person agree."""
    senders = world.senders
    rows = list(world.order.data.values_list("pk", flat=True))
    asked = emergency.ask(senders.agora.house, senders.decides, world.fresh, rows, "now")
    second_person.confirm(senders.agora.house, senders.checks, asked)
    raise AssertionError("an emergency that was none")


STEPS: list[Callable[[World], None]] = [
    call,
    declare,
    withdraw_proof,
    withdraw_number,
    widen,
    narrow_back,
    redirect,
    caller_owns,
    nobody_owns,
    grant,
    grant_by_caller,
    hurry,
]


@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    steps=st.lists(
        st.one_of(st.sampled_from(STEPS), st.sampled_from([call, grant])), min_size=1, max_size=12
    )
)
def test_no_sequence_of_verbs_discloses_without_a_proof(
    senders: Senders, steps: list[Callable[[World], None]]
) -> None:
    with transaction.atomic():
        world = World(senders, senders.order(EPOC))
        for step in steps:
            try:
                with transaction.atomic():
                    step(world)
            except (VigieError, OrderProof.DoesNotExist):
                pass
            _holds(world)
        transaction.set_rollback(True)


def _holds(world: World) -> None:
    """Hold that what may leave is what was granted, for a content that is proven now."""
    assert prove.suffices(world.order) == world.proven
    try:
        scope = disclose.scope_of(world.order)
    except VigieError:
        return
    assert world.proven
    assert world.granted is not None
    assert {account for _service, account in scope.accounts} <= set(world.granted[0])


def test_the_machine_reaches_a_disclosure(senders: Senders) -> None:
    """The steps above can disclose: a test that refuses everything would hold nothing."""
    world = World(senders, senders.order(EPOC))
    call(world)
    grant(world)
    assert disclose.scope_of(world.order).accounts == (("default", "ana.lima"),)
