# SPDX-License-Identifier: Apache-2.0
"""The official Anthropic client in front of the gateway."""

from __future__ import annotations

from typing import Any

import anthropic
import pytest

from tests.support.gateway import NEVER, STOPPED, TRUSTED, Gateway
from tests.support.upstream_script import Says, Script, call, letters, say
from vigie.core.gateway import Ending, Stage

CALM = ("A calm answer ", "about boats ", "and potatoes.")
SAID = "".join(CALM)


@pytest.fixture
def client(gateway: Gateway, anthropic_http: Any) -> anthropic.Anthropic:
    return anthropic.Anthropic(
        base_url=f"{gateway.url}/ai", api_key=TRUSTED, max_retries=0, http_client=anthropic_http
    )


def ask(client: anthropic.Anthropic, model: str, text: Any = "Hello", **more: Any) -> Any:
    messages: Any = [{"role": "user", "content": text}]
    return client.messages.create(model=model, max_tokens=64, messages=messages, **more)


def shown(events: Any) -> str:
    return "".join(event.model_dump_json() for event in events)


def test_a_plain_message_is_what_the_model_said(client, upstream, gateway):
    upstream.on("calm", Script(says=(Says(text=CALM, reasoning=("Let me ", "think.")),)))
    answer = ask(client, "calm", system="Be brief.")
    assert [block.type for block in answer.content] == ["thinking", "text"]
    assert answer.content[1].text == SAID
    assert answer.stop_reason == "end_turn"
    facts = gateway.recorded()
    assert facts.judged_chars == facts.released_chars == len(SAID) + len("Let me think.")
    assert upstream.last.headers["x-api-key"] == NEVER
    assert upstream.last.headers["anthropic-version"]


def test_a_stream_is_what_the_model_said(client, upstream, gateway):
    upstream.on("calm", Script(says=(Says(text=CALM, reasoning=("Let me ", "think.")),)))
    with client.messages.stream(
        model="calm", max_tokens=64, messages=[{"role": "user", "content": "Hello"}]
    ) as stream:
        final = stream.get_final_message()
    assert final.content[1].text == SAID
    assert (final.stop_reason, final.usage.output_tokens) == ("end_turn", 5)
    facts = gateway.recorded()
    assert facts.ending is Ending.RELEASED
    assert (facts.input_tokens, facts.output_tokens) == (7, 5)


@pytest.mark.parametrize("place", ["messages", "system", "tools"])
def test_a_prompt_that_is_stopped_is_never_forwarded(client, upstream, gateway, place):
    before = len(upstream.requests)
    tool = {"name": "f", "description": STOPPED, "input_schema": {"type": "object"}}
    beside: dict[str, dict[str, Any]] = {
        "messages": {},
        "system": {"system": STOPPED},
        "tools": {"tools": [tool]},
    }
    text = STOPPED if place == "messages" else "Hello"
    with pytest.raises(anthropic.BadRequestError) as error:
        ask(client, "calm", text, **beside[place])
    said: Any = error.value.body
    assert said["type"] == "error"
    assert said["error"]["type"] == "invalid_request_error"
    assert said["error"]["code"] == "content_policy_violation"
    assert len(upstream.requests) == before
    assert gateway.recorded().ending is Ending.REFUSED


def test_a_plain_message_that_is_stopped_is_a_refusal(client, upstream, gateway):
    upstream.on("bad", say("Well: ", STOPPED))
    answer = ask(client, "bad")
    assert (answer.stop_reason, answer.content) == ("refusal", [])
    assert answer.stop_details.explanation
    assert "Well" not in answer.model_dump_json()
    facts = gateway.recorded()
    assert (facts.ending, facts.stage, facts.released_chars) == (Ending.CUT, Stage.ANSWER, 0)


@pytest.mark.parametrize("length", [1, 5, 200])
def test_a_stream_is_cut_before_a_listed_term(client, upstream, gateway, length):
    upstream.on("bad", letters(f"{SAID} And now {STOPPED}. {SAID}", length))
    with client.messages.stream(
        model="bad", max_tokens=64, messages=[{"role": "user", "content": "Hello"}]
    ) as stream:
        events = list(stream)
        final = stream.get_final_message()
    assert final.stop_reason == "refusal"
    text = "".join(block.text for block in final.content if block.type == "text")
    assert f"{SAID} And now ".startswith(text)
    assert "zorb" not in shown(events)
    facts = gateway.recorded()
    assert (facts.ending, facts.released_chars) == (Ending.CUT, len(text))


@pytest.mark.parametrize("stream", [False, True])
def test_a_call_of_a_tool_arrives_whole(client, upstream, stream):
    upstream.on("tool", call("look_up", '{"q": ', '"potatoes \\u00e9t\\u00e9"}'))
    tool: Any = {"name": "look_up", "input_schema": {"type": "object"}}
    if stream:
        with client.messages.stream(
            model="tool",
            max_tokens=64,
            tools=[tool],
            messages=[{"role": "user", "content": "Hello"}],
        ) as events:
            answer: Any = events.get_final_message()
    else:
        answer = ask(client, "tool", tools=[tool])
    [called] = answer.content
    assert (called.name, called.input) == ("look_up", {"q": "potatoes été"})
    assert answer.stop_reason == "tool_use"


@pytest.mark.parametrize("stream", [False, True])
def test_a_call_that_hides_a_term_is_stopped(client, upstream, stream):
    hidden = "".join(f"\\u{ord(letter):04x}" for letter in STOPPED)
    upstream.on("tool", call("look_up", '{"q": "', *hidden, '"}'))
    answer = ask(client, "tool", stream=stream)
    events = list(answer) if stream else [answer]
    assert '"refusal"' in shown(events)
    assert "u007a" not in shown(events)
    assert "quendor" not in shown(events)


def test_thinking_is_judged(client, upstream):
    upstream.on("odd", Script(says=(Says(reasoning=tuple(STOPPED), text=CALM),)))
    events = list(ask(client, "odd", stream=True))
    assert "quendor" not in shown(events)
    assert '"refusal"' in shown(events)


def test_users_are_forwarded_under_a_pseudonym(client, gateway, upstream):
    upstream.on("calm", say(*CALM))
    ask(client, "calm", metadata={"user_id": "anna@example.org"})
    sent = upstream.last.json["metadata"]["user_id"]
    assert sent == gateway.recorded().user
    assert "anna" not in sent


def test_a_block_that_nobody_can_read_is_refused_by_name(client):
    source = {"type": "url", "url": "https://a.example/paper.pdf"}
    with pytest.raises(anthropic.BadRequestError) as error:
        ask(client, "calm", [{"type": "document", "source": source}])
    said: Any = error.value.body
    assert said["error"]["param"] == "messages[0].content[0].source.type"


def test_an_upstream_that_fails_is_the_clients_own_error(client, upstream, gateway):
    upstream.on("broken", Script(status=500, raw=b"{}"))
    with pytest.raises(anthropic.InternalServerError) as error:
        ask(client, "broken")
    said: Any = error.value.body
    assert said["error"]["type"] == "api_error"
    assert gateway.recorded().ending is Ending.FAILED
