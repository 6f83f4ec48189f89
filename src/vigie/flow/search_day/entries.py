# SPDX-License-Identifier: Apache-2.0
"""The record of the day, line by line: nothing is changed, a mistake is one more line.

Lines may follow after the closing too: a hash that was computed late, a
correction. They say by their time that they came afterwards.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from vigie.core.errors import InvalidInputError
from vigie.flow import records
from vigie.flow.house import House
from vigie.flow.search_day import days, scope
from vigie.flow.search_day.days import By
from vigie.flow.search_day.scope import ScopeGiven
from vigie.flow.transaction import writing
from vigie.store.models import SearchDay, SearchEntry, SearchEntryKind

WRITTEN: Final = "search.entry"
MAX_LABEL: Final = 300
MAX_MARK: Final = 200
MAX_NOTE: Final = 20_000
MINUTE_MS: Final = 60_000
BEFORE_MS: Final = 24 * 60 * MINUTE_MS
"""As long before the opening something of the day may have happened."""
AHEAD_MS: Final = 5 * MINUTE_MS
"""By so much another clock may be ahead."""
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryGiven:
    """One line as a person writes it."""

    kind: str
    label: str
    serial: str = ""
    sha256: str = ""
    seal: str = ""
    note: str = ""
    happened_at: int | None = None
    """None: now."""


def add_entry(house: House, by: By, number: int, given: EntryGiven) -> SearchEntry:
    """Write one line of the day's record.

    Raises NotFoundError, RefusedError, InvalidInputError naming the field: a thing
    taken has a serial number or a seal, a copy its hash, or a note that says why not.
    """
    days.check_right(by)
    now = house.now()
    with writing():
        search = SearchDay.objects.filter(pk=number).first()
        if search is None:
            raise days.not_there()
        check_entry(given, search, now)
        return write(search, given, now, days.named(by))


def set_scope(house: House, by: By, number: int, given: ScopeGiven) -> SearchEntry:
    """Enter again what the warrant names, as a line of the record of its own.

    What officers see follows at once. Raises NotFoundError, ConflictError for a
    closed search, RefusedError, InvalidInputError.
    """
    days.check_right(by)
    meant = scope.read(house, given)
    now = house.now()
    with writing():
        search = days.held(number)
        search.scope = meant.as_json()
        search.save(update_fields=["scope"])
        line = EntryGiven(
            kind=SearchEntryKind.EVENT, label="The scope was entered again, from the warrant."
        )
        return write(search, line, now, days.named(by), {"scope": meant.as_json()})


def write(
    search: SearchDay,
    given: EntryGiven,
    now: int,
    by: str,
    more: dict[str, object] | None = None,
) -> SearchEntry:
    """Append one line. Inside `transaction.writing`; the caller has checked it."""
    found = {
        "label": given.label.strip(),
        "serial": given.serial.strip(),
        "sha256": given.sha256.strip().lower(),
        "seal": given.seal.strip(),
        "note": given.note.strip(),
    }
    happened = now if given.happened_at is None else given.happened_at
    line = search.entries.count() + 1
    plain = {"search": search.number, "line": line, "kind": given.kind, "happened_at": happened}
    draft = records.draft(WRITTEN, now, plain, {**found, **(more or {}), "by": by})
    records.append_one(draft)
    return SearchEntry.objects.create(
        search=search,
        kind=given.kind,
        by=by,
        happened_at=happened,
        at=now,
        record_id=draft.record_id,
        **found,
    )


def check_entry(given: EntryGiven, search: SearchDay, now: int) -> None:
    """Raise InvalidInputError where a line cannot stand like this, naming the field."""
    if given.kind not in set(SearchEntryKind):
        raise InvalidInputError(
            _("Choose what this line is about."),
            code="entry_kind",
            field="kind",
            fix=_("Choose from: %(words)s.") % {"words": ", ".join(SearchEntryKind)},
        )
    _check_length("label", given.label, 1, MAX_LABEL)
    for name in ("serial", "seal"):
        _check_length(name, getattr(given, name), 0, MAX_MARK)
    _check_length("note", given.note, 0, MAX_NOTE)
    if given.sha256 and not _SHA256.fullmatch(given.sha256.strip().lower()):
        raise InvalidInputError(
            _("A SHA-256 has 64 hexadecimal digits."), code="entry_sha256", field="sha256"
        )
    _check_marks(given)
    at = given.happened_at
    if at is not None and not search.opened_at - BEFORE_MS <= at <= now + AHEAD_MS:
        raise InvalidInputError(
            _("This is not a time of the day."),
            code="entry_time",
            field="happened_at",
            fix=_("Give a time from a day before the opening until now."),
        )


def _check_length(name: str, text: str, least: int, most: int) -> None:
    if not least <= len(text.strip()) <= most:
        raise InvalidInputError(days.at_most(least, most), code=f"entry_{name}", field=name)


def _check_marks(given: EntryGiven) -> None:
    """What was taken must be known again: by number, seal or hash."""
    why = given.note.strip()
    if given.kind == SearchEntryKind.OBJECT and not (given.serial.strip() or given.seal.strip()):
        raise InvalidInputError(
            _("A thing that is taken has a serial number or a seal."),
            code="entry_marks",
            field="serial",
            fix=_("Read it from the thing, or ask the officers for the number of their seal."),
        )
    if given.kind == SearchEntryKind.COPY and not (given.sha256.strip() or why):
        raise InvalidInputError(
            _("A copy has its hash."),
            code="entry_hash",
            field="sha256",
            fix=_("Ask for the SHA-256 of the copy; where none is given, say why in the note."),
        )
