# SPDX-License-Identifier: Apache-2.0
"""Cases as the lists of the console show them: masked words, clock, who has them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count
from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from vigie.console import clocks, present, queries
from vigie.flow.queues import claims
from vigie.flow.queues.first import title
from vigie.law.categories import load as categories
from vigie.store.models import Appeal, CaseKind, CaseWatch, NoticeItem, Queue
from vigie.store.permissions import Permission
from vigie.web.text import excerpt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vigie.console.clocks import Clock
    from vigie.store.models import Case, ReviewQueue, User
    from vigie.web.text import Piece


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of a queue."""

    case: Case
    link: str
    clock: Clock | None
    said: list[Piece]
    gone: str
    surface: str
    came: str
    """How it came here."""
    category: str
    where: str
    holder: str
    """Who has it now, if it is somebody else."""
    mine: bool
    given: str
    """To whom it is assigned."""
    looking: list[str]
    queue: str


def review_link(case: Case) -> str:
    """Return the page on which a case is decided."""
    if case.kind == CaseKind.APPEAL:
        number = Appeal.objects.filter(case=case).values_list("number", flat=True).first()
        try:
            return reverse("console:appeal", args=[number])
        except NoReverseMatch:
            pass
    return reverse("console:decide", args=[case.decision_id])


def rows(cases: Sequence[Case], user: User, now: int, queues: dict[str, ReviewQueue]) -> list[Row]:
    """Return the lines of a list; words masked, and none of class child."""
    may_read = user.has_perm(Permission.CONTENT_READ)
    records = [case.decision for case in cases if case.queue != Queue.CHILD]
    texts = queries.contents(records) if may_read else {}
    marks = queries.marks(records) if texts else {}
    notices = _notices(cases)
    looking = _looking(cases, user, now)
    found = []
    for case in cases:
        record = case.decision
        version = (record.service, record.item_id, record.version)
        content = None if case.queue == Queue.CHILD else texts.get(version)
        said = excerpt(content.text, marks.get(version, [])) if content and content.text else []
        holder = claims.holder(case, now)
        found.append(
            Row(
                case=case,
                link=review_link(case),
                clock=clocks.clock(case, now),
                said=said,
                gone=_("no words kept") if may_read else _("words not shown to your role"),
                surface=present.surface(record.surface),
                came=came(case, notices.get(case.pk, 0)),
                category=category(case.category),
                where=present.where(case.territories),
                holder=holder.username if holder is not None and holder != user else "",
                mine=holder == user,
                given=case.assigned_to.username if case.assigned_to else "",
                looking=looking.get(case.pk, []),
                queue=title(queues[case.queue]) if case.queue in queues else case.queue,
            )
        )
    return found


def came(case: Case, notices: int) -> str:
    """Say how a case came: a notice, an appeal, a program; a trusted flagger above all."""
    if case.trusted:
        return _("Trusted flagger")
    if case.kind == CaseKind.APPEAL:
        return _("Appeal")
    if case.kind == CaseKind.INTIMATE:
        return _("Victim’s path")
    if notices or case.kind == CaseKind.NOTICE:
        return ngettext("%(count)s notice", "%(count)s notices", max(1, notices)) % {
            "count": max(1, notices)
        }
    if case.kind == CaseKind.MATCH:
        return _("Known match")
    return case.policy or _("Program")


def category(code: str) -> str:
    """Name a category in the language of the page."""
    known = categories().get(code)
    return known.title(get_language() or "en") if known else code


def _notices(cases: Sequence[Case]) -> dict[int, int]:
    """Return how many notices joined each case."""
    found = NoticeItem.objects.filter(case__in=[case.pk for case in cases])
    counts = found.values_list("case").annotate(count=Count("pk"))
    return {int(pk): count for pk, count in counts if pk is not None}


def _looking(cases: Sequence[Case], user: User, now: int) -> dict[int, list[str]]:
    """Return who else has each case open."""
    live = CaseWatch.objects.filter(
        case__in=[case.pk for case in cases], seen_at__gt=now - claims.WATCH_MS
    ).exclude(user=user)
    found: dict[int, list[str]] = {}
    for case, name in live.order_by("user__username").values_list("case", "user__username"):
        found.setdefault(case, []).append(name)
    return found
