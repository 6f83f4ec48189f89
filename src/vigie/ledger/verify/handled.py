# SPDX-License-Identifier: Apache-2.0
"""The list of a compliance proof: what came, when, and what became of it.

A line names two records of the package, the receipt and the outcome. Times and
the outcome are read from these records again, so a line cannot say better than
the log.
"""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional

from vigie.ledger.verify.canonical import canonical_json, parse_json
from vigie.ledger.verify.errors import MalformedError, ProofError
from vigie.ledger.verify.proofs import take
from vigie.ledger.verify.views import ShownRecord

_HANDLED_LINE = ("what", "number", "received", "closed", "outcome", "took_ms")
OUTCOME_PATHS = ("outcome", "result", "verb", "answer", "receipt")


def handled_line(
    what: str, number: str, received: ShownRecord, closed: Optional[ShownRecord]
) -> Dict[str, Any]:
    """Return the line of one thing that was received; `closed` is None while it is open."""
    return {
        "what": what,
        "number": number,
        "received": _place_of(received),
        "closed": _place_of(closed) if closed else None,
        "outcome": outcome_of(closed) if closed else None,
        "took_ms": closed.time - received.time if closed else None,
    }


def _place_of(shown: ShownRecord) -> Dict[str, Any]:
    return {"index": shown.position, "event": shown.kind, "at": shown.time}


def outcome_of(shown: ShownRecord) -> str:
    """Return the outcome that a record names; without one, its event."""
    values = shown.values()
    for path in OUTCOME_PATHS:
        if isinstance(values.get(path), str):
            return str(values[path])
    return shown.kind


def handled_text(lines: List[Dict[str, Any]]) -> bytes:
    """Write `data/handled.jsonl`."""
    return b"".join(canonical_json(line) + b"\n" for line in lines)


def check_handled(data: bytes, records: Mapping[int, ShownRecord]) -> List[Dict[str, Any]]:
    """Hold every line against the records that it names."""
    found = []
    for number, line in enumerate(data.split(b"\n")[:-1], 1):
        field = "handled:{}".format(number)
        value = take(parse_json(line), _HANDLED_LINE, field)
        received, closed = _named_record(value["received"], records, field), None
        if value["closed"] is not None:
            closed = _named_record(value["closed"], records, field)
        expected = handled_line(str(value["what"]), str(value["number"]), received, closed)
        if canonical_json(expected) != line:
            raise ProofError("The line says other than its records.", field=field)
        found.append(expected)
    if data and not data.endswith(b"\n"):
        raise MalformedError("The last line is cut short.", field="handled")
    return found


def _named_record(value: Any, records: Mapping[int, ShownRecord], field: str) -> ShownRecord:
    named = take(value, ("index", "event", "at"), field)
    shown = records.get(named["index"]) if isinstance(named["index"], int) else None
    if shown is None:
        raise ProofError("The line names a record that is not shown.", field=field)
    return shown
