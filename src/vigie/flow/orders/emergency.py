# SPDX-License-Identifier: Apache-2.0
"""Emergencies: the same check of the sender, two persons, the least data, a look afterwards.

Urgency shortens the queue, never the check: without a proof that suffices there is
nothing to confirm. What leaves says who somebody is; the rest goes the ordinary way.
Within 24 hours somebody who did not ask for it looks at it again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from django.utils.translation import gettext as _

from vigie.core.errors import ConflictError, InvalidInputError, NotFoundError, RefusedError
from vigie.flow import records, second_person
from vigie.flow.decided import by_number
from vigie.flow.house import House
from vigie.flow.orders import clocks, coverage, disclose, prove
from vigie.flow.transaction import writing
from vigie.store.models import EmergencyRelease, Order, SecondPersonRequest, User
from vigie.store.permissions import Permission

KIND: Final = "order.emergency"
REVIEW: Final = "emergency_review"
SUBJECT: Final = "order"
JUSTIFIED: Final = "justified"
UNJUSTIFIED: Final = "unjustified"


def ask(
    house: House, user: User, order: Order, rows: Iterable[int], why: str
) -> SecondPersonRequest:
    """Ask a second person to let out the least data of an emergency.

    Raises RefusedError without permission or proof, for what the legal basis does not
    cover, and for more than says who somebody is.
    """
    wanted, reason = sorted(set(rows)), disclose.words(why)
    check(user, order, wanted)
    summary = _("Emergency: let out who is behind the accounts of O-%(number)s.") % {
        "number": order.number
    }
    payload = {"order": order.number, "rows": wanted}
    return second_person.ask(house, user, KIND, payload, summary, reason)


def check(user: User, order: Order, wanted: Collection[int]) -> None:
    """Raise where an emergency may not be answered like this; the sender's proof comes first."""
    disclose.check_granter(user, order)
    prove.check_suffices(order, discloses=True)
    if not order.emergency:
        raise ConflictError(
            _("This order says nothing of an emergency: grant it the ordinary way."),
            code="no_emergency",
        )
    found = disclose.check_rows(order, wanted)
    if any(one.row.category not in coverage.LEAST for one in found):
        raise RefusedError(
            _("In an emergency only what says who somebody is leaves; the rest is asked anew."),
            code="not_the_least",
            field="rows",
        )


def carry_out(house: House, request: SecondPersonRequest, user: User) -> None:
    """Let out what two persons agreed on; everything is checked again at this moment."""
    order = Order.objects.filter(pk=int(request.payload["order"])).first()
    if order is None:
        raise NotFoundError(_("There is no such order."), code="no_order")
    wanted = [int(one) for one in request.payload["rows"]]
    check(request.asked_by, order, wanted)
    now = house.now()
    given = disclose.give(house, request.asked_by, order, wanted, request.reason)
    plain = {
        "order": order.number,
        "by": by_number(request.asked_by),
        "second": by_number(user),
        "rows": len(given),
    }
    draft = records.draft("order.emergency", now, plain, {"reason": request.reason})
    records.append_one(draft)
    EmergencyRelease.objects.create(
        order=order,
        data=wanted,
        reason=request.reason,
        asked_by=request.asked_by,
        second=user,
        at=now,
        record_id=draft.record_id,
    )
    clocks.start(
        house,
        duty=REVIEW,
        subject=SUBJECT,
        number=order.number,
        at=now,
        order=order,
        start_event="emergency_disclosed",
    )


def review(house: House, user: User, release: EmergencyRelease, finding: str, note: str) -> None:
    """Note what somebody found who looked at a release afterwards.

    Not who asked for it; nor who confirmed it, while there is a third person who may.
    Raises RefusedError for these, ConflictError where it was looked at already.
    """
    if finding not in {JUSTIFIED, UNJUSTIFIED}:
        raise InvalidInputError(_("Say whether it was justified."), field="finding")
    words = disclose.words(note)
    now = house.now()
    with writing():
        row = EmergencyRelease.objects.select_for_update().filter(pk=release.pk).first()
        if row is None:
            raise NotFoundError(_("There is no such release."), code="no_release")
        if row.reviewed_at is not None:
            raise ConflictError(_("It was looked at already."), code="reviewed")
        _check_reviewer(row, user)
        row.reviewed_by, row.reviewed_at = user, now
        row.finding, row.review_note = finding, words
        row.save(update_fields=["reviewed_by", "reviewed_at", "finding", "review_note"])
        plain = {"order": row.order_id, "by": by_number(user), "finding": finding}
        records.append_one(records.draft("order.emergency_reviewed", now, plain, {"note": words}))
        if not row.order.releases.filter(reviewed_at=None).exists():
            clocks.meet(house, SUBJECT, row.order_id, REVIEW)


def _check_reviewer(release: EmergencyRelease, user: User) -> None:
    if not user.has_perm(Permission.ORDER_EXECUTE):
        raise RefusedError(_("Your role may not look at this again."))
    took_part = {release.asked_by_id, release.second_id}
    if user.pk == release.asked_by_id or (user.pk in took_part and _third(took_part)):
        raise RefusedError(_("Somebody who took no part looks at it again."), code="took_part")


def _third(took_part: Collection[int | None]) -> bool:
    """Say whether anybody else here could look at it."""
    others = User.objects.filter(is_active=True).exclude(pk__in=[one for one in took_part if one])
    return any(one.has_perm(Permission.ORDER_EXECUTE) for one in others)


def waiting(order: Order) -> list[EmergencyRelease]:
    """Return the releases of an order that nobody looked at again."""
    rows = order.releases.filter(reviewed_at=None).select_related("asked_by", "second")
    return list(rows.order_by("at"))


second_person.register(KIND, Permission.ORDER_EXECUTE, carry_out)
