# SPDX-License-Identifier: Apache-2.0
"""Records and their places in the log.

A record is RFC 8785 bytes in which every personal or sensitive value already
stands as a salted commitment; its entry is made with it. Appending gives the
next index in the same transaction as what the record tells of.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Max

from vigie.core import canonical, ids
from vigie.flow.insert import as_json, insert
from vigie.ledger.entry import field_commitment, make_entry, record_salt
from vigie.store.models import DecisionRecord, LogEntry, Record, RecordKey

_RECORD = ("record_id", "kind", "at", "content")
_KEY = ("record", "key", "fields")
_ENTRY = ("index", "entry", "record", "promised_until", "since")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A record ready to be appended."""

    record_id: str
    kind: str
    at: int
    content: bytes
    entry: bytes
    key: bytes = b""
    fields: Mapping[str, Any] = field(default_factory=dict)
    fields_json: str = ""
    """The same as `fields`, where they came encoded."""
    promised_until: int | None = None


def draft(
    kind: str,
    now: int,
    plain: Mapping[str, Any],
    personal: Mapping[str, Any] | None = None,
    *,
    promised_until: int | None = None,
) -> Draft:
    """Make a record with a key of its own.

    Args:
        kind: event tag, `subject.verb`.
        now: time of the event in milliseconds.
        plain: values that may stand in the open for ever.
        personal: values that stand as commitments, by path.
        promised_until: end of the earliest promise made about it.

    Raises ValueError for floats and for keys that are not ASCII: a defect.
    """
    key = secrets.token_bytes(32)
    record_id = ids.random_id()
    record = {"v": 1, "id": record_id, "k": kind, "t": now, **plain}
    for path, value in (personal or {}).items():
        canonical.check(value)
        digest = field_commitment(path, record_salt(key, path), canonical.encode(value))
        record[path] = {"_c": digest}
    canonical.check(record)
    content = canonical.encode(record)
    return Draft(
        record_id=record_id,
        kind=kind,
        at=now,
        content=content,
        entry=make_entry(content, record_salt(key)),
        key=key,
        fields=dict(personal or {}),
        promised_until=promised_until,
    )


def append(drafts: Sequence[Draft], since: int | None = None) -> list[int]:
    """Write records, keys and log entries; return the indexes, without gaps.

    Must run inside `transaction.writing`.
    """
    if not drafts:
        return []
    first = next_index()
    insert(Record, _RECORD, [(d.record_id, d.kind, d.at, d.content) for d in drafts])
    keys = [(d.record_id, d.key, d.fields_json or as_json(d.fields)) for d in drafts if d.key]
    insert(RecordKey, _KEY, keys)
    rows = [
        (first + n, d.entry, d.record_id, d.promised_until, d.at if since is None else since)
        for n, d in enumerate(drafts)
    ]
    insert(LogEntry, _ENTRY, rows)
    return list(range(first, first + len(drafts)))


def append_one(one: Draft, since: int | None = None) -> int:
    """Append a single record; return its index.

    `since` is when the oldest decision it commits to was answered; without it,
    the time of the record.
    """
    return append([one], since)[0]


def next_index() -> int:
    """Return the index that the next log entry gets."""
    last = LogEntry.objects.aggregate(last=Max("index"))["last"]
    return 0 if last is None else last + 1


def next_number() -> int:
    """Return the short number that the next decision gets; they begin at 1."""
    return (DecisionRecord.objects.aggregate(last=Max("number"))["last"] or 0) + 1
