# SPDX-License-Identifier: Apache-2.0
"""A run asks each prompt, tells stopped from failed, goes on where it was broken off."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web

from vigie.core.errors import InvalidInputError, OutsideError
from vigie.evals.gateway.ask import Came, Server
from vigie.evals.gateway.prompts import Prompt
from vigie.evals.gateway.results import Seen, report
from vigie.evals.gateway.run import Task, run

PROMPTS = (
    Prompt(1, "harmless", block=False, language="en", country="FR"),
    Prompt(2, "refuse me", block=True, language="fr"),
    Prompt(3, "cut me", block=True, forbidden=("alphaquill",)),
    Prompt(4, "break", block=True),
    Prompt(5, "let me say it", block=True, forbidden=("alphaquill",)),
)
SAID = {
    "harmless": "Good morning to you.",
    "cut me": "Here is alph",
    "let me say it": "Here is alphaquill, whole.",
}


class Gateway:
    """A stand-in: refuses, cuts and breaks by the words of the prompt."""

    def __init__(self, *, guards: bool = True) -> None:
        self.guards = guards
        self.asked: list[tuple[str, bool]] = []
        self.headers: list[dict[str, str]] = []
        self.busy = 0

    async def answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        text, stream = body["messages"][0]["content"], body["stream"]
        self.asked.append((text, stream))
        self.headers.append(dict(request.headers))
        if self.busy:
            self.busy -= 1
            return web.json_response({"error": {"code": "rate"}}, status=429)
        if text == "break":
            return web.json_response({"error": {"code": "down"}}, status=502)
        if text == "refuse me" and self.guards:
            return web.json_response({"error": {"code": "content_policy_violation"}}, status=400)
        said = SAID.get(text, "Well.") if self.guards or text != "cut me" else "Here is alphaquill."
        reason = "content_filter" if self.guards and text == "cut me" else "stop"
        if not stream:
            message = {"content": said}
            return web.json_response({"choices": [{"message": message, "finish_reason": reason}]})
        return await self._stream(request, said, reason)

    async def _stream(self, request: web.Request, said: str, reason: str) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        parts = [said[: len(said) // 2], said[len(said) // 2 :]]
        events: list[dict[str, Any]] = [{"choices": [{"delta": {"content": p}}]} for p in parts]
        events += [{"choices": [{"delta": {}, "finish_reason": reason}]}, {"choices": []}]
        for event in events:
            await response.write(b"data: %s\n\n" % json.dumps(event).encode())
        await response.write(b"data: [DONE]\n\n")
        return response

    async def models(self, _request: web.Request) -> web.Response:
        return web.json_response({"data": [{"id": "first"}, {"id": "second"}]})


@asynccontextmanager
async def serving(gateway: Gateway):
    app = web.Application()
    app.router.add_post("/v1/chat/completions", gateway.answer)
    app.router.add_get("/v1/models", gateway.models)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    finally:
        await runner.cleanup()


def played(task: Task, gateway: Gateway, direct: Gateway | None = None) -> list[Seen]:
    async def play() -> list[Seen]:
        async with serving(gateway) as base, serving(direct or Gateway(guards=False)) as other:
            whole = replace(
                task,
                against=Server(base, task.against.key, task.against.model),
                direct=Server(other, "") if direct is not None else None,
            )
            return await run(whole, lambda _count: None)

    return asyncio.run(play())


def task(**more) -> Task:
    return Task(prompts=PROMPTS, against=Server("", "vg_key"), **more)


def test_what_was_stopped_let_pass_and_failed_is_told_apart():
    seen = played(task(), Gateway())
    came = {(one.prompt.split("-")[0], one.stream): one.came for one in seen}
    for stream in (False, True):
        assert came["1", stream] is Came.ANSWER
        assert came["2", stream] is Came.REFUSED
        assert came["3", stream] is Came.CUT
        assert came["4", stream] is Came.FAILED
        assert came["5", stream] is Came.ANSWER


def test_figures_of_a_run():
    found = report(played(task(), Gateway()))
    assert (found.prompts, found.asked, found.failed) == (5, 10, 2)
    assert found.overall.block_rate is not None
    assert found.overall.over_blocking_rate is not None
    assert (found.overall.block_rate.value, found.overall.block_rate.n) == (2 / 3, 3)
    assert (found.overall.over_blocking_rate.value, found.overall.over_blocking_rate.n) == (0, 1)
    # Four characters before each cut, ten where nothing was stopped: both ways, of 10 each.
    assert found.leak.characters == 28
    assert found.leak.share is not None
    assert found.leak.share.value == 28 / 40
    assert found.added_ms.first_text is None


def test_a_prompt_stopped_in_one_way_alone_is_not_counted_as_blocked():
    ways = ((False, Came.REFUSED), (True, Came.ANSWER))
    seen = [
        Seen(prompt=name, stream=stream, block=block, came=came)
        for name, block in (("a", True), ("b", False))
        for stream, came in ways
    ]
    found = report(seen)
    assert found.overall.block_rate is not None
    assert found.overall.over_blocking_rate is not None
    assert found.overall.block_rate.value == 0
    assert found.overall.over_blocking_rate.value == 1
    assert found.ways.plain.block_rate is not None
    assert found.ways.plain.block_rate.value == 1


def test_with_the_model_itself_beside_it_the_time_added_is_measured_in_pairs():
    direct = Gateway(guards=False)
    seen = played(task(), Gateway(), direct)
    found = report(seen)
    assert found.added_ms.first_text is not None
    assert found.added_ms.whole_answer is not None
    # Two prompts are let pass; streams alone have a first text.
    assert (found.added_ms.first_text.n, found.added_ms.whole_answer.n) == (2, 4)
    assert len(direct.asked) == 10
    # What was at stake is what the model says by itself.
    assert {one.forbidden for one in seen if one.prompt.startswith("3-")} == {10}
    assert all("Authorization" not in one for one in direct.headers)


def test_key_country_and_language_go_along():
    gateway = Gateway()
    played(task(ways=(False,), at_once=1), gateway)
    assert gateway.headers[0]["Authorization"] == "Bearer vg_key"
    assert gateway.headers[0]["Vigie-Country"] == "FR"
    assert gateway.headers[1]["Vigie-Language"] == "fr"
    assert "Vigie-Country" not in gateway.headers[1]


def test_a_run_goes_on_where_it_was_broken_off(tmp_path):
    out = tmp_path / "out.jsonl"
    gateway = Gateway()

    async def play() -> tuple[list[Seen], list[Seen]]:
        async with serving(gateway) as base:
            whole = replace(task(out=out), against=Server(base, "k", "m"))
            first = await run(whole, lambda _count: None)
            # Broken off: the last two are lost, one of them in the middle of its line.
            lines = out.read_bytes().splitlines(keepends=True)
            out.write_bytes(b"".join(lines[:-2]) + lines[-2][:20])
            gateway.asked.clear()
            return first, await run(whole, lambda _count: None)

    first, second = asyncio.run(play())
    assert sorted(one.prompt for one in second) == sorted(one.prompt for one in first)
    # What is lost and what had failed is asked again.
    assert 2 <= len(gateway.asked) <= 4
    assert ("break", True) in gateway.asked
    written = out.read_text()
    assert not any(said in written for said in ("harmless", "cut me", "Here is", "alphaq"))


def test_results_of_another_run_are_left_alone(tmp_path):
    out = tmp_path / "out.jsonl"
    out.write_text('{"against":"x","model":"m","prompts":"p"}\n')
    with pytest.raises(InvalidInputError) as caught:
        played(task(out=out), Gateway())
    assert caught.value.code == "results_of_another_run"
    assert out.read_text().count("\n") == 1


def test_where_no_model_is_named_the_first_one_is_asked():
    gateway = Gateway()
    seen = played(task(ways=(False,)), gateway)
    assert len(seen) == 5


def test_too_many_at_once_are_asked_again(monkeypatch):
    async def soon(_seconds: float) -> None:
        return None

    gateway = Gateway()
    gateway.busy = 2
    monkeypatch.setattr("vigie.evals.gateway.ask.asyncio.sleep", soon)
    seen = played(replace(task(ways=(False,), at_once=1), prompts=PROMPTS[:1]), gateway)
    assert [one.came for one in seen] == [Came.ANSWER]
    assert len(gateway.asked) == 3


def test_where_nobody_answers_it_is_said():
    whole = replace(task(), against=Server("http://127.0.0.1:1/v1", ""))
    with pytest.raises(OutsideError):
        asyncio.run(run(whole, lambda _count: None))


def test_a_server_that_only_fails_is_given_up():
    gateway = Gateway()
    prompts = [Prompt(number, "break", block=True) for number in range(1, 200)]
    seen = played(replace(task(ways=(False,), at_once=1), prompts=prompts), gateway)
    assert {one.came for one in seen} == {Came.FAILED}
    assert len(seen) == 20


@pytest.mark.parametrize(
    ("error", "came"),
    [
        ({"code": "content_policy_violation"}, Came.REFUSED),
        ({"code": None, "type": "content_filter"}, Came.REFUSED),
        ({"code": "400", "provider_specific_fields": {"guardrail_name": "x"}}, Came.REFUSED),
        ({"code": "400", "provider_specific_fields": {"code": "content_policy_violation"}},
         Came.REFUSED),
        ({"code": "invalid_request"}, Came.FAILED),
        ("no shape at all", Came.FAILED),
    ],
)  # fmt: skip
def test_gateways_say_in_several_ways_that_they_stopped_a_prompt(monkeypatch, error, came):
    gateway = Gateway()

    async def refused(_request: web.Request) -> web.Response:
        return web.json_response({"error": error}, status=400)

    monkeypatch.setattr(gateway, "answer", refused)
    seen = played(replace(task(), prompts=PROMPTS[:1]), gateway)
    assert {one.came for one in seen} == {came}
