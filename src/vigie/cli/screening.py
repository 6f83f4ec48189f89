# SPDX-License-Identifier: Apache-2.0
"""Runs files of items down the road of the machine door, in batches."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

import msgspec

from vigie.cli.items import Columns, Read, files_of, read
from vigie.cli.progress import Progress
from vigie.cli.summary import Summary
from vigie.core.decision import Decision
from vigie.core.errors import ErrorBody
from vigie.core.item import Item

if TYPE_CHECKING:
    from vigie.bootstrap import Door
    from vigie.settings import Settings

BATCH: Final = 480
"""Items of one group commit; a batch with pictures is cut smaller."""
PICTURES: Final = 8
CALLER: Final = "vigie screen"


class _Answer(msgspec.Struct):
    """One result of the door: a decision or why there is none."""

    decision: msgspec.Raw = msgspec.Raw()
    error: ErrorBody | None = None


class _Answers(msgspec.Struct):
    results: list[_Answer]


Screener = Callable[[Sequence[Read]], "list[msgspec.Raw | ErrorBody]"]
_ANSWERS: Final = msgspec.json.Decoder(_Answers)
_DECISION: Final = msgspec.json.Decoder(Decision)


def run(
    settings: Settings,
    paths: Sequence[Path],
    columns: Columns,
    *,
    out: Path | None,
    dry_run: bool,
    quiet: bool,
) -> Summary:
    """Screen every file; fold what was recorded unless `jobs` does."""
    files = files_of(paths)
    summary = Summary()
    total = sum(path.stat().st_size for path in files)
    with contextlib.ExitStack() as stack:
        stack.enter_context(_interruptible())
        target = stack.enter_context(out.open("wb")) if out is not None else None
        progress = stack.enter_context(Progress("screening", total, quiet=quiet))
        source = (one for path in files for one in read(path, columns))
        screener = stack.enter_context(_road(settings, dry_run=dry_run))
        for group in groups(source):
            _take(group, screener(group), summary, target)
            progress.add(sum(one.size for one in group), len(group))
    summary.stop()
    summary.recorded = not dry_run and summary.decided > 0
    if summary.recorded:
        from vigie.cli.publishing import fold_all

        start = time.monotonic()
        summary.folded = fold_all(settings)
        summary.fold_seconds = time.monotonic() - start
    return summary


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """Let Ctrl-C raise wherever the run stands.

    An event loop would cancel its task instead; one that comes as the task ends is
    lost, and a run that reads a pipe then waits for ever.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def groups(source: Iterable[Read]) -> Iterator[list[Read]]:
    """Cut what is read into batches; pictures weigh more."""
    group: list[Read] = []
    weight = 0
    for one in source:
        group.append(one)
        weight += BATCH // PICTURES if isinstance(one.found, Item) and one.found.media else 1
        if weight >= BATCH:
            yield group
            group, weight = [], 0
    if group:
        yield group


class _Engine:
    """The door's engine with an event loop of its own."""

    def __init__(self, door: Door) -> None:
        from vigie.intake.engine import Caller

        self._door = door
        self._caller = Caller(CALLER, trusted=True)
        self._loop = asyncio.Runner()

    def __call__(self, group: Sequence[Read]) -> list[msgspec.Raw | ErrorBody]:
        items = [one.found for one in group]
        answer = self._door.services.engine.answer(items, self._caller, is_batch=True)
        found = _ANSWERS.decode(self._loop.run(answer)).results
        return [one.error or one.decision for one in found]

    def close(self) -> None:
        self._loop.close()
        self._door.close()


class _Dry:
    """Decides and records nothing."""

    def __init__(self, settings: Settings) -> None:
        from vigie.core.clock import SystemClock
        from vigie.screening.media.pool import DecoderPool
        from vigie.screening.snapshot import load

        self._snapshot = load(settings.snapshots_dir)
        self._decoders = DecoderPool(workers=settings.decoders)
        self._clock = SystemClock()
        self._names = (f"dry-{number:x}-0000000000" for number in count(1))
        self._loop = asyncio.Runner()

    def __call__(self, group: Sequence[Read]) -> list[msgspec.Raw | ErrorBody]:
        from vigie.core.item import Subject
        from vigie.intake.media import facts_of_all
        from vigie.screening.judge import judge

        items = [one.found for one in group if isinstance(one.found, Item)]
        facts = self._loop.run(facts_of_all(items, self._decoders.submit))
        subjects = [Subject(item, media) for item, media in zip(items, facts, strict=True)]
        made = iter(judge(subjects, self._snapshot, self._clock.now_ms(), self._names))
        return [
            one.found
            if isinstance(one.found, ErrorBody)
            else msgspec.Raw(msgspec.json.encode(next(made)))
            for one in group
        ]

    def close(self) -> None:
        self._loop.close()
        self._decoders.close()


@contextlib.contextmanager
def _road(settings: Settings, *, dry_run: bool) -> Iterator[Screener]:
    """Give the road that records, in a journal of its own, or the one that does not."""
    from vigie.bootstrap import open_door

    screener = _Dry(settings) if dry_run else _Engine(open_door(settings))
    try:
        yield screener
    finally:
        screener.close()


def _take(
    group: Sequence[Read],
    results: Sequence[msgspec.Raw | ErrorBody],
    summary: Summary,
    target: IO[bytes] | None,
) -> None:
    for one, result in zip(group, results, strict=True):
        if isinstance(result, ErrorBody):
            summary.refuse(one.where, result)
            continue
        summary.add(_DECISION.decode(result))
        if target is not None:
            target.write(bytes(result) + b"\n")
