# SPDX-License-Identifier: Apache-2.0
"""A sender directory that was filled in before anybody wrote, by two people."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.support.order_papers import PRODUCTION, receive
from tests.support.people import Agora
from tests.support.signers import Signer, TestAuthority
from vigie.core.clock import DAY_MS
from vigie.exchange.papers import reader, worker
from vigie.exchange.signed.check import check
from vigie.flow.orders import authorities, signatures
from vigie.flow.orders.authorities import AuthorityForm, ContactForm
from vigie.store.models import Authority, AuthorityContact, Order, User

PHONE = "+49 30 9014-0"
MAIL = "poststelle@sta.example"
SOURCE = "https://www.berlin.example/sta/kontakt"
EPOC = "epoc_annex_i"
TCO = "tco_removal_order_annex_i"
_GIVEN = ("channel", "user", "key", "sender", "reply_to")
ACCOUNT = "ana.lima"


@dataclass
class Senders:
    """A prosecutor's office with checked contacts, and the people of the legal desk."""

    agora: Agora
    enters: User = field(init=False)
    checks: User = field(init=False)
    calls: User = field(init=False)
    decides: User = field(init=False)
    office: Authority = field(init=False)
    phone: AuthorityContact = field(init=False)
    mail: AuthorityContact = field(init=False)

    def __post_init__(self) -> None:
        names = ("e.nter", "c.heck", "c.all", "d.ecide")
        people = [self.agora.person(name, role="legal", number=n) for n, name in enumerate(names)]
        self.enters, self.checks, self.calls, self.decides = people
        self.agora.clock.advance(-30 * DAY_MS)
        self.office = self.authority("Staatsanwaltschaft Beispielstadt")
        self.phone = self.contact("phone", PHONE)
        self.mail = self.contact("mail", MAIL, declared=True)
        self.agora.clock.advance(30 * DAY_MS)

    def authority(self, name: str, country: str = "DE", kind: str = "prosecutor") -> Authority:
        """Enter an authority."""
        form = AuthorityForm(name=name, country=country, kind=kind)
        return authorities.add(self.agora.house, self.enters, form)

    def contact(
        self,
        kind: str,
        value: str,
        of: Authority | None = None,
        *,
        checked: bool = True,
        declared: bool = False,
    ) -> AuthorityContact:
        """Enter a contact, and let a second person find it in its source."""
        form = ContactForm(kind=kind, value=value, source=SOURCE, declared=declared)
        row = authorities.add_contact(self.agora.house, self.enters, of or self.office, form)
        if checked:
            row = authorities.check_contact(self.agora.house, self.checks, row)
        return row

    def signer(
        self,
        root: TestAuthority,
        *,
        known: bool = True,
        qualified: bool = True,
        days: tuple[int, int] = (-60, 300),
        of: Authority | None = None,
    ) -> Signer:
        """Issue a seal, entered in the directory a month ago unless `known` is False."""
        made = root.signer("Seal of the office", qualified=qualified, days=days)
        if known:
            self.agora.clock.advance(-30 * DAY_MS)
            self.contact("certificate", made.fingerprint, of)
            self.agora.clock.advance(30 * DAY_MS)
        return made

    def order(self, form: str = EPOC, **values: Any) -> Order:
        """Receive an order by the public form: complete, from this office, unproven."""
        more = {name: values.pop(name) for name in _GIVEN if name in values}
        fields = PRODUCTION | values
        given = receive(self.agora, form, fields, **more)
        return Order.objects.get(pk=given.number)


def refreshed(order: Order) -> Order:
    """Return the order as it is now."""
    return Order.objects.select_related("authority").get(pk=order.pk)


def read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read documents in this process: the limits of the other one have tests of their own."""
    monkeypatch.setattr(reader, "read", worker.answer)
    monkeypatch.setattr(signatures, "ask", check)
