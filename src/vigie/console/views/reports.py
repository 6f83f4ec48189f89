# SPDX-License-Identifier: Apache-2.0
"""Reports that the operator owes authorities: the list, writing one, one with its receipt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from vigie.console import moments, report_form
from vigie.console.desk import needs, person, show
from vigie.core import territory
from vigie.core.errors import InvalidInputError, NotFoundError, RefusedError, VigieError
from vigie.exchange.cybertip.form import TYPES
from vigie.flow import house
from vigie.flow.queues import access
from vigie.flow.reports import art18, draft, verbs
from vigie.store.models import Case, DecisionRecord, DutyClock, ReportKind, ReportState
from vigie.store.permissions import Permission
from vigie.web import countries

if TYPE_CHECKING:
    from django.http import HttpRequest

    from vigie.store.models import AuthorityReport, User

SHOWN: Final = 200


@needs(Permission.REPORT_SEND)
@require_safe
def reports(request: HttpRequest) -> HttpResponse:
    """List reports, the newest first."""
    user = person(request)
    rows = draft.visible(user).order_by("-number")[:SHOWN]
    context: dict[str, object] = {
        "room": "reports",
        "rows": [_row(one) for one in rows],
        "may_child": user.has_perm(Permission.CHILD_READ),
    }
    return show(request, "reports.html", context)


@needs(Permission.REPORT_SEND)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, kind: str) -> HttpResponse:
    """Write a report."""
    known = _kind(person(request), kind)
    decision = _decision(person(request), request.GET.get("decision", ""))
    if request.method != "POST":
        given = report_form.begun(house.current(), decision)
        return _form(request, known, decision, given)
    try:
        form = report_form.read(request.POST, known, decision)
        made = draft.draft(house.current(), person(request), form)
    except VigieError as problem:
        given = {name: str(value) for name, value in request.POST.items()}
        return _form(request, known, decision, given, problem)
    return HttpResponseRedirect(reverse("console:report", args=[made.number]))


@needs(Permission.REPORT_SEND)
@require_safe
def report(request: HttpRequest, number: int) -> HttpResponse:
    """Show one report: what it says, its clock, its receipt, what can be done."""
    return _page(request, draft.find(person(request), number))


@needs(Permission.REPORT_SEND)
@require_POST
def act(request: HttpRequest, number: int) -> HttpResponse:
    """Approve, change, hand over, store a receipt or take back."""
    row = draft.find(person(request), number)
    try:
        _act(request, row)
    except VigieError as problem:
        row.refresh_from_db()
        return _page(request, row, problem)
    return HttpResponseRedirect(reverse("console:report", args=[number]))


@needs(Permission.REPORT_SEND)
@require_safe
def document(request: HttpRequest, number: int) -> HttpResponse:
    """Return a notification under Art. 18 as PDF, to be handed over."""
    row = draft.find(person(request), number)
    if row.kind != ReportKind.ART18:
        raise InvalidInputError(_("This report has no document: it is sent as data."))
    language = request.GET.get("language", get_language() or "en")[:2]
    made = art18.document(house.current(), row, language)
    answer = HttpResponse(made, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="R-{row.number}.pdf"'
    answer["Cache-Control"] = "no-store"
    return answer


def _act(request: HttpRequest, row: AuthorityReport) -> None:
    post, user, here = request.POST, person(request), house.current()
    what = post.get("do", "")
    if what == "approve":
        verbs.approve(here, user, row)
    elif what == "retract":
        verbs.retract(here, user, row, post.get("why", ""))
    elif what == "sent":
        chosen = moments.number(post.get("contact", ""))
        found = {one.pk: one for one in art18.contacts(here, row)}
        if chosen not in found:
            raise InvalidInputError(_("Choose whom it was handed to."), field="contact")
        verbs.note_sent(here, user, row, found[chosen], post.get("how", ""))
    elif what == "receipt":
        verbs.note_receipt(here, user, row, post.get("receipt", ""))
    elif what == "change":
        form = report_form.read(post, ReportKind(row.kind), row.decision)
        draft.change(here, user, row, form)
    else:
        raise InvalidInputError(_("Choose what is to be done."), field="do")


def _kind(user: User, kind: str) -> ReportKind:
    """Return the kind of an address; the CyberTipline is for the room of child safety."""
    if kind not in report_form.KINDS:
        raise NotFoundError(_("There is no such kind of report."), code="no_report")
    known = ReportKind(kind)
    if known is ReportKind.CYBERTIP and not user.has_perm(Permission.CHILD_READ):
        raise RefusedError(_("Reports to the CyberTipline are written in the child safety room."))
    return known


def _decision(user: User, text: str) -> DecisionRecord | None:
    """Return the decision that a report is about; one that a person may not see is none."""
    number = moments.number(text)
    row = DecisionRecord.objects.filter(number=number).first() if number else None
    if row is None:
        return None
    if row.cls == draft.CHILD:
        return row if user.has_perm(Permission.CHILD_READ) else None
    cases = Case.objects.filter(decision=row)
    return row if all(access.may_see(user, one) for one in cases) else None


def _row(row: AuthorityReport) -> dict[str, object]:
    shape, words = report_form.STATES[row.state]
    clock = DutyClock.objects.filter(subject="report", number=row.number).order_by("pk").first()
    return {
        "report": row,
        "kind": report_form.KINDS[row.kind],
        "shape": shape,
        "state": words,
        "problem": report_form.PROBLEMS.get(row.problem, row.problem),
        "clock": clock,
    }


def _form(
    request: HttpRequest,
    kind: ReportKind,
    decision: DecisionRecord | None,
    given: dict[str, str],
    problem: VigieError | None = None,
) -> HttpResponse:
    context = {"room": "reports", "decision": decision, **_fields(kind, given, problem)}
    return show(request, "report_new.html", context, status=problem.http_status if problem else 200)


def _fields(
    kind: ReportKind, given: dict[str, str], problem: VigieError | None
) -> dict[str, object]:
    return {
        "kind": kind.value,
        "title": report_form.KINDS[kind],
        "given": given,
        "problem": problem,
        "types": TYPES,
        "art18": [
            (name, words, needed, given.get(name, "")) for name, words, needed in report_form.ART18
        ],
        "states": [(code, countries.name(code)) for code in countries.by_name(territory.EU)],
    }


def _page(
    request: HttpRequest, row: AuthorityReport, problem: VigieError | None = None
) -> HttpResponse:
    user = person(request)
    given = report_form.shown(row)
    context: dict[str, object] = {
        "room": "reports",
        **_row(row),
        **_fields(ReportKind(row.kind), given, problem),
        "kind_words": report_form.KINDS[row.kind],
        "files": row.files.select_related("evidence").order_by("position"),
        "open": row.state in draft.OPEN,
        "alone": row.created_by_id == user.pk,
        "hand_over": row.kind == ReportKind.ART18
        and row.state in {ReportState.READY, ReportState.SENT},
        "contacts": art18.contacts(house.current(), row) if row.kind == ReportKind.ART18 else (),
        "may_take_back": row.state
        not in {ReportState.REPORTED, ReportState.RETRACTED, ReportState.SENT},
    }
    return show(request, "report.html", context, status=problem.http_status if problem else 200)
