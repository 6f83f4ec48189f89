# SPDX-License-Identifier: Apache-2.0
"""Figures and alarms of the overview, each with what it is of and where it leads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from vigie.console import ageing
from vigie.console.clocks import span
from vigie.console.overview.period import Period, change, percent, search
from vigie.flow.overview import sums
from vigie.flow.overview.alarms import Alarm, Code
from vigie.flow.overview.days import RESTRICTING, total
from vigie.flow.queues import access, figures
from vigie.store.models import DecisionKind, Queue
from vigie.store.permissions import Permission
from vigie.web.templatetags.vigie_tags import whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vigie.flow.overview.days import Day
    from vigie.store.models import ReviewQueue, User

RESTRICTED: Final = f"decision.outcome in ({', '.join(RESTRICTING)}) and decision.sample = no"
EVERYBODY: Final = tuple(DecisionKind)


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that links to its records, with what it is of."""

    label: str
    number: str
    link: str
    of: str


@dataclass(frozen=True, slots=True)
class Line:
    """Something that needs a person."""

    words: str
    note: str
    link: str
    grave: bool


def figures_of(period: Period, user: User, these: list[Day]) -> list[Figure]:
    """Return the six figures."""
    return [
        _waiting(user),
        _screened(period, these),
        _restricted(period, these),
        _answers(period),
        _clocks(period),
        _overturned(period),
    ]


def _waiting(user: User) -> Figure:
    slugs = [row.slug for row in seen_queues(user)]
    count = figures.total(slugs)
    return Figure(
        _("Waiting for a person"),
        ageing.number(count),
        reverse("console:queues")
        if user.has_perm(Permission.CASE_READ)
        else search("state = open"),
        _("in the queues that are open to you"),
    )


def seen_queues(user: User) -> list[ReviewQueue]:
    """Return the queues that a person sees, without class child."""
    return [row for row in access.queues_of(user) if row.slug != Queue.CHILD]


def _screened(period: Period, these: list[Day]) -> Figure:
    screened = sums.screened(period.since)
    acted = total(these, EVERYBODY, RESTRICTING)
    words = _("harmless ones too, in sealed segments")
    if screened:
        quiet = max(0.0, 1 - acted / screened)
        words = _("%(share)s with no effect") % {"share": percent(quiet)}
    link = reverse("console:log") + "#segments"
    return Figure(_("Verdicts in the archive"), whole(screened), link, words)


def _restricted(period: Period, these: list[Day]) -> Figure:
    acted = total(these, EVERYBODY, RESTRICTING)
    by_person = total(these, [DecisionKind.PERSON], RESTRICTING)
    before = total(period.before(), EVERYBODY, RESTRICTING)
    words = _("none")
    if acted:
        words = _("%(share)s by a person") % {"share": percent(by_person / acted)}
        if before:
            words = _("%(words)s; %(change)s against the period before") % {
                "words": words,
                "change": change(acted, before),
            }
    return Figure(_("Decisions that restrict"), whole(acted), period.search(RESTRICTED), words)


def _answers(period: Period) -> Figure:
    found = sums.answers(period.since)
    link = _place("notices") or search("kind = notice")
    label = _("Time to decide a notice")
    if found is None:
        return Figure(label, "—", link, _("no notice was decided"))
    words = _("median of %(count)s; 95 of 100 within %(time)s") % {
        "count": whole(found.count),
        "time": span(found.p95_ms),
    }
    return Figure(label, span(found.median_ms), link, words)


def _clocks(period: Period) -> Figure:
    found = sums.clocks(period.since)
    link = search("state = decided")
    if not found.closed:
        return Figure(_("Clocks kept"), "—", link, _("no case with a clock was decided"))
    kept = percent((found.closed - found.late) / found.closed)
    words = _("%(late)s of %(closed)s missed, %(law)s fixed by law") % {
        "late": whole(found.late),
        "closed": whole(found.closed),
        "law": whole(found.late_by_law),
    }
    return Figure(_("Clocks kept"), kept, link, words)


def _overturned(period: Period) -> Figure:
    share = sums.overturned(period.since)[0].share
    link = search("kind = appeal and state = decided")
    label = _("Overturned on appeal")
    if not share.decided:
        return Figure(label, "—", link, _("no appeal was decided"))
    words = _("%(won)s of %(heard)s, 95 %%: %(low)s to %(high)s") % {
        "won": whole(share.upheld),
        "heard": whole(share.decided),
        "low": percent(share.low),
        "high": percent(share.high),
    }
    return Figure(label, percent(share.upheld / share.decided), link, words)


def lines(alarms: Sequence[Alarm], now: int, user: User) -> list[Line]:
    """Return the alarms in words, the gravest first."""
    return [_line(one, now, user) for one in alarms]


def _line(alarm: Alarm, now: int, user: User) -> Line:
    count, number = alarm.count.number, ageing.number(alarm.count)
    texts = {
        Code.JOBS: _("The program that records, sends and signs does not keep up."),
        Code.FORK: _("Signing has stopped: somebody outside has seen another history of the log."),
        Code.LOG: ngettext(
            "%(count)s entry waits for a signed checkpoint.",
            "%(count)s entries wait for a signed checkpoint.",
            count,
        ),
        Code.SEARCH: ngettext(
            "%(count)s search by an authority stands: nothing is deleted meanwhile.",
            "%(count)s searches by authorities stand: nothing is deleted meanwhile.",
            count,
        ),
        Code.PROMISE: ngettext(
            "%(count)s promise of inclusion was not kept in time.",
            "%(count)s promises of inclusion were not kept in time.",
            count,
        ),
        Code.CLOCK_LATE: ngettext(
            "%(count)s clock of a duty is past its time.",
            "%(count)s clocks of duties are past their time.",
            count,
        ),
        Code.CLOCK_SOON: ngettext(
            "%(count)s clock of a duty is due within 24 hours.",
            "%(count)s clocks of duties are due within 24 hours.",
            count,
        ),
        Code.UNTOLD: ngettext(
            "%(count)s silence ended, and nothing tells the person: no address asked for it.",
            "%(count)s silences ended, and nothing tells the persons: no address asked for it.",
            count,
        ),
        Code.VAULT_CAP: ngettext(
            "%(count)s person has opened as much evidence today as a day allows.",
            "%(count)s persons have opened as much evidence today as a day allows.",
            count,
        ),
        Code.VAULT_REFUSED: ngettext(
            "The vault refused %(count)s opening within a day.",
            "The vault refused %(count)s openings within a day.",
            count,
        ),
        Code.DRIFT: ngettext(
            "%(count)s clock outside differs from ours by more than a minute.",
            "%(count)s clocks outside differ from ours by more than a minute.",
            count,
        ),
        Code.OUTSIDE: ngettext(
            "%(count)s witness or time-stamp authority does not answer.",
            "%(count)s witnesses or time-stamp authorities do not answer.",
            count,
        ),
        Code.DEAD: ngettext(
            "%(count)s message was given up, undelivered.",
            "%(count)s messages were given up, undelivered.",
            count,
        ),
        Code.ENDPOINT: ngettext(
            "%(count)s address of the platform is switched off.",
            "%(count)s addresses of the platform are switched off.",
            count,
        ),
        Code.EFFECT: ngettext(
            "%(count)s action is not confirmed by the platform.",
            "%(count)s actions are not confirmed by the platform.",
            count,
        ),
        Code.SECOND: ngettext(
            "%(count)s act waits for you as second person.",
            "%(count)s acts wait for you as second person.",
            count,
        ),
        Code.MEASURE: ngettext(
            "%(count)s warning or suspension is proposed.",
            "%(count)s warnings or suspensions are proposed.",
            count,
        ),
    }
    words = texts[alarm.code] % {"count": number}
    note = _("for %(time)s") % {"time": span(now - alarm.since)} if alarm.since else ""
    grave = alarm.code in _GRAVE
    return Line(words, note, _leads(alarm.code, user), grave)


_GRAVE: Final = frozenset(
    {
        Code.JOBS,
        Code.FORK,
        Code.LOG,
        Code.PROMISE,
        Code.CLOCK_LATE,
        Code.VAULT_CAP,
        Code.VAULT_REFUSED,
        Code.DEAD,
        Code.ENDPOINT,
    }
)
_CLOCKS: Final = {
    Code.CLOCK_LATE: "?state=late",
    Code.CLOCK_SOON: "?state=soon",
    Code.UNTOLD: "?about=silence&state=done",
}


def _leads(code: Code, user: User) -> str:
    """Return where an alarm is dealt with."""
    if code in _CLOCKS:
        return reverse("console:clocks") + _CLOCKS[code]
    if code in {Code.DEAD, Code.ENDPOINT}:
        dead = _place("dead_letters") if user.has_perm(Permission.TASK_RETRY) else None
        return dead or search("webhook = dead or mail = dead")
    if code is Code.SEARCH:
        name = "searches" if user.has_perm(Permission.SEARCH_MANAGE) else "search_checklist"
        return reverse(f"console:{name}")
    if code is Code.EFFECT:
        return search("effect = sent")
    places = {
        Code.SECOND: "second",
        Code.MEASURE: "strikes",
        Code.VAULT_CAP: "evidence",
        Code.VAULT_REFUSED: "evidence",
    }
    return _place(places.get(code, "log")) or reverse("console:log")


def _place(name: str) -> str | None:
    try:
        return reverse(f"console:{name}")
    except NoReverseMatch:
        return None
