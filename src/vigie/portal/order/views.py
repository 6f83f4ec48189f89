# SPDX-License-Identifier: Apache-2.0
"""Pages for authorities: the forms, one form, the receipt, where it stands.

No page says whether an account exists or what it names: the receipt confirms the
receipt. Everything works without scripts.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from vigie.core.errors import InvalidInputError, UnavailableError
from vigie.flow import house
from vigie.flow.orders import receive
from vigie.flow.orders.given import MAX_DOCUMENT, MAX_DOCUMENTS, GivenDocument, OrderGiven, form_of
from vigie.portal.naming import operator
from vigie.portal.order import stands
from vigie.portal.seen import ORDERS
from vigie.store.models import OrderChannel
from vigie.web import errors as pages
from vigie.web import order_form, proofs
from vigie.web.limits import allow

if TYPE_CHECKING:
    from django.http import HttpRequest

    from vigie.law.orders import OrderForm

MOST: Final = 21_000_000
"""Bytes of one request: documents of 20 MB together, and the fields."""
FILES: Final = "documents"


@require_safe
def choose(request: HttpRequest) -> HttpResponse:
    """Show the forms, by what they want; referrals apart."""
    spoken = translation.get_language() or "en"
    groups = [
        (title, [(one.id, one.title(spoken), one.law) for one in forms])
        for title, forms in order_form.groups()
    ]
    return _page(request, "choose.html", {"groups": groups})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def fill(request: HttpRequest, form: str) -> HttpResponse:
    """Show one form; receive what is sent."""
    if _too_large(request):
        return pages.page(
            request,
            413,
            _("This is too much for one form. Nothing was received."),
            _(
                "Documents may have 20 MB together. Send the rest in a second form, "
                "or by post or mail to the contact point."
            ),
            "too_large",
        )
    try:
        about = form_of(form)
    except InvalidInputError as problem:
        raise Http404 from problem
    if request.method != "POST":
        return _form(request, about)
    return _take(request, about)


def _take(request: HttpRequest, about: OrderForm) -> HttpResponse:
    """Receive what was sent; what cannot be received at all leads back to the form."""
    current = house.current()
    allow(current, request, "order")
    typed = order_form.read(about, request.POST)
    papers = tuple(
        GivenDocument(one.name or "", one.read())
        for one in request.FILES.getlist(FILES)[: MAX_DOCUMENTS + 1]
    )
    given = OrderGiven(
        form=about.id,
        channel=OrderChannel.UPLOAD if papers else OrderChannel.FORM,
        fields=typed,
        documents=papers,
        sender=request.POST.get("sender", "")[:2_000],
        reply_to=request.POST.get("reply_to", "")[:2_000],
    )
    try:
        made = receive.receive_order(current, given)
    except (InvalidInputError, UnavailableError) as problem:
        told = {problem.field or FILES: f"{problem.message} {problem.fix or ''}".strip()}
        return _form(request, about, typed, told, status=problem.http_status)
    ORDERS.remember(request, made.order, fresh=True)
    return HttpResponseRedirect(reverse("portal:order-mine"))


def _form(
    request: HttpRequest,
    about: OrderForm,
    typed: dict[str, Any] | None = None,
    problems: dict[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    spoken = translation.get_language() or "en"
    context = {
        "about": about,
        "title": about.title(spoken),
        "widgets": order_form.widgets(about, spoken, typed, problems),
        "errors": problems or {},
        "sender": request.POST.get("sender", ""),
        "reply_to": request.POST.get("reply_to", ""),
        "files": MAX_DOCUMENTS,
        "size": MAX_DOCUMENT // 1_000_000,
    }
    return _page(request, "fill.html", context, status)


@never_cache
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """Show the receipt and where it stands; nothing of what it names."""
    order = ORDERS.of(request)
    if order is None:
        return HttpResponseRedirect(reverse("portal:order-status"))
    spoken = translation.get_language() or "en"
    about = form_of(order.form)
    latest = proofs.latest()
    index = order.record.entry.index
    context = {
        "label": f"O-{order.number}",
        "order": order,
        "about": about,
        "title": about.title(spoken),
        "fresh": ORDERS.is_fresh(request),
        "code": receive.code_of(house.current(), order),
        "index": index,
        "covered": latest is not None and latest["size"] > index,
        "checkpoint": latest,
        "stands": stands.words(order, about),
    }
    return _page(request, "mine.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def status(request: HttpRequest) -> HttpResponse:
    """Ask for the code."""
    if request.method != "POST":
        return _page(request, "status.html", {})
    current = house.current()
    allow(current, request, "code")
    given = request.POST.get("code", "")[:100]
    order = receive.by_code(given)
    if order is None:
        problem = {"code": _("We know nothing under this code. Look at the receipt again.")}
        return _page(request, "status.html", {"given": given, "errors": problem}, 422)
    ORDERS.remember(request, order)
    return HttpResponseRedirect(reverse("portal:order-mine"))


@require_POST
def close(request: HttpRequest) -> HttpResponse:
    """Close the receipt in this browser."""
    ORDERS.forget(request)
    return HttpResponseRedirect(reverse("portal:order-status"))


@never_cache
@require_safe
def receipt(request: HttpRequest) -> HttpResponse:
    """Hand out the receipt as a file that `vigie-verify` reads."""
    order = ORDERS.of(request)
    if order is None:
        return HttpResponseRedirect(reverse("portal:order-status"))
    answer = HttpResponse(json.dumps(order.receipt), content_type="application/json")
    answer["Content-Disposition"] = 'attachment; filename="receipt.json"'
    return answer


def _page(
    request: HttpRequest, template: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    full = {"operator": operator(), "noindex": template != "choose.html"} | context
    return render(request, f"portal/order/{template}", full, status=status)


def _too_large(request: HttpRequest) -> bool:
    length = request.META.get("CONTENT_LENGTH") or "0"
    return not length.isdigit() or int(length) > MOST
