# SPDX-License-Identifier: Apache-2.0
"""Asking witnesses and time-stamp authorities, each in a thread of its own.

A file of the operator's that cannot be read is said once, and stops neither
the log nor the other party.
"""

from __future__ import annotations

from typing import Final

import structlog

from vigie.core.errors import VigieError
from vigie.flow.anchoring import stamps, witnesses
from vigie.flow.house import House

WITNESS_PAUSE: Final = 5.0
"""Every line of a witness is kept: not every second's checkpoint needs one."""
STAMP_PAUSE: Final = 15.0
log = structlog.get_logger(__name__)


class Anchoring:
    """The two turns, and what was wrong with the operator's files last."""

    def __init__(self, house: House) -> None:
        self.house = house
        self._said: dict[str, str] = {}

    def witnesses(self) -> bool:
        """Have the newest checkpoint cosigned; never busy: the pause is the pace."""
        try:
            witnesses.ask_all(self.house)
        except VigieError as problem:
            self._say("witnesses", problem)
        return False

    def stamps(self) -> bool:
        """Have the newest checkpoint stamped, once an hour."""
        try:
            stamps.stamp_due(self.house)
        except VigieError as problem:
            self._say("time_authorities", problem)
        return False

    def _say(self, what: str, problem: VigieError) -> None:
        if self._said.get(what) != problem.code:
            self._said[what] = problem.code
            log.error("anchoring_stopped", problem=what, code=problem.code)
