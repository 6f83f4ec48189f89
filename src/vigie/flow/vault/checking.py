# SPDX-License-Identifier: Apache-2.0
"""Do rows, files and public keys agree? Looks at everything, opens nothing, repairs nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import msgspec

from vigie.core.errors import UnavailableError
from vigie.evidence import incoming, keys
from vigie.flow.house import House
from vigie.flow.vault import layout
from vigie.store.models import Evidence, VaultEpoch

HOUR_MS: Final = 3_600_000
HEAD: Final = b"age-encryption.org/v1\n"
EPOCH_DAYS: Final = 31
_DAY_MS: Final = 86_400_000
_NAMES: Final = 20


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that does not agree."""

    code: str
    text: str
    names: tuple[str, ...]
    """The first few it was found with."""
    count: int


TEXTS: Final = {
    "row_without_file": "Evidence whose sealed file is gone: it cannot be opened any more.",
    "row_without_key": "Evidence that was not shredded and has no wrapped key.",
    "file_without_row": "Files without a row: sealing broke off; nothing opens them.",
    "file_after_shredding": "Files of shredded evidence: nothing opens them, jobs removes them.",
    "not_a_sealed_file": "Files that do not begin as a sealed file does.",
    "outside": "Rows whose file lies outside the vault's folder.",
    "recipients": "The public keys on file are not those of the epoch on record.",
    "waiting": "Sealed files that have waited for their row for more than an hour.",
    "incoming_broken": "Sealed files that wait and cannot be read.",
    "old_epoch": "An epoch is older than a month: rotate, and destroy the one before.",
    "no_escrow": "There is no escrow: whoever loses the identities loses the evidence.",
    "child_lane": "Evidence of class child outside its lane.",
}
LIGHT: Final = frozenset({"old_epoch", "no_escrow", "file_without_row", "file_after_shredding"})
"""Not in order, yet nothing is lost or open."""


def problems(house: House) -> list[Problem]:
    """Return what does not agree; empty where everything does."""
    found: dict[str, list[str]] = {}
    looks: tuple[Callable[[House], Iterator[tuple[str, str]]], ...] = (
        _rows,
        _files,
        _recipients,
        _incoming,
    )
    for look in looks:
        for code, name in look(house):
            found.setdefault(code, []).append(name)
    return [
        Problem(code=code, text=TEXTS[code], names=tuple(names[:_NAMES]), count=len(names))
        for code, names in sorted(found.items())
    ]


def _rows(house: House) -> Iterator[tuple[str, str]]:
    for row in Evidence.objects.order_by("number").iterator():
        name = f"E-{row.number}"
        try:
            path = layout.path_of(house.settings, row.file)
        except ValueError:
            yield "outside", name
            continue
        yield from ((code, name) for code in _row(row, path))
        if row.cls == keys.CHILD and row.lane != keys.CHILD:
            yield "child_lane", name


def _row(row: Evidence, path: Path) -> Iterator[str]:
    there = path.is_file()
    if row.shredded_at is not None:
        if there:
            yield "file_after_shredding"
        return
    if not row.wrapped:
        yield "row_without_key"
    if not there:
        yield "row_without_file"
        return
    with path.open("rb") as handle:
        if handle.read(len(HEAD)) != HEAD:
            yield "not_a_sealed_file"


def _files(house: House) -> Iterator[tuple[str, str]]:
    folder = layout.folder(house.settings)
    for lane in (keys.GENERAL, keys.CHILD):
        for path in sorted((folder / lane).glob("*/*")):
            old = path.stat().st_mtime * 1000 < house.now() - HOUR_MS
            if old and not Evidence.objects.filter(pk=path.stem).exists():
                yield "file_without_row", path.relative_to(house.settings.data_dir).as_posix()


def _recipients(house: House) -> Iterator[tuple[str, str]]:
    known = layout.recipients(house.settings)
    for lane, filed in ((keys.GENERAL, known.general), (keys.CHILD, known.child)):
        rows = VaultEpoch.objects.filter(lane=lane, rotated_at=None, destroyed_at=None)
        row = rows.order_by("-number").first()
        if row is None and filed is None:
            continue
        to = (
            ()
            if row is None
            else tuple(row.recipients if lane == keys.GENERAL else row.recipients[:1])
        )
        if row is None or filed is None or (row.number, to) != (filed.epoch, filed.recipients):
            yield "recipients", lane
        if row is not None and house.now() - row.created_at > EPOCH_DAYS * _DAY_MS:
            yield "old_epoch", f"{lane} {row.number}"
        if lane == keys.GENERAL and len(to) < 2:
            yield "no_escrow", lane


def _incoming(house: House) -> Iterator[tuple[str, str]]:
    for path in incoming.waiting(layout.folder(house.settings)):
        try:
            found = incoming.read(path)
        except UnavailableError:
            yield "incoming_broken", path.name
            continue
        if house.now() - found.header.at > 2 * HOUR_MS:
            yield "waiting", path.name
