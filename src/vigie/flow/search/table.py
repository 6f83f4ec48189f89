# SPDX-License-Identifier: Apache-2.0
"""Results as plain rows that leave the desk: persons by role number, no words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from vigie.core.clock import iso
from vigie.store.models import DecisionKind, DecisionRecord, User

COLUMNS: Final = (
    "number", "decision_id", "at", "service", "item", "version", "surface", "language", "author",
    "outcome", "by", "person", "territories", "policies", "offences", "replaced_by",
)  # fmt: skip
"""Names of the columns, the same in CSV and JSON."""
Value = str | int | list[str] | None


def role_numbers(records: Iterable[DecisionRecord]) -> dict[str, int]:
    """Return the role numbers of those who decided, by login name."""
    names = {one.decided_by for one in records if one.decided_by}
    found = User.objects.filter(username__in=names, number__isnull=False)
    return {name: number for name, number in found.values_list("username", "number") if number}


def plain(records: Sequence[DecisionRecord]) -> list[dict[str, Value]]:
    """Return decisions as rows; who decided is a role number, never a name."""
    numbers = role_numbers(records)
    return [_row(one, numbers) for one in records]


def _row(record: DecisionRecord, numbers: dict[str, int]) -> dict[str, Value]:
    by_person = record.kind == DecisionKind.PERSON
    return {
        "number": record.label,
        "decision_id": record.decision_id,
        "at": iso(record.at),
        "service": record.service,
        "item": record.item_id,
        "version": record.version,
        "surface": record.surface,
        "language": record.language,
        "author": record.author,
        "outcome": record.outcome,
        "by": record.kind,
        "person": numbers.get(record.decided_by) if by_person else None,
        "territories": sorted(record.territories),
        "policies": sorted(record.policies),
        "offences": sorted(record.offences),
        "replaced_by": f"D-{record.superseded_by}" if record.superseded_by else None,
    }


def flat(row: dict[str, Value]) -> list[object]:
    """Return a row as cells: lists with a space between."""
    return [" ".join(one) if isinstance(one, list) else one for one in row.values()]
