# SPDX-License-Identifier: Apache-2.0
"""An order is read, after it was logged: documents in a process with limits, then the form.

Values come from typed fields, XML, JSON and filled PDF fields alone; running text is
kept for the person who fills in the rest. What is odd is said, nothing is guessed, and
a document that cannot be read leaves every clock running on its strictest reading.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from django.utils import translation
from django.utils.translation import gettext as _

from vigie.core import canonical
from vigie.core.errors import (
    ConflictError,
    NotFoundError,
    RefusedError,
    UnavailableError,
    VigieError,
)
from vigie.exchange.papers import reader
from vigie.exchange.papers.found import Found, Problem
from vigie.flow import records
from vigie.flow.decided import by_number
from vigie.flow.house import House
from vigie.flow.letters import wording
from vigie.flow.orders import apply, clocks, complete, documents
from vigie.flow.orders.given import TYPED, form_of
from vigie.flow.orders.values import Cleaned, Missing, Why, cleaned, names
from vigie.flow.transaction import writing
from vigie.law.entry import Confidence
from vigie.law.orders import OrderForm
from vigie.store.models import Authority, Order, OrderDocument, OrderState, User
from vigie.store.permissions import Permission

_log = logging.getLogger(__name__)
READ: Final = "order.read"
MACHINE: Final = "vigie"
RETRY_MS: Final = 60_000
"""An order that nobody read is read again after so long."""
OPEN: Final = (OrderState.RECEIVED, OrderState.CLARIFYING, OrderState.READY)


class Odd(StrEnum):
    """What a person should know of an order before believing it."""

    UNREAD = "unread"
    """A document could not be read: a person opens it."""
    UNKNOWN_SENDER = "unknown_sender"
    """No authority of the directory has this name."""
    UNKNOWN_FIELDS = "unknown_fields"
    LATE = "late"
    """Its time was over when it came."""
    OLD = "old"
    """Issued long ago, or dated in the future."""
    LANGUAGE = "language"
    CONTRADICTION = "contradiction"
    """Two documents, or a document and what was typed, say different things."""
    TYPED_BESIDE = "typed_beside"
    """Values were typed beside a document: a signature on it does not cover them."""
    OTHER_FORM = "other_form"
    """A document names another form than the sender chose."""
    INTERCEPTION = "interception"
    """A task of lawful interception: this desk does not answer it."""


UNSIGNED: Final = frozenset({Odd.TYPED_BESIDE, Odd.CONTRADICTION, Odd.UNREAD, Odd.OTHER_FORM})
"""Where a signature on a document would not cover what is asked: a person compares them."""


@dataclass(slots=True)
class Reading:
    """Everything that the documents of one order say."""

    typed: Cleaned = field(default_factory=Cleaned)
    written: Cleaned = field(default_factory=Cleaned)
    odd: set[Odd] = field(default_factory=set)
    found: dict[int, Found] = field(default_factory=dict)
    """By number of the document."""

    @property
    def together(self) -> Cleaned:
        """What holds: a document goes before what was typed beside it."""
        held = Cleaned(
            values=self.typed.values | self.written.values,
            unknown=[*self.typed.unknown, *self.written.unknown],
        )
        read = set(self.written.values)
        held.unreadable = [one for one in self.typed.unreadable if one.field not in read]
        held.unreadable += self.written.unreadable
        return held

    @property
    def known(self) -> bool:
        """True where values were read, not only words."""
        return bool(self.typed.values or self.written.values)


def read_order(house: House, order: Order) -> Order:
    """Read the documents of an order and fill in its form. Outside a transaction.

    Raises UnavailableError where too many documents wait: then it stays unread, and
    `run` tries again. What a stranger wrote raises nothing.
    """
    form = form_of(order.form)
    seen = _documents(house, order, form)
    with writing():
        row = _open(order)
        for number, one in seen.found.items():
            OrderDocument.objects.filter(pk=number).update(problem=one.problem, text=_shown(one))
        _fill(house, row, form, seen)
        plain = {"order": row.number, "missing": row.missing, "odd": row.odd, "by": MACHINE}
        records.append_one(records.draft(READ, house.now(), plain, _personal(row)))
    _letter(house, row, form, seen)
    if not seen.odd & UNSIGNED:
        _signatures(house, row)
    return row


def note_fields(house: House, user: User, order: Order, fields: Mapping[str, Any]) -> Order:
    """Fill in the form by hand from a document that no machine could read.

    A proof that was made before ends with it: it holds for what was asked then.
    Raises RefusedError without the permission, ConflictError where it is closed.
    """
    if not user.has_perm(Permission.ORDER_RECORD):
        raise RefusedError(_("Your role may not record orders."))
    from vigie.flow.orders import prove  # noqa: PLC0415 - a proof reads the order

    form = form_of(order.form)
    seen = Reading(typed=cleaned(form, fields))
    with writing():
        row = _open(order)
        # Who writes what it asks is not the second officer who calls back.
        row.recorded_by = user
        row.save(update_fields=["recorded_by"])
        _fill(house, row, form, seen, kept=[Odd(one) for one in row.odd])
        if not row.missing:
            # What was asked for has come: stopped clocks go on with the time they had left.
            clocks.go_on(house, apply.SUBJECT, row.number)
        plain = {"order": row.number, "missing": row.missing, "odd": row.odd, "by": by_number(user)}
        records.append_one(records.draft(READ, house.now(), plain, _personal(row)))
        prove.settle(row)
    return row


def run(house: House, limit: int = 20) -> int:
    """Read what was received and never read, the oldest first. Returns how many."""
    rows = Order.objects.filter(read_at=None, same_as=None)
    waiting = rows.filter(record__at__lt=house.now() - RETRY_MS).order_by("number")[:limit]
    for order in waiting:
        try:
            read_order(house, order)
        except UnavailableError:
            # Too many documents wait, or the key is not there: it stays for the next turn.
            return 0
        except Exception as problem:  # noqa: BLE001 - one order must not stop the others
            _log.error("order %s was given up: %s", order.number, type(problem).__name__)
            _give_up(house, order)
    return len(waiting)


def _give_up(house: House, order: Order) -> None:
    """Leave an order to a person: unread, said so, every clock on its strictest reading."""
    with writing():
        Order.objects.filter(pk=order.pk).update(read_at=house.now(), odd=[Odd.UNREAD])
        plain = {"order": order.number, "missing": [], "odd": [Odd.UNREAD], "by": MACHINE}
        records.append_one(records.draft(READ, house.now(), plain))


def values_of(house: House, document: OrderDocument) -> dict[str, Any]:
    """Return what one document says by itself, as kept values: what its signature covers.

    Raises NotFoundError where its bytes are not kept, UnavailableError as `read_order`.
    """
    found = reader.read(documents.fetch(house, document))
    return cleaned(form_of(document.order.form), found.values).values


def _documents(house: House, order: Order, form: OrderForm) -> Reading:
    seen = Reading()
    for one in order.documents.order_by("pk"):
        if one.problem == documents.MATCHED:
            seen.odd.add(Odd.UNREAD)
            continue
        found = _found(house, one)
        seen.found[one.pk] = found
        _take(seen, form, one, found)
    if seen.typed.values and any(one.name != TYPED for one in order.documents.all()):
        seen.odd.add(Odd.TYPED_BESIDE)
    if apply.differs(seen.typed.values, seen.written.values):
        seen.odd.add(Odd.CONTRADICTION)
    return seen


def _found(house: House, document: OrderDocument) -> Found:
    """Read one document; bytes that are not there any more are a problem, not an error."""
    try:
        data = documents.fetch(house, document)
    except NotFoundError:
        return Found(problem=Problem.CRASHED)
    return reader.read(data)


def _take(seen: Reading, form: OrderForm, document: OrderDocument, found: Found) -> None:
    """Add what one document says; what two say differently is nobody's value."""
    if found.problem:
        seen.odd.add(Odd.UNREAD)
    if found.problem == Problem.INTERCEPTION:
        seen.odd.add(Odd.INTERCEPTION)
    if found.form and found.form != form.id:
        seen.odd.add(Odd.OTHER_FORM)
    read = cleaned(form, found.values)
    if document.name == TYPED and document.mime == "application/json":
        seen.typed = read
        return
    for name in apply.differs(seen.written.values, read.values):
        seen.odd.add(Odd.CONTRADICTION)
        seen.written.unreadable.append(Missing(name, Why.UNREADABLE))
    seen.written.values = read.values | seen.written.values
    seen.written.unreadable += read.unreadable
    seen.written.unknown += read.unknown


def _fill(
    house: House, row: Order, form: OrderForm, seen: Reading, kept: list[Odd] | None = None
) -> None:
    """Write what was read on the order. Inside `transaction.writing`."""
    read = seen.together
    now = house.now()
    missing = complete.problems(form, read)
    changed = apply.columns(row, form, read.values)
    apply.places(row, form, read.values)
    apply.data(row, form, read.values)
    apply.quiet(house, row, form, read.values)
    apply.duties(house, row, form, read.values, known=seen.known)
    row.missing = names(missing)
    row.odd = sorted(seen.odd | set(kept or ()) | _odd(row, form, read, missing, now))
    row.read_at = row.read_at or now
    row.save(update_fields=[*changed, "missing", "odd", "read_at"])


def _odd(row: Order, form: OrderForm, read: Cleaned, missing: list[Missing], now: int) -> set[Odd]:
    found = set()
    if read.unknown:
        found.add(Odd.UNKNOWN_FIELDS)
    if any(one.why is Why.NOT_DECLARED for one in missing):
        found.add(Odd.LANGUAGE)
    if apply.is_late(row, form, read.values, now):
        found.add(Odd.LATE)
    if apply.is_old(form, read.values, now):
        found.add(Odd.OLD)
    if not Authority.objects.filter(name__iexact=row.sender, closed_at=None).exists():
        found.add(Odd.UNKNOWN_SENDER)
    return found


def _letter(house: House, order: Order, form: OrderForm, seen: Reading) -> None:
    """Write the letter that asks for what is missing; a person reads and sends it.

    Only of a form whose text was read in full, and only where values were read: of a
    scan nobody knows what it lacks. A referral gets none.
    """
    from vigie.flow.orders import letters  # noqa: PLC0415 - letters read the order

    known = form.sure and form.confidence is Confidence.HIGH and form.binding
    if not (known and seen.known and order.missing and form.letters.incomplete):
        return
    if order.letters.filter(kind=form.letters.incomplete).exists():
        return
    said: dict[str, Any] = {"missing": order.missing}
    if form.letters.incomplete != "clarification":
        with translation.override(wording.known_language(order.language or "en")):
            said["reason"] = _("It lacks what the form requires, or it cannot be read.")
    try:
        letters.write(house, order, form.letters.incomplete, data=said, by=MACHINE)
    except VigieError:
        # Its form needs what only a person knows: the order page offers it.
        return
    Order.objects.filter(pk=order.pk, state=OrderState.RECEIVED).update(state=OrderState.CLARIFYING)
    order.state = OrderState.CLARIFYING


def _signatures(house: House, order: Order) -> None:
    """Check the signatures of its documents; none found proves nothing and says nothing."""
    from vigie.flow.orders import prove  # noqa: PLC0415 - a proof reads the order

    check = getattr(prove, "by_signature", None)
    if check is not None:
        check(house, order)


def _open(order: Order) -> Order:
    row = Order.objects.select_for_update(of=("self",)).get(pk=order.pk)
    if row.state not in OPEN or row.executed_at is not None:
        raise ConflictError(_("This order is closed."), code="order_closed")
    return row


def _personal(row: Order) -> dict[str, Any]:
    """Commit to what was read without keeping it a second time."""
    return {"fields_sha256": hashlib.sha256(canonical.encode(row.fields)).hexdigest()}


def _shown(found: Found) -> str:
    """Return words for a person, with the addresses that stand in them."""
    links = "\n".join(found.links)
    return f"{found.text}\n\n{links}".strip() if links else found.text
