# SPDX-License-Identifier: Apache-2.0
"""The warnings of clocks and the record of one that ran out.

Each moment warns once: what was warned of is counted in the row, in the same
transaction as the record and the mails, so that neither a restart nor a clock that
is set back repeats it. After a time switched off, the moments that passed are one
warning that names them all. A clock past its time stays open: time closes nothing.
"""

from __future__ import annotations

from typing import Any, Final

from vigie.core.clock import iso
from vigie.flow import records
from vigie.flow.decided import by_number
from vigie.flow.house import House
from vigie.flow.letters.write import write_letter
from vigie.flow.orders import schedule
from vigie.flow.transaction import writing
from vigie.law.deadlines import load
from vigie.store.models import ClockState, DutyClock, LogEntry

WARNED: Final = "clock.warned"
MISSED: Final = "clock.missed"
RAN_OUT: Final = "clock.ran_out"
"""Of a time that is no duty of ours: what was to be kept may go, the other side's time is over."""
LABELS: Final = {"order": "O", "report": "R", "silence": "S", "matter": "M", "evidence": "E"}
_PAGE: Final = "/console/clocks"


def steady(house: House) -> int:
    """Return the time for a record: never earlier than that of the record before it.

    A machine whose clock was set back while Vigie was down would otherwise write
    records whose times run backwards.
    """
    last = LogEntry.objects.order_by("-index").values_list("record__at", flat=True).first()
    return max(house.now(), last or 0)


def label(clock: DutyClock) -> str:
    """Return how people name what a clock is about: `O-12`."""
    return f"{LABELS.get(clock.subject, clock.subject)}-{clock.number}"


def run(house: House, limit: int = 200) -> int:
    """Send the warnings that are due and record what ran out; return how many clocks it was."""
    now = house.now()
    due = DutyClock.objects.filter(state=ClockState.RUNNING, next_alarm_at__lte=now)
    keys = list(due.order_by("next_alarm_at", "pk").values_list("pk", flat=True)[:limit])
    return sum(_turn(house, key, now) for key in keys)


def _turn(house: House, key: int, now: int) -> bool:
    """Take one clock, unless it was met, stopped or warned of meanwhile."""
    with writing():
        clock = DutyClock.objects.select_related("owner", "order").filter(pk=key).first()
        if clock is None or clock.state != ClockState.RUNNING:
            return False
        if clock.next_alarm_at is None or clock.next_alarm_at > now:
            return False
        if now >= clock.due_at:
            run_out(house, clock)
        else:
            _warn(house, clock, now)
    return True


def _warn(house: House, clock: DutyClock, now: int) -> None:
    """Warn once for all moments that passed since the last time."""
    started = clock.started_at + clock.paused_ms
    given = schedule.passed(clock.kind, started, clock.due_at, now)
    new = given - clock.alarms
    clock.alarms = max(given, clock.alarms)
    clock.next_alarm_at = schedule.following(clock.kind, started, clock.due_at, clock.alarms)
    clock.save(update_fields=["alarms", "next_alarm_at"])
    if new > 0:
        note(house, clock, WARNED, warnings=new)
        _mail(house, clock, "clock_warning")


def run_out(house: House, clock: DutyClock) -> None:
    """Record that a clock ran out, and tell; inside `transaction.writing`."""
    started = clock.started_at + clock.paused_ms
    clock.alarms = len(schedule.warnings(clock.kind, started, clock.due_at))
    clock.next_alarm_at = None
    ours = clock.kind not in schedule.WATCHED
    if ours:
        clock.state, clock.missed_at = ClockState.MISSED, house.now()
    clock.save(update_fields=["alarms", "next_alarm_at", "state", "missed_at"])
    note(house, clock, MISSED if ours else RAN_OUT)
    _mail(house, clock, "clock_missed" if ours else "clock_over")


def note(house: House, clock: DutyClock, kind: str, **more: Any) -> None:
    """Append a record about a clock; whose it is stands as a commitment."""
    plain = {
        "clock": clock.pk,
        "duty": clock.duty,
        "subject": clock.subject,
        "number": clock.number,
        "due": clock.due_at,
        **more,
    }
    personal = {"owner": by_number(clock.owner)} if clock.owner is not None else {}
    records.append_one(records.draft(kind, steady(house), plain, personal))


def _mail(house: House, clock: DutyClock, template: str) -> None:
    """Write to whoever is on call; without an address the console alone shows it."""
    known = load().get(clock.duty)
    context = {
        "what": label(clock),
        "duty": known.law if known is not None else clock.duty,
        "due": iso(clock.due_at)[:16].replace("T", " ") + " UTC",
        "url": f"{house.settings.base_url}{_PAGE}",
    }
    language = clock.owner.language if clock.owner is not None else "en"
    for address in house.settings.alarm_mail:
        write_letter(house, template=template, to=address, language=language, context=context)
