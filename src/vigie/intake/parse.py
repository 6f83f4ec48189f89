# SPDX-License-Identifier: Apache-2.0
"""From a request's body to items, each refusal with its field and the fix.

A batch loses only its bad items; an unreadable body or too many items refuse
the whole.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

import msgspec

from vigie.core.errors import ErrorBody, InvalidInputError
from vigie.core.item import Item, Media
from vigie.intake.rules import check_item
from vigie.machine.turns import Turns

MAX_BODY: Final = 64 * 2**20
"""Bytes of one request."""
MAX_ITEMS: Final = 1_000
TURN: Final = 100
"""Items read before others get a turn."""

_AT: Final = re.compile(r" - at `\$\.?(.*?)`$")
_QUOTED: Final = re.compile(r"field `([^`]+)`")


class _Envelope(msgspec.Struct, frozen=True):
    items: list[msgspec.Raw] | msgspec.UnsetType = msgspec.UNSET


_ELEMENTS: Final = {"countries": str, "links": str, "media": Media}

UNREADABLE: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What a decoder raises: no JSON, no UTF-8, nested too deep."""

_ENVELOPE: Final = msgspec.json.Decoder(_Envelope)
_ITEM: Final = msgspec.json.Decoder(Item)


class Parsed(NamedTuple):
    """What a body holds: per item the item or why it is refused."""

    items: list[Item | ErrorBody]
    is_batch: bool


def parse(body: bytes) -> Parsed:
    """Read a body. Raises InvalidInputError where the whole is refused."""
    raws = _raws(body)
    if raws is None:
        return Parsed([_read_one(body)], is_batch=False)
    return Parsed(_read_slice(raws, 0, len(raws)), is_batch=True)


async def parse_in_turns(body: bytes, turns: Turns) -> Parsed:
    """Read a body as `parse` does; others get a turn between slices of a batch."""
    raws = _raws(body)
    if raws is None:
        return Parsed([_read_one(body)], is_batch=False)
    found: list[Item | ErrorBody] = []
    for at in range(0, len(raws), TURN):
        found.extend(_read_slice(raws, at, at + TURN))
        await turns.give_way()
    return Parsed(found, is_batch=True)


def _raws(body: bytes) -> list[msgspec.Raw] | None:
    """Return the items of a batch, not yet read; None for a single item."""
    if b'"items"' not in body:
        return None
    raws = _read_envelope(body).items
    if isinstance(raws, msgspec.UnsetType):
        return None
    if not raws:
        raise InvalidInputError(
            "The batch is empty.", code="empty_batch", field="items", fix="Send 1 to 1,000 items."
        )
    if len(raws) > MAX_ITEMS:
        raise InvalidInputError(
            f"The batch holds {len(raws)} items.",
            code="batch_too_long",
            field="items",
            fix=f"Send at most {MAX_ITEMS} items at once.",
            http_status=413,
        )
    return raws


def _read_envelope(body: bytes) -> _Envelope:
    try:
        return _ENVELOPE.decode(body)
    except msgspec.ValidationError as problem:
        raise _refusal(problem, "") from None
    except UNREADABLE as problem:
        raise _malformed(problem) from None


def _read_slice(raws: list[msgspec.Raw], begin: int, end: int) -> list[Item | ErrorBody]:
    found: list[Item | ErrorBody] = []
    for number, raw in enumerate(raws[begin:end], begin):
        try:
            found.append(_read_one(raw, f"items[{number}]"))
        except InvalidInputError as problem:
            found.append(problem.body())
    return found


def _read_one(body: bytes | msgspec.Raw, at: str = "") -> Item:
    try:
        item = _ITEM.decode(body)
    except msgspec.ValidationError as problem:
        raise _refusal(problem, at, body) from None
    except UNREADABLE as problem:
        if at:
            raise InvalidInputError(
                "The item does not read as UTF-8 JSON.",
                code="malformed_json",
                field=at,
                fix="Escape lone surrogates away and send valid UTF-8.",
            ) from None
        raise _malformed(problem) from None
    check_item(item, at)
    return item


def _malformed(problem: Exception) -> InvalidInputError:
    return InvalidInputError(
        "The body does not read as UTF-8 JSON.",
        code="malformed_json",
        fix="Send one JSON object, valid UTF-8, without lone surrogates.",
        http_status=400,
        diagnostics=type(problem).__name__,
    )


def _refusal(
    problem: msgspec.ValidationError, at: str, body: bytes | msgspec.Raw = b""
) -> InvalidInputError:
    message = str(problem)
    found = _AT.search(message)
    path = _numbered(found[1], body) if found else ""
    quoted = _QUOTED.search(message)
    if quoted and ("missing" in message or "unknown" in message):
        path = f"{path}.{quoted[1]}" if path else quoted[1]
    field = ".".join(part for part in (at, path) if part).replace(".[", "[")
    code = "unknown_field" if "unknown" in message else "missing_field"
    if "missing" not in message and "unknown" not in message:
        code = "wrong_type"
    return InvalidInputError(
        _AT.sub("", message) + ".",
        code=code,
        field=field or None,
        fix="See the contract of an item: docs/reference/item.md.",
    )


def _numbered(path: str, body: bytes | msgspec.Raw) -> str:
    """Put the number of the first wrong element where the decoder says `[...]`."""
    name, dots, rest = path.partition("[...]")
    kind = _ELEMENTS.get(name)
    if not dots or kind is None:
        return path
    for number, one in enumerate(msgspec.json.decode(body)[name]):
        try:
            msgspec.convert(one, kind)
        except msgspec.ValidationError:
            return f"{name}[{number}]{rest}"
    return path
