# SPDX-License-Identifier: Apache-2.0
"""The condition engine, and the only module that imports it (CEL in C++).

Three habits of the engine are kept inside this file: a value that failed has a
text as its plain value, whose every character is truthy; half a character
raises; and a score does not compare with a whole number. Language: the Common
Expression Language definition.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from cel_expr_python import cel

from vigie.screening.policy.variables import Kind

_T: Final = cel.Type
_TYPES: Final = {
    Kind.DOUBLE: _T.DOUBLE,
    Kind.INT: _T.INT,
    Kind.STRING: _T.STRING,
    Kind.STRINGS: _T.List(_T.STRING),
}
_NUMBERS: Final = ((_T.DOUBLE, "double"), (_T.INT, "int64"), (_T.UINT, "uint64"))
_ORDERED: Final = (
    (_T.BOOL, "bool"),
    (_T.STRING, "string"),
    (_T.BYTES, "bytes"),
    (_T.DURATION, "duration"),
    (_T.TIMESTAMP, "timestamp"),
)
_EQUAL: Final = (
    *_ORDERED,
    (_T.NULL, "null"),
    (_T.List(_T.STRING), "strings"),
    (_T.List(_T.INT), "ints"),
    (_T.List(_T.DOUBLE), "doubles"),
)
_OPERATORS: Final = {
    "_>_": ("greater", _ORDERED),
    "_>=_": ("greater_equals", _ORDERED),
    "_<_": ("less", _ORDERED),
    "_<=_": ("less_equals", _ORDERED),
    "_==_": ("equals", _EQUAL),
    "_!=_": ("not_equals", _EQUAL),
}
_LONGEST: Final = 90_000
"""The engine compiles at most 100,000 code points."""
_OVERLOAD: Final = re.compile(
    r"found no matching overload for '_?@?(\S+?)_?' applied to '\((.*)\)'"
)
_UNDECLARED: Final = re.compile(r"undeclared reference to '([^']*)'.*")
_PROBLEM: Final = re.compile(r"ERROR: <input>:(\d+):(\d+): (.*)")


class ConditionError(Exception):
    """The engine refuses a condition; ``offset`` is a place in what it was given."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset


def _declarations() -> list[Any]:
    """Declare comparisons anew, so that `score.x > 1` is a comparison of numbers.

    The evaluator has always compared across kinds of number; only the checker
    forbids it. Nothing else is loosened: text still does not compare with one.
    """
    declared = []
    for operator, (name, kinds) in _OPERATORS.items():
        mixed = [
            cel.Overload(f"{name}_{a}" if a == b else f"{name}_{a}_{b}", _T.BOOL, [ta, tb], False)
            for ta, a in _NUMBERS
            for tb, b in _NUMBERS
        ]
        same = [cel.Overload(f"{name}_{n}", _T.BOOL, [t, t], False) for t, n in kinds]
        declared.append(cel.FunctionDecl(operator, mixed + same))
    return declared


_CONFIG: Final = cel.NewEnvConfigFromYaml(
    "stdlib:\n  exclude_functions:\n" + "".join(f'    - name: "{name}"\n' for name in _OPERATORS)
)
_DECLARATIONS: Final = _declarations()


class Environment:
    """The variables that conditions may read, with their types."""

    def __init__(self, variables: Mapping[str, Kind]) -> None:
        self._env = cel.NewEnv(
            config=_CONFIG,
            functions=_DECLARATIONS,
            variables={name: _TYPES[kind] for name, kind in variables.items()},
        )

    def condition(self, text: str) -> Condition:
        """Compile one condition; raises `ConditionError` where it is none."""
        try:
            compiled = self._env.compile(text)
        except (RuntimeError, TypeError) as error:
            raise _problem(text, str(error)) from error
        if compiled.return_type() != _T.BOOL:
            raise ConditionError("a condition must be true or false", 0)
        return Condition(compiled)

    def accepts_pattern(self, literal: str) -> bool:
        """Say whether a quoted regular expression (RE2) can be used."""
        try:
            Condition(self._env.compile(f"''.matches({literal})")).evaluate({})
        except (ConditionError, RuntimeError):
            return False
        return True

    def together(self, texts: Iterable[str]) -> Together:
        """Compile conditions, each already accepted, into as few list expressions as fit."""
        return Together(
            [
                (self._env.compile(f"[{','.join(chunk)}]"), len(chunk))
                for chunk in _chunks([f"({text})" for text in texts])
            ]
        )


class Condition:
    """One compiled condition."""

    def __init__(self, compiled: Any) -> None:
        self._compiled = compiled

    def evaluate(self, values: Mapping[str, Any]) -> bool:
        """Return true or false; raises `ConditionError` where there is no answer."""
        try:
            answer = self._compiled.eval(data=values).plain_value()
        except (RuntimeError, TypeError, ValueError, OverflowError) as error:
            raise ConditionError("the engine refuses a value", 0) from error
        if answer is True or answer is False:
            return answer
        raise ConditionError(_without_detail(answer), 0)


class Together:
    """Several conditions evaluated in one crossing to the engine."""

    def __init__(self, chunks: list[tuple[Any, int]]) -> None:
        self._chunks = chunks

    def evaluate(self, values: Mapping[str, Any]) -> list[bool] | None:
        """Return one boolean for each, or None where any has no answer."""
        if len(self._chunks) == 1:
            return _answers(*self._chunks[0], values)
        together: list[bool] = []
        for compiled, count in self._chunks:
            answers = _answers(compiled, count, values)
            if answers is None:
                return None
            together += answers
        return together


def _answers(compiled: Any, count: int, values: Mapping[str, Any]) -> list[bool] | None:
    """Evaluate one list; anything but a list of so many booleans is no answer."""
    try:
        answers = compiled.eval(data=values).plain_value()
    except (RuntimeError, TypeError, ValueError, OverflowError):
        return None
    if type(answers) is not list or len(answers) != count:
        return None
    return answers if all(answer is True or answer is False for answer in answers) else None


def _chunks(texts: list[str]) -> list[list[str]]:
    """Split so that no list exceeds what the engine compiles at once."""
    chunks: list[list[str]] = [[]]
    size = 0
    for text in texts:
        if chunks[-1] and size + len(text) + 1 > _LONGEST:
            chunks.append([])
            size = 0
        chunks[-1].append(text)
        size += len(text) + 1
    return chunks


def _without_detail(answer: object) -> str:
    """Name the kind of a run-time error without repeating any value."""
    text = answer if isinstance(answer, str) else ""
    for sign, words in (
        ("divide by zero", "division by zero"),
        ("modulus by zero", "division by zero"),
        ("overflow", "a number is too large"),
        ("Index error", "an index is outside the list"),
        ("index out of", "an index is outside the list"),
    ):
        if sign in text:
            return words
    return "the condition has no answer"


def _problem(text: str, report: str) -> ConditionError:
    """Read the engine's report: line and column become an offset."""
    found = _PROBLEM.search(report)
    if found is None:
        return ConditionError("the engine cannot read the condition", 0)
    line, column = int(found[1]), int(found[2])
    message = _in_words(found[3].removesuffix(" [INVALID_ARGUMENT]"))
    before = text.split("\n")[: line - 1]
    offset = sum(len(part) + 1 for part in before) + column - 1
    return ConditionError(message, min(offset, len(text)))


def _in_words(message: str) -> str:
    message = _OVERLOAD.sub(r"`\1` cannot take (\2)", message)
    return _UNDECLARED.sub(r"unknown name `\1`", message)
