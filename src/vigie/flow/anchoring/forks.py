# SPDX-License-Identifier: Apache-2.0
"""Somebody outside has seen another history: signing stops, appending goes on.

What is appended meanwhile is not lost; it waits for a person. The alarm stands
in a file beside what was signed, outside the store, and in the log itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from vigie.core.errors import InvalidInputError, NotFoundError
from vigie.flow import records
from vigie.flow.checkpoints import state_folder
from vigie.flow.transaction import writing
from vigie.ledger.files import DurableFiles
from vigie.ledger.state import Alarm, LogState

if TYPE_CHECKING:
    from vigie.flow.house import House

ALARM_RECORD: Final = "fork.alarm"
DISMISSED_RECORD: Final = "fork.dismissed"
LONGEST_REASON: Final = 2_000


def state_of(house: House) -> LogState:
    """Return what the log remembers outside the store."""
    return LogState(state_folder(house.settings), house.settings.log_origin, DurableFiles())


def sound(house: House, alarm: Alarm, evidence: str = "") -> None:
    """Stop signing, then write it into the log; a second alarm changes nothing."""
    state = state_of(house)
    if state.alarm() is not None:
        return
    state.raise_alarm(alarm, evidence.encode())
    plain = {"who": alarm.who, "signed_size": alarm.signed_size, "seen_size": alarm.seen_size}
    with writing():
        records.append_one(records.draft(ALARM_RECORD, alarm.t, plain))


def dismiss(house: House, reason: str, by: str) -> Alarm:
    """Let signing go on after a person has compared the logs.

    Only for an alarm that was false: where the other history is real, going on
    would sign a fork. Raises NotFoundError where no alarm stands.
    """
    check_reason(reason)
    state = state_of(house)
    alarm = state.alarm()
    if alarm is None:
        raise NotFoundError("No fork alarm stands.", code="no_alarm")
    with writing():
        personal = {"reason": reason, "by": by}
        plain = {"who": alarm.who, "raised_at": alarm.t}
        records.append_one(records.draft(DISMISSED_RECORD, house.now(), plain, personal))
    state.dismiss_alarm()
    return alarm


def check_reason(reason: str) -> None:
    """Raise InvalidInputError where an act of such weight has no reason."""
    if not 0 < len(reason.strip()) <= LONGEST_REASON:
        raise InvalidInputError(
            "Say why, in a sentence.", code="no_reason", field="reason", fix="--reason TEXT"
        )
