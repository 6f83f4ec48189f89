# SPDX-License-Identifier: Apache-2.0
"""What a request to Anthropic's `/v1/messages` asks: system, turns, tools; what is refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from vigie.gateway.dialects.gather import Gathered
from vigie.gateway.dialects.values import (
    DEPTH,
    UNREADABLE,
    decoded,
    forbidden,
    is_signature,
    mapping,
    only,
    refused,
    sequence,
    string,
    switch,
    text_of,
    texts,
)

ROLES: Final = ("user", "assistant", "system")
PARTS: Final = frozenset(("tool_use", "server_tool_use", "search_result", "tool_reference"))
"""Blocks of which every string is judged."""
RESULTS: Final = frozenset(
    (
        *("code_execution_tool_result", "bash_code_execution_tool_result"),
        *("text_editor_code_execution_tool_result", "tool_search_tool_result"),
        "web_fetch_tool_result",
    )
)
FIELDS: Final[dict[str, Callable[[Any, str], None] | None]] = {
    **dict.fromkeys(
        (
            *("messages", "system", "model", "tools", "tool_choice", "metadata"),
            *("stop_sequences", "output_config"),
        )
    ),
    **dict.fromkeys(
        (
            *("stream", "max_tokens", "temperature", "top_p", "top_k", "thinking"),
            *("service_tier", "cache_control", "inference_geo", "speed"),
        ),
        switch,
    ),
    "container": forbidden("Files of a container cannot be read by the guard."),
    "context_management": forbidden("Turns edited upstream cannot be read by the guard."),
    "mcp_servers": forbidden("What these servers add is not seen by the guard."),
}


def read(body: Mapping[str, Any], out: Gathered) -> None:
    """Gather every text and picture of a request.

    Raises InvalidInputError naming the field that cannot be read.
    """
    only(body, FIELDS)
    if body.get("system") is not None:
        _content(body["system"], "system", "system", out)
    for name in ("tools", "tool_choice", "stop_sequences", "output_config"):
        out.all("system", texts(body.get(name), name))
    for n, one in enumerate(sequence(body.get("messages"), "messages")):
        out.next()
        at = f"messages[{n}]"
        message = mapping(one, at)
        role = message.get("role")
        if role not in ROLES:
            raise refused(f"{at}.role", f"It must be one of {', '.join(ROLES)}.", "Name the role.")
        out.all(str(role), texts({**message, "content": None}, at))
        _content(message.get("content"), str(role), f"{at}.content", out)


def _content(value: Any, role: str, at: str, out: Gathered) -> None:
    if isinstance(value, str):
        out.text(role, value, at)
        return
    for n, one in enumerate(sequence(value, at)):
        _block(mapping(one, f"{at}[{n}]"), role, f"{at}[{n}]", out)


def _block(block: Mapping[str, Any], role: str, at: str, out: Gathered) -> None:
    kind = string(block.get("type"))
    for name in UNREADABLE & set(block):
        if block[name]:
            raise refused(f"{at}.{name}", "The guard cannot read what only the upstream can.")
    if kind == "text":
        out.all(role, texts(block, at))
    elif kind == "image":
        out.picture(*_picture(mapping(block.get("source"), f"{at}.source"), f"{at}.source"))
        out.all(role, texts({**block, "source": None}, at))
    elif kind == "document":
        _document(block, role, at, out)
    elif kind == "tool_result":
        out.all("tool", texts({**block, "content": None}, at))
        _content(block.get("content") or [], "tool", f"{at}.content", out)
    elif kind == "thinking":
        signed = is_signature(block.get("signature") or "")
        out.all(role, texts({**block, "signature": None} if signed else block, at))
    elif kind in PARTS:
        out.all(role, texts(block, at))
    elif kind in RESULTS:
        _no_file(block, at)
        out.all("tool", texts(block, at))
    else:
        raise refused(f"{at}.type", "The guard does not know blocks of this kind.")


def _no_file(value: Any, at: str, depth: int = 0) -> None:
    """Refuse what a tool fetched and is no text: nobody would have read it."""
    if depth > DEPTH:
        raise refused(at, "This is nested too deeply to be read.")
    if isinstance(value, Mapping):
        if value.get("type") in ("base64", "image"):
            raise refused(at, "The guard reads documents of text only.", "Send the text.")
        for name, one in value.items():
            _no_file(one, f"{at}.{name}", depth + 1)
    elif isinstance(value, list):
        for n, one in enumerate(value):
            _no_file(one, f"{at}[{n}]", depth + 1)


def _picture(source: Mapping[str, Any], at: str) -> tuple[str, str]:
    """Return a picture's address, or its data as an address, with its place."""
    if source.get("type") == "url":
        return text_of(source.get("url"), f"{at}.url"), f"{at}.url"
    if source.get("type") == "base64":
        media = text_of(source.get("media_type"), f"{at}.media_type")
        return f"data:{media};base64,{text_of(source.get('data'), f'{at}.data')}", f"{at}.data"
    raise refused(f"{at}.type", "The guard cannot read this picture.", "Send base64 or url.")


def _document(block: Mapping[str, Any], role: str, at: str, out: Gathered) -> None:
    source = mapping(block.get("source"), f"{at}.source")
    kind, place = source.get("type"), f"{at}.source"
    if kind == "text":
        out.text(role, text_of(source.get("data"), f"{place}.data"), f"{place}.data")
    elif kind == "content":
        _content(source.get("content"), role, f"{place}.content", out)
    elif kind == "base64" and str(source.get("media_type")).startswith("text/"):
        data = decoded(text_of(source.get("data"), f"{place}.data"), f"{place}.data")
        out.text(role, data, f"{place}.data")
    else:
        raise refused(f"{place}.type", "The guard reads documents of text only.", "Send the text.")
    out.all(role, texts({**block, "source": None}, at))
