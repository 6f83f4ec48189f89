# SPDX-License-Identifier: Apache-2.0
"""What a request to `/v1/responses` asks: instructions, items, tools; and what is refused.

Whatever hides earlier turns (`previous_response_id`, `conversation`, a stored prompt,
an item by reference, encrypted or compacted content) is refused: the guard judges
the conversation as it is sent, and keeps none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from vigie.gateway.dialects.gather import Gathered
from vigie.gateway.dialects.values import (
    UNREADABLE,
    document,
    forbidden,
    mapping,
    only,
    refused,
    sequence,
    string,
    switch,
    text_of,
    texts,
)

_HIDDEN: Final = "It stands for turns that the guard has not seen."
_SEND: Final = "Send the whole conversation in input."
_LATER: Final = "The answer would be fetched past the guard."
ROLES: Final = ("user", "system", "developer", "assistant")
TOOLS: Final = frozenset(
    (
        *("function", "custom", "web_search", "web_search_2025_08_26", "web_search_preview"),
        *("web_search_preview_2025_03_11", "file_search", "code_interpreter", "mcp"),
        *("local_shell", "shell", "apply_patch"),
    )
)
CALLS: Final = {
    "function_call": "arguments",
    "custom_tool_call": "input",
    "mcp_call": "arguments",
    "mcp_approval_request": "arguments",
}
"""Items that call something, with the field that holds what a model wrote."""
RESULTS: Final = frozenset(
    (
        *("local_shell_call_output", "shell_call_output", "apply_patch_call_output"),
        *("mcp_list_tools", "mcp_approval_response", "program_output"),
    )
)
ACTIONS: Final = frozenset(
    (
        *("local_shell_call", "shell_call", "apply_patch_call", "web_search_call"),
        *("file_search_call", "code_interpreter_call", "computer_call", "program"),
    )
)
INCLUDE: Final = frozenset(
    (
        *("file_search_call.results", "web_search_call.results"),
        *("web_search_call.action.sources", "code_interpreter_call.outputs"),
        *("message.input_image.image_url", "message.output_text.logprobs"),
    )
)


def _include(value: Any, at: str) -> None:
    for n, one in enumerate(sequence(value, at)):
        if string(one) not in INCLUDE:
            raise refused(f"{at}[{n}]", "The guard cannot read what this would add.")


FIELDS: Final[dict[str, Callable[[Any, str], None] | None]] = {
    **dict.fromkeys(
        (
            *("input", "instructions", "model", "tools", "tool_choice", "text", "metadata"),
            *("moderation", "user", "safety_identifier", "prompt_cache_key"),
        )
    ),
    **dict.fromkeys(
        (
            *("reasoning", "stream_options", "truncation", "prompt_cache_retention"),
            *("prompt_cache_options", "stream", "store", "temperature", "top_p", "service_tier"),
        ),
        switch,
    ),
    "include": _include,
    "previous_response_id": forbidden(_HIDDEN, _SEND),
    "conversation": forbidden(_HIDDEN, _SEND),
    "prompt": forbidden("It names a text that the guard has not seen.", "Send the text."),
    "context_management": forbidden("Compacted turns cannot be read.", _SEND),
    "background": forbidden(_LATER),
}


def read(body: Mapping[str, Any], out: Gathered) -> None:
    """Gather every text and picture of a request.

    Raises InvalidInputError naming the field that cannot be read.
    """
    only(body, FIELDS)
    if body.get("instructions") is not None:
        _instructions(body["instructions"], out)
    for n, tool in enumerate(sequence(body.get("tools") or [], "tools")):
        _tool(mapping(tool, f"tools[{n}]"), f"tools[{n}]", out)
    for name in ("text", "tool_choice"):
        out.all("system", texts(body.get(name), name))
    _input(body.get("input"), "input", out)


def _instructions(value: Any, out: Gathered) -> None:
    if isinstance(value, str):
        out.text("system", value, "instructions")
    else:
        _input(value, "instructions", out, role="system")


def _input(value: Any, at: str, out: Gathered, role: str = "user") -> None:
    if isinstance(value, str):
        out.next()
        out.text(role, value, at)
        return
    for n, item in enumerate(sequence(value, at)):
        out.next()
        _item(mapping(item, f"{at}[{n}]"), f"{at}[{n}]", out)


def _item(item: Mapping[str, Any], at: str, out: Gathered) -> None:
    kind = string(item.get("type", "message" if "role" in item else ""))
    for name in UNREADABLE & set(item):
        if item[name]:
            raise refused(f"{at}.{name}", "The guard cannot read what only the upstream can.")
    if kind == "message":
        _message(item, at, out)
    elif kind in CALLS:
        _call(item, CALLS[kind], at, out)
    elif kind in ("function_call_output", "custom_tool_call_output"):
        _output(item, at, out)
    elif kind == "computer_call_output":
        _screenshot(item, at, out)
    elif kind == "reasoning":
        out.all("assistant", texts(item, at))
    elif kind in RESULTS:
        out.all("tool", texts(item, at))
    elif kind in ACTIONS:
        _no_picture(item, at)
        out.all("assistant", texts(item, at))
    else:
        raise refused(f"{at}.type", "The guard does not know items of this kind.", _SEND)


def _no_picture(item: Mapping[str, Any], at: str) -> None:
    for n, one in enumerate(item.get("outputs") or ()):
        if isinstance(one, Mapping) and one.get("type") == "image":
            raise refused(f"{at}.outputs[{n}]", "The guard does not look at pictures here.")


def _message(item: Mapping[str, Any], at: str, out: Gathered) -> None:
    role = item.get("role")
    if role not in ROLES:
        raise refused(f"{at}.role", f"It must be one of {', '.join(ROLES)}.", "Name the role.")
    content = item.get("content")
    out.all(str(role), texts({**item, "content": None}, at))
    if isinstance(content, str):
        out.text(str(role), content, f"{at}.content")
    else:
        parts(content, str(role), f"{at}.content", out)


def parts(value: Any, role: str, at: str, out: Gathered) -> None:
    """Gather the parts of a message or of a tool's answer."""
    for n, one in enumerate(sequence(value, at)):
        place = f"{at}[{n}]"
        part = mapping(one, place)
        kind = part.get("type")
        if kind in ("input_text", "output_text", "text", "refusal", "summary_text"):
            out.all(role, texts(part, place))
        elif kind in ("input_image", "computer_screenshot"):
            _image(part, role, place, out)
        elif kind == "input_file":
            _file(part, role, place, out)
        else:
            raise refused(f"{place}.type", "The guard does not know parts of this kind.")


def _image(part: Mapping[str, Any], role: str, at: str, out: Gathered) -> None:
    if part.get("file_id"):
        raise refused(f"{at}.file_id", "The guard cannot read this file.", "Send image_url.")
    out.picture(text_of(part.get("image_url"), f"{at}.image_url"), f"{at}.image_url")
    out.all(role, texts({**part, "image_url": None}, at))


def _file(part: Mapping[str, Any], role: str, at: str, out: Gathered) -> None:
    for name in ("file_id", "file_url"):
        if part.get(name):
            raise refused(f"{at}.{name}", "The guard cannot read this file.", "Send file_data.")
    data = text_of(part.get("file_data"), f"{at}.file_data")
    out.text(role, document(data, f"{at}.file_data"), f"{at}.file_data")
    out.all(role, texts({**part, "file_data": None}, at))


def _call(item: Mapping[str, Any], field: str, at: str, out: Gathered) -> None:
    written = text_of(item.get(field), f"{at}.{field}")
    out.encoded("assistant", written, f"{at}.{field}")
    out.all("assistant", texts({**item, field: None}, at))


def _output(item: Mapping[str, Any], at: str, out: Gathered) -> None:
    output = item.get("output")
    out.all("tool", texts({**item, "output": None}, at))
    if isinstance(output, str):
        out.encoded("tool", output, f"{at}.output")
    else:
        parts(output, "tool", f"{at}.output", out)


def _screenshot(item: Mapping[str, Any], at: str, out: Gathered) -> None:
    parts([item.get("output")], "tool", f"{at}.output", out)
    out.all("tool", texts({**item, "output": None}, at))


def _tool(tool: Mapping[str, Any], at: str, out: Gathered) -> None:
    if string(tool.get("type")) not in TOOLS:
        message = "The guard cannot judge what this tool makes."
        raise refused(f"{at}.type", message, "Use the route of its own, such as /v1/images.")
    out.all("system", texts(tool, at))
