# SPDX-License-Identifier: Apache-2.0
"""Who an order is from: proven by something that its sender alone does not control.

Removal can be undone, disclosure cannot. Data, a word that an account exists, a letter
that names one: each leaves only after a proof that suffices for the order's form
(`check_suffices`). A mail domain is no proof; urgency shortens the queue, not the check.
A proof is bound to what the order asked for when it was made: an edit ends it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext as _

from vigie.core.errors import ConflictError, InvalidInputError, NotFoundError, RefusedError
from vigie.flow import records
from vigie.flow.decided import by_number
from vigie.flow.house import House
from vigie.flow.orders import may_prove
from vigie.flow.orders.scope import content_digest
from vigie.flow.transaction import writing
from vigie.law import orders as forms
from vigie.store.models import (
    AuthorityContact,
    Order,
    OrderProof,
    OrderState,
    Proof,
    User,
)
from vigie.store.permissions import Permission

FOR_DATA: Final = frozenset({Proof.SIGNATURE, Proof.CALL_BACK, Proof.EEVIDENCE})
"""What may suffice for anything that discloses, whatever a form's file says."""
MAX_NOTE: Final = 2_000


def suffices(order: Order, *, discloses: bool | None = None) -> bool:
    """Say whether the order's sender is proven as its form asks.

    `discloses`: whether what follows lets out data or a word about an account; without
    it, everything but taking content down does. `False` is for preserving in silence.
    """
    return why_not(order, discloses=discloses) == ""


def check_suffices(order: Order, *, discloses: bool | None = None) -> None:
    """Raise RefusedError (`unproven`) unless `suffices`; the message names no account."""
    problem = why_not(order, discloses=discloses)
    if problem:
        raise RefusedError(
            _("The sender of this order is not proven: nothing leaves."),
            code="unproven",
            fix=problem,
        )


def why_not(order: Order, *, discloses: bool | None = None) -> str:
    """Return in words why nothing may leave yet; empty where the proof suffices."""
    fresh = Order.objects.filter(pk=order.pk).first()
    form = forms.load().get(fresh.form) if fresh is not None else None
    if fresh is None or form is None:
        return _("Its form is not known.")
    needed = enough(form, discloses=discloses)
    rows = [one for one in fresh.proofs.filter(withdrawn_at=None) if one.proof in needed]
    if not rows:
        return _("No proof of its sender is on file that suffices for this form.")
    reasons = [may_prove.lapsed(fresh, one, strict=_strict(form, discloses)) for one in rows]
    return "" if "" in reasons else reasons[0]


def enough(form: forms.OrderForm, *, discloses: bool | None = None) -> frozenset[str]:
    """Return the proofs that suffice for a form."""
    named = frozenset(form.proofs)
    return named & FOR_DATA if _strict(form, discloses) else named - {Proof.NONE}


def _strict(form: forms.OrderForm, discloses: bool | None) -> bool:
    """Say whether what follows cannot be undone; where nobody says, it cannot.

    Taking content down can be undone. Preserving lets nothing out (`discloses=False`),
    but a word that it was done says that there was an account.
    """
    if form.discloses or discloses is not None:
        return form.discloses or bool(discloses)
    return form.aim not in {forms.Aim.REMOVAL, forms.Aim.REFERRAL}


def by_call_back(
    house: House, user: User, order: Order, contact: AuthorityContact, note: str
) -> OrderProof:
    """Note that a second officer called a number of the directory and was told it is genuine.

    Args:
        house: the installation.
        user: who called; neither recorded nor owns the order.
        order: the order.
        contact: a telephone number of the authority, entered before the order came
            and checked; never one that the order or an unproven order before it named.
        note: with whom one spoke and what was confirmed, the scope included.

    Raises RefusedError, naming which of these does not hold.
    """
    return _by_person(house, user, order, contact, note, Proof.CALL_BACK)


def by_declared_contact(
    house: House, user: User, order: Order, contact: AuthorityContact, note: str
) -> OrderProof:
    """Note that a contact declared for removal orders sent it, or confirmed it on being asked.

    Suffices for removal orders alone. What a sender types into the public form is no
    sign of where it comes from: there the note says how the contact itself confirmed it.
    Raises as `by_call_back`.
    """
    return _by_person(house, user, order, contact, note, Proof.DECLARED_CONTACT)


def _by_person(
    house: House, user: User, order: Order, contact: AuthorityContact, note: str, proof: Proof
) -> OrderProof:
    if not user.has_perm(Permission.ORDER_PROVE):
        raise RefusedError(_("Your role may not note a proof."))
    said = words(note)
    now = house.now()
    with writing():
        row = _open(order)
        known = _known_contact(contact)
        may_prove.check_contact(row, known, proof, now)
        if proof is Proof.CALL_BACK:
            may_prove.check_caller(row, user)
        return _prove(row, known, proof, now, by=user, note=said)


def by_eevidence(house: House, order: Order, contact: AuthorityContact, message: str) -> OrderProof:
    """Note that the decentralised system of Reg. (EU) 2023/1543 delivered it.

    For the access point alone: the order came by its channel, from an identifier that
    stands in the directory. `message`: the system's own number of the message.
    Raises RefusedError where the channel or the identifier is another.
    """
    now = house.now()
    with writing():
        row, known = _open(order), _known_contact(contact)
        may_prove.check_channel(row)
        may_prove.check_contact(row, known, Proof.EEVIDENCE, now)
        return _prove(row, known, Proof.EEVIDENCE, now, detail={"message": message[:200]})


def by_signature(house: House, order: Order) -> OrderProof | None:
    """Check the signatures of an order's documents by machine (`prove_signed`)."""
    from vigie.flow.orders import prove_signed  # noqa: PLC0415 - it keeps its proofs here

    return prove_signed.by_signature(house, order)


def withdraw(house: House, user: User, proof: OrderProof, why: str) -> OrderProof:
    """Withdraw a proof: from now on nothing leaves on its strength. What left has left.

    Raises InvalidInputError without a reason, ConflictError where it is withdrawn.
    """
    if not user.has_perm(Permission.ORDER_PROVE):
        raise RefusedError(_("Your role may not withdraw a proof."))
    reason = words(why, field="reason")
    now = house.now()
    with writing():
        row = OrderProof.objects.select_for_update().filter(pk=proof.pk).first()
        if row is None:
            raise NotFoundError(_("There is no such proof."), code="no_proof")
        if row.withdrawn_at is not None:
            raise ConflictError(_("This proof is withdrawn already."), code="proof_withdrawn")
        row.withdrawn_at, row.withdrawn_by, row.withdrawn_why = now, user, reason
        row.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_why"])
        _summarise(row.order)
        plain = {"order": row.order_id, "proof": row.proof, "by": by_number(user)}
        records.append_one(records.draft("order.proof_withdrawn", now, plain, {"reason": reason}))
    return row


def standing(order: Order) -> list[OrderProof]:
    """Return the proofs that hold today for what the order asks today, the newest first."""
    rows = order.proofs.filter(withdrawn_at=None).select_related("contact__authority", "by")
    found = [one for one in rows if may_prove.lapsed(order, one, strict=False) == ""]
    return sorted(found, key=lambda one: (one.at, one.pk), reverse=True)


def keep(
    house: House,
    order: Order,
    contact: AuthorityContact,
    proof: Proof,
    *,
    qualified: bool = False,
    detail: Mapping[str, Any] | None = None,
    by: User | None = None,
    note: str = "",
) -> OrderProof:
    """Keep what was verified (`prove_signed`); checks the contact again under the lock."""
    now = house.now()
    with writing():
        row, known = _open(order), _known_contact(contact)
        may_prove.check_contact(row, known, proof, now)
        return _prove(row, known, proof, now, qualified=qualified, detail=detail, by=by, note=note)


def _prove(
    order: Order,
    contact: AuthorityContact,
    proof: Proof,
    now: int,
    *,
    by: User | None = None,
    note: str = "",
    qualified: bool = False,
    detail: Mapping[str, Any] | None = None,
) -> OrderProof:
    """Write the proof and its record; the order learns whose it is."""
    if order.authority_id is None:
        order.authority = contact.authority
        order.save(update_fields=["authority"])
    scope = content_digest(order)
    if order.proofs.exclude(scope_sha256=scope).exists():
        # What was granted was granted for another scope.
        order.data.update(granted=False)
    plain = {
        "order": order.number,
        "proof": proof.value,
        "contact": contact.pk,
        "scope_sha256": scope,
        "by": by_number(by) if by is not None else "machine",
    }
    draft = records.draft("order.proven", now, plain, {"note": note} if note else None)
    records.append_one(draft)
    made = OrderProof.objects.create(
        order=order,
        proof=proof,
        contact=contact,
        qualified=qualified,
        scope_sha256=scope,
        detail=dict(detail or {}),
        note=note,
        by=by,
        at=now,
        record_id=draft.record_id,
    )
    _summarise(order)
    return made


def _summarise(order: Order) -> None:
    """Write the newest standing proof on the order, for lists; nothing is decided by it."""
    newest = order.proofs.filter(withdrawn_at=None).order_by("-at", "-pk").first()
    order.proof = newest.proof if newest else Proof.NONE
    order.proof_note = newest.note if newest else ""
    order.proven_by = newest.by if newest else None
    order.proven_at = newest.at if newest else None
    order.save(update_fields=["proof", "proof_note", "proven_by", "proven_at"])
    settle(order)


def settle(order: Order) -> None:
    """Say whether it waits for nothing but a person: read, complete and proven."""
    if order.state not in {OrderState.RECEIVED, OrderState.CLARIFYING, OrderState.READY}:
        return
    if order.read_at is not None and not order.missing and suffices(order):
        order.state = OrderState.READY
    elif order.state == OrderState.READY:
        order.state = OrderState.RECEIVED
    order.save(update_fields=["state"])


def _open(order: Order) -> Order:
    """Return the order as it is now, held. Raises ConflictError where it is closed."""
    row = Order.objects.select_for_update(of=("self",)).filter(pk=order.pk).first()
    if row is None:
        raise NotFoundError(_("There is no such order."), code="no_order")
    if row.state == OrderState.CLOSED:
        raise ConflictError(_("This order is closed."), code="order_closed")
    return row


def _known_contact(contact: AuthorityContact) -> AuthorityContact:
    rows = AuthorityContact.objects.select_related("authority")
    row = rows.filter(pk=contact.pk).first()
    if row is None:
        raise NotFoundError(_("There is no such contact."), code="no_contact")
    return row


def words(text: str, field: str = "note") -> str:
    """Return a note for the record. Raises InvalidInputError for none, or one too long."""
    said = text.strip()
    if len(said) < 3 or len(said) > MAX_NOTE:
        raise InvalidInputError(
            _("Write 3 to %(most)s characters.") % {"most": MAX_NOTE}, code="no_note", field=field
        )
    return said
