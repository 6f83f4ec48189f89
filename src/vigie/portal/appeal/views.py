# SPDX-License-Identifier: Apache-2.0
"""Complaints of authors and notifiers, and where they stand: no account, no script."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from vigie.core.errors import ConflictError, InvalidInputError, NotFoundError
from vigie.flow import house
from vigie.flow.appeals import lodge
from vigie.flow.statement_text import digest_of
from vigie.portal import views as pages
from vigie.portal.appeal import contest
from vigie.portal.naming import operator
from vigie.portal.seen import APPEALS, NOTICES
from vigie.store.models import Letter, Measure, MeasureState, NoticeItem, TaskState
from vigie.web import proofs
from vigie.web.limits import allow

if TYPE_CHECKING:
    from vigie.flow.appeals.form import AppealForm
    from vigie.portal.appeal.contest import Contest
    from vigie.store.models import Appeal

_SHOWN = (MeasureState.IN_FORCE, MeasureState.LIFTED, MeasureState.EXPIRED)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a complaint, and when."""

    at: int
    words: str


@require_POST
def contest_statement(request: HttpRequest, token: str) -> HttpResponse:
    """Take an author's complaint from the page of the statement."""
    form = contest.form_of(request.POST, statement=pages.find(token))
    sent = _lodged(request, form)
    if isinstance(sent, HttpResponse):
        return sent
    return pages.statement_page(request, token, contest=sent, status=422)


@require_safe
def measure(request: HttpRequest, token: str) -> HttpResponse:
    """Show what was decided about an account or about somebody's notices."""
    return _measure(request, token, None)


@require_POST
def contest_measure(request: HttpRequest, token: str) -> HttpResponse:
    """Take a complaint against a warning or a suspension."""
    form = contest.form_of(request.POST, measure=find_measure(token))
    sent = _lodged(request, form)
    return sent if isinstance(sent, HttpResponse) else _measure(request, token, sent)


def _measure(request: HttpRequest, token: str, shown: Contest | None) -> HttpResponse:
    row = find_measure(token)
    action = reverse("portal:measure-contest", args=[token])
    context = {
        "operator": operator(),
        "row": row,
        "text": row.content.get(contest.language()) or row.content.get("en") or {},
        "over": row.state != MeasureState.IN_FORCE,
        "contest": shown or contest.of(action, contest.form_of(measure=row)),
    }
    return render(request, "portal/appeal/measure.html", context, status=422 if shown else 200)


def find_measure(token: str) -> Measure:
    """Return the measure of an address; one answer for unknown, ended and undecided."""
    row = None
    if len(token) == pages.TOKEN_LENGTH and token.isascii():
        row = Measure.objects.filter(token_digest=digest_of(token), state__in=_SHOWN).first()
    if row is None or (row.token_expires_at or 0) <= house.current().now():
        raise NotFoundError(
            _("There is nothing at this address."),
            code="no_measure",
            fix=_("The address may be incomplete, or its time is over. The operator can help."),
        )
    return row


@require_http_methods(["GET", "HEAD", "POST"])
def notifier(request: HttpRequest) -> HttpResponse:
    """Let somebody whose notice was not followed contest that, location by location."""
    notice = NOTICES.of(request)
    if notice is None:
        if request.POST.get("grounds"):
            contest.keep(request)
        return HttpResponseRedirect(reverse("portal:notice-status"))
    items = list(notice.items.filter(outcome="not_restricted").order_by("position"))
    if not items:
        return HttpResponseRedirect(reverse("portal:notice-mine"))
    typed = request.POST if request.method == "POST" else contest.take(request)
    wanted = typed.get("item") or request.GET.get("item") or ""
    item = next((one for one in items if str(one.position + 1) == wanted), items[0])
    form = contest.form_of(typed, notice_item=item)
    if request.method != "POST":
        return _notifier(request, items, item, contest.of(request.path, form))
    sent = _lodged(request, form)
    if isinstance(sent, HttpResponse):
        return sent
    return _notifier(request, items, item, sent, status=422)


def _notifier(
    request: HttpRequest,
    items: list[NoticeItem],
    item: NoticeItem,
    shown: Contest,
    status: int = 200,
) -> HttpResponse:
    context = {
        "operator": operator(),
        "items": items,
        "item": item,
        "quoted": item.notice.category != "child",
        "notice": item.notice,
        "contest": shown,
    }
    return render(request, "portal/appeal/notifier.html", context, status=status)


def _lodged(request: HttpRequest, form: AppealForm) -> HttpResponse | Contest:
    """Take a complaint and lead to its receipt; else return the form with what does not fit."""
    try:
        made = contest.lodge(request, form)
    except (InvalidInputError, ConflictError) as problem:
        return contest.of(request.path, form, problem)
    APPEALS.remember(request, made.appeal, fresh=True)
    return HttpResponseRedirect(reverse("portal:appeal-mine"))


@require_http_methods(["GET", "HEAD", "POST"])
def status(request: HttpRequest) -> HttpResponse:
    """Ask for the code of a complaint."""
    context: dict[str, object] = {"operator": operator(), "open": APPEALS.of(request)}
    if request.method != "POST":
        return render(request, "portal/appeal/status.html", context)
    allow(house.current(), request, "code")
    given = request.POST.get("code", "")[:100]
    appeal = lodge.by_code(given)
    if appeal is None:
        words = _("We know no complaint with this code. Look at the receipt again.")
        context |= {"given": given, "errors": {"code": words}}
        return render(request, "portal/appeal/status.html", context, status=422)
    APPEALS.remember(request, appeal)
    return HttpResponseRedirect(reverse("portal:appeal-mine"))


@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """Show the receipt, what happened so far, and the answer."""
    appeal = APPEALS.of(request)
    if appeal is None:
        return HttpResponseRedirect(reverse("portal:appeal-status"))
    form = contest.form_of(notice_item=appeal.notice_item) if appeal.notice_item else None
    latest = proofs.latest()
    shown = contest.Contest(action="", appeal=appeal, is_open=False, closes_at=0)
    context = {
        "operator": operator(),
        "appeal": appeal,
        "contest": shown,
        "form": form,
        "code": lodge.code_of(house.current(), appeal),
        "fresh": APPEALS.is_fresh(request),
        "events": events(appeal),
        "due": appeal.case.due_at if not shown.answered else None,
        "checkpoint": latest,
        "covered": latest is not None and latest["size"] > appeal.log_index,
    }
    return render(request, "portal/appeal/mine.html", context)


@require_POST
def close(request: HttpRequest) -> HttpResponse:
    """Close the complaint in this browser."""
    APPEALS.forget(request)
    return HttpResponseRedirect(reverse("portal:appeal-status"))


@require_safe
def receipt(request: HttpRequest) -> HttpResponse:
    """Hand out the receipt as a file that `vigie-verify` reads."""
    appeal = APPEALS.of(request)
    if appeal is None:
        return HttpResponseRedirect(reverse("portal:appeal-status"))
    answer = HttpResponse(json.dumps(appeal.receipt), content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="{appeal.label}.json"'
    return answer


def events(appeal: Appeal) -> list[Event]:
    """Return what happened to a complaint, the oldest first."""
    found = [Event(appeal.received_at, _("We received your complaint."))]
    letters = Letter.objects.filter(appeal=appeal).select_related("task").order_by("written_at")
    found += [Event(one.written_at, _letter(one)) for one in letters]
    if appeal.resolved_at:
        found.append(Event(appeal.resolved_at, _("A person decided on your complaint.")))
    return sorted(found, key=lambda event: event.at)


def _letter(letter: Letter) -> str:
    """Say what became of a mail, and never more than its receipt."""
    if letter.task.state == TaskState.DEAD:
        return _("We could not send you a mail: the address did not take it.")
    if letter.task.state == TaskState.ACCEPTED:
        return _("We sent you a mail.")
    return _("A mail to you waits to be sent.")
