# SPDX-License-Identifier: Apache-2.0
"""How pool and worker speak: length-prefixed frames over two pipes, no pickles.

A job is `task, length of the type, of the mark, of the bytes` (1, 2, 1 and 8
bytes, big endian), then the three. An answer is its length in 4 bytes, then JSON
of `MediaFacts`, `Drawn` or `Looked`. An answer of length 0 says that the worker is ready.
"""

from __future__ import annotations

import struct
from enum import IntEnum
from typing import Final, NamedTuple, TypeVar

import msgspec

from vigie.core.item import MediaFacts

JOB: Final = struct.Struct(">BHBQ")
ANSWER: Final = struct.Struct(">I")
READY: Final = ANSWER.pack(0)
FACTS: Final = 0
FACTS_IN_FULL: Final = 1
LOOK: Final = 6
"""Other tasks are the clarities of `Clarity`."""


class Clarity(IntEnum):
    """How clearly a picture is drawn. The numbers go over the pipe."""

    VEILED = 2
    """64 pixels on the long side, grey, blurred."""
    HALF = 3
    """Grey and half blurred: what is going on, not who."""
    GREY = 4
    """Clear, without colours."""
    COLOUR = 5
    """Clear."""


class Drawn(msgspec.Struct, frozen=True, kw_only=True):
    """A picture drawn anew, or why there is none (`problem`, as `facts_of` names them)."""

    data: bytes = b""
    mime: str = ""
    width: int = 0
    height: int = 0
    problem: str = ""


class Looked(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of every frame of a picture, with what image detectors saw."""

    frames: tuple[MediaFacts, ...]


MAX_ANSWER: Final[dict[type, int]] = {MediaFacts: 1 << 16, Drawn: 8 << 20, Looked: 1 << 18}
"""A worker that says more is broken, or no longer ours."""
T = TypeVar("T", MediaFacts, Drawn, Looked)


class JobHead(NamedTuple):
    """The fixed part of a job."""

    task: int
    mime_length: int
    mark_length: int
    data_length: int


def pack_job(data: bytes, mime: str | None, task: int, mark: str = "") -> bytes:
    """Return the head, the type and the mark of a job; the bytes follow unchanged."""
    declared = (mime or "").encode("utf-8", "replace")[:200]
    drawn = mark.encode("utf-8", "replace")[:60]
    return JOB.pack(task, len(declared), len(drawn), len(data)) + declared + drawn


def unpack_head(head: bytes) -> JobHead:
    """Return what the fixed part of a job says."""
    return JobHead(*JOB.unpack(head))


def pack_answer(answer: MediaFacts | Drawn | Looked) -> bytes:
    """Return an answer as it goes over the pipe."""
    body = msgspec.json.encode(answer)
    return ANSWER.pack(len(body)) + body


def unpack_answer(body: bytes, kind: type[T]) -> T:
    """Return the answer; ValueError where the worker no longer speaks the protocol."""
    return msgspec.json.decode(body, type=kind)
