# SPDX-License-Identifier: Apache-2.0
"""The hashes that came with a notice: read strictly, since anybody can write them.

A hash that is too flat matches everything; turns that do not belong to the
picture would be further pictures.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from vigie.core.errors import InvalidInputError
from vigie.screening.matching.pdq import DIHEDRAL, MIN_QUALITY, PDQ, is_flat

MOST: Final = 20
TURN_BITS: Final = 64
"""A turn differs so much at most from what the bits alone say of it; measured, 28 do."""
FIELD: Final = "hashes"
_EVEN: Final = np.arange(16) % 2 == 0
_ROWS: Final = np.broadcast_to(_EVEN[:, None], (16, 16))
_COLUMNS: Final = np.broadcast_to(_EVEN[None, :], (16, 16))


class PictureHash(NamedTuple):
    """One picture as a notifier's device saw it."""

    turns: tuple[str, ...]
    """As it stands, then turned and mirrored; or as it stands alone."""
    quality: int

    @property
    def pdq(self) -> str:
        """The hash of the picture as it stands."""
        return self.turns[0]

    def plain(self) -> dict[str, Any]:
        """Return it as a notice keeps it."""
        return {"pdq": self.pdq, "quality": self.quality, "turns": list(self.turns[1:])}


def from_form(values: Iterable[str]) -> tuple[PictureHash, ...]:
    """Read hidden fields, `quality:hash,hash,...`; raises InvalidInputError."""
    return _several(_field(value) for value in values)


def from_documents(values: Sequence[Mapping[str, Any]]) -> tuple[PictureHash, ...]:
    """Read `{"pdq", "quality", "turns"}`; raises InvalidInputError."""
    return _several(_document(value) for value in values)


def _several(found: Iterable[PictureHash]) -> tuple[PictureHash, ...]:
    kept: dict[str, PictureHash] = {}
    for one in found:
        kept.setdefault(one.pdq, one)
        if len(kept) > MOST:
            raise InvalidInputError(
                f"At most {MOST} pictures.", code="too_many_pictures", field=FIELD
            )
    return tuple(kept.values())


def _field(value: str) -> PictureHash:
    quality, colon, turns = value.partition(":")
    if not colon or not (quality.isascii() and quality.isdigit()) or len(quality) > 3:
        raise _refused()
    return _checked(turns.split(","), int(quality))


def _document(value: Mapping[str, Any]) -> PictureHash:
    pdq, quality, turns = value.get("pdq"), value.get("quality"), value.get("turns") or ()
    plain = isinstance(pdq, str) and isinstance(quality, int) and isinstance(turns, list | tuple)
    if not plain or not all(isinstance(one, str) for one in turns):
        raise _refused()
    return _checked([str(pdq), *turns], int(quality or 0))


def _checked(turns: Sequence[str], quality: int) -> PictureHash:
    if len(turns) not in (1, len(DIHEDRAL)) or not 0 <= quality <= 100:
        raise _refused()
    bits = [_bits(one) for one in turns]
    if quality < MIN_QUALITY or is_flat(bits[0]):
        raise InvalidInputError(
            "This picture has too little in it to be told from others.",
            code="low_quality",
            field=FIELD,
            fix="Give the address of the page: that is enough.",
        )
    for turn, expected in zip(bits[1:], turned(bits[0])[1:], strict=False):
        if PDQ.distance(turn, expected) > TURN_BITS:
            raise _refused()
    return PictureHash(tuple(one.hex() for one in bits), quality)


def _bits(text: str) -> bytes:
    try:
        return PDQ.validate(text)
    except InvalidInputError as problem:
        raise _refused() from problem


def _refused() -> InvalidInputError:
    return InvalidInputError(
        "A hash came in a form that cannot be read.",
        code="bad_hash",
        field=FIELD,
        fix="Choose the picture again, or leave this part out: the address is enough.",
    )


def turned(bits: bytes) -> list[bytes]:
    """Return about what the eight turns of a picture hash to, from its bits alone.

    The coefficients change sign and place; where the median is not nought a few
    bits are wrong (measured on 27 photographs: 7 to 11 on average, at most 28).
    """
    as_is = np.unpackbits(np.frombuffer(bits, np.uint8))[::-1].reshape(16, 16).astype(bool)
    other = as_is.T
    both = _ROWS ^ _COLUMNS
    made = (
        as_is, other ^ _ROWS, as_is ^ both, other ^ _COLUMNS,
        as_is ^ _ROWS, as_is ^ _COLUMNS, other, other ^ both,
    )  # fmt: skip
    return [np.packbits(one.ravel()[::-1]).tobytes() for one in made]
