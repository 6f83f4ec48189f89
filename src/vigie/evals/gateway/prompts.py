# SPDX-License-Identifier: Apache-2.0
"""Labelled prompts from CSV, JSON lines, a JSON list or plain lines."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from vigie.core.errors import InvalidInputError

BLOCK: Final = frozenset({"block", "1", "true", "yes", "unsafe", "harmful"})
ALLOW: Final = frozenset({"allow", "0", "false", "no", "safe", "harmless"})
USUAL: Final[Mapping[str, tuple[str, ...]]] = {
    "text": ("prompt", "text", "prompt_text", "prompts_final", "Behavior"),
    "label": ("label", "expected"),
    "language": ("language", "lang"),
    "country": ("country",),
    "category": ("category", "hazard", "harm_area", "SemanticCategory"),
    "forbidden": ("forbidden",),
    "context": ("ContextString",),
}
"""Field: the names of columns that are tried in this order where none is given."""
MOST_CHARACTERS: Final = 100_000


@dataclass(frozen=True, slots=True)
class Prompt:
    """One row: what is asked, and whether it should be stopped."""

    number: int
    text: str
    block: bool
    language: str = ""
    country: str = ""
    category: str = ""
    forbidden: tuple[str, ...] = ()
    """Words that must not reach the client."""

    @property
    def key(self) -> str:
        """A name for the row that holds nothing of its text."""
        return f"{self.number}-{hashlib.sha256(self.text.encode()).hexdigest()[:16]}"


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file is read: which column holds what, and one label for all rows."""

    columns: Mapping[str, str] = field(default_factory=dict)
    """Field of `USUAL`: name of the column."""
    label: str = ""
    """`block` or `allow` for a file without labels."""


def read(path: Path, reading: Reading) -> list[Prompt]:
    """Read a file by its suffix. Raises InvalidInputError; no message holds a row's text."""
    try:
        rows = list(_rows(path))
    except (UnicodeDecodeError, json.JSONDecodeError, csv.Error) as problem:
        raise InvalidInputError(
            f"{path.name} is no {path.suffix.lstrip('.').upper() or 'text'} in UTF-8.",
            code="prompts_invalid",
            fix="Give CSV, JSON lines, a JSON list of strings, or lines of text.",
        ) from problem
    return [_prompt(number, row, reading, path) for number, row in enumerate(rows, start=1)]


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    suffix = path.suffix.lower()
    if suffix in (".csv", ".tsv"):
        with path.open(encoding="utf-8-sig", newline="") as lines:
            yield from csv.DictReader(lines, delimiter="\t" if suffix == ".tsv" else ",")
        return
    text = path.read_text(encoding="utf-8-sig")
    if suffix == ".json":
        yield from (_record(one) for one in json.loads(text))
        return
    for line in filter(str.strip, text.splitlines()):
        yield _record(json.loads(line)) if suffix in (".jsonl", ".ndjson") else {"text": line}


def _record(one: object) -> dict[str, Any]:
    return one if isinstance(one, dict) else {"text": str(one)}


def _prompt(number: int, row: Mapping[str, Any], reading: Reading, path: Path) -> Prompt:
    text = str(_value(row, reading, "text") or "").strip()
    if not text or len(text) > MOST_CHARACTERS:
        raise InvalidInputError(
            f"{path.name}, row {number}: there is no prompt of at most {MOST_CHARACTERS} letters.",
            code="prompts_invalid",
            field="text",
            fix="Name the column with --text-column.",
        )
    context = str(_value(row, reading, "context") or "").strip()
    return Prompt(
        number=number,
        text=f"{context}\n\n{text}" if context else text,
        block=_is_block(number, row, reading, path),
        language=str(_value(row, reading, "language") or ""),
        country=str(_value(row, reading, "country") or "").upper(),
        category=str(_value(row, reading, "category") or ""),
        forbidden=_terms(_value(row, reading, "forbidden")),
    )


def _value(row: Mapping[str, Any], reading: Reading, name: str) -> Any:
    given = reading.columns.get(name)
    if given is not None:
        return row.get(given)
    return next((row[usual] for usual in USUAL[name] if usual in row), None)


def _is_block(number: int, row: Mapping[str, Any], reading: Reading, path: Path) -> bool:
    said = reading.label or str(_value(row, reading, "label") or "")
    if said.strip().lower() in BLOCK:
        return True
    if said.strip().lower() in ALLOW:
        return False
    raise InvalidInputError(
        f"{path.name}, row {number}: the label is neither block nor allow.",
        code="prompts_invalid",
        field="label",
        fix="Name the column with --label-column, or give --label for all rows.",
    )


def _terms(given: object) -> tuple[str, ...]:
    parts = given if isinstance(given, list) else str(given or "").split("|")
    return tuple(term for part in parts if (term := str(part).strip()))


def read_terms(path: Path) -> tuple[str, ...]:
    """Read words that must reach no client, one a line."""
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    return tuple(term for line in lines if (term := line.strip()) and not term.startswith("#"))
