# SPDX-License-Identifier: Apache-2.0
"""A proven order with its grant, and a vault that holds what it names and what it does not."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyrage
import pytest

from tests.support.people import Agora
from tests.support.senders import ACCOUNT, Senders
from tests.support.vaults import Vault
from vigie.core.clock import DAY_MS
from vigie.flow import packages
from vigie.flow.orders import disclose, prove
from vigie.flow.packages import Made, read_recipient
from vigie.store.models import AuthorityContact, DecisionRecord, Evidence, Order, User

SERVICE = "default"
PERIOD = ("2026-11-01T00:00:00+00:00", "2026-11-22T20:59:00+00:00")


@dataclass
class Packing:
    """Everything that a package is made from."""

    agora: Agora
    vault: Vault
    senders: Senders
    folder: Path
    order: Order = field(init=False)
    decision: DecisionRecord = field(init=False)
    phone: AuthorityContact = field(init=False)

    def __post_init__(self) -> None:
        number = self.agora.proposal("p-7", author=ACCOUNT, service=SERVICE)
        self.decision = DecisionRecord.objects.get(number=number)
        self.agora.clock.advance(-30 * DAY_MS)
        court = self.senders.authority("Amtsgericht Beispielstadt", kind="court")
        self.phone = self.senders.contact("phone", "+49 30 9015-0", court)
        self.agora.clock.advance(30 * DAY_MS + 60_000)
        self.order = self.ask("content")
        self.identity = pyrage.x25519.Identity.generate()
        self.recipient = read_recipient(str(self.identity.to_public()))

    def ask(self, *categories: str, **more: Any) -> Order:
        """Receive an order of the court about one account."""
        return self.senders.order(
            data_categories=list(categories),
            issuing_authority_type="court",
            issuing_authority="Amtsgericht Beispielstadt",
            traffic_content_condition="three_years",
            period_from=PERIOD[0],
            period_until=PERIOD[1],
            **more,
        )

    @property
    def by(self) -> User:
        """Who makes the package."""
        return self.senders.decides

    def grant(self) -> Order:
        """Prove the order by a call-back and grant all that it asks for."""
        house, order = self.agora.house, self.order
        prove.by_call_back(house, self.senders.calls, order, self.phone, "Confirmed.")
        rows = list(order.data.values_list("pk", flat=True))
        disclose.grant(house, self.by, order, rows, "covered")
        return Order.objects.get(pk=order.pk)

    def seal(self, data: bytes, author: str = ACCOUNT, **more: Any) -> Evidence:
        """Seal something of an author."""
        given = {"service": SERVICE, "item_id": "p-7", "decision": self.decision, "meta": {}}
        pseudonym = self.agora.house.pseudonym(SERVICE, author)
        return self.vault.seal(data, author=pseudonym, **{**given, **more})

    def build(self, name: str = "out.zip.age", **more: Any) -> Made:
        """Make the package of the order."""
        given = {"order": self.order, "user": self.by, "recipient": self.recipient, **more}
        return packages.build(self.agora.house, out=self.folder / name, **given)

    def opened(self, made: Made) -> bytes:
        """Decrypt a package."""
        return bytes(pyrage.decrypt(made.file.read_bytes(), [self.identity]))


@pytest.fixture
def packing(
    agora: Agora, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> Packing:
    """An order about one account of whom something was sealed."""
    vault = Vault(agora.house).install(monkeypatch)
    vault.set_up()
    agora.publish_trust()
    return Packing(agora, vault, Senders(agora), tmp_path_factory.mktemp("out"))
