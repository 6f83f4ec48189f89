# SPDX-License-Identifier: Apache-2.0
"""Duties of silence: each has a basis and an end or review date, at most 90 days on.

While one stands, nothing of the order shows to the person concerned or the public
(`flow.orders.hidden`). At its end the person is told by itself, unless a renewal is
on file or the law leaves the telling to the authority: then a person looks at it,
and until they have, the order stays hidden and its clock counts as missed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _

from vigie.core.clock import DAY_MS
from vigie.core.errors import ConflictError, InvalidInputError, RefusedError
from vigie.flow import records
from vigie.flow.decided import by_number
from vigie.flow.orders import clocks
from vigie.flow.orders.inform import inform
from vigie.flow.transaction import writing
from vigie.law import orders as forms
from vigie.law.deadlines import parse
from vigie.store.models import Order, Silence, User
from vigie.store.permissions import Permission

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from vigie.flow.house import House

BEGUN: Final = "silence.begun"
RENEWED: Final = "silence.renewed"
ENDED: Final = "silence.ended"
DUTY: Final = "silence_review"
SUBJECT: Final = "silence"
MOST_MS: Final = 90 * DAY_MS
"""No duty of silence stands longer without somebody looking at it again."""
BASIS: Final = 1_000


def standing(order: Order) -> Silence | None:
    """Return the duty of silence of an order that has not ended, if one stands."""
    return Silence.objects.filter(order=order, ended_at__isnull=True).order_by("-pk").first()


def begin(
    house: House, order: Order, *, basis: str, until: int | None = None, by: str = "vigie"
) -> Silence:
    """Begin a duty of silence; the one that stands already is returned as it is.

    Args:
        house: settings, law and time.
        order: the order that brings it.
        basis: act and article, or the words of the order.
        until: the end that the order names; without one, what its form allows.
        by: role number of who entered it; `vigie` for what was read from the form.

    It ends after 90 days at most, whatever the order says. Raises InvalidInputError
    without a basis, or for an end that has passed.
    """
    now = house.now()
    wanted = _checked(basis, until, now)
    with writing():
        here = standing(order)
        if here is not None:
            return here
        ends = min(wanted or now + MOST_MS, now + _allowed(order, now), now + MOST_MS)
        return _enter(house, order, BEGUN, basis, ends, by, renewed_from=None)


def _checked(basis: str, until: int | None, now: int) -> int | None:
    if not basis.strip() or len(basis) > BASIS:
        raise InvalidInputError(
            _("A duty of silence has a basis."),
            code="no_basis",
            field="basis",
            fix=_("Name the act."),
        )
    if until is not None and until <= now:
        raise InvalidInputError(_("That moment has passed."), code="past", field="until")
    return until


def _allowed(order: Order, now: int) -> int:
    """Return how long the form's law lets it stand at once."""
    form = forms.load().get(order.form)
    span = form.silence.span if form is not None and form.silence is not None else "P90D"
    return parse(span).after(now) - now


def _enter(
    house: House,
    order: Order,
    kind: str,
    basis: str,
    ends: int,
    by: str,
    *,
    renewed_from: Silence | None,
) -> Silence:
    now = house.now()
    plain = {"order": order.number, "ends": ends}
    draft = records.draft(kind, clocks.steady(house), plain, {"basis": basis, "by": by})
    records.append_one(draft)
    row = Silence.objects.create(
        order=order,
        basis=basis.strip(),
        begins_at=now,
        ends_at=ends,
        renewed_from=renewed_from,
        entered_by=by,
        record_id=draft.record_id,
    )
    Order.objects.filter(pk=order.pk).update(silent=True)
    order.silent = True
    clocks.start(
        house,
        duty=DUTY,
        subject=SUBJECT,
        number=row.pk,
        at=now,
        order=order,
        start_event="silence_begun",
        until=ends,
    )
    return row


def renew(
    house: House, order: Order, *, user: User, basis: str, until: int | None = None
) -> Silence:
    """Put a renewal on file: the silence goes on from now, for 90 days at most.

    Raises RefusedError for a role that carries out no orders; ConflictError where none
    stands: what has ended was told, and cannot be taken back; InvalidInputError as `begin`.
    """
    _check_may(user)
    now = house.now()
    wanted = _checked(basis, until, now)
    with writing():
        here = standing(order)
        if here is None:
            raise ConflictError(_("No duty of silence stands."), code="no_silence")
        ends = min(wanted or now + MOST_MS, now + _allowed(order, now), now + MOST_MS)
        here.ended_at = now
        here.save(update_fields=["ended_at"])
        clocks.meet(house, SUBJECT, here.pk, DUTY)
        by = by_number(user)
        return _enter(house, order, RENEWED, basis, ends, by, renewed_from=here)


def end(house: House, order: Order, *, user: User | None = None, reason: str = "") -> Silence:
    """End the silence of an order now, and tell the person concerned where that is ours.

    `user` is who ends it; None: its time does. Raises RefusedError for a role that
    carries out no orders, ConflictError where none stands.
    """
    if user is not None:
        _check_may(user)
    with writing():
        here = standing(order)
        if here is None:
            raise ConflictError(_("No duty of silence stands."), code="no_silence")
        now = house.now()
        Order.objects.filter(pk=order.pk).update(silent=False)
        order.silent = False
        told = inform(house, order) if tells(order) else 0
        here.ended_at = now
        here.informed_at = now if told else None
        here.save(update_fields=["ended_at", "informed_at"])
        # What ends by its time ends in time, however long nobody was there to see it.
        at = here.ends_at if user is None and now >= here.ends_at else now
        clocks.meet(house, SUBJECT, here.pk, DUTY, at=at)
        plain = {"order": order.number, "told": told}
        by = "vigie" if user is None else by_number(user)
        personal = {"by": by, "reason": reason[:BASIS]}
        records.append_one(records.draft(ENDED, clocks.steady(house), plain, personal))
    return here


def _check_may(user: User) -> None:
    if not user.has_perm(Permission.ORDER_EXECUTE):
        raise RefusedError(_("Your role may not answer orders."))


def tells(order: Order) -> bool:
    """Say whether the house tells the person concerned; else the authority does."""
    form = forms.load().get(order.form)
    return form is None or form.silence is None or form.silence.tells


def due(house: House) -> QuerySet[Silence]:
    """Return the duties of silence whose end has come, the oldest first."""
    rows = Silence.objects.filter(ended_at__isnull=True, ends_at__lte=house.now())
    return rows.select_related("order").order_by("ends_at", "pk")


def untold() -> QuerySet[Silence]:
    """Return the silences of orders that were carried out, at whose end nobody could be told."""
    rows = Silence.objects.filter(ended_at__isnull=False, informed_at__isnull=True)
    rows = rows.filter(renewals__isnull=True, order__executed_at__isnull=False)
    telling = [one.id for one in forms.load().values() if one.silence and one.silence.tells]
    return rows.filter(order__form__in=telling)


def run(house: House, limit: int = 100) -> int:
    """End what is over and tell the persons concerned; return how many ended.

    One that only the authority may end stays: its clock is missed, and a person is asked.
    """
    ended = 0
    ours = (one for one in due(house)[:limit] if tells(one.order))
    for row in ours:
        with writing():
            still = Silence.objects.filter(pk=row.pk, ended_at__isnull=True).exists()
            if still:
                end(house, Order.objects.get(pk=row.order_id))
                ended += 1
    return ended
