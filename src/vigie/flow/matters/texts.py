# SPDX-License-Identifier: Apache-2.0
"""Answers and the public statement: versions, approved by another person, then handed over.

A version never changes. The newest approved one counts; one public statement a
language stands on the portal from its publication until the next one or its
withdrawal. What was approved and what left is in the log by its digest.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

from django.db.models import Max, QuerySet
from django.utils.translation import gettext as _

from vigie.core.errors import ConflictError, InvalidInputError, NotFoundError, RefusedError
from vigie.flow import records
from vigie.flow.decided import by_number
from vigie.flow.house import House
from vigie.flow.matters import files
from vigie.flow.transaction import writing
from vigie.store.models import MatterEntry, MatterEntryKind, MatterText, MatterTextKind, User

LANGUAGES: Final = ("en", "fr", "de")
APPROVED: Final = "matter.approved"
GIVEN: Final = "matter.given"
WITHDRAWN: Final = "matter.withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class TextGiven:
    """One version as it is typed."""

    kind: str
    text: str
    language: str = "en"
    question: int | None = None
    """The question that an answer belongs to."""


def write_text(house: House, user: User, number: int, given: TextGiven) -> MatterText:
    """Write the next version of an answer or of the public statement.

    Raises RefusedError, NotFoundError, ConflictError, InvalidInputError naming the field.
    """
    files.check_edit(user)
    _check(given)
    with writing():
        matter = files.held(number)
        question = _question(matter.number, given)
        same = MatterText.objects.filter(matter=matter, kind=given.kind, question=question)
        rows = same.filter(language=given.language)
        return MatterText.objects.create(
            matter=matter,
            kind=given.kind,
            question=question,
            language=given.language,
            version=(rows.aggregate(last=Max("version"))["last"] or 0) + 1,
            text=given.text.strip(),
            written_by=user,
            written_at=house.now(),
        )


def _check(given: TextGiven) -> None:
    if given.kind not in set(MatterTextKind):
        raise InvalidInputError(
            _("Choose an answer or a public statement."), code="text_kind", field="kind"
        )
    if given.language not in LANGUAGES:
        raise InvalidInputError(
            _("The language is en, fr or de."), code="text_language", field="language"
        )
    files.check_length("text", given.text, 1, files.MAX_TEXT)


def _question(matter: int, given: TextGiven) -> MatterEntry | None:
    """Return the question of an answer; a statement answers none."""
    if given.kind != MatterTextKind.ANSWER:
        return None
    rows = MatterEntry.objects.filter(
        pk=given.question or 0, matter=matter, kind=MatterEntryKind.QUESTION, removed_at=None
    )
    found = rows.first()
    if found is None:
        raise InvalidInputError(
            _("An answer belongs to a question of the file."), code="no_question", field="question"
        )
    return found


def approve(house: House, user: User, text: int) -> MatterText:
    """Approve a version, as another person than who wrote it. Of older ones none counts then.

    Raises RefusedError for one's own text, NotFoundError, ConflictError where it is
    approved already or a newer version stands.
    """
    files.check_edit(user)
    now = house.now()
    with writing():
        row = _held(text)
        if row.written_by_id == user.pk:
            raise RefusedError(
                _("Somebody else approves what you wrote."),
                code="own_text",
                fix=_("Ask a colleague who may keep matter files."),
            )
        if row.approved_at is not None or _newer(row).exists():
            raise ConflictError(
                _("This version is approved already, or a newer one stands."), code="text_settled"
            )
        row.approved_by, row.approved_at = user, now
        row.save(update_fields=["approved_by", "approved_at"])
        _record(APPROVED, row, user, now)
    return row


def give(house: House, user: User, text: int) -> MatterText:
    """Note that an approved answer was handed over, or publish the approved statement.

    Raises RefusedError, NotFoundError, ConflictError where it is not approved, was
    given already, or a newer version was approved.
    """
    files.check_edit(user)
    now = house.now()
    with writing():
        row = _held(text)
        if row.approved_at is None:
            raise ConflictError(
                _("Nothing leaves before somebody else approved it."), code="not_approved"
            )
        if row.given_at is not None or _newer(row).exclude(approved_at=None).exists():
            raise ConflictError(
                _("It was given already, or a newer one is approved."), code="given"
            )
        row.given_at = now
        row.save(update_fields=["given_at"])
        _record(GIVEN, row, user, now)
    return row


def withdraw(house: House, user: User, text: int) -> MatterText:
    """Take a public statement off the portal; that it stood there stays in the log.

    Raises RefusedError, NotFoundError, ConflictError for what is not published.
    """
    files.check_edit(user)
    now = house.now()
    with writing():
        row = _held(text)
        if row.kind != MatterTextKind.STATEMENT or row.given_at is None:
            raise ConflictError(_("This statement is not published."), code="not_published")
        row.given_at = None
        row.save(update_fields=["given_at"])
        _record(WITHDRAWN, row, user, now)
    return row


def published() -> list[MatterText]:
    """Return the public statements that stand: the newest published one a file and language."""
    rows = MatterText.objects.filter(kind=MatterTextKind.STATEMENT).exclude(given_at=None)
    newest: dict[tuple[int, str], MatterText] = {}
    for row in rows.order_by("version"):
        newest[row.matter_id, row.language] = row
    return sorted(newest.values(), key=lambda one: -(one.given_at or 0))


def _held(text: int) -> MatterText:
    rows = MatterText.objects.select_for_update(of=("self",)).select_related("matter")
    row = rows.filter(pk=text).first()
    if row is None:
        raise NotFoundError(_("There is no such text."), code="no_text")
    return row


def _newer(row: MatterText) -> QuerySet[MatterText]:
    same = MatterText.objects.filter(matter=row.matter_id, kind=row.kind, language=row.language)
    return same.filter(question=row.question_id, version__gt=row.version)


def _record(kind: str, row: MatterText, user: User, now: int) -> None:
    plain = {
        "matter": row.matter_id,
        "text": row.pk,
        "kind": row.kind,
        "language": row.language,
        "version": row.version,
    }
    digest = hashlib.sha256(row.text.encode()).hexdigest()
    records.append_one(records.draft(kind, now, plain, {"sha256": digest, "by": by_number(user)}))
