# SPDX-License-Identifier: Apache-2.0
"""Reads YAML as nodes that know their place, strictly and within limits.

No tags, anchors or aliases (a few lines could unfold to gigabytes), no key
twice, no lone surrogates, at most 200,000 characters and 20 levels.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Final

import yaml

from vigie.screening.policy.errors import PolicyError, did_you_mean

MAX_CHARACTERS: Final = 200_000
MAX_DEPTH: Final = 20
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Node:
    """One YAML node with the path that leads to it."""

    raw: yaml.Node
    path: str
    source: str

    @property
    def line(self) -> int:
        """Line in the file, from 1."""
        return int(self.raw.start_mark.line) + 1

    @property
    def column(self) -> int:
        """Column in code points, from 1."""
        return int(self.raw.start_mark.column) + 1

    def error(self, message: str, fix: str | None = None) -> PolicyError:
        """Return an error that points here."""
        return PolicyError(
            message,
            source=self.source,
            line=self.line,
            column=self.column,
            field=self.path or None,
            fix=fix,
        )

    def mapping(
        self, known: tuple[str, ...] | None = None, required: tuple[str, ...] = ()
    ) -> dict[str, Node]:
        """Return the entries of a mapping; refuses unknown, double and missing names."""
        if not isinstance(self.raw, yaml.MappingNode):
            raise self.error("this must be a mapping", "write `name: value` lines")
        entries: dict[str, Node] = {}
        for key_node, value_node in self.raw.value:
            key = Node(key_node, self.path, self.source)
            name = key.text()
            path = f"{self.path}.{name}" if self.path else name
            if name in entries:
                raise key.error(f"`{path}` stands twice", "keep one of them")
            if known is not None and name not in known:
                raise key.error(f"unknown field `{path}`", did_you_mean(name, known))
            entries[name] = Node(value_node, path, self.source)
        for name in required:
            if name not in entries:
                raise self.error(f"`{name}` is missing", f"add `{name}:`")
        return entries

    def sequence(self) -> list[Node]:
        """Return the elements of a list."""
        if not isinstance(self.raw, yaml.SequenceNode):
            raise self.error("this must be a list", "write `[a, b]` or lines with `- `")
        return [
            Node(node, f"{self.path}[{number}]", self.source)
            for number, node in enumerate(self.raw.value)
        ]

    def text(self, longest: int = 4000) -> str:
        """Return a text, without lone surrogates and not empty."""
        tag = self._scalar()
        if tag != "str":
            raise self.error(f"this must be a text, not {tag}", f'write "{self.raw.value}"')
        text = str(self.raw.value)
        if _SURROGATE.search(text):
            raise self.error("the text holds half a character (a lone surrogate)", "remove it")
        if not text.strip() or len(text) > longest:
            raise self.error(f"the text must have 1 to {longest} characters")
        return text

    def number(self) -> float:
        """Return a finite number."""
        value = self.plain()
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.error("this must be a number")
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            raise self.error("this must be a finite number")
        return number

    def integer(self, least: int, most: int) -> int:
        """Return a whole number within bounds."""
        value = self.plain()
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise self.error(f"this must be a whole number from {least} to {most}")
        return value

    def choice(self, known: tuple[str, ...]) -> str:
        """Return one of the known words."""
        word = self.text()
        if word not in known:
            raise self.error(f"`{word}` is not possible here", did_you_mean(word, known))
        return word

    def texts(self) -> tuple[str, ...]:
        """Return a list of texts."""
        return tuple(node.text() for node in self.sequence())

    def plain(self) -> bool | int | float | str | None:
        """Return a scalar as YAML reads it."""
        tag = self._scalar()
        if tag == "str":
            return self.text()
        try:
            value = yaml.safe_load(str(self.raw.value))
        except (yaml.YAMLError, ValueError) as error:
            raise self.error("this value cannot be read") from error
        if value is not None and not isinstance(value, bool | int | float):
            raise self.error(f"{tag} is not possible here", f'write "{self.raw.value}"')
        return value

    def _scalar(self) -> str:
        if not isinstance(self.raw, yaml.ScalarNode):
            raise self.error("this must be a single value")
        return str(self.raw.tag).rpartition(":")[2]


def read(text: str, source: str) -> Node:
    """Return the one document of a YAML text; raises `PolicyError`."""
    if len(text) > MAX_CHARACTERS:
        raise PolicyError(f"longer than {MAX_CHARACTERS} characters", source=source)
    try:
        _check_events(text, source)
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise PolicyError(
            f"not readable as YAML: {error.problem}",
            source=source,
            line=mark.line + 1 if mark else 1,
            column=mark.column + 1 if mark else 1,
        ) from error
    except yaml.YAMLError as error:
        raise PolicyError("not readable as YAML: a character is not allowed", source=source) from (
            error
        )
    if root is None:
        raise PolicyError("the document is empty", source=source)
    return Node(root, "", source)


def _check_events(text: str, source: str) -> None:
    """Refuse anchors, aliases, tags and depth before anything is built from them."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise _at(event, source, f"more than {MAX_DEPTH} levels deep")
        if getattr(event, "anchor", None) is not None:
            raise _at(event, source, "anchors and aliases are not allowed", "write it out")
        if getattr(event, "tag", None) is not None:
            raise _at(event, source, "tags are not allowed", "remove the `!`")


def _at(event: yaml.Event, source: str, message: str, fix: str | None = None) -> PolicyError:
    mark = event.start_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    return PolicyError(message, source=source, line=line, column=column, fix=fix)
