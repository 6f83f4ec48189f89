# SPDX-License-Identifier: Apache-2.0
"""Who goes first on the event loop."""

import asyncio

from vigie.machine.turns import PASSES, Turns


async def _steps_beside(turns: Turns) -> int:
    """Return how many turns another task gets while a batch gives way once."""
    taken = 0
    ended = asyncio.Event()

    async def other() -> None:
        nonlocal taken
        while not ended.is_set():
            taken += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(other())
    await asyncio.sleep(0)
    before = taken
    await turns.give_way()
    ended.set()
    await task
    return taken - before


def test_a_batch_lets_several_turns_pass_while_a_single_request_is_under_way() -> None:
    turns = Turns()
    with turns:
        assert asyncio.run(_steps_beside(turns)) >= PASSES


def test_a_batch_alone_loses_one_turn() -> None:
    assert asyncio.run(_steps_beside(Turns())) <= 2


def test_the_count_is_given_back_after_a_failure() -> None:
    turns = Turns()
    try:
        with turns:
            raise RuntimeError("fault")
    except RuntimeError:
        assert turns.quick == 0
