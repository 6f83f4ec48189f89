# SPDX-License-Identifier: Apache-2.0
"""What somebody who is no authority tries: through the real doors, at a desk that believes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from tests.support.order_papers import PRODUCTION
from tests.support.people import NOW
from tests.support.senders import EPOC, Senders
from tests.support.signers import TestAuthority
from vigie.core.errors import VigieError
from vigie.evidence import age
from vigie.flow import keys, packages, second_person
from vigie.flow.orders import (
    disclose,
    emergency,
    execute,
    letters,
    narrow,
    prove,
    prove_signed,
)
from vigie.flow.orders.letters.known import KINDS
from vigie.store.models import (
    ApiScope,
    Authority,
    AuthorityContact,
    Order,
    OutgoingTask,
)
from vigie.web.order_form import PREFIX

RECIPIENT = packages.read_recipient(age.generate().recipient)
SPOKE = "He says that he is the prosecutor and that it is genuine."


@dataclass
class Forger:
    """Sends orders, and a desk that lets itself be talked into every verb it has."""

    senders: Senders
    client: Client
    root: TestAuthority
    lures: list[AuthorityContact] = field(default_factory=list)
    """Contacts to which a desk may be talked; never the genuine number, which would say no."""
    caller: Any = None
    """Who notes the call-back; without one, the second officer."""
    wanted: frozenset[str] | None = None
    """Categories that the desk is talked into granting; without any, all of them."""

    def form(self, form: str = EPOC, *papers: bytes, typed: bool = True, **values: Any) -> Order:
        """Send the public form, as anybody may."""
        fields = {**(PRODUCTION if typed else {}), **values}
        posted: dict[str, Any] = {
            name: fields.pop(name) for name in ("sender", "reply_to") if name in fields
        }
        for name, value in fields.items():
            many = isinstance(value, list) and name not in {"reasons", "data_categories"}
            posted[f"{PREFIX}{name}"] = "\n".join(value) if many else value
        posted["documents"] = [
            SimpleUploadedFile(f"order-{n}.pdf", one) for n, one in enumerate(papers)
        ]
        answer = self.client.post(reverse("portal:order-form", args=[form]), posted)
        assert answer.status_code == 302, answer.content
        return Order.objects.latest("number")

    def api(self, data: bytes, kind: str, form: str = EPOC, **query: str) -> Order:
        """Send a document with an API key, as a system of an authority does."""
        _key, secret = keys.create_key(self.senders.agora.house, "system", [ApiScope.ORDERS])
        query = {"form": form, **query}
        answer = Client().post(
            f"/api/v1/orders?{'&'.join(f'{name}={value}' for name, value in query.items())}",
            data,
            content_type=kind,
            headers={"authorization": f"Bearer {secret}"},
        )
        assert answer.status_code == 201, answer.content
        return Order.objects.latest("number")

    def genuine(self, order: Order) -> Order:
        """Let the authority itself confirm an order, by its own number."""
        senders = self.senders
        prove.by_call_back(senders.agora.house, senders.calls, order, senders.phone, SPOKE)
        return Order.objects.get(pk=order.pk)

    def before(
        self, days: int, kind: str, value: str, of: Authority | None = None, **more: Any
    ) -> AuthorityContact:
        """Enter a contact so many days ago, and make it a lure."""
        self.senders.agora.clock.ms = NOW - days * 86_400_000
        row = self.senders.contact(kind, value, of, **more)
        self.senders.agora.clock.ms = NOW
        self.lures.append(row)
        return row

    def believe(self, order: Order) -> list[str]:
        """Let the desk note every proof that it is talked into; return what it was refused."""
        senders, house = self.senders, self.senders.agora.house
        who = self.caller or senders.calls
        tries: list[Any] = [
            lambda c=one: prove.by_call_back(house, who, order, c, SPOKE) for one in self.lures
        ]
        tries += [
            lambda c=one: prove.by_declared_contact(house, senders.enters, order, c, SPOKE)
            for one in (*self.lures, senders.mail)
        ]
        tries += [lambda c=one: prove.by_eevidence(house, order, c, "1") for one in self.lures]
        tries += [
            lambda d=one: prove_signed.compared(house, who, order, d, SPOKE)
            for one in order.documents.all()
        ]
        tries.append(lambda: prove.by_signature(house, order))
        return refused(tries)

    def press(self, order: Order) -> list[str]:
        """Let the desk use every verb that lets something out; return what it was refused."""
        house, decides = self.senders.agora.house, self.senders.decides
        rows = [
            one.pk for one in order.data.all() if self.wanted is None or one.category in self.wanted
        ]
        out = house.settings.data_dir / "package.age"
        tries: list[Any] = [
            lambda: disclose.grant(house, decides, order, rows, SPOKE),
            lambda: emergency.ask(house, decides, order, rows, SPOKE),
            lambda: disclose.scope_of(order),
            lambda: packages.build(house, user=decides, recipient=RECIPIENT, out=out, order=order),
            lambda: execute.execute(house, decides, order, self.senders.checks),
        ]
        named = [name for name, one in KINDS.items() if one.names_content]
        tries += [
            lambda k=one: letters.write(house, order, k, data=self.said(order, k), by="legal 3")
            for one in named
        ]
        if self.wanted is None:
            tries.append(lambda: narrow.narrow(house, decides, order, SPOKE))
        found = refused(tries)
        assert not out.exists()
        for request in second_person.waiting_for(self.senders.checks):
            found += refused(
                [lambda r=request: second_person.confirm(house, self.senders.checks, r)]
            )
        return found

    @staticmethod
    def said(order: Order, kind: str) -> dict[str, str]:
        """Return words that would give an account away, for a letter of a kind."""
        words = " ".join(order.data.values_list("account", flat=True)) or "ana.lima"
        needed = KINDS[kind].text.needs - {"number"}
        return dict.fromkeys(needed, f"there is {words}")


def refused(tries: list[Any]) -> list[str]:
    """Run each, and return the codes of those that were refused."""
    codes = []
    for one in tries:
        try:
            one()
        except VigieError as problem:
            codes.append(problem.code)
    return codes


def left() -> list[str]:
    """Return what waits to leave the house, as text."""
    return [str(one.payload) for one in OutgoingTask.objects.all()]
