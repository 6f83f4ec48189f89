# SPDX-License-Identifier: Apache-2.0
"""What an expression is once it is read, and how it is written again."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Operator(StrEnum):
    """How a field is held against values."""

    IS = "="
    IS_NOT = "!="
    LESS = "<"
    AT_MOST = "<="
    MORE = ">"
    AT_LEAST = ">="
    BEGINS = "~"
    IN = "in"
    NOT_IN = "not in"


NEGATIVE: Final = frozenset({Operator.IS_NOT, Operator.NOT_IN})
"""Operators that are the exact opposite of another: what is unknown fits them."""


@dataclass(frozen=True, slots=True)
class Term:
    """One comparison. Values are checked and in their plain form."""

    field: str
    operator: Operator
    values: tuple[str, ...]
    column: int = dataclasses.field(default=0, compare=False)
    """Where it begins in what was typed, from 1."""


@dataclass(frozen=True, slots=True)
class Not:
    """True where its node is not."""

    node: Node


@dataclass(frozen=True, slots=True)
class And:
    """True where all nodes are; without nodes: always."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """True where one of the nodes is."""

    nodes: tuple[Node, ...]


Node = Term | Not | And | Or
EVERYTHING: Final = And(())
"""The empty expression."""
KEYWORDS: Final = frozenset({"and", "or", "not", "in"})
WORD: Final = re.compile(r"[^\s()\",=!<>~\\]+")
"""A value that needs no quotes."""


def terms(node: Node) -> Iterator[Term]:
    """Return every comparison, from left to right."""
    if isinstance(node, Term):
        yield node
        return
    for one in (node.node,) if isinstance(node, Not) else node.nodes:
        yield from terms(one)


def write(node: Node) -> str:
    """Return the expression of a node: read again, it is the same node."""
    match node:
        case Term():
            return _term(node)
        case Not():
            return f"not {_inner(node.node)}"
        case And():
            return " and ".join(_inner(one) for one in node.nodes)
        case Or():
            return " or ".join(_inner(one) for one in node.nodes)


def _inner(node: Node) -> str:
    """Write a part; what is joined stands in parentheses."""
    words = write(node)
    return f"({words})" if isinstance(node, And | Or) else words


def _term(term: Term) -> str:
    values = ", ".join(quoted(value) for value in term.values)
    listed = term.operator in {Operator.IN, Operator.NOT_IN}
    return f"{term.field} {term.operator} {f'({values})' if listed else values}"


def quoted(value: str) -> str:
    """Return a value as it must be typed."""
    if WORD.fullmatch(value) and value.casefold() not in KEYWORDS:
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
