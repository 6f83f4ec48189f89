# SPDX-License-Identifier: Apache-2.0
"""What one person asks for and another must confirm: nothing happens before.

A kind of act is registered with the permission that its second person needs
and with what carries it out. Confirming and carrying out are one transaction:
where the act fails, the request waits on and the second person is told why.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from vigie.core.errors import ConflictError, InvalidInputError, NotFoundError, RefusedError
from vigie.flow import records
from vigie.flow.house import House
from vigie.flow.transaction import writing
from vigie.store.models import SecondPersonRequest, SecondPersonState, User
from vigie.store.permissions import Permission

MAX_SUMMARY: Final = 300
MAX_REASON: Final = 2_000

CarryOut = Callable[[House, SecondPersonRequest, User], None]
"""Does what was asked; `user` is the second person. Inside `transaction.writing`."""
Visible = Callable[[User, SecondPersonRequest], bool]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of act: who may be its second person, who may see it, what does it."""

    permission: Permission
    carry_out: CarryOut
    visible: Visible | None = None


_kinds: Final[dict[str, Kind]] = {}


def register(
    kind: str, permission: Permission, carry_out: CarryOut, visible: Visible | None = None
) -> None:
    """Make a kind of act known; `visible` narrows who may see a single request."""
    _kinds[kind] = Kind(permission, carry_out, visible)


def ask(
    house: House,
    user: User,
    kind: str,
    payload: Mapping[str, Any],
    summary: str,
    reason: str,
    of: User | None = None,
) -> SecondPersonRequest:
    """Ask for an act; it waits until another person has confirmed it.

    Args:
        house: the installation.
        user: who asks; never the second person.
        kind: a registered kind.
        payload: what `carry_out` needs, as JSON.
        summary: one sentence for the second person, without content or names of authors.
        reason: why; for the record.
        of: the one person who is asked; none: anybody with the permission.

    Raises InvalidInputError for an empty or too long text, RefusedError where
    the person named could not confirm it.
    """
    known = kind_of(kind)
    check_words(summary, reason)
    if of is not None:
        check_second(known, user, of)
    now = house.now()
    with writing():
        row = SecondPersonRequest.objects.create(
            kind=kind,
            payload=dict(payload),
            summary=summary.strip(),
            reason=reason.strip(),
            asked_by=user,
            asked_of=of,
            asked_at=now,
        )
        _record("asked", row, user, now, {"reason": row.reason})
    return row


def check_words(summary: str, reason: str) -> None:
    """Raise InvalidInputError where a request does not say what and why."""
    if not summary.strip() or len(summary) > MAX_SUMMARY:
        raise InvalidInputError(
            _("Say what it is about in 1 to %(most)s characters.") % {"most": MAX_SUMMARY},
            field="summary",
        )
    if not reason.strip() or len(reason) > MAX_REASON:
        raise InvalidInputError(
            _("Give a reason of at most %(most)s characters.") % {"most": MAX_REASON},
            code="no_reason",
            field="reason",
        )


def check_second(known: Kind, asks: User, second: User) -> None:
    """Raise RefusedError where a person cannot be the second one."""
    if second.pk == asks.pk:
        raise RefusedError(_("Nobody confirms their own request."), code="own_request")
    if not second.has_perm(known.permission):
        raise RefusedError(_("This person may not confirm it."), code="may_not_confirm")


def confirm(house: House, user: User, request: SecondPersonRequest) -> SecondPersonRequest:
    """Confirm a request and carry it out, together or not at all.

    Raises RefusedError for one's own request or without the permission,
    ConflictError where it no longer waits, and whatever the act itself raises.
    """
    now = house.now()
    with writing():
        row = _waiting(user, request)
        known = _check_may_decide(user, row)
        _close(row, SecondPersonState.CONFIRMED, user, now)
        _record("confirmed", row, user, now)
        known.carry_out(house, row, user)
    return row


def refuse(
    house: House, user: User, request: SecondPersonRequest, reason: str = ""
) -> SecondPersonRequest:
    """Refuse a request; whoever asked takes it back by the same verb.

    Raises as `confirm` does.
    """
    if len(reason) > MAX_REASON:
        raise InvalidInputError(
            _("At most %(most)s characters.") % {"most": MAX_REASON}, field="reason"
        )
    now = house.now()
    with writing():
        row = _waiting(user, request)
        own = row.asked_by_id == user.pk
        if not own:
            _check_may_decide(user, row)
        state = SecondPersonState.WITHDRAWN if own else SecondPersonState.REFUSED
        _close(row, state, user, now)
        _record(state.value, row, user, now, {"reason": reason.strip()})
    return row


def waiting_for(user: User) -> QuerySet[SecondPersonRequest]:
    """Return what waits for this person's confirmation by permission, the oldest first.

    Where a kind narrows who may see a request, pass the rows through `may_see`.
    """
    _load()
    kinds = [name for name, known in _kinds.items() if user.has_perm(known.permission)]
    return (
        SecondPersonRequest.objects.filter(state=SecondPersonState.WAITING, kind__in=kinds)
        .exclude(asked_by=user)
        .filter(Q(asked_of=None) | Q(asked_of=user))
        .select_related("asked_by")
        .order_by("asked_at", "pk")
    )


def asked_by(user: User) -> QuerySet[SecondPersonRequest]:
    """Return what this person asked for, the newest first."""
    return (
        SecondPersonRequest.objects.filter(asked_by=user)
        .select_related("decided_by")
        .order_by("-asked_at", "-pk")
    )


def may_see(user: User, request: SecondPersonRequest) -> bool:
    """Say whether a person may see one request: who asked, and who could confirm it."""
    if request.asked_by_id == user.pk:
        return True
    known = kind_of(request.kind)
    named = request.asked_of_id in {None, user.pk}
    if not named or not user.has_perm(known.permission):
        return False
    return known.visible is None or known.visible(user, request)


def kind_of(name: str) -> Kind:
    """Return a registered kind. Raises InvalidInputError for any other."""
    _load()
    if name not in _kinds:
        raise InvalidInputError(_("There is no such kind of request."), field="kind")
    return _kinds[name]


def _load() -> None:
    """Let the verbs that carry something out register themselves."""
    from vigie.flow import decide_two, publishing, second_kinds  # noqa: F401, PLC0415 - they ask here
    from vigie.flow.gateway import brakes, profiles  # noqa: F401, PLC0415
    from vigie.flow.orders import agree, emergency  # noqa: F401, PLC0415
    from vigie.flow.vault import access  # noqa: F401, PLC0415


def _waiting(user: User, request: SecondPersonRequest) -> SecondPersonRequest:
    """Return the row as it is now, held. Raises where it does not wait or is not seen."""
    row = (
        SecondPersonRequest.objects.select_for_update(of=("self",))
        .select_related("asked_by")
        .filter(pk=request.pk)
        .first()
    )
    if row is None or not may_see(user, row):
        raise NotFoundError(_("There is no such request."), code="no_request")
    if row.state != SecondPersonState.WAITING:
        raise ConflictError(_("This request no longer waits."), code="decided_meanwhile")
    return row


def _check_may_decide(user: User, row: SecondPersonRequest) -> Kind:
    known = kind_of(row.kind)
    check_second(known, row.asked_by, user)
    if not row.asked_by.is_active:
        raise ConflictError(_("Who asked for it no longer works here."), code="asker_gone")
    return known


def _close(row: SecondPersonRequest, state: SecondPersonState, user: User, now: int) -> None:
    row.state, row.decided_by, row.decided_at = state, user, now
    row.save(update_fields=["state", "decided_by", "decided_at"])


def _record(
    verb: str,
    row: SecondPersonRequest,
    user: User,
    now: int,
    personal: Mapping[str, Any] | None = None,
) -> None:
    plain = {"request": row.pk, "act": row.kind, "account": user.pk}
    records.append_one(records.draft(f"second_person.{verb}", now, plain, personal))
