# SPDX-License-Identifier: Apache-2.0
"""The page of the clocks: every duty with its time, made from the law's data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from vigie.law import calendars, deadlines, orders
from vigie.law.deadlines import ClockKind, Rule

if TYPE_CHECKING:
    from vigie.law.deadlines import Deadline

TEXT: Final = """
# Clocks

Made from the program by `make docs`, out of `law/deadlines.yaml` and `law/calendars.yaml`. No \
legal advice. What a clock does, and how one works with it: [Keep the clocks]\
(../how-to/keep-the-clocks.md).

- **hard**: the law fixes the time. **soft**: it gives no figure; the one here is this house's \
own aim. **retention**: keep at least so long. **info**: somebody else's time. **technical**: a \
limit of a system outside.
- A clock of confidence *low* is shown as unconfirmed; it never sorts, warns or counts as missed.
- The **strict reading** counts from the very moment of the event, in UTC, without weekends or \
holidays. It sorts and warns.
- Where *later reading* says *Reg. 1182/71*, the lists also show when the period ends if the day \
of the event does not count, the last day counts to its end and moves on to a working day, and \
two days hold two working days. That text was not compared: the later reading is of confidence \
medium, is shown, and is never relied on. Set `VIGIE_ESTABLISHED_IN` to have it.
"""

PAUSES: Final = """
## What lets a clock stop

Nothing stops by waiting. A clock stops on one of these bases alone, and only when a letter of \
the named kind was sent to the authority after the clock last began to run. It goes on with the \
time that was left; where the law lets the whole period run anew, that is the later reading.
"""

PLACES: Final = """
## Calendars of working days

Saturdays, Sundays and the public holidays of the whole State are no working days. Regional \
holidays are not counted: they would only give more time.
"""


def clocks() -> str:
    """Return the page."""
    spans = [one for one in deadlines.load().values() if one.duration or one.suggested]
    dates = [one for one in deadlines.load().values() if not (one.duration or one.suggested)]
    head = "| clock | law | starts with | time | kind | later reading | confidence | source |"
    parts = [TEXT.strip("\n"), "", "## Times", "", head, _rule(8), *map(_line, spans)]
    parts += ["", "## Days and turns", "", "| clock | law | when | kind | confidence | source |"]
    parts += [_rule(6), *map(_dated, dates), "", "## Which form starts which clock", ""]
    parts += ["| form | clock | at |", _rule(3), *_forms()]
    parts += [PAUSES.rstrip("\n"), "", "| clock | basis | when | letters |", _rule(4), *_pauses()]
    parts += [PLACES.rstrip("\n"), "", "| place | time zone | confidence | source |", _rule(4)]
    parts += [_place(code) for code in calendars.places()]
    return "\n".join(parts) + "\n"


def _rule(columns: int) -> str:
    return "|" + "---|" * columns


def _line(one: Deadline) -> str:
    time = f"`{one.duration}`" if one.duration else f"own aim `{one.suggested}`"
    later = "Reg. 1182/71" if one.calendar is Rule.EU else "—"
    start = (one.start or "—").replace("_", " ")
    cells = (f"`{one.id}`", one.law, start, time, one.kind.value, later)
    return _row(*cells, one.confidence.value, one.source or "not stated")


def _dated(one: Deadline) -> str:
    when = one.date or one.due or one.text or "—"
    kind = "every " + when if one.kind is ClockKind.RECURRING else one.kind.value
    return _row(
        f"`{one.id}`", one.law, when, kind, one.confidence.value, one.source or "not stated"
    )


def _forms() -> list[str]:
    return [
        _row(form.titles["en"], f"`{clock.duty}`", clock.at.replace("_", " "))
        for form in orders.received_here()
        for clock in form.clocks
    ]


def _pauses() -> list[str]:
    return [
        _row(f"`{one.id}`", pause.basis, pause.when, ", ".join(f"`{x}`" for x in pause.letters))
        for one in deadlines.load().values()
        for pause in one.pauses
    ]


def _place(code: str) -> str:
    place = calendars.places()[code]
    return _row(f"`{code}`", place.zone, place.confidence.value, place.source)


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
