# SPDX-License-Identifier: Apache-2.0
"""The objects that `/v1/responses` answers with, rebuilt from what the guard can read.

Whatever is rebuilt here names its texts with the channels that they belong to. A
field, an item or a part that is not known is left out; a picture inside an answer
too, since pictures are judged on routes of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from vigie.gateway.dialects.base import Channel, ChannelKind, Slot
from vigie.gateway.dialects.values import is_identifier, numbers, readable, string, words

Found = list[Slot]
"""Where the texts of an object are gathered."""
Object = dict[str, Any]

CONTENT, REFUSAL = ChannelKind.CONTENT, ChannelKind.REFUSAL
REASONING, ARGUMENTS = ChannelKind.REASONING, ChannelKind.ARGUMENTS
CALLS: Final = {
    "function_call": "arguments",
    "custom_tool_call": "input",
    "mcp_call": "arguments",
    "mcp_approval_request": "arguments",
    "code_interpreter_call": "code",
}
WHOLE: Final = frozenset(
    (
        *("local_shell_call", "local_shell_call_output", "shell_call_output", "apply_patch_call"),
        *("apply_patch_call_output", "web_search_call", "file_search_call", "computer_call"),
        *("mcp_list_tools", "mcp_approval_response", "function_call_output", "program"),
        *("custom_tool_call_output", "program_output"),
    )
)
"""Items judged in one piece: nothing of them comes in deltas."""
UNSAID: Final[Object] = {
    "content": [],
    "summary": [],
    **dict.fromkeys(("arguments", "input", "code"), ""),
    **dict.fromkeys(("output", "outputs")),
}
"""What an item that only begins says of these: its words come in deltas, and at its end."""
SCALARS: Final = (
    *("id", "object", "created_at", "completed_at", "status", "model", "parallel_tool_calls"),
    *("temperature", "top_p", "max_output_tokens", "max_tool_calls", "truncation"),
    *("service_tier", "top_logprobs", "background", "store", "phase", "role", "type", "call_id"),
    *("server_label", "container_id", "approval_request_id", "namespace", "name"),
)
ECHOED: Final = ("instructions", "tools", "tool_choice", "text", "reasoning", "metadata")
"""Of the request: answered from the request itself, never from what comes back."""


def scalars(said: Mapping[str, Any], names: tuple[str, ...] = SCALARS) -> Object:
    """Return numbers, switches and identifiers by name; other strings are left out."""
    return {name: said[name] for name in names if name in said and is_scalar(said[name])}


def is_scalar(value: Any) -> bool:
    """Say whether a value carries no text."""
    if isinstance(value, str):
        return is_identifier(value)
    return value is None or isinstance(value, bool | int | float)


def rows(value: Any) -> list[Mapping[str, Any]]:
    """Return the objects of a list; whatever else it holds is left out."""
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def response(said: Mapping[str, Any], asked: Mapping[str, Any], found: Found) -> Object:
    """Return a whole response."""
    output = []
    listed = said.get("output")
    for index, one in enumerate(listed if isinstance(listed, list) else []):
        made = item(one, index, found) if isinstance(one, Mapping) else None
        if made is not None:
            output.append(made)
    return {
        **scalars(said),
        **{name: asked[name] for name in ECHOED if name in asked},
        "tools": asked.get("tools") or [],
        "error": problem(said.get("error")),
        "incomplete_details": details(said.get("incomplete_details")),
        "usage": numbers(said.get("usage")),
        "output": output,
    }


def problem(said: Any) -> Object | None:
    """Return an upstream's error without its words."""
    if not isinstance(said, Mapping):
        return None
    code = said.get("code") if is_scalar(said.get("code")) else None
    return {"code": code or "server_error", "message": "The upstream reported an error."}


def details(said: Any) -> Object | None:
    """Return why a response is incomplete."""
    return scalars(said, ("reason",)) if isinstance(said, Mapping) else None


def item(said: Mapping[str, Any], index: int, found: Found) -> Object | None:
    """Return an item of the output; None for one that the guard does not know."""
    kind = string(said.get("type"))
    if kind == "image_generation_call":
        return {**scalars(said, ("id", "type")), "status": "failed", "result": None}
    make = _ITEMS.get(kind)
    if make is not None:
        return make(said, index, found)
    if kind in CALLS:
        return _call(said, CALLS[kind], index, found)
    return _whole(said, index, found) if kind in WHOLE else None


def _message(said: Mapping[str, Any], index: int, found: Found) -> Object:
    made = [part(one, index, n, found) for n, one in enumerate(rows(said.get("content")))]
    kept = [one for one in made if one is not None]
    return {**scalars(said), "content": kept}


def part(said: Mapping[str, Any], index: int, place: int, found: Found) -> Object | None:
    """Return a part of a message or of open reasoning; None for one that is not known."""
    kind = said.get("type")
    if kind == "output_text":
        return _text_part(said, index, place, found)
    if kind == "refusal":
        text = string(said.get("refusal"))
        found.append(Slot(Channel(index, REFUSAL, str(place)), text))
        return {"type": "refusal", "refusal": text}
    if kind == "reasoning_text":
        return _thought(said, Channel(index, REASONING, f"c{place}"), found)
    return None


def _text_part(said: Mapping[str, Any], index: int, place: int, found: Found) -> Object:
    text = string(said.get("text"))
    found.append(Slot(Channel(index, CONTENT, str(place)), text))
    made = text_part(text)
    for n, one in enumerate(rows(said.get("annotations"))):
        given = readable(one)
        annotation(given, Channel(index, CONTENT, f"{place}.a{n}"), found)
        made["annotations"].append(given)
    return made


def text_part(text: str) -> Object:
    """Return a part that says a text. Probabilities repeat its tokens: none are told."""
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}


def refusing(words: str) -> Object:
    """Return the message that stands in place of what was stopped."""
    part = {"type": "refusal", "refusal": words}
    made = {"id": "msg_stopped", "type": "message", "status": "completed", "role": "assistant"}
    return {**made, "content": [part]}


def annotation(said: Mapping[str, Any], channel: Channel, found: Found) -> None:
    """Gather the words of an annotation."""
    found.append(Slot(channel, words(said)))


def _reasoning(said: Mapping[str, Any], index: int, found: Found) -> Object:
    made: Object = {**scalars(said), "summary": []}
    for n, one in enumerate(rows(said.get("summary"))):
        made["summary"].append(_thought(one, Channel(index, REASONING, f"s{n}"), found))
    if said.get("content"):
        made["content"] = [
            _thought(one, Channel(index, REASONING, f"c{n}"), found)
            for n, one in enumerate(rows(said["content"]))
        ]
    return made


def _thought(said: Mapping[str, Any], channel: Channel, found: Found) -> Object:
    text = string(said.get("text"))
    found.append(Slot(channel, text))
    return {**scalars(said, ("type",)), "text": text}


def summary_part(said: Mapping[str, Any], index: int, place: int, found: Found) -> Object:
    """Return a part of a summary of reasoning."""
    return _thought(said, Channel(index, REASONING, f"s{place}"), found)


def _call(said: Mapping[str, Any], field: str, index: int, found: Found) -> Object:
    name = string(said.get("name"))
    written = string(said.get(field))
    found.append(Slot(Channel(index, ARGUMENTS, "name"), name))
    found.append(Slot(Channel(index, ARGUMENTS), written))
    made: Object = {**scalars(said), field: written}
    if "name" in said:
        made["name"] = name
    if string(said.get("output")):
        made["output"] = said["output"]
        found.append(Slot(Channel(index, CONTENT, "output"), said["output"]))
    if "outputs" in said:
        made["outputs"] = _outputs(said["outputs"], index, found)
    return made


def _outputs(value: Any, index: int, found: Found) -> list[Object] | None:
    """Return the logs of a code interpreter; its pictures are left out."""
    if value is None:
        return None
    logs = [string(one.get("logs")) for one in rows(value) if one.get("type") == "logs"]
    found += [Slot(Channel(index, CONTENT, f"l{n}"), one) for n, one in enumerate(logs)]
    return [{"type": "logs", "logs": one} for one in logs]


def _shell(said: Mapping[str, Any], index: int, found: Found) -> Object:
    action = said.get("action")
    given = action if isinstance(action, Mapping) else {}
    listed = given.get("commands")
    commands = [string(one) for one in listed] if isinstance(listed, list) else []
    found += [Slot(Channel(index, ARGUMENTS, f"c{n}"), one) for n, one in enumerate(commands)]
    limits = scalars(given, ("max_output_length", "timeout_ms"))
    return {**scalars(said), "action": {"commands": commands, **limits}}


def _whole(said: Mapping[str, Any], index: int, found: Found) -> Object:
    made: Object = readable(said)
    found.append(Slot(Channel(index, CONTENT, "all"), words(made)))
    return made


_ITEMS: Final[dict[str, Callable[[Mapping[str, Any], int, Found], Object]]] = {
    "message": _message,
    "reasoning": _reasoning,
    "shell_call": _shell,
}
