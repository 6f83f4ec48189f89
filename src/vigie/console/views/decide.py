# SPDX-License-Identifier: Apache-2.0
"""The human verb: a person decides a case, confirms or lifts, and takes back.

Every rule is in `flow.decide`; here the person sees the statement before it is
sent, nothing typed is lost, and the same form sent twice does its work once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from vigie.console import desk_form, drafts, once, present, preview, queries, undo
from vigie.console import page as pages
from vigie.console.desk import needs, person, show
from vigie.console.desk_form import Form, Problem
from vigie.console.views.decisions import find
from vigie.core.errors import ConflictError, VigieError
from vigie.flow import house
from vigie.flow.decide import PersonDecision, Verb
from vigie.flow.decide import decide as commit
from vigie.flow.decided import head_of
from vigie.law import Exemption
from vigie.law.wording import LANGUAGES
from vigie.store.models import DecisionRecord, Queue
from vigie.store.permissions import Permission

if TYPE_CHECKING:
    from vigie.console.page import Page

MEANWHILE: Final = ("decided_meanwhile", "no_proposal", "nothing_to_lift", "nothing_to_confirm")
FURTHER: Final = (Verb.LIFT, Verb.CONFIRM, Verb.UNDO)


@needs(Permission.CASE_DECIDE)
@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: HttpRequest, number: int) -> HttpResponse:
    """Show the desk of one case; on the second look at its statement, decide."""
    user = person(request)
    record = find(user, number)
    page = pages.load(record, may_read_words=user.has_perm(Permission.CONTENT_READ))
    if request.method != "POST":
        if not page.can_be_followed:
            return HttpResponseRedirect(_link(head_of(page.origin)))
        return _desk(request, page, _first_form(request, page))
    led = once.answer(request, request.POST.get("once", ""))
    if led is not None:
        return HttpResponseRedirect(led)
    form = desk_form.read(request.POST, desk_form.may_choose(page))
    problems = form.problems(desk_form.may_choose(page))
    if problems:
        return _desk(request, page, form, problems, status=422)
    if "show" in request.POST or (form.action == desk_form.WITHHOLD and not _seen(form)):
        return _desk(request, page, form, look=True)
    return _commit(request, page, form)


def _seen(form: Form) -> bool:
    """Say whether the statement that was shown is the one that would be sent."""
    return form.seen == form.fingerprint


def _first_form(request: HttpRequest, page: Page) -> Form:
    """Return a fresh form, with what was typed before a session ended."""
    form = desk_form.fresh(page)
    words = drafts.take(request, person(request).username)
    if words is not None:
        form.action, form.territories = words["action"], words["territories"]
        form.reason, form.facts = words["reason"], words["facts"]
        form.exemption = words.get("exemption", "")
        form.imminent = words.get("imminent") == "1"
    return form


def _desk(
    request: HttpRequest,
    page: Page,
    form: Form,
    problems: list[Problem] | None = None,
    *,
    look: bool = False,
    status: int = 200,
) -> HttpResponse:
    made = desk_form.tiles(page, form)
    language = _statement_language(request, page)
    context: dict[str, object] = {
        "room": "waiting",
        "page": page,
        "form": form,
        "problems": problems or [],
        "wrong": {problem.field: problem.words for problem in problems or []},
        "look": look,
        "tiles": made,
        "legend": desk_form.legend(made),
        "chosen": len(form.territories),
        "preview": preview.statement(page, form, language),
        "preview_language": language,
        "languages": LANGUAGES,
        "exemptions": desk_form.EXEMPTIONS,
        "proposed": present.action(page.case.action) if page.case else "",
        "reasons": pages.reasons(page),
        "signals": pages.signals(page),
        "provisions": pages.countries(page),
        "terms": pages.terms(page),
        "surface": present.surface(page.record.surface),
        "masked": request.GET.get("mask") == "1",
        "mask_word": _("masked"),
        "signal_word": _("signal"),
        "undo": undo.notice(request),
        "neighbours": _neighbours(page),
        "undo_seconds": house.current().settings.undo_seconds,
    }
    return show(request, "decide.html", context, status=status)


def _statement_language(request: HttpRequest, page: Page) -> str:
    """Return the language to show the statement in: asked for, the author's, the page's."""
    asked = request.POST.get("statement") or request.GET.get("statement") or page.record.language
    wanted = asked if asked in LANGUAGES else translation.get_language()
    return wanted if wanted in LANGUAGES else "en"


def _neighbours(page: Page) -> dict[str, object]:
    """Return the cases before and after this one, the oldest first."""
    queue = Queue.CHILD if page.record.cls == queries.CHILD else Queue.GENERAL
    numbers = list(queries.open_cases(queue).values_list("decision_id", flat=True)[:500])
    at = numbers.index(page.origin.number) if page.origin.number in numbers else 0
    return {
        "place": at + 1,
        "count": len(numbers),
        "before": numbers[at - 1] if at > 0 else None,
        "after": numbers[at + 1] if at + 1 < len(numbers) else None,
    }


def _commit(request: HttpRequest, page: Page, form: Form) -> HttpResponse:
    """Record the decision and open the next case."""
    asked = PersonDecision(
        on=form.expected,
        verb=Verb(form.action),
        reason=form.reason,
        user=person(request),
        territories=desk_form.places(page, form),
        told=form.facts or None,
        imminent=form.imminent and form.action == desk_form.WITHHOLD,
        exemption=_exemption(form),
    )
    try:
        made = commit(house.current(), asked)
    except ConflictError as lost:
        return _lost(request, page.origin, asked, lost)
    except VigieError as refused:
        problem = Problem(refused.field or "reason", refused.message)
        return _desk(request, page, form, [problem], status=refused.http_status)
    at_once = asked.imminent or page.record.cls == queries.CHILD
    return _done(request, form.token, made, _next(page), at_once=at_once)


def _exemption(form: Form) -> Exemption | None:
    """Return the exception that was named; where nothing is restricted none is needed."""
    if not form.exemption or form.action != desk_form.WITHHOLD:
        return None
    return Exemption(form.exemption)


def _done(
    request: HttpRequest, token: str, made: DecisionRecord, where: str, *, at_once: bool = False
) -> HttpResponse:
    once.keep(request, token, where)
    undo.remember(request, made.number, at_once=at_once)
    return HttpResponseRedirect(where)


def _next(page: Page) -> str:
    """Return the desk of the next case, or the list that says that none waits."""
    if page.record.cls == queries.CHILD:
        return reverse("console:child")
    following = queries.open_cases().values_list("decision_id", flat=True).first()
    if following is None:
        return reverse("console:decisions") + "?waiting=1"
    return reverse("console:decide", args=[following])


def _lost(
    request: HttpRequest, origin: DecisionRecord, asked: PersonDecision, lost: ConflictError
) -> HttpResponse:
    """Tell who was first; the same form sent twice by one person is no conflict."""
    if lost.code not in MEANWHILE:
        raise lost
    head = head_of(origin)
    mine = head.decided_by == asked.user.username and head.reason == asked.reason.strip()
    if mine:
        undo.remember(request, head.number, at_once=asked.imminent)
        return HttpResponseRedirect(_link(head))
    context: dict[str, object] = {
        "room": "waiting",
        "first": head,
        "seconds": max(0, (house.current().now() - head.at) // 1000),
        "state": present.state(head),
        "theirs": head.territories,
        "mine": list(asked.territories),
        "my_action": asked.verb.value,
        "my_reason": asked.reason,
        "my_facts": asked.told or "",
        "link": _link(head),
    }
    return show(request, "conflict.html", context, status=409)


def _link(record: DecisionRecord) -> str:
    return reverse("console:decision", args=[record.number])


@needs(Permission.CASE_DECIDE)
@require_http_methods(["GET", "HEAD", "POST"])
def further(request: HttpRequest, number: int, verb: str) -> HttpResponse:
    """Decide again on what stands: lift it, confirm it, or take it back."""
    user = person(request)
    record = find(user, number)
    if request.method != "POST":
        words = drafts.take(request, user.username) or {}
        return _ask(request, record, Verb(verb), str(words.get("reason", "")), [])
    token = request.POST.get("once", "")
    led = once.answer(request, token)
    if led is not None:
        return HttpResponseRedirect(led)
    reason = request.POST.get("reason", "").strip() or _quick_reason(request, record, Verb(verb))
    problems = desk_form.reason_problems(reason)
    if problems:
        return _ask(request, record, Verb(verb), reason, problems, status=422)
    asked = PersonDecision(on=record.number, verb=Verb(verb), reason=reason, user=user)
    try:
        made = commit(house.current(), asked)
    except ConflictError as lost:
        return _lost(request, record, asked, lost)
    return _done(request, token, made, _link(made))


def _quick_reason(request: HttpRequest, record: DecisionRecord, verb: Verb) -> str:
    """Return the reason of an undo at once by the one who decided; else none."""
    open_until = record.at + house.current().settings.undo_seconds * 1000
    mine = record.decided_by == person(request).username
    if verb is Verb.UNDO and mine and house.current().now() < open_until:
        return "undone at once by the person who decided"
    return ""


def _ask(
    request: HttpRequest,
    record: DecisionRecord,
    verb: Verb,
    reason: str,
    problems: list[Problem],
    *,
    status: int = 200,
) -> HttpResponse:
    """Ask for the reason, with what will happen beside it."""
    page = pages.load(record, may_read_words=False)
    context: dict[str, object] = {
        "room": "decisions",
        "page": page,
        "verb": verb.value,
        "reason": reason,
        "problems": problems,
        "token": once.token(),
        "where": present.where(record.territories),
        "action": reverse(f"console:{verb.value}", args=[record.number]),
    }
    return show(request, "further.html", context, status=status)
