# SPDX-License-Identifier: Apache-2.0
"""The AI gateway: what runs where, alarms, whom it asks, how it is set up, what was registered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from vigie.console import gateway_words as words
from vigie.console.desk import needs, person, show
from vigie.console.gateway_words import State
from vigie.core.errors import VigieError
from vigie.core.gateway import EVERYWHERE, AlarmKind, Ending, Feature, day_of
from vigie.flow import changes as register
from vigie.flow import house
from vigie.flow.gateway import alarms, brakes, excerpts, profiles, standing, timeline, upstreams
from vigie.flow.gateway.digest import digest
from vigie.store.models import ApiKey, ApiScope, BrakeState, GatewayUsage, RegisteredChange
from vigie.store.permissions import Permission
from vigie.web import countries
from vigie.web.templatetags.vigie_tags import whole

if TYPE_CHECKING:
    from django.http import HttpRequest

    from vigie.core.gateway import Profile
    from vigie.store.models import GatewayAlarm, GatewayBrake, GatewayUpstream

ALARMS: Final = 100
INCIDENTS: Final = 20
CHANGES: Final = 50


@dataclass(frozen=True, slots=True)
class FeatureRow:
    """One feature: whether it stands still, and by which brakes."""

    title: str
    state: State
    brakes: list[GatewayBrake]


@dataclass(frozen=True, slots=True)
class Alarm:
    """One open alarm in words."""

    row: GatewayAlarm
    label: str
    kind: str
    about: str
    digest: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """One upstream and how it fares."""

    row: GatewayUpstream
    host: str
    models: str
    key: bool
    state: State


@needs(Permission.GATEWAY_READ)
@require_safe
def gateway(request: HttpRequest) -> HttpResponse:
    """Show what runs where, what raised an alarm, and how much today was."""
    return _page(request)


@needs(Permission.GATEWAY_STOP)
@require_POST
def close_alarm(request: HttpRequest, number: int) -> HttpResponse:
    """Close an alarm with a note."""
    try:
        alarms.close(house.current(), person(request), number, request.POST.get("note", ""))
    except VigieError as problem:
        return _page(request, problem, number)
    return HttpResponseRedirect(reverse("console:gateway"))


def _page(request: HttpRequest, problem: VigieError | None = None, wrong: int = 0) -> HttpResponse:
    user, here = person(request), house.current()
    stops = list(brakes.standing())
    today = digest(here, day_of(here.now()))
    context: dict[str, object] = {
        "room": "gateway",
        "tab": "gateway",
        "features": [_feature(one, stops) for one in Feature if one is not Feature.ALL],
        "matrix": _matrix(stops),
        "alarms": [_alarm(one) for one in alarms.standing().select_related("key")[:ALARMS]],
        "upstreams": asked(),
        "incidents": [_incident(one) for one in timeline.incidents(INCIDENTS)],
        "asked": words.number(today.asked.total),
        "refused": words.total(today.sum_of(Ending.REFUSED)),
        "cut": words.total(today.sum_of(Ending.CUT)),
        "unjudged": words.number(today.unjudged),
        "open_cases": excerpts.waiting().count(),
        "may_stop": user.has_perm(Permission.GATEWAY_STOP),
        "problem": problem,
        "wrong": wrong,
        "note": request.POST.get("note", ""),
    }
    return show(request, "gateway.html", context, problem.http_status if problem else 200)


def _feature(feature: Feature, stops: list[GatewayBrake]) -> FeatureRow:
    mine = [one for one in stops if one.feature in {feature.value, Feature.ALL.value}]
    where = {code for one in mine for code in one.countries}
    return FeatureRow(words.of(words.FEATURES, feature), words.stopped(where), mine)


def _matrix(stops: list[GatewayBrake]) -> list[tuple[str, list[State]]]:
    """Return country by country where each feature runs; empty where none differs."""
    named = {code for one in stops for code in one.countries} - {EVERYWHERE}
    found = []
    for code in [*countries.by_name(named), EVERYWHERE] if named else ():
        cells = [_cell(one, code, stops) for one in Feature if one is not Feature.ALL]
        found.append((countries.name(code), cells))
    return found


def _cell(feature: Feature, country: str, stops: list[GatewayBrake]) -> State:
    still = any(
        one.feature in {feature.value, Feature.ALL.value}
        and (EVERYWHERE in one.countries or country in one.countries)
        for one in stops
    )
    return State("withheld", _("stopped")) if still else State("", _("runs"))


def _alarm(row: GatewayAlarm) -> Alarm:
    known = row.kind == AlarmKind.UNREGISTERED
    about = row.subject if known else words.of(words.STAGES, row.subject)
    kind = words.of(words.ALARMS, row.kind)
    return Alarm(row, alarms.label(row), kind, about, known)


def _incident(row: GatewayBrake) -> dict[str, object]:
    stands = row.state == BrakeState.IN_FORCE
    state = words.stopped(row.countries) if stands else State("done", _("runs again"))
    return {
        "row": row,
        "label": brakes.label(row),
        "feature": words.of(words.FEATURES, row.feature),
        "place": words.place(row.countries),
        "state": state,
        "by": words.who(row.started_by),
    }


def asked() -> list[Asked]:
    """Return the upstreams in use, each with what the doors said of it."""
    here, failing = house.current(), standing.failing()
    found = []
    for row in upstreams.rows():
        said = failing.get(row.name)
        state = State("done", _("no failure reported"))
        if said is not None:
            failed = ngettext("failed %(count)s time", "failed %(count)s times", said.count)
            state = State("failed", failed % {"count": whole(said.count)})
        host = urlsplit(str(row.document.get("url", ""))).hostname or ""
        models = ", ".join(row.document.get("models", ()))
        key = upstreams.has_key(here.settings, row.name)
        found.append(Asked(row, host, models, key, state))
    return found


@needs(Permission.GATEWAY_READ)
@require_safe
def setup(request: HttpRequest) -> HttpResponse:
    """Show keys, upstreams and profiles, and by which commands they change; no secret."""
    here = house.current()
    conf = profiles.conf()
    versions = {row.name: row.version for row in profiles.rows()}
    used = {row.key_id: row for row in GatewayUsage.objects.filter(day=day_of(here.now()))}
    live = ApiKey.objects.filter(revoked_at=None).order_by("name", "pk")
    context: dict[str, object] = {
        "room": "gateway",
        "tab": "setup",
        "keys": [(one, used.get(one.pk)) for one in live if ApiScope.AI in one.scopes],
        "upstreams": asked(),
        "profiles": [_profile(one, versions.get(one.name, 0)) for one in conf.profiles],
        "trips": conf.trips,
        "trip_risks": profiles.trip_risks(conf.trips),
    }
    return show(request, "gateway_setup.html", context)


def _profile(profile: Profile, version: int) -> dict[str, object]:
    return {
        "profile": profile,
        "version": version,
        "mode": words.of(words.MODES, profile.mode),
        "risks": profiles.risks(profile),
        "refuses": profile.unregistered.value == "refuse",
        "country": countries.name(profile.country) if profile.country else "",
    }


@needs(Permission.GATEWAY_READ)
@require_safe
def changes(request: HttpRequest) -> HttpResponse:
    """Show registered changes, and configurations that nobody registered."""
    now = house.current().now()
    rows = RegisteredChange.objects.filter(kind__in=register.WHOLE)
    latest = rows.order_by("-effective_at", "-pk")[:CHANGES]
    unknown = alarms.standing().filter(kind=AlarmKind.UNREGISTERED).select_related("key")
    context: dict[str, object] = {
        "room": "gateway",
        "tab": "changes",
        "rows": [(one, _in_force(one, now)) for one in latest],
        "unknown": [_alarm(one) for one in unknown[:ALARMS]],
    }
    return show(request, "gateway_changes.html", context)


def _in_force(row: RegisteredChange, now: int) -> State:
    if row.effective_at > now:
        return State("waits", _("not yet in force"))
    if row.ends_at is not None and row.ends_at <= now:
        return State("done", _("over"))
    return State("withheld", _("in force"))
