# SPDX-License-Identifier: Apache-2.0
"""Recognises scores compared with numbers in a condition, to tell them as reasons.

The engine exposes no syntax tree. What is not certain (a negation, a choice) is
told as the expression instead.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from vigie.screening.policy.tokens import Token

_HOLDS: Final[dict[str, Callable[[float, float], bool]]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
_TURNED: Final = {">": "<", ">=": "<=", "<": ">", "<=": ">="}
_UNSURE: Final = {"!", "!=", "?", "-", "+", "*", "/", "%", "["}
"""Signs beside which a comparison may not mean what it seems to."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """`score.<label> <sign> <limit>`, however it was written."""

    label: str
    sign: str
    limit: float

    def holds(self, value: float) -> bool:
        """Say whether a value of the score meets it."""
        return _HOLDS[self.sign](value, self.limit)

    def harder(self, other: Comparison) -> Comparison:
        """Return the one of two with the same sign that is harder to meet."""
        choose = max if self.sign in {">", ">="} else min
        return choose(self, other, key=operator.attrgetter("limit"))


def comparisons_in(words: list[Token], limits: dict[str, float]) -> tuple[Comparison, ...]:
    """Return the comparisons of a condition made of such, `&&`, `||` and brackets."""
    bare = [word for word in words if word.kind != "space"]
    if any(word.kind == "sign" and word.text in _UNSURE for word in bare):
        return ()
    found = (_at(bare, at, limits) for at, word in enumerate(bare) if word.text in _HOLDS)
    return tuple(one for one in found if one is not None)


def _at(words: list[Token], at: int, limits: dict[str, float]) -> Comparison | None:
    sign = words[at].text
    left, right = _before(words, at), _after(words, at)
    label, limit = _label(left), _number(right, limits)
    if label is None or limit is None:
        label, limit, sign = _label(right), _number(left, limits), _TURNED[sign]
    return None if label is None or limit is None else Comparison(label, sign, limit)


def _before(words: list[Token], at: int) -> list[Token]:
    wide = words[max(at - 3, 0) : at]
    return wide if len(wide) == 3 and wide[1].text == "." else words[max(at - 1, 0) : at]


def _after(words: list[Token], at: int) -> list[Token]:
    wide = words[at + 1 : at + 4]
    return wide if len(wide) == 3 and wide[1].text == "." else words[at + 1 : at + 2]


def _label(words: list[Token]) -> str | None:
    return words[2].text if len(words) == 3 and words[0].text == "score" else None


def _number(words: list[Token], limits: dict[str, float]) -> float | None:
    if len(words) == 3 and words[0].text == "limit":
        return limits.get(words[2].text)
    if len(words) == 1 and words[0].kind == "number":
        try:
            return float(words[0].text)
        except ValueError:
            return None
    return None
