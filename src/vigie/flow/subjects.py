# SPDX-License-Identifier: Apache-2.0
"""A person's request: show what is kept of them, or erase it (Art. 15, 17 GDPR).

What is shown is what is erased: both read `personal.PARTS`. Erasing goes
through the one deletion function, which asks the holds first; what another duty
keeps for now is named with its reason, never passed over in silence.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final

from django.db.models import Model

from vigie.core.clock import iso
from vigie.core.errors import InvalidInputError, NotFoundError
from vigie.flow import child_items, deletion, personal, records
from vigie.flow.erase import DEFAULT_SERVICE
from vigie.flow.house import House
from vigie.flow.notices.answer import close_gone
from vigie.flow.orders import hidden
from vigie.flow.transaction import writing
from vigie.store.models import Case, CaseState, DecisionRecord, ErasureSubject, PendingPurge

EXPORTED: Final = "subject.exported"
OPEN_ITEMS: Final = "items of open cases"
OPEN_WHY: Final = "a notice, complaint or proposal about them is decided first (Art. 16, 20 DSA)"
MAX_ID: Final = 512
_CONTENT: Final = ("item_id", "version", "text", "links", "url", "published_at", "author")
_DECISION: Final = (
    "label", "decision_id", "item_id", "version", "surface", "kind", "outcome", "territories",
    "offences", "policies", "language", "reason", "at",
)  # fmt: skip
_README: Final = """\
What this service keeps of you, one file a kind. Times are UTC.

index.json says what each file is, how many records it holds, and when and under
which entry of the public log this answer was recorded.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of a request: the receipt."""

    request: str
    """`export` or `erase`."""
    at: int
    counts: dict[str, int]
    """Records by part: shown, or erased."""
    kept: dict[str, str] = field(default_factory=dict)
    """What stays for now, and under which duty."""
    log_index: int | None = None
    """Entry of the log that records it; None where nothing was found."""

    def as_json(self) -> dict[str, Any]:
        """Return the receipt as it is handed out."""
        return {
            "request": self.request,
            "at": iso(self.at),
            "counts": self.counts,
            "kept": self.kept,
            "log_index": self.log_index,
        }


def find(house: House, given: str, service: str = DEFAULT_SERVICE) -> deletion.Subject:
    """Return whom an identifier names: a mail address a notifier, all else an author.

    Raises InvalidInputError where there is none.
    """
    text = given.strip()
    if not text or len(text) > MAX_ID:
        raise InvalidInputError(
            f"Name a person in 1 to {MAX_ID} characters.",
            field="id",
            fix="Give the author's id as the platform names it, or a mail address.",
        )
    if "@" in text and "." in text.rpartition("@")[2]:
        kind = ErasureSubject.NOTIFIER
        return deletion.Subject(kind=kind, service=service, email=text.casefold())
    author = house.pseudonym(service, text)
    return deletion.Subject(kind=ErasureSubject.AUTHOR, service=service, author=author)


def counts(subject: deletion.Subject) -> dict[str, int]:
    """Count what is kept of a person, by part; parts without a record are left out."""
    found = {name: len(rows) for name, rows in _gather(subject)}
    return {name: count for name, count in found.items() if count}


def kept(subject: deletion.Subject, now: int) -> dict[str, str]:
    """Return what a duty keeps for now, with the duty."""
    subject = _without_open(subject)
    found = {part.name: part.why for part in personal.PARTS if part.staying(subject, now)}
    return {OPEN_ITEMS: OPEN_WHY} | found if subject.besides else found


def export_subject(
    house: House, given: str, by: str, *, service: str = DEFAULT_SERVICE
) -> tuple[Answer, bytes]:
    """Return a receipt and a ZIP of everything kept of a person; recorded in the log.

    Raises NotFoundError where nothing is kept.
    """
    subject, now = find(house, given, service), house.now()
    parts = [(name, rows) for name, rows in _gather(subject) if rows]
    if not parts:
        raise NotFoundError("Nothing is kept of this person.", code="nothing_kept")
    found = {name: len(rows) for name, rows in parts}
    files = {f"{name.replace(' ', '_')}.json": _encode(rows) for name, rows in parts}
    digests = {name: hashlib.sha256(body).hexdigest() for name, body in files.items()}
    with writing():
        plain = {"subject": subject.kind.value, "counts": found}
        draft = records.draft(EXPORTED, now, plain, {"files": digests, "by": by})
        index = records.append_one(draft)
    answer = Answer(request="export", at=now, counts=found, log_index=index)
    return answer, _zip(answer, files)


def erase_subject(
    house: House,
    given: str,
    by: str,
    *,
    service: str = DEFAULT_SERVICE,
    basis: str = "Art. 17 GDPR",
) -> Answer:
    """Erase what is kept of a person; what a duty keeps for now is named.

    Raises ConflictError under a hold, before anything went.
    """
    subject, now = find(house, given, service), house.now()
    with writing():
        subject = _without_open(subject)
        left = kept(subject, now)
        gone, row = deletion.erase(subject, now, basis=basis, by=by)
        close_gone(house)
        if subject.kind is ErasureSubject.AUTHOR:
            _purge(subject, now, basis, by)
    found = {"items": gone.contents, "decisions": gone.decisions, **gone.others}
    return Answer(
        request="erase",
        at=now,
        counts={name: count for name, count in found.items() if count},
        kept=left,
        log_index=row.record.entry.index if row is not None else None,
    )


def _without_open(subject: deletion.Subject) -> deletion.Subject:
    """Leave out the items about which a case is open: it is decided first."""
    if subject.kind is not ErasureSubject.AUTHOR:
        return subject
    cases = Case.objects.filter(
        state=CaseState.OPEN, decision__service=subject.service, decision__author=subject.author
    )
    items = cases.values_list("decision__item_id", flat=True)
    return replace(subject, besides=tuple(sorted(set(items))))


def _purge(subject: deletion.Subject, now: int, basis: str, by: str) -> None:
    """Leave the journals' part to `jobs`."""
    PendingPurge.objects.create(
        subject=subject.kind.value,
        service=subject.service,
        author=subject.author,
        besides=list(subject.besides),
        asked_at=now,
        basis=basis,
        requested_by=by,
    )


def _gather(subject: deletion.Subject) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield each part with its records, readable."""
    contents = child_items.shown().filter(subject.contents()).order_by("pk")
    yield "items", [_row(one, _CONTENT) for one in contents]
    decisions = hidden.shown(DecisionRecord.objects.filter(subject.rows())).order_by("number")
    yield "decisions", [_row(one, _DECISION) for one in decisions]
    for part in personal.PARTS:
        rows = part.told(subject)
        if rows is not None:
            yield part.name, [_row(one, part.shown) for one in rows]


def _row(record: Model, columns: tuple[str, ...]) -> dict[str, Any]:
    return {name: _readable(name, getattr(record, name)) for name in columns}


def _readable(name: str, value: Any) -> Any:
    """Write moments as people read them."""
    is_moment = name == "at" or name.endswith("_at") or name == "until"
    return iso(value) if is_moment and isinstance(value, int) else value


def _encode(rows: list[dict[str, Any]]) -> bytes:
    return json.dumps(rows, ensure_ascii=False, indent=1).encode()


def _zip(answer: Answer, files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("README.txt", _README)
        package.writestr("index.json", json.dumps(answer.as_json(), indent=1))
        for name, body in files.items():
            package.writestr(name, body)
    return out.getvalue()
