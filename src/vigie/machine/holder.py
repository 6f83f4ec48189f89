# SPDX-License-Identifier: Apache-2.0
"""The one reference to the Snapshot in force."""

from __future__ import annotations

from dataclasses import dataclass

from vigie.screening.snapshot import Snapshot


@dataclass(slots=True)
class Holder:
    """The one reference to the Snapshot in force; a watcher swaps it."""

    snapshot: Snapshot
    refused: str = ""
    """Why a newer Snapshot was refused; empty where none was."""
