# SPDX-License-Identifier: Apache-2.0
"""What may be asked of the vault process: three questions, small and typed.

One connection, one question, one answer. A frame is a big-endian 32-bit length
and msgpack; behind `Opened` follow its bytes. There is no question for a list,
for a key or for more than one record.
"""

from __future__ import annotations

import socket
import struct
from typing import Final, TypeVar

import msgspec

from vigie.core.errors import UnavailableError

MAX_FRAME: Final = 16_384
MAX_PATH: Final = 100
"""Paths of Unix sockets end at some hundred bytes (sockaddr_un)."""
_LENGTH: Final = struct.Struct(">I")


class Open(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag=True):
    """Open the record of a leave; `identities` of two officers in lane `child` alone."""

    grant: int
    identities: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Show no secret."""
        return f"Open(grant={self.grant})"


class Prepare(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag=True):
    """Take the key of a record of lane `child` in memory, for one report, until the leave ends."""

    grant: int
    identities: tuple[str, ...]

    def __repr__(self) -> str:
        """Show no secret."""
        return f"Prepare(grant={self.grant})"


class State(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag=True):
    """Which epochs can be opened now?"""


class Opened(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag=True):
    """The bytes follow."""

    size: int


class Prepared(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag=True):
    """It can be opened once, until then."""

    until: int


class Stands(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag=True):
    """How the process stands."""

    epochs: tuple[int, ...]
    """Whose identity it can read."""
    prepared: int


class Refused(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag=True):
    """Nothing was opened, and why."""

    code: str
    text: str


Question = Open | Prepare | State
Answer = Opened | Prepared | Stands | Refused
_T = TypeVar("_T")
_encoder: Final = msgspec.msgpack.Encoder()
_question: Final[msgspec.msgpack.Decoder[Question]] = msgspec.msgpack.Decoder(Question)
_answer: Final[msgspec.msgpack.Decoder[Answer]] = msgspec.msgpack.Decoder(Answer)


def write_frame(sock: socket.socket, message: Question | Answer) -> None:
    """Send a message. Raises ValueError where it is too long for the protocol."""
    body = _encoder.encode(message)
    if len(body) > MAX_FRAME:
        raise ValueError("too long for a frame")
    sock.sendall(_LENGTH.pack(len(body)) + body)


def read_question(sock: socket.socket) -> Question:
    """Read a question. Raises UnavailableError `vault_protocol` for anything else."""
    return _read(sock, _question)


def read_answer(sock: socket.socket) -> Answer:
    """Read an answer. Raises UnavailableError `vault_protocol` for anything else."""
    return _read(sock, _answer)


def read_bytes(sock: socket.socket, size: int) -> bytes:
    """Read exactly so many bytes. Raises UnavailableError where the other side goes before."""
    held = bytearray(size)
    view, have = memoryview(held), 0
    while have < size:
        got = sock.recv_into(view[have:])
        if not got:
            raise _broken()
        have += got
    return bytes(held)


def _read(sock: socket.socket, decoder: msgspec.msgpack.Decoder[_T]) -> _T:
    (length,) = _LENGTH.unpack(read_bytes(sock, _LENGTH.size))
    if length > MAX_FRAME:
        raise _broken()
    try:
        return decoder.decode(read_bytes(sock, length))
    except msgspec.MsgspecError:
        raise _broken() from None


def _broken() -> UnavailableError:
    return UnavailableError(
        "The vault process does not answer as it should.", code="vault_protocol"
    )
