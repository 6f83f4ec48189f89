# SPDX-License-Identifier: Apache-2.0
"""Whatever JSON comes from a client or an upstream: it is read, or refused as what it is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.dialects import (
    CHAT,
    COMPLETIONS,
    DIALECTS,
    MESSAGES,
    REFUSAL,
    RESPONSES,
    asking,
    opened,
)
from vigie.core.errors import InvalidInputError, OutsideError
from vigie.gateway.dialects import (
    messages_request,
    messages_shapes,
    messages_stream,
    responses_request,
    responses_shapes,
    responses_stream,
)

PATHS = sorted(DIALECTS)
NAMES = (
    *("role", "type", "content", "text", "input", "id", "call_id", "name", "arguments", "source"),
    *("data", "media_type", "url", "image_url", "file_data", "file_id", "summary", "output"),
    *("tool_calls", "function", "index", "delta", "message", "choices", "finish_reason", "usage"),
    *("item", "part", "response", "output_index", "content_index", "action", "commands", "error"),
    *("annotations", "annotation", "content_block", "thinking", "partial_json", "stop_reason"),
    *("tools", "system", "messages", "model", "prompt", "metadata", "moderation", "n", "stream"),
    *("refusal", "logprobs", "citations", "results", "outputs", "logs", "object", "status"),
)
KINDS = sorted(
    {
        *("user", "assistant", "system", "tool", "message", "text", "image", "document", "base64"),
        *("input_text", "output_text", "refusal", "input_image", "input_file", "function", "url"),
        *("image_url", "thinking", "tool_use", "tool_result", "reasoning", "computer_call_output"),
        *("summary_text", "response", "chat.completion", "redacted_thinking", "function_call"),
        *responses_request.CALLS,
        *responses_request.RESULTS,
        *responses_request.ACTIONS,
        *responses_shapes.WHOLE,
        *messages_request.PARTS,
        *messages_shapes.RESULTS,
        *messages_stream.GROWS,
    }
)
EVENTS = sorted(
    {
        *responses_stream._READERS,
        *messages_stream._READERS,
        *(f"{run}.{end}" for run in responses_stream.RUNS for end in ("delta", "done", "added")),
    }
)
LEAVES = st.one_of(
    st.sampled_from([None, True, 0, -1, 2**63, 1.5, "", "Hello", "data:text/plain;base64,QQ=="]),
    st.just(["Hello"]),
    st.sampled_from(KINDS),
    st.sampled_from(EVENTS),
)
TREES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=5)
    ),
    max_leaves=24,
)
OBJECTS = st.dictionaries(st.sampled_from(NAMES), TREES, max_size=6)
EVENT_OBJECTS = st.builds(
    lambda kind, more: {**more, "type": kind}, st.sampled_from(EVENTS), OBJECTS
)


def dialect(path: str) -> Any:
    return DIALECTS[path]()


@pytest.mark.parametrize("path", PATHS)
@given(body=OBJECTS, tree=TREES)
@settings(max_examples=30, deadline=None)
def test_a_request_is_read_or_refused(path, body, tree):
    known = asking(path)
    field = {RESPONSES: "input", COMPLETIONS: "prompt"}.get(path, "messages")
    for given_body in (body, {**known, field: tree}, {**known, field: [tree]}, {**known, **body}):
        try:
            asked = dialect(path).parse(json.dumps(given_body).encode())
        except InvalidInputError:
            continue
        json.loads(dialect(path).forward(asked, "vu_1"))


@pytest.mark.parametrize("path", PATHS)
@given(body=OBJECTS, tree=TREES)
@settings(max_examples=30, deadline=None)
def test_an_answer_is_read_or_refused_and_can_be_cut(path, body, tree):
    shapes: dict[str, dict[str, Any]] = {
        RESPONSES: {"object": "response", "output": tree},
        MESSAGES: {"type": "message", "content": tree},
        CHAT: {"id": "x", "choices": tree},
        COMPLETIONS: {"id": "x", "choices": tree},
    }
    one = dialect(path)
    for given_body in (body, shapes[path], {**body, **shapes[path]}):
        try:
            answer = one.answer(json.dumps(given_body).encode())
        except OutsideError:
            continue
        json.loads(one.written(answer))
        assert json.loads(one.cut(answer, REFUSAL))["vigie"]["message"] == REFUSAL.message


@pytest.mark.parametrize("path", PATHS)
@given(said=st.lists(EVENT_OBJECTS | OBJECTS, max_size=6))
@settings(max_examples=40, deadline=None)
def test_an_event_is_read_or_refused_and_what_follows_can_be_cut(path, said):
    stream = opened(path)
    for one in said:
        data = json.dumps(one).encode()
        try:
            event = stream.read("", data, b"data: " + data + b"\n\n")
        except OutsideError:
            continue
        stream.write(event, [slot.text for slot in event.slots])
    assert stream.cut(REFUSAL).endswith(b"\n\n")


@pytest.mark.parametrize("path", PATHS)
@given(raw=st.binary(max_size=40) | st.text(max_size=20).map(lambda text: text.encode()))
@settings(max_examples=20, deadline=None)
def test_bytes_that_are_no_json_are_refused(path, raw):
    one = dialect(path)
    with pytest.raises(InvalidInputError):
        one.parse(raw)
    with pytest.raises(OutsideError):
        one.answer(raw)
