# SPDX-License-Identifier: Apache-2.0
"""Canonical JSON (RFC 8785) as records use it: no floats, whole numbers below 2**53.

Reading is strict: a name given twice, a float, a lone surrogate or deep nesting
is refused, so that two programs never read one file in two ways.
"""

from __future__ import annotations

import json
from typing import Any, Dict, List, Tuple

from vigie.ledger.verify.errors import MalformedError

MAX_INTEGER = 2**53 - 1
_MAX_DIGITS = len(str(MAX_INTEGER)) + 1
# What `json.dumps(text, ensure_ascii=False)` calls for every text, without the way there.
_quoted = json.encoder.encode_basestring
_CONSTANTS = {None: "null", True: "true", False: "false"}


def canonical_json(value: Any) -> bytes:
    """Return the RFC 8785 bytes of a value."""
    try:
        return _write(value).encode("utf-8")
    except UnicodeEncodeError:
        raise MalformedError("A text holds a lone surrogate.", field="json") from None
    except RecursionError:
        raise MalformedError("The value is nested too deeply.", field="json") from None


def _write(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return _CONSTANTS[value]
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, int) and abs(value) <= MAX_INTEGER:
        return str(value)
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(_write(inner) for inner in value) + "]"
    if isinstance(value, dict):
        return "{" + ",".join(_members(value)) + "}"
    raise MalformedError("A record holds no such value.", field="json")


def _members(value: Dict[Any, Any]) -> List[str]:
    if not all(isinstance(key, str) for key in value):
        raise MalformedError("Names in a record are texts.", field="json")
    # RFC 8785 section 3.2.3 sorts names by UTF-16 code units.
    names = sorted(value, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
    return [_write(name) + ":" + _write(value[name]) for name in names]


def parse_json(data: bytes) -> Any:
    """Read JSON without floats, names given twice or other double meanings."""
    try:
        return json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_no_float,
            parse_constant=_no_float,
        )
    except (UnicodeDecodeError, json.JSONDecodeError):
        raise MalformedError("This is not JSON in UTF-8.", field="json") from None
    except RecursionError:
        raise MalformedError("The JSON is nested too deeply.", field="json") from None


def _object(pairs: List[Tuple[str, Any]]) -> Dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise MalformedError("A name is given twice.", field="json")
    return value


def _integer(text: str) -> int:
    if len(text) > _MAX_DIGITS or abs(int(text)) > MAX_INTEGER:
        raise MalformedError("Whole numbers stay below 2**53.", field="json")
    return int(text)


def _no_float(text: str) -> float:
    raise MalformedError("A record holds no {}.".format(text[:20]), field="json")
