# SPDX-License-Identifier: Apache-2.0
"""Proofs of harmless decisions, which stand in archive segments only.

Made in a process of its own: Parquet readers cost more memory than this whole
door, and asking for an old decision is rare. One at a time; the next one waits
a moment and is then asked to come again.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from typing import Final

import msgspec

from vigie.core.errors import NotFoundError, UnavailableError
from vigie.core.ids import parse_decision_id
from vigie.flow import house
from vigie.store.models import ApiKey

SECONDS: Final = 20
PATIENCE: Final = 5
_turn: Final = threading.Lock()


class _Found(msgspec.Struct):
    """What `vigie.flow.lookup` prints."""

    service: str


def proof(key: ApiKey, decision_id: str) -> bytes:
    """Return the proof file of an archived decision that the key may see."""
    parse_decision_id(decision_id)
    settings = house.current().settings
    if not _turn.acquire(timeout=PATIENCE):
        raise UnavailableError("Another proof is being made.", fix="Try again in a minute.")
    try:
        found = _run("vigie.flow.lookup", str(settings.archive_dir), decision_id)
        if key.service and msgspec.json.decode(found, type=_Found).service != key.service:
            raise _none()
        folder = str(settings.data_dir)
        return _run("vigie", "ledger", "prove", decision_id, "--data-dir", folder)
    finally:
        _turn.release()


def _run(module: str, *arguments: str) -> bytes:
    command = [sys.executable, "-m", module, *arguments]
    try:
        done = subprocess.run(  # noqa: S603 - our own modules, checked arguments, no shell
            command, capture_output=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired as late:
        raise UnavailableError("The proof took too long.", fix="Try again later.") from late
    if done.returncode != 0:
        raise _none()
    return done.stdout


def _none() -> NotFoundError:
    return NotFoundError(
        "No record and no sealed segment that you may see holds this decision.",
        code="no_decision",
        fix="Segments are sealed every half minute; try again.",
    )
