# SPDX-License-Identifier: Apache-2.0
"""Tables of the overview, and the pictures of the same numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vigie.console import ageing
from vigie.console.clocks import span
from vigie.console.overview.period import Period, change, percent, search, short
from vigie.console.overview.words import RESTRICTED, seen_queues
from vigie.core.actions import Outcome
from vigie.flow.overview import sums
from vigie.flow.overview.days import RESTRICTING, total
from vigie.flow.queues import figures
from vigie.store.models import DecisionKind
from vigie.web import charts
from vigie.web.templatetags.vigie_tags import whole
from vigie.web.titles import of_policies

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.utils.functional import _StrPromise
    from django.utils.safestring import SafeString

    from vigie.flow.overview.days import Day
    from vigie.flow.overview.sums import Messages, Overturned
    from vigie.store.models import User

MOST_POLICIES: Final = 12
SOURCES: Final[tuple[tuple[_StrPromise, DecisionKind, tuple[Outcome, ...], str], ...]] = (
    (
        gettext_lazy("A program restricts"),
        DecisionKind.MACHINE,
        RESTRICTING,
        f"decision.by = machine and {RESTRICTED}",
    ),
    (
        gettext_lazy("A person restricts"),
        DecisionKind.PERSON,
        RESTRICTING,
        f"decision.by = person and {RESTRICTED}",
    ),
    (
        gettext_lazy("A person leaves it"),
        DecisionKind.PERSON,
        (Outcome.ALLOW,),
        "decision.by = person and decision.outcome = allow",
    ),
)
OUTGOING: Final[dict[str, _StrPromise]] = {
    "webhook": gettext_lazy("Webhooks to the platform"),
    "mail": gettext_lazy("Mails"),
    "statement": gettext_lazy("Statements of reasons"),
}


@dataclass(frozen=True, slots=True)
class Source:
    """Decisions of one kind in the period and in the one before."""

    words: str
    number: str
    link: str
    before: str
    change: str


def sources(period: Period, these: list[Day]) -> list[Source]:
    """Return who decided what, against the days before."""
    before = period.before()
    return [_source(period, one, these, before) for one in SOURCES]


def _source(
    period: Period,
    source: tuple[_StrPromise, DecisionKind, tuple[Outcome, ...], str],
    these: list[Day],
    before: list[Day],
) -> Source:
    words, kind, outcomes, expression = source
    now, then = total(these, [kind], outcomes), total(before, [kind], outcomes)
    link = period.search(expression)
    return Source(str(words), whole(now), link, whole(then), change(now, then))


def by_day(these: list[Day]) -> SafeString:
    """Draw decisions by day."""
    drawn = [
        charts.Series(str(words), [day.of([kind], outcomes) for day in these])
        for words, kind, outcomes, _link in SOURCES
    ]
    finding = _("%(days)s days to %(last)s.") % {
        "days": len(these),
        "last": short(these[-1].day),
    }
    sentences = [
        _("%(name)s: %(sum)s in all, at most %(most)s on a day.")
        % {"name": one.name, "sum": whole(sum(one.values)), "most": whole(max(one.values))}
        for one in drawn
    ]
    steps = [short(day.day) for day in these]
    title = _("Decisions by day and by whom")
    return charts.lines("days", title, " ".join([finding, *sentences]), steps, drawn)


def day_rows(these: list[Day]) -> Iterator[list[object]]:
    """Yield the numbers of every day, for the table and for CSV."""
    for day in these:
        yield [short(day.day), *(day.of([kind], outcomes) for _, kind, outcomes, _ in SOURCES)]


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of messages of one kind."""

    words: str
    delivered: str
    delivered_link: str
    waits: str
    waits_link: str
    failed: int
    dead: int
    fault_link: str
    oldest: str


def outgoing(period: Period) -> list[Sent]:
    """Return messages by receipt: nothing is called delivered without one."""
    return [_sent(one, period) for one in sums.messages(period.since, period.now)]


def _sent(found: Messages, period: Period) -> Sent:
    kind = found.kind
    done, waits, fault = (
        f"{kind} in (delivered, accepted)",
        f"{kind} in (waiting, sent, failed)",
        f"{kind} in (failed, dead)",
    )
    if kind == "statement":
        done, waits = "statement in (issued, lifted)", "statement = prepared"
    oldest = ""
    if found.oldest is not None and found.oldest < period.now:
        oldest = _("oldest %(time)s") % {"time": span(period.now - found.oldest)}
    return Sent(
        words=str(OUTGOING.get(kind, kind)),
        delivered=whole(found.delivered),
        delivered_link=search(done),
        waits=whole(found.waiting + found.failed),
        waits_link=search(waits),
        failed=found.failed,
        dead=found.dead,
        fault_link=search(fault),
        oldest=oldest,
    )


@dataclass(frozen=True, slots=True)
class Won:
    """How appeals about one policy ended."""

    policy: str
    title: str
    won: str
    heard: str
    link: str
    share: str
    interval: str


def appeals(period: Period) -> tuple[list[Won], SafeString | None]:
    """Return appeals by policy with their picture; None where none was decided."""
    rows = sums.overturned(period.since)[1][:MOST_POLICIES]
    if not rows:
        return [], None
    titles = of_policies()
    drawn = [
        charts.Share(
            one.policy or _("no policy"),
            one.share.upheld / one.share.decided,
            one.share.low,
            one.share.high,
        )
        for one in rows
    ]
    title = _("Share of decided appeals that overturned a decision, by policy")
    finding = _("With intervals for 95 of 100; the table beside has the numbers.")
    table = [_won(one, titles.get(one.policy, "")) for one in rows]
    return table, charts.shares("won", title, finding, drawn)


def _won(one: Overturned, title: str) -> Won:
    share = one.share
    expression = "kind = appeal and state = decided"
    return Won(
        policy=one.policy or _("no policy"),
        title=title,
        won=whole(share.upheld),
        heard=whole(share.decided),
        link=search(f"policy = {one.policy} and {expression}" if one.policy else expression),
        share=percent(share.upheld / share.decided),
        interval=f"{percent(share.low)} – {percent(share.high)}",
    )


@dataclass(frozen=True, slots=True)
class Waiting:
    """How long one queue waits."""

    title: str
    slug: str
    waiting: str
    bar: ageing.Bar | None
    oldest: str
    late: str
    soon: str


def waiting(user: User, now: int) -> list[Waiting]:
    """Return the queues that a person sees, with how long their cases wait."""
    found = []
    for row in seen_queues(user):
        numbers = figures.ageing(row, now)
        found.append(
            Waiting(
                title=_(row.title),
                slug=row.slug,
                waiting=ageing.number(numbers.waiting),
                bar=ageing.bar(numbers) if numbers.waiting.number else None,
                oldest=ageing.oldest(numbers, now),
                late=ageing.number(numbers.late),
                soon=ageing.number(numbers.soon),
            )
        )
    return found
