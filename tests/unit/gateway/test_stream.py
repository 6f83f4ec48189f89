# SPDX-License-Identifier: Apache-2.0
"""A stream between an upstream in pieces and a client: what leaves, and when it ends."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import aiohttp
import pytest

from tests.support import door
from tests.support.gateway import OFFENCE, STOPPED, lexicon
from vigie.core.clock import SystemClock
from vigie.core.decision import Decision
from vigie.core.gateway import Ending, Mode, OnFailure, Profile, Stage
from vigie.gateway.channels import End, Terms
from vigie.gateway.dialects.chat import Chat
from vigie.gateway.judging import Judge, Who
from vigie.gateway.stream import Stream
from vigie.screening.snapshot import Snapshot, load

WORDS = ("Good", "morning", "and", "welcome", "to", "the", "harbour.", "Ça", "été", "größer", "🙂")
DONE = "data: [DONE]\n\n"


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    folder: Path = tmp_path_factory.mktemp("stream")
    policies = door.live(
        door.policy("planted_clause", score="planted"),
        door.policy("planted_offence", score="offence", offences=["fr_denial"]),
    )
    door.publish(
        folder,
        policies=policies,
        lexicons=(lexicon("planted", STOPPED), lexicon("offence", OFFENCE)),
    )
    return load(folder)


def chunk(delta: dict[str, Any], finish: str | None = None, index: int = 0) -> str:
    choice = {"index": index, "delta": delta, "finish_reason": finish}
    body = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    return f"data: {json.dumps({**body, 'choices': [choice]}, ensure_ascii=False)}\n\n"


def said(text: str, random: Random, longest: int = 6) -> str:
    """Return the frames that say a text in tokens of random lengths."""
    frames, at = [chunk({"role": "assistant", "content": ""})], 0
    while at < len(text):
        end = at + random.randint(1, longest)
        frames.append(chunk({"content": text[at:end]}))
        at = end
    return "".join([*frames, chunk({}, "stop"), DONE])


def pieces(data: bytes, random: Random, most: int = 40) -> list[bytes]:
    """Cut bytes at random places: inside frames, inside characters."""
    cuts = sorted(random.sample(range(1, len(data)), min(most, len(data) - 1)))
    return [data[a:b] for a, b in pairwise([0, *cuts, len(data)])]


class Upstream:
    """An upstream's body: pieces, exceptions to raise, or seconds to wait."""

    def __init__(self, script: Sequence[bytes | float | Exception]) -> None:
        self._script = list(script)
        self.is_closed = asyncio.Event()

    async def readany(self) -> bytes:
        while self._script and not self.is_closed.is_set():
            step = self._script.pop(0)
            if isinstance(step, Exception):
                raise step
            if isinstance(step, bytes):
                await asyncio.sleep(0)
                return step
            try:
                async with asyncio.timeout(step):
                    await self.is_closed.wait()
            except TimeoutError:
                continue
        if self.is_closed.is_set():
            raise aiohttp.ClientConnectionError("closed")
        return b""


class Run:
    """One stream and what came of it."""

    def __init__(self, snapshot: Snapshot, profile: Profile, judge: Judge | None = None) -> None:
        self.out: list[bytes] = []
        self.judge = judge or Judge(SystemClock())
        self.terms = Terms(snapshot, profile, Who("default", "", "FR", "m"), "w-1-0000000001", ())

    async def play(
        self,
        script: Sequence[bytes | float | Exception],
        beside: Callable[[Stream], Any] | None = None,
    ) -> End:
        upstream = Upstream(script)
        body = b'{"model":"m","stream":true,"messages":[]}'
        dialect = Chat().stream(Chat().parse(body))
        self.stream = Stream(
            dialect,
            self.judge,
            self.terms,
            self._send,
            upstream.is_closed.set,
            SystemClock().now_ms,
        )
        clock = asyncio.create_task(self._tick())
        other = asyncio.create_task(beside(self.stream)) if beside else None
        end = await asyncio.wait_for(self.stream.run(upstream), 20)
        clock.cancel()
        if other is not None:
            await other
        return end

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(0.02)
            self.stream.tick(SystemClock().now_ms())

    async def _send(self, data: bytes) -> None:
        self.out.append(data)

    def text(self, index: int = 0, field: str = "content") -> str:
        """What a client has put together."""
        return "".join(delta.get(field) or "" for delta in self.deltas(index))

    def deltas(self, index: int = 0) -> Iterator[dict[str, Any]]:
        for line in b"".join(self.out).split(b"\n\n"):
            if line and line != DONE.strip().encode():
                for choice in json.loads(line.removeprefix(b"data: "))["choices"]:
                    if choice["index"] == index:
                        yield choice["delta"]


def play(run: Run, script: Sequence[bytes | float | Exception], **more: Any) -> End:
    return asyncio.run(run.play(script, **more))


def harmless(random: Random, words: int = 60) -> str:
    return " ".join(random.choice(WORDS) for _ in range(words))


MODES = [Mode.STRICT, Mode.PACED, Mode.OBSERVE]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("seed", range(12))
def test_a_harmless_answer_arrives_whole_however_it_is_cut(
    snapshot: Snapshot, mode: Mode, seed: int
) -> None:
    random = Random(seed)
    text = harmless(random)
    run = Run(snapshot, Profile(mode=mode))
    end = play(run, pieces(said(text, random).encode(), random))
    assert end == End(Ending.RELEASED, DONE.encode())
    assert run.text() == text
    assert run.stream.channels.judged == run.stream.channels.released == len(text)
    assert run.stream.channels.is_sound(end.ending)


@pytest.mark.parametrize("mode", [Mode.STRICT, Mode.PACED])
@pytest.mark.parametrize("seed", range(25))
def test_no_character_of_a_stopped_term_leaves(snapshot: Snapshot, mode: Mode, seed: int) -> None:
    random = Random(seed)
    before = harmless(random, random.randint(0, 80))
    text = f"{before} {STOPPED} {harmless(random, 30)}"
    run = Run(snapshot, Profile(mode=mode))
    end = play(run, pieces(said(text, random).encode(), random))
    assert end.ending is Ending.CUT
    assert text.startswith(run.text())
    assert len(run.text()) <= len(before) + 1
    assert run.stream.stopped is not None
    assert run.stream.stopped.decision.has_effect
    assert run.stream.channels.is_sound(end.ending)


@pytest.mark.campaign
def test_no_character_of_a_stopped_term_leaves_over_many_chunkings(snapshot: Snapshot) -> None:
    for seed in range(2_000 if os.environ.get("VIGIE_CAMPAIGN") == "full" else 100):
        test_no_character_of_a_stopped_term_leaves(snapshot, Mode.STRICT, 1_000 + seed)


def test_in_mode_strict_nothing_leaves_before_it_is_judged(snapshot: Snapshot) -> None:
    run = Run(snapshot, Profile(mode=Mode.STRICT))
    seen: list[tuple[int, int]] = []
    send = run._send

    async def watched(data: bytes) -> None:
        await send(data)
        seen.append((len(run.text()), run.stream.channels.judged))

    run._send = watched  # type: ignore[method-assign]
    random = Random(4)
    play(run, pieces(said(harmless(random, 200), random).encode(), random, 90))
    assert len(seen) > 3
    assert all(left <= judged for left, judged in seen)


def test_observing_lets_everything_pass_and_says_what_was_found(snapshot: Snapshot) -> None:
    run = Run(snapshot, Profile(mode=Mode.OBSERVE))
    text = f"Well then, {STOPPED} it is."
    end = play(run, [said(text, Random(1)).encode()])
    assert (end.ending, run.text()) == (Ending.RELEASED, text)
    assert run.stream.stopped is not None


def test_a_term_that_ends_the_answer_is_found_before_the_end_is_told(snapshot: Snapshot) -> None:
    run = Run(snapshot, Profile())
    end = play(run, [said(f"It is {STOPPED}", Random(1)).encode()])
    assert end.ending is Ending.CUT
    assert b"stop" not in b"".join(run.out)


def test_every_choice_is_guarded(snapshot: Snapshot) -> None:
    frames = [chunk({"content": "Good day. "}, index=n) for n in range(4)]
    frames += [chunk({"content": word}, index=3) for word in (STOPPED[:5], STOPPED[5:], " yes")]
    frames += [chunk({}, "stop", n) for n in range(4)]
    run = Run(snapshot, Profile())
    end = play(run, ["".join([*frames, DONE]).encode()])
    assert end.ending is Ending.CUT
    assert STOPPED[:5] not in run.text(3)


@pytest.mark.parametrize("field", ["refusal", "reasoning_content", "reasoning"])
def test_every_channel_is_guarded(snapshot: Snapshot, field: str) -> None:
    frames = [chunk({field: word}) for word in ("Hm. ", STOPPED, " yes")]
    run = Run(snapshot, Profile())
    end = play(run, ["".join([*frames, chunk({}, "stop"), DONE]).encode()])
    assert end.ending is Ending.CUT
    assert STOPPED.encode() not in b"".join(run.out)


def call(**function: str) -> dict[str, Any]:
    return {"tool_calls": [{"index": 0, "function": function}]}


def test_arguments_of_calls_are_read_with_their_escapes_undone(snapshot: Snapshot) -> None:
    hidden = "".join(f"\\u{ord(c):04x}" for c in STOPPED)
    opening = {"tool_calls": [{"index": 0, "id": "c1", "function": {"name": "go"}}]}
    arguments = f'{{"q": "{hidden}"}}'
    frames = [chunk(opening), *(chunk(call(arguments=c)) for c in arguments)]
    run = Run(snapshot, Profile())
    end = play(run, ["".join([*frames, chunk({}, "tool_calls"), DONE]).encode()])
    assert end.ending is Ending.CUT
    assert b"\\\\u" not in b"".join(run.out)


def test_harmless_calls_of_tools_arrive_whole(snapshot: Snapshot) -> None:
    opening = {"tool_calls": [{"index": 0, "id": "c1", "function": {"name": "go"}}]}
    arguments = '{"q": "a quiet harb\\u006fur"}'
    frames = [chunk(opening), *(chunk(call(arguments=c)) for c in arguments)]
    run = Run(snapshot, Profile())
    end = play(run, ["".join([*frames, chunk({}, "tool_calls"), DONE]).encode()])
    calls = [one for delta in run.deltas() for one in delta.get("tool_calls") or ()]
    assert end.ending is Ending.RELEASED
    assert [one["id"] for one in calls if one.get("id")] == ["c1"]
    assert "".join(one["function"].get("name") or "" for one in calls) == "go"
    assert "".join(one["function"].get("arguments") or "" for one in calls) == arguments


def test_a_stream_without_its_last_event_ends_well_where_every_choice_finished(
    snapshot: Snapshot,
) -> None:
    run = Run(snapshot, Profile())
    end = play(run, [said("Good morning.", Random(1)).replace(DONE, "").encode()])
    assert end == End(Ending.RELEASED, DONE.encode())


@pytest.mark.parametrize("broken", [b"", aiohttp.ClientPayloadError("reset")])
def test_where_the_upstream_breaks_off_what_came_is_judged_and_released(
    snapshot: Snapshot, broken: bytes | Exception
) -> None:
    run = Run(snapshot, Profile(mode=Mode.STRICT))
    script = [chunk({"content": "Good morning"}).encode(), *([broken] if broken else [])]
    end = play(run, script)
    assert end.ending is Ending.FAILED
    assert run.text() == "Good morning"
    assert run.stream.channels.judged == run.stream.channels.released


def test_where_it_breaks_off_after_a_stopped_term_the_term_does_not_leave(
    snapshot: Snapshot,
) -> None:
    run = Run(snapshot, Profile())
    assert play(run, [chunk({"content": f"Oh {STOPPED}"}).encode()]).ending is Ending.CUT
    assert "zor" not in run.text()


def test_what_is_no_event_ends_the_stream(snapshot: Snapshot) -> None:
    run = Run(snapshot, Profile())
    end = play(run, [b"data: {no json\n\n", said("Hello", Random(1)).encode()])
    assert (end.ending, end.code, run.text()) == (Ending.FAILED, "upstream_invalid", "")


class Slow(Judge):
    """A judge that comes late, or fails."""

    def __init__(self, problem: Exception | None = None) -> None:
        super().__init__(SystemClock())
        self._problem = problem
        self.bench.ask = self._ask  # type: ignore[method-assign, assignment]

    def _ask(self, *_: Any) -> asyncio.Future[list[Decision]]:
        future: asyncio.Future[list[Decision]] = asyncio.get_running_loop().create_future()
        if self._problem is not None:
            future.set_exception(self._problem)
        return future


@pytest.mark.parametrize("problem", [None, ValueError("planted")])
def test_what_is_not_judged_in_time_is_not_released(
    snapshot: Snapshot, problem: Exception | None
) -> None:
    run = Run(snapshot, Profile(mode=Mode.STRICT, window_ms=60), Slow(problem))
    end = play(run, [said("Good morning.", Random(1)).encode(), 3.0])
    assert (end.ending, end.code) == (Ending.FAILED, "screening_unavailable")
    assert run.text() == ""
    assert run.stream.failures == 1
    assert run.stream.late == (problem is None)


def test_where_the_profile_opens_it_is_released_and_that_is_noted(snapshot: Snapshot) -> None:
    profile = Profile(mode=Mode.STRICT, window_ms=60, on_failure={Stage.ANSWER: OnFailure.OPEN})
    run = Run(snapshot, profile, Slow())
    end = play(run, [said("Good morning.", Random(1)).encode()])
    assert (end.ending, run.text(), run.stream.is_open) == (Ending.RELEASED, "Good morning.", True)


def test_a_brake_ends_a_stream_whose_upstream_stalls(snapshot: Snapshot) -> None:
    async def pull(stream: Stream) -> None:
        await asyncio.sleep(0.1)
        stream.conclude(Ending.BRAKED)

    run = Run(snapshot, Profile())
    end = play(run, [chunk({"content": "Good morning"}).encode(), 15.0], beside=pull)
    assert end.ending is Ending.BRAKED
    assert run.stream.channels.judged == len("Good morning")


def test_what_a_client_that_left_was_sent_is_judged(snapshot: Snapshot) -> None:
    async def leave(stream: Stream) -> None:
        await asyncio.sleep(0.05)
        stream.conclude(Ending.LEFT)

    run = Run(snapshot, Profile())
    end = play(run, [chunk({"content": "Good morning"}).encode(), 15.0], beside=leave)
    assert end.ending is Ending.LEFT
    assert run.stream.channels.released <= run.stream.channels.judged == len("Good morning")
    assert run.stream.last is not None
