# SPDX-License-Identifier: Apache-2.0
"""The brake of the AI gateway: stopping a feature, its incident, and starting it again by two."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from vigie.console import gateway_words as words
from vigie.console import roles
from vigie.console.desk import needs, person, show
from vigie.console.gateway_words import State
from vigie.core.errors import InvalidInputError, VigieError
from vigie.core.gateway import EVERYWHERE, Feature
from vigie.flow import house
from vigie.flow.gateway import brakes, timeline
from vigie.flow.gateway.actor import check_text
from vigie.store.models import BrakeState
from vigie.store.permissions import ROLES, Permission
from vigie.web import countries

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, QueryDict

    from vigie.store.models import GatewayBrake, GatewayIncidentLine, SecondPersonRequest, User

SOME: Final = "some"


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody wants stopped, as the form has it."""

    feature: str = Feature.CHAT.value
    where: str = ""
    countries: tuple[str, ...] = ()
    reason: str = ""

    @classmethod
    def read(cls, post: QueryDict) -> Typed:
        """Read the form."""
        return cls(
            feature=post.get("feature", ""),
            where=post.get("where", ""),
            countries=tuple(post.getlist("country")[: brakes.MAX_COUNTRIES + 1]),
            reason=post.get("reason", ""),
        )

    def checked(self) -> tuple[Feature, tuple[str, ...], str]:
        """Return feature, countries and reason. Raises InvalidInputError naming the field.

        A form in which nothing was chosen never means everywhere.
        """
        if self.where not in {SOME, EVERYWHERE} or (self.where == SOME and not self.countries):
            raise InvalidInputError(
                _("Choose countries, or everywhere."), code="no_place", field="countries"
            )
        wanted = self.countries if self.where == SOME else (EVERYWHERE,)
        feature, where = brakes.check_stop(self.feature, wanted)
        return feature, where, check_text(self.reason, brakes.MAX_REASON, "reason")


@needs(Permission.GATEWAY_STOP)
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest) -> HttpResponse:
    """Choose what to stop and where, see what users will read, and stop it."""
    if request.method != "POST":
        return _form(request, Typed())
    typed = Typed.read(request.POST)
    try:
        feature, where, reason = typed.checked()
        if request.POST.get("do") != "stop":
            again = request.POST.get("do") == "change"
            return _form(request, typed) if again else _confirm(request, feature, where, reason)
        row = brakes.stop(house.current(), person(request), feature, where, reason)
    except VigieError as problem:
        return _form(request, typed, problem)
    return HttpResponseRedirect(reverse("console:gateway_brake", args=[row.number]))


def _form(request: HttpRequest, typed: Typed, problem: VigieError | None = None) -> HttpResponse:
    served = house.current().settings.countries
    context: dict[str, object] = {
        "room": "gateway",
        "tab": "gateway",
        "typed": typed,
        "features": [(one.value, words.of(words.FEATURES, one)) for one in Feature],
        "tiles": [_tile(one, typed) for one in served if one in countries.TILES],
        "outside": [_tile(one, typed) for one in served if one not in countries.TILES],
        "problem": problem,
        "most": brakes.MAX_REASON,
    }
    return show(request, "gateway_stop.html", context, problem.http_status if problem else 200)


def _tile(code: str, typed: Typed) -> tuple[str, str, bool]:
    return code, countries.name(code), code in typed.countries


def _confirm(
    request: HttpRequest, feature: Feature, where: tuple[str, ...], reason: str
) -> HttpResponse:
    standing = brakes.covering(feature, where)
    context: dict[str, object] = {
        "room": "gateway",
        "tab": "gateway",
        "feature": feature.value,
        "title": words.of(words.FEATURES, feature),
        "place": words.place(where),
        "everywhere": EVERYWHERE in where,
        "where": where,
        "reason": reason,
        "standing": standing,
        "standing_label": brakes.label(standing) if standing else "",
    }
    return show(request, "gateway_stop_check.html", context)


@needs(Permission.GATEWAY_READ)
@require_safe
def brake(request: HttpRequest, number: int) -> HttpResponse:
    """Show one incident: what stands still, what happened, who may start it again."""
    return _page(request, brakes.find(number))


@needs(Permission.GATEWAY_STOP)
@require_POST
def note(request: HttpRequest, number: int) -> HttpResponse:
    """Add a note to an incident."""
    text = request.POST.get("note", "")
    return _done(request, number, lambda user: brakes.note(house.current(), user, number, text))


@needs(Permission.GATEWAY_START)
@require_POST
def ask(request: HttpRequest, number: int) -> HttpResponse:
    """Ask for a feature to start again."""
    why = request.POST.get("reason", "")
    return _done(
        request, number, lambda user: brakes.ask_release(house.current(), user, number, why)
    )


@needs(Permission.GATEWAY_START)
@require_POST
def release(request: HttpRequest, number: int) -> HttpResponse:
    """Let a feature start again, as the second person."""
    return _done(request, number, lambda user: brakes.release(house.current(), user, number))


def _done(request: HttpRequest, number: int, act: Callable[[User], object]) -> HttpResponse:
    row = brakes.find(number)
    try:
        act(person(request))
    except VigieError as problem:
        row.refresh_from_db()
        return _page(request, row, problem)
    return HttpResponseRedirect(reverse("console:gateway_brake", args=[number]))


def _page(
    request: HttpRequest, row: GatewayBrake, problem: VigieError | None = None
) -> HttpResponse:
    user = person(request)
    stands = row.state == BrakeState.IN_FORCE
    waiting = brakes.waiting_on(row) if stands else None
    state = words.stopped(row.countries) if stands else State("done", _("runs again"))
    context: dict[str, object] = {
        "room": "gateway",
        "tab": "gateway",
        "brake": row,
        "label": brakes.label(row),
        "title": words.of(words.FEATURES, row.feature),
        "place": words.place(row.countries),
        "state": state,
        "stands": stands,
        "started_by": words.who(row.started_by),
        "lines": [_line(one) for one in timeline.lines_of(row)],
        "waiting": waiting,
        "step": _step(user, row, waiting) if stands else "",
        "who_may": [roles.title(one) for one in ROLES if Permission.GATEWAY_START in ROLES[one]],
        "may_note": user.has_perm(Permission.GATEWAY_STOP),
        "problem": problem,
        "note": request.POST.get("note", ""),
        "reason": request.POST.get("reason", ""),
        "most": brakes.MAX_REASON,
        "most_note": brakes.MAX_NOTE,
    }
    return show(request, "gateway_brake.html", context, problem.http_status if problem else 200)


def _step(user: User, row: GatewayBrake, waiting: SecondPersonRequest | None) -> str:
    """Return what this person can do towards its start: a page of words, the verbs decide."""
    if not user.has_perm(Permission.GATEWAY_START):
        return "none"
    if waiting is None:
        return "ask"
    if waiting.asked_by_id == user.pk:
        return "asked"
    return "stopped" if row.started_by == user.username else "agree"


def _line(line: GatewayIncidentLine) -> dict[str, object]:
    shape, said = words.LINES.get(line.what, ("", line.what))
    return {"line": line, "state": State(shape, str(said)), "by": words.who(line.by)}
