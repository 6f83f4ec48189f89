# SPDX-License-Identifier: Apache-2.0
"""The official OpenAI client in front of the gateway: chat and completions."""

from __future__ import annotations

from typing import Any

import openai
import pytest

from tests.support.gateway import OFFENCE, PUBLIC, STOPPED, TRUSTED, Gateway
from tests.support.upstream_script import Says, Script, Tool, call, letters, say
from vigie.core.gateway import Ending, Stage

CALM = ("A calm answer ", "about boats ", "and potatoes.")
SAID = "".join(CALM)
TOOL: Any = {"type": "function", "function": {"name": "look_up", "parameters": {"type": "object"}}}


@pytest.fixture
def client(gateway: Gateway, openai_http: Any) -> openai.OpenAI:
    return openai.OpenAI(
        base_url=gateway.v1, api_key=TRUSTED, max_retries=0, http_client=openai_http
    )


def ask(client: openai.OpenAI, model: str, text: str = "Hello", **more: Any) -> Any:
    messages: Any = [{"role": "user", "content": text}]
    return client.chat.completions.create(model=model, messages=messages, **more)


def streamed(chunks: Any) -> tuple[str, list[str]]:
    """Return the text of a stream, and why its choices ended."""
    text, ends = "", []
    for chunk in chunks:
        for choice in chunk.choices:
            text += choice.delta.content or ""
            if choice.finish_reason:
                ends.append(choice.finish_reason)
    return text, ends


def test_a_plain_answer_is_what_the_model_said(client, upstream, gateway):
    upstream.on("calm", say(*CALM))
    answer = ask(client, "calm")
    assert answer.choices[0].message.content == SAID
    assert answer.usage.total_tokens == 12
    facts = gateway.recorded()
    assert (facts.ending, facts.stage) == (Ending.RELEASED, None)
    assert facts.judged_chars == facts.released_chars == len(SAID)
    assert (facts.input_tokens, facts.output_tokens) == (7, 5)


def test_a_stream_is_what_the_model_said(client, upstream, gateway):
    upstream.on("calm", say(*CALM))
    assert streamed(ask(client, "calm", stream=True)) == (SAID, ["stop"])
    facts = gateway.recorded()
    assert facts.judged_chars == facts.released_chars == len(SAID)


def test_the_usage_chunk_comes_only_where_it_was_asked_for(client, upstream):
    upstream.on("calm", say(*CALM))
    chunks = list(ask(client, "calm", stream=True))
    assert [chunk for chunk in chunks if not chunk.choices] == []
    chunks = list(ask(client, "calm", stream=True, stream_options={"include_usage": True}))
    assert chunks[-1].usage.total_tokens == 12


def test_a_prompt_that_is_stopped_is_never_forwarded(client, upstream, gateway):
    before = len(upstream.requests)
    with pytest.raises(openai.BadRequestError) as error:
        ask(client, "calm", f"Please say {STOPPED}.")
    assert error.value.code == "content_policy_violation"
    assert error.value.type == "invalid_request_error"
    assert error.value.response.headers["vigie-decision"] in str(error.value.body)
    assert len(upstream.requests) == before
    facts = gateway.recorded()
    assert (facts.ending, facts.stage) == (Ending.REFUSED, Stage.PROMPT)
    assert facts.released_chars == 0


@pytest.mark.parametrize("place", ["system", "assistant", "tool"])
def test_every_turn_of_a_conversation_is_judged(client, gateway, place):
    turn: dict[str, Any] = {"role": place, "content": f"Well, {STOPPED}."}
    messages: Any = [turn, {"role": "user", "content": "Hello"}]
    if place == "tool":
        called = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
        messages = [
            {"role": "assistant", "tool_calls": [called]},
            {**turn, "tool_call_id": "c"},
            *messages[1:],
        ]
    with pytest.raises(openai.BadRequestError):
        client.chat.completions.create(model="calm", messages=messages)
    assert gateway.recorded().ending is Ending.REFUSED


def test_arguments_with_escapes_are_judged_as_their_reader_sees_them(client):
    hidden = f"\\u{ord(STOPPED[0]):04x}{STOPPED[1:]}"
    called = {
        "id": "c",
        "type": "function",
        "function": {"name": "f", "arguments": f'{{"q": "{hidden}"}}'},
    }
    messages: Any = [
        {"role": "assistant", "tool_calls": [called]},
        {"role": "tool", "tool_call_id": "c", "content": "1"},
    ]
    with pytest.raises(openai.BadRequestError):
        client.chat.completions.create(model="calm", messages=messages)


def test_a_plain_answer_that_is_stopped_says_so_and_nothing_else(client, upstream, gateway):
    upstream.on("bad", say("Well: ", STOPPED, ". More."))
    raw = client.chat.completions.with_raw_response.create(
        model="bad", messages=[{"role": "user", "content": "Hello"}]
    )
    answer = raw.parse()
    choice = answer.choices[0]
    assert (choice.finish_reason, choice.message.content) == ("content_filter", None)
    assert choice.message.refusal
    assert STOPPED.encode() not in raw.content
    assert b"Well" not in raw.content
    facts = gateway.recorded()
    assert (facts.ending, facts.stage, facts.released_chars) == (Ending.CUT, Stage.ANSWER, 0)
    assert facts.answer_decision == raw.headers["vigie-decision"]


@pytest.mark.parametrize("length", [1, 3, 64])
def test_a_stream_is_cut_before_a_listed_term(client, upstream, gateway, length):
    upstream.on("bad", letters(f"{SAID} And now {STOPPED}, as they say. {SAID}", length))
    asked = len(upstream.requests)
    text, ends = streamed(ask(client, "bad", stream=True))
    assert ends == ["content_filter"]
    assert f"{SAID} And now ".startswith(text)
    facts = gateway.recorded()
    assert (facts.ending, facts.released_chars) == (Ending.CUT, len(text))
    assert upstream.asked(asked + 1).finished.wait(5)


def test_several_choices_are_guarded_each_for_itself(client, upstream):
    three = Script(says=(Says(text=CALM), Says(text=("Bad: ", STOPPED)), Says(text=CALM)))
    upstream.on("three", three)
    answer = ask(client, "three", n=3)
    assert STOPPED not in answer.model_dump_json()
    chunks = list(ask(client, "three", n=3, stream=True))
    assert "zorb" not in "".join(chunk.model_dump_json() for chunk in chunks)
    ends = {c.index: c.finish_reason for one in chunks for c in one.choices if c.finish_reason}
    assert ends[1] == "content_filter"


def test_four_calm_choices_all_arrive(client, upstream):
    upstream.on("calm", say(*CALM))
    answer = ask(client, "calm", n=4)
    assert [choice.message.content for choice in answer.choices] == [SAID] * 4
    found: dict[int, str] = {}
    for chunk in ask(client, "calm", n=4, stream=True):
        for choice in chunk.choices:
            found[choice.index] = found.get(choice.index, "") + (choice.delta.content or "")
    assert found == dict.fromkeys(range(4), SAID)


@pytest.mark.parametrize("stream", [False, True])
def test_a_call_of_a_tool_arrives_whole(client, upstream, stream):
    upstream.on("tool", call("look_up", '{"q": ', '"potatoes ', '\\u00e9t\\u00e9"}'))
    answer = ask(client, "tool", tools=[TOOL], stream=stream)
    if stream:
        name, arguments = "", ""
        for chunk in answer:
            for called in chunk.choices[0].delta.tool_calls or [] if chunk.choices else []:
                name += called.function.name or ""
                arguments += called.function.arguments or ""
    else:
        [called] = answer.choices[0].message.tool_calls
        name, arguments = called.function.name, called.function.arguments
    assert (name, arguments) == ("look_up", '{"q": "potatoes \\u00e9t\\u00e9"}')


@pytest.mark.parametrize("stream", [False, True])
def test_arguments_that_hide_a_term_behind_escapes_are_stopped(client, upstream, gateway, stream):
    hidden = "".join(f"\\u{ord(letter):04x}" for letter in STOPPED)
    upstream.on(
        "tool",
        call("look_up", '{"q": "', *[hidden[n : n + 4] for n in range(0, len(hidden), 4)], '"}'),
    )
    answer = ask(client, "tool", tools=[TOOL], stream=stream)
    shown = "".join(c.model_dump_json() for c in answer) if stream else answer.model_dump_json()
    assert "content_filter" in shown
    assert hidden[:12].replace("\\", "\\\\") not in shown
    assert gateway.recorded().ending is Ending.CUT


@pytest.mark.parametrize("channel", ["reasoning", "refusal"])
@pytest.mark.parametrize("stream", [False, True])
def test_other_channels_are_judged_too(client, upstream, channel, stream):
    said: dict[str, Any] = {channel: tuple(STOPPED), "text": CALM}
    says = Says(**said)
    upstream.on("odd", Script(says=(says,)))
    answer = ask(client, "odd", stream=stream)
    shown = "".join(c.model_dump_json() for c in answer) if stream else answer.model_dump_json()
    assert "content_filter" in shown
    assert "quendor" not in shown


@pytest.mark.parametrize("stream", [False, True])
def test_tokens_do_not_leak_in_probabilities(client, upstream, stream):
    upstream.on("logs", say(f"{SAID} ", *STOPPED, logprobs=True))
    answer = ask(client, "logs", logprobs=True, top_logprobs=2, stream=stream)
    shown = "".join(c.model_dump_json() for c in answer) if stream else answer.model_dump_json()
    assert "quendor" not in shown
    assert '"token"' not in shown
    assert "logprobs" not in upstream.last.json


@pytest.mark.parametrize(
    ("country", "stopped"), [("FR", True), ("DE", True), ("AT", False), (None, True)]
)
def test_the_users_country_chooses_the_law(gateway, upstream, country, stopped):
    upstream.on("calm", say(*CALM))
    headers = {"Vigie_Country": country} if country else {}
    answer = gateway.chat(f"They said {OFFENCE}.", "calm", **headers)
    assert answer.status == (400 if stopped else 200)
    if country:
        assert gateway.recorded().country == country
    metadata = {"metadata": {"vigie_country": country, "a": "b"}} if country else {}
    assert gateway.chat(f"They said {OFFENCE}.", "calm", **metadata).status == answer.status
    if country == "AT":
        assert upstream.last.json["metadata"] == {"a": "b"}


@pytest.mark.parametrize(
    ("language", "word"), [("fr", "demande"), ("de", "Anfrage"), ("en", "request")]
)
def test_a_refusal_is_in_the_users_language(gateway, language, word):
    answer = gateway.chat(STOPPED, Vigie_Language=language)
    error = answer.json()["error"]
    assert word in error["message"]
    assert STOPPED not in answer.body.decode()
    assert "score" not in error["message"]


def test_users_are_forwarded_and_named_under_a_pseudonym(client, gateway, upstream):
    upstream.on("calm", say(*CALM))
    raw = client.chat.completions.with_raw_response.create(
        model="calm", messages=[{"role": "user", "content": "Hello"}], user="anna@example.org"
    )
    named = raw.headers["vigie-user"]
    assert upstream.last.json["user"] == named == gateway.recorded().user
    assert "anna" not in upstream.last.body.decode() + str(raw.headers)


def test_the_applications_key_stays_and_the_upstreams_key_goes(client, gateway, upstream):
    upstream.on("calm", say(*CALM))
    raw = client.chat.completions.with_raw_response.create(
        model="calm", messages=[{"role": "user", "content": "Hello"}]
    )
    assert upstream.last.headers["authorization"] == "Bearer sk-of-the-upstream"
    assert TRUSTED not in str(upstream.last.headers) + upstream.last.body.decode()
    assert "sk-of-the-upstream" not in str(raw.headers) + raw.content.decode()


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(("key", "scores"), [(TRUSTED, True), (PUBLIC, False)])
def test_the_moderation_object_tells_flags_and_to_trusted_keys_scores(
    client, upstream, stream, key, scores
):
    upstream.on("bad", say("Well: ", STOPPED))
    moderation = {"model": "omni-moderation-latest"}
    with_key = client.with_options(api_key=key)
    answer = ask(with_key, "bad", stream=stream, extra_body={"moderation": moderation})
    if stream:
        told = [chunk.moderation for chunk in answer if chunk.moderation]
        assert len(told) == 1
        moderation = told[0]
    else:
        moderation = answer.moderation
    assert moderation.input.results[0].flagged is False
    result = moderation.output.results[0]
    assert result.flagged is True
    assert result.categories["sexual/minors"] is False
    assert scores or set(result.category_scores.values()) == {0.0, 1.0}
    assert "moderation" not in upstream.last.json


@pytest.mark.parametrize("stream", [False, True])
def test_the_older_completions_are_guarded_alike(client, upstream, gateway, stream):
    upstream.on("calm", say(*CALM))
    upstream.on("bad", letters(f"{SAID} {STOPPED}. {SAID}", 3))
    for model, end in (("calm", "stop"), ("bad", "content_filter")):
        answer = client.completions.create(model=model, prompt="Hello", stream=stream)
        chunks = list(answer) if stream else [answer]
        choices = [choice for chunk in chunks for choice in chunk.choices]
        text = "".join(choice.text for choice in choices)
        assert [c.finish_reason for c in choices if c.finish_reason] == [end]
        assert text == SAID if model == "calm" else "zorb" not in text
        gateway.recorded()
    with pytest.raises(openai.BadRequestError):
        client.completions.create(model="calm", prompt=["Hello", STOPPED])


def test_models_and_embeddings_pass(client, upstream):
    upstream.on("calm", say(*CALM))
    assert "calm" in [one.id for one in client.models.list()]
    answer = client.embeddings.create(model="calm", input=["a", "b"], encoding_format="float")
    assert [one.embedding for one in answer.data] == [[0.25, 0.5]] * 2


def test_a_path_that_nobody_knows_is_refused_and_never_forwarded(client, upstream):
    before = len(upstream.requests)
    with pytest.raises(openai.NotFoundError):
        client.audio.speech.create(model="calm", voice="alloy", input="Hello")
    with pytest.raises(openai.NotFoundError):
        client.files.list()
    assert len(upstream.requests) == before


def tool_says(*fragments: str) -> Script:
    return Script(says=(Says(text=CALM, tools=(Tool("look_up", fragments),)),))


def test_text_before_a_call_that_is_stopped_was_released(client, upstream):
    upstream.on("tool", tool_says('{"q": "', STOPPED, '"}'))
    chunks = list(ask(client, "tool", stream=True, tools=[TOOL]))
    shown = "".join(chunk.model_dump_json() for chunk in chunks)
    text, ends = streamed(chunks)
    assert (text, ends) == (SAID, ["content_filter"])
    assert "quendor" not in shown
