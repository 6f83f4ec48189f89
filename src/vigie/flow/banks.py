# SPDX-License-Identifier: Apache-2.0
"""Hash lists: create a bank, import entries in groups, withdraw one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Final, NamedTuple

from vigie.core.errors import ConflictError, InvalidInputError, NotFoundError, RefusedError
from vigie.flow import records
from vigie.flow.house import House
from vigie.flow.insert import insert
from vigie.flow.snapshot_parts import mark_dirty
from vigie.flow.transaction import writing
from vigie.screening.matching import bank as files
from vigie.screening.matching.bank import Entry, Problem
from vigie.screening.matching.base import CLAIMS, NOTIFIED, BankClass
from vigie.store.models import Bank, BankEntry, Opinion, SnapshotPart, Stance

RESERVED: Final = frozenset({CLAIMS, NOTIFIED})
GROUP: Final = 1_000
PAUSE_S: Final = 0.010
_COLUMNS: Final = (
    "bank", "algorithm", "value", "quality", "opinion", "reference", "active", "added_at",
)  # fmt: skip


class Imported(NamedTuple):
    """What came of an import."""

    taken: int
    known: int
    """Entries that the bank held already."""
    problems: tuple[Problem, ...]


def create_bank(
    house: House, name: str, cls: str, owner: str, description: str = "", by: str = ""
) -> Bank:
    """Create an empty bank.

    Raises InvalidInputError for a name, class or owner that cannot be,
    ConflictError where the name is taken.
    """
    files.check_bank(files.Bank(name=name, cls=check_class(cls), owner=owner))
    now = house.now()
    with writing():
        if Bank.objects.filter(name=name).exists():
            raise ConflictError(f"There is a bank {name}.", code="bank_exists", field="name")
        row = Bank.objects.create(
            name=name, cls=cls, owner=owner.strip(), description=description, created_at=now
        )
        plain = {"bank": name, "cls": cls, "owner": owner.strip()}
        records.append_one(records.draft("bank.created", now, plain, {"by": by}))
        mark_dirty(SnapshotPart.INDEX, now)
    return row


def check_class(cls: str) -> BankClass:
    """Return the class of a bank, or raise InvalidInputError."""
    try:
        return BankClass(cls)
    except ValueError:
        raise InvalidInputError(
            f"There is no class {cls}.",
            field="cls",
            fix=f"Choose from: {', '.join(BankClass)}.",
        ) from None


def find_bank(name: str) -> Bank:
    """Return a bank by name; NotFoundError without it."""
    found = Bank.objects.filter(name=name).first()
    if found is None:
        raise NotFoundError(f"There is no bank {name}.", code="no_bank")
    return found


def import_entries(
    house: House,
    name: str,
    entries: Iterable[Entry | Problem],
    by: str,
    *,
    pause: Callable[[float], None] = time.sleep,
) -> Imported:
    """Add entries in groups of 1,000, each a transaction, with a pause between.

    What was taken before a failure stays taken; the import can be repeated.
    Raises RefusedError for the lists of the victim's path: nothing is imported there.
    """
    bank = find_bank(name)
    if name in RESERVED:
        raise RefusedError(
            "Nothing is imported into the lists of the victim's path.",
            code="reserved_bank",
            fix="Use a list of your own.",
        )
    problems: list[Problem] = []
    taken = seen = 0
    for group in _groups(_good(entries, problems)):
        added = _add(house, bank, group)
        taken, seen = taken + added, seen + len(group)
        pause(PAUSE_S)
    with writing():
        plain = {"bank": name, "taken": taken, "refused": len(problems)}
        records.append_one(records.draft("bank.imported", house.now(), plain, {"by": by}))
    return Imported(taken, seen - taken, tuple(problems))


def _good(entries: Iterable[Entry | Problem], problems: list[Problem]) -> Iterator[Entry]:
    for one in entries:
        if isinstance(one, Problem):
            problems.append(one)
        else:
            yield one


def _groups(entries: Iterator[Entry]) -> Iterator[Sequence[Entry]]:
    while group := list(islice(entries, GROUP)):
        yield group


def _add(house: House, bank: Bank, group: Sequence[Entry]) -> int:
    now = house.now()
    rows = [
        (bank.pk, e.algorithm, e.value.hex(), e.quality, e.opinion.value, "", True, now)
        for e in group
    ]
    with writing():
        before = BankEntry.objects.filter(bank=bank).count()
        insert(BankEntry, _COLUMNS, rows, ignore=True)
        mark_dirty(SnapshotPart.INDEX, now)
        return BankEntry.objects.filter(bank=bank).count() - before


def state_opinion(
    house: House, entry_id: int, owner: str, stance: Stance, reason: str = ""
) -> Opinion:
    """Record what an owner says of an entry; the index follows the bank's own owner."""
    now = house.now()
    with writing():
        entry = BankEntry.objects.select_related("bank").filter(pk=entry_id).first()
        if entry is None:
            raise NotFoundError("There is no such entry.", code="no_entry")
        said = stance if owner == entry.bank.owner else Stance.DISPUTED
        if entry.opinion != said:
            entry.opinion = said
            entry.save(update_fields=["opinion"])
            mark_dirty(SnapshotPart.INDEX, now)
        plain = {"bank": entry.bank.name, "entry": entry.pk, "stance": stance.value}
        records.append_one(records.draft("bank.opinion", now, plain, {"by": owner}))
        return Opinion.objects.create(
            entry=entry, owner=owner, stance=stance.value, reason=reason, at=now
        )


def withdraw_entry(house: House, entry_id: int, by: str, reason: str = "") -> None:
    """Take an entry out of the index; what it matched before stands."""
    now = house.now()
    with writing():
        entry = BankEntry.objects.select_related("bank").filter(pk=entry_id).first()
        if entry is None:
            raise NotFoundError("There is no such entry.", code="no_entry")
        entry.active = False
        entry.save(update_fields=["active"])
        plain = {"bank": entry.bank.name, "entry": entry.pk}
        said = {"by": by} | ({"reason": reason} if reason else {})
        records.append_one(records.draft("bank.withdrawn", now, plain, said))
        mark_dirty(SnapshotPart.INDEX, now)
