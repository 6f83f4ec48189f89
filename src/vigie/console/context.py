# SPDX-License-Identifier: Apache-2.0
"""What stands beside a case: who asked and why, the author, what was decided before.

A notice's words are shown to the reviewer; who wrote it is not. In the
categories of victims that holds for everybody here: the name is asked for
elsewhere, with a reason and a record.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.db.models import Count, Q
from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from vigie.console import present, queries, recent
from vigie.flow.search import access as reading
from vigie.flow.strikes.points import active
from vigie.law import categories
from vigie.store.models import (
    Appeal,
    AppealState,
    DecisionRecord,
    ImportedRecord,
    NoticeItem,
    NoticeKind,
    SubjectKind,
)
from vigie.store.permissions import Permission

if TYPE_CHECKING:
    from vigie.console.page import Page
    from vigie.flow.house import House
    from vigie.store.models import Notice, User

HISTORY: Final = 8
CHILD: Final = "child"
_REVERSED: Final = (AppealState.GRANTED, AppealState.PARTLY)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeRow:
    """One notice about the item."""

    notice: Notice
    link: str
    category: str
    by_terms: bool
    flagger: str
    """The trusted flagger's name and what came of its notices; empty for anybody else."""
    said: str
    """Why, in the notifier's words; empty where this reviewer may not read them."""
    victim: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """One earlier decision about the author."""

    record: DecisionRecord
    link: str
    state: present.State
    reversed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What counts against the author now."""

    points: int
    next_step: int | None
    """At how many points the ladder proposes something next."""
    expires: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """What is known of the author; never more than a pseudonym."""

    pseudonym: str
    short: str
    link: str
    since: int | None
    earlier: list[Earlier]
    asserted: int
    """Records taken over from another tool: asserted, not witnessed."""
    sources: list[str]


def link(name: str, *args: object) -> str:
    """Return the address of a page, or nothing where there is none."""
    try:
        return reverse(f"console:{name}", args=args)
    except NoReverseMatch:
        return ""


def notices(page: Page, user: User, found: list[Notice]) -> list[NoticeRow]:
    """Return the notices that the case answers as the page shows them."""
    if not found:
        return []
    known, language = categories.load(), get_language() or "en"
    reads = user.has_perm(Permission.CONTENT_READ) and not page.is_child
    flaggers = _precision([one for one in found if one.flagger_id is not None])
    rows = []
    for one in found:
        category = known.get(one.category)
        rows.append(
            NoticeRow(
                notice=one,
                link=link("notice", one.number),
                category=category.title(language) if category else one.category,
                by_terms=one.kind == NoticeKind.TERMS,
                flagger=flaggers.get(one.flagger_id or 0, ""),
                said=one.explanation if reads else "",
                victim=category is not None and category.victim,
            )
        )
    return rows


def _precision(found: list[Notice]) -> dict[int, str]:
    """Say for each trusted flagger how many of its locations were decided and restricted."""
    if not found:
        return {}
    items = NoticeItem.objects.filter(notice__flagger__in={one.flagger_id for one in found})
    counts = items.exclude(outcome__in=("", "gone")).values_list(
        "notice__flagger", "notice__flagger__name"
    )
    rows = counts.annotate(
        decided=Count("pk"), upheld=Count("pk", filter=Q(outcome="restricted"))
    ).values_list("notice__flagger", "decided", "upheld")
    known = {flagger: (decided, upheld) for flagger, decided, upheld in rows}
    return {one.flagger_id: _flagger(one, known) for one in found if one.flagger_id is not None}


def _flagger(notice: Notice, known: dict[int, tuple[int, int]]) -> str:
    name = notice.flagger.name if notice.flagger is not None else ""
    decided, upheld = known.get(notice.flagger_id or 0, (0, 0))
    if not decided:
        return _("%(name)s; nothing of it was decided before") % {"name": name}
    share = round(100 * upheld / decided)
    words = _("%(name)s; %(count)s decided before, %(share)s %% upheld")
    return words % {"name": name, "count": decided, "share": share}


def counted(page: Page, house: House) -> Counted | None:
    """Return what counts against the author; None where nobody is named."""
    pseudonym = page.record.author
    if not pseudonym:
        return None
    strikes = list(
        active(SubjectKind.AUTHOR, pseudonym, page.record.service, house.now()).values_list(
            "weight", "expires_at"
        )
    )
    points = sum(weight for weight, _ends in strikes)
    return Counted(
        points=points,
        next_step=next((s.points for s in recent.steps() if s.points > points), None),
        expires=min((ends for _weight, ends in strikes), default=None),
    )


def author(page: Page, user: User) -> Author | None:
    """Return what is known of the author; None where nobody is named."""
    pseudonym = page.record.author
    if not pseudonym:
        return None
    imported = list(
        ImportedRecord.objects.filter(author=pseudonym).values_list("source").annotate(Count("pk"))
    )
    earlier = _earlier(page, user)
    return Author(
        pseudonym=pseudonym,
        short=pseudonym[:12],
        link=link("author", pseudonym),
        since=min((one.record.at for one in earlier), default=None),
        earlier=earlier,
        asserted=sum(count for _source, count in imported),
        sources=sorted(source for source, _count in imported),
    )


def _earlier(page: Page, user: User) -> list[Earlier]:
    """Return the last decisions that did something to other items of the author.

    What is of others' queues or categories is left out, as in the search.
    """
    rows = (
        DecisionRecord.objects.filter(number__in=queries.newest_by(page.record.author))
        .filter(superseded_by=None, sample=False)
        .exclude(cls=CHILD)
        .exclude(service=page.record.service, item_id=page.record.item_id)
        .exclude(outcome="review")
        .order_by("-number")
    )
    hidden = reading.hidden_from(user, page.mine)
    if hidden is not None:
        rows = rows.exclude(pk__in=hidden.values("number"))
    found = list(rows[:HISTORY])
    lifted = _reversed(found)
    return [
        Earlier(
            record=one,
            link=reverse("console:decision", args=[one.number]),
            state=present.state(one),
            reversed=one.number in lifted,
        )
        for one in found
    ]


def _reversed(found: list[DecisionRecord]) -> set[int]:
    """Return which of these decisions stand because an appeal was granted."""
    if not found:
        return set()
    rows = Appeal.objects.filter(outcome_decision__in=found, state__in=_REVERSED)
    return {number for number in rows.values_list("outcome_decision", flat=True) if number}
