# SPDX-License-Identifier: Apache-2.0
"""Server-sent events as they come off the wire: bytes in any pieces, whole events out.

Works on bytes, so a character split between two pieces is never seen half. Line ends
are LF, CR LF or CR. Comments, `id` and `retry` carry nothing that a guard could read:
an event that has them is given out without.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from vigie.core.errors import OutsideError

LARGEST: Final = 1 << 20
"""Bytes of one event; pictures do not come this way."""
_START: Final = b"data: "
_BOM: Final = b"\xef\xbb\xbf"


class Frame(NamedTuple):
    """One event. `raw` is what may be sent on: all of it, in one form, and nothing else."""

    name: str
    data: bytes
    raw: bytes


class Reader:
    """Takes pieces, gives out events. One per stream."""

    __slots__ = ("_begun", "_kept", "_largest", "_slow")

    def __init__(self, largest: int = LARGEST) -> None:
        self._kept = b""
        self._largest = largest
        self._slow = False
        self._begun = False

    def feed(self, piece: bytes) -> list[Frame]:
        """Return the events that are complete now. Raises OutsideError for one too large."""
        if not self._begun and piece:
            self._begun = True
            piece = piece.removeprefix(_BOM)
        if not self._slow and b"\r" in piece:
            self._slow = True
        data = self._kept + piece if self._kept else piece
        if self._slow:
            data = _lined(data)
        *whole, self._kept = data.split(b"\n\n")
        if len(self._kept) > self._largest:
            raise OutsideError("An event of the upstream is too large.", code="upstream_invalid")
        return [frame for one in whole if (frame := _frame(one)) is not None]

    def end(self) -> list[Frame]:
        """Return the event that was not ended, where all of it has arrived.

        The standard drops it; some servers leave out the last empty line.
        """
        rest, self._kept = self._kept, b""
        *whole, last = _lined(rest, end=True).split(b"\n\n")
        found = [frame for one in whole if (frame := _frame(one)) is not None]
        frame = _frame(last.strip(b"\n"))
        return [*found, frame] if frame is not None and _is_whole(frame.data) else found


def _lined(data: bytes, *, end: bool = False) -> bytes:
    """Return the same with LF as line ends; a CR at the very end may be half of one."""
    held = b""
    if data.endswith(b"\r") and not end:
        data, held = data[:-1], b"\r"
    return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n") + held


def _is_whole(data: bytes) -> bool:
    return data == b"[DONE]" or data.endswith(b"}")


def _frame(block: bytes) -> Frame | None:
    """Return the event of a block of lines; None where it has no data."""
    if block.startswith(_START) and b"\n" not in block:
        return Frame("", block[6:], block + b"\n\n")
    return _by_lines(block)


def _by_lines(block: bytes) -> Frame | None:
    name = b""
    data: list[bytes] = []
    for line in block.split(b"\n"):
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"data":
            data.append(value)
        elif field == b"event":
            name = value
    if not data:
        return None
    head = b"event: %b\n" % name if name else b""
    raw = head + b"".join([b"data: %b\n" % one for one in data]) + b"\n"
    return Frame(name.decode("utf-8", "replace"), b"\n".join(data), raw)
