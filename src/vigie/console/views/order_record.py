# SPDX-License-Identifier: Apache-2.0
"""Orders that came by post, mail or telephone; fields filled in by hand; documents handed out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import NoReverseMatch, reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from vigie.console.desk import needs, person, show
from vigie.core.errors import InvalidInputError, NotFoundError, VigieError
from vigie.flow import house
from vigie.flow.orders import complete, documents, read
from vigie.flow.orders.given import (
    MAX_DOCUMENT,
    MAX_DOCUMENTS,
    GivenDocument,
    OrderGiven,
    form_of,
)
from vigie.flow.orders.receive import code_of, receive_order
from vigie.flow.orders.values import moment
from vigie.store.models import Order, OrderChannel
from vigie.store.permissions import Permission
from vigie.web import order_form

if TYPE_CHECKING:
    from django.http import HttpRequest

    from vigie.law.orders import OrderForm

FILES: Final = "documents"
ROOM: Final = "orders"


@needs(Permission.ORDER_RECORD)
@require_safe
def choose(request: HttpRequest) -> HttpResponse:
    """Choose the form of what came."""
    spoken = translation.get_language() or "en"
    groups = [
        (title, [(one.id, one.title(spoken), one.law) for one in forms])
        for title, forms in order_form.groups()
    ]
    return show(request, "order_choose.html", {"room": ROOM, "groups": groups})


@needs(Permission.ORDER_RECORD)
@require_http_methods(["GET", "HEAD", "POST"])
def record(request: HttpRequest, form: str) -> HttpResponse:
    """Fill in one form; its clocks start when it came, not when it is typed."""
    about = _about(form)
    if request.method != "POST":
        return _form(request, about)
    typed = order_form.read(about, request.POST)
    try:
        given = OrderGiven(
            form=about.id,
            channel=OrderChannel.DESK,
            fields=typed,
            documents=_papers(request),
            sender=request.POST.get("sender", "")[:2_000],
            reply_to=request.POST.get("reply_to", "")[:2_000],
            user=person(request),
            came_at=_came(request),
        )
        made = receive_order(house.current(), given)
    except VigieError as problem:
        told = {problem.field or FILES: f"{problem.message} {problem.fix or ''}".strip()}
        return _form(request, about, typed, told, status=problem.http_status)
    return HttpResponseRedirect(reverse("console:order_recorded", args=[made.number]))


@never_cache
@needs(Permission.ORDER_RECORD)
@require_safe
def recorded(request: HttpRequest, number: int) -> HttpResponse:
    """Show number and code, to be given to the authority; only to who recorded it."""
    order = _order(number)
    if order.recorded_by_id != person(request).pk:
        return HttpResponseRedirect(_page_of(number))
    spoken = translation.get_language() or "en"
    context: dict[str, object] = {
        "room": ROOM,
        "label": f"O-{number}",
        "order": order,
        "title": _about(order.form).title(spoken),
        "code": code_of(house.current(), order),
        "index": order.record.entry.index,
        "link": _page_of(number),
        "status": house.current().settings.base_url + "/authorities/status",
    }
    return show(request, "order_recorded.html", context)


@needs(Permission.ORDER_RECORD)
@require_http_methods(["GET", "HEAD", "POST"])
def fields(request: HttpRequest, number: int) -> HttpResponse:
    """Fill in what no machine could read, beside the words of the documents."""
    order = _order(number)
    about = _about(order.form)
    if request.method != "POST":
        problems = order_form.told(complete.check(about, order.fields))
        return _fields(request, order, about, order.fields, problems)
    typed = order_form.read(about, request.POST)
    try:
        read.note_fields(house.current(), person(request), order, typed)
    except VigieError as problem:
        status = problem.http_status
        return _fields(request, order, about, typed, {}, status=status, problem=problem)
    return HttpResponseRedirect(_page_of(number))


@never_cache
@needs(Permission.ORDER_READ, repeats=True)
@require_POST
def document(request: HttpRequest, number: int, pk: int) -> HttpResponse:
    """Hand out a document as it came: always as a file, never shown here; it is recorded."""
    found = documents.find(person(request), number, pk)
    reason = request.POST.get("reason", "").replace("\0", "").strip()
    data = documents.hand_out(house.current(), person(request), found, reason)
    answer = HttpResponse(data, content_type="application/octet-stream")
    answer["Content-Disposition"] = f'attachment; filename="O-{number}-{pk}{_ending(found.mime)}"'
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer


def _ending(mime: str) -> str:
    known = {"application/pdf": ".pdf", "application/xml": ".xml", "application/json": ".json"}
    return known.get(mime, ".bin")


def _about(form: str) -> OrderForm:
    try:
        return form_of(form)
    except InvalidInputError as problem:
        raise Http404 from problem


def _order(number: int) -> Order:
    found = Order.objects.select_related("record__entry").filter(number=number).first()
    if found is None:
        raise NotFoundError(_("There is no such order."), code="no_order")
    return found


def _page_of(number: int) -> str:
    """Return the page of an order, or the list where it has none."""
    try:
        return reverse("console:order", args=[number])
    except NoReverseMatch:
        return reverse("console:orders")


def _papers(request: HttpRequest) -> tuple[GivenDocument, ...]:
    return tuple(
        GivenDocument(one.name or "", one.read())
        for one in request.FILES.getlist(FILES)[: MAX_DOCUMENTS + 1]
    )


def _came(request: HttpRequest) -> int | None:
    """Read when it came; empty is now. Raises InvalidInputError where it is no time."""
    text = request.POST.get("came_at", "").strip()[:40]
    if not text:
        return None
    at = moment(text if "+" in text or text.endswith("Z") else f"{text}+00:00")
    if at is None:
        raise InvalidInputError(
            _("This is no time."), field="came_at", fix=_("Write it as 2026-11-23T14:05.")
        )
    return at


def _form(
    request: HttpRequest,
    about: OrderForm,
    typed: dict[str, Any] | None = None,
    problems: dict[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    spoken = translation.get_language() or "en"
    context: dict[str, object] = {
        "room": ROOM,
        "about": about,
        "title": about.title(spoken),
        "widgets": order_form.widgets(about, spoken, typed, problems),
        "errors": problems or {},
        "given": {key: request.POST.get(key, "") for key in ("sender", "reply_to", "came_at")},
        "files": MAX_DOCUMENTS,
        "size": MAX_DOCUMENT // 1_000_000,
    }
    return show(request, "order_record.html", context, status=status)


def _fields(
    request: HttpRequest,
    order: Order,
    about: OrderForm,
    values: dict[str, Any],
    problems: dict[str, str],
    status: int = 200,
    **more: object,
) -> HttpResponse:
    spoken = translation.get_language() or "en"
    context: dict[str, object] = {
        "room": ROOM,
        "order": order,
        "label": f"O-{order.number}",
        "title": about.title(spoken),
        "widgets": order_form.widgets(about, spoken, values, problems),
        "documents": order.documents.order_by("pk"),
        "link": _page_of(order.number),
    }
    return show(request, "order_fields.html", context | more, status=status)
