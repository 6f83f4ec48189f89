# SPDX-License-Identifier: Apache-2.0
"""Looks four times a second whether a new Snapshot is in force, and swaps it in."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final

from vigie.machine.holder import Holder
from vigie.screening.snapshot import Snapshot, load_next
from vigie.screening.snapshot_files import SnapshotError, current_number

PERIOD: Final = 0.25


async def watch(
    folder: Path, holder: Holder, loader: Callable[[Path, int, Snapshot], Snapshot] = load_next
) -> None:
    """Run until cancelled. One that fails to load is refused; the old one serves."""
    refused = 0
    while True:
        await asyncio.sleep(PERIOD)
        number = _named(folder, holder)
        if number in (holder.snapshot.number, refused):
            continue
        try:
            snapshot = await asyncio.to_thread(loader, folder, number, holder.snapshot)
        except SnapshotError as problem:
            refused, holder.refused = number, f"Snapshot {number}: {problem.message}"
        except Exception as problem:  # noqa: BLE001 - whatever a part does, the old one serves
            refused = number
            holder.refused = f"Snapshot {number} does not load: {type(problem).__name__}."
        else:
            holder.snapshot, holder.refused = snapshot, ""


def _named(folder: Path, holder: Holder) -> int:
    """Return the number in force; the one that serves where `CURRENT` does not read."""
    try:
        return current_number(folder)
    except (SnapshotError, OSError) as problem:
        holder.refused = f"CURRENT does not read: {type(problem).__name__}."
        return holder.snapshot.number
