# SPDX-License-Identifier: Apache-2.0
"""Asking the witnesses to cosign the newest checkpoint, all at once.

One that does not answer holds up neither the others nor the log; when it comes
back, one proof brings it from where it stood to the newest checkpoint.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final, NamedTuple

from django.db import IntegrityError

from vigie.core.errors import OutsideError
from vigie.exchange import witness as exchange
from vigie.flow import anchors
from vigie.flow.anchoring import forks, parties, unreached
from vigie.flow.transaction import writing
from vigie.ledger.note import verifier_of
from vigie.ledger.state import Alarm
from vigie.ledger.verify.checkpoints import parse_checkpoint
from vigie.ledger.verify.errors import LedgerError
from vigie.ledger.verify.notes import parse_note
from vigie.ledger.witness import ForkAlarm
from vigie.store.models import Cosignature, PublishedCheckpoint

if TYPE_CHECKING:
    from vigie.exchange.witness import Witness
    from vigie.flow.house import House

KIND: Final = "witness"
_SIDE_BY_SIDE: Final = 8
_LOOK_BACK: Final = 1_000
_FORK: Final = "A witness has seen another history of this log."

Ask = Callable[["Witness", PublishedCheckpoint, int], str]


class Said(NamedTuple):
    """What one witness said: a line, or why there is none."""

    witness: Witness
    line: str = ""
    problem: str = ""
    fork: ForkAlarm | None = None


def ask_all(house: House, ask: Ask | None = None) -> int:
    """Ask every witness that has not cosigned the newest checkpoint; return how many did now.

    Raises VigieError where the operator's file cannot be read.
    """
    newest = anchors.newest()
    asked = parties.witnesses(house.settings)
    if newest is None or not asked or forks.state_of(house).alarm() is not None:
        return 0
    known = _known(asked)
    due = [
        one
        for one in asked
        if known.get(one.name, -1) < newest.size and unreached.is_due(one.name, house.now())
    ]
    if not due:
        return 0
    call = ask or (lambda one, row, old: _ask(house, one, row, old))
    with ThreadPoolExecutor(min(_SIDE_BY_SIDE, len(due))) as pool:
        said = list(pool.map(lambda one: _said(call, one, newest, known.get(one.name, 0)), due))
    return sum(_take(house, newest, one) for one in said)


def _known(asked: list[Witness]) -> dict[str, int]:
    """Return the size up to which each witness has cosigned, as far as we know.

    One whose last line lies far back is asked from 0: it answers with its size.
    """
    names, found = {one.name for one in asked}, dict[str, int]()
    rows = Cosignature.objects.order_by("-pk").values_list("witness", "size")[:_LOOK_BACK]
    for name, size in rows:
        if name in names:
            found[name] = max(found.get(name, 0), size)
    return found


def _ask(house: House, one: Witness, row: PublishedCheckpoint, old: int) -> str:
    return exchange.cosign(one, house.settings.log_dir, row.note, row.size, old)


def _said(call: Ask, one: Witness, row: PublishedCheckpoint, old: int) -> Said:
    """Ask one witness. Runs beside the others: touches no store."""
    try:
        return Said(one, line=call(one, row, old))
    except ForkAlarm as problem:
        return Said(one, fork=problem)
    except OutsideError as problem:
        return Said(one, problem=problem.code)
    except (LedgerError, OSError) as problem:
        # Tiles that give way to fuller ones while they are read: asked again soon.
        return Said(one, problem=type(problem).__name__.lower())


def _take(house: House, row: PublishedCheckpoint, said: Said) -> bool:
    now = house.now()
    if said.fork is not None:
        _alarm(house, row, said.witness, said.fork)
        return False
    if said.problem:
        unreached.failed(said.witness.name, KIND, said.problem, now)
        return False
    try:
        with writing():
            Cosignature.objects.create(
                size=row.size, witness=said.witness.name, line=said.line, at=now
            )
    except IntegrityError:
        pass  # it is there already
    unreached.reached(said.witness.name)
    return True


def _alarm(house: House, row: PublishedCheckpoint, one: Witness, fork: ForkAlarm) -> None:
    """Stop signing, unless the witness only knows a newer checkpoint that we signed ourselves."""
    seen = fork.seen if isinstance(fork, exchange.Ahead) else 0
    signed = _signed_size(house)
    if isinstance(fork, exchange.Ahead) and seen <= signed:
        unreached.failed(one.name, KIND, "overtaken", house.now())
        return
    evidence = _evidence(house, one)
    proved = " It showed a checkpoint that our own key signed." if evidence else ""
    reason = f"{_FORK} {fork.message}{proved}"
    alarm = Alarm(f"witness {one.name}", reason, max(signed, row.size), seen, house.now())
    forks.sound(house, alarm, evidence)
    unreached.failed(one.name, KIND, fork.code, house.now())


def _signed_size(house: House) -> int:
    note = forks.state_of(house).signed()
    return parse_checkpoint(parse_note(note).text).size if note else 0


def _evidence(house: House, one: Witness) -> str:
    """Fetch what the witness cosigned last: our own signature under it proves the fork."""
    keys = [verifier_of(key) for key in parties.policy(house.settings).logs]
    try:
        return exchange.latest(one, house.settings.log_origin, keys) or ""
    except OutsideError:
        return ""
