# SPDX-License-Identifier: Apache-2.0
"""Generated expressions of the search, over a small world in which many things fit."""

from __future__ import annotations

from typing import Final

from hypothesis import strategies as st

from vigie.flow.search.fields import BY_NAME, FIELDS, find
from vigie.flow.search.kinds import Kind
from vigie.flow.search.nodes import And, Node, Not, Operator, Or, Term

LABELS: Final = ("denial", "hate", "hash")
WORDS: Final[dict[str, tuple[str, ...]]] = {
    "author": ("0a1b", "0a", "ff", ""),
    "category": ("hate", "denial"),
    "hash": (f"{2:032x}{1:032x}", f"{2:032x}", "0", "f"),
    "item": ("p-1", "p-2", "p", "P-1"),
    "item.language": ("fr", "de", ""),
    "item.service": ("agora", "Agora", "other"),
    "marks": ("quotation", "satire", "q"),
    "matched": ("bank:one", "terrorist", "bank:", "terrorist:near"),
    "offence": ("fr_denial", "de_130_denial", "fr_"),
    "policy": ("denial", "spam", "d"),
    "queue": ("general", "appeals"),
}
"""Values that occur in the small world, and some that do not."""
_ODD: Final = st.text(
    st.characters(
        codec="utf-8", exclude_categories=("Cc", "Cs", "Cf", "Zl", "Zp", "Co", "Cn", "Zs")
    ),
    max_size=6,
)
_MOMENTS: Final = ("2026-11-22", "2026-11-21", "2026-11-22T21:00", "-1h", "-2d", "+1h", "+3h")
_SCORES: Final = ("0", "0.25", "0.5", "0.9", "1", "0.333333")

_BY_KIND: Final = {
    Kind.MOMENT: st.sampled_from(_MOMENTS),
    Kind.SCORE: st.sampled_from(_SCORES),
    Kind.FLAG: st.sampled_from(("yes", "no")),
    Kind.COUNTRY: st.sampled_from(("FR", "DE", "AT", "*")),
    Kind.DECISION: st.integers(0, 12).map(lambda number: f"D-{number}"),
    Kind.NUMBER: st.integers(-1, 4).map(str),
}


def _values(name: str, kind: Kind, *, odd: bool) -> st.SearchStrategy[str]:
    field = find(name)
    choices = field.choices if field else ()
    if kind in _BY_KIND:
        return _BY_KIND[kind]
    known = st.sampled_from(choices or WORDS.get(name, ("x",)))
    if not odd or choices:
        return known
    return known | (
        _ODD if kind is Kind.TEXT else _ODD.map(str.lower).filter(lambda s: s == s.lower())
    )


@st.composite
def term(draw: st.DrawFn, *, kept: bool = False, odd: bool = True) -> Term:
    """One comparison; `kept`: only of what the store holds."""
    names = [field.name for field in FIELDS if field.kept or not kept]
    name = draw(st.sampled_from([*names, *(f"score.{label}" for label in LABELS)]))
    field = BY_NAME.get(name) or find(name)
    assert field is not None
    operator = draw(st.sampled_from(sorted(field.operators)))
    values = _values(name, field.kind, odd=odd)
    if operator in {Operator.IN, Operator.NOT_IN}:
        return Term(name, operator, tuple(draw(st.lists(values, min_size=1, max_size=3))))
    return Term(name, operator, (draw(values),))


def nodes(*, kept: bool = False, odd: bool = True) -> st.SearchStrategy[Node]:
    """Expressions of a few comparisons."""
    several = lambda inner: st.lists(inner, min_size=2, max_size=3).map(tuple)  # noqa: E731
    return st.recursive(
        term(kept=kept, odd=odd),
        lambda inner: inner.map(Not) | several(inner).map(And) | several(inner).map(Or),
        max_leaves=5,
    )
