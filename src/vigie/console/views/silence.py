# SPDX-License-Identifier: Apache-2.0
"""The duty of silence of one order: what it stands on, until when, renewed or ended."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from vigie.console import duties
from vigie.console.clocks import span
from vigie.console.desk import needs, person, show
from vigie.core.clock import DAY_MS
from vigie.core.errors import InvalidInputError, NotFoundError, VigieError
from vigie.flow import house as houses
from vigie.flow.orders import silence as silences
from vigie.store.models import Order
from vigie.store.permissions import Permission

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@never_cache
@needs(Permission.ORDER_READ)
@require_http_methods(["GET", "HEAD", "POST"])
def silence(request: HttpRequest, number: int) -> HttpResponse:
    """Show the silence of an order; renew it on a basis, or end it and tell the person."""
    order = Order.objects.filter(pk=number).first()
    if order is None:
        raise NotFoundError(_("There is no such order."), code="no_order")
    if request.method != "POST":
        return _page(request, order)
    try:
        _act(request, order)
    except VigieError as problem:
        return _page(request, order, problem)
    return HttpResponseRedirect(reverse("console:silence", args=[number]))


def _act(request: HttpRequest, order: Order) -> None:
    """Carry out what the form asks for."""
    house, user, given = houses.current(), person(request), request.POST
    basis = given.get("basis", "").replace("\0", "")
    if given.get("do") == "end":
        silences.end(house, order, user=user, reason=basis)
    else:
        silences.renew(house, order, user=user, basis=basis, until=_until(given.get("until", "")))


def _until(text: str) -> int | None:
    """Return the end of a day that a form names; None where it names none."""
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError as problem:
        raise InvalidInputError(
            _("This is no day."), field="until", fix=_("Write it as 2027-02-28.")
        ) from problem
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return round(start.timestamp() * 1000) + DAY_MS


def _page(request: HttpRequest, order: Order, problem: VigieError | None = None) -> HttpResponse:
    now = houses.current().now()
    here = silences.standing(order)
    context: dict[str, object] = {
        "room": "orders",
        "order": order,
        "title": duties.title_of(order.form),
        "back": duties.place("order", order.number) or reverse("console:orders"),
        "here": here,
        "left": span(here.ends_at - now) if here is not None and here.ends_at > now else "",
        "rows": list(order.silences.order_by("-pk")),
        "tells": silences.tells(order),
        "may_act": person(request).has_perm(Permission.ORDER_EXECUTE),
        "given": {name: request.POST.get(name, "")[:1_000] for name in ("basis", "until")},
        "problem": problem,
    }
    status = problem.http_status if problem is not None else 200
    return show(request, "silence.html", context, status=status)
