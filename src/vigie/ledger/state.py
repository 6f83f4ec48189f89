# SPDX-License-Identifier: Apache-2.0
"""What a log remembers outside the database: what it signed, and refusals.

Kept apart from the store on purpose: a restored backup of the database must
meet what was signed since.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final, NamedTuple

from vigie.ledger.files import Files, sync_folder
from vigie.ledger.verify.canonical import canonical_json, parse_json
from vigie.ledger.verify.checkpoints import Checkpoint
from vigie.ledger.verify.errors import LedgerError, MalformedError

_ORIGIN: Final = re.compile(r"([^\s+]+)/([1-9][0-9]{0,8})\Z")
_SIGNED: Final = "signed"
_REFUSED: Final = "refused.json"
_ALARM: Final = "fork.json"
_EVIDENCE: Final = "fork-evidence.note"


class RollbackRefused(LedgerError):  # noqa: N818 (a refusal, not a fault of the log)
    """Signing now would contradict an earlier checkpoint; the reason is on file."""

    code = "rollback_refused"


class OriginRefused(LedgerError):  # noqa: N818 (as above)
    """A log with this number must not begin, or must not go on."""

    code = "origin_refused"


class Refusal(NamedTuple):
    """Why a log refused to sign."""

    origin: str
    reason: str
    signed_size: int
    found_size: int
    t: int


class ForkStopped(LedgerError):  # noqa: N818 (an alarm, for people)
    """Somebody outside has seen another history; nothing is signed until a person has looked."""

    code = "fork_stopped"


class Alarm(NamedTuple):
    """Who has seen another history of the log, and what was said."""

    who: str
    reason: str
    signed_size: int
    seen_size: int
    """What the other side has cosigned; 0: it did not say."""
    t: int


def split_origin(origin: str) -> tuple[str, int]:
    """Take `host/log/1` apart into what stays and the number."""
    found = _ORIGIN.match(origin)
    if found is None:
        raise MalformedError(
            "A log's origin is like host/log/1.", field="origin", fix="End it in /1."
        )
    return found[1], int(found[2])


class LogState:
    """The files of one log number below the state folder."""

    def __init__(self, home: Path, origin: str, files: Files) -> None:
        self.origin = origin
        self._home = home
        self._number = split_origin(origin)[1]
        self._files = files

    def _folder(self, number: int) -> Path:
        return self._home / str(number)

    def signed(self) -> bytes | None:
        """Return the last signed checkpoint."""
        try:
            return (self._folder(self._number) / _SIGNED).read_bytes()
        except FileNotFoundError:
            return None

    def store_signed(self, note: bytes) -> None:
        """Keep a signed checkpoint, durably, before anyone sees it."""
        self._put(_SIGNED, note)

    def _put(self, name: str, data: bytes) -> None:
        self._files.write([(self._folder(self._number) / name, data)])

    def refusal(self, number: int | None = None) -> Refusal | None:
        """Return the recorded refusal of this log, or of another number."""
        try:
            data = (self._folder(number or self._number) / _REFUSED).read_bytes()
        except FileNotFoundError:
            return None
        value = parse_json(data)
        if not isinstance(value, dict) or set(value) != set(Refusal._fields):
            raise MalformedError("The refusal on file cannot be read.", field=_REFUSED)
        return Refusal(**value)

    def refuse(self, reason: str, signed: Checkpoint, found_size: int, now_ms: int) -> None:
        """Record why nothing is signed, then raise RollbackRefused."""
        refusal = Refusal(self.origin, reason, signed.size, found_size, now_ms)
        self._put(_REFUSED, canonical_json(refusal._asdict()))
        raise RollbackRefused(
            f"{reason} Signed: {signed.size} entries; found: {found_size}.",
            field="source",
            fix="Restore the newer database, or begin the next log number.",
        )

    def alarm(self) -> Alarm | None:
        """Return the fork alarm that stops signing, if there is one."""
        try:
            data = (self._folder(self._number) / _ALARM).read_bytes()
        except FileNotFoundError:
            return None
        value = parse_json(data)
        if not isinstance(value, dict) or set(value) != set(Alarm._fields):
            raise MalformedError("The fork alarm on file cannot be read.", field=_ALARM)
        return Alarm(**value)

    def raise_alarm(self, alarm: Alarm, evidence: bytes = b"") -> None:
        """Stop signing, durably; `evidence` is a checkpoint signed by our own key."""
        if evidence:
            self._put(_EVIDENCE, evidence)
        self._put(_ALARM, canonical_json(alarm._asdict()))

    def dismiss_alarm(self) -> Alarm | None:
        """Let signing go on, keeping the alarm under another name; return it."""
        alarm = self.alarm()
        if alarm is not None:
            self._set_aside(_ALARM, f"fork-{alarm.t}.json")
        return alarm

    def set_refusal_aside(self) -> None:
        """Keep a refusal under another name, once what it was about is mended."""
        refusal = self.refusal()
        if refusal is not None:
            self._set_aside(_REFUSED, f"refused-{refusal.t}.json")

    def _set_aside(self, name: str, other: str) -> None:
        path = self._folder(self._number) / name
        self._put(other, path.read_bytes())
        path.unlink()
        sync_folder(path.parent)

    def check_alarm(self) -> None:
        """Raise ForkStopped while an alarm is on file."""
        alarm = self.alarm()
        if alarm is not None:
            raise ForkStopped(
                f"{alarm.reason} ({alarm.who})",
                field="witness",
                fix="Compare the logs; then `vigie ledger resume` or `vigie ledger begin-next`.",
            )

    def check_may_sign(self) -> None:
        """Refuse a number that skips a refusal, and one that has a successor."""
        self.check_alarm()
        if (self._folder(self._number + 1) / _SIGNED).exists():
            raise OriginRefused("A later log has begun.", field="origin")
        begins = self.signed() is None and self._number > 1
        if begins and self.refusal(self._number - 1) is None:
            raise OriginRefused(
                "The log before has not refused to sign.",
                field="origin",
                fix="Go on with the earlier number.",
            )


def next_origin(home: Path, origin: str, files: Files) -> str:
    """Return the origin that follows, once this one has refused to sign."""
    base, number = split_origin(origin)
    if LogState(home, origin, files).refusal() is None:
        raise OriginRefused("This log has not refused to sign.", field="origin")
    return f"{base}/{number + 1}"
