# SPDX-License-Identifier: Apache-2.0
"""Clocks of duties: started by an event, stopped only by the law, never closed by time.

One row a duty: what began it, when it is due on the strict reading, until when on
the later one, whose it is. The figures come from `law.deadlines`; a clock of low
confidence is shown, and neither sorts nor warns. The verbs run inside the caller's
`transaction.writing` or open their own; who may use them is checked by the caller.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _

from vigie.core.errors import ConflictError, InvalidInputError, RefusedError
from vigie.flow.house import House
from vigie.flow.orders import schedule
from vigie.flow.orders.alarms import label, note, run, run_out, steady
from vigie.flow.transaction import writing
from vigie.law import calendars
from vigie.law.deadlines import Deadline, Pause, load
from vigie.store.models import ClockState, DutyClock, Order, OrderLetter, User
from vigie.store.permissions import Permission

if TYPE_CHECKING:
    from django.db.models import QuerySet

__all__ = [
    "OPEN", "end", "go_on", "label", "meet", "pause", "resume", "run", "start", "steady",
]  # fmt: skip

PAUSED: Final = "clock.paused"
RESUMED: Final = "clock.resumed"
MET: Final = "clock.met"
ENDED: Final = "clock.ended"
OPEN: Final = (ClockState.RUNNING, ClockState.PAUSED, ClockState.MISSED)


def start(
    house: House,
    *,
    duty: str,
    subject: str,
    number: int,
    at: int,
    order: Order | None = None,
    start_event: str = "",
    owner: User | None = None,
    until: int | None = None,
) -> DutyClock:
    """Start the clock of a duty, once: one that is open already is returned as it is.

    Args:
        house: settings, law and time.
        duty: a deadline of `law.deadlines` that states a span.
        subject: `order`, `report`, `silence`, `search`, `evidence` or `matter`.
        number: number or key of the subject.
        at: when the event was, which may be long ago.
        order: the order that it belongs to.
        start_event: the event; empty: the one that the deadline names.
        owner: whose it is; empty: the order's owner.
        until: an earlier time that the document itself sets; it gives no more time.

    Raises InvalidInputError for a duty that no law or rule of this house states.
    """
    known = _known(duty)
    found = calendars.read(known, at, house.settings.established_in)
    if found is None:
        raise InvalidInputError(f"The clock {duty} has no span.", code="no_span", field="duty")
    due = found.due if until is None else min(found.due, until)
    with writing():
        open_one = _open(subject, number, duty).first()
        if open_one is not None:
            return open_one
        return DutyClock.objects.create(
            duty=duty,
            kind=known.kind.value,
            subject=subject,
            number=number,
            order=order,
            start_event=start_event or known.start or "",
            started_at=at,
            due_at=due,
            latest_at=found.latest if due == found.due else None,
            owner=owner if owner is not None or order is None else order.owner,
            next_alarm_at=_first_alarm(known, at, due),
        )


def _known(duty: str) -> Deadline:
    known = load().get(duty)
    if known is None:
        raise InvalidInputError(
            f"There is no clock {duty!r}.", code="no_duty", field="duty", fix="See deadlines.yaml."
        )
    return known


def _first_alarm(known: Deadline, started: int, due: int) -> int | None:
    """Return when it first warns; what is not sure never does."""
    return schedule.following(known.kind.value, started, due, 0) if known.sorts else None


def _open(subject: str, number: int, duty: str = "") -> QuerySet[DutyClock]:
    rows = DutyClock.objects.filter(subject=subject, number=number, state__in=OPEN)
    return (rows.filter(duty=duty) if duty else rows).order_by("pk")


def pause(house: House, clock: DutyClock, basis: str) -> DutyClock:
    """Stop a clock on a basis of its law.

    `basis` is a pause of its deadline, by short name or article. Raises ConflictError
    where the law has none, where the authority was not told as the law asks, or where
    the clock does not run: nothing stops by waiting.
    """
    with writing():
        clock = DutyClock.objects.select_related("owner").get(pk=clock.pk)
        allowed = check_pause(house, clock, basis)
        clock.state, clock.paused_at = ClockState.PAUSED, house.now()
        clock.pause_basis, clock.next_alarm_at = allowed.basis, None
        clock.save(update_fields=["state", "paused_at", "pause_basis", "next_alarm_at"])
        note(house, clock, PAUSED, basis=allowed.basis)
    return clock


def check_pause(house: House, clock: DutyClock, basis: str) -> Pause:
    """Return the pause that a basis allows. Raises ConflictError as `pause` does."""
    allowed = _known(clock.duty).pause(basis)
    if allowed is None:
        raise ConflictError(
            _("The law does not let this clock stop on that basis."), code="no_pause", field="basis"
        )
    if clock.state != ClockState.RUNNING or house.now() >= clock.due_at:
        raise ConflictError(_("This clock does not run any more."), code="not_running")
    if allowed.letters and not _was_told(clock, allowed):
        raise ConflictError(
            _("The clock stops only when the authority was told."),
            code="not_told",
            fix=_("Send the letter first, or note how it was handed over."),
        )
    return allowed


def _was_told(clock: DutyClock, allowed: Pause) -> bool:
    """Say whether a letter that stops it was sent since it last began to run."""
    letters = OrderLetter.objects.filter(
        order=clock.order_id, kind__in=allowed.letters, state="sent", sent_at__isnull=False
    )
    if clock.resumed_at is not None:
        letters = letters.filter(sent_at__gt=clock.resumed_at)
    return letters.exists()


def resume(house: House, clock: DutyClock) -> DutyClock:
    """Let a stopped clock go on with the time it had left; the strict reading.

    Where the law lets the whole period run anew, that is the later reading.
    Raises ConflictError where it is not stopped.
    """
    with writing():
        clock = DutyClock.objects.select_related("owner").get(pk=clock.pk)
        if clock.state != ClockState.PAUSED or clock.paused_at is None:
            raise ConflictError(_("This clock is not stopped."), code="not_paused")
        now, known = house.now(), _known(clock.duty)
        stood = max(0, now - clock.paused_at)
        clock.state, clock.resumed_at, clock.paused_at = ClockState.RUNNING, now, None
        clock.paused_ms += stood
        clock.due_at += stood
        clock.latest_at = _anew(house, known, clock, now, stood)
        begun = clock.started_at + clock.paused_ms
        clock.next_alarm_at = (
            schedule.following(clock.kind, begun, clock.due_at, clock.alarms)
            if known.sorts
            else None
        )
        clock.save()
        note(house, clock, RESUMED, stood_ms=stood)
    return clock


def go_on(house: House, subject: str, number: int, *, user: User | None = None) -> int:
    """Let every stopped clock of a subject go on: what stopped it is over. Returns how many.

    `user` is who says so; None: the clarification itself came. Raises RefusedError for a
    role that carries out no orders.
    """
    if user is not None and not user.has_perm(Permission.ORDER_EXECUTE):
        raise RefusedError(_("Your role carries out no orders."))
    with writing():
        stopped = list(_open(subject, number).filter(state=ClockState.PAUSED))
        for clock in stopped:
            resume(house, clock)
    return len(stopped)


def _anew(house: House, known: Deadline, clock: DutyClock, now: int, stood: int) -> int | None:
    """Return the later reading after a stop."""
    allowed = known.pause(clock.pause_basis)
    if allowed is None or not allowed.restarts:
        return clock.latest_at + stood if clock.latest_at is not None else None
    again = calendars.read(known, now, house.settings.established_in)
    return None if again is None else max(again.due, again.latest or 0)


def meet(house: House, subject: str, number: int, duty: str, *, at: int | None = None) -> int:
    """Close the clocks of a duty that was done; late where it was. Returns how many.

    `at` is when it was done, if not now. What was done in time is met, even where
    nobody said so before its end; what was not leaves its record behind.
    """
    done = house.now() if at is None else at
    with writing():
        rows = list(_open(subject, number, duty).select_related("owner", "order"))
        for clock in rows:
            in_time = clock.state == ClockState.PAUSED or done <= clock.due_at
            if not in_time and clock.state == ClockState.RUNNING and _known(clock.duty).sorts:
                run_out(house, clock)
            clock.state = ClockState.MET if in_time else ClockState.DONE_LATE
            clock.met_at, clock.next_alarm_at = done, None
            clock.save(update_fields=["state", "met_at", "next_alarm_at"])
            note(house, clock, MET, in_time=in_time)
    return len(rows)


def end(house: House, subject: str, number: int, duty: str = "", *, why: str = "") -> int:
    """Close clocks whose duty fell away: all of a subject, or those of one duty."""
    now = house.now()
    with writing():
        rows = list(_open(subject, number, duty).select_related("owner"))
        for clock in rows:
            clock.state, clock.ended_at, clock.next_alarm_at = ClockState.ENDED, now, None
            clock.save(update_fields=["state", "ended_at", "next_alarm_at"])
            note(house, clock, ENDED, why=why)
    return len(rows)
