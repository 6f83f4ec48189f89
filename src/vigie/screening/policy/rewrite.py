# SPDX-License-Identifier: Apache-2.0
"""Turns a condition as written into the flat one that the engine compiles.

`score.hate` becomes `score_hate`, `limit.hate` the number itself; comments go.
What the condition reads is noted on the way. Unknown names are refused here,
by the list of known ones, before the engine sees anything.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Final

from vigie.screening.policy.comparisons import Comparison, comparisons_in
from vigie.screening.policy.errors import did_you_mean
from vigie.screening.policy.tokens import Rewriter, Token, tokens_of
from vigie.screening.policy.variables import ITEM, LISTS, NAMESPACES, flat

_MATCHES: Final = [".", "matches", "("]


class NameProblemError(Exception):
    """A name in a condition that means nothing; ``offset`` is where it stands."""

    def __init__(self, message: str, offset: int, fix: str) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset
        self.fix = fix


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A condition ready for the engine, and what it reads."""

    rewriter: Rewriter
    reads: frozenset[str]
    """Flat names of the variables."""
    texts: frozenset[str]
    """Quoted texts in it, by which `matched` and `marks` are asked."""
    patterns: tuple[Token, ...]
    """Quoted regular expressions, each the only argument of a `.matches(...)`."""
    comparisons: tuple[Comparison, ...]
    """Scores that it compares with numbers: what it can tell as reasons."""

    @property
    def text(self) -> str:
        """The flat condition."""
        return self.rewriter.text


@dataclass(slots=True)
class _Walk:
    """The state of one rewriting."""

    words: list[Token]
    limits: dict[str, float]
    labels: tuple[str, ...] | None
    out: Rewriter
    reads: set[str]
    texts: set[str]


def rewrite(expression: str, limits: dict[str, float], labels: tuple[str, ...] | None) -> Rewritten:
    """Return the flat condition; ``labels`` None accepts any label (a first reading)."""
    words = tokens_of(expression)
    walk = _Walk(words, limits, labels, Rewriter(), set(), set())
    at = 0
    while at < len(words):
        at = _step(walk, at)
    return Rewritten(
        rewriter=walk.out,
        reads=frozenset(walk.reads),
        texts=frozenset(walk.texts),
        patterns=_patterns(words),
        comparisons=comparisons_in(words, limits),
    )


def _step(walk: _Walk, at: int) -> int:
    """Copy or replace the word at this place; returns the next place."""
    word = walk.words[at]
    if word.kind == "name" and not _after_dot(walk.words, at):
        return _name(walk, at)
    if word.kind == "string":
        walk.texts.update(_content(word.text))
    blank = word.kind == "space" and word.text.startswith("//")
    walk.out.add(" " if blank else word.text, word.start)
    return at + 1


def _name(walk: _Walk, at: int) -> int:
    word = walk.words[at]
    if word.text in NAMESPACES:
        return _member(walk, at)
    head, found, tail = word.text.partition("_")
    if found and head in NAMESPACES:
        raise NameProblemError(f"unknown name `{word.text}`", word.start, f"write `{head}.{tail}`")
    if word.text in LISTS:
        walk.reads.add(word.text)
    walk.out.add(word.text, word.start)
    return at + 1


def _member(walk: _Walk, at: int) -> int:
    """Replace `namespace.name`."""
    word = walk.words[at]
    dot = _next(walk.words, at)
    tail = _next(walk.words, dot)
    if not (_is(walk.words, dot, ".") and tail < len(walk.words)):
        raise NameProblemError(
            f"`{word.text}` needs a name", word.start, f"write `{word.text}.<name>`"
        )
    name = walk.words[tail]
    _check_known(walk, word, name)
    if word.text == "limit":
        walk.out.add(_number(walk.limits[name.text]), word.start)
    else:
        walk.reads.add(flat(word.text, name.text))
        walk.out.add(flat(word.text, name.text), word.start)
    return tail + 1


def _check_known(walk: _Walk, word: Token, name: Token) -> None:
    known: tuple[str, ...] | None = walk.labels
    if word.text == "limit":
        known = tuple(walk.limits)
    elif word.text == "item":
        known = tuple(ITEM)
    if name.kind != "name" or (known is not None and name.text not in known):
        raise NameProblemError(
            f"unknown variable `{word.text}.{name.text}`",
            word.start,
            did_you_mean(name.text, known or ()),
        )


def _number(value: float) -> str:
    """Write a limit as a CEL number with a decimal point."""
    text = repr(float(value))
    return f"({text})" if value < 0 else text


def _next(words: list[Token], at: int) -> int:
    at += 1
    while at < len(words) and words[at].kind == "space":
        at += 1
    return at


def _is(words: list[Token], at: int, text: str) -> bool:
    return at < len(words) and words[at].text == text


def _after_dot(words: list[Token], at: int) -> bool:
    at -= 1
    while at >= 0 and words[at].kind == "space":
        at -= 1
    return at >= 0 and words[at].text == "."


def _content(literal: str) -> set[str]:
    """Return what a quoted text says; CEL's plain forms are Python's too."""
    try:
        value = ast.literal_eval(literal)
    except (ValueError, SyntaxError, MemoryError):
        return set()
    return {value} if isinstance(value, str) else set()


def _patterns(words: list[Token]) -> tuple[Token, ...]:
    bare = [word for word in words if word.kind != "space"]
    return tuple(
        word
        for at, word in enumerate(bare)
        if word.kind == "string" and [w.text for w in bare[max(at - 3, 0) : at]] == _MATCHES
    )
