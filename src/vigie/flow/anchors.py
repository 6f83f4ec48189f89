# SPDX-License-Identifier: Apache-2.0
"""What outsiders have said about the log: cosignatures, time stamps, and what is missing.

A time stamp covers the *text* of a checkpoint (`stamped`: origin, size, root),
not the signatures under it: the same stamp fits however many witnesses cosigned
since. Check one with `openssl ts -verify -data TEXT -in TOKEN -CAfile ROOT`.
"""

from __future__ import annotations

from typing import Final

from vigie.core.clock import HOUR_MS, iso
from vigie.core.errors import VigieError
from vigie.flow import house as houses
from vigie.flow.anchoring import parties
from vigie.flow.checkpoints import state_folder
from vigie.flow.house import House
from vigie.ledger.files import DurableFiles
from vigie.ledger.state import Alarm, LogState
from vigie.ledger.tiles import COSIGNED_FILE
from vigie.ledger.verify.errors import LedgerError
from vigie.ledger.verify.notes import parse_note, split_time
from vigie.ledger.verify.policy import TrustPolicy
from vigie.store.models import Cosignature, PublishedCheckpoint, TimeAnchor, Unreached

DRIFT_MS: Final = 60_000
"""A clock outside that differs by more than this raises an alarm."""
SILENT_MS: Final = HOUR_MS
STAMP_MS: Final = HOUR_MS
"""How often a checkpoint is stamped."""
_LATE_MS: Final = 2 * HOUR_MS
_LOOK_BACK: Final = 20
"""Lines of the store that are looked at: pages ask, and the table grows by the minute."""


def for_size(size: int) -> list[TimeAnchor]:
    """Return the time stamps on the checkpoint of this size, the oldest first."""
    return list(TimeAnchor.objects.filter(size=size).order_by("pk"))


def cosignatures(size: int) -> list[Cosignature]:
    """Return the lines that witnesses gave under the checkpoint of this size."""
    return list(Cosignature.objects.filter(size=size).order_by("witness"))


def note(size: int) -> str | None:
    """Return the checkpoint of this size with every cosignature; None: never published."""
    row = PublishedCheckpoint.objects.filter(size=size).first()
    return None if row is None else _with_lines(row)


def _with_lines(row: PublishedCheckpoint) -> str:
    return row.note + "".join(one.line for one in cosignatures(row.size))


def stamped(checkpoint: str | bytes) -> bytes:
    """Return the bytes that a time stamp on a checkpoint covers: its text without signatures."""
    return parse_note(checkpoint).text.encode()


def newest() -> PublishedCheckpoint | None:
    """Return the newest checkpoint."""
    return PublishedCheckpoint.objects.order_by("-size").first()


def newest_cosigned(house: House) -> str | None:
    """Return the newest checkpoint that meets the quorum of the witness file, cosigned.

    None where no witness is asked for, or none has answered yet.
    """
    wanted = parties.policy(house.settings)
    sizes = Cosignature.objects.order_by("-size").values_list("size", flat=True).distinct()
    for size in sizes[:_LOOK_BACK]:
        found = note(size)
        if found is not None and _meets(wanted, found):
            return found
    kept = house.settings.log_dir / COSIGNED_FILE
    before = kept.read_text(encoding="utf-8") if kept.exists() else ""
    return before if before and _meets(wanted, before) else None


def _meets(wanted: TrustPolicy, found: str) -> bool:
    try:
        wanted.accept(found)
    except LedgerError:
        return False
    return True


def missing(house: House | None = None, *, size: int | None = None) -> list[str]:
    """Say in plain words what nobody outside has vouched for yet; empty: nothing is missing.

    `size`: asked about that checkpoint, as an export does; else about the log
    as it stands. Words are English: they stand in documents.
    """
    given = house or houses.current()
    checkpoint = newest() if size is None else PublishedCheckpoint.objects.filter(size=size).first()
    if checkpoint is None:
        return ["No checkpoint has been published yet."]
    broken = [problem.message for problem in parties.problems(given.settings)]
    if broken:
        return [*alarms(given), *broken]
    exact = size is not None
    return [
        *alarms(given),
        *_witnesses_missing(given, checkpoint.size, exact=exact),
        *_stamps_missing(given, checkpoint.size, exact=exact),
    ]


def _witnesses_missing(house: House, size: int, *, exact: bool) -> list[str]:
    asked = parties.witnesses(house.settings)
    if not asked:
        return ["No witness is configured: nobody outside has cosigned this log."]
    found = []
    for one in asked:
        rows = Cosignature.objects.filter(witness=one.name)
        last = rows.order_by("-size").values_list("size", flat=True).first()
        silent = Unreached.objects.filter(party=one.name, kind="witness").first()
        if rows.filter(size=size).exists() or (last and silent is None and not exact):
            continue
        until = f"has cosigned the first {last} of {size} entries" if last else "has cosigned none"
        found.append(f"The witness {one.name} {until}{_since(silent)}.")
    return found


def _stamps_missing(house: House, size: int, *, exact: bool) -> list[str]:
    asked = parties.authorities(house.settings)
    if not asked:
        return ["No time-stamp authority is configured: times are the operator's word."]
    last = TimeAnchor.objects.order_by("-pk").first()
    silent = Unreached.objects.filter(kind="tsa").order_by("since").first()
    if last is None:
        return [f"No checkpoint has a time stamp yet{_since(silent)}."]
    if last.size == size or (not exact and abs(house.now() - last.at) <= _LATE_MS):
        return []
    until = f"of {iso(last.gen_time)} and covers the first {last.size} of {size} entries"
    return [f"The newest time stamp is {until}{_since(silent)}."]


def _since(silent: Unreached | None) -> str:
    return f"; {silent.party} has not answered since {iso(silent.since)}" if silent else ""


def alarms(house: House) -> list[str]:
    """Return what a person must look at now: forks first, then clocks that differ."""
    return [*_forks(house), *drifts(house)]


def fork(house: House) -> Alarm | None:
    """Return the alarm that stops signing, if there is one."""
    return LogState(state_folder(house.settings), house.settings.log_origin, DurableFiles()).alarm()


def _forks(house: House) -> list[str]:
    alarm = fork(house)
    if alarm is None:
        return []
    return [f"Signing has stopped: {alarm.reason} ({alarm.who}, {iso(alarm.t)})."]


def silent(house: House) -> list[Unreached]:
    """Return the parties that have not answered for an hour, the longest silent first."""
    since = house.now() - SILENT_MS
    return list(Unreached.objects.filter(since__lte=since).order_by("since")[:_LOOK_BACK])


def drifts(house: House) -> list[str]:
    """Compare the clocks of the last stamps and cosignatures with ours when they came."""
    since = house.now() - _LATE_MS
    found: dict[str, int] = {}
    for stamp in TimeAnchor.objects.order_by("-pk").defer("token", "chain")[:_LOOK_BACK]:
        if stamp.at >= since:
            found.setdefault(f"time-stamp authority {stamp.authority}", stamp.gen_time - stamp.at)
    for line in Cosignature.objects.order_by("-pk")[:_LOOK_BACK]:
        if line.at >= since:
            found.setdefault(f"witness {line.witness}", cosigned_at(line.line) - line.at)
    return [
        f"The clock of the {who} differs from ours by {abs(ms) // 1000} seconds: one of them is "
        "wrong."
        for who, ms in found.items()
        if abs(ms) > DRIFT_MS
    ]


def cosigned_at(line: str) -> int:
    """Return the time that a witness named in its line, in milliseconds."""
    signature = parse_note("x\n\n" + line).signatures[0].signature
    return split_time(signature)[0] * 1000


def policy_text(house: House) -> str:
    """Return the policy file for outsiders: the log's key, the witnesses, the quorum.

    Raises VigieError where the witness file cannot be read.
    """
    try:
        return parties.policy_text(house.settings)
    except LedgerError as problem:
        raise VigieError(problem.message, code="bad_policy") from problem


def stamp(house: House, size: int | None = None) -> TimeAnchor | None:
    """Have the newest checkpoint, or the one of this size, stamped now, as an export does.

    Returns the stamp that is there if it has one already; None: nobody could be
    reached.
    """
    from vigie.flow.anchoring.stamps import stamp_now  # noqa: PLC0415 - it asks the network

    return stamp_now(house, size)
