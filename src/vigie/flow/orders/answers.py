# SPDX-License-Identifier: Apache-2.0
"""Answers without carrying out: refused, or impossible for now.

A letter is written in the same transaction; a clock stops only when that letter has
left, and only where its law lets it stop. A proven removal order under Regulation
(EU) 2021/784 is not refused: Annex III, or the court (Art. 9), are the ways.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.utils.translation import gettext as _

from vigie.core.errors import InvalidInputError, RefusedError
from vigie.flow.decided import by_number
from vigie.flow.house import House
from vigie.flow.orders import answering, clocks, letters, prove
from vigie.flow.orders.letters.known import KINDS
from vigie.flow.orders.letters.write import listed
from vigie.flow.transaction import writing
from vigie.law.order_form import OrderForm
from vigie.store.models import Order, OrderLetter, OrderOutcome, OrderState, User

TCO: Final = "tco_removal_order_annex_i"
GROUNDS: Final = ("force_majeure", "manifest_errors", "insufficient_information")
"""Why an order cannot be carried out for now, in the words of Annex III."""
_REASONS: Final = {
    "force_majeure": "impossible",
    "manifest_errors": "manifest_errors",
    "insufficient_information": "insufficient_information",
}
"""The same in the words of Annex III of Regulation (EU) 2023/1543."""


def refuse(
    house: House,
    user: User,
    order: Order,
    reason: str,
    *,
    form: Mapping[str, Any] | None = None,
) -> OrderLetter:
    """Refuse an order with a letter that confirms nothing; closes it.

    `form` holds values of the official form, where the letter has one. Raises
    RefusedError without permission and for a proven removal order (`no_refusal`),
    ConflictError where it was answered, InvalidInputError without a reason.
    """
    answering.check_may(user)
    words = answering.check_reason(reason)
    with writing():
        row = answering.open_order(order)
        known = answering.form_of(row)
        check_refusable(row)
        kind = known.letters.refusal or "refusal"
        letter = _letter(house, user, row, kind, {"reason": words}, form or {})
        row.decided_by, row.reason = user, words
        answering.close(row, OrderOutcome.REFUSED, house.now())
        clocks.end(house, answering.DUTIES, row.number, why="refused")
        answering.record(house, answering.REFUSED, row, user, {"letter": kind}, {"reason": words})
        letters.send_if_known(house, letter)
    return letter


def check_refusable(order: Order) -> None:
    """Raise RefusedError where the law knows no refusal."""
    if order.form == TCO and prove.suffices(order):
        raise RefusedError(
            _("A removal order of a proven sender is not refused."),
            code="no_refusal",
            fix=_("Say with Annex III that it cannot be done, or contest it in court."),
        )


def impossible(
    house: House,
    user: User,
    order: Order,
    ground: str,
    reason: str,
    *,
    missing: Sequence[str] = (),
    form: Mapping[str, Any] | None = None,
) -> OrderLetter:
    """Tell the authority why an order cannot be carried out for now; it stays open.

    Args:
        house: settings, law and time.
        user: who answers.
        order: the order.
        ground: one of `GROUNDS`.
        reason: in the person's words, for the letter.
        missing: field names of the order's form that are missing or unclear.
        form: further values of the official form.

    Clocks stop when the letter has left, where their law lets them. Raises as `refuse`.
    """
    answering.check_may(user)
    words = answering.check_reason(reason)
    if ground not in GROUNDS:
        raise InvalidInputError(
            _("There is no such ground."),
            code="no_ground",
            field="ground",
            fix=_("Choose from: %(words)s.") % {"words": ", ".join(GROUNDS)},
        )
    with writing():
        row = answering.open_order(order)
        known = answering.form_of(row)
        kind = known.letters.impossible or "impossible"
        data: dict[str, Any] = {"reason": words, "missing": list(missing)}
        entered = _ground(kind, ground) | dict(form or {})
        letter = _letter(house, user, row, kind, data, entered)
        row.state, row.reason = OrderState.CLARIFYING, words
        row.save(update_fields=["state", "reason"])
        letters.send_if_known(house, letter)
    return letter


def _ground(kind: str, ground: str) -> dict[str, Any]:
    if kind == "annex_iii":
        return {"ground": ground}
    if kind == "eevidence_annex_iii":
        return {"reason": [_REASONS[ground]]}
    return {}


def _letter(
    house: House,
    user: User,
    order: Order,
    kind: str,
    data: dict[str, Any],
    form: Mapping[str, Any],
) -> OrderLetter:
    """Write a letter; where the order's own form refuses on an official one, fill it in."""
    known = KINDS[kind]
    if known.form:
        data["form"] = _defaults(kind) | dict(form)
    if kind == "clarification":
        data["missing"] = data.get("missing") or listed([data["reason"]])
    elif not data.get("missing"):
        data.pop("missing", None)
    return letters.write(house, order, kind, data=data, by=by_number(user))


def _defaults(kind: str) -> dict[str, Any]:
    """A form needs one of its grounds: what was not chosen is that something is unclear."""
    if kind == "annex_iii":
        return {"ground": "insufficient_information"}
    return {"reason": ["insufficient_information"]} if kind == "eevidence_annex_iii" else {}


def letter_for(form: OrderForm, answer: str) -> str:
    """Return which letter an answer brings: `refusal`, `impossible`, `effect`."""
    return getattr(form.letters, answer) or answer
