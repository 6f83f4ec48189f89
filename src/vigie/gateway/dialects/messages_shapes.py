# SPDX-License-Identifier: Apache-2.0
"""The blocks that Anthropic's `/v1/messages` answers with, rebuilt from what can be read.

`redacted_thinking` holds what nobody but the upstream can read: the block stays, so
that numbers fit, without its data. Blocks of unknown kinds become empty text.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from vigie.gateway.dialects.base import Channel, ChannelKind, Refusal, Slot
from vigie.gateway.dialects.openai import JSON, ours, told
from vigie.gateway.dialects.responses_shapes import Found, Object, rows, scalars
from vigie.gateway.dialects.values import is_signature, numbers, readable, string, words

CONTENT, REASONING, ARGUMENTS = (
    ChannelKind.CONTENT,
    ChannelKind.REASONING,
    ChannelKind.ARGUMENTS,
)
CALLS: Final = ("tool_use", "server_tool_use")
RESULTS: Final = frozenset(
    (
        *("web_search_tool_result", "web_fetch_tool_result", "code_execution_tool_result"),
        *("bash_code_execution_tool_result", "text_editor_code_execution_tool_result"),
        "tool_search_tool_result",
    )
)
STOPS: Final = frozenset(
    (
        *("end_turn", "max_tokens", "stop_sequence", "tool_use", "pause_turn", "refusal"),
        "model_context_window_exceeded",
    )
)
HEAD: Final = ("id", "type", "role", "model")
_TYPES: Final = {
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    503: "overloaded_error",
    504: "timeout_error",
    529: "overloaded_error",
}


def message(said: Mapping[str, Any], found: Found) -> Object:
    """Return a whole message."""
    sequence = string(said.get("stop_sequence"))
    found.append(Slot(Channel(0, CONTENT, "stop"), sequence))
    listed = said.get("content")
    blocks = listed if isinstance(listed, list) else []
    return {
        **head(said),
        "content": [
            block(one if isinstance(one, Mapping) else {}, n, found) for n, one in enumerate(blocks)
        ],
        **stop(said, {"stop_sequences": [sequence]}),
    }


def head(said: Mapping[str, Any]) -> Object:
    """Return a message without its content."""
    usage = numbers(said.get("usage"))
    return {**scalars(said, HEAD), "content": [], "stop_reason": None, "usage": usage or {}}


def stop(said: Mapping[str, Any], asked: Mapping[str, Any]) -> Object:
    """Return why a message ended. A stop sequence is told where the request named it."""
    reason = string(said.get("stop_reason"))
    sequence = string(said.get("stop_sequence"))
    named = asked.get("stop_sequences")
    is_named = bool(sequence) and isinstance(named, list) and sequence in named
    return {
        "stop_reason": reason if reason in STOPS else None,
        "stop_sequence": sequence if is_named else None,
    }


def block(said: Mapping[str, Any], index: int, found: Found) -> Object:
    """Return a block of an answer."""
    kind = string(said.get("type"))
    if kind == "text":
        return _text(said, index, found)
    if kind == "thinking":
        text = string(said.get("thinking"))
        found.append(Slot(Channel(index, REASONING), text))
        signed = signature(said.get("signature"))
        return {"type": "thinking", "thinking": text, "signature": signed}
    if kind == "redacted_thinking":
        return {"type": "redacted_thinking", "data": ""}
    if kind in CALLS:
        return _call(said, index, found)
    if kind in RESULTS:
        made: Object = readable(said)
        found.append(Slot(Channel(index, CONTENT, "all"), words(made)))
        return made
    return {"type": "text", "text": ""}


def _text(said: Mapping[str, Any], index: int, found: Found) -> Object:
    text = string(said.get("text"))
    found.append(Slot(Channel(index, CONTENT), text))
    made: Object = {"type": "text", "text": text}
    cited = [citation(one, index, n, found) for n, one in enumerate(rows(said.get("citations")))]
    return {**made, "citations": cited} if cited else made


def citation(said: Mapping[str, Any], index: int, number: int, found: Found) -> Object:
    """Return a citation."""
    made: Object = readable(said)
    found.append(Slot(Channel(index, CONTENT, f"a{number}"), words(made)))
    return made


def _call(said: Mapping[str, Any], index: int, found: Found) -> Object:
    name, given = string(said.get("name")), said.get("input")
    found.append(Slot(Channel(index, ARGUMENTS, "name"), name))
    if given:
        found.append(Slot(Channel(index, ARGUMENTS), JSON.encode(given).decode()))
    made = scalars(said, ("type", "id"))
    return {**made, "name": name, "input": given if isinstance(given, dict) else {}}


def signature(value: Any) -> str:
    """Return a signature over thinking; what is none of base64 is left out."""
    text = string(value)
    return text if is_signature(text) else ""


def refusing(refusal: Refusal) -> Object:
    """Return the end of a message that was stopped."""
    details = {"type": "refusal", "category": None, "explanation": refusal.message}
    return {"stop_reason": "refusal", "stop_sequence": None, "stop_details": details}


def error(refusal: Refusal, request_id: str = "") -> Object:
    """Return an error in Anthropic's shape, ours beside it."""
    kind = "api_error" if refusal.status >= 500 else "invalid_request_error"
    said = {
        "type": _TYPES.get(refusal.status, kind),
        "message": refusal.message,
        "code": refusal.code,
        **({"param": refusal.param} if refusal.param else {}),
        **ours(refusal),
    }
    return {"type": "error", "error": said, **({"request_id": request_id} if request_id else {})}


def beside(refusal: Refusal) -> Object:
    """Return what stands beside a stopped answer."""
    return {"vigie": told(refusal)}


class _Tokens(msgspec.Struct):
    input_tokens: int = 0
    cache_creation_input_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    output_tokens: int = 0


def tokens(said: Any) -> tuple[int, int]:
    """Return tokens of input, those from a cache too, and of output."""
    try:
        found = msgspec.convert(said, _Tokens)
    except msgspec.ValidationError:
        return 0, 0
    cached = (found.cache_creation_input_tokens or 0) + (found.cache_read_input_tokens or 0)
    return max(found.input_tokens + cached, 0), max(found.output_tokens, 0)
