# SPDX-License-Identifier: Apache-2.0
"""Asks the vault process over its socket. It is down: nothing is opened, sealing goes on."""

from __future__ import annotations

import hashlib
import os
import socket
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from django.utils.translation import gettext_noop as _

from vigie.core.errors import RefusedError, UnavailableError
from vigie.evidence import protocol
from vigie.settings import Settings

TIMEOUT_S: Final = 30.0
SOCKET: Final = "vault.sock"


def socket_path(settings: Settings) -> Path:
    """Return where the vault process listens: short enough for a socket, in a private folder."""
    if settings.vault_socket:
        return Path(settings.vault_socket)
    near = settings.run_dir.resolve() / "vault" / SOCKET
    if len(os.fsencode(near)) <= protocol.MAX_PATH:
        return near
    name = hashlib.sha256(os.fsencode(settings.data_dir.resolve())).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"vigie-{os.getuid()}-{name}" / SOCKET


def open_record(settings: Settings, grant: int, identities: Sequence[str] = ()) -> bytes:
    """Return the bytes of a leave, once.

    Raises RefusedError with the vault's reason, UnavailableError `vault_down`.
    """
    with _asked(settings, protocol.Open(grant=grant, identities=tuple(identities))) as sock:
        answer = _answer(sock)
        if not isinstance(answer, protocol.Opened):
            raise _strange()
        return protocol.read_bytes(sock, answer.size)


def prepare(settings: Settings, grant: int, identities: Sequence[str]) -> int:
    """Let the vault hold one record's key for a report; return until when.

    Raises as `open_record`.
    """
    with _asked(settings, protocol.Prepare(grant=grant, identities=tuple(identities))) as sock:
        answer = _answer(sock)
        if not isinstance(answer, protocol.Prepared):
            raise _strange()
        return answer.until


def stands(settings: Settings) -> protocol.Stands:
    """Return how the vault process stands. Raises UnavailableError `vault_down`."""
    with _asked(settings, protocol.State()) as sock:
        answer = _answer(sock)
        if not isinstance(answer, protocol.Stands):
            raise _strange()
        return answer


def _asked(settings: Settings, question: protocol.Question) -> socket.socket:
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.settimeout(TIMEOUT_S)
    try:
        sock.connect(os.fspath(socket_path(settings)))
        protocol.write_frame(sock, question)
    except OSError as problem:
        sock.close()
        raise _down() from problem
    return sock


def _answer(sock: socket.socket) -> protocol.Answer:
    try:
        answer = protocol.read_answer(sock)
    except OSError as problem:
        raise _down() from problem
    if isinstance(answer, protocol.Refused):
        raise RefusedError(answer.text, code=answer.code)
    return answer


def _down() -> UnavailableError:
    return UnavailableError(
        _("The vault process does not answer: nothing is opened."),
        code="vault_down",
        fix=_("Start it with `vigie serve` or `vigie serve --role vault`."),
    )


def _strange() -> UnavailableError:
    return UnavailableError(
        _("The vault process does not answer as it should."), code="vault_protocol"
    )
