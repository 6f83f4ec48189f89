# SPDX-License-Identifier: Apache-2.0
"""Forms with files (RFC 7578), read and written in memory: no picture is put into a file.

Strict: what two readers could understand differently is refused, since the upstream
would read what nobody judged. Names of files are text of strangers and are not kept.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from vigie.core.errors import InvalidInputError

MAX_PARTS: Final = 64
MAX_HEAD: Final = 2_048
_TYPE: Final = re.compile(
    r"multipart/form-data;\s*boundary=(?:\"([^\"]{1,70})\"|([0-9A-Za-z'()+_,./:=?-]{1,70}))\s*",
    re.IGNORECASE,
)
_NAME: Final = re.compile(r'form-data;\s*name="([A-Za-z0-9_\[\]]{1,64})"', re.IGNORECASE)
_FILE: Final = re.compile(r";\s*filename\*?=", re.IGNORECASE)
_HEADERS: Final = frozenset({"content-disposition", "content-type", "content-length"})


class Part(NamedTuple):
    """One field of a form."""

    name: str
    data: bytes
    is_file: bool = False
    mime: str = ""

    @property
    def text(self) -> str:
        """The value of a field of text. Raises InvalidInputError where it is none."""
        try:
            return self.data.decode()
        except UnicodeDecodeError:
            raise _wrong(f"{self.name} is no text in UTF-8.", self.name) from None


def parse(body: bytes, content_type: str) -> list[Part]:
    """Return the fields of a form in order. Raises InvalidInputError (400)."""
    found = _TYPE.fullmatch(content_type.strip())
    if found is None:
        raise _wrong("The body is no form with files.", "Content-Type")
    mark = b"--" + (found[1] or found[2]).encode("latin-1")
    if not body.startswith(mark + b"\r\n"):
        raise _wrong("The form does not begin with its boundary.")
    pieces = (b"\r\n" + body).split(b"\r\n" + mark)[1:]
    if pieces[-1].rstrip(b"\r\n") != b"--":
        raise _wrong("The form has no end.")
    if len(pieces) - 1 > MAX_PARTS:
        raise _wrong(f"The form has more than {MAX_PARTS} fields.")
    return [_part(piece) for piece in pieces[:-1]]


def _part(piece: bytes) -> Part:
    head, gap, data = piece.partition(b"\r\n\r\n")
    if not gap or not head.startswith(b"\r\n") or len(head) > MAX_HEAD:
        raise _wrong("A field of the form has no head.")
    headers = dict(_headers(head))
    disposition = headers.get("content-disposition", "")
    name = _NAME.match(disposition)
    if name is None:
        raise _wrong("A field of the form has no plain name.")
    is_file = _FILE.search(disposition, name.end()) is not None
    return Part(name[1], data, is_file, headers.get("content-type", "").lower())


def _headers(head: bytes) -> Iterator[tuple[str, str]]:
    for line in head.decode("latin-1").split("\r\n")[1:]:
        name, _, value = line.partition(":")
        if name.strip().lower() not in _HEADERS:
            raise _wrong("A field of the form has a head that is not known.")
        yield name.strip().lower(), value.strip()


def write(parts: Iterable[Part]) -> tuple[bytes, str]:
    """Return a form and its content type; files are named after their fields and kinds."""
    parts = list(parts)
    boundary = secrets.token_hex(16)
    out: list[bytes] = []
    for number, part in enumerate(parts):
        head = f'Content-Disposition: form-data; name="{part.name}"'
        if part.is_file:
            ending = part.mime.rpartition("/")[2]
            head += f'; filename="file-{number + 1}.{ending}"\r\nContent-Type: {part.mime}'
        out += [f"--{boundary}\r\n{head}\r\n\r\n".encode(), part.data, b"\r\n"]
    out.append(f"--{boundary}--\r\n".encode())
    return b"".join(out), f"multipart/form-data; boundary={boundary}"


def _wrong(message: str, field: str | None = None) -> InvalidInputError:
    return InvalidInputError(
        message,
        code="invalid_form",
        field=field,
        fix="Send multipart/form-data as RFC 7578 has it.",
        http_status=400,
    )
