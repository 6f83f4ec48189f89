# SPDX-License-Identifier: Apache-2.0
"""Looks four times a second whether a new Snapshot is in force, and swaps it in."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final

from vigie.intake.engine import Holder
from vigie.screening.snapshot import Snapshot, load
from vigie.screening.snapshot_files import SnapshotError, current_number

PERIOD: Final = 0.25


async def watch(
    folder: Path, holder: Holder, loader: Callable[[Path, int], Snapshot] = load
) -> None:
    """Run until cancelled. One that fails to load is refused; the old one serves."""
    refused = 0
    while True:
        await asyncio.sleep(PERIOD)
        number = current_number(folder)
        if number in (holder.snapshot.number, refused):
            continue
        try:
            snapshot = await asyncio.to_thread(loader, folder, number)
        except SnapshotError as problem:
            refused, holder.refused = number, f"Snapshot {number}: {problem.message}"
        else:
            holder.snapshot, holder.refused = snapshot, ""
