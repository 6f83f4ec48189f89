# SPDX-License-Identifier: Apache-2.0
"""Reads labelled texts from a CSV file, plain or gzipped; errors name column, line and fix."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

from vigie.core.errors import InvalidInputError

LONGEST: Final = 1_000_000
"""Characters of one cell."""
ZERO: Final = frozenset({"0", "0.0", "false"})
ONE: Final = frozenset({"1", "1.0", "true"})
GZIP: Final = b"\x1f\x8b"


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Which column holds what."""

    text: str
    label: str
    language: str | None = None
    group: str | None = None

    def named(self) -> Mapping[str, str]:
        """Return option and column of each column that is asked for."""
        options = {
            "--text-column": self.text,
            "--label-column": self.label,
            "--lang-column": self.language,
            "--group-column": self.group,
        }
        return {option: column for option, column in options.items() if column}


@dataclass(slots=True)
class Rows:
    """Texts with what people said of them; one entry a row in each list."""

    texts: list[str] = field(default_factory=list)
    labels: list[int] = field(default_factory=list)
    languages: list[str | None] = field(default_factory=list)
    """As the file names them; None where it does not."""
    groups: list[str] = field(default_factory=list)


def read_rows(path: Path, columns: Columns) -> Rows:
    """Return the rows of a file. Raises InvalidInputError that names column and line."""
    found = Rows()
    before = csv.field_size_limit(LONGEST)
    try:
        with _opened(path) as handle:
            reader = csv.DictReader(handle)
            _check(reader.fieldnames, columns, path)
            for row in reader:
                _take(found, row, columns, reader.line_num)
    except (csv.Error, UnicodeDecodeError, OSError, EOFError) as problem:
        raise InvalidInputError(
            f"{path.name} does not read: {problem}.",
            code="evals_data_unreadable",
            field="--data",
            fix="Give a CSV file in UTF-8, with a row of headings, plain or gzipped.",
        ) from problem
    finally:
        csv.field_size_limit(before)
    if not found.texts:
        raise InvalidInputError(
            f"{path.name} holds no rows.",
            code="evals_no_rows",
            field="--data",
            fix="Give a file with at least one labelled text below the headings.",
        )
    return found


@contextmanager
def _opened(path: Path) -> Iterator[IO[str]]:
    with path.open("rb") as raw:
        zipped = raw.read(2) == GZIP
    if zipped:
        with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as handle:
            yield handle
    else:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            yield handle


def _check(names: object, columns: Columns, path: Path) -> None:
    known = list(names) if isinstance(names, list | tuple) else []
    for option, column in columns.named().items():
        if column not in known:
            raise InvalidInputError(
                f"{path.name} has no column {column!r}.",
                code="evals_no_column",
                field=option,
                fix=f"Its columns are: {', '.join(map(repr, known)) or 'none'}.",
            )


def _take(found: Rows, row: Mapping[str, str | None], columns: Columns, line: int) -> None:
    text = row[columns.text]
    if text is None:
        raise _bad_line(line, "--text-column", columns.text, "the row has too few cells")
    found.texts.append(text.replace("\0", " "))
    found.labels.append(_label(row[columns.label], columns.label, line))
    language = (row[columns.language] or "").strip() if columns.language else ""
    found.languages.append(language or None)
    found.groups.append((row[columns.group] or "").strip() if columns.group else "")


def _label(value: str | None, column: str, line: int) -> int:
    plain = (value or "").strip().lower()
    if plain in ONE:
        return 1
    if plain in ZERO:
        return 0
    raise _bad_line(line, "--label-column", column, "a label is 0 or 1")


def _bad_line(line: int, option: str, column: str, why: str) -> InvalidInputError:
    return InvalidInputError(
        f"Line {line}, column {column!r}: {why}.",
        code="evals_row_invalid",
        field=option,
        fix="Correct the row, or name another column.",
    )
