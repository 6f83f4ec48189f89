# SPDX-License-Identifier: Apache-2.0
"""One reader process: reads one document from its input, writes what it found, ends.

Run as `python -m vigie.exchange.papers.worker MEGABYTES SECONDS`. It bounds itself
before the first byte: memory, processor time, no file grows, none is opened, no core
is dumped. Whatever a document does to it, it takes nothing with it.
"""

from __future__ import annotations

import io
import json
import logging
import resource
import sys
from typing import Any, Final

import msgspec
from pypdf import PdfReader, PdfWriter

from vigie.exchange.papers import pdf, xml
from vigie.exchange.papers.found import Found, Problem, UnreadableError

MAX_DEPTH: Final = 2
_OPEN_FILES: Final = 3


def read(data: bytes, depth: int = 0) -> Found:
    """Read a document by its first bytes. Raises UnreadableError."""
    if depth > MAX_DEPTH:
        raise UnreadableError(Problem.TOO_MUCH)
    head = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"%PDF-"):
        return pdf.read(data, read, depth)
    if head.startswith((b"<", b"\xff\xfe<", b"\xfe\xff\x00<")):
        return xml.read(data, read, depth)
    if head.startswith(b"{"):
        return _json(data)
    raise UnreadableError(Problem.UNKNOWN_KIND)


def _json(data: bytes) -> Found:
    """Read `{"form": ..., "fields": {...}}`, or the fields alone."""
    try:
        said = json.loads(data.decode("utf-8-sig"), object_pairs_hook=_once, parse_constant=_refuse)
    except (ValueError, RecursionError) as problem:
        raise UnreadableError(Problem.MALFORMED) from problem
    inner = said.get("fields")
    if not isinstance(inner, dict):
        return Found(kind="json", values=said)
    form = said.get("form")
    return Found(kind="json", form=form if isinstance(form, str) else "", values=inner)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a key given twice: two readers would see two orders."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _refuse(constant: str) -> Any:
    raise ValueError(constant)


def answer(data: bytes) -> Found:
    """Return what a document says, or why it could not be read."""
    try:
        return read(data)
    except UnreadableError as problem:
        return Found(problem=problem.problem)
    except MemoryError:
        return Found(problem=Problem.TOO_LARGE)
    except RecursionError:
        return Found(problem=Problem.MALFORMED)


def warm_up() -> None:
    """Read one of each, as nothing can be loaded once the limits are set."""
    page = io.BytesIO()
    writer = PdfWriter()
    writer.add_blank_page(72, 72)
    writer.encrypt("", algorithm="AES-256")
    writer.write(page)
    PdfReader(io.BytesIO(page.getvalue())).decrypt("")
    for sample in (page.getvalue(), b"<order xmlns='urn:vigie:order:1'/>", b"{}"):
        answer(sample)


def limit(megabytes: int, seconds: int, open_files: int = _OPEN_FILES) -> None:
    """Bound what hostile bytes could make this process do."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    spent = int(used.ru_utime + used.ru_stime)
    for kind, value in (
        (resource.RLIMIT_AS, megabytes << 20),
        (resource.RLIMIT_CPU, spent + seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, open_files),
    ):
        _, hard = resource.getrlimit(kind)
        wanted = value if hard == resource.RLIM_INFINITY else min(value, hard)
        try:
            resource.setrlimit(kind, (wanted, wanted))
        except (OSError, ValueError):
            # macOS does not limit address space.
            continue


def main(megabytes: int, seconds: int) -> int:
    """Read, answer, end."""
    logging.disable(logging.CRITICAL)
    warm_up()
    limit(megabytes, seconds)
    found = answer(sys.stdin.buffer.read())
    sys.stdout.buffer.write(msgspec.json.encode(found))
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))
