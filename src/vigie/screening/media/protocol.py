# SPDX-License-Identifier: Apache-2.0
"""How pool and worker speak: length-prefixed frames over two pipes, no pickles.

A job is `full, length of the type, length of the bytes` (1, 2 and 8 bytes, big
endian), then the type and the bytes. An answer is its length in 4 bytes, then
JSON of `MediaFacts`. An answer of length 0 says that the worker is ready.
"""

from __future__ import annotations

import struct
from typing import Final, NamedTuple

import msgspec

from vigie.core.item import MediaFacts

JOB: Final = struct.Struct(">BHQ")
ANSWER: Final = struct.Struct(">I")
READY: Final = ANSWER.pack(0)
MAX_ANSWER: Final = 1 << 16
"""A worker that says more is broken, or no longer ours."""
_decoder: Final = msgspec.json.Decoder(MediaFacts)


class JobHead(NamedTuple):
    """The fixed part of a job."""

    full: bool
    mime_length: int
    data_length: int


def pack_job(data: bytes, mime: str | None, *, full: bool) -> bytes:
    """Return the head and the type of a job; the bytes follow it unchanged."""
    declared = (mime or "").encode("utf-8", "replace")[:200]
    return JOB.pack(full, len(declared), len(data)) + declared


def unpack_head(head: bytes) -> JobHead:
    """Return what the fixed part of a job says."""
    full, mime_length, data_length = JOB.unpack(head)
    return JobHead(bool(full), mime_length, data_length)


def pack_answer(facts: MediaFacts) -> bytes:
    """Return an answer as it goes over the pipe."""
    body = msgspec.json.encode(facts)
    return ANSWER.pack(len(body)) + body


def unpack_answer(body: bytes) -> MediaFacts:
    """Return the facts; ValueError where the worker no longer speaks the protocol."""
    return _decoder.decode(body)
