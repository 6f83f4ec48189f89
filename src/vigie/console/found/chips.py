# SPDX-License-Identifier: Apache-2.0
"""What an expression was understood as: one chip a comparison, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vigie.core.clock import iso
from vigie.flow.search import write
from vigie.flow.search.fields import find, label_of
from vigie.flow.search.kinds import Kind
from vigie.flow.search.nodes import And, Node, Not, Operator, Or, Term
from vigie.flow.search.values import stretch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.utils.functional import _StrPromise

OPERATORS: Final[dict[Operator, _StrPromise]] = {
    Operator.IS: gettext_lazy("is"),
    Operator.IS_NOT: gettext_lazy("is not"),
    Operator.LESS: gettext_lazy("below"),
    Operator.AT_MOST: gettext_lazy("at most"),
    Operator.MORE: gettext_lazy("above"),
    Operator.AT_LEAST: gettext_lazy("at least"),
    Operator.BEGINS: gettext_lazy("begins with"),
    Operator.IN: gettext_lazy("is one of"),
    Operator.NOT_IN: gettext_lazy("is none of"),
}
_TIMES: Final[dict[Operator, _StrPromise]] = {
    Operator.LESS: gettext_lazy("before"),
    Operator.AT_MOST: gettext_lazy("until"),
    Operator.MORE: gettext_lazy("after"),
    Operator.AT_LEAST: gettext_lazy("from"),
}


@dataclass(frozen=True, slots=True)
class Chip:
    """One comparison in words, or what stands between two (`subject` is empty then)."""

    words: str
    subject: str = ""
    values: str = ""
    without: str | None = None
    """The expression without this part; None where leaving it out is no step."""


def chips(node: Node, now: int) -> list[Chip]:
    """Return the parts of an expression in the order in which they were typed."""
    if isinstance(node, And) and len(node.nodes) > 1:
        return list(_joined(node, now))
    return [] if isinstance(node, And) else list(_parts(node, now, without=""))


def _joined(node: And, now: int) -> Iterator[Chip]:
    """Yield the parts of the outermost `and`: each can be left out."""
    for place, one in enumerate(node.nodes):
        if place:
            yield Chip(_("and"))
        rest = node.nodes[:place] + node.nodes[place + 1 :]
        yield from _parts(one, now, without=write(rest[0] if len(rest) == 1 else And(rest)))


def _parts(node: Node, now: int, without: str | None = None) -> Iterator[Chip]:
    match node:
        case Term():
            yield _chip(node, now, without)
        case Not():
            yield Chip(_("not"))
            yield from _parts(node.node, now)
        case And() | Or():
            between = _("and") if isinstance(node, And) else _("or")
            yield Chip("(")
            for place, one in enumerate(node.nodes):
                if place:
                    yield Chip(between)
                yield from _parts(one, now)
            yield Chip(")")


def _chip(term: Term, now: int, without: str | None) -> Chip:
    field = find(term.field)
    if field is None:
        return Chip(write(term))
    times = field.kind is Kind.MOMENT
    words = (_TIMES if times else {}).get(term.operator) or OPERATORS[term.operator]
    label = label_of(term.field)
    subject = _("score of %(label)s") % {"label": label} if label else str(field.says)
    return Chip(
        str(words), subject, ", ".join(_value(term, one, now) for one in term.values), without
    )


def _value(term: Term, value: str, now: int) -> str:
    """Write a value; a date that counts from now as the moment it stands for."""
    field = find(term.field)
    if field is not None and field.kind is Kind.MOMENT and value.startswith(("+", "-")):
        at = stretch(field, Operator.AT_LEAST, value, now).low or 0
        return f"{iso(at)[:16].replace('T', ' ')} UTC"
    return value or _("(empty)")
