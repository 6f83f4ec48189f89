# SPDX-License-Identifier: Apache-2.0
"""The digest by which a request is held against the register of changes.

It covers what an operator changes and a user does not: the model's name, the
system texts, the tools and the safety parameters. It is the SHA-256 of their
canonical JSON (RFC 8785), so that key order, spaces and the way a number is
written make no difference. Pure; the door computes it for every request and
`vigie change digest` for a file.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

import msgspec

from vigie.core.errors import InvalidInputError

SAFETY: Final = (
    "content_filter",
    "guardrails",
    "moderation",
    "safe_prompt",
    "safety_model",
    "safety_settings",
)
"""Fields of a request that set the safety of what answers it, by any dialect."""
SYSTEM_ROLES: Final = frozenset({"system", "developer"})
MAX_DEPTH: Final = 64
REMEMBERED: Final = 65_536
"""Longer ones are computed each time, so that memory stays small."""
_BIG, _SMALL = 21, -7
"""From 10^21 on and below 10^-6 ECMAScript writes a number with an exponent."""


def digest_of(model: str, system: Sequence[str], tools: Any, parameters: Mapping[str, Any]) -> str:
    """Return the digest as 64 hexadecimal digits.

    Args:
        model: the model's name as the application asks for it.
        system: every system and developer text, in the order of the request.
        tools: the tools as the request names them; None or empty: none.
        parameters: the safety parameters (`SAFETY`) that the request sets.

    Raises InvalidInputError where a value is no JSON or nests deeper than
    `MAX_DEPTH`: what has no digest cannot be registered.
    """
    document = {
        "model": model,
        "parameters": {name: value for name, value in parameters.items() if value is not None},
        "system": list(system),
        "tools": list(tools or ()),
    }
    try:
        raw = msgspec.json.encode(document)
    except (TypeError, ValueError, RecursionError):
        raw = b""
    return _remembered(raw) if 0 < len(raw) < REMEMBERED else _hashed(document)


@lru_cache(maxsize=64)
def _remembered(raw: bytes) -> str:
    """An application says the same thing thousands of times: write it once."""
    return _hashed(msgspec.json.decode(raw))


def _hashed(document: Any) -> str:
    return hashlib.sha256(canonical(document)).hexdigest()


def of_request(body: Mapping[str, Any]) -> str:
    """Return the digest of a request body of any dialect of the gateway.

    Chat completions, completions, responses, messages and images differ in
    where the system text stands; what the body lacks counts as absent. Raises
    as `digest_of`.
    """
    parameters = {name: body[name] for name in SAFETY if name in body}
    template = body.get("prompt")
    if isinstance(template, Mapping):
        # A text that the upstream keeps: its name and version stand for it.
        parameters["prompt"] = {key: template.get(key) for key in ("id", "version")}
    tools = [*_listed(body.get("tools")), *_listed(body.get("functions"))]
    return digest_of(str(body.get("model") or ""), system_texts(body), tools, parameters)


def system_texts(body: Mapping[str, Any]) -> list[str]:
    """Return every system and developer text of a request body, in order."""
    found = [*_texts(body.get("system")), *_texts(body.get("instructions"))]
    for name in ("messages", "input"):
        for turn in _listed(body.get(name)):
            if isinstance(turn, Mapping) and turn.get("role") in SYSTEM_ROLES:
                found += _texts(turn.get("content"))
    return found


def canonical(value: Any) -> bytes:
    """Return the RFC 8785 bytes of a JSON value, numbers with fractions among them.

    Raises InvalidInputError for what is no JSON value, and below `MAX_DEPTH`.
    """
    return "".join(_written(value, 0)).encode("utf-8", "surrogatepass")


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []


def _texts(content: Any) -> Iterator[str]:
    """Yield the texts of a message; a part that is none stands as its canonical JSON."""
    if isinstance(content, str):
        yield content
        return
    for part in _listed(content):
        text = part.get("text") if isinstance(part, Mapping) else part
        yield text if isinstance(text, str) else canonical(part).decode("utf-8", "surrogatepass")


def _written(value: Any, depth: int) -> Iterator[str]:
    if depth > MAX_DEPTH:
        raise InvalidInputError(
            "This nests too deep.", code="too_deep", fix=f"At most {MAX_DEPTH} levels."
        )
    if isinstance(value, Mapping):
        yield from _object(value, depth)
    elif isinstance(value, list | tuple):
        yield "["
        for n, inner in enumerate(value):
            yield "," if n else ""
            yield from _written(inner, depth + 1)
        yield "]"
    else:
        yield _scalar(value)


def _object(value: Mapping[str, Any], depth: int) -> Iterator[str]:
    if not all(isinstance(key, str) for key in value):
        raise InvalidInputError("The names of an object are texts.", code="no_json")
    yield "{"
    for n, key in enumerate(sorted(value, key=_utf16)):
        yield f"{',' if n else ''}{json.dumps(key, ensure_ascii=False)}:"
        yield from _written(value[key], depth + 1)
    yield "}"


def _utf16(key: str) -> bytes:
    """Sort names as RFC 8785 does: by UTF-16 code units."""
    return key.encode("utf-16-be", "surrogatepass")


def _scalar(value: Any) -> str:
    if value is None or isinstance(value, bool | str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, int | float | Decimal):
        return _number(value)
    raise InvalidInputError(f"JSON holds no {type(value).__name__}.", code="no_json")


def _number(value: float | Decimal) -> str:
    """Write a number as ECMAScript does: a double, its shortest digits."""
    try:
        double = float(value)
    except OverflowError:
        double = float("inf")
    if double in (float("inf"), float("-inf")) or double != double:  # noqa: PLR0124 - not a number
        raise InvalidInputError("JSON holds no such number.", code="no_json")
    sign, digits, exponent = Decimal(repr(double)).normalize().as_tuple()
    if not any(digits):
        return "0"
    return ("-" if sign else "") + _placed("".join(map(str, digits)), int(exponent))


def _placed(digits: str, exponent: int) -> str:
    """Place the point: `digits` times ten to the `exponent`."""
    point = len(digits) + exponent
    if len(digits) <= point <= _BIG:
        return digits + "0" * exponent
    if 0 < point <= _BIG:
        return f"{digits[:point]}.{digits[point:]}"
    if _SMALL + 1 < point <= 0:
        return f"0.{'0' * -point}{digits}"
    fraction = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{digits[0]}{fraction}e{point - 1:+d}"
