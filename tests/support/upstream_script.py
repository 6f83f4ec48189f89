# SPDX-License-Identifier: Apache-2.0
"""What the local upstream is told to say, and how it is to misbehave while saying it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

Event = tuple[str, dict[str, Any]]
"""Name (empty: none) and content of one event of a stream."""


@dataclass(frozen=True)
class Tool:
    """A tool call; the arguments come in these fragments, which may hold JSON escapes."""

    name: str
    fragments: tuple[str, ...]

    @property
    def arguments(self) -> str:
        """The arguments in one piece."""
        return "".join(self.fragments)


@dataclass(frozen=True)
class Says:
    """One choice: each field is a list of fragments of one channel."""

    text: tuple[str, ...] = ()
    reasoning: tuple[str, ...] = ()
    refusal: tuple[str, ...] = ()
    tools: tuple[Tool, ...] = ()
    function: Tool | None = None
    """The older `function_call` of chat."""
    finish: str = ""
    """Reason for the end; empty: the usual one."""
    delta: Mapping[str, Any] = field(default_factory=dict)
    """Fields that one more chunk of chat carries, such as `audio`."""


@dataclass(frozen=True)
class Script:
    """An answer. Fewer choices than asked for: the last is repeated."""

    says: tuple[Says, ...] = (Says(text=("Good ", "morning", ".")),)
    logprobs: bool = False
    usage: bool = True
    """A chunk with `usage` and without choices at the end of a stream of chat."""
    snapshot: str | None = None
    """What the snapshots (`*.done`, `response.completed`) say in place of the text."""
    events: tuple[Event, ...] | None = None
    """These events in place of the ones that the answer would have."""
    more: tuple[Event, ...] = ()
    """Events before the last one."""
    pictures: tuple[bytes, ...] | None = None
    urls: tuple[str, ...] = ()
    """Addresses of pictures in place of its own."""
    revised: str = ""
    """`revised_prompt` of each picture."""

    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    content_type: str = ""
    raw: bytes | None = None
    """The body in place of any other."""
    pad: int = 0
    """Characters of harmless text before the rest of the answer."""
    wait: float = 0
    """Seconds before the headers."""
    gap: float = 0
    """Seconds between two events."""
    stalls: Mapping[int, float] = field(default_factory=dict)
    """Seconds before the event of this number."""
    piece: int = 0
    """At most so many bytes at a time; 1 splits every character and every frame."""
    newline: str = "\n"
    comments: bool = False
    multiline: bool = False
    """The JSON of an event over several `data:` lines."""
    ascii: bool = False
    """Everything outside ASCII as a JSON escape."""
    done: bool = True
    """`data: [DONE]` where the dialect has it."""
    cut_after: int | None = None
    """Reset the connection after so many events."""
    close_after: int | None = None
    """End the body in good order after so many events."""
    endless: bool = False
    """Repeat the text until the other side goes away."""

    def but(self, **changed: Any) -> Script:
        """Return the same with other values."""
        return replace(self, **changed)

    def choice(self, number: int) -> Says:
        """Return what a choice says."""
        return self.says[min(number, len(self.says) - 1)]


def say(*fragments: str, **more: Any) -> Script:
    """Return the script that says this text, one fragment a chunk."""
    return Script(says=(Says(text=fragments),), **more)


def call(name: str, *fragments: str, **more: Any) -> Script:
    """Return the script that calls one tool."""
    return Script(says=(Says(tools=(Tool(name, fragments),)),), **more)


def letters(text: str, length: int = 1, **more: Any) -> Script:
    """Return the script that says a text in chunks of this many characters."""
    return say(*pieces(text, length), **more)


def pieces(text: str, length: int) -> tuple[str, ...]:
    """Cut a text into fragments of a length."""
    return tuple(text[at : at + length] for at in range(0, len(text), length))


def fail(status: int, message: str = "The upstream says no.", **more: Any) -> Script:
    """Return the script that answers with an error."""
    return Script(status=status, raw=_error(message), content_type="application/json", **more)


def _error(message: str) -> bytes:
    return b'{"error": {"message": "%s", "type": "server_error", "code": null}}' % message.encode()


def joined(fragments: Sequence[str]) -> str:
    """Return fragments in one piece."""
    return "".join(fragments)
