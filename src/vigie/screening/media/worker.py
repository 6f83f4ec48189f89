# SPDX-License-Identifier: Apache-2.0
"""One decoder process: reads jobs from standard input, answers on standard output.

Run as `python -m vigie.screening.media.worker MEGABYTES SECONDS`. It limits
itself before it reads the first byte: address space, processor seconds a job,
no file may grow, no core is dumped, no further file can be opened. It ends
when its input ends, so it never outlives its parent.
"""

from __future__ import annotations

import io
import os
import resource
import signal
import sys
from collections.abc import Callable
from typing import BinaryIO, Final

from PIL import Image

from vigie.core.item import MediaFacts
from vigie.screening.media import render
from vigie.screening.media.facts import facts_of, prepare_decoders
from vigie.screening.media.formats import DECODERS
from vigie.screening.media.protocol import (
    FACTS,
    FACTS_IN_FULL,
    JOB,
    READY,
    Clarity,
    Drawn,
    Looked,
    pack_answer,
    unpack_head,
)

OPEN_FILES: Final = 3
"""Input, output and errors; nothing else is ever opened."""


def _lower(kind: int, value: int) -> None:
    """Set a limit where the system knows it (macOS does not limit address space)."""
    _, hard = resource.getrlimit(kind)
    wanted = value if hard == resource.RLIM_INFINITY else min(value, hard)
    try:
        resource.setrlimit(kind, (wanted, hard))
    except (OSError, ValueError):
        return


def limit_process(megabytes: int) -> None:
    """Bound what hostile bytes could make this process do."""
    _lower(resource.RLIMIT_AS, megabytes << 20)
    for kind, value in (
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
    ):
        try:
            resource.setrlimit(kind, (value, value))
        except (OSError, ValueError):
            continue


def limit_job(seconds: int) -> None:
    """Give the next job so many processor seconds from now."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _lower(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime) + seconds + 1)


def warm_up() -> None:
    """Decode one picture of each format, as nothing can be loaded once limits are set."""
    for decoder in DECODERS.values():
        picture = io.BytesIO()
        Image.new("RGB", (64, 64)).save(picture, decoder)
        facts_of(picture.getvalue())
    render.warm_up()


def _exactly(source: BinaryIO, size: int) -> bytes | None:
    """Read so many bytes, or None where the input ended before."""
    data = source.read(size)
    return data if len(data) == size else None


Answer = Callable[[int, bytes, str | None, str], MediaFacts | Drawn | Looked]


def serve(source: BinaryIO, sink: BinaryIO, seconds: int, answer: Answer) -> None:
    """Answer jobs until the input ends. `answer` is given task, bytes, type and mark."""
    sink.write(READY)
    sink.flush()
    while (head := _exactly(source, JOB.size)) is not None:
        job = unpack_head(head)
        mime = _exactly(source, job.mime_length)
        mark = _exactly(source, job.mark_length)
        data = _exactly(source, job.data_length)
        if mime is None or mark is None or data is None:
            return
        limit_job(seconds)
        declared = mime.decode("utf-8", "replace") or None
        sink.write(pack_answer(answer(job.task, data, declared, mark.decode("utf-8", "replace"))))
        sink.flush()


def _answer(task: int, data: bytes, mime: str | None, mark: str) -> MediaFacts | Drawn:
    if task in (FACTS, FACTS_IN_FULL):
        return facts_of(data, mime, full=task == FACTS_IN_FULL)
    return render.draw(data, mime, Clarity(task), mark)


def main() -> None:
    """Limit this process, then serve."""
    megabytes, seconds = int(sys.argv[1]), int(sys.argv[2])
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    prepare_decoders()
    warm_up()
    limit_process(megabytes)
    serve(sys.stdin.buffer, sys.stdout.buffer, seconds, _answer)
    os._exit(0)


if __name__ == "__main__":
    main()
