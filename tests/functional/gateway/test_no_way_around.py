# SPDX-License-Identifier: Apache-2.0
"""What an upstream or an application could hide text in: nothing passes unjudged."""

from __future__ import annotations

import base64
import json
from typing import Any, Final

import pytest

from tests.support.dialects import CHAT, COMPLETIONS, MESSAGES, RESPONSES
from tests.support.gateway import STOPPED, STRICT, TRUSTED
from tests.support.upstream_script import Script

SSE: Final = "text/event-stream"
HEAD: Final = {"id": "c-1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
FIRST, SECOND = STOPPED.split()


def frames(*events: Any, done: bool = True) -> Script:
    """Return the stream of these events."""
    said = [one if isinstance(one, bytes) else json.dumps(one).encode() for one in events]
    raw = b"".join(b"data: %b\n\n" % one for one in said)
    return Script(raw=raw + b"data: [DONE]\n\n" * done, content_type=SSE)


def chunk(delta: dict[str, Any] | None = None, finish: str | None = None, **more: Any) -> Any:
    """Return a chunk of chat."""
    choice = {"index": 0, "delta": delta or {}, "finish_reason": finish}
    return {**HEAD, "choices": [choice], **more}


def tool(**named: Any) -> Any:
    """Return a chunk that calls a tool."""
    function = {"name": "f", "arguments": "{}"}
    call = {"index": 0, "id": "a", "type": "function", "function": function, **named}
    return chunk({"tool_calls": [call]})


GREETING, END = chunk({"content": "Good morning. "}), chunk({}, "stop")
CHUNKS: Final[dict[str, Script]] = {
    "a text in usage": frames(GREETING, END, {**HEAD, "choices": [], "usage": {"note": STOPPED}}),
    "a name in usage": frames(GREETING, END, {**HEAD, "choices": [], "usage": {STOPPED: 1}}),
    "the id": frames(chunk({"content": "Good. "}, id=STOPPED), END),
    "the model": frames(chunk({"content": "Good. "}, model=STOPPED), END),
    "the fingerprint": frames(chunk({"content": "Good. "}, system_fingerprint=STOPPED), END),
    "the role": frames(chunk({"role": STOPPED, "content": "Good. "}), END),
    "the reason of the end": frames(GREETING, chunk({}, STOPPED)),
    "the id of a call": frames(tool(id=STOPPED), chunk({}, "tool_calls")),
    "the kind of a call": frames(tool(type=STOPPED), chunk({}, "tool_calls")),
    "padding": frames(GREETING, chunk({"content": "x "}, obfuscation=STOPPED), END),
    "a field of a chunk": frames(GREETING, chunk({"thoughts": STOPPED}), END),
    "an error": frames(GREETING, {"error": {"message": STOPPED}}),
}


@pytest.mark.parametrize("key", [TRUSTED, STRICT])
@pytest.mark.parametrize("name", CHUNKS)
def test_no_field_of_a_chunk_carries_text(gateway, upstream, name, key):
    upstream.on("hides", CHUNKS[name])
    answer = gateway.chat("Hi", "hides", key, stream=True, stream_options={"include_usage": True})
    assert answer.status == (502 if name == "an error" and key == STRICT else 200)
    assert FIRST.encode() not in answer.body
    gateway.recorded()


def test_a_count_as_it_should_be_passes_as_it_came(gateway, upstream):
    usage: dict[str, Any] = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
    usage["prompt_tokens_details"] = {"cached_tokens": 1, "audio_tokens": None}
    upstream.on("counts", frames(GREETING, END, {**HEAD, "choices": [], "usage": usage}))
    answer = gateway.chat("Hi", "counts", stream=True, stream_options={"include_usage": True})
    assert json.dumps(usage).encode() in answer.body
    assert gateway.recorded().output_tokens == 2


CREATED: Final = {"id": "r", "object": "response", "status": "in_progress", "output": []}
DONE: Final = {**CREATED, "status": "completed"}
COMPLETED: Final = {"type": "response.completed", "response": DONE}
MISNAMED: Final = {"type": f"response.output_text.{STOPPED}", "output_index": 0, "text": "x"}
INJECTED: Final = {"type": f"response.refusal.x\ndata: {STOPPED}\n\n", "output_index": 0}


def typed(*events: Any) -> Script:
    """Return a stream of typed events."""
    return frames({"type": "response.created", "response": CREATED}, *events, done=False)


TYPED: Final[dict[str, Script]] = {
    "a kind of event": typed(MISNAMED, COMPLETED),
    "a kind that is an event of its own": typed(INJECTED, COMPLETED),
    "usage as text": typed({**COMPLETED, "response": {**DONE, "usage": STOPPED}}),
    "usage as a list": typed({**COMPLETED, "response": {**DONE, "usage": [STOPPED]}}),
}


@pytest.mark.parametrize("name", TYPED)
def test_no_field_of_a_typed_event_carries_text(gateway, upstream, name):
    upstream.on("hides", TYPED[name])
    answer = gateway.post(RESPONSES_PATH, {"model": "hides", "input": "Hi", "stream": True})
    assert answer.status == 200
    assert b"response.completed" in answer.body
    assert FIRST.encode() not in answer.body
    gateway.recorded()


RESPONSES_PATH, MESSAGES_PATH = f"/ai{RESPONSES}", f"/ai{MESSAGES}"
TURNS: Final = [{"role": "user", "content": "Hi"}]
ASKED: Final[dict[str, Any]] = {"max_tokens": 9, "messages": TURNS}
MESSAGE: Final = {
    "id": "m",
    "type": "message",
    "role": "assistant",
    "model": "m",
    "content": [{"type": "text", "text": "Good morning."}],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": {"input_tokens": 1, "output_tokens": 1},
}


def plain(said: Any) -> Script:
    """Return a plain answer."""
    return Script(raw=json.dumps(said).encode(), content_type="application/json")


@pytest.mark.parametrize("sequence", [{"x": STOPPED}, [STOPPED], STOPPED])
def test_a_stop_sequence_carries_no_text(gateway, upstream, sequence):
    upstream.on("hides", plain({**MESSAGE, "stop_sequence": sequence}))
    answer = gateway.post(MESSAGES_PATH, {"model": "hides", **ASKED})
    assert FIRST.encode() not in answer.body
    gateway.recorded()


def test_what_begins_in_one_block_and_ends_in_the_next_is_stopped(gateway, upstream):
    events: list[Any] = [{"type": "message_start", "message": {**MESSAGE, "content": []}}]
    for index, text in enumerate((f"As they say, {FIRST} ", f"{SECOND}, and more.")):
        block = {"type": "text", "text": ""}
        delta = {"type": "text_delta", "text": text}
        events += [
            {"type": "content_block_start", "index": index, "content_block": block},
            {"type": "content_block_delta", "index": index, "delta": delta},
            {"type": "content_block_stop", "index": index},
        ]
    events += [{"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {}}]
    upstream.on("splits", frames(*events, {"type": "message_stop"}, done=False))
    for key in (TRUSTED, STRICT):
        answer = gateway.post(MESSAGES_PATH, {"model": "splits", "stream": True, **ASKED}, key)
        assert b"As they say" in answer.body
        assert SECOND.encode() not in answer.body
        assert b'"stop_reason":"refusal"' in answer.body
        assert gateway.recorded().ending == "cut"


def test_a_pause_without_sense_is_an_answer_of_an_upstream_all_the_same(gateway, upstream):
    words = b'{"error": {"message": "Slow down."}}'
    upstream.on("busy", Script(status=429, raw=words, headers=(("retry-after", "9" * 6_000),)))
    assert gateway.chat("Hi", "busy").status == 429
    gateway.recorded()


def test_counts_beyond_all_sense_fit_into_a_database(gateway, upstream):
    message = {"role": "assistant", "content": "Good."}
    choices = [{"index": 0, "message": message, "finish_reason": "stop"}]
    usage = {"prompt_tokens": 2**63, "completion_tokens": 2**64 - 1}
    upstream.on("counts", plain({**HEAD, "choices": choices, "usage": usage}))
    assert gateway.chat("Hi", "counts").status == 200
    facts = gateway.recorded()
    assert max(facts.input_tokens, facts.output_tokens) < 2**31


BESIDE: Final = [
    *((CHAT, name) for name in ("reasoning_effort", "verbosity", "service_tier", "seed", "stop")),
    *((CHAT, name) for name in ("temperature", "logit_bias", "stream_options", "top_k")),
    *((COMPLETIONS, name) for name in ("stop", "suffix", "service_tier", "stream_options")),
    *((MESSAGES, name) for name in ("thinking", "speed", "inference_geo", "cache_control")),
    *((RESPONSES, name) for name in ("reasoning", "truncation", "prompt_cache_options", "text")),
]
BODIES: Final[dict[str, dict[str, Any]]] = {
    CHAT: {"messages": ASKED["messages"]},
    COMPLETIONS: {"prompt": "Hi"},
    MESSAGES: ASKED,
    RESPONSES: {"input": "Hi"},
}


@pytest.mark.parametrize(("path", "name"), BESIDE)
@pytest.mark.parametrize("wrap", [lambda text: text, lambda text: {"x": text}, lambda text: [text]])
def test_no_field_beside_the_conversation_is_forwarded_unjudged(
    gateway, upstream, path, name, wrap
):
    before = len(upstream.requests)
    answer = gateway.post(f"/ai{path}", {"model": "local", **BODIES[path], name: wrap(STOPPED)})
    assert answer.status == 400
    assert len(upstream.requests) == before


def turn(**message: Any) -> dict[str, Any]:
    """Return a request to chat with one more message."""
    return {"messages": [*TURNS, message]}


def file(data: bytes, charset: str) -> dict[str, Any]:
    """Return a request to chat with a file."""
    url = f"data:text/plain;charset={charset};base64,{base64.b64encode(data).decode()}"
    return turn(role="user", content=[{"type": "file", "file": {"file_data": url}}])


PDF: Final = {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0x"}
FETCHED: Final = {"type": "web_fetch_result", "content": {"type": "document", "source": PDF}}
BLOCK: Final = {"type": "web_fetch_tool_result", "tool_use_id": "a", "content": FETCHED}
DRAWN: Final = {"type": "image", "url": "data:image/png;base64,iVBORw0KGgo="}
RAN: Final = {"type": "code_interpreter_call", "id": "a", "code": "1", "outputs": [DRAWN]}
HIDDEN: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "the id of a call": (CHAT, turn(role="tool", tool_call_id=STOPPED, content="x")),
    "tokens": (CHAT, {**BODIES[CHAT], "input_ids": [1, 2, 3]}),
    "tokens further in": (CHAT, {**BODIES[CHAT], "more": {"input_ids": [1, 2, 3]}}),
    "a file in UTF-16": (CHAT, file(STOPPED.encode("utf-16-le"), "utf-16")),
    "a file in UTF-7": (CHAT, file(b"+AGI-", "utf-7")),
    "a mark of a cache": (
        MESSAGES,
        {**ASKED, "system": [{"type": "text", "text": "Hi", "cache_control": {"x": STOPPED}}]},
    ),
    "a signature": (
        MESSAGES,
        {
            "max_tokens": 9,
            "messages": [
                {
                    "role": "assistant",
                    "content": [{"type": "thinking", "thinking": "a", "signature": STOPPED}],
                }
            ],
        },
    ),
    "what a tool fetched": (
        MESSAGES,
        {"max_tokens": 9, "messages": [{"role": "user", "content": [BLOCK]}]},
    ),
    "what a program drew": (RESPONSES, {"input": [RAN]}),
    "a model that is no name": (CHAT, {**BODIES[CHAT], "model": "a\0b"}),
    "too many turns": (CHAT, {"messages": [{"role": "user", "content": "Hi"}] * 5_000}),
}


@pytest.mark.parametrize("name", HIDDEN)
def test_what_cannot_be_read_or_is_stopped_is_not_forwarded(gateway, upstream, name):
    before = len(upstream.requests)
    path, body = HIDDEN[name]
    answer = gateway.post(f"/ai{path}", {"model": "local", **body})
    assert answer.status == 400
    assert len(upstream.requests) == before
