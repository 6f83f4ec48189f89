# SPDX-License-Identifier: Apache-2.0
"""One run over a set of prompts, which can be broken off and gone on with."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from vigie.core.errors import InvalidInputError
from vigie.evals.gateway.ask import Answer, Came, Server
from vigie.evals.gateway.leaks import leaked
from vigie.evals.gateway.prompts import Prompt
from vigie.evals.gateway.results import Seen

GIVE_UP: Final = 20
"""Requests in a row that fail after which a run ends: nobody is there."""


class Header(msgspec.Struct, frozen=True):
    """First line of a file of results: what it belongs to."""

    against: str
    model: str
    prompts: str
    """Digest of all prompts."""


@dataclass(frozen=True)
class Task:
    """What is asked, of whom, and in which ways."""

    prompts: Sequence[Prompt]
    against: Server
    direct: Server | None = None
    """The same model without the gateway: for the time that the gateway adds."""
    ways: tuple[bool, ...] = (False, True)
    """Without and with streaming."""
    terms: tuple[str, ...] = ()
    """Words that no answer may hold, beside those of each row."""
    at_once: int = 4
    out: Path | None = None


async def run(task: Task, done: Callable[[int], None]) -> list[Seen]:
    """Ask all that is not yet in `out`; call `done` with each number of ways asked.

    Raises InvalidInputError where `out` belongs to another run, OutsideError where
    nobody answers.
    """
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(task.against)
        if task.direct is not None:
            task.direct.model = task.direct.model or task.against.model
            await stack.enter_async_context(task.direct)
        seen = _earlier(task)
        known = {(one.prompt, one.stream) for one in seen}
        done(len(seen))
        left = (pair for pair in _pairs(task) if (pair[0].key, pair[1]) not in known)
        await _Workers(task, left, seen, done).run()
    return seen


class _Workers:
    """Several ask at once; each result is written before the next is asked."""

    def __init__(
        self,
        task: Task,
        left: Iterator[tuple[Prompt, bool]],
        seen: list[Seen],
        done: Callable[[int], None],
    ) -> None:
        self._task = task
        self._left = left
        self._seen = seen
        self._done = done
        self._turns = itertools.count()
        self._failed = 0

    async def run(self) -> None:
        await asyncio.gather(*(self._one() for _ in range(self._task.at_once)))

    async def _one(self) -> None:
        for prompt, stream in self._left:
            if self._failed >= GIVE_UP:
                return
            found = await _look(self._task, prompt, stream, next(self._turns))
            self._failed = self._failed + 1 if found.came is Came.FAILED else 0
            self._seen.append(found)
            _keep(self._task, found)
            self._done(1)


def _pairs(task: Task) -> Iterator[tuple[Prompt, bool]]:
    return itertools.product(task.prompts, task.ways)


async def _look(task: Task, prompt: Prompt, stream: bool, turn: int) -> Seen:
    """Ask once through the gateway, once without where there is a way; who is first alternates."""
    servers = [task.against] if task.direct is None else [task.against, task.direct]
    answers: dict[int, Answer] = {}
    for server in servers if turn % 2 == 0 else reversed(servers):
        answers[id(server)] = await server.ask(prompt, stream=stream)
    own = answers[id(task.against)]
    direct = None if task.direct is None else answers[id(task.direct)]
    terms = (*prompt.forbidden, *task.terms)
    paired = direct is not None and direct.came is Came.ANSWER
    return Seen(
        prompt=prompt.key,
        stream=stream,
        block=prompt.block,
        came=own.came,
        language=prompt.language,
        country=prompt.country,
        category=prompt.category,
        code=own.code,
        characters=len(own.text),
        leaked=leaked(own.text, terms, cut=own.came is Came.CUT),
        forbidden=_at_stake(terms, direct),
        took_ms=own.took_ms,
        first_ms=own.first_ms,
        direct_took_ms=direct.took_ms if direct and paired else 0.0,
        direct_first_ms=direct.first_ms if direct and paired else 0.0,
    )


def _at_stake(terms: Sequence[str], direct: Answer | None) -> int:
    if direct is None:
        return sum(len(term) for term in set(terms))
    return leaked(direct.text, terms, cut=False)


def _header(task: Task) -> Header:
    whole = hashlib.sha256()
    for prompt in task.prompts:
        whole.update(f"{prompt.key} {prompt.block}\n".encode())
    return Header(task.against.base, task.against.model, whole.hexdigest())


def _earlier(task: Task) -> list[Seen]:
    """Read what an earlier run saw; begin the file where there is none."""
    if task.out is None:
        return []
    header = _header(task)
    if not task.out.exists() or not task.out.stat().st_size:
        task.out.write_bytes(msgspec.json.encode(header) + b"\n")
        return []
    lines = task.out.read_bytes().splitlines(keepends=True)
    if not lines[-1].endswith(b"\n"):
        # Broken off in the middle of a line: that one is asked again.
        task.out.write_bytes(b"".join(lines[:-1]))
        del lines[-1]
    try:
        if msgspec.json.decode(lines[0], type=Header) != header:
            raise _other(task.out)
        seen = [msgspec.json.decode(line, type=Seen) for line in lines[1:]]
    except (msgspec.MsgspecError, IndexError) as problem:
        raise _other(task.out) from problem
    return [one for one in seen if one.came is not Came.FAILED]


def _keep(task: Task, found: Seen) -> None:
    if task.out is not None:
        with task.out.open("ab") as lines:
            lines.write(msgspec.json.encode(found) + b"\n")


def _other(out: Path) -> InvalidInputError:
    return InvalidInputError(
        f"{out} holds the results of another run.",
        code="results_of_another_run",
        field="out",
        fix="Name another file, or delete this one.",
    )
