# SPDX-License-Identifier: Apache-2.0
"""A gateway's door that writes exchanges until it is killed, and says what it answered.

`python -m tests.support.books_writing FOLDER APPLICATION [early]`. Each line is what a
client has: `prompt NAME` when the first character may leave, `answer NAME` when the end
of the answer does. With `early` it answers before the commit: the control.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import sys
from pathlib import Path

from tests.support.books import HARMLESS, STOPPED, Gate
from vigie import keys
from vigie.core.clock import SystemClock
from vigie.core.gateway import Ending, Stage
from vigie.core.item import Surface
from vigie.settings import Settings

AHEAD_S = 60.0
"""How long the control waits between its answer and the commit: until it is killed."""


def say(*words: str) -> None:
    """Acknowledge, in one write."""
    os.write(1, (" ".join(words) + "\n").encode())


async def exchanges(gate: Gate, *, early: bool) -> None:
    """Run exchanges without an end, every fifth stopped in its answer."""
    for number in itertools.count():
        first, second = gate.books.names(2)
        user = gate.books.user(gate.application, f"u-{number % 7}")
        asked = gate.judged(HARMLESS, Surface.AI_PROMPT, first, user)
        given = gate.judged(STOPPED if number % 5 == 4 else "Yes.", Surface.AI_OUTPUT, second, user)
        ending = Ending.CUT if given.decision.has_effect else Ending.RELEASED
        stage = Stage.ANSWER if given.decision.has_effect else None
        facts = gate.facts(
            user=user, ending=ending, stage=stage, prompt_decision=first, answer_decision=second
        )
        for what, name, writing in (
            ("prompt", first, gate.books.prompt(asked)),
            ("answer", second, gate.books.ended(facts, [given])),
        ):
            if early:
                say(what, name)
                await asyncio.sleep(AHEAD_S)
            await writing
            if not early:
                say(what, name)


def main() -> None:
    """Write until killed."""
    settings = Settings(data_dir=Path(sys.argv[1]), countries=("AT", "DE", "FR"))
    key = keys.read(settings.keys_dir, keys.KeyName.PSEUDONYM)
    gate = Gate(settings, key, SystemClock(), application=sys.argv[2])
    gate.run(exchanges(gate, early="early" in sys.argv))


if __name__ == "__main__":
    main()
