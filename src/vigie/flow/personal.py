# SPDX-License-Identifier: Apache-2.0
"""What the store holds of a person beside their items: one table for access and erasure.

What Article 15 GDPR shows is what Article 17 erases: both read `PARTS`. A part
says which rows are a person's, what of them is shown, what is blanked, and
which of them a duty keeps for now.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Q, QuerySet

from vigie.flow.orders import hidden
from vigie.store.models import (
    Appeal,
    AppealState,
    ClaimState,
    ErasureSubject,
    Evidence,
    GatewayCase,
    GatewayCaseState,
    GatewayStop,
    ImportedRecord,
    Letter,
    Measure,
    MeasureState,
    Notice,
    NoticeItem,
    NoticeState,
    PictureClaim,
    SealedFile,
    Statement,
    StatementState,
    Strike,
    StrikeState,
    TaskState,
)

if TYPE_CHECKING:
    from vigie.flow.deletion import Subject

Where = Callable[["Subject"], Q | None]
"""Which rows are the person's; None: this kind of person has none here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One kind of record about a person."""

    name: str
    model: type[Any]
    whose: Where
    shown: tuple[str, ...]
    """Columns of the answer to a request for access."""
    blank: Mapping[str, Any] = field(default_factory=dict)
    """What erasing writes over; empty: the rows are deleted."""
    kept: Callable[[int], Q] | None = None
    """Which rows stay for now, and"""
    item: str = ""
    """Column of the item, where rows of items that stay stay too."""
    why: str = ""
    """under which duty."""
    decision: str = ""
    """Column of the decision that it is about: one under a duty of silence is not shown."""

    def rows(self, subject: Subject) -> QuerySet[Any] | None:
        """Return everything of the person in this part."""
        mine = self.whose(subject)
        return None if mine is None else self.model.objects.filter(mine).order_by("pk")

    def told(self, subject: Subject) -> QuerySet[Any] | None:
        """Return what the person may be told of: nothing of an order under silence."""
        rows = self.rows(subject)
        if rows is None or not self.decision:
            return rows
        # A row of no decision is none of theirs: NOT IN says nothing of NULL.
        some = Q(**{f"{self.decision}__isnull": False})
        return rows.exclude(hidden.about(self.decision) & some)

    def ended(self, subject: Subject, now: int) -> QuerySet[Any] | None:
        """Return what may go now and has not gone already."""
        rows = self.rows(subject)
        if rows is None:
            return None
        if self.item and subject.besides:
            rows = rows.exclude(**{f"{self.item}__in": subject.besides})
        if self.blank:
            rows = rows.exclude(**self.blank)
        return rows if self.kept is None else rows.exclude(self.kept(now))

    def staying(self, subject: Subject, now: int) -> int:
        """Count what a duty keeps for now."""
        rows = self.told(subject)
        if rows is None or self.kept is None:
            return 0
        return rows.filter(self.kept(now)).count()


def _author(column: str) -> Where:
    """The author's rows, by the column that holds the pseudonym."""

    def whose(subject: Subject) -> Q | None:
        return Q(**{column: subject.author}) if subject.author else None

    return whose


def _mail(column: str) -> Where:
    """The notifier's rows, by the column that holds the mail address."""

    def whose(subject: Subject) -> Q | None:
        return Q(**{f"{column}__iexact": subject.email}) if subject.email else None

    return whose


def _either(author: Where, mail: Where) -> Where:
    def whose(subject: Subject) -> Q | None:
        return author(subject) or mail(subject)

    return whose


def notifiers(subject: Subject) -> list[str]:
    """Return the keyed pseudonyms under which a mail address gave notice."""
    found = Notice.objects.filter(email__iexact=subject.email).exclude(notifier="")
    return list(found.values_list("notifier", flat=True).distinct())


def _struck(subject: Subject) -> Q | None:
    if subject.email:
        return Q(subject_kind="notifier", subject__in=notifiers(subject))
    return Q(subject_kind="author", subject=subject.author) if subject.author else None


def _imported(subject: Subject) -> Q | None:
    if subject.kind is ErasureSubject.ITEM:
        return Q(service=subject.service, item_id=subject.item_id)
    return Q(author=subject.author) if subject.author else None


def _gateway_cases(subject: Subject) -> Q | None:
    if not subject.author:
        return None
    stops = GatewayStop.objects.filter(decision__author=subject.author).exclude(case=None)
    return Q(pk__in=stops.values("case"))


def items_named(subject: Subject) -> set[str]:
    """Return the items that a notifier's papers are about: a hold on one covers them."""
    if subject.kind is not ErasureSubject.NOTIFIER:
        return set()
    found = NoticeItem.objects.filter(notice__email__iexact=subject.email)
    appealed = Appeal.objects.filter(email__iexact=subject.email)
    return {
        *found.exclude(item_id="").values_list("item_id", flat=True),
        *appealed.values_list("decision__item_id", flat=True),
    }


def _sealed(subject: Subject) -> Q | None:
    """Evidence that no order asked for: of an order's nobody is told by this way.

    Of lane `child` nothing is shown either; both end with their own terms.
    """
    own = Q(order=None, lane="general", shredded_at=None)
    if subject.kind is ErasureSubject.ITEM:
        return own & Q(service=subject.service, item_id=subject.item_id)
    return own & Q(author=subject.author) if subject.author else None


_LETTER_LEFT: Final = (TaskState.ACCEPTED, TaskState.CANCELLED, TaskState.DEAD)
STRIKES: Final = Part(
    name="strikes",
    model=Strike,
    whose=_struck,
    decision="decision",
    shown=("policy", "weight", "at", "expires_at", "state", "asserted"),
    blank={"subject": ""},
    kept=lambda now: Q(state=StrikeState.ACTIVE, expires_at__gt=now),
    why="strikes count until they expire (Art. 23 DSA)",
)
PARTS: Final = (
    # Strikes and measures first: a notifier's are found through the notices.
    STRIKES,
    Part(
        name="measures",
        model=Measure,
        whose=_struck,
        shown=("kind", "state", "points", "proposed_at", "decided_at", "until", "content"),
        blank={"subject": "", "content": {}, "assessment": {}, "reason": ""},
        kept=lambda _now: Q(state__in=(MeasureState.PROPOSED, MeasureState.IN_FORCE)),
        why="a measure in force or proposed must be shown to have a basis (Art. 23 DSA)",
    ),
    # Before the notices: they are found through the mail address. The bytes without
    # their key say nothing; retention deletes them.
    Part(
        name="attachments",
        model=SealedFile,
        whose=_mail("notice__email"),
        shown=("name", "mime", "size", "sha256", "at"),
        blank={"name": "", "sha256": "", "wrapped_key": "", "file": ""},
        kept=lambda _now: Q(notice__state=NoticeState.RECEIVED),
        why="a notice is answered before it is erased (Art. 16(5) DSA)",
    ),
    Part(
        name="hashes of pictures",
        model=PictureClaim,
        whose=_mail("notice__email"),
        shown=("pdq", "quality", "state", "at", "ends_at"),
        kept=lambda _now: Q(state=ClaimState.ACTIVE),
        why="copies are looked for while the notice is open",
    ),
    Part(
        name="notices",
        model=Notice,
        whose=_mail("email"),
        shown=(
            "label", "kind", "state", "category", "explanation", "name", "email", "received_at",
            "decided_at", "language", "hashes",
        ),
        blank={"name": "", "email": "", "explanation": "", "notifier": "", "hashes": []},
        kept=lambda _now: Q(state=NoticeState.RECEIVED),
        why="a notice is answered before it is erased (Art. 16(5) DSA)",
    ),
    Part(
        name="complaints",
        model=Appeal,
        decision="decision",
        whose=_either(_author("decision__author"), _mail("email")),
        shown=(
            "label", "by", "state", "grounds", "email", "received_at", "resolved_at", "answer",
            "heard",
        ),
        blank={"grounds": "", "email": "", "answer": "", "heard": ""},
        kept=lambda _now: Q(state=AppealState.LODGED),
        why="a complaint is answered before it is erased (Art. 20 DSA)",
    ),
    Part(
        name="letters",
        model=Letter,
        decision="task__decision",
        whose=_either(_author("appeal__decision__author"), _mail("to")),
        shown=("template", "language", "to", "context", "written_at"),
        blank={"to": "", "context": {}},
        kept=lambda _now: ~Q(task__state__in=_LETTER_LEFT),
        why="what is owed is sent before it is erased",
    ),
    Part(
        name="statements",
        model=Statement,
        whose=_author("decision__author"),
        decision="decision",
        item="decision__item_id",
        shown=("decision_id", "state", "prepared_at", "issued_at", "lifted_at", "content"),
        blank={"content": {}, "token_digest": ""},
        kept=lambda _now: Q(state=StatementState.PREPARED),
        why="a statement is issued before it is erased (Art. 17 DSA)",
    ),
    # Only the application can say whose pseudonym it is; by the author's it is found.
    Part(
        name="cases of the AI gateway",
        model=GatewayCase,
        whose=_gateway_cases,
        shown=("number", "state", "stops", "opened_at", "last_at", "closed_at"),
        blank={"user": "", "note": ""},
        kept=lambda _now: Q(state=GatewayCaseState.OPEN),
        why="repeated stops are looked at before they are erased (Art. 23 DSA)",
    ),
    Part(
        name="what the AI gateway stopped",
        model=GatewayStop,
        whose=_author("decision__author"),
        decision="decision",
        item="decision__item_id",
        shown=("at", "stage", "feature", "route", "country", "category", "excerpt"),
        blank={"user": ""},
        kept=lambda _now: Q(case__state=GatewayCaseState.OPEN),
        why="repeated stops are looked at before they are erased (Art. 23 DSA)",
    ),
    Part(
        name="history taken over",
        model=ImportedRecord,
        whose=_imported,
        shown=("kind", "source", "external_id", "item_id", "at", "data"),
        blank={"author": "", "item_id": "", "data": {}},
    ),
    # Its key goes with the erasure; retention writes the record and removes the file.
    Part(
        name="sealed evidence",
        model=Evidence,
        whose=_sealed,
        item="item_id",
        shown=("number", "kind", "rule", "basis", "size", "sealed_at", "purge_at"),
        blank={"wrapped": [], "sha256": "", "meta": {}, "author": ""},
        kept=lambda now: Q(keep_until__gt=now),
        why="a duty asks to keep it until its minimum term has passed",
    ),
)  # fmt: skip
"""The order is the order of erasing."""
