# SPDX-License-Identifier: Apache-2.0
"""Evidence packages: what one would hold, making it, taking its file, noting the hand-over.

The file that waits here is encrypted to its recipient; nobody in the house can
read it. Long ones are made at the command line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from vigie.console.desk import needs, person, show
from vigie.console.identity.again import shown_again
from vigie.core.errors import ConflictError, InvalidInputError, NotFoundError, VigieError
from vigie.flow import house as houses
from vigie.flow import packages as make
from vigie.flow.packages import choose, handed
from vigie.store.models import Order, SearchDay
from vigie.store.permissions import Permission
from vigie.web.numbers import whole_number

if TYPE_CHECKING:
    from django.http import HttpRequest

    from vigie.flow.packages.choose import Choice
    from vigie.flow.packages.make import Made
    from vigie.store.models import User

PAGE: Final = 50
MAX_KEY: Final = 1_000
Subject = Order | SearchDay


@needs(Permission.EVIDENCE_READ)
@require_safe
def packages(request: HttpRequest) -> HttpResponse:
    """List the packages, the newest first."""
    return _list(request)


def _list(request: HttpRequest, problem: VigieError | None = None) -> HttpResponse:
    user, here = person(request), houses.current()
    rows = handed.listing(user)
    before = whole_number(request.GET.get("before", ""))
    rows = rows if before is None else rows.filter(at__lt=before)
    found = list(rows[: PAGE + 1])
    may = user.has_perm(Permission.EVIDENCE_PACKAGE)
    shown = [(one, may and handed.file_of(here, one).exists()) for one in found[:PAGE]]
    context: dict[str, object] = {
        "room": "packages",
        "rows": shown,
        "more": found[PAGE - 1].at if len(found) > PAGE else None,
        "may": may,
        "problem": problem,
    }
    return show(request, "packages.html", context, status=problem.http_status if problem else 200)


@needs(Permission.EVIDENCE_PACKAGE)
@require_safe
def new(request: HttpRequest, about: str, number: int) -> HttpResponse:
    """Show what a package would hold, and ask for the recipient's public key."""
    return _ask(request, about, number)


def _ask(
    request: HttpRequest, about: str, number: int, problem: VigieError | None = None
) -> HttpResponse:
    subject = _subject(about, number)
    choice, why = _choice(person(request), subject)
    context: dict[str, object] = {
        "room": "packages",
        "about": about,
        "number": number,
        "label": f"O-{number}" if about == "order" else f"S-{number}",
        "back": reverse(
            "console:order" if about == "order" else "console:search_day", args=[number]
        ),
        "choice": choice,
        "size": sum(one.evidence.size for one in choice.chosen) if choice else 0,
        "long": choice is not None and handed.is_long(choice),
        "problem": problem or why,
        "given": request.POST.get("recipient", ""),
    }
    return show(
        request, "package_new.html", context, status=problem.http_status if problem else 200
    )


def _subject(about: str, number: int) -> Subject:
    model: type[Order | SearchDay] = Order if about == "order" else SearchDay
    row = model.objects.filter(pk=number).first()
    if row is None:
        raise NotFoundError(_("There is no such record."), code="not_found")
    return row


def _choice(user: User, subject: Subject) -> tuple[Choice | None, VigieError | None]:
    """Return what would go in, or why nothing may."""
    try:
        if isinstance(subject, Order):
            return choose.of_order(houses.current(), user, subject), None
        return choose.of_search(houses.current(), user, subject), None
    except VigieError as problem:
        return None, problem


@needs(Permission.EVIDENCE_PACKAGE)
@require_POST
@shown_again
def build(request: HttpRequest, about: str, number: int) -> HttpResponse:
    """Make a package; its file waits on the list until it is handed over."""
    try:
        _build(request, about, number)
    except VigieError as problem:
        return _ask(request, about, number, problem)
    return HttpResponseRedirect(reverse("console:packages"))


def _build(request: HttpRequest, about: str, number: int) -> Made:
    text = request.POST.get("recipient", "")
    if len(text) > MAX_KEY:
        raise InvalidInputError(_("This is no public key."), code="recipient", field="recipient")
    recipient = make.read_recipient(text)
    subject = _subject(about, number)
    choice, why = _choice(person(request), subject)
    if choice is None:
        raise why or ConflictError(_("Nothing may leave."))
    if handed.is_long(choice):
        raise ConflictError(
            _("This package is too large to be made while a page waits."),
            code="too_long",
            fix=_("Use `vigie evidence package` at the command line."),
        )
    return handed.make_here(houses.current(), person(request), recipient, subject)


@never_cache
@needs(Permission.EVIDENCE_PACKAGE)
@require_safe
def file(request: HttpRequest, package_id: str) -> HttpResponse:
    """Hand out the encrypted file."""
    here = houses.current()
    row = handed.find(person(request), package_id)
    path = handed.file_of(here, row)
    if not path.exists():
        raise NotFoundError(_("The file does not wait here any more."), code="no_file")
    answer = HttpResponse(path.read_bytes(), content_type="application/octet-stream")
    answer["Content-Disposition"] = f'attachment; filename="{path.name}"'
    return answer


@needs(Permission.EVIDENCE_PACKAGE)
@require_POST
def hand_over(request: HttpRequest, package_id: str) -> HttpResponse:
    """Note how a package reached its recipient; the waiting file is deleted."""
    try:
        handed.hand_over(
            houses.current(), person(request), package_id, request.POST.get("note", "")
        )
    except VigieError as problem:
        return _list(request, problem)
    return HttpResponseRedirect(reverse("console:packages"))
