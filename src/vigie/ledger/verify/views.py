# SPDX-License-Identifier: Apache-2.0
"""What a package shows of records: lines that follow from what the log commits to.

`custody.jsonl` and `decisions.jsonl` say nothing of their own: each line is its
record with the opened values put in. So they are made again and compared, and
nothing can be written into them that is not in the log.
"""

from __future__ import annotations

from typing import Any, Dict, Iterable, List, NamedTuple, Tuple

from vigie.ledger.verify.canonical import canonical_json, parse_json
from vigie.ledger.verify.errors import MalformedError, ProofError
from vigie.ledger.verify.proofs import Opening, open_record, take, verify_field, whole_number

CUSTODY_SUBJECTS = ("evidence", "hold", "epoch")
SEALED_KIND = "evidence.sealed"
SHREDDED_KIND = "evidence.shredded"
ANCHOR_KIND = "time.anchor"
_RECORD_HEAD = ("v", "id", "k", "t")


class ShownRecord(NamedTuple):
    """A record of a package: its place in the log, its opening, the fields that are opened."""

    position: int
    opening: Opening
    opened: Tuple[Tuple[str, Any], ...]

    @property
    def kind(self) -> str:
        """Return the event's tag, `subject.verb`."""
        return str(self.opening.record["k"])

    @property
    def time(self) -> int:
        """Return the time of the event in milliseconds."""
        return int(self.opening.record["t"])

    def values(self) -> Dict[str, Any]:
        """Return what the record says, opened values in place of their commitments."""
        said = {k: v for k, v in self.opening.record.items() if k not in _RECORD_HEAD}
        said.update(self.opened)
        return said

    def view(self) -> Dict[str, Any]:
        """Return the record as a line of a list shows it."""
        record = self.opening.record
        head = {"index": self.position, "id": record["id"], "event": self.kind, "at": self.time}
        return {**head, "values": self.values()}


def record_line(index: int, record: Any, salt: str, fields: List[Dict[str, Any]]) -> bytes:
    """Write a record as `log/records.jsonl` holds it."""
    line = {"index": index, "record": record, "salt": salt, "fields": fields}
    return canonical_json(line) + b"\n"


def parse_records(data: bytes) -> List[ShownRecord]:
    """Read `log/records.jsonl`: openings that fit, in the order of the log, each once."""
    found: List[ShownRecord] = []
    for number, line in enumerate(_json_lines(data), 1):
        shown = _parse_line(line, "records:{}".format(number))
        if found and shown.position <= found[-1].position:
            raise ProofError("Records stand in the order of the log.", field=str(shown.position))
        found.append(shown)
    return found


def _json_lines(data: bytes) -> Iterable[bytes]:
    lines = data.split(b"\n")
    if lines.pop() != b"":
        raise MalformedError("The last line is cut short.", field="records")
    return lines


def _parse_line(line: bytes, field: str) -> ShownRecord:
    value = take(parse_json(line), ("index", "record", "salt", "fields"), field)
    if canonical_json(value) != line:
        raise MalformedError("The line is not as it was made (RFC 8785).", field=field)
    opening = open_record(value["record"], value["salt"], field)
    if not isinstance(value["fields"], list):
        raise MalformedError("Expected a list.", field=field)
    opened = [_parse_field(opening, part, field) for part in value["fields"]]
    if len({path for path, _ in opened}) != len(opened):
        raise MalformedError("A field is opened twice.", field=field)
    return ShownRecord(whole_number(value["index"], field), opening, tuple(opened))


def _parse_field(opening: Opening, part: Any, field: str) -> Tuple[str, Any]:
    verify_field(opening.record, part)
    if part["path"] not in opening.record:
        raise MalformedError("A field stands at the top of its record.", field=field)
    return part["path"], part["value"]


def is_custody(shown: ShownRecord) -> bool:
    """Say whether an event belongs to the chain of custody."""
    return shown.kind.partition(".")[0] in CUSTODY_SUBJECTS


def custody_text(records: Iterable[ShownRecord]) -> bytes:
    """Return what `data/custody.jsonl` must be."""
    return _views(shown for shown in records if is_custody(shown))


def decisions_text(records: Iterable[ShownRecord]) -> bytes:
    """Return what `data/decisions.jsonl` must be."""
    return _views(shown for shown in records if not is_custody(shown) and shown.kind != ANCHOR_KIND)


def _views(records: Iterable[ShownRecord]) -> bytes:
    return b"".join(canonical_json(shown.view()) + b"\n" for shown in records)


def check_custody_order(records: Iterable[ShownRecord]) -> Dict[str, List[ShownRecord]]:
    """Return the events of each piece of evidence, which begin with its sealing.

    Raises ProofError where time runs backwards, an event comes before the
    sealing, or something was done with what was shredded.
    """
    events: Dict[str, List[ShownRecord]] = {}
    last = 0
    for shown in records:
        if not is_custody(shown):
            continue
        if shown.time < last:
            raise ProofError("Custody runs backwards in time.", field=str(shown.position))
        last = shown.time
        name = shown.values().get("evidence")
        if isinstance(name, str):
            events.setdefault(name, []).append(shown)
    for name, story in events.items():
        _check_story(name, [shown.kind for shown in story])
    return events


def _check_story(name: str, kinds: List[str]) -> None:
    if kinds[0] != SEALED_KIND or SEALED_KIND in kinds[1:]:
        raise ProofError("Custody does not begin with one sealing.", field=name)
    if SHREDDED_KIND in kinds[:-1]:
        raise ProofError("Something was done after the shredding.", field=name)
