# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.core.errors import InvalidInputError
from vigie.gateway.dialects.base import Conversation
from vigie.gateway.dialects.messages import Messages
from vigie.gateway.dialects.responses import Responses
from vigie.gateway.dialects.values import plain

TEXT_FILE = "data:text/plain;base64," + base64.b64encode(b"<text>").decode()
PDF_FILE = "data:application/pdf;base64," + base64.b64encode(b"%PDF-").decode()
PICTURE = "data:image/png;base64,AAAA"


def responses(item: Any = None, **fields: Any) -> Conversation:
    given = {"model": "m", "input": [item] if item is not None else "Hello", **fields}
    return Responses().parse(json.dumps(given).encode())


def messages(block: Any = None, **fields: Any) -> Conversation:
    content = [block] if block is not None else "Hello"
    given = {"model": "m", "messages": [{"role": "user", "content": content}], **fields}
    return Messages().parse(json.dumps(given).encode())


def user(*content: Any) -> dict[str, Any]:
    return {"role": "user", "content": list(content)}


def said(conversation: Conversation) -> str:
    return "\n".join(part.text for part in conversation.parts)


def refused(error: pytest.ExceptionInfo[InvalidInputError]) -> str:
    assert error.value.http_status == 400
    return str(error.value.field)


RESPONSES_SAYS = {
    "a plain message": {"role": "user", "content": "<text>"},
    "input_text": user({"type": "input_text", "text": "<text>"}),
    "an earlier answer": {
        "type": "message",
        "role": "assistant",
        "content": [{"type": "output_text", "text": "<text>", "annotations": []}],
    },
    "a refusal": {"role": "assistant", "content": [{"type": "refusal", "refusal": "<text>"}]},
    "a developer": {"role": "developer", "content": "<text>"},
    "a citation": {
        "role": "assistant",
        "content": [{"type": "output_text", "text": "x", "annotations": [{"title": "<text>"}]}],
    },
    "a file of text": user({"type": "input_file", "filename": "a.txt", "file_data": TEXT_FILE}),
    "a name of a file": user(
        {"type": "input_file", "filename": "<text>", "file_data": "data:text/plain;base64,"}
    ),
    "arguments": {
        "type": "function_call",
        "call_id": "c",
        "name": "f",
        "arguments": '{"q": "<\\u0074ext>"}',
    },
    "a tool's name": {"type": "function_call", "call_id": "c", "name": "<text>", "arguments": ""},
    "a tool's answer": {"type": "function_call_output", "call_id": "c", "output": "<text>"},
    "a tool's answer in JSON": {
        "type": "function_call_output",
        "call_id": "c",
        "output": '{"a": "<\\u0074ext>", "a": "hidden"}',
    },
    "a tool's answer in parts": {
        "type": "function_call_output",
        "call_id": "c",
        "output": [{"type": "input_text", "text": "<text>"}],
    },
    "free input": {"type": "custom_tool_call", "call_id": "c", "name": "f", "input": "<text>"},
    "reasoning": {"type": "reasoning", "id": "r", "summary": [{"text": "<text>"}]},
    "a shell": {"type": "shell_call", "call_id": "c", "action": {"commands": ["<text>"]}},
    "output of a shell": {
        "type": "shell_call_output",
        "call_id": "c",
        "output": [{"stdout": "<text>", "stderr": ""}],
    },
    "a search": {"type": "web_search_call", "id": "w", "action": {"query": "<text>"}},
    "an MCP call": {"type": "mcp_call", "id": "m", "arguments": "{}", "output": "<text>"},
    "MCP tools": {"type": "mcp_list_tools", "id": "m", "tools": [{"description": "<text>"}]},
    "a field that nobody knows": {"role": "user", "content": "x", "more": ["<text>"]},
    "a field beside a picture": user(
        {"type": "input_image", "image_url": PICTURE, "caption": "<text>"}
    ),
    "an odd call id": {"type": "function_call", "call_id": "<text>", "name": "f", "arguments": ""},
}


@pytest.mark.parametrize("item", RESPONSES_SAYS.values(), ids=RESPONSES_SAYS.keys())
def test_every_text_of_a_response_request_is_found(item):
    assert "<text>" in said(responses(item))


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"instructions": "<text>"}, "instructions"),
        ({"tools": [{"type": "function", "name": "f", "description": "<text>"}]}, "tools[0]"),
        ({"text": {"format": {"schema": {"description": "<text>"}}}}, "text.format"),
    ],
)
def test_every_text_beside_the_input_is_found_with_its_place(fields, place):
    found = [part for part in responses(**fields).parts if part.text == "<text>"]
    assert found[0].at.startswith(place)
    assert found[0].role == "system"


RESPONSES_REFUSED = {
    "previous_response_id": ({"previous_response_id": "resp_1"}, "previous_response_id"),
    "conversation": ({"conversation": {"id": "conv_1"}}, "conversation"),
    "a stored prompt": ({"prompt": {"id": "pmpt_1"}}, "prompt"),
    "background": ({"background": True}, "background"),
    "compaction": ({"context_management": [{"type": "compaction"}]}, "context_management"),
    "encrypted reasoning": ({"include": ["reasoning.encrypted_content"]}, "include[0]"),
    "an unknown field": ({"more": "<text>"}, "more"),
    "a tool for pictures": ({"tools": [{"type": "image_generation"}]}, "tools[0].type"),
    "an unknown tool": ({"tools": [{"type": "odd"}]}, "tools[0].type"),
    "a reference": ({"input": [{"type": "item_reference", "id": "x"}]}, "input[0].type"),
    "an odd item": ({"input": [{"type": "odd", "text": "<text>"}]}, "input[0].type"),
    "an item without a type": ({"input": [{"text": "<text>"}]}, "input[0].type"),
    "an odd role": ({"input": [{"role": "root", "content": "x"}]}, "input[0].role"),
    "an odd part": ({"input": [user({"type": "odd"})]}, "input[0].content[0].type"),
    "audio": ({"input": [user({"type": "input_audio"})]}, "input[0].content[0].type"),
    "a picture by number": (
        {"input": [user({"type": "input_image", "file_id": "file-1"})]},
        "input[0].content[0].file_id",
    ),
    "a file by number": (
        {"input": [user({"type": "input_file", "file_id": "file-1"})]},
        "input[0].content[0].file_id",
    ),
    "a file by address": (
        {"input": [user({"type": "input_file", "file_url": "https://a.example/f"})]},
        "input[0].content[0].file_url",
    ),
    "a PDF": (
        {"input": [user({"type": "input_file", "file_data": PDF_FILE})]},
        "input[0].content[0].file_data",
    ),
    "encrypted content": (
        {"input": [{"type": "reasoning", "summary": [], "encrypted_content": "gAAA"}]},
        "input[0].encrypted_content",
    ),
    "no input": ({"input": None}, "input"),
    "input of numbers": ({"input": [1]}, "input[0]"),
    "the moderation mode": (
        {"moderation": {"model": "m", "policy": {"input": {"mode": "off"}}}},
        "moderation.policy.input.mode",
    ),
}


@pytest.mark.parametrize(
    ("fields", "field"), RESPONSES_REFUSED.values(), ids=RESPONSES_REFUSED.keys()
)
def test_what_cannot_be_read_of_a_response_request_is_refused_by_name(fields, field):
    with pytest.raises(InvalidInputError) as error:
        responses(**fields)
    assert refused(error) == field


MESSAGES_SAYS = {
    "text": {"type": "text", "text": "<text>"},
    "a citation": {"type": "text", "text": "x", "citations": [{"cited_text": "<text>"}]},
    "a document": {"type": "document", "source": {"type": "text", "data": "<text>"}},
    "a document's title": {
        "type": "document",
        "title": "<text>",
        "source": {"type": "text", "data": "x"},
    },
    "a document of blocks": {
        "type": "document",
        "source": {"type": "content", "content": [{"type": "text", "text": "<text>"}]},
    },
    "a document in base64": {
        "type": "document",
        "source": {
            "type": "base64",
            "media_type": "text/plain",
            "data": base64.b64encode(b"<text>").decode(),
        },
    },
    "a call": {"type": "tool_use", "id": "t", "name": "f", "input": {"q": {"r": ["<text>"]}}},
    "a name in a call": {"type": "tool_use", "id": "t", "name": "f", "input": {"<text>": 1}},
    "a result": {"type": "tool_result", "tool_use_id": "t", "content": "<text>"},
    "a result in blocks": {
        "type": "tool_result",
        "tool_use_id": "t",
        "content": [{"type": "text", "text": "<text>"}],
    },
    "a found page": {
        "type": "search_result",
        "source": "s",
        "title": "t",
        "content": [{"type": "text", "text": "<text>"}],
    },
    "thinking": {"type": "thinking", "thinking": "<text>", "signature": "c2ln"},
    "a field that nobody knows": {"type": "text", "text": "x", "more": {"a": "<text>"}},
    "a field beside a picture": {
        "type": "image",
        "source": {"type": "url", "url": "https://a.example/x.png"},
        "caption": "<text>",
    },
    "a field beside a result": {
        "type": "tool_result",
        "tool_use_id": "t",
        "content": "x",
        "caption": "<text>",
    },
}


@pytest.mark.parametrize("block", MESSAGES_SAYS.values(), ids=MESSAGES_SAYS.keys())
def test_every_text_of_a_message_request_is_found(block):
    assert "<text>" in said(messages(block))


@pytest.mark.parametrize(
    "fields",
    [
        {"system": "<text>"},
        {"system": [{"type": "text", "text": "<text>"}]},
        {"tools": [{"name": "f", "description": "<text>", "input_schema": {}}]},
        {"stop_sequences": ["<text>"]},
    ],
)
def test_every_text_beside_the_messages_is_found(fields):
    assert "<text>" in said(messages(**fields))


MESSAGES_REFUSED = {
    "a container": ({"container": "c"}, "container"),
    "servers": ({"mcp_servers": [{"url": "https://a.example"}]}, "mcp_servers"),
    "an unknown field": ({"more": ["<text>"]}, "more"),
    "moderation": ({"moderation": {"model": "m"}}, "moderation"),
    "an odd role": ({"messages": [{"role": "root", "content": "x"}]}, "messages[0].role"),
    "no messages": ({"messages": None}, "messages"),
}
BLOCKS_REFUSED = {
    "an odd block": ({"type": "odd", "text": "<text>"}, "type"),
    "redacted thinking": ({"type": "redacted_thinking", "data": "x"}, "type"),
    "an upload": ({"type": "container_upload", "file_id": "f"}, "file_id"),
    "a picture by number": (
        {"type": "image", "source": {"type": "file", "file_id": "f"}},
        "source.type",
    ),
    "a PDF": (
        {
            "type": "document",
            "source": {"type": "base64", "media_type": "application/pdf", "data": "x"},
        },
        "source.type",
    ),
    "a page by address": (
        {"type": "document", "source": {"type": "url", "url": "https://a.example"}},
        "source.type",
    ),
    "encrypted pages": (
        {
            "type": "tool_result",
            "tool_use_id": "t",
            "content": [{"type": "text", "text": "x", "encrypted_content": "x"}],
        },
        "content[0].encrypted_content",
    ),
}


@pytest.mark.parametrize(("fields", "field"), MESSAGES_REFUSED.values(), ids=MESSAGES_REFUSED)
def test_what_cannot_be_read_of_a_message_request_is_refused_by_name(fields, field):
    with pytest.raises(InvalidInputError) as error:
        messages(**fields)
    assert refused(error) == field


@pytest.mark.parametrize(("block", "field"), BLOCKS_REFUSED.values(), ids=BLOCKS_REFUSED)
def test_what_cannot_be_read_of_a_block_is_refused_by_name(block, field):
    with pytest.raises(InvalidInputError) as error:
        messages(block)
    assert refused(error) == f"messages[0].content[0].{field}"


def test_pictures_are_named_with_their_places():
    shown = responses(user({"type": "input_image", "image_url": PICTURE})).pictures
    assert [(one.url, one.at) for one in shown] == [(PICTURE, "input[0].content[0].image_url")]
    source = {"type": "base64", "media_type": "image/png", "data": "AAAA"}
    shown = messages({"type": "image", "source": source}).pictures
    assert [(one.url, one.at) for one in shown] == [(PICTURE, "messages[0].content[0].source.data")]
    shot = {"type": "computer_screenshot", "image_url": PICTURE}
    item = {"type": "computer_call_output", "call_id": "c", "output": shot}
    assert [one.url for one in responses(item).pictures] == [PICTURE]


@given(
    st.recursive(
        st.text(max_size=8) | st.integers() | st.none(),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
        ),
        max_leaves=12,
    )
)
def test_no_text_of_a_call_is_missed_however_deep_it_lies(value):
    block = {"type": "tool_use", "id": "t", "name": "f", "input": value}
    try:
        found = said(messages(block))
    except InvalidInputError:
        return  # It named something that only the upstream can read.
    for text in _strings(value, ()):
        assert text in found


def _strings(value: Any, path: tuple[str, ...]) -> list[str]:
    structure = ("type", "id", "call_id", "status", "role", "detail", "media_type", "tool_use_id")
    if isinstance(value, str):
        return [] if path and path[-1] in structure else [value]
    if isinstance(value, list):
        return [text for one in value for text in _strings(one, path)]
    if isinstance(value, dict):
        return [text for name, one in value.items() for text in _strings(one, (*path, name))]
    return []


@pytest.mark.parametrize(
    ("arguments", "read"),
    [
        ('{"a": "\\u0061lpha"}', "a\nalpha"),
        ('{"a": "\\u0061lpha", "a": "ok"}', "a\nalpha\na\nok"),
        ('{"a": "{\\"b\\": \\"\\\\u0061lpha\\"}"}', "a\nb\nalpha"),
        ('"\\ud83d\\ude00"', "😀"),
        ("no JSON", "no JSON"),
        ('{"a": "\\u0061lp', "\\{\na\n: \nalp".removeprefix("\\")),
    ],
)
def test_arguments_are_read_as_their_reader_will_see_them(arguments, read):
    assert plain(arguments) == read


def test_an_upstream_gets_a_pseudonym_and_stores_nothing_unless_asked():
    asked = responses(user="anna", metadata={"vigie_country": "FR", "a": "b"}, top_logprobs=3)
    assert (asked.user, asked.country) == ("anna", "FR")
    sent = json.loads(Responses().forward(asked, "u-1"))
    assert (sent["user"], sent["store"], sent["metadata"]) == ("u-1", False, {"a": "b"})
    assert "top_logprobs" not in sent
    asked = messages(metadata={"user_id": "anna", "vigie_country": "DE"})
    assert (asked.user, asked.country) == ("anna", "DE")
    sent = json.loads(Messages().forward(asked, "u-1"))
    assert sent["metadata"] == {"user_id": "u-1"}
    assert "metadata" not in json.loads(Messages().forward(asked, ""))


def test_what_stands_beside_the_turns_comes_before_them():
    tools = [{"type": "function", "name": "f", "description": "tool"}]
    asked = responses(instructions="system", tools=tools, input=[user(), user()])
    assert {part.turn for part in asked.parts} == {0}
    asked = responses({"role": "user", "content": "new"}, instructions="system", tools=tools)
    assert [part.text for part in asked.parts if part.turn] == ["new"]
    given = [{"name": "f", "description": "tool", "input_schema": {}}]
    asked = messages({"type": "text", "text": "new"}, system="system", tools=given)
    assert [part.text for part in asked.parts if part.turn] == ["new"]
