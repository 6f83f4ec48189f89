# SPDX-License-Identifier: Apache-2.0
"""A desk with a removal order from a proven sender, and the people who answer it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.support.order_papers import REMOVAL, receive
from tests.support.people import Agora
from tests.support.senders import TCO, Senders
from vigie.core.clock import DAY_MS
from vigie.flow.orders import execute, prove
from vigie.flow.orders.execute import Carrying
from vigie.flow.webhooks import add_webhook
from vigie.store.models import Authority, AuthorityContact, Order, User

NOTE = "Called back: the duty officer confirmed reference and addresses."
UNKEPT = "The vault of this test is not set up."


@dataclass
class Desk:
    """Two posts of Agora, a webhook, the directory, two persons of the legal role."""

    agora: Agora
    senders: Senders = field(init=False)
    first: User = field(init=False)
    second: User = field(init=False)
    office: Authority = field(init=False)
    phone: AuthorityContact = field(init=False)
    mail: AuthorityContact = field(init=False)
    posts: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.senders = Senders(self.agora)
        self.first, self.second = self.senders.decides, self.senders.checks
        self.agora.clock.advance(-30 * DAY_MS)
        self.office = self.senders.authority("Office central", country="FR", kind="police")
        self.phone = self.senders.contact("phone", "+33 1 40 97 80 00", self.office)
        self.mail = self.senders.contact("mail", "contact@office.example", self.office)
        self.agora.clock.advance(30 * DAY_MS)
        add_webhook(self.agora.house, "https://agora.example/hooks")
        self.posts = [self.agora.harmless(), self.agora.harmless("p-301", "Good evening to all.")]

    def order(self, form: str = TCO, *, proven: bool = True, **values: Any) -> Order:
        """Receive a removal order about both posts; proven by a call-back unless not."""
        addresses = [f"https://agora.example/p/p-30{n}" for n in range(2)]
        fields = REMOVAL | {"content_locations": addresses} | values
        given = receive(self.agora, form, fields)
        order = Order.objects.get(pk=given.number)
        if proven:
            self.prove(order)
        return refreshed(order)

    def prove(self, order: Order) -> None:
        """Call the office back, by the number that stands in the directory."""
        prove.by_call_back(self.agora.house, self.senders.calls, order, self.phone, NOTE)

    def execute(self, order: Order, **how: Any) -> Order:
        """Carry an order out by two persons, without a vault."""
        told = {"unpreserved": UNKEPT} | how
        return execute.execute(self.agora.house, self.first, order, self.second, Carrying(**told))

    def confirm(self, order: Order, *territories: str) -> None:
        """Let the platform confirm what was decided for an order."""
        self.agora.deliver()
        for one in order.locations.filter(decision__isnull=False):
            assert one.decision is not None
            self.agora.confirm(one.decision.number, *territories)


def refreshed(order: Order) -> Order:
    """Return the order as it is now."""
    return Order.objects.select_related("authority").get(pk=order.pk)
