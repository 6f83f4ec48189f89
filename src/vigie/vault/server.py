# SPDX-License-Identifier: Apache-2.0
"""Answers on the socket: one question a connection, a handful at once, no secret in a log."""

from __future__ import annotations

import os
import socket
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import structlog
from django.db import connections

from vigie.core.errors import UnavailableError, VigieError
from vigie.evidence import age, keys, protocol
from vigie.flow.house import House
from vigie.flow.vault import client, layout
from vigie.store.models import Evidence, VaultGrant
from vigie.vault import grants, identities

THREADS: Final = 4
TIMEOUT_S: Final = 30.0
LOOK_S: Final = 0.2
log = structlog.get_logger(__name__)


class Vault:
    """What one process holds: the house, and keys unlocked for reports."""

    def __init__(self, house: House) -> None:
        self.house = house
        self._unlocked: dict[int, tuple[str, int]] = {}
        self._guard = threading.Lock()

    def answer(self, question: protocol.Question) -> tuple[protocol.Answer, bytes]:
        """Return the answer and the bytes behind it. Never raises for what somebody sent."""
        try:
            return self._answer(question)
        except grants.DeniedError as problem:
            log.warning("vault_refused", why=problem.code)
            return protocol.Refused(code=problem.code, text="The vault refuses."), b""
        except VigieError as problem:
            log.warning("vault_failed", why=problem.code)
            return protocol.Refused(code=problem.code, text=str(problem)), b""
        except Exception as problem:  # noqa: BLE001 - fail closed, and say no word of a value
            log.error("vault_failed", kind=type(problem).__name__)  # noqa: TRY400
            return protocol.Refused(code="vault_failed", text="The vault failed."), b""

    def _answer(self, question: protocol.Question) -> tuple[protocol.Answer, bytes]:
        if isinstance(question, protocol.State):
            return self._stands(), b""
        if isinstance(question, protocol.Prepare):
            return self._prepare(question), b""
        return self._open(question)

    def _open(self, question: protocol.Open) -> tuple[protocol.Answer, bytes]:
        leave = grants.take(self.house, question.grant)
        data = self._bytes(leave, question.identities)
        return protocol.Opened(size=len(data)), data

    def _prepare(self, question: protocol.Prepare) -> protocol.Answer:
        leave = grants.take(self.house, question.grant, use=False)
        if leave.evidence.lane != keys.CHILD:
            raise grants.DeniedError("report_only")
        own = self._own_key(leave.evidence, question.identities)
        with self._guard:
            self._forget()
            self._unlocked[leave.pk] = (own, leave.expires_at)
        return protocol.Prepared(until=leave.expires_at)

    def _bytes(self, leave: VaultGrant, given: tuple[str, ...]) -> bytes:
        row = leave.evidence
        with self._guard:
            self._forget()
            held = self._unlocked.pop(leave.pk, None)
        own = held[0] if held else self._own_key(row, given)
        try:
            ciphertext = layout.path_of(self.house.settings, row.file).read_bytes()
        except (OSError, ValueError):
            raise UnavailableError("The sealed file is not there.", code="no_file") from None
        return keys.check_digest(age.decrypt(ciphertext, [own]), row.sha256)

    def _own_key(self, row: Evidence, given: tuple[str, ...]) -> str:
        """Return a record's own identity: from the epoch's file, or from two officers' keys."""
        folder = self.house.settings.vault_dir
        if row.lane == keys.CHILD:
            epoch = identities.join(folder, row.epoch_id, given)
        else:
            epoch = identities.read(folder, row.epoch_id)
        return keys.unwrap(row.wrapped[0], [epoch])

    def _forget(self) -> None:
        now = self.house.now()
        for number in [one for one, (_, end) in self._unlocked.items() if end <= now]:
            del self._unlocked[number]

    def _stands(self) -> protocol.Stands:
        with self._guard:
            self._forget()
            prepared = len(self._unlocked)
        found = identities.epochs(self.house.settings.vault_dir)
        return protocol.Stands(epochs=found, prepared=prepared)


def serve(house: House, stop: threading.Event) -> None:
    """Answer until told to stop. The caller holds the lock: a socket left over is ours."""
    vault = Vault(house)
    path = client.socket_path(house.settings)
    with _listening(path, shared=bool(house.settings.vault_socket)) as sock:
        sock.settimeout(LOOK_S)
        with ThreadPoolExecutor(THREADS, thread_name_prefix="vault") as pool:
            while not stop.is_set():
                try:
                    caller, _ = sock.accept()
                except TimeoutError:
                    continue
                pool.submit(_talk, vault, caller)
    path.unlink(missing_ok=True)


def _talk(vault: Vault, caller: socket.socket) -> None:
    """One question, one answer; whoever sends no question in time is left."""
    try:
        with caller:
            caller.settimeout(TIMEOUT_S)
            question = protocol.read_question(caller)
            answer, data = vault.answer(question)
            protocol.write_frame(caller, answer)
            if data:
                caller.sendall(data)
    except (OSError, VigieError) as problem:
        log.warning("vault_caller_gone", kind=type(problem).__name__)
    finally:
        connections.close_all()


def _listening(path: Path, *, shared: bool) -> socket.socket:
    """Open the socket in a folder of our own; shared: its folder is the operator's care.

    Raises UnavailableError where somebody else's folder stands in its place.
    """
    if not shared:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        found = path.parent.lstat()
        if found.st_uid != os.getuid() or not stat.S_ISDIR(found.st_mode):
            raise UnavailableError(
                "The folder of the vault's socket belongs to somebody else.",
                code="foreign_folder",
                fix="Set VIGIE_VAULT_SOCKET to a path in a folder of your own.",
            )
        path.parent.chmod(0o700)
    path.unlink(missing_ok=True)
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o117 if shared else 0o177)
    try:
        sock.bind(os.fspath(path))
    finally:
        os.umask(before)
    sock.listen(THREADS * 4)
    return sock
