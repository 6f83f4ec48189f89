# SPDX-License-Identifier: Apache-2.0
"""A sender directory from CSV: all of it or nothing; each contact still waits for its check."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from vigie.core.errors import ConflictError, InvalidInputError
from vigie.flow.house import House
from vigie.flow.orders import authorities, planted
from vigie.flow.transaction import writing
from vigie.store.models import Authority, User

NEEDED: Final = ("name", "country", "kind")
KNOWN: Final = frozenset({*NEEDED, "contact", "value", "source", "declared"})
MAX_LINES: Final = 20_000
MAX_BYTES: Final = 10_000_000
YES: Final = frozenset({"yes", "true", "1", "x"})
NO: Final = frozenset({"no", "false", "0", ""})


@dataclass(slots=True)
class Taken:
    """How much was entered, and how many lines stood there already."""

    letters: list[planted.Said] = field(repr=False)
    authorities: int = 0
    contacts: int = 0
    there: int = 0


def take(house: House, user: User, data: bytes) -> Taken:
    """Enter every line of a CSV file, in one transaction.

    Raises InvalidInputError naming the line, RefusedError without the permission.
    """
    authorities.check_may(user)
    taken = Taken(letters=planted.letters())
    with writing():
        for number, row in _rows(data):
            try:
                _enter(house, user, row, taken)
            except InvalidInputError as problem:
                raise InvalidInputError(
                    f"Line {number}: {problem.message}", field=problem.field, fix=problem.fix
                ) from problem
    return taken


def _rows(data: bytes) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Yield the lines with their numbers. Raises InvalidInputError for what is no such file."""
    if len(data) > MAX_BYTES:
        raise InvalidInputError("The file has more than 10 MB.", field="file")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise InvalidInputError("The file is not UTF-8.", field="file") from problem
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    head = set(reader.fieldnames or ())
    if not set(NEEDED) <= head or not head <= KNOWN:
        raise InvalidInputError(
            "The head of the file does not fit.",
            field="file",
            fix="name,country,kind,contact,value,source,declared",
        )
    try:
        for row in reader:
            if reader.line_num > MAX_LINES:
                raise InvalidInputError(f"At most {MAX_LINES} lines.", field="file")
            yield reader.line_num, _cells(row, reader.line_num)
    except csv.Error as problem:
        raise InvalidInputError(f"Line {reader.line_num}: no CSV.", field="file") from problem


def _cells(row: Mapping[str | None, str | None], number: int) -> Mapping[str, str]:
    if None in row:
        raise InvalidInputError(f"Line {number}: more cells than the head.", field="file")
    return {str(name): (value or "").strip() for name, value in row.items()}


def _enter(house: House, user: User, row: Mapping[str, str], taken: Taken) -> None:
    form = authorities.AuthorityForm(name=row["name"], country=row["country"], kind=row["kind"])
    name, country = authorities.check_authority(form)
    one = Authority.objects.filter(country=country, name__iexact=name).first()
    if one is None:
        one = authorities.add(house, user, form)
        taken.authorities += 1
    elif not row.get("value"):
        taken.there += 1
    if row.get("value"):
        _contact(house, user, one, row, taken)


def _contact(
    house: House, user: User, one: Authority, row: Mapping[str, str], taken: Taken
) -> None:
    said = row.get("declared", "").lower()
    if said not in YES | NO:
        raise InvalidInputError("Say yes or no.", field="declared")
    form = authorities.ContactForm(
        kind=row.get("contact", ""),
        value=row["value"],
        source=row.get("source", ""),
        declared=said in YES,
    )
    try:
        authorities.add_contact(house, user, one, form, taken.letters)
        taken.contacts += 1
    except ConflictError as problem:
        if problem.code != "contact_there":
            raise InvalidInputError(problem.message, field="name") from problem
        taken.there += 1
