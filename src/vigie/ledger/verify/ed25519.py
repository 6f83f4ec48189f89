# SPDX-License-Identifier: Apache-2.0
"""Ed25519 verification in plain Python (RFC 8032 section 5.1.7).

For checking a few signatures where no library is at hand: about 3 ms each. It
handles public data only, so it need not run in constant time; there is no
signing here. As in common libraries the equation is checked without cofactor
and S must be below the group order, so that a signature has one form.
"""

from __future__ import annotations

from hashlib import sha512
from typing import Dict, List, Optional, Tuple

_Point = Tuple[int, int, int, int]

_P = 2**255 - 19
_ORDER = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, _P - 2, _P) % _P
_D2 = 2 * _D % _P
_ROOT_OF_MINUS_1 = pow(2, (_P - 1) // 4, _P)
_NEUTRAL: _Point = (0, 1, 1, 0)
_WINDOW = 4


def _add(a: _Point, b: _Point) -> _Point:
    x = (a[1] - a[0]) * (b[1] - b[0]) % _P
    y = (a[1] + a[0]) * (b[1] + b[0]) % _P
    t = _D2 * a[3] * b[3] % _P
    z = 2 * a[2] * b[2] % _P
    e, f, g, h = y - x, z - t, z + t, y + x
    return (e * f % _P, g * h % _P, f * g % _P, e * h % _P)


def _double(a: _Point) -> _Point:
    x2, y2 = a[0] * a[0] % _P, a[1] * a[1] % _P
    h = x2 + y2
    e = h - (a[0] + a[1]) ** 2 % _P
    g = x2 - y2
    f = 2 * a[2] * a[2] % _P + g
    return (e * f % _P, g * h % _P, f * g % _P, e * h % _P)


def _recover_x(y: int, sign: int) -> Optional[int]:
    u, v = (y * y - 1) % _P, (_D * y * y + 1) % _P
    x = u * pow(v, 3, _P) * pow(u * pow(v, 7, _P), (_P - 5) // 8, _P) % _P
    if v * x * x % _P != u:
        x = x * _ROOT_OF_MINUS_1 % _P
    if v * x * x % _P != u or (x == 0 and sign):
        return None
    return _P - x if x % 2 != sign else x


def _decode_point(data: bytes) -> Optional[_Point]:
    number = int.from_bytes(data, "little")
    sign, y = number >> 255, number & (2**255 - 1)
    if y >= _P:
        return None
    x = _recover_x(y, sign)
    return None if x is None else (x, y, 1, x * y % _P)


def _encode_point(point: _Point) -> bytes:
    inverse = pow(point[2], _P - 2, _P)
    x, y = point[0] * inverse % _P, point[1] * inverse % _P
    return (y | (x % 2) << 255).to_bytes(32, "little")


def _multiples(point: _Point) -> List[_Point]:
    table = [_NEUTRAL]
    for _ in range(2**_WINDOW - 1):
        table.append(_add(table[-1], point))
    return table


def _base_point() -> _Point:
    y = 4 * pow(5, _P - 2, _P) % _P
    x = _recover_x(y, 0) or 0
    return (x, y, 1, x * y % _P)


_BASE_TABLE = _multiples(_base_point())


def _two_products(s: int, h: int, table: List[_Point]) -> _Point:
    """Return s times the base point plus h times the point of the table."""
    result = _NEUTRAL
    for shift in range(256 - _WINDOW, -1, -_WINDOW):
        for _ in range(_WINDOW):
            result = _double(result)
        result = _add(result, _BASE_TABLE[s >> shift & 15])
        result = _add(result, table[h >> shift & 15])
    return result


def _verify_ed25519(public: bytes, message: bytes, signature: bytes) -> bool:
    point = _decode_point(public)
    s = int.from_bytes(signature[32:], "little")
    if point is None or s >= _ORDER:
        return False
    digest = sha512(signature[:32] + public + message).digest()
    h = int.from_bytes(digest, "little") % _ORDER
    minus = (_P - point[0], point[1], 1, _P - point[3])
    return _encode_point(_two_products(s, h, _multiples(minus))) == signature[:32]


_SEEN: Dict[Tuple[bytes, bytes, bytes], bool] = {}
_SEEN_LIMIT = 10_000


def verify_ed25519(public: bytes, message: bytes, signature: bytes) -> bool:
    """Say whether the signature over the message fits the public key.

    Answers are remembered, because many proofs share one checkpoint.
    """
    if len(public) != 32 or len(signature) != 64:
        return False
    key = (public, sha512(message).digest(), signature)
    if key not in _SEEN:
        if len(_SEEN) >= _SEEN_LIMIT:
            _SEEN.clear()
        _SEEN[key] = _verify_ed25519(public, message, signature)
    return _SEEN[key]
