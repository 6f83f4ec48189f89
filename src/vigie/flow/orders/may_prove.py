# SPDX-License-Identifier: Apache-2.0
"""Which contact may prove an order, who may call, and when a proof does not hold any more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from django.utils.translation import gettext as _

from vigie.core.errors import RefusedError
from vigie.flow.orders import authorities
from vigie.flow.orders.scope import content_digest
from vigie.store.models import (
    AuthorityContact,
    AuthorityKind,
    ContactKind,
    Order,
    OrderChannel,
    OrderProof,
    Proof,
    User,
)

CONTACT_OF: Final = {
    Proof.CALL_BACK: {ContactKind.PHONE},
    Proof.SIGNATURE: {ContactKind.CERTIFICATE},
    Proof.EEVIDENCE: {ContactKind.EEVIDENCE},
    Proof.DECLARED_CONTACT: {ContactKind.MAIL, ContactKind.PHONE, ContactKind.POST},
}
"""A proof by each rests on contacts of these kinds alone."""


def check_contact(order: Order, contact: AuthorityContact, proof: Proof, now: int) -> None:
    """Raise RefusedError where a contact cannot prove an order, naming why."""
    code, words = contact_problem(order, contact, proof, now)
    if code:
        raise RefusedError(words, code=code, field="contact")


def contact_problem(
    order: Order, contact: AuthorityContact, proof: Proof, now: int
) -> tuple[str, str]:
    """Return a code and words where a contact cannot prove an order; empty where it can."""
    return next(_contact_problems(order, contact, proof, now), ("", ""))


def _contact_problems(
    order: Order, contact: AuthorityContact, proof: Proof, now: int
) -> Iterator[tuple[str, str]]:
    if contact.kind not in CONTACT_OF.get(proof, set()):
        yield "contact_kind", _("This kind of contact proves nothing of the kind.")
    if order.authority_id not in {None, contact.authority_id}:
        yield "other_authority", _("The contact is another authority's.")
    if contact.authority.kind == AuthorityKind.REFERRAL_UNIT and order.form != "referral":
        yield "orders_nothing", _("This body refers content; it orders nothing.")
    if not _same_state(order, contact):
        yield "other_state", _("The authority belongs to another State than the order names.")
    if contact.entered_at >= order.received_at:
        yield "contact_too_late", _("It was entered after the order came: it proves nothing.")
    if not authorities.stands(contact, now):
        yield (
            "contact_unchecked",
            _("Nobody but who entered it found it in its source within a year."),
        )
    if proof is Proof.DECLARED_CONTACT and not contact.declared:
        yield "not_declared", _("It was not declared for removal orders.")
    if _came_by_letter(order, contact):
        yield (
            "contact_from_letter",
            _("It stood in an unproven order before it was entered here: it may come from it."),
        )


def _same_state(order: Order, contact: AuthorityContact) -> bool:
    """Compare the State that the order names with the directory's; bodies of the Union fit any."""
    named, known = order.country.upper(), contact.authority.country
    return not named or known in {named, authorities.UNION}


def _came_by_letter(order: Order, contact: AuthorityContact) -> bool:
    """Say whether an order that nothing else proves brought this contact into the house."""
    if not contact.seen_in:
        return False
    others = OrderProof.objects.filter(order__in=contact.seen_in, withdrawn_at=None)
    proven = set(others.exclude(contact=contact).values_list("order_id", flat=True))
    return bool(set(contact.seen_in) - proven) or order.number in contact.seen_in


def check_caller(order: Order, user: User) -> None:
    """Raise RefusedError where this person's call would be the word of one person alone."""
    if user.pk in {order.recorded_by_id, order.owner_id, order.decided_by_id}:
        raise RefusedError(
            _("A second officer calls back: not who recorded or works on the order."),
            code="own_order",
            fix=_("Ask a colleague to call."),
        )


def check_channel(order: Order) -> None:
    """Raise RefusedError where the decentralised system did not deliver the order."""
    if order.channel != OrderChannel.EEVIDENCE:
        raise RefusedError(_("It did not come by the e-Evidence system."), code="other_channel")


def lapsed(order: Order, proof: OrderProof, *, strict: bool) -> str:
    """Return in words why a proof does not hold today; empty where it does.

    `strict`: for what cannot be undone, a signature must be qualified.
    """
    return next(_lapses(order, proof, strict=strict), "")


def _lapses(order: Order, proof: OrderProof, *, strict: bool) -> Iterator[str]:
    contact = AuthorityContact.objects.select_related("authority").get(pk=proof.contact_id)
    if proof.withdrawn_at is not None:
        yield _("The proof was withdrawn.")
    if proof.scope_sha256 != content_digest(order):
        yield _("What the order asks for was changed after it was proven: prove it anew.")
    if contact.withdrawn_at is not None or contact.authority.closed_at is not None:
        yield _("The contact that it rests on was withdrawn from the directory.")
    if contact.entered_at >= order.received_at or order.authority_id != contact.authority_id:
        yield _("The contact does not prove this order.")
    if proof.proof == Proof.CALL_BACK and proof.by_id in {order.recorded_by_id, order.owner_id}:
        yield _("Who called back now works on the order: a second officer calls again.")
    if strict and proof.proof == Proof.SIGNATURE and not proof.qualified:
        yield _("The signature is not a qualified one: it suffices for removal orders alone.")
