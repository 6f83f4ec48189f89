# SPDX-License-Identifier: Apache-2.0
"""Hash lists: which there are, creating one, importing entries, looking hashes up."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path as Folder
from typing import Annotated

import msgspec
from django.db.models import Count
from django.http import HttpRequest
from ninja import Path, Router, Status

from vigie.api import access
from vigie.api.errors import CHANGES, FOUND, REFUSALS
from vigie.api.schemas import (
    BankIn,
    BankOut,
    BankPage,
    EntriesIn,
    ErrorBody,
    HashIn,
    ImportOut,
    ImportProblem,
    Listed,
    MatchIn,
    MatchOut,
    MatchResult,
)
from vigie.core.clock import iso
from vigie.core.errors import InvalidInputError
from vigie.flow import banks as verbs
from vigie.flow import house
from vigie.screening.matching.bank import Entry, Problem, entry_of
from vigie.screening.matching.base import IndexRow
from vigie.screening.matching.index import HashIndex
from vigie.screening.snapshot_files import INDEX, current_number, read_manifest, read_parts
from vigie.store.models import Bank

router = Router(tags=["banks"])
Name = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]


@router.get("/banks", response=REFUSALS | {200: BankPage}, operation_id="list_banks")
def list_banks(request: HttpRequest) -> BankPage:
    """List the banks with their owners and sizes, never their entries."""
    access.check_whole_house(access.key_of(request))
    rows = Bank.objects.annotate(count=Count("entries")).order_by("name")
    return BankPage(items=[_out(row, row.count) for row in rows])


@router.post("/banks", response=CHANGES | {201: BankOut}, operation_id="create_bank")
def create_bank(request: HttpRequest, body: BankIn) -> Status[BankOut]:
    """Create an empty bank; class and owner decide what a match may do alone."""
    key = access.key_of(request)
    access.check_whole_house(key)
    row = verbs.create_bank(
        house.current(), body.name, body.cls.value, body.owner, body.description, f"key {key.name}"
    )
    return Status(201, _out(row, 0))


@router.post(
    "/banks/{name}/entries", response=CHANGES | {200: ImportOut}, operation_id="import_entries"
)
def import_entries(request: HttpRequest, name: Name, body: EntriesIn) -> ImportOut:
    """Add hashes; the index follows within seconds."""
    key = access.key_of(request)
    access.check_whole_house(key)
    verbs.find_bank(name)
    done = verbs.import_entries(house.current(), name, _entries(body), f"key {key.name}")
    return ImportOut(
        taken=done.taken,
        known=done.known,
        problems=[
            ImportProblem(position=one.line, code=one.code, message=one.message)
            for one in done.problems
        ],
    )


def _entries(body: EntriesIn) -> Iterator[Entry | Problem]:
    """Yield each entry checked, or the problem with it."""
    for position, one in enumerate(body.entries):
        try:
            yield entry_of(one.dict())
        except InvalidInputError as problem:
            yield Problem(position, problem.code, problem.message)


@router.post("/banks/match", response=FOUND | {200: MatchOut}, operation_id="match_hashes")
def match_hashes(request: HttpRequest, body: MatchIn) -> MatchOut:
    """Say which banks list these hashes. Nothing is recorded or kept."""
    access.check_whole_house(access.key_of(request))
    index = _index()
    return MatchOut(results=[_look_up(one, index) for one in body.hashes])


def _look_up(wanted: HashIn, index: HashIndex | None) -> MatchResult:
    try:
        entry = entry_of({"algorithm": wanted.algorithm, "value": wanted.value})
    except InvalidInputError as problem:
        body = ErrorBody(code=problem.code, message=problem.message, field=problem.field)
        return MatchResult(error=body)
    if index is None:
        return MatchResult(banks=[])
    if wanted.algorithm == "pdq":
        answers = index.query([entry.value])
    else:
        answers = index.lookup([(wanted.algorithm, entry.value)])
    nearest: dict[str, int] = {}
    for answer in answers:
        for ref, distance in answer.nearest.items():
            nearest[ref.bank] = min(distance, nearest.get(ref.bank, distance))
    return MatchResult(banks=[Listed(bank=b, distance=d) for b, d in sorted(nearest.items())])


def _index() -> HashIndex | None:
    """Return the index of the Snapshot in force, newest entries included."""
    snapshots = house.current().settings.snapshots_dir
    number = current_number(snapshots)
    return _opened(snapshots, number) if number else None


@lru_cache(maxsize=1)
def _opened(snapshots: Folder, number: int) -> HashIndex | None:
    manifest = read_manifest(snapshots, number)
    if INDEX not in manifest.parts:
        return None
    tail = read_parts(snapshots, manifest).get("index_tail", b"[]")
    rows = msgspec.json.decode(tail, type=list[IndexRow])
    return HashIndex.open(snapshots / "parts" / manifest.parts[INDEX]).with_tail(rows)


def _out(row: Bank, entries: int) -> BankOut:
    return BankOut(
        name=row.name,
        cls=row.cls,
        owner=row.owner,
        description=row.description,
        enabled=row.enabled,
        entries=entries,
        created_at=iso(row.created_at),
    )
