# SPDX-License-Identifier: Apache-2.0
"""What the person concerned is told of an order that was carried out (Art. 9(5) DSA).

A page at an address of its own, as for every restriction, with the order's reasons,
redress and territory. It is not one of Art. 17, and nothing of it goes to the
transparency database. Under a duty of silence it is prepared and issued to nobody
(`flow.statements` asks `flow.orders.hidden`) until the silence ends.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from vigie.core.decision import Action
from vigie.flow.house import House
from vigie.flow.statement_text import DAY_MS, Applied, again, digest_of, moment, parsed
from vigie.law import orders as forms
from vigie.law.order_form import Means, OrderForm
from vigie.law.order_statement import OrderGround, compose_order
from vigie.law.restriction import Automation, Exemption, Restriction, Source
from vigie.law.wording import LANGUAGES
from vigie.store.models import (
    DecisionRecord,
    ItemContent,
    Order,
    OutgoingTask,
    Statement,
    StatementState,
    TaskKind,
)

TCO: Final = "tco_removal_order_annex_i"
_LIVE: Final = (StatementState.PREPARED, StatementState.ISSUED)


def settle(
    house: House,
    row: DecisionRecord,
    order: Order,
    acting: Sequence[Action],
    *,
    unsent: bool,
) -> None:
    """Prepare the page of what an order restricts, or end it where that was taken back.

    Inside `transaction.writing`, by `decided.commit` alone.
    """
    name = f"O-{order.number}"
    mine = [one for one in acting if any(ground.order == name for ground in one.grounds)]
    if mine:
        _prepare(house, row, order, mine)
    else:
        _end(row, order, unsent=unsent)


def _prepare(house: House, row: DecisionRecord, order: Order, mine: Sequence[Action]) -> None:
    restrictions = [_restriction(row, one) for one in mine]
    expires = row.at + house.settings.statement_days * DAY_MS
    token = house.statement_token(row.decision_id, expires)
    told = OutgoingTask.objects.filter(decision=row, kind=TaskKind.WEBHOOK).exists()
    wait = house.settings.unconfirmed_seconds * 1000
    Statement.objects.create(
        decision=row,
        state=StatementState.PREPARED,
        exception=Exemption.ORDER.value,
        token_digest=digest_of(token),
        token_expires_at=expires,
        content=_content(house, restrictions, ground_of(order)),
        database_records=[],
        prepared_at=row.at,
        due_at=None if told or order.silent else row.at + wait,
    )


def _restriction(row: DecisionRecord, action: Action) -> Restriction:
    kept = ItemContent.objects.filter(
        service=row.service, item_id=row.item_id, version=row.version
    ).first()
    return Restriction(
        action=action.action,
        territories=action.territories,
        decided_at=moment(row.at),
        automated_detection=False,
        automated_decision=Automation.NOT,
        source=Source.OTHER,
        language=row.language or None,
        created_at=parsed(kept.published_at) if kept else None,
    )


def ground_of(order: Order) -> OrderGround:
    """Return what the person may read of an order, in the authority's own words."""
    form = forms.load().get(order.form)
    return OrderGround(
        act=_act(order.form),
        authority=order.authority.name if order.authority else order.sender,
        country=order.country,
        reference=order.reference,
        legal_basis=_said(order, form, Means.BASIS) or (form.law if form else ""),
        reasons=_said(order, form, Means.REASONS),
        redress=str(order.fields.get("redress") or ""),
    )


def _act(form: str) -> str:
    if form == TCO:
        return "tco"
    return "dsa" if form.startswith("dsa_art9") else "other"


def _said(order: Order, form: OrderForm | None, what: Means) -> str:
    field = form.means(what) if form else None
    value = order.fields.get(field.name) if field else None
    return value if isinstance(value, str) else ""


def _content(
    house: House, restrictions: Sequence[Restriction], ground: OrderGround
) -> dict[str, Any]:
    pages = [
        {
            language: msgspec.to_builtins(compose_order(one, ground, house.law, language))
            for language in LANGUAGES
        }
        for one in restrictions
    ]
    return {
        "restrictions": msgspec.to_builtins(list(restrictions)),
        "order": msgspec.to_builtins(ground),
        "titles": {},
        **pages[0],
        **({"more": pages[1:]} if len(pages) > 1 else {}),
    }


def reworded(house: House, content: Mapping[str, Any], applied: Applied) -> dict[str, Any]:
    """Return the page with the confirmed time, made again from what it keeps."""
    ground = msgspec.convert(content["order"], OrderGround)
    return _content(house, again(content, applied), ground)


def _end(row: DecisionRecord, order: Order, *, unsent: bool) -> None:
    """Say on the page that the restriction was lifted; one that nobody saw is cancelled."""
    numbers = order.locations.filter(decision__isnull=False).values("decision")
    pages = Statement.objects.filter(
        decision__in=numbers,
        decision__item_id=row.item_id,
        decision__service=row.service,
        decision__version=row.version,
        exception=Exemption.ORDER.value,
        state__in=_LIVE,
    )
    for page in pages:
        never = unsent or page.issued_at is None
        page.state = StatementState.CANCELLED if never else StatementState.LIFTED
        page.lifted_at = row.at
        page.save(update_fields=["state", "lifted_at"])
