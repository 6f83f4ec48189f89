# SPDX-License-Identifier: Apache-2.0
"""One order: carried out by two persons, impossible, refused, taken back; its letters.

The verbs hold the rules; this page asks them, and shows their no beside the form.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from vigie.console import order_page
from vigie.console.desk import chosen, needs, person, show
from vigie.core.errors import InvalidInputError, NotFoundError, VigieError
from vigie.flow import house as houses
from vigie.flow.orders import agree, effects, execute, letters, refer
from vigie.flow.orders.execute import Carrying
from vigie.flow.orders.refer import Assessment
from vigie.store.models import AuthorityContact, Order, OrderLetter
from vigie.store.permissions import Permission
from vigie.web.numbers import whole_number

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, QueryDict

    from vigie.store.models import User

    Act = Callable[[User, Order, QueryDict], object]

MOST: Final = 2_000


@never_cache
@needs(Permission.ORDER_READ)
@require_http_methods(["GET", "HEAD", "POST"])
def order(request: HttpRequest, number: int) -> HttpResponse:
    """Show one order, and do what a form of its page asks for."""
    row = find(number)
    if request.method != "POST":
        return _page(request, row)
    try:
        chosen(request, ACTS)(person(request), row, request.POST)
    except VigieError as problem:
        return _page(request, find(number), problem)
    return HttpResponseRedirect(reverse("console:order", args=[number]))


@never_cache
@needs(Permission.ORDER_READ)
@require_safe
def paper(request: HttpRequest, number: int, form: str) -> HttpResponse:  # noqa: ARG001
    """Hand out the order as it was read: as PDF, or its fields as data."""
    row = find(number)
    if form == "json":
        data = {
            "order": f"O-{number}",
            "form": row.form,
            "law": execute.plan(row).form.law,
            "values": row.fields,
        }
        return _file(json.dumps(data, ensure_ascii=False).encode(), f"O-{number}.json")
    return _file(order_page.annex_i(row), f"O-{number}.pdf")


@never_cache
@needs(Permission.ORDER_READ)
@require_safe
def letter(request: HttpRequest, number: int, pk: int, form: str) -> HttpResponse:  # noqa: ARG001
    """Hand out a letter: as PDF, or as data with the field names of its form."""
    row = _letter(find(number), pk)
    name = f"O-{number}-{row.kind}-{pk}.{form}"
    if form == "json":
        return _file(json.dumps(letters.data_of(row), ensure_ascii=False).encode(), name)
    return _file(letters.pdf(row), name)


def _file(data: bytes, name: str) -> HttpResponse:
    kind = "application/json" if name.endswith("json") else "application/pdf"
    answer = HttpResponse(data, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def find(number: int) -> Order:
    """Return an order. Raises NotFoundError."""
    row = Order.objects.select_related("authority", "owner").filter(pk=number).first()
    if row is None:
        raise NotFoundError(_("There is no such order."), code="no_order")
    return row


def _letter(row: Order, pk: int) -> OrderLetter:
    found = row.letters.filter(pk=pk).first()
    if found is None:
        raise NotFoundError(_("There is no such letter."), code="no_letter")
    return found


def _page(request: HttpRequest, row: Order, problem: VigieError | None = None) -> HttpResponse:
    context = order_page.context(houses.current(), person(request), row)
    context |= {"problem": problem, "given": request.POST}
    status = problem.http_status if problem is not None else 200
    return show(request, "order.html", context, status=status)


def _text(given: QueryDict, name: str) -> str:
    return given.get(name, "").replace("\0", "").strip()


def _numbers(given: QueryDict, name: str) -> frozenset[int]:
    found = (whole_number(one) for one in given.getlist(name))
    return frozenset(one for one in found if one is not None)


def _how(given: QueryDict) -> Carrying:
    narrowed = _text(given, "narrowed")
    return Carrying(
        copies=frozenset(given.getlist("copy")),
        left_out=_numbers(given, "left_out") if narrowed else frozenset(),
        territories=tuple(given.getlist("territory")) if narrowed else (),
        narrowed=narrowed,
        unpreserved=_text(given, "unpreserved"),
        note=_text(given, "note"),
    )


def _check_number(row: Order, given: QueryDict) -> None:
    """Raise unless the number was typed: nobody carries out another order by mistake."""
    typed = _text(given, "number").upper().removeprefix("O-")
    if typed != str(row.number):
        raise InvalidInputError(
            _("Type the number of this order to carry it out."), code="number", field="number"
        )


def _execute(user: User, row: Order, given: QueryDict) -> object:
    _check_number(row, given)
    return execute.execute(houses.current(), user, row, None, _how(given))


def _ask(user: User, row: Order, given: QueryDict) -> object:
    _check_number(row, given)
    return agree.ask(houses.current(), user, row, _how(given))


def _agree(user: User, row: Order, given: QueryDict) -> object:
    del given
    return agree.agree(houses.current(), user, row)


def _impossible(user: User, row: Order, given: QueryDict) -> object:
    return execute.impossible(
        houses.current(),
        user,
        row,
        _text(given, "ground"),
        _text(given, "reason"),
        missing=tuple(row.missing),
    )


def _refuse(user: User, row: Order, given: QueryDict) -> object:
    return execute.refuse(houses.current(), user, row, _text(given, "reason"))


def _withdraw(user: User, row: Order, given: QueryDict) -> object:
    return execute.withdraw(houses.current(), user, row, _text(given, "reason"))


def _report(user: User, row: Order, given: QueryDict) -> object:
    return effects.report(houses.current(), user, row, _text(given, "note"))


def _send(user: User, row: Order, given: QueryDict) -> object:
    contact = AuthorityContact.objects.filter(pk__in=_numbers(given, "contact")).first()
    if contact is None:
        raise InvalidInputError(_("Choose an address of the directory."), field="contact")
    return letters.send(houses.current(), user, _of(row, given), contact)


def _by_hand(user: User, row: Order, given: QueryDict) -> object:
    return letters.sent_by_hand(houses.current(), user, _of(row, given), _text(given, "note"))


def _of(row: Order, given: QueryDict) -> OrderLetter:
    return _letter(row, next(iter(_numbers(given, "letter")), 0))


def _assess(user: User, row: Order, given: QueryDict) -> object:
    decisions = {
        one.position: number
        for one in row.locations.all()
        for number in _named(given.get(f"decision_{one.position}", ""))
    }
    found = Assessment(reason=_text(given, "reason"), decisions=decisions)
    return refer.assess(houses.current(), user, row, found)


def _named(text: str) -> list[int]:
    """Read the number of a decision, as `D-12` or `12`; none where nothing was typed."""
    plain = text.strip().upper().removeprefix("D-")
    if not plain:
        return []
    if not (plain.isascii() and plain.isdigit() and len(plain) < 16):
        raise InvalidInputError(_("This is no number of a decision."), field="decisions")
    return [int(plain)]


ACTS: Final[dict[str, Act]] = {
    "agree": _agree,
    "ask": _ask,
    "assess": _assess,
    "by_hand": _by_hand,
    "execute": _execute,
    "impossible": _impossible,
    "refuse": _refuse,
    "report": _report,
    "send": _send,
    "withdraw": _withdraw,
}
