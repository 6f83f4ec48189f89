# SPDX-License-Identifier: Apache-2.0
"""Many streams at once over the SDKs' asynchronous clients: nothing of one reaches another."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import anthropic
import openai
import pytest

from tests.support.gateway import STOPPED, TRUSTED, Gateway
from tests.support.upstream_script import letters
from vigie.core.gateway import Ending

AT_ONCE = 9


def text_of(number: int) -> str:
    words = " ".join(f"n{number}w{n}" for n in range(30))
    return f"{words} and now {STOPPED}. {words}" if number % 3 == 0 else words


async def chat(client: openai.AsyncOpenAI, number: int) -> str:
    asked: Any = [{"role": "user", "content": f"Number {number}"}]
    stream: Any = await client.chat.completions.create(
        model=f"many-{number}", messages=asked, stream=True
    )
    return "".join([c.choices[0].delta.content or "" async for c in stream if c.choices])


async def response(client: openai.AsyncOpenAI, number: int) -> str:
    stream: Any = await client.responses.create(
        model=f"many-{number}", input=f"Number {number}", stream=True
    )
    return "".join([e.delta async for e in stream if e.type == "response.output_text.delta"])


async def message(client: anthropic.AsyncAnthropic, number: int) -> str:
    asked: Any = [{"role": "user", "content": f"Number {number}"}]
    stream: Any = await client.messages.create(
        model=f"many-{number}", messages=asked, max_tokens=64, stream=True
    )
    return "".join([e.delta.text async for e in stream if e.type == "content_block_delta"])


async def all_of(gateway: Gateway) -> list[str]:
    given: dict[str, Any] = {"api_key": TRUSTED, "max_retries": 0}
    async with (
        openai.AsyncOpenAI(base_url=gateway.v1, **given) as one,
        anthropic.AsyncAnthropic(base_url=f"{gateway.url}/ai", **given) as other,
    ):
        ways: list[Any] = [
            (chat, one),
            (response, one),
            (message, other),
        ]
        calls = [ways[n % 3][0](ways[n % 3][1], n // 3) for n in range(3 * AT_ONCE)]
        return list(await asyncio.gather(*calls))


def test_many_streams_at_once_do_not_mix(gateway, upstream):
    for number in range(AT_ONCE):
        upstream.on(f"many-{number}", letters(text_of(number), 1 + number % 7))
    found = asyncio.run(all_of(gateway))
    for n, text in enumerate(found):
        said = text_of(n // 3)
        if STOPPED in said:
            assert said.partition(STOPPED)[0].startswith(text)
        else:
            assert text == said
    facts = gateway.ended(gateway.exchanges + 3 * AT_ONCE)[gateway.exchanges :]
    assert Counter(one.ending for one in facts) == {
        Ending.CUT: AT_ONCE,
        Ending.RELEASED: 2 * AT_ONCE,
    }
    assert len({one.answer_decision for one in facts}) == 3 * AT_ONCE
    assert sum(one.released_chars for one in facts) == sum(map(len, found))
    assert all(one.judged_chars >= one.released_chars for one in facts if one.ending != Ending.CUT)


def test_the_clients_accumulator_takes_a_stream_and_knows_a_cut(gateway, upstream, openai_http):
    for number in (0, 1):
        upstream.on(f"many-{number}", letters(text_of(number), 5))
    client = openai.OpenAI(
        base_url=gateway.v1, api_key=TRUSTED, max_retries=0, http_client=openai_http
    )
    asked: Any = [{"role": "user", "content": "Hello"}]
    with client.chat.completions.stream(model="many-1", messages=asked) as stream:
        choice = stream.until_done().get_final_completion().choices[0]
    assert (choice.message.content, choice.finish_reason) == (text_of(1), "stop")
    with (
        pytest.raises(openai.ContentFilterFinishReasonError),
        client.chat.completions.stream(model="many-0", messages=asked) as stream,
    ):
        stream.until_done().get_final_completion()
