# SPDX-License-Identifier: Apache-2.0
"""A tar inside an age file, made and read as a stream: nothing is in the clear on disk."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final

import pyrage

from vigie.core.errors import InvalidInputError, RefusedError

_SUFFIX: Final = "AGE-SECRET-KEY-"


def recipients(given: Sequence[str]) -> list[Any]:
    """Return recipients from keys (`age1...`) or files of them. Raises InvalidInputError."""
    found = []
    for text in given:
        lines = [text] if text.startswith("age1") else _lines(Path(text))
        found += [_recipient(line) for line in lines]
    if not found:
        raise InvalidInputError(
            "A backup is encrypted to somebody.",
            code="no_recipient",
            field="--to",
            fix="Make a key with `age-keygen` and give its public half.",
        )
    return found


def _recipient(text: str) -> Any:
    try:
        return pyrage.x25519.Recipient.from_str(text)
    except pyrage.RecipientError as problem:
        raise InvalidInputError(
            "This is no age recipient.", code="bad_recipient", field="--to", fix="Like age1..."
        ) from problem


def identities(path: Path) -> list[Any]:
    """Return the private keys of a file. Raises InvalidInputError, naming no key."""
    try:
        return [pyrage.x25519.Identity.from_str(line) for line in _lines(path)]
    except pyrage.IdentityError as problem:
        raise InvalidInputError(
            "This is no file of age identities.",
            code="bad_identity",
            field="--identity",
            fix=f"Give the file that holds {_SUFFIX}1...",
        ) from problem


def _lines(path: Path) -> list[str]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as problem:
        raise InvalidInputError(
            f"{path} cannot be read.", code="no_file", fix="Give a key file of age."
        ) from problem
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


@contextmanager
def writer(target: Path, to: Sequence[Any]) -> Iterator[IO[bytes]]:
    """Encrypt what is written inside into a file; on leaving it is on the disk."""
    with target.open("xb") as out:
        target.chmod(0o600)
        with _piped(lambda source: pyrage.encrypt_io(source, out, list(to)), "wb") as pipe:
            yield pipe
        out.flush()
        os.fsync(out.fileno())


@contextmanager
def reader(source: Path, keys: Sequence[Any]) -> Iterator[IO[bytes]]:
    """Decrypt a file while it is read. Raises RefusedError where it does not open or was cut."""
    with (
        source.open("rb") as data,
        _piped(lambda out: pyrage.decrypt_io(data, out, list(keys)), "rb") as pipe,
    ):
        yield pipe


@contextmanager
def _piped(work: Callable[[IO[bytes]], None], mode: str) -> Iterator[IO[bytes]]:
    """Run age in a thread at the other end of a pipe; its failure is raised here."""
    read_end, write_end = os.pipe()
    ours, theirs = (write_end, read_end) if mode == "wb" else (read_end, write_end)
    failed: list[Exception] = []

    def run() -> None:
        with os.fdopen(theirs, "rb" if mode == "wb" else "wb") as end:
            try:
                work(end)
            except BrokenPipeError:
                pass
            except Exception as problem:  # noqa: BLE001 - raised in the other thread
                failed.append(problem)

    thread = threading.Thread(target=run, name="age", daemon=True)
    thread.start()
    try:
        with os.fdopen(ours, mode) as pipe:
            yield pipe
    finally:
        thread.join()
        if failed:
            raise RefusedError(
                "The backup does not open: wrong identity, or the file is damaged.",
                code="backup_unreadable",
                diagnostics=type(failed[0]).__name__,
            )
