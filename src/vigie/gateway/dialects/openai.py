# SPDX-License-Identifier: Apache-2.0
"""What the interfaces of OpenAI's kind share: bodies, errors, what is forwarded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from vigie.core.errors import InvalidInputError, OutsideError
from vigie.gateway.dialects.base import Conversation, Refusal, Usage

JSON: Final = msgspec.json.Encoder()
DONE: Final = b"[DONE]"
DONE_FRAME: Final = b"data: [DONE]\n\n"
MOST_CHOICES: Final = 16
OWN: Final = ("user", "safety_identifier")
_TYPES: Final = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
}


class TokenCount(msgspec.Struct, omit_defaults=True):
    """`usage`, under the names of either interface."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None

    @property
    def usage(self) -> Usage:
        """The count; what is not said or is negative counts 0."""
        asked = self.prompt_tokens or self.input_tokens or 0
        said = self.completion_tokens or self.output_tokens or 0
        return Usage(max(asked, 0), max(said, 0))


def usage_of(said: Any) -> Usage | None:
    """Return the tokens as counted upstream; None where they are not told."""
    try:
        return msgspec.convert(said, TokenCount).usage if said else None
    except msgspec.ValidationError:
        return None


def read_object(raw: bytes) -> dict[str, Any]:
    """Return the body of a request. Raises InvalidInputError (400) where it is no object."""
    try:
        body = msgspec.json.decode(raw)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise InvalidInputError(
            "The body is no JSON object.",
            code="invalid_json",
            fix="Send one JSON object.",
            http_status=400,
        )
    return body


def required(body: Mapping[str, Any], name: str) -> str:
    """Return a text that must be there, such as the model's name."""
    value = body.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= 256 or not value.isprintable():
        raise InvalidInputError(
            f"{name} must be a text of 1 to 256 printable characters.",
            code="invalid_value",
            field=name,
            http_status=400,
        )
    return value


def choices_of(body: Mapping[str, Any]) -> int:
    """Return `n`. Raises InvalidInputError where it is no number that can be guarded."""
    value = body.get("n")
    if value is None:
        return 1
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST_CHOICES:
        raise InvalidInputError(
            f"n must be a whole number from 1 to {MOST_CHOICES}.",
            code="invalid_value",
            field="n",
            http_status=400,
        )
    return value


def user_of(body: Mapping[str, Any]) -> str:
    """Return the application's name for its user, shortened; empty where none is given."""
    for name in reversed(OWN):
        value = body.get(name)
        if isinstance(value, str) and value:
            return value[:256]
    return ""


def country_of(body: Mapping[str, Any]) -> str:
    """Return the user's country of `metadata.vigie_country`."""
    metadata = body.get("metadata")
    value = metadata.get("vigie_country") if isinstance(metadata, dict) else None
    return value if isinstance(value, str) else ""


def forwarded(conversation: Conversation, user: str) -> dict[str, Any]:
    """Return the body for an upstream: without what is ours, users under a pseudonym."""
    body = dict(conversation.body)
    body.pop("moderation", None)
    for name in OWN:
        if body.pop(name, None) and user:
            body[name] = user
    metadata = body.get("metadata")
    if isinstance(metadata, dict) and "vigie_country" in metadata:
        body["metadata"] = {n: v for n, v in metadata.items() if n != "vigie_country"}
    return body


def error_body(refusal: Refusal, request_id: str) -> bytes:
    """Return an error in OpenAI's shape, ours beside it."""
    error: dict[str, Any] = {
        "message": refusal.message,
        "type": _type_of(refusal),
        "param": refusal.param,
        "code": refusal.code,
        **ours(refusal),
    }
    if request_id:
        error["request_id"] = request_id
    return JSON.encode({"error": error})


def _type_of(refusal: Refusal) -> str:
    if refusal.code == "insufficient_quota":
        return refusal.code
    if refusal.status >= 500:
        return "server_error"
    return _TYPES.get(refusal.status, "invalid_request_error")


def ours(refusal: Refusal) -> dict[str, str]:
    """Return what a refusal says beside its words: decision, category, statement."""
    found = {
        "decision_id": refusal.decision_id,
        "category": refusal.category,
        "statement_url": refusal.statement_url,
    }
    return {name: value for name, value in found.items() if value}


def told(refusal: Refusal) -> dict[str, str]:
    """Return the object that stands beside a stopped answer."""
    return {"code": refusal.code, "message": refusal.message, **ours(refusal)}


def says_once(raw: bytes, choices: int, calls: int = 0) -> bool:
    """Say whether no object of an answer can say a field twice: then all of it was read.

    Of a field that is said twice readers take one, and clients may take the other. A
    name may hide behind escapes; an answer that has any is written anew as well.
    """
    if b"\\u00" in raw or raw.count(b'"choices"') > 1:
        return False
    return all(raw.count(name) <= choices for name in _OF_CHOICES) and all(
        raw.count(name) <= calls for name in _OF_CALLS
    )


def _quoted(*names: str) -> tuple[bytes, ...]:
    return tuple(f'"{name}"'.encode() for name in names)


_OF_CHOICES: Final = _quoted(
    *("delta", "message", "text", "content", "refusal", "reasoning_content", "reasoning"),
    *("function_call", "tool_calls"),
)
_OF_CALLS: Final = _quoted("function", "custom", "name", "arguments", "input")


def foreign(what: str) -> OutsideError:
    """Return the error for an answer that is none of the interface."""
    return OutsideError(f"The upstream's {what} cannot be read.", code="upstream_invalid")


def frame(value: Any) -> bytes:
    """Return an event without a name."""
    return b"data: %b\n\n" % JSON.encode(value)
