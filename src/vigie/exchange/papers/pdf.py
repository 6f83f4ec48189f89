# SPDX-License-Identifier: Apache-2.0
"""Orders as PDF: text, filled fields and attachments; nothing is drawn and nothing runs.

Running text becomes no value: a page can say anything anywhere. Filled form fields
and enclosed XML or JSON do, under their own names.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Callable, Iterator
from typing import Any, Final

from pypdf import PdfReader
from pypdf.errors import LimitReachedError, PdfReadError, PyPdfError
from pypdf.generic import BooleanObject, NameObject

from vigie.exchange.papers.found import MAX_LINKS, MAX_TEXT, Found, Problem, UnreadableError

MAX_PAGES: Final = 300
MAX_ATTACHMENTS: Final = 10
MAX_ATTACHMENT: Final = 5_000_000
_LINK: Final = re.compile(r"\bhttps?://[^\s<>\"'()\[\]{}]{4,2000}", re.IGNORECASE)
_OFF: Final = {"", "Off", "No", "Non", "Nein"}

Enclosed = Callable[[bytes, int], Found]


def read(data: bytes, enclosed: Enclosed, depth: int = 0) -> Found:
    """Read a document. Raises UnreadableError: broken, encrypted, or with too many pages."""
    try:
        return _read(PdfReader(io.BytesIO(data), strict=False), enclosed, depth)
    except LimitReachedError as problem:
        raise UnreadableError(Problem.TOO_LARGE) from problem
    except (PyPdfError, zlib.error, ValueError, KeyError, TypeError, AttributeError) as problem:
        raise UnreadableError(Problem.MALFORMED) from problem
    except (RecursionError, IndexError, AssertionError, NotImplementedError) as problem:
        raise UnreadableError(Problem.MALFORMED) from problem


def _read(reader: PdfReader, enclosed: Enclosed, depth: int) -> Found:
    if reader.is_encrypted and not reader.decrypt(""):
        raise UnreadableError(Problem.ENCRYPTED)
    if len(reader.pages) > MAX_PAGES:
        raise UnreadableError(Problem.TOO_MANY_PAGES)
    found = Found(kind="pdf")
    _fields(reader, found)
    _text(reader, found)
    for inner in _attachments(reader):
        try:
            found.take(enclosed(inner, depth + 1))
        except UnreadableError:
            # What is attached may be anything; the document itself was read.
            continue
    return found


def _fields(reader: PdfReader, found: Found) -> None:
    """Read filled form fields under their last name: `section.reference` is `reference`."""
    for name, field in (reader.get_fields() or {}).items():
        value = _plain(field.get("/V"))
        if value is not None:
            found.values[str(name).rpartition(".")[2]] = value


def _plain(value: Any) -> str | bool | list[str] | None:
    if isinstance(value, BooleanObject):
        return bool(value)
    if isinstance(value, NameObject):
        # A ticked box names the state of its picture.
        return str(value).lstrip("/") not in _OFF
    if isinstance(value, list):
        return [str(one) for one in value]
    text = str(value).strip() if value is not None else ""
    return text or None


def _text(reader: PdfReader, found: Found) -> None:
    parts: list[str] = []
    left = MAX_TEXT
    for page in reader.pages:
        try:
            text = page.extract_text()
        except (PdfReadError, KeyError, TypeError, AttributeError, IndexError):
            found.problem = Problem.MALFORMED
            continue
        parts.append(text[:left])
        left -= len(text)
        if left < 0:
            found.problem = Problem.TOO_MUCH
            break
    found.text = "\n".join(parts)[:MAX_TEXT]
    links = (one.group().rstrip(".,;:!?") for one in _LINK.finditer(found.text))
    found.links = list(dict.fromkeys(links))[:MAX_LINKS]


def _attachments(reader: PdfReader) -> Iterator[bytes]:
    count = 0
    for contents in reader.attachments.values():
        for data in contents:
            count += 1
            if count > MAX_ATTACHMENTS:
                return
            if len(data) <= MAX_ATTACHMENT:
                yield data
