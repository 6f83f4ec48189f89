# SPDX-License-Identifier: Apache-2.0
"""The official OpenAI client in front of the gateway: responses with typed events."""

from __future__ import annotations

from typing import Any

import openai
import pytest

from tests.support.gateway import STOPPED, TRUSTED, Gateway
from tests.support.upstream_script import Says, Script, Tool, call, letters, say
from vigie.core.gateway import Ending, Stage

CALM = ("A calm answer ", "about boats ", "and potatoes.")
SAID = "".join(CALM)
PLACE = {"output_index": 0, "item_id": "x_0"}


@pytest.fixture
def client(gateway: Gateway, openai_http: Any) -> openai.OpenAI:
    return openai.OpenAI(
        base_url=gateway.v1, api_key=TRUSTED, max_retries=0, http_client=openai_http
    )


def ask(client: openai.OpenAI, model: str, given: Any = "Hello", **more: Any) -> Any:
    return client.responses.create(model=model, input=given, **more)


def shown(events: Any) -> str:
    return "".join(event.model_dump_json() for event in events)


def test_a_plain_response_is_what_the_model_said(client, upstream, gateway):
    upstream.on("calm", Script(says=(Says(text=CALM, reasoning=("Let me ", "think.")),)))
    answer = ask(client, "calm", instructions="Be brief.")
    assert answer.output_text == SAID
    assert answer.output[0].summary[0].text == "Let me think."
    assert (answer.status, answer.usage.total_tokens) == ("completed", 12)
    assert upstream.last.json["store"] is False
    facts = gateway.recorded()
    assert facts.judged_chars == facts.released_chars == len(SAID) + len("Let me think.")


def test_a_stream_is_what_the_model_said(client, upstream, gateway):
    upstream.on("calm", Script(says=(Says(text=CALM, reasoning=("Let me ", "think.")),)))
    events = list(ask(client, "calm", stream=True))
    text = "".join(one.delta for one in events if one.type == "response.output_text.delta")
    assert text == SAID
    assert events[-1].type == "response.completed"
    assert events[-1].response.output_text == SAID
    assert [one.sequence_number for one in events] == list(range(len(events)))
    facts = gateway.recorded()
    assert facts.ending is Ending.RELEASED
    assert facts.judged_chars == facts.released_chars


def test_the_clients_own_accumulator_takes_the_stream(client, upstream):
    upstream.on("calm", say(*CALM))
    with client.responses.stream(model="calm", input="Hello") as stream:
        for _ in stream:
            pass
        assert stream.get_final_response().output_text == SAID


def test_a_prompt_that_is_stopped_is_never_forwarded(client, upstream, gateway):
    before = len(upstream.requests)
    with pytest.raises(openai.BadRequestError) as error:
        ask(client, "calm", [{"role": "user", "content": f"Say {STOPPED}"}])
    assert error.value.code == "content_policy_violation"
    assert len(upstream.requests) == before
    assert gateway.recorded().ending is Ending.REFUSED


def test_a_plain_response_that_is_stopped_is_incomplete(client, upstream, gateway):
    upstream.on("bad", say("Well: ", STOPPED))
    answer = ask(client, "bad")
    assert (answer.status, answer.incomplete_details.reason) == ("incomplete", "content_filter")
    assert answer.output[0].content[0].type == "refusal"
    assert answer.output_text == ""
    assert "Well" not in answer.model_dump_json()
    facts = gateway.recorded()
    assert (facts.ending, facts.stage, facts.released_chars) == (Ending.CUT, Stage.ANSWER, 0)


@pytest.mark.parametrize("length", [1, 5, 200])
def test_a_stream_is_cut_and_no_later_event_repeats_the_rest(client, upstream, gateway, length):
    upstream.on("bad", letters(f"{SAID} And now {STOPPED}. {SAID}", length, logprobs=True))
    events = list(ask(client, "bad", stream=True))
    text = "".join(one.delta for one in events if one.type == "response.output_text.delta")
    assert f"{SAID} And now ".startswith(text)
    assert events[-1].type == "response.incomplete"
    final = events[-1].response
    assert final.incomplete_details.reason == "content_filter"
    assert final.output_text == text
    assert "zorb" not in shown(events)
    assert [one.sequence_number for one in events] == list(range(len(events)))
    facts = gateway.recorded()
    assert (facts.ending, facts.released_chars) == (Ending.CUT, len(text))


def test_a_snapshot_that_says_something_else_than_the_deltas_is_judged(client, upstream, gateway):
    upstream.on("liar", say(*CALM, snapshot=f"Now {STOPPED}."))
    events = list(ask(client, "liar", stream=True))
    assert events[-1].type == "response.incomplete"
    assert STOPPED not in shown(events)
    assert gateway.recorded().ending is Ending.CUT


def test_a_harmless_snapshot_that_says_something_else_passes(client, upstream):
    upstream.on("liar", say(*CALM, snapshot="Something about potatoes."))
    events = list(ask(client, "liar", stream=True))
    assert events[-1].type == "response.completed"
    assert events[-1].response.output_text == "Something about potatoes."


@pytest.mark.parametrize("stream", [False, True])
def test_a_call_of_a_tool_arrives_whole(client, upstream, stream):
    upstream.on("tool", call("look_up", '{"q": ', '"potatoes"}'))
    tool = {"type": "function", "name": "look_up", "parameters": {"type": "object"}}
    answer = ask(client, "tool", tools=[tool], stream=stream)
    final = list(answer)[-1].response if stream else answer
    [called] = final.output
    assert (called.name, called.arguments) == ("look_up", '{"q": "potatoes"}')


@pytest.mark.parametrize("stream", [False, True])
def test_a_call_that_hides_a_term_is_stopped(client, upstream, stream):
    hidden = "".join(f"\\u{ord(letter):04x}" for letter in STOPPED)
    upstream.on("tool", call("look_up", '{"q": "', *hidden, '"}'))
    answer = ask(client, "tool", stream=stream)
    events = list(answer) if stream else [answer]
    assert "content_filter" in shown(events)
    assert "u007a" not in shown(events)


OTHER = (
    {"type": "response.reasoning_text.delta", "content_index": 0, "delta": STOPPED},
    {"type": "response.custom_tool_call_input.delta", "delta": STOPPED},
    {"type": "response.mcp_call_arguments.delta", "delta": STOPPED},
    {"type": "response.code_interpreter_call_code.delta", "delta": STOPPED},
    {"type": "response.audio.transcript.delta", "delta": STOPPED},
    {"type": "response.shell_call_command.delta", "command_index": 0, "delta": STOPPED},
    {
        "type": "response.shell_call_output_content.delta",
        "command_index": 0,
        "delta": {"stdout": STOPPED},
    },
    {
        "type": "response.output_text.annotation.added",
        "content_index": 0,
        "annotation_index": 0,
        "annotation": {"type": "url_citation", "title": STOPPED, "url": "https://a.example"},
    },
    {
        "type": "response.output_item.done",
        "item": {"id": "m", "type": "mcp_call", "name": "f", "arguments": "", "output": STOPPED},
    },
    {
        "type": "response.output_item.added",
        "item": {"id": "f", "type": "function_call", "call_id": "c", "name": STOPPED},
    },
)


@pytest.mark.parametrize("event", OTHER, ids=lambda event: event["type"])
def test_every_event_that_can_carry_text_is_judged(client, upstream, gateway, event):
    said = {**PLACE, **event}
    upstream.on("other", say(*CALM, more=((event["type"], said),)))
    events = list(ask(client, "other", stream=True))
    assert events[-1].type == "response.incomplete"
    assert "quendor" not in shown(events)
    assert gateway.recorded().ending is Ending.CUT


@pytest.mark.parametrize(
    "kind", ["response.audio.delta", "response.image_generation_call.partial_image", "response.new"]
)
def test_an_event_that_nobody_can_judge_does_not_arrive(client, upstream, kind):
    said = {"type": kind, **PLACE, "delta": "QUJD", "partial_image_b64": "QUJD"}
    upstream.on("other", say(*CALM, more=((kind, said),)))
    events = list(ask(client, "other", stream=True))
    assert events[-1].type == "response.completed"
    assert "QUJD" not in shown(events)


@pytest.mark.parametrize("field", ["previous_response_id", "conversation"])
def test_what_hides_earlier_turns_is_refused(client, upstream, field):
    before = len(upstream.requests)
    with pytest.raises(openai.BadRequestError) as error:
        ask(client, "calm", **{field: "resp_1"})
    assert error.value.param == field
    assert len(upstream.requests) == before


@pytest.mark.parametrize("stream", [False, True])
def test_the_moderation_object_is_one_result_a_side(client, upstream, stream):
    upstream.on("calm", say(*CALM))
    answer = ask(client, "calm", stream=stream, moderation={"model": "any"})
    final = list(answer)[-1].response if stream else answer
    assert final.moderation.input.type == "moderation_result"
    assert final.moderation.output.flagged is False
    assert "denial" in final.moderation.output.categories or final.moderation.output.categories


def test_two_channels_at_once_are_cut_together(client, upstream):
    says = Says(text=CALM, reasoning=("Think. ",), tools=(Tool("f", ('{"q": "', STOPPED, '"}')),))
    upstream.on("both", Script(says=(says,)))
    events = list(ask(client, "both", stream=True))
    final = events[-1].response
    assert events[-1].type == "response.incomplete"
    assert [item.type for item in final.output][:2] == ["reasoning", "message"]
    assert "quendor" not in shown(events)
