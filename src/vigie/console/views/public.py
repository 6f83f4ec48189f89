# SPDX-License-Identifier: Apache-2.0
"""What the operator tells the public: texts with their versions, registered changes."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from vigie.console import once
from vigie.console.desk import needs, person, show
from vigie.core.errors import VigieError
from vigie.flow import house
from vigie.flow.changes import Change, register_change
from vigie.flow.disclosures import LANGUAGES, in_force, publish_disclosure
from vigie.store.models import ChangeKind, DisclosureKind, RegisteredChange
from vigie.store.permissions import Permission

SHOWN: Final = 20
TITLES: Final = {
    DisclosureKind.CONTACT_AUTHORITIES: gettext_lazy("Point of contact for authorities (Art. 11)"),
    DisclosureKind.CONTACT_RECIPIENTS: gettext_lazy("Point of contact for everybody (Art. 12)"),
    DisclosureKind.REPRESENTATIVE: gettext_lazy("Legal representative (Art. 13)"),
    DisclosureKind.TERMS: gettext_lazy("Terms and conditions (Art. 14)"),
    DisclosureKind.RECOMMENDER: gettext_lazy("Recommender system, main parameters (Art. 27)"),
}
CHANGES: Final = {
    ChangeKind.RECOMMENDER: gettext_lazy("recommender system"),
    ChangeKind.ASSISTANT: gettext_lazy("AI assistant"),
    ChangeKind.IMAGE_MODEL: gettext_lazy("image model"),
    ChangeKind.SAFETY: gettext_lazy("safety setting"),
}


@needs(Permission.DISCLOSURE_EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def public(request: HttpRequest) -> HttpResponse:
    """Show and publish public texts; register a change."""
    if request.method != "POST":
        return _page(request, {})
    token = request.POST.get("once", "")
    if once.answer(request, token) is not None:
        return HttpResponseRedirect(reverse("console:public"))
    try:
        if request.POST.get("do") == "change":
            _register(request)
        else:
            _publish(request)
    except VigieError as refused:
        return _page(request, {"problem": refused}, refused.http_status)
    once.keep(request, token, reverse("console:public"))
    return HttpResponseRedirect(reverse("console:public"))


def _publish(request: HttpRequest) -> None:
    texts = {name: request.POST.get(name, "").replace("\r\n", "\n") for name in LANGUAGES}
    kind = request.POST.get("kind", "")
    publish_disclosure(house.current(), kind, texts, person(request).username)


def _register(request: HttpRequest) -> None:
    given = Change(
        kind=request.POST.get("change", ""),
        title=request.POST.get("title", ""),
        digest=request.POST.get("digest", "").strip(),
        version=request.POST.get("version", ""),
        asked_by=request.POST.get("asked_by", ""),
        approved_by=(request.POST.get("approver", ""), request.POST.get("second", "")),
        risk=request.POST.get("risk", "").replace("\r\n", "\n"),
        description=request.POST.get("description", ""),
        by=person(request).username,
    )
    register_change(house.current(), given)


def _page(request: HttpRequest, more: dict[str, Any], status: int = 200) -> HttpResponse:
    found = in_force()
    texts = [
        {
            "kind": kind,
            "title": title,
            "row": found.get(kind),
            "fields": [(name, _typed(request, kind, name, found)) for name in LANGUAGES],
        }
        for kind, title in TITLES.items()
    ]
    rows = RegisteredChange.objects.order_by("-effective_at", "-pk")[:SHOWN]
    context: dict[str, object] = {
        "room": "public",
        "texts": texts,
        "changes": [(row, CHANGES.get(ChangeKind(row.kind), row.kind)) for row in rows],
        "kinds": CHANGES.items(),
        "typed": request.POST,
        "token": once.token(),
    }
    return show(request, "public.html", context | more, status=status)


def _typed(request: HttpRequest, kind: str, name: str, found: dict[str, Any]) -> str:
    """Return what was typed for a text, or what is published."""
    if request.POST.get("kind") == kind:
        return request.POST.get(name, "")
    return found[kind].texts.get(name, "") if kind in found else ""
