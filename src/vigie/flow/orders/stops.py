# SPDX-License-Identifier: Apache-2.0
"""What a letter that has left does to clocks: it stops some, where their law says so.

Nothing stops by waiting, and nothing by a letter that is only written.
"""

from __future__ import annotations

from typing import Final

from vigie.core.errors import ConflictError
from vigie.flow.house import House
from vigie.flow.orders import clocks
from vigie.law import deadlines
from vigie.law import orders as forms
from vigie.store.models import ClockState, DutyClock, OrderLetter

SUBJECT: Final = "order"
_IMPOSSIBLE: Final = ("force_majeure", "impossible", "not_stored")


def after_letter(house: House, letter: OrderLetter) -> int:
    """Stop the clocks that this letter lets stop, start those it starts; how many stopped.

    Inside `transaction.writing`, after the letter was marked as sent.
    """
    _start(house, letter)
    running = DutyClock.objects.filter(
        subject=SUBJECT, number=letter.order_id, state=ClockState.RUNNING
    )
    return sum(_stop(house, clock, letter) for clock in running)


def _start(house: House, letter: OrderLetter) -> None:
    form = forms.load().get(letter.order.form)
    for one in form.clocks if form else ():
        if one.at == f"letter_{letter.kind}":
            clocks.start(
                house,
                duty=one.duty,
                subject=SUBJECT,
                number=letter.order_id,
                at=letter.sent_at or house.now(),
                order=letter.order,
                start_event="letter_sent",
            )


def _stop(house: House, clock: DutyClock, letter: OrderLetter) -> bool:
    known = deadlines.load().get(clock.duty)
    pauses = [one for one in known.pauses if letter.kind in one.letters] if known else []
    wanted = basis_of(letter)
    chosen = next((one for one in pauses if one.id == wanted), None)
    if chosen is None or not _says_so(letter):
        return False
    try:
        clocks.pause(house, clock, chosen.id)
    except ConflictError:  # past its time: a letter does not make it good
        return False
    return True


def basis_of(letter: OrderLetter) -> str:
    """Return on which pause of the law a letter relies: `impossible` or `unclear`."""
    values = letter.data.get("values", {})
    named = values.get("ground") or values.get("reason") or ()
    grounds = {named} if isinstance(named, str) else set(named)
    return "impossible" if grounds & set(_IMPOSSIBLE) else "unclear"


def _says_so(letter: OrderLetter) -> bool:
    """Say whether it tells that the order cannot be carried out yet: not a refusal for good."""
    return letter.order.state != "closed"
