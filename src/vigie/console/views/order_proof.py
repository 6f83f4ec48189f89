# SPDX-License-Identifier: Apache-2.0
"""Two pages beside an order: who it is from, and which data may leave on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.http import HttpResponseRedirect
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from vigie.console import order_parts
from vigie.console.desk import chosen, needs, person, show
from vigie.core.errors import InvalidInputError, NotFoundError, RefusedError, VigieError
from vigie.flow import house
from vigie.flow.orders import disclose, emergency, narrow, prove, prove_signed
from vigie.store.models import (
    AuthorityContact,
    EmergencyRelease,
    Order,
    OrderProof,
)
from vigie.store.permissions import Permission
from vigie.web.numbers import whole_number

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse, QueryDict

    from vigie.store.models import User

    Act = Callable[[User, Order, QueryDict], object]
    """What it returns is not looked at."""


@needs(Permission.ORDER_READ)
@require_http_methods(["GET", "HEAD", "POST"])
def order_who(request: HttpRequest, number: int) -> HttpResponse:
    """Show who an order is from; note a call-back, withdraw a proof."""
    return _page(request, number, WHO, "order_who.html", Permission.ORDER_PROVE)


@needs(Permission.ORDER_READ)
@require_http_methods(["GET", "HEAD", "POST"])
def order_data(request: HttpRequest, number: int) -> HttpResponse:
    """Show which data an order asks for; grant what is covered, narrow the rest."""
    return _page(request, number, DATA, "order_data.html", Permission.ORDER_EXECUTE)


def data_page(request: HttpRequest, order: Order, problem: VigieError) -> HttpResponse:
    """Show which data an order asks for, and why nothing was done."""
    return _show(
        request, order, "order_data.html", problem.http_status, problem=problem, given=request.POST
    )


def _page(
    request: HttpRequest, number: int, acts: dict[str, Act], template: str, changes: Permission
) -> HttpResponse:
    if request.method == "POST" and not person(request).has_perm(changes):
        raise RefusedError(_("Your role may not do this."))
    order = Order.objects.select_related("authority").filter(pk=number).first()
    if order is None:
        raise NotFoundError(_("There is no such order."), code="no_order")
    if request.method != "POST":
        return _show(request, order, template)
    try:
        chosen(request, acts)(person(request), order, request.POST)
    except VigieError as problem:
        status = problem.http_status
        return _show(request, order, template, status, problem=problem, given=request.POST)
    return HttpResponseRedirect(_back(request, order))


def _back(request: HttpRequest, order: Order) -> str:
    """Return the page of the order, or this one where the order has none."""
    try:
        return reverse("console:order", args=[order.number])
    except NoReverseMatch:
        return request.path


def _show(
    request: HttpRequest, order: Order, template: str, status: int = 200, **more: object
) -> HttpResponse:
    user, now = person(request), house.current().now()
    context: dict[str, object] = {
        "room": "orders",
        "order": order,
        "back": _back(request, order),
        "title": order_parts.form_title(order),
        "who": order_parts.who(user, order, now),
        "data": order_parts.data(user, order),
    }
    return show(request, template, context | more, status=status)


def _call(user: User, order: Order, post: QueryDict) -> object:
    return prove.by_call_back(house.current(), user, order, _contact(post), post.get("note", ""))


def _declared(user: User, order: Order, post: QueryDict) -> object:
    contact, note = _contact(post), post.get("note", "")
    return prove.by_declared_contact(house.current(), user, order, contact, note)


def _withdraw(user: User, order: Order, post: QueryDict) -> object:
    found = OrderProof.objects.filter(order=order, pk=_number(post.get("proof", ""))).first()
    if found is None:
        raise NotFoundError(_("There is no such proof."), code="no_proof")
    return prove.withdraw(house.current(), user, found, post.get("reason", ""))


def _compared(user: User, order: Order, post: QueryDict) -> object:
    found = order.documents.filter(pk=_number(post.get("document", ""))).first()
    if found is None:
        raise NotFoundError(_("There is no such document."), code="no_document")
    return prove_signed.compared(house.current(), user, order, found, post.get("note", ""))


def _contact(post: QueryDict) -> AuthorityContact:
    found = AuthorityContact.objects.filter(pk=_number(post.get("contact", ""))).first()
    if found is None:
        raise InvalidInputError(_("Choose a contact of the directory."), field="contact")
    return found


def _grant(user: User, order: Order, post: QueryDict) -> object:
    return disclose.grant(house.current(), user, order, _rows(post), post.get("reason", ""))


def _take_back(user: User, order: Order, post: QueryDict) -> None:
    disclose.take_back(house.current(), user, order, post.get("reason", ""))


def _narrow(user: User, order: Order, post: QueryDict) -> object:
    return narrow.narrow(house.current(), user, order, post.get("reason", ""))


def _emergency(user: User, order: Order, post: QueryDict) -> object:
    return emergency.ask(house.current(), user, order, _rows(post), post.get("reason", ""))


def _review(user: User, order: Order, post: QueryDict) -> None:
    key = _number(post.get("release", ""))
    found = EmergencyRelease.objects.filter(order=order, pk=key).first()
    if found is None:
        raise NotFoundError(_("There is no such release."), code="no_release")
    finding, note = post.get("finding", ""), post.get("reason", "")
    emergency.review(house.current(), user, found, finding, note)


def _rows(post: QueryDict) -> list[int]:
    return [_number(one) for one in post.getlist("row")]


def _number(text: str) -> int:
    return whole_number(text.strip()) or 0


WHO: Final[dict[str, Act]] = {
    "call": _call,
    "compared": _compared,
    "declared": _declared,
    "withdraw": _withdraw,
}
DATA: Final[dict[str, Act]] = {
    "grant": _grant,
    "take_back": _take_back,
    "narrow": _narrow,
    "emergency": _emergency,
    "review": _review,
}
