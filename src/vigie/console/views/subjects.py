# SPDX-License-Identifier: Apache-2.0
"""The page that answers a person's request: show or erase what is kept of them.

Identifiers are sent in forms, never in addresses: those end up in histories.
"""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from vigie.console.desk import needs, person, show
from vigie.core.errors import VigieError
from vigie.flow import house, subjects
from vigie.flow.erase import DEFAULT_SERVICE
from vigie.store.permissions import Permission

LOOK: Final = "look"
EXPORT: Final = "export"
ERASE: Final = "erase"


@needs(Permission.SUBJECT_ANSWER)
@require_http_methods(["GET", "HEAD", "POST"])
def requests(request: HttpRequest) -> HttpResponse:
    """Find a person, show what is kept, then hand it out or erase it."""
    context: dict[str, object] = {"room": "requests", "service": DEFAULT_SERVICE}
    if request.method != "POST":
        return show(request, "subjects.html", context)
    given = request.POST.get("id", "")
    service = request.POST.get("service", "").strip() or DEFAULT_SERVICE
    context |= {"given": given, "service": service}
    try:
        return _act(request, given, service, context)
    except VigieError as refused:
        problem = {"words": refused.message, "fix": refused.fix, "field": refused.field or "id"}
        status = refused.http_status
        return show(request, "subjects.html", context | {"problem": problem}, status=status)


def _act(
    request: HttpRequest, given: str, service: str, context: dict[str, object]
) -> HttpResponse:
    current, by = house.current(), person(request).username
    asked = request.POST.get("do", LOOK)
    if asked == EXPORT:
        answer, package = subjects.export_subject(current, given, by, service=service)
        name = f"request-{answer.log_index}.zip"
        headers = {
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
        }
        return HttpResponse(package, content_type="application/zip", headers=headers)
    if asked == ERASE:
        return _erase(request, given, service, context)
    return show(request, "subjects.html", context | _kept(given, service))


def _kept(given: str, service: str) -> dict[str, object]:
    """Return what is kept by part, each with the duty that keeps it for now."""
    current = house.current()
    subject = subjects.find(current, given, service)
    why = subjects.kept(subject, current.now())
    rows = [(name, n, why.get(name, "")) for name, n in subjects.counts(subject).items()]
    return {"rows": rows, "looked": True}


def _erase(
    request: HttpRequest, given: str, service: str, context: dict[str, object]
) -> HttpResponse:
    """Erase where the identifier was typed a second time."""
    current = house.current()
    if request.POST.get("again", "").strip() != given.strip():
        problem = {
            "words": _("The second identifier differs: nothing was erased."),
            "fix": _("Type it again."),
            "field": "again",
        }
        more = _kept(given, service) | {"problem": problem}
        return show(request, "subjects.html", context | more, status=422)
    basis = request.POST.get("basis", "").strip()[:200] or "Art. 17 GDPR"
    by = person(request).username
    answer = subjects.erase_subject(current, given, by, service=service, basis=basis)
    return show(
        request,
        "subjects.html",
        context | {"answer": answer, "counts": list(answer.counts.items()), "given": ""},
    )
