# SPDX-License-Identifier: Apache-2.0
"""Preserve before removal: what an order makes us keep is sealed before anything changes.

Calls the platform for pictures, so outside transactions. What could not be had is
said. Where the law of the form asks for preservation and nothing could be sealed, the
order is not carried out unless a person says why it must be all the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from vigie.core.errors import RefusedError, VigieError
from vigie.flow.house import House
from vigie.flow.orders.targets import CHILD, Named
from vigie.flow.vault import preserve
from vigie.store.models import DecisionRecord, Evidence, Order

TCO: Final = "tco_removal_order_annex_i"
NEVER_SEEN: Final = "never_seen"
"""Vigie never saw it: there is nothing here to preserve."""


class Rule(NamedTuple):
    """Under which retention rule it is kept, and on what basis."""

    name: str
    basis: str
    owed: bool


def rule_of(order: Order) -> Rule:
    """Return the rule of an order's form; owed where the act itself asks for it."""
    if order.form == TCO:
        return Rule("tco_preservation", "Art. 6 Regulation (EU) 2021/784", owed=True)
    return Rule("order", f"O-{order.number}: what an order of an authority names", owed=False)


def preserve_all(house: House, order: Order, named: Iterable[Named]) -> dict[int, str]:
    """Seal what stands of each named item, once; return why not, by position of location.

    Outside a transaction. Never raises for what cannot be had.
    """
    rule, missing = rule_of(order), {}
    for one in named:
        if one.head is None:
            missing[one.location.position] = NEVER_SEEN
        elif one.head.cls != CHILD and not _is_kept(order, one.head):
            problem = _preserve(house, one.head, order, rule)
            if problem:
                missing[one.location.position] = problem
    return missing


def _preserve(house: House, head: DecisionRecord, order: Order, rule: Rule) -> str:
    try:
        preserve.preserve(house, head, order=order, rule=rule.name, basis=rule.basis)
    except VigieError as problem:
        return problem.code
    return ""


def _is_kept(order: Order, head: DecisionRecord) -> bool:
    rows = Evidence.objects.filter(order=order, service=head.service, item_id=head.item_id)
    return rows.filter(shredded_at=None).exists()


def check(order: Order, named: Iterable[Named], accepted: str) -> None:
    """Raise RefusedError `not_preserved` where what the law asks for is not sealed.

    `accepted`: why it is carried out all the same; it goes on record.
    """
    if not rule_of(order).owed or accepted.strip():
        return
    heads = [one.head for one in named if one.head is not None]
    lost = [head for head in heads if head.cls != CHILD and not _is_kept(order, head)]
    if lost:
        raise RefusedError(
            "What the order makes us preserve could not be sealed: nothing was done.",
            code="not_preserved",
            field="unpreserved",
            fix="Set up the vault (`vigie vault init`), or say why it is carried out without.",
        )
