# SPDX-License-Identifier: Apache-2.0
"""The local upstream's answers in OpenAI's shapes: chat, completions, images, lists."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from typing import Any

from PIL import Image

from tests.support.upstream_script import Event, Says, Script, joined

CREATED = 1_795_381_200
USAGE = {"prompt_tokens": 7, "completion_tokens": 5, "total_tokens": 12}


def logprobs(text: str) -> dict[str, Any]:
    """Return probabilities that repeat a text, as they do."""
    token = {"token": text, "logprob": -0.1, "bytes": list(text.encode())}
    return {"content": [{**token, "top_logprobs": [token]}], "refusal": None}


def chat(script: Script, body: dict[str, Any]) -> dict[str, Any]:
    """Return a plain completion."""
    choices = [_chat_choice(script, n) for n in range(body.get("n") or 1)]
    return {**_head("chat.completion", body), "choices": choices, "usage": USAGE}


def _chat_choice(script: Script, number: int) -> dict[str, Any]:
    says = script.choice(number)
    text = "." * script.pad + joined(says.text)
    message: dict[str, Any] = {"role": "assistant", "content": text or None, "refusal": None}
    if says.reasoning:
        message["reasoning_content"] = joined(says.reasoning)
    if says.refusal:
        message["refusal"] = joined(says.refusal)
    if says.tools:
        message["tool_calls"] = [
            {"id": f"call_{n}", "type": "function", "function": _called(tool)}
            for n, tool in enumerate(says.tools)
        ]
    if says.function:
        message["function_call"] = _called(says.function)
    return {
        "index": number,
        "message": {**message, **says.delta},
        "finish_reason": _finish(says),
        "logprobs": logprobs(text) if script.logprobs else None,
    }


def _called(tool: Any) -> dict[str, str]:
    return {"name": tool.name, "arguments": tool.arguments}


def _finish(says: Says) -> str:
    return says.finish or ("tool_calls" if says.tools else "stop")


def chat_events(script: Script, body: dict[str, Any]) -> Iterator[Event]:
    """Yield the chunks; choices take turns, as they do upstream."""
    head = _head("chat.completion.chunk", body)
    streams = [list(_deltas(script, n)) for n in range(body.get("n") or 1)]
    for turn in range(max(len(one) for one in streams)):
        for number, stream in enumerate(streams):
            if turn < len(stream):
                yield "", {**head, "choices": [_chunk(script, number, stream[turn])]}
    for number in range(len(streams)):
        last = {"index": number, "delta": {}, "finish_reason": _finish(script.choice(number))}
        yield "", {**head, "choices": [last]}
    if script.usage:
        yield "", {**head, "choices": [], "usage": USAGE}


def _chunk(script: Script, number: int, delta: dict[str, Any]) -> dict[str, Any]:
    repeated = script.logprobs and delta.get("content")
    return {
        "index": number,
        "delta": delta,
        "finish_reason": None,
        **({"logprobs": logprobs(delta["content"])} if repeated else {}),
    }


def _deltas(script: Script, number: int) -> Iterator[dict[str, Any]]:
    says = script.choice(number)
    yield {"role": "assistant", "content": ""}
    for fragment in says.reasoning:
        yield {"reasoning_content": fragment}
    if script.pad:
        yield {"content": "." * script.pad}
    for fragment in says.text:
        yield {"content": fragment}
    for fragment in says.refusal:
        yield {"refusal": fragment}
    yield from _tool_deltas(says)
    if says.delta:
        yield dict(says.delta)


def _tool_deltas(says: Says) -> Iterator[dict[str, Any]]:
    for n, tool in enumerate(says.tools):
        start = {"name": tool.name, "arguments": ""}
        opened = {"index": n, "id": f"call_{n}", "type": "function", "function": start}
        yield {"tool_calls": [opened]}
        for fragment in tool.fragments:
            yield {"tool_calls": [{"index": n, "function": {"arguments": fragment}}]}
    if says.function:
        yield {"function_call": {"name": says.function.name, "arguments": ""}}
        for fragment in says.function.fragments:
            yield {"function_call": {"arguments": fragment}}


def completion(script: Script, body: dict[str, Any]) -> dict[str, Any]:
    """Return a plain answer of the older interface."""
    choices = [
        {
            "index": n,
            "text": "." * script.pad + joined(script.choice(n).text),
            "finish_reason": "stop",
            "logprobs": None,
        }
        for n in range(body.get("n") or 1)
    ]
    return {**_head("text_completion", body), "choices": choices, "usage": USAGE}


def completion_events(script: Script, body: dict[str, Any]) -> Iterator[Event]:
    """Yield the chunks of the older interface."""
    head = _head("text_completion", body)
    count = body.get("n") or 1
    for number in range(count):
        for fragment in script.choice(number).text:
            repeated = {"tokens": [fragment], "token_logprobs": [-0.1], "text_offset": [0]}
            logs = {**repeated, "top_logprobs": [{fragment: -0.1}]} if script.logprobs else None
            yield "", {**head, "choices": [_text_chunk(number, fragment, None, logs)]}
    for number in range(count):
        yield "", {**head, "choices": [_text_chunk(number, "", "stop", None)]}
    if script.usage:
        yield "", {**head, "choices": [], "usage": USAGE}


def _text_chunk(number: int, text: str, finish: str | None, logs: Any) -> dict[str, Any]:
    return {"index": number, "text": text, "finish_reason": finish, "logprobs": logs}


def _head(kind: str, body: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": "cmpl-local-1",
        "object": kind,
        "created": CREATED,
        "model": body.get("model", "local"),
        "system_fingerprint": "fp_local",
    }


def embeddings(body: dict[str, Any]) -> dict[str, Any]:
    """Return short vectors."""
    asked = body.get("input")
    many = asked if isinstance(asked, list) else [asked]
    data = [{"object": "embedding", "index": n, "embedding": [0.25, 0.5]} for n in range(len(many))]
    return {"object": "list", "data": data, "model": body.get("model"), "usage": USAGE}


def models(names: list[str]) -> dict[str, Any]:
    """Return the list of models."""
    data = [
        {"id": name, "object": "model", "created": CREATED, "owned_by": "local"} for name in names
    ]
    return {"object": "list", "data": data}


def picture(colour: tuple[int, int, int] = (40, 120, 200), size: int = 64) -> bytes:
    """Return a plain square as PNG."""
    out = io.BytesIO()
    Image.new("RGB", (size, size), colour).save(out, "PNG")
    return out.getvalue()


def images(script: Script, body: dict[str, Any], files: str) -> dict[str, Any]:
    """Return pictures; `files` is the address under which the upstream serves them."""
    return {"created": CREATED, "data": list(_pictures(script, body, files))}


def _pictures(script: Script, body: dict[str, Any], files: str) -> Iterator[dict[str, Any]]:
    revised = {"revised_prompt": script.revised} if script.revised else {}
    for url in script.urls:
        yield {"url": url, **revised}
    if script.urls:
        return
    for n, data in enumerate(shown(script, body)):
        if body.get("response_format") == "url":
            yield {"url": f"{files}/{n}.png", **revised}
        else:
            yield {"b64_json": base64.b64encode(data).decode(), **revised}


def shown(script: Script, body: dict[str, Any]) -> tuple[bytes, ...]:
    """Return the pictures of an answer."""
    if script.pictures is not None:
        return script.pictures
    return tuple(picture(((40 + 60 * n) % 256, 120, 200)) for n in range(int(body.get("n") or 1)))


def image_events(script: Script, body: dict[str, Any], kind: str) -> Iterator[Event]:
    """Yield partial pictures and the whole one; `kind`: image_generation or image_edit."""
    for data in shown(script, body):
        said = {"b64_json": base64.b64encode(data).decode(), "created_at": CREATED}
        for n in range(int(body.get("partial_images") or 0)):
            name = f"{kind}.partial_image"
            yield name, {"type": name, "partial_image_index": n, **said}
        yield f"{kind}.completed", {"type": f"{kind}.completed", "usage": USAGE, **said}
