# SPDX-License-Identifier: Apache-2.0
"""Rows in bulk, without building model objects (four times as fast in the fold).

Column values are written as the database keeps them: moments as integers, JSON
as text, bytes as bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, Final

import msgspec
from django.db import connection, models

_JSON: Final = msgspec.json.Encoder()
_CHUNK: Final = 400


def as_json(value: Any) -> str:
    """Return JSON text for a JSON column."""
    return _JSON.encode(value).decode()


def insert(
    model: type[models.Model],
    columns: tuple[str, ...],
    rows: Sequence[tuple[Any, ...]],
    *,
    ignore: bool = False,
) -> None:
    """Insert rows; `ignore` keeps what is there under the same unique key."""
    if not rows:
        return
    head, tail = _statement(model, columns, ignore)
    marks = f"({', '.join(['%s'] * len(columns))})"
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.executemany(f"{head} {marks}{tail}", rows)
            return
        for start in range(0, len(rows), _CHUNK):
            part = rows[start : start + _CHUNK]
            values = ", ".join([marks] * len(part))
            cursor.execute(f"{head} {values}{tail}", [v for row in part for v in row])


@cache
def _statement(
    model: type[models.Model], columns: tuple[str, ...], ignore: bool
) -> tuple[str, str]:
    quote = connection.ops.quote_name
    names = ", ".join(quote(_column(model, name)) for name in columns)
    head = f"INSERT INTO {quote(model._meta.db_table)} ({names}) VALUES"  # noqa: SLF001
    return head, " ON CONFLICT DO NOTHING" if ignore else ""


def _column(model: type[models.Model], name: str) -> str:
    """Return the column of a field; a foreign key's ends in `_id`."""
    field = model._meta.get_field(name)  # noqa: SLF001
    return str(getattr(field, "column", name))
