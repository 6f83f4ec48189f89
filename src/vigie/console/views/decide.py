# SPDX-License-Identifier: Apache-2.0
"""The review page: a person decides a case, sees the statement first, and goes on.

Every rule is in `flow.decide`; here nothing typed is lost, and the same form
sent twice does its work once. Parts of the page come alone where script asks.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from vigie.console import cases, choices, desk_form, desk_page, drafts, once, undo, wording
from vigie.console import page as pages
from vigie.console.desk import needs, person, show
from vigie.console.desk_form import Form, Problem
from vigie.console.desk_page import Telling
from vigie.console.views.decisions import find
from vigie.console.views.lost import MEANWHILE, lost_to
from vigie.core.errors import ConflictError, InvalidInputError, NotFoundError, VigieError
from vigie.flow import decide_two, fact_texts, holds, house, looks
from vigie.flow.asked import MAX_REASON
from vigie.flow.decide import SECOND_PERSON, RelatedError, check_decision
from vigie.flow.decide import decide as commit
from vigie.flow.decided import by_number
from vigie.flow.queues import access, claims, serve
from vigie.store.models import LookKind, Queue
from vigie.store.permissions import Permission
from vigie.web.numbers import whole_number

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

    from vigie.console.page import Page
    from vigie.flow.decide import PersonDecision

DAY_MS: Final = 86_400_000
UNMASKED: Final = "unmasked_case"
PARTS: Final = {"territory": "_by_territory.html", "grounds": "_by_grounds.html"}
"""What script refreshes after a choice: the statement, with the list that follows from it."""


@needs(Permission.CASE_DECIDE)
@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: HttpRequest, number: int) -> HttpResponse:
    """Show the desk of one case; on the second look at its statement, decide."""
    page = _find(request, number)
    if request.method != "POST":
        if not page.is_open:
            return HttpResponseRedirect(_decision(page))
        if request.method == "GET":
            _take(request, page)
        return _desk(request, page, *_first_form(request, page))
    led = once.answer(request, request.POST.get("once", ""))
    if led is not None:
        return HttpResponseRedirect(led)
    form = desk_form.read(request.POST)
    form.masked = form.masked or _masks(request, page)
    return _answer(request, page, form)


def _find(request: HttpRequest, number: int) -> Page:
    """Return the page of a case that this person may see; for others there is none."""
    user = person(request)
    mine = access.queues_of(user)
    record = find(user, number, mine)
    page = pages.case_alone(record, may_read_words=user.has_perm(Permission.CONTENT_READ))
    page.mine = mine
    if page.case is not None and page.is_open and not access.may_see(user, page.case, page.mine):
        raise NotFoundError(_("There is no decision of this number, or you may not see it."))
    return page


def _take(request: HttpRequest, page: Page) -> None:
    """Claim the case for who opens it; somebody else's claim is shown, not broken."""
    user, case = person(request), page.case
    if case is None:
        return
    now = house.current().now()
    holder = claims.holder(case, now)
    if holder is None and user.has_perm(Permission.CASE_DECIDE):
        claims.take(house.current(), case, user)


def _first_form(request: HttpRequest, page: Page) -> tuple[Form, Telling]:
    """Return a fresh form, with what was typed before a session ended."""
    masked = request.GET.get("mask") == "1" or _masks(request, page)
    form = choices.fresh(page, masked=masked)
    words = drafts.take(request)
    if words is None:
        return form, Telling()
    kept = replace(desk_form.read(words), masked=masked, token=form.token, expected=form.expected)
    return kept, Telling(done=_("What you wrote is here again. Nothing was decided."))


def _answer(request: HttpRequest, page: Page, form: Form) -> HttpResponse:
    """Answer a sent form: a part, a small change of the form, or the decision."""
    choices.add_grounds(page, form)
    part = PARTS.get(request.POST.get("refresh", ""))
    if part is not None:
        return render(request, f"console/{part}", desk_page.parts(request, page, form))
    for name, change in _CHANGES.items():
        if name in request.POST:
            return _desk(request, page, form, change(request, page, form))
    problems = form.problems()
    if problems:
        return _desk(request, page, form, Telling(problems=problems), status=422)
    if "show" in request.POST:
        return _desk(request, page, form, Telling(look=True))
    return _commit(request, page, form)


def _desk(
    request: HttpRequest, page: Page, form: Form, telling: Telling | None = None, status: int = 200
) -> HttpResponse:
    context = desk_page.gather(request, page, form, telling or Telling())
    return show(request, "decide.html", context, status=status)


def _commit(request: HttpRequest, page: Page, form: Form) -> HttpResponse:
    """Record the decision and open the next case; a statement nobody has seen comes first."""
    asked = desk_form.request_of(form, person(request), choices.places(page, form))
    try:
        if form.restricts and form.seen != form.fingerprint:
            check_decision(house.current(), asked)
            return _desk(request, page, form, Telling(look=True))
        made = commit(house.current(), asked)
    except VigieError as refused:
        return _refused(request, page, form, asked, refused)
    at_once = asked.imminent or page.is_child
    where = _next(request, page)
    undo.done(request, form.token, made.number, where, at_once=at_once)
    return HttpResponseRedirect(where)


def _refused(
    request: HttpRequest, page: Page, form: Form, asked: PersonDecision, refused: VigieError
) -> HttpResponse:
    """Say why nothing was decided; everything that was typed stays on the page."""
    if refused.code in MEANWHILE and isinstance(refused, ConflictError):
        return lost_to(request, page.origin, asked, refused)
    if refused.code == SECOND_PERSON:
        return _ask_second(request, page, form, asked)
    if refused.code == "claimed":
        case = page.case
        holder = case.claimed_by.username if case is not None and case.claimed_by else ""
        return _desk(request, page, form, Telling(holder=holder or _("Somebody")), status=409)
    if isinstance(refused, RelatedError):
        problems = [
            Problem("also", f"D-{number}: {wording.of(one)}")
            for number, one in refused.problems.items()
        ]
        return _desk(request, page, form, Telling(problems=problems), status=409)
    problem = Problem(wording.FIELDS.get(refused.field or "", "reason"), wording.of(refused))
    return _desk(request, page, form, Telling(problems=[problem]), status=refused.http_status)


def _ask_second(
    request: HttpRequest, page: Page, form: Form, asked: PersonDecision
) -> HttpResponse:
    """Hand the decision to a second person, and go on with the next case."""
    decide_two.ask_second(house.current(), asked)
    where = _next(request, page)
    once.keep(request, form.token, where)
    return HttpResponseRedirect(where)


def _next(request: HttpRequest, page: Page) -> str:
    """Return the page of the next case, held for the person; or the list that says why none."""
    if page.is_child:
        return reverse("console:child")
    slug = page.case.queue if page.case is not None else Queue.GENERAL.value
    user, current = person(request), house.current()
    following = serve.next_case(current, user, slug) or serve.next_case(current, user)
    if following is not None:
        return cases.review_link(following)
    return f"{reverse('console:queues')}?{urlencode({'queue': slug, 'none': '1'})}"


def _decision(page: Page) -> str:
    return reverse("console:decision", args=[page.head.number])


def _masks(request: HttpRequest, page: Page) -> bool:
    """Say whether words stay masked: by default, until a recorded look at this case."""
    return person(request).mask_words and request.session.get(UNMASKED) != page.origin.number


def _masked(request: HttpRequest, page: Page, form: Form) -> Telling:
    """Mask words, or show them; where they are masked by default, a look is recorded."""
    user = person(request)
    form.masked = request.POST["mask"] == "on"
    if not form.masked and user.mask_words and page.said:
        looks.look(
            house.current(),
            user,
            kind=LookKind.WORDS,
            reason="",
            case=page.case,
            decision=page.head,
        )
        request.session[UNMASKED] = page.origin.number
    return Telling()


def _text(request: HttpRequest, page: Page, form: Form) -> Telling:
    """Put a text to start from into the facts, in every language; nothing written goes."""
    known = fact_texts.texts(house.current()).get(request.POST.get("text", ""))
    if known is None:
        return Telling(problems=[Problem("facts", _("Choose a text of the list."))])
    main = desk_page.facts_language(page)
    form.facts = _joined(form.facts, known.text.get(main) or known.text.get("en", ""))
    for language, words in known.text.items():
        if language != main:
            form.facts_in[language] = _joined(form.facts_in.get(language, ""), words)
    return Telling()


def _joined(written: str, words: str) -> str:
    if words in written:
        return written
    return f"{written} {words}".strip()[:MAX_REASON]


def _more(request: HttpRequest, page: Page, form: Form) -> Telling:
    """Put a provision on the list of grounds, chosen; or all of the same class, not chosen."""
    if request.POST["add_ground"] == "class":
        form.more += [one for one in choices.alike(page, form) if one not in form.more]
        return Telling()
    name = request.POST.get("other", "")[:200]
    if desk_form.grounds_of([name]) and name not in form.more:
        form.more.append(name)
        form.grounds.append(name)
    return Telling()


def _hold(request: HttpRequest, page: Page, _form: Form) -> Telling:
    """Hold what the decision is about: nobody deletes it until the hold is lifted."""
    user, current = person(request), house.current()
    days = whole_number(request.POST.get("hold_days", ""))
    if days not in desk_page.HOLD_DAYS:
        return Telling(problems=[Problem("hold", _("Say when the hold is looked at again."))])
    try:
        holds.place_hold(
            current,
            basis=request.POST.get("hold_basis", ""),
            owner=by_number(user),
            review_at=current.now() + days * DAY_MS,
            item_id=page.record.item_id,
            service=page.record.service,
            by=by_number(user),
        )
    except InvalidInputError as problem:
        return Telling(problems=[Problem("hold", wording.of(problem))])
    return Telling(done=_("The item is held. Nobody deletes it until the hold is lifted."))


_CHANGES: Final[dict[str, Callable[[HttpRequest, Page, Form], Telling]]] = {
    "mask": _masked,
    "use_text": _text,
    "add_ground": _more,
    "hold": _hold,
}
"""What a button of the form does beside deciding; what was typed stays."""
