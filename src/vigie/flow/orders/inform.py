# SPDX-License-Identifier: Apache-2.0
"""Telling the person concerned of an order, by the way the house reaches people: the platform.

Where content was restricted, the statement of reasons that was held back is issued.
Where data was kept or given out, the platform gets a message with the text for the
person in each language. Neither says more than happened: an order that was not
carried out tells nobody anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vigie.core.clock import iso
from vigie.flow import webhooks
from vigie.flow.letters import wording
from vigie.law import orders as forms
from vigie.law.orders import Aim
from vigie.law.wording import LANGUAGES
from vigie.store.models import Order, OrderLocation, Statement, StatementState

if TYPE_CHECKING:
    from vigie.flow.house import House


def inform(house: House, order: Order) -> int:
    """Put on its way what tells the persons concerned; inside `transaction.writing`.

    Returns how many statements and messages that are; 0 where nobody is to be told,
    or where the platform asked for no such message.
    """
    return _statements(order, house.now()) + _accounts(house, order)


def _statements(order: Order, now: int) -> int:
    """Issue the statements that were held back; `jobs` does so within a second."""
    ours = OrderLocation.objects.filter(order=order, decision__isnull=False).values("decision")
    held = Statement.objects.filter(decision__in=ours, state=StatementState.PREPARED)
    return held.update(due_at=now)


def _accounts(house: House, order: Order) -> int:
    template = _template(order)
    if template is None or order.executed_at is None:
        return 0
    rows = order.data.all() if template == "order_preserved" else order.data.filter(granted=True)
    named = sorted(set(rows.values_list("service", "account")))
    texts = _texts(house, order, template)
    return sum(len(_send(house, order, one, texts)) for one in named)


def _template(order: Order) -> str | None:
    form = forms.load().get(order.form)
    if form is None:
        return None
    if form.discloses:
        return "order_disclosed"
    return "order_preserved" if form.aim is Aim.PRESERVATION else None


def _texts(house: House, order: Order, template: str) -> dict[str, dict[str, str]]:
    """Write the text in each language."""
    settings = house.settings
    values = {
        "number": f"O-{order.number}",
        "date": iso(order.received_at)[:10],
        "authority": order.authority.name if order.authority is not None else order.sender,
        "law": forms.load()[order.form].law,
        "operator": settings.operator or "Vigie",
        "site": settings.base_url,
    }
    found = {}
    for language in LANGUAGES:
        mail = wording.render(settings.letters_dir, template, language, values)
        found[language] = {"subject": mail.subject, "body": mail.body}
    return found


def _send(
    house: House, order: Order, named: tuple[str, str], texts: dict[str, dict[str, str]]
) -> list[Any]:
    service, account = named
    data = {
        "order": f"O-{order.number}",
        "service": service,
        "author_id": account,
        "texts": texts,
    }
    now = house.now()
    body = webhooks.payload(webhooks.PERSON_INFORMED, now, data)
    return webhooks.enqueue(webhooks.PERSON_INFORMED, body, now)
