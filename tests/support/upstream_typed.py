# SPDX-License-Identifier: Apache-2.0
"""The local upstream's answers with typed events: OpenAI's responses, Anthropic's messages."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import msgspec

from tests.support.upstream_openai import CREATED, logprobs
from tests.support.upstream_script import Event, Says, Script, Tool, joined

USAGE = {"input_tokens": 7, "output_tokens": 5, "total_tokens": 12}


def response(script: Script, body: dict[str, Any]) -> dict[str, Any]:
    """Return a plain response."""
    return _response(body, "completed", _items(script, "." * script.pad))


def _response(body: dict[str, Any], status: str, output: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": "resp_local_1",
        "object": "response",
        "created_at": CREATED,
        "status": status,
        "error": None,
        "incomplete_details": None,
        "instructions": body.get("instructions"),
        "metadata": {},
        "model": body.get("model", "local"),
        "output": output,
        "parallel_tool_calls": True,
        "temperature": 1.0,
        "tool_choice": "auto",
        "tools": body.get("tools", []),
        "top_p": 1.0,
        "usage": {
            **USAGE,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens_details": {"reasoning_tokens": 0},
        }
        if status == "completed"
        else None,
    }


def _items(script: Script, before: str = "") -> list[dict[str, Any]]:
    says = script.choice(0)
    found: list[dict[str, Any]] = []
    if says.reasoning:
        summary = [{"type": "summary_text", "text": joined(says.reasoning)}]
        found.append({"id": "rs_0", "type": "reasoning", "summary": summary})
    if says.text or says.refusal or before:
        found.append(_message(script, says, before))
    found += [_tool_item(tool, n, "completed") for n, tool in enumerate(says.tools)]
    return found


def _message(script: Script, says: Says, before: str) -> dict[str, Any]:
    content: list[dict[str, Any]] = []
    text = before + joined(says.text)
    if text:
        content.append(_text_part(script.snapshot or text, text if script.logprobs else ""))
    if says.refusal:
        content.append({"type": "refusal", "refusal": joined(says.refusal)})
    return _message_item("completed", content)


def _message_item(status: str, content: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": "msg_0",
        "type": "message",
        "status": status,
        "role": "assistant",
        "content": content,
    }


def _text_part(text: str, repeated: str = "") -> dict[str, Any]:
    logs = logprobs(repeated)["content"] if repeated else []
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": logs}


def _tool_item(tool: Tool, number: int, status: str) -> dict[str, Any]:
    return {
        "id": f"fc_{number}",
        "type": "function_call",
        "status": status,
        "call_id": f"call_{number}",
        "name": tool.name,
        "arguments": tool.arguments if status == "completed" else "",
    }


def response_events(script: Script, body: dict[str, Any]) -> Iterator[Event]:
    """Yield the typed events with their running numbers."""
    number = count()
    for said in _response_events(script, body):
        yield said["type"], {**said, "sequence_number": next(number)}


def _response_events(script: Script, body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    says = script.choice(0)
    started = _response(body, "in_progress", [])
    yield {"type": "response.created", "response": started}
    yield {"type": "response.in_progress", "response": started}
    index = count()
    if says.reasoning:
        yield from _reasoning_events(says, next(index))
    if says.text or says.refusal:
        yield from _message_events(script, says, next(index))
    for n, tool in enumerate(says.tools):
        yield from _call_events(tool, n, next(index))
    for _, said in script.more:
        yield said
    yield {"type": "response.completed", "response": _response(body, "completed", _items(script))}


def _reasoning_events(says: Says, index: int) -> Iterator[dict[str, Any]]:
    item = {"id": "rs_0", "type": "reasoning", "summary": []}
    at = {"item_id": "rs_0", "output_index": index, "summary_index": 0}
    text = joined(says.reasoning)
    part = {"type": "summary_text", "text": text}
    kind = "response.reasoning_summary"
    yield {"type": "response.output_item.added", "output_index": index, "item": item}
    yield {"type": f"{kind}_part.added", **at, "part": {**part, "text": ""}}
    for fragment in says.reasoning:
        yield {"type": f"{kind}_text.delta", **at, "delta": fragment}
    yield {"type": f"{kind}_text.done", **at, "text": text}
    yield {"type": f"{kind}_part.done", **at, "part": part}
    done = {**item, "summary": [part]}
    yield {"type": "response.output_item.done", "output_index": index, "item": done}


def _message_events(script: Script, says: Says, index: int) -> Iterator[dict[str, Any]]:
    item = _message_item("in_progress", [])
    yield {"type": "response.output_item.added", "output_index": index, "item": item}
    at = {"item_id": "msg_0", "output_index": index}
    place = 0
    if says.text:
        yield from _text_events(script, says, {**at, "content_index": 0})
        place = 1
    if says.refusal:
        yield from _refusal_events(says, {**at, "content_index": place})
    done = _message(script, says, "")
    yield {"type": "response.output_item.done", "output_index": index, "item": done}


def _text_events(script: Script, says: Says, at: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield {"type": "response.content_part.added", **at, "part": _text_part("")}
    for fragment in says.text:
        logs = logprobs(fragment)["content"] if script.logprobs else []
        yield {"type": "response.output_text.delta", **at, "delta": fragment, "logprobs": logs}
    text = joined(says.text)
    logs = logprobs(text)["content"] if script.logprobs else []
    whole = script.snapshot or text
    yield {"type": "response.output_text.done", **at, "text": whole, "logprobs": logs}
    part = _text_part(whole, text if script.logprobs else "")
    yield {"type": "response.content_part.done", **at, "part": part}


def _refusal_events(says: Says, at: dict[str, Any]) -> Iterator[dict[str, Any]]:
    part = {"type": "refusal", "refusal": joined(says.refusal)}
    yield {"type": "response.content_part.added", **at, "part": {**part, "refusal": ""}}
    for fragment in says.refusal:
        yield {"type": "response.refusal.delta", **at, "delta": fragment}
    yield {"type": "response.refusal.done", **at, "refusal": joined(says.refusal)}
    yield {"type": "response.content_part.done", **at, "part": part}


def _call_events(tool: Tool, number: int, index: int) -> Iterator[dict[str, Any]]:
    started = _tool_item(tool, number, "in_progress")
    at = {"item_id": started["id"], "output_index": index}
    kind = "response.function_call_arguments"
    yield {"type": "response.output_item.added", "output_index": index, "item": started}
    for fragment in tool.fragments:
        yield {"type": f"{kind}.delta", **at, "delta": fragment}
    yield {"type": f"{kind}.done", **at, "name": tool.name, "arguments": tool.arguments}
    done = _tool_item(tool, number, "completed")
    yield {"type": "response.output_item.done", "output_index": index, "item": done}


def message(script: Script, body: dict[str, Any]) -> dict[str, Any]:
    """Return a plain message of Anthropic's."""
    says = script.choice(0)
    content: list[dict[str, Any]] = []
    if says.reasoning:
        thought = {"type": "thinking", "thinking": joined(says.reasoning), "signature": "c2ln"}
        content.append(thought)
    if says.text or script.pad:
        content.append({"type": "text", "text": "." * script.pad + joined(says.text)})
    for n, tool in enumerate(says.tools):
        given = msgspec.json.decode(tool.arguments or "{}")
        content.append({"type": "tool_use", "id": f"toolu_{n}", "name": tool.name, "input": given})
    return {**_started(body), "content": content, "stop_reason": _stop(says)}


def _started(body: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": "msg_local_1",
        "type": "message",
        "role": "assistant",
        "model": body.get("model", "local"),
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {"input_tokens": 7, "output_tokens": 1},
    }


def _stop(says: Says) -> str:
    return says.finish or ("tool_use" if says.tools else "end_turn")


def message_events(script: Script, body: dict[str, Any]) -> Iterator[Event]:
    """Yield the events of a streamed message."""
    for said in _message_stream(script, body):
        yield said["type"], said


def _message_stream(script: Script, body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    says = script.choice(0)
    yield {"type": "message_start", "message": _started(body)}
    yield {"type": "ping"}
    for index, (opened, field, fragments) in enumerate(_blocks(says)):
        yield {"type": "content_block_start", "index": index, "content_block": opened}
        kind = "input_json_delta" if field == "partial_json" else f"{field}_delta"
        for fragment in fragments:
            delta = {"type": kind, field: fragment}
            yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}
    for _, said in script.more:
        yield said
    ended = {"stop_reason": _stop(says), "stop_sequence": None}
    yield {"type": "message_delta", "delta": ended, "usage": {"output_tokens": 5}}
    yield {"type": "message_stop"}


def _blocks(says: Says) -> Iterator[tuple[dict[str, Any], str, tuple[str, ...]]]:
    if says.reasoning:
        yield {"type": "thinking", "thinking": "", "signature": ""}, "thinking", says.reasoning
    if says.text:
        yield {"type": "text", "text": ""}, "text", says.text
    for n, tool in enumerate(says.tools):
        opened = {"type": "tool_use", "id": f"toolu_{n}", "name": tool.name, "input": {}}
        yield opened, "partial_json", tool.fragments
