# SPDX-License-Identifier: Apache-2.0
"""The narrowing letter: which categories of data the legal basis of an order does not cover.

It names categories and why, never an account, and leaves after the proof alone.
"""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import override

from vigie.core.errors import ConflictError, RefusedError
from vigie.flow.decided import by_number
from vigie.flow.house import House
from vigie.flow.letters import wording
from vigie.flow.orders import coverage, disclose, letters, prove
from vigie.flow.orders.coverage import Asked
from vigie.flow.transaction import writing
from vigie.law import orders as forms
from vigie.store.models import Order, OrderLetter, OrderOutcome, User
from vigie.store.permissions import Permission

NARROWING: Final = "narrowing"
ANNEX_III: Final = "eevidence_annex_iii"


def beyond(order: Order) -> list[Asked]:
    """Return what an order asks for and its legal basis does not cover."""
    return [one for one in coverage.asked(order) if not one.covered]


def narrow(house: House, user: User, order: Order, why: str = "") -> OrderLetter:
    """Write the letter; nothing beyond the legal basis can be granted, before or after it.

    Raises RefusedError without permission or before the sender is proven, ConflictError
    where all is covered.
    """
    if not user.has_perm(Permission.ORDER_EXECUTE):
        raise RefusedError(_("Your role may not answer orders."))
    note = disclose.words(why) if why.strip() else ""
    with writing():
        row = disclose.held(order)
        prove.check_suffices(row, discloses=True)
        if not beyond(row):
            raise ConflictError(
                _("Its legal basis covers all that it asks for."), code="nothing_beyond"
            )
        disclose.note_cover(row)
        row.outcome = OrderOutcome.NARROWED
        row.save(update_fields=["outcome"])
        kind, spoken = kind_of(row), wording.known_language(row.language or "en")
        with override(spoken):
            data = _data(kind, beyond(row), note)
        return letters.write(house, row, kind, data=data, language=spoken, by=by_number(user))


def kind_of(order: Order) -> str:
    """Return the letter that the order's form knows for it."""
    form = forms.load().get(order.form)
    return form.letters.narrowing or NARROWING if form is not None else NARROWING


def _data(kind: str, left: list[Asked], note: str) -> dict[str, Any]:
    """Return what the letter says, in the language that is active."""
    said = {one.row.category: f"– {one.words}: {one.why}" for one in left}
    lines = "\n".join(said[name] for name in forms.CATEGORIES if name in said)
    lines = lines or "\n".join(said.values())
    if kind != ANNEX_III:
        return {"left_out": lines, "reason": note}
    words = "\n\n".join(one for one in (lines, note) if one)
    grounds = sorted({_ground(one) for one in left})
    return {"reason": words, "form": {"reason": grounds, "explanation": words}}


def _ground(one: Asked) -> str:
    """Return the ground of Annex III, section D, for a row that is not covered."""
    if one.law:
        return "insufficient_information"
    beyond_least = one.row.category not in coverage.LEAST
    return "offence_outside_art_5_4" if beyond_least else "not_issued_under_art_4"
