# SPDX-License-Identifier: Apache-2.0
"""History of other tools: taken over as asserted, never as witnessed.

What another tool says of the past helps whoever decides; Vigie did not see it
and says so wherever it is shown. It changes no decision and no tally of
decisions; a strike counts on the ladder, marked as asserted, and the ladder only
proposes. A file is one record of the log, by its digest; the same row taken
over twice is known, so an import can be repeated.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Final, NamedTuple

from vigie.core.errors import InvalidInputError
from vigie.flow import banks, records
from vigie.flow.house import House
from vigie.flow.transaction import writing
from vigie.screening.matching.bank import Entry, entry_of
from vigie.store.models import HistoryKind, ImportedRecord, Strike, SubjectKind

IMPORTED: Final = "history.imported"
GROUP: Final = 500
PAUSE_S: Final = 0.010
MAX_TEXT: Final = 2_000
MAX_ID: Final = 512
DAY_MS: Final = 86_400_000
STRIKE_DAYS: Final = 180
COLUMNS: Final[Mapping[HistoryKind, tuple[str, ...]]] = {
    HistoryKind.DECISION: ("id", "item_id", "author", "at", "outcome", "policy", "reason"),
    HistoryKind.NOTICE: ("id", "item_id", "author", "at", "category", "outcome", "url"),
    HistoryKind.STRIKE: ("id", "author", "at", "policy", "weight", "expires_at"),
    HistoryKind.BLOCKLIST: ("id", "author", "at", "reason", "algorithm", "value"),
}
"""What a row can say; `id` is the other tool's own number."""
NEEDED: Final[Mapping[HistoryKind, tuple[str, ...]]] = {
    HistoryKind.DECISION: ("id", "item_id", "at", "outcome"),
    HistoryKind.NOTICE: ("id", "at"),
    HistoryKind.STRIKE: ("id", "author", "at"),
    HistoryKind.BLOCKLIST: ("id", "at"),
}
_OWN: Final = frozenset({"id", "item_id", "author", "at"})
"""Columns of the table; the others are kept as they came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assertion:
    """One row of another tool, checked."""

    external_id: str
    at: int
    item_id: str = ""
    author: str = ""
    """As the platform names them."""
    data: Mapping[str, str] = field(default_factory=dict)


class Problem(NamedTuple):
    """A row that was not taken; never its content."""

    line: int
    field: str
    message: str


class Imported(NamedTuple):
    """What came of a file."""

    taken: int
    known: int
    problems: tuple[Problem, ...]
    log_index: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where the rows come from."""

    kind: HistoryKind
    tool: str
    """As the operator calls it."""
    service: str
    digest: str
    """SHA-256 of the file."""
    by: str
    bank: str = ""
    """Where the hashes of a blocklist go; its class says what they can do."""


def check_source(source: Source) -> None:
    """Raise where the tool has no name, or there is no such bank."""
    if source.bank:
        banks.find_bank(source.bank)
    if not 0 < len(source.tool.strip()) <= 100:
        raise InvalidInputError(
            "Name the tool in 1 to 100 characters.", field="source", fix="Such as 'old console'."
        )


def read_row(line: int, row: Mapping[str, str | None], kind: HistoryKind) -> Assertion | Problem:
    """Check one row of a table with the columns of `COLUMNS`."""
    given = {name: (row.get(name) or "").strip() for name in COLUMNS[kind]}
    for name in NEEDED[kind]:
        if not given[name]:
            return Problem(line, name, "is empty")
    for name, text in given.items():
        if len(text) > (MAX_ID if name in _OWN else MAX_TEXT):
            return Problem(line, name, "is too long")
    return _assertion(line, given, kind)


def _assertion(line: int, given: dict[str, str], kind: HistoryKind) -> Assertion | Problem:
    at = _moment(given["at"])
    if at is None:
        return Problem(line, "at", "is no date: write 2026-11-22 or 2026-11-22T10:00:00Z")
    problem = _CHECKS.get(kind, _nothing)(line, given)
    if problem is not None:
        return problem
    return Assertion(
        external_id=given["id"],
        at=at,
        item_id=given.get("item_id", ""),
        author=given.get("author", ""),
        data={name: text for name, text in given.items() if name not in _OWN and text},
    )


def _strike_problem(line: int, given: Mapping[str, str]) -> Problem | None:
    if given["weight"] and not (given["weight"].isascii() and given["weight"].isdigit()):
        return Problem(line, "weight", "is no whole number")
    if given["weight"] and int(given["weight"]) > 100:
        return Problem(line, "weight", "is more than 100")
    if given["expires_at"] and _moment(given["expires_at"]) is None:
        return Problem(line, "expires_at", "is no date")
    return None


def _blocked_problem(line: int, given: Mapping[str, str]) -> Problem | None:
    if bool(given["author"]) == bool(given["value"]):
        return Problem(line, "value", "a row blocks an author or one hash")
    try:
        _entry(given)
    except InvalidInputError as problem:
        return Problem(line, "value", problem.message)
    return None


def _entry(given: Mapping[str, str]) -> Entry | None:
    """Return the hash that a row of a blocklist names, if it names one."""
    if not given.get("value"):
        return None
    return entry_of({"value": given["value"], "algorithm": given.get("algorithm") or None})


def _nothing(_line: int, _given: Mapping[str, str]) -> Problem | None:
    return None


_CHECKS: Final[Mapping[HistoryKind, Callable[[int, Mapping[str, str]], Problem | None]]] = {
    HistoryKind.STRIKE: _strike_problem,
    HistoryKind.BLOCKLIST: _blocked_problem,
}


def _moment(text: str) -> int | None:
    """Read a date or time; without a zone it is UTC."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return None
    aware = read if read.tzinfo else read.replace(tzinfo=UTC)
    try:
        return round(aware.timestamp() * 1000)
    except (OverflowError, ValueError):
        return None


def import_history(
    house: House,
    source: Source,
    rows: Iterable[Assertion | Problem],
    *,
    pause: Callable[[float], None] = time.sleep,
) -> Imported:
    """Take rows over in groups of 500, each a transaction, with a pause between.

    Bad rows stop no others. What was taken before a failure stays; repeating the
    file takes the rest.
    """
    check_source(source)
    problems: list[Problem] = []
    taken = seen = 0
    record: records.Draft | None = None
    index: int | None = None
    for group in _groups(_good(rows, problems)):
        with writing():
            if record is None:
                record = _record(house, source)
                index = records.append_one(record)
            taken += _take(house, source, group, record.record_id)
        _list(house, source, group)
        seen += len(group)
        pause(PAUSE_S)
    return Imported(taken, seen - taken, tuple(problems), index)


def _record(house: House, source: Source) -> records.Draft:
    plain = {
        "history": source.kind.value,
        "tool": source.tool.strip(),
        "sha256": source.digest,
        "asserted": True,
    }
    return records.draft(IMPORTED, house.now(), plain, {"by": source.by})


def _good(rows: Iterable[Assertion | Problem], problems: list[Problem]) -> Iterator[Assertion]:
    for one in rows:
        if isinstance(one, Problem):
            problems.append(one)
        else:
            yield one


def _groups(rows: Iterator[Assertion]) -> Iterator[Sequence[Assertion]]:
    while group := list(islice(rows, GROUP)):
        yield group


def _take(house: House, source: Source, group: Sequence[Assertion], record_id: str) -> int:
    """Write the rows of a group that are new; return how many."""
    tool = source.tool.strip()
    names = {one.external_id: one for one in group}
    same = ImportedRecord.objects.filter(
        kind=source.kind.value, source=tool, external_id__in=list(names)
    )
    known = set(same.values_list("external_id", flat=True))
    fresh = [one for name, one in names.items() if name not in known]
    authors = {one.external_id: _pseudonym(house, source, one) for one in fresh}
    ImportedRecord.objects.bulk_create(
        ImportedRecord(
            kind=source.kind.value,
            source=tool,
            external_id=one.external_id,
            service=source.service,
            item_id=one.item_id,
            author=authors[one.external_id],
            at=one.at,
            data=dict(one.data),
            record_id=record_id,
        )
        for one in fresh
    )
    if source.kind is HistoryKind.STRIKE:
        Strike.objects.bulk_create(_strike(source, one, authors[one.external_id]) for one in fresh)
    return len(fresh)


def _list(house: House, source: Source, group: Sequence[Assertion]) -> None:
    """Enter the hashes of a blocklist into the bank that was named."""
    entries = [entry for one in group if (entry := _entry(one.data)) is not None]
    if entries and source.bank:
        banks.import_entries(house, source.bank, entries, source.by)


def _pseudonym(house: House, source: Source, one: Assertion) -> str:
    return house.pseudonym(source.service, one.author) if one.author else ""


def _strike(source: Source, one: Assertion, author: str) -> Strike:
    """Return a strike that is shown as asserted; the ladder only ever proposes."""
    expires = _moment(str(one.data.get("expires_at", "")))
    return Strike(
        subject_kind=SubjectKind.AUTHOR,
        subject=author,
        service=source.service,
        policy=str(one.data.get("policy", ""))[:100] or "*",
        weight=int(one.data.get("weight", "1")),
        at=one.at,
        expires_at=one.at + STRIKE_DAYS * DAY_MS if expires is None else expires,
        asserted=True,
    )


def of_author(pseudonym: str, limit: int = 50) -> list[ImportedRecord]:
    """Return what other tools assert of an author, the newest first."""
    if not pseudonym:
        return []
    return list(ImportedRecord.objects.filter(author=pseudonym).order_by("-at")[:limit])


def as_read(row: ImportedRecord) -> dict[str, Any]:
    """Return an assertion as pages and commands show it."""
    return {"kind": row.kind, "source": row.source, "id": row.external_id, "at": row.at, **row.data}
