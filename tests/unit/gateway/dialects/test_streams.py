# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.dialects import (
    CHAT,
    COMPLETIONS,
    DIALECTS,
    MESSAGES,
    RESPONSES,
    client_text,
    events,
    opened,
    passed,
    script_of,
    wire,
)
from tests.support.upstream_script import Says, Script, Tool, say
from vigie.core.errors import OutsideError

PATHS = sorted(DIALECTS)
WORDS = st.lists(
    st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters='"\\'), max_size=6),
    min_size=1,
    max_size=12,
).map(tuple)


def marked(count: int) -> tuple[str, ...]:
    """Fragments that tell apart from each other wherever they turn up."""
    return tuple(f"<{n:03}>" for n in range(count))


def plain(path: str, script: Script, random: Random) -> Script:
    """Completions know one channel only."""
    says = script.says[0]
    every = (*says.reasoning, *says.text, *(f for t in says.tools for f in t.fragments))
    return script.but(says=(Says(text=every),)) if path == COMPLETIONS else script


@pytest.mark.parametrize("path", PATHS)
@given(fragments=WORDS, seed=st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_what_leaves_is_what_came_however_it_is_cut_into_pieces(path, fragments, seed):
    random = Random(seed)
    script = plain(path, script_of(fragments, random), random)
    stream, data = opened(path), wire(path, script)
    gone = passed(stream, data, random)
    assert gone.released == gone.received
    says = script.says[0]
    sent = {"".join(p) for p in (says.reasoning, says.text, *(t.fragments for t in says.tools))}
    assert set(client_text(path, gone.out)) == sent - {""}


@pytest.mark.parametrize("path", PATHS)
@given(seed=st.integers(0, 10_000), count=st.integers(1, 20), after=st.integers(0, 30))
@settings(max_examples=30, deadline=None)
def test_nothing_that_was_held_leaves_after_a_cut(path, seed, count, after):
    random = Random(seed)
    fragments = marked(count)
    script = plain(path, script_of(fragments, random), random)
    gone = passed(opened(path), wire(path, script), random, cut_after=after)
    released = "".join(gone.released.values())
    whole = {text for _, text in gone.wholes}
    for fragment in fragments:
        if fragment not in released and not any(fragment in text for text in whole):
            assert fragment.encode() not in gone.out


@pytest.mark.parametrize("path", PATHS)
def test_a_stream_that_was_cut_ends_as_its_interface_ends_one(path):
    after = 2 if path == COMPLETIONS else 6
    gone = passed(opened(path), wire(path, say("One ", "two ", "3")), Random(1), cut_after=after)
    last = events(gone.out)[-1]
    if path == RESPONSES:
        assert last["type"] == "response.incomplete"
        assert last["response"]["incomplete_details"] == {"reason": "content_filter"}
        assert last["response"]["status"] == "incomplete"
        numbers = [one["sequence_number"] for one in events(gone.out)]
        assert numbers == list(range(len(numbers)))
    elif path == MESSAGES:
        kinds = [one["type"] for one in events(gone.out)]
        assert kinds[-3:] == ["content_block_stop", "message_delta", "message_stop"]
        assert events(gone.out)[-2]["delta"]["stop_reason"] == "refusal"
    else:
        assert last["choices"][0]["finish_reason"] == "content_filter"
        assert gone.out.endswith(b"data: [DONE]\n\n")
    assert b"This answer was stopped." in gone.out


def test_a_message_cut_before_anything_left_still_begins():
    gone = passed(opened(MESSAGES), wire(MESSAGES, say("One")), Random(1), cut_after=0)
    kinds = [one["type"] for one in events(gone.out)]
    assert kinds == ["message_start", "message_delta", "message_stop"]


def test_an_item_that_was_cut_ends_with_what_was_released_of_it():
    stream = opened(RESPONSES)
    gone = passed(stream, wire(RESPONSES, say("<1>", "<2>", "<3>")), Random(3), cut_after=6)
    [released] = gone.released.values()
    final = events(gone.out)[-1]["response"]["output"]
    assert final[0]["status"] == "incomplete"
    assert "".join(part["text"] for part in final[0]["content"]) == released
    assert final[1]["content"] == [{"type": "refusal", "refusal": "This answer was stopped."}]


def test_a_snapshot_that_says_something_else_is_told_as_a_whole():
    script = say("Good ", "morning.", snapshot="Something <else>.")
    gone = passed(opened(RESPONSES), wire(RESPONSES, script), Random(1))
    assert {text for _, text in gone.wholes} == {"Something <else>."}


def test_a_snapshot_that_repeats_what_was_said_needs_no_second_look():
    gone = passed(opened(RESPONSES), wire(RESPONSES, say("Good ", "morning.")), Random(1))
    assert gone.wholes == []


def test_the_last_event_waits_for_the_moderation_object():
    stream = opened(RESPONSES, moderation={"model": "any"})
    gone = passed(stream, wire(RESPONSES, say("Good morning.")), Random(1))
    assert b"response.completed" not in gone.out
    [last] = events(stream.moderated({"input": 1}))
    assert (last["type"], last["response"]["moderation"]) == ("response.completed", {"input": 1})


@pytest.mark.parametrize("path", PATHS)
def test_probabilities_that_repeat_the_tokens_never_leave(path):
    script = say("<1>", "<2>", logprobs=True)
    gone = passed(opened(path), wire(path, script), Random(1))
    assert b'"logprob"' not in gone.out
    assert b'"tokens"' not in gone.out


@pytest.mark.parametrize("path", PATHS)
def test_a_field_that_nobody_knows_does_not_leave(path):
    data = wire(path, say("Good morning."))
    odd = data.replace(b'"index": 0,', b'"index": 0, "more_text": "<odd>",')
    odd = odd.replace(b'"item_id": ', b'"more_text": "<odd>", "item_id": ')
    assert odd != data
    gone = passed(opened(path), odd, Random(1))
    assert b"<odd>" not in gone.out
    assert set(client_text(path, gone.out)) == {"Good morning."}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("name", ['"%s"', '"\\u00%x%s"'], ids=["plain", "escaped"])
@pytest.mark.parametrize("field", ["content", "text", "delta", "choices", "thinking", "arguments"])
def test_a_field_that_is_said_twice_leaves_as_it_was_read(path, field, name):
    script = Script(says=(Says(text=("Good.",), tools=(Tool("f", ("{}",)),)),))
    data = wire(path, script if path != COMPLETIONS else say("Good."))
    written = name % field if "%x" not in name else name % (ord(field[0]), field[1:])
    twice = data.replace(f'"{field}": '.encode(), f'{written}: ["<odd>"], "{field}": '.encode())
    said = twice.replace(b'["<odd>"]', b'"<odd>"')
    for odd in (twice, said):
        try:
            gone = passed(opened(path), odd, Random(1))
        except OutsideError:
            continue
        assert b"<odd>" not in gone.out


@pytest.mark.parametrize("path", [RESPONSES, MESSAGES])
def test_an_event_of_an_unknown_kind_does_not_leave(path):
    more = (("odd", {"type": "odd", "text": "<odd>"}),)
    gone = passed(opened(path), wire(path, say("Good morning.", more=more)), Random(1))
    assert b"odd" not in gone.out


def test_a_block_that_nobody_can_read_leaves_empty():
    blocks: list[tuple[str, dict[str, Any]]] = [
        ("", {"type": "message_start", "message": {"id": "m", "usage": {"input_tokens": 3}}}),
        (
            "",
            {
                "type": "content_block_start",
                "index": 0,
                "content_block": {"type": "redacted_thinking", "data": "<hidden>"},
            },
        ),
        ("", {"type": "content_block_stop", "index": 0}),
        ("", {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {}}),
        ("", {"type": "message_stop"}),
    ]
    gone = passed(opened(MESSAGES), wire(MESSAGES, Script(events=tuple(blocks))), Random(1))
    assert b"<hidden>" not in gone.out
    assert b"redacted_thinking" in gone.out


TOOL_EVENTS = (
    ("response.code_interpreter_call_code", {"delta": "<a>"}, {"code": "<a>"}),
    ("response.custom_tool_call_input", {"delta": "<a>"}, {"input": "<a>"}),
    ("response.mcp_call_arguments", {"delta": "<a>"}, {"arguments": "<a>"}),
    ("response.shell_call_command", {"delta": "<a>", "command_index": 0}, {"command": "<a>"}),
    ("response.reasoning_text", {"delta": "<a>", "content_index": 0}, {"text": "<a>"}),
)


@pytest.mark.parametrize(("stem", "grows", "ends"), TOOL_EVENTS, ids=lambda v: str(v)[:40])
def test_every_run_of_text_of_a_response_is_a_channel(stem, grows, ends):
    place = {"output_index": 2, "item_id": "x_1", "command_index": 0, "content_index": 0}
    listed = (
        (stem, {"type": f"{stem}.delta", **place, **grows}),
        (stem, {"type": f"{stem}.done", **place, **ends}),
    )
    gone = passed(opened(RESPONSES), wire(RESPONSES, Script(events=listed)), Random(1))
    assert list(gone.received.values()) == ["<a>"]
    assert gone.wholes == []
    odd = (listed[0], (stem, {**listed[1][1], **dict.fromkeys(ends, "<b>")}))
    gone = passed(opened(RESPONSES), wire(RESPONSES, Script(events=odd)), Random(1))
    assert gone.wholes == [(*gone.received, "<b>")]


ITEMS = (
    {"type": "web_search_call", "id": "w", "action": {"type": "search", "query": "<a>"}},
    {"type": "mcp_call", "id": "m", "name": "n", "arguments": "{}", "output": "<a>"},
    {"type": "code_interpreter_call", "id": "c", "outputs": [{"type": "logs", "logs": "<a>"}]},
    {"type": "file_search_call", "id": "f", "queries": ["<a>"], "results": [{"text": "<b>"}]},
    {"type": "function_call", "id": "f", "call_id": "c", "name": "<a>", "arguments": "{}"},
    {"type": "reasoning", "id": "r", "summary": [], "content": [{"type": "x", "text": "<a>"}]},
    {"type": "shell_call", "id": "s", "call_id": "c", "action": {"commands": ["<a>"]}},
)


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item["type"])
def test_every_text_of_an_item_is_told_before_the_item_leaves(item):
    said = {"type": "response.output_item.done", "output_index": 0, "item": item}
    gone = passed(opened(RESPONSES), wire(RESPONSES, Script(events=(("", said),))), Random(1))
    assert "<a>" in "".join(text for _, text in gone.wholes)
    assert b"<a>" in gone.out


@pytest.mark.parametrize(
    "item",
    [
        {"type": "image_generation_call", "id": "i", "result": "<a>", "revised_prompt": "<a>"},
        {"type": "compaction", "id": "i", "encrypted_content": "<a>"},
        {"type": "never_heard_of", "id": "i", "text": "<a>"},
        {"type": "reasoning", "id": "i", "summary": [], "encrypted_content": "<a>"},
    ],
    ids=lambda item: item["type"],
)
def test_what_nobody_can_read_of_an_item_does_not_leave(item):
    said = {"type": "response.output_item.done", "output_index": 0, "item": item}
    gone = passed(opened(RESPONSES), wire(RESPONSES, Script(events=(("", said),))), Random(1))
    assert b"<a>" not in gone.out


def test_a_call_keeps_its_escapes_on_the_way():
    script = Script(says=(Says(tools=(Tool("f", ('{"q": "\\u00', '61bc"}')),)),))
    for path in (CHAT, RESPONSES, MESSAGES):
        gone = passed(opened(path), wire(path, script), Random(5))
        assert set(client_text(path, gone.out)) == {'{"q": "\\u0061bc"}'}
