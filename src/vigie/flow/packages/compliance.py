# SPDX-License-Identifier: Apache-2.0
"""The compliance proof: what came in a period, when, and what became of it, with log entries.

Notices (Art. 16 DSA), complaints (Art. 20), notifications of suspected offences
(Art. 18), public texts and reports (Art. 15 and 24). It proves that what was
recorded stands unchanged and in order. It does not prove that everything which
was received was recorded: that is what receipts are for. Personal values stay
commitments; what is of class `child` is counted, not listed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from django.db.models import Q
from django.utils.translation import gettext as _

from vigie.core import clock
from vigie.core.errors import InvalidInputError
from vigie.evidence.outgoing import Recipient
from vigie.evidence.spool import Spool
from vigie.flow.decided import by_number
from vigie.flow.house import House
from vigie.flow.packages import choose
from vigie.flow.packages.choose import CHILD, Choice, Handled
from vigie.flow.packages.make import Made, Note, Target, check_free, finish
from vigie.store.models import (
    Appeal,
    AuthorityReport,
    DecisionRecord,
    Disclosure,
    Notice,
    NoticeItem,
    Record,
    ReportKind,
    User,
)

PROVES: Final = (
    "What was recorded stands unchanged and in order; times are those of the records.",
    (
        "Not shown: that everything which was received was recorded. That is what the receipts are "
        "for: vigie-verify --receipt checks whether a promise was kept."
    ),
)
GROUP: Final = 500
Closings = dict[int, str]


def build_proof(
    house: House,
    *,
    user: User,
    since: int,
    until: int,
    out: Path,
    recipient: Recipient | None = None,
    note: Note = lambda _what, _done, _of: None,
) -> Made:
    """Make the proof of a period; without a recipient it is written in the clear.

    Raises InvalidInputError for a period that ends before it begins, and as `build`.
    """
    choose.check_right(user)
    if since >= until:
        raise InvalidInputError(
            _("The period ends before it begins."), code="bad_period", field="until"
        )
    check_free(out)
    choice = choice_of(since, until)
    target = Target(out=out, by=by_number(user), recipient=recipient, note=note)
    house.settings.run_dir.mkdir(parents=True, exist_ok=True)
    with Spool(house.settings.run_dir) as spool:
        return finish(house, spool, choice, [], target)


def choice_of(since: int, until: int) -> Choice:
    """Return what was received in a period, and the records that tell of it."""
    rows = [*_notices(since, until), *_appeals(since, until), *_reports(since, until)]
    rows += _published(since, until)
    named = [one for row in rows for one in (row.received, row.closed) if one]
    days = f"{clock.iso(since)[:10]} / {clock.iso(until)[:10]}"
    return Choice(
        subject=days,
        chosen=(),
        decisions=(),
        records=tuple(dict.fromkeys(named)),
        scope=(f"period: {days}", *PROVES, *_left_out(since, until)),
        basis="Regulation (EU) 2022/2065, Art. 15, 16, 18, 20",
        handled=tuple(rows),
    )


def _hidden() -> Q:
    """Match locations whose item is of class `child`."""
    return Q(item_id__in=DecisionRecord.objects.filter(cls=CHILD).values("item_id")) | Q(
        decision__cls=CHILD
    )


def _notices(since: int, until: int) -> Iterator[Handled]:
    """Yield a line for each location of each notice; one without locations has one line."""
    rows = Notice.objects.filter(received_at__gte=since, received_at__lt=until)
    shown = rows.exclude(category=CHILD).order_by("number")
    for notice in shown.iterator(chunk_size=GROUP):
        items = list(
            NoticeItem.objects.filter(notice=notice)
            .exclude(_hidden())
            .select_related("decision")
            .order_by("position")
        )
        for item in items:
            closed = item.decision.record_id if item.decision else ""
            number = f"{notice.label}/{item.position}" if len(items) > 1 else notice.label
            yield Handled(notice.kind, number, notice.record_id, closed)
        if not items and not notice.items.exists():
            yield Handled(notice.kind, notice.label, notice.record_id)


def _appeals(since: int, until: int) -> Iterator[Handled]:
    closings = _closings("appeal.resolved", "appeal", since)
    rows = Appeal.objects.filter(received_at__gte=since, received_at__lt=until)
    for appeal in rows.exclude(decision__cls=CHILD).order_by("number"):
        closed = closings.get(appeal.number, "")
        yield Handled("complaint", f"A-{appeal.number}", appeal.record_id, closed)


def _reports(since: int, until: int) -> Iterator[Handled]:
    """Yield notifications of Art. 18; those of class `child` have a road of their own."""
    closings = _closings("report.reported", "report", since)
    rows = AuthorityReport.objects.filter(
        kind=ReportKind.ART18, created_at__gte=since, created_at__lt=until
    )
    for report in rows.exclude(decision__cls=CHILD).order_by("number"):
        closed = closings.get(report.number, "")
        yield Handled("article_18", f"R-{report.number}", report.record_id, closed)


def _published(since: int, until: int) -> Iterator[Handled]:
    rows = Disclosure.objects.filter(published_at__gte=since, published_at__lt=until)
    for one in rows.order_by("published_at", "pk"):
        name = f"{one.kind} v{one.version}"
        yield Handled("published", name, one.record_id, one.record_id)


def _closings(kind: str, name: str, since: int) -> Closings:
    """Return the newest record of a kind for each number that it names."""
    rows = Record.objects.filter(kind=kind, at__gte=since).order_by("at")
    found: Closings = {}
    for record in rows.iterator(chunk_size=GROUP):
        number = json.loads(record.canonical).get(name)
        if isinstance(number, int):
            found[number] = record.record_id
    return found


def _left_out(since: int, until: int) -> tuple[str, ...]:
    """Count what is not listed."""
    notices = Notice.objects.filter(
        received_at__gte=since, received_at__lt=until, category=CHILD
    ).count()
    reports = AuthorityReport.objects.filter(created_at__gte=since, created_at__lt=until)
    others = reports.exclude(kind=ReportKind.ART18).count()
    if not notices and not others:
        return ()
    return (f"Counted, not listed: {notices} notices and {others} reports of class child.",)
