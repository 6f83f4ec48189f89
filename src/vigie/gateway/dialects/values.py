# SPDX-License-Identifier: Apache-2.0
"""Reading of requests whose parts are trees: every text is found, or the request is refused.

A part is known or it is refused; of a known part every string is judged, whatever
its name, but for short identifiers and the names of kinds. So a field that a later
version of an interface adds carries no text past the guard.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import msgspec

from vigie.core.errors import InvalidInputError

STRUCTURE: Final = frozenset(
    ("type", "id", "call_id", "tool_use_id", "status", "role", "detail", "media_type", "ttl")
)
"""Names whose values say how something is built; a value that is no identifier is text."""
UNREADABLE: Final = frozenset(("encrypted_content", "file_id", "encrypted_index"))
"""Names of what only the upstream can read: refused wherever they hold something."""
DEPTH: Final = 64
MOST_ITEMS: Final = 4_096
"""Of one list: turns, parts, tools."""
_IDENTIFIER: Final = re.compile(r"[A-Za-z0-9_.:/+-]{0,80}")
_SIGNATURE: Final = re.compile(r"[A-Za-z0-9+/=_-]*")
_OPENS: Final = ("{", "[", '"')
_STRING: Final = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_ESCAPE: Final = re.compile(
    r'\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\["\\/bfnrt]'
)
NESTED: Final = 3
"""Layers of JSON within strings of JSON that are read."""
_DATA: Final = re.compile(
    r"data:([a-z0-9.+-]+/[a-z0-9.+-]+)(?:;(?!charset=)[a-z0-9=.+-]+|;charset=(?:utf-8|us-ascii))*;base64,",
    re.IGNORECASE,
)
"""Of no other character set: what is judged is what is read upstream."""
_READ: Final = ("text/", "application/json", "application/xml")


def refused(field: str, message: str, fix: str = "Leave it out.") -> InvalidInputError:
    """Return the refusal of a field that the guard cannot read."""
    return InvalidInputError(message, code="not_supported", field=field, fix=fix, http_status=400)


def wrong(field: str, expected: str) -> InvalidInputError:
    """Return the refusal of a field that has another form than the interface gives it."""
    message = f"{field} is not {expected}."
    return InvalidInputError(message, code="invalid_value", field=field, http_status=400)


def mapping(value: Any, at: str) -> Mapping[str, Any]:
    """Return an object of JSON. Raises InvalidInputError naming the place."""
    if not isinstance(value, Mapping):
        raise wrong(at, "an object")
    return value


def sequence(value: Any, at: str) -> list[Any]:
    """Return a list of JSON, not endless. Raises InvalidInputError naming the place."""
    if not isinstance(value, list):
        raise wrong(at, "a list")
    if len(value) > MOST_ITEMS:
        raise refused(at, f"The guard reads at most {MOST_ITEMS:,} items.", "Send fewer.")
    return value


def text_of(value: Any, at: str) -> str:
    """Return a string of JSON. Raises InvalidInputError naming the place."""
    if not isinstance(value, str):
        raise wrong(at, "a string")
    return value


def string(value: Any) -> str:
    """Return a string; nothing in place of what is none."""
    return value if isinstance(value, str) else ""


def texts(value: Any, at: str, depth: int = 0) -> Iterator[tuple[str, str]]:
    """Yield every text of a tree with its place, names of fields that are no identifiers too.

    Raises InvalidInputError where something is encrypted or lies elsewhere.
    """
    if depth > DEPTH:
        raise refused(at, "This is nested too deeply to be read.")
    if isinstance(value, str):
        if value:
            yield at, value
    elif isinstance(value, Mapping):
        yield from _fields(value, at, depth)
    elif isinstance(value, list):
        for n, one in enumerate(value):
            yield from texts(one, f"{at}[{n}]", depth + 1)


def _fields(value: Mapping[str, Any], at: str, depth: int) -> Iterator[tuple[str, str]]:
    for name, one in value.items():
        place = f"{at}.{name}"
        if name in UNREADABLE and one:
            raise refused(place, "The guard cannot read what only the upstream can.")
        if name in STRUCTURE and isinstance(one, str) and is_identifier(one):
            continue
        if not is_identifier(name):
            yield at, name
        yield from texts(one, place, depth + 1)


def readable(value: Any, depth: int = 0) -> Any:
    """Return a tree of an answer without what only the upstream can read."""
    if depth > DEPTH:
        return None
    if isinstance(value, Mapping):
        kept = ((name, one) for name, one in value.items() if name not in UNREADABLE)
        return {name: readable(one, depth + 1) for name, one in kept}
    if isinstance(value, list):
        return [readable(one, depth + 1) for one in value]
    return value


def numbers(value: Any, depth: int = 0) -> Any:
    """Return an object of JSON with its numbers alone, such as `usage`; null for others."""
    if isinstance(value, Mapping) and depth < DEPTH:
        return {
            name: numbers(one, depth + 1)
            for name, one in value.items()
            if is_identifier(name) and isinstance(one, Mapping | int | float | None)
        }
    return value if depth and isinstance(value, int | float) else None


def words(value: Any) -> str:
    """Return every text of a readable tree in one piece."""
    return "\n".join(text for _, text in texts(value, ""))


def is_identifier(value: str) -> bool:
    """Say whether a string is a short name made of letters, digits and marks."""
    return _IDENTIFIER.fullmatch(value) is not None


def is_signature(value: Any) -> bool:
    """Say whether something is base64, such as the signature of a thought."""
    return isinstance(value, str) and _SIGNATURE.fullmatch(value) is not None


def plain(arguments: str, depth: int = 0) -> str:
    """Return the arguments of a call as they will be read: escapes undone, no quotes.

    Every string of the JSON, also of a key that is said twice and of JSON within a
    string. What is no JSON (cut short, or none at all) is read with its escapes undone.
    """
    if not arguments.lstrip().startswith(_OPENS):
        return arguments
    try:
        msgspec.json.decode(arguments)
    except (ValueError, RecursionError):
        return _ESCAPE.sub(_undone, arguments).replace('"', "\n")
    found = (_ESCAPE.sub(_undone, one[1]) for one in _STRING.finditer(arguments))
    return "\n".join(plain(one, depth + 1) if depth < NESTED else one for one in found)


def _undone(escape: re.Match[str]) -> str:
    """Return what one escape, or one pair of halves, stands for."""
    try:
        return str(msgspec.json.decode(f'"{escape[0]}"'.encode()))
    except ValueError:
        return escape[0]


def document(data: str, at: str) -> str:
    """Return the text of a file in a data URL; what is no text is refused."""
    found = _DATA.match(data)
    if found is None or not found[1].lower().startswith(_READ):
        raise refused(at, "The guard reads files of text only.", "Send the text itself.")
    return decoded(data[found.end() :], at)


def decoded(data: str, at: str) -> str:
    """Return the text behind base64. Raises InvalidInputError where it is none."""
    try:
        return base64.b64decode(data, validate=True).decode()
    except (binascii.Error, ValueError):
        raise wrong(at, "text in UTF-8 as base64") from None


def only(body: Mapping[str, Any], known: Mapping[str, Callable[[Any, str], None] | None]) -> None:
    """Check the fields of a request one by one; refuse those that are not known.

    A field that is not known may hold numbers and switches: they carry no text. A list
    of numbers may: tokens.
    """
    for name, value in body.items():
        if name in known:
            check = known[name]
            if check is not None and value is not None:
                check(value, name)
        else:
            wordless(value, name)


def wordless(value: Any, at: str) -> None:
    """Check a field that is not known. Raises InvalidInputError where it could carry text."""
    if next(texts(value, at), None) is not None or _has_list(value):
        raise refused(at, "This field is not known to the guard.")


def _has_list(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(_has_list(one) for one in value.values())
    return isinstance(value, list) and bool(value)


def switch(value: Any, at: str) -> None:
    """Check a field that sets something: numbers, switches and short names, no text."""
    for place, text in texts(value, at):
        if not is_identifier(text):
            raise refused(place, "This field takes no text.", "Send a short name or a number.")


def forbidden(message: str, fix: str = "Leave it out.") -> Callable[[Any, str], None]:
    """Return a check that refuses a field that says something."""

    def check(value: Any, at: str) -> None:
        if value:
            raise refused(at, message, fix)

    return check
