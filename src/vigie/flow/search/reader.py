# SPDX-License-Identifier: Apache-2.0
"""Reads an expression. Whatever is typed gives a node or a `SearchError`, nothing else.

expression = both {"or" both}
both       = one {"and" one}
one        = "not" one | "(" expression ")" | term
term       = field operator value | field ["not"] "in" "(" value {"," value} ")"
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, NamedTuple

from django.utils.translation import gettext as _

from vigie.flow.search.errors import SearchError, nearest
from vigie.flow.search.fields import NAMES, find
from vigie.flow.search.kinds import Field
from vigie.flow.search.nodes import EVERYTHING, KEYWORDS, And, Node, Not, Operator, Or, Term
from vigie.flow.search.values import plain

LONGEST: Final = 2_000
DEEPEST: Final = 20
MOST_TERMS: Final = 50
MOST_VALUES: Final = 100
_TOKEN: Final = re.compile(
    r"""(?P<space>\s+)
      | "(?P<text>(?:[^"\\]|\\["\\])*)"
      | (?P<sign>!=|<=|>=|[=<>~(),])
      | (?P<word>[^\s()",=!<>~\\]+)""",
    re.VERBOSE,
)
_ESCAPED: Final = re.compile(r'\\(["\\])')
_SIGNS: Final = {str(one): one for one in Operator if not one.isalpha() and " " not in one}


class _Token(NamedTuple):
    kind: str
    """`word`, `text`, `sign`, a keyword, or `end`."""
    text: str
    column: int


def parse(text: str) -> Node:
    """Read an expression; the empty one is everything.

    Raises SearchError (an InvalidInputError), which names the column: at most
    2,000 characters, 20 parentheses deep, 50 comparisons, 100 values.
    """
    if len(text) > LONGEST:
        words = _("an expression has at most %(count)s characters") % {"count": LONGEST}
        raise SearchError(words, LONGEST + 1)
    tokens = _tokens(text)
    if len(tokens) == 1:
        return EVERYTHING
    return _Reader(tokens).whole()


def _tokens(text: str) -> list[_Token]:
    found, at = [], 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise _unread(text, at)
        kind = match.lastgroup or "space"
        if kind != "space":
            words = match[kind]
            if kind == "text":
                words = _ESCAPED.sub(r"\1", words)
            elif kind == "word" and words.casefold() in KEYWORDS:
                kind = words = words.casefold()
            found.append(_Token(kind, words, at + 1))
        at = match.end()
    return [*found, _Token("end", "", len(text) + 1)]


def _unread(text: str, at: int) -> SearchError:
    if text[at] == '"':
        return SearchError(
            _("the quotation is not closed"), at + 1, fix=_('Inside quotes write \\" and \\\\.')
        )
    return SearchError(_("this sign is not understood here"), at + 1)


class _Reader:
    """Goes over the words once, from left to right."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0
        self._terms = 0
        self._values = 0

    @property
    def _next(self) -> _Token:
        return self._tokens[self._at]

    def _take(self, kind: str, text: str | None = None) -> _Token | None:
        token = self._next
        if token.kind != kind or (text is not None and token.text != text):
            return None
        self._at += 1
        return token

    def whole(self) -> Node:
        node = self._either()
        left = self._next
        if left.kind != "end":
            message = (
                _("there is no parenthesis to close")
                if left.text == ")"
                else _("and, or or the end is expected here")
            )
            raise SearchError(message, left.column)
        return node

    def _either(self) -> Node:
        nodes = [self._both()]
        while self._take("or"):
            nodes.append(self._both())
        return nodes[0] if len(nodes) == 1 else Or(tuple(nodes))

    def _both(self) -> Node:
        nodes = [self._one()]
        while self._take("and"):
            nodes.append(self._one())
        return nodes[0] if len(nodes) == 1 else And(tuple(nodes))

    def _one(self) -> Node:
        if self._take("not"):
            return self._deeper(self._negated)
        if self._take("sign", "("):
            return self._deeper(self._parenthesis)
        return self._term()

    def _deeper(self, read: Callable[[], Node]) -> Node:
        self._depth += 1
        if self._depth > DEEPEST:
            words = _("at most %(count)s levels of parentheses and not") % {"count": DEEPEST}
            raise SearchError(words, self._next.column)
        node = read()
        self._depth -= 1
        return node

    def _negated(self) -> Node:
        return Not(self._one())

    def _parenthesis(self) -> Node:
        node = self._either()
        if not self._take("sign", ")"):
            raise SearchError(_("a parenthesis is not closed"), self._next.column)
        return node

    def _term(self) -> Term:
        name = self._take("word")
        if name is None:
            raise SearchError(_("a field is expected here"), self._next.column)
        self._terms += 1
        if self._terms > MOST_TERMS:
            words = _("at most %(count)s comparisons") % {"count": MOST_TERMS}
            raise SearchError(words, name.column)
        field = _field(name)
        operator = self._operator(field)
        listed = operator in {Operator.IN, Operator.NOT_IN}
        values = self._list(field) if listed else (self._value(field),)
        return Term(name.text.lower(), operator, values, name.column)

    def _operator(self, field: Field) -> Operator:
        token = self._next
        if token.kind == "sign" and token.text in _SIGNS:
            self._at += 1
            operator = _SIGNS[token.text]
        elif self._take("in"):
            operator = Operator.IN
        elif self._take("not"):
            operator = self._not_in()
        else:
            raise SearchError(_("an operator is expected here"), token.column, fix=_fix(field))
        if operator not in field.operators:
            words = _("%(field)s cannot be asked with %(operator)s") % {
                "field": field.name,
                "operator": operator,
            }
            raise SearchError(words, token.column, fix=_fix(field))
        return operator

    def _not_in(self) -> Operator:
        if not self._take("in"):
            raise SearchError(_("after not, in is expected here"), self._next.column)
        return Operator.NOT_IN

    def _list(self, field: Field) -> tuple[str, ...]:
        if not self._take("sign", "("):
            raise SearchError(_("a list in parentheses is expected here"), self._next.column)
        values = [self._value(field)]
        while self._take("sign", ","):
            values.append(self._value(field))
        if not self._take("sign", ")"):
            raise SearchError(_("the list is not closed"), self._next.column)
        return tuple(values)

    def _value(self, field: Field) -> str:
        token = self._take("word") or self._take("text")
        if token is None:
            fix = _("Put it in quotes.") if self._next.kind in KEYWORDS else None
            raise SearchError(_("a value is expected here"), self._next.column, fix=fix)
        self._values += 1
        if self._values > MOST_VALUES:
            raise SearchError(_("at most %(count)s values") % {"count": MOST_VALUES}, token.column)
        return plain(field, token.text, token.column)


def _field(name: _Token) -> Field:
    field = find(name.text.lower())
    if field is not None:
        return field
    if name.text.lower() in {"text", "words", "item.text"}:
        raise SearchError(
            _("words of items cannot be searched"),
            name.column,
            fix=_("They are kept only as long as needed and stand in no index."),
        )
    raise SearchError(
        _("unknown field %(name)s") % {"name": name.text},
        name.column,
        fix=nearest(name.text.lower(), NAMES) or _("The help beside lists all fields."),
    )


def _fix(field: Field) -> str:
    """Say how the field is asked."""
    return _("For example: %(example)s") % {"example": field.example}
