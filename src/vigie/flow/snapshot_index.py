# SPDX-License-Identifier: Apache-2.0
"""The hash index of a Snapshot: a memory-mapped base and a small tail.

New entries go to the tail; what cannot be said there (an entry withdrawn, a
bank switched off, a tail grown long) rebuilds the base. The hashes of notifiers
come and go by the hour: they are in the tail alone.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
from django.db.models import Max, Q, QuerySet

from vigie.screening.matching.base import CLAIMS, BankClass, IndexRow, Opinion, Ref
from vigie.screening.matching.index import build_index
from vigie.screening.snapshot_files import adopt_folder
from vigie.store.models import BankEntry

TAIL_LIMIT: Final = 10_000
_ENCODER: Final = msgspec.json.Encoder()
_GROUP: Final = 5_000


class Built(NamedTuple):
    """What was built: the base's digest where it is new, the tail, what the base holds."""

    base: str | None
    tail: bytes
    until: int


def build(folder: Path, *, has_base: bool, until: int) -> Built:
    """Build the tail, and the base where the tail cannot say what changed."""
    newer = _active().filter(pk__gt=until)
    listed = BankEntry.objects.exclude(bank__name=CLAIMS)
    whole = not listed.filter(pk__lte=until).exclude(_IN_FORCE).exists()
    if has_base and whole and newer.count() <= TAIL_LIMIT:
        return Built(None, _tail(newer), until)
    last = _active().aggregate(last=Max("pk"))["last"] or 0
    draft = folder / f".index.{os.getpid()}"
    shutil.rmtree(draft, ignore_errors=True)
    build_index(_rows(_active().filter(pk__lte=last)), draft)
    return Built(adopt_folder(folder, draft), _tail(_active().none()), last)


def _tail(newer: QuerySet[BankEntry]) -> bytes:
    claims = BankEntry.objects.filter(_IN_FORCE, bank__name=CLAIMS)
    return _ENCODER.encode([*_rows(newer), *_rows(claims)])


_IN_FORCE: Final = Q(active=True, bank__enabled=True)


def _active() -> QuerySet[BankEntry]:
    return BankEntry.objects.filter(_IN_FORCE).exclude(bank__name=CLAIMS)


def _rows(entries: QuerySet[BankEntry]) -> Iterator[IndexRow]:
    columns = ("algorithm", "value", "opinion", "bank__name", "bank__owner", "bank__cls")
    for algorithm, value, opinion, name, owner, cls in (
        entries.order_by("pk").values_list(*columns).iterator(chunk_size=_GROUP)
    ):
        ref = Ref(name, owner, BankClass(cls), Opinion(opinion))
        yield IndexRow(algorithm, bytes.fromhex(value), ref)
