# SPDX-License-Identifier: Apache-2.0
"""Strikes: what the ladder proposes, what is in force, and what counts how much.

Every rule is in `flow.strikes`; a program only proposes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from vigie.console import drafts, names
from vigie.console.desk import needs, person, show
from vigie.core.errors import InvalidInputError, NotFoundError, VigieError
from vigie.flow import child_items, house
from vigie.flow.strikes import told, unfounded, weights
from vigie.flow.strikes.measures import (
    ASSESSED,
    MAX_TEXT,
    MeasureDecision,
    days_of,
    decide_measure,
    lift_measure,
)
from vigie.flow.strikes.points import points
from vigie.flow.strikes.weights import Step
from vigie.store.models import (
    DecisionRecord,
    Measure,
    MeasureKind,
    MeasureState,
    SubjectKind,
)
from vigie.store.permissions import Permission

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest, QueryDict

SHOWN: Final = 200
ROWS: Final = 6
"""Steps of a ladder that the form offers."""
SHORT: Final = 10


@dataclass(frozen=True, slots=True)
class Row:
    """One measure in a list."""

    measure: Measure
    who: str
    points_now: int


@dataclass(frozen=True, slots=True)
class Ladder:
    """The steps for one kind of person, as the form shows them."""

    kind: str
    title: str
    steps: list[Step]
    blank: range


@needs(Permission.CASE_READ)
@require_safe
def strikes(request: HttpRequest) -> HttpResponse:
    """Show what is proposed, what is in force, weights and ladder."""
    return _page(request)


def _page(
    request: HttpRequest, problem: VigieError | None = None, said: str = "", status: int = 200
) -> HttpResponse:
    user = person(request)
    context: dict[str, object] = {
        "room": "strikes",
        "proposed": _rows(MeasureState.PROPOSED, "proposed_at"),
        "in_force": _rows(MeasureState.IN_FORCE, "until"),
        "ended": _rows(MeasureState.LIFTED, "-lifted_at")[:20],
        "weights": weights.all_weights(),
        "usual": (weights.OTHERS, weights.NOTICES),
        "ladders": _ladders(),
        "may_change": user.has_perm(Permission.SETTING_MANAGE),
        "may_decide": user.has_perm(Permission.MEASURE_DECIDE),
        "problem": problem,
        "said": said or _said(request.GET.get("done", "")),
    }
    return show(request, "strikes.html", context, status=status)


def _said(code: str) -> str:
    return {
        "weight": _("The weight holds from now on; past strikes keep theirs."),
        "ladder": _("The ladder holds from now on."),
        "unfounded": _("The notice counts now for whoever sent it."),
        "back": _("The notice no longer counts."),
    }.get(code, "")


def _rows(state: MeasureState, order: str) -> list[Row]:
    now = house.current().now()
    found = Measure.objects.filter(state=state).order_by(order)[:SHOWN]
    return [Row(one, who(one), _points(one, now)) for one in found]


def _points(measure: Measure, now: int) -> int:
    return points(SubjectKind(measure.subject_kind), measure.subject, measure.service, now)


def who(measure: Measure) -> str:
    """Name whom it concerns: by pseudonym, shortened."""
    return measure.subject[:SHORT] or _("erased")


def _ladders() -> list[Ladder]:
    titles = {SubjectKind.AUTHOR: _("Authors"), SubjectKind.NOTIFIER: _("Notifiers")}
    return [
        Ladder(kind.value, title, steps, range(max(1, ROWS - len(steps))))
        for kind, title in titles.items()
        for steps in [weights.ladder(kind)]
    ]


@needs(Permission.CASE_READ)
@require_http_methods(["GET", "HEAD", "POST"])
def measure(request: HttpRequest, number: int) -> HttpResponse:
    """Show one measure; confirm, refuse or lift it."""
    row = Measure.objects.filter(pk=number).first()
    if row is None:
        raise NotFoundError(_("There is no such measure."), code="no_measure")
    if request.method != "POST":
        return _measure(request, row, typed=drafts.take(request))
    try:
        _carry_out(request, row)
    except (InvalidInputError, VigieError) as problem:
        return _measure(request, row, problem, status=problem.http_status)
    return HttpResponseRedirect(reverse("console:measure", args=[row.pk]))


def _carry_out(request: HttpRequest, row: Measure) -> None:
    user, current, post = person(request), house.current(), request.POST
    reason = post.get("reason", "")
    if post.get("do") == "lift":
        lift_measure(current, user, row.pk, reason)
        return
    decide_measure(
        current,
        MeasureDecision(
            measure=row.pk,
            user=user,
            confirm=post.get("do") == "confirm",
            reason=reason,
            assessment={name: post.get(name, "") for name in ASSESSED},
            days=_number(post.get("days", "")),
        ),
    )


def _measure(
    request: HttpRequest,
    row: Measure,
    problem: VigieError | None = None,
    *,
    typed: Mapping[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    given = typed or request.POST
    user, current = person(request), house.current()
    counted = told.strikes_of(row)
    context: dict[str, object] = {
        "room": "strikes",
        "row": row,
        "who": who(row),
        "by": names.name(row.decided_by, user),
        "counted": counted,
        "points_now": _points(row, current.now()),
        "platform": _platform_says(row),
        "of_all": _of_all(row),
        "days": days_of(row),
        "questions": _questions(given),
        "text": row.content.get(user.language) or row.content.get("en"),
        "may_decide": user.has_perm(Permission.MEASURE_DECIDE),
        "reason": given.get("reason", ""),
        "days_given": given.get("days", ""),
        "problem": problem,
        "most": MAX_TEXT,
    }
    return show(request, "measure.html", context, status=status)


def _questions(given: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Return the points of Art. 23(3) with what was typed at each."""
    asked = {
        "absolute": _("(a) How many, in absolute numbers, in a given time?"),
        "relative": _("(b) How many in relation to everything the person published or reported?"),
        "gravity": _("(c) How grave, and with what consequences?"),
        "intention": _("(d) With what intention, as far as it can be known?"),
    }
    return [(name, asked[name], given.get(name, "")) for name in ASSESSED]


def _platform_says(row: Measure) -> int | None:
    """Return the strikes that the platform itself gave the author, as it last said."""
    kept = child_items.shown().filter(pseudonym=row.subject).order_by("-kept_since").first()
    if row.subject_kind != SubjectKind.AUTHOR or kept is None:
        return None
    said = kept.author.get("strikes")
    return said if isinstance(said, int) else None


def _of_all(row: Measure) -> tuple[int, int] | None:
    """Return how many of the author's recorded items were restricted by persons."""
    if row.subject_kind != SubjectKind.AUTHOR or not row.subject:
        return None
    items = DecisionRecord.objects.filter(author=row.subject, service=row.service)
    return len(row.strikes), items.values("item_id").distinct().count()


@needs(Permission.SETTING_MANAGE)
@require_POST
def weight(request: HttpRequest) -> HttpResponse:
    """Set or remove what decisions under a policy count."""
    user, current, post = person(request), house.current(), request.POST
    policy = post.get("policy", "")
    try:
        if post.get("do") == "remove":
            weights.unset_weight(current, user, policy)
        else:
            weights.set_weight(current, user, policy, _whole(post, "weight"), _whole(post, "days"))
    except VigieError as problem:
        return _page(request, problem, status=problem.http_status)
    return _done("weight")


@needs(Permission.SETTING_MANAGE)
@require_POST
def ladder(request: HttpRequest) -> HttpResponse:
    """Set the ladder for authors or for notifiers."""
    post = request.POST
    try:
        kind = SubjectKind(post.get("kind", ""))
        rows = zip(post.getlist("points"), post.getlist("what"), post.getlist("days"), strict=False)
        steps = [_step(*one) for one in rows if one[0].strip()]
        weights.set_ladder(house.current(), person(request), kind, steps)
    except VigieError as problem:
        return _page(request, problem, status=problem.http_status)
    except ValueError:
        wrong = InvalidInputError(_("Choose a kind."), field="kind")
        return _page(request, wrong, status=422)
    return _done("ladder")


@needs(Permission.MEASURE_DECIDE)
@require_POST
def call_unfounded(request: HttpRequest) -> HttpResponse:
    """Call a notice manifestly unfounded, or take that back."""
    post = request.POST
    verb = unfounded.take_back if post.get("do") == "back" else unfounded.call_unfounded
    try:
        given = post.get("notice", "").strip().upper().removeprefix("N-")
        number = _number(given)
        if number is None:
            raise InvalidInputError(_("Give the number of a notice."), field="notice")
        verb(house.current(), person(request), number, post.get("reason", ""))
    except VigieError as problem:
        return _page(request, problem, status=problem.http_status)
    return _done("back" if post.get("do") == "back" else "unfounded")


def _step(points_: str, what: str, days: str) -> Step:
    kind = MeasureKind(what)
    found = _number(points_)
    if found is None:
        raise InvalidInputError(_("Give whole numbers."), field="points")
    length = (_number(days) or 0) if kind is MeasureKind.SUSPENSION else 0
    return Step(found, kind, length)


def _whole(post: QueryDict, name: str) -> int:
    found = _number(post.get(name, ""))
    if found is None:
        raise InvalidInputError(_("Give whole numbers."), field=name)
    return found


def _number(text: str) -> int | None:
    plain = text.strip()
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) < 10 else None


def _done(code: str) -> HttpResponseRedirect:
    return HttpResponseRedirect(f"{reverse('console:strikes')}?done={code}")
