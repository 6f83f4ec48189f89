# SPDX-License-Identifier: Apache-2.0
"""Which data the legal basis of an order covers, row by row, and why the rest is not.

Computed anew each time from the form, from what the order says and from what the
directory says of its sender: what an order calls itself widens nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vigie.law import orders as forms
from vigie.law.orders import OrderForm
from vigie.store.models import AuthorityKind, Order, OrderData

CATEGORY_WORDS: Final = {
    "subscriber": gettext_lazy("subscriber data"),
    "identification": gettext_lazy("data to identify the user alone"),
    "traffic": gettext_lazy("traffic data"),
    "content": gettext_lazy("content data"),
}
LEAST: Final = frozenset({"subscriber", "identification"})
"""What says who somebody is, and no more."""
NEEDS_PERIOD: Final = frozenset({"traffic", "content"})
_TYPE: Final = "issuing_authority_type"
_KINDS: Final = {
    AuthorityKind.COURT: "court",
    AuthorityKind.PROSECUTOR: "prosecutor",
    AuthorityKind.POLICE: "police",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """One row of what an order asks for, with whether it may be granted."""

    row: OrderData
    covered: bool
    law: str
    """The provision that covers it; empty where none does."""
    why: str
    """Why it cannot be granted; empty where it can."""

    @property
    def words(self) -> str:
        """The category in words."""
        return str(CATEGORY_WORDS.get(self.row.category, self.row.category))


def asked(order: Order) -> list[Asked]:
    """Return every row that an order asks for, in its order, judged today."""
    form = forms.load().get(order.form)
    values = values_of(order)
    rows = order.data.order_by("pk")
    return [_judged(order, form, values, row) for row in rows]


def values_of(order: Order) -> Mapping[str, Any]:
    """Return the order's values, with the kind of authority as the directory knows it."""
    values = dict(order.fields)
    if order.authority is not None:
        values[_TYPE] = _KINDS.get(AuthorityKind(order.authority.kind), "other")
    return values


def _judged(
    order: Order, form: OrderForm | None, values: Mapping[str, Any], row: OrderData
) -> Asked:
    law = _law(form, values, row.category) if form is not None else ""
    why = next(_against(order, form, law, row), "")
    return Asked(row=row, covered=not why, law=law, why=why)


def _law(form: OrderForm, values: Mapping[str, Any], category: str) -> str:
    """Return the first provision that covers a category, given the order's values."""
    held = (one for one in form.covers if category in one.categories and one.holds(values))
    return next((one.law for one in held), "")


def _against(order: Order, form: OrderForm | None, law: str, row: OrderData) -> Iterator[str]:
    """Yield what stands against granting a row."""
    if form is None or not form.discloses:
        yield _("This form asks for no disclosure: it grants none.")
    if row.category not in forms.CATEGORIES:
        yield _("This is no category of data that the law knows.")
    if not law:
        yield _("The legal basis that the order names does not cover it.")
    if row.category in NEEDS_PERIOD and not _has_period(order, row):
        yield _("It names no period that ended before the order came.")


def _has_period(order: Order, row: OrderData) -> bool:
    """Say whether a row names a span of the past; what is to come is interception, not this."""
    since, until = row.period_from, row.period_until
    return since is not None and until is not None and since < until <= order.received_at
