# SPDX-License-Identifier: Apache-2.0
"""Carrying out an order to preserve: sealed, held, nobody told, nothing disclosed.

What stands of the named accounts and addresses is sealed in the vault, and a hold stops
every deletion of it until the order's term is over and somebody has looked. The answer
is the same whether an account exists or not.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from django.utils.translation import gettext as _

from vigie.core.clock import DAY_MS
from vigie.core.errors import RefusedError, VigieError
from vigie.evidence.terms import TERMS
from vigie.flow.decided import by_number
from vigie.flow.holds import place_hold
from vigie.flow.house import House
from vigie.flow.notices.locate import DEFAULT_SERVICE
from vigie.flow.orders import answering, letters, prove, targets
from vigie.flow.statement_text import moment
from vigie.flow.transaction import writing
from vigie.flow.vault import preserve
from vigie.law.order_form import Aim
from vigie.law.wording import wording
from vigie.store.models import ApiKey, DecisionRecord, Evidence, Order, OrderOutcome, User

RULES: Final = {
    "epocpr_annex_ii": "eevidence_preservation",
    "eevidence_annex_v": "eevidence_preservation",
    "eevidence_annex_vi": "eevidence_preservation",
    "preservation_request": "budapest_freeze",
}
ANNEX_VI: Final = "eevidence_annex_vi"
OWNER: Final = "legal"
MOST: Final = 2_000
"""Items of one account that are sealed; a hold covers all of them."""


def keep(house: House, user: User, order: Order, note: str = "") -> Order:
    """Preserve what an order names; returns it, closed. Outside a transaction.

    Raises RefusedError without permission, without proof, for a form of another aim and
    where the vault takes nothing (`not_preserved`): then nothing is said to be preserved.
    ConflictError where it was answered.
    """
    check_keep(user, order)
    heads = list(heads_of(house, order))
    lost = [code for head in heads for code in _seal(house, head, order)]
    with writing():
        row = answering.open_order(order)
        check_keep(user, row)
        if lost:
            raise RefusedError(
                _("Not everything could be sealed: nothing is reported as preserved."),
                code="not_preserved",
                fix=_("Set up the vault (`vigie vault init`) and try again."),
            )
        until = until_of(row, house.now())
        holds = list(_hold(house, user, row, until))
        _close(house, user, row, note, until, len(heads), holds)
    return row


def check_keep(user: User, order: Order) -> None:
    """Raise what `keep` would raise before it looks anything up."""
    answering.check_may(user)
    form = answering.form_of(order)
    if form.aim is not Aim.PRESERVATION:
        raise RefusedError(_("This form does not ask to preserve."), code="other_aim")
    if not form.sure:
        raise RefusedError(_("The law data of this form are not sure enough."), code="low_form")
    prove.check_suffices(order)


def until_of(order: Order, now: int) -> int:
    """Return until when it is kept at least, by the term of its form."""
    term = next(one for one in TERMS if one.id == rule_of(order))
    days = term.extension_days if order.form == ANNEX_VI else term.least_days
    return now + (days or term.least_days) * DAY_MS


def rule_of(order: Order) -> str:
    """Return the retention rule of an order to preserve."""
    return RULES.get(order.form, "budapest_freeze")


def heads_of(house: House, order: Order) -> Iterator[DecisionRecord]:
    """Yield the last word about every item that is to be preserved, each once."""
    seen: set[int] = set()
    for named in targets.named(order):
        if named.head is not None and named.head.pk not in seen:
            seen.add(named.head.pk)
            yield named.head
    for service, account in accounts_of(order):
        author = house.pseudonym(service, account)
        rows = DecisionRecord.objects.filter(
            author=author, service=service, superseded_by=None, duplicate_of=None
        )
        for row in rows.order_by("-number")[:MOST]:
            if row.pk not in seen:
                seen.add(row.pk)
                yield row


def accounts_of(order: Order) -> list[tuple[str, str]]:
    """Return the named accounts by service; without one, of each product of the operator."""
    services = set(ApiKey.objects.exclude(service="").values_list("service", flat=True))
    found: dict[tuple[str, str], None] = {}
    for one in order.data.order_by("pk"):
        found[one.service, one.account] = None
        if one.service == DEFAULT_SERVICE:
            found |= dict.fromkeys((name, one.account) for name in sorted(services))
    return list(found)


def _seal(house: House, head: DecisionRecord, order: Order) -> Iterator[str]:
    """Seal one item for an order, once; yield the code of what went wrong."""
    rows = Evidence.objects.filter(order=order, service=head.service, item_id=head.item_id)
    if head.cls == targets.CHILD or rows.filter(shredded_at=None).exists():
        return
    basis = f"{answering.form_of(order).law}, O-{order.number}"
    try:
        preserve.preserve(house, head, order=order, rule=rule_of(order), basis=basis)
    except VigieError as problem:
        yield problem.code


def _hold(house: House, user: User, order: Order, until: int) -> Iterator[int]:
    """Forbid every deletion of what is named until somebody has looked again."""
    basis = f"{answering.form_of(order).law}, O-{order.number}"
    by = by_number(user)
    for service, account in accounts_of(order):
        hold = place_hold(
            house,
            basis=basis,
            owner=OWNER,
            review_at=until,
            author_id=account,
            service=service,
            by=by,
        )
        yield hold.pk
    for one in targets.named(order):
        if one.seen:
            hold = place_hold(
                house,
                basis=basis,
                owner=OWNER,
                review_at=until,
                item_id=one.place.item_id,
                service=one.place.service,
                by=by,
            )
            yield hold.pk


def _close(
    house: House,
    user: User,
    order: Order,
    note: str,
    until: int,
    count: int,
    holds: list[int],
) -> None:
    now = house.now()
    order.executed_at, order.effect_at = now, now
    order.decided_by, order.reason = user, note.strip()[: answering.MAX_REASON]
    order.save(update_fields=["executed_at", "effect_at"])
    answering.close(order, OrderOutcome.FOLLOWED, now)
    spoken = letters.language_of(order)
    data = {"until": wording(spoken).day(moment(until).date())}
    letter = letters.write(
        house, order, "preservation", data=data, language=spoken, by=by_number(user)
    )
    letters.send_if_known(house, letter)
    plain = {"outcome": order.outcome, "items": count, "holds": holds, "until": until}
    answering.record(house, answering.EXECUTED, order, user, plain, {"note": order.reason})
