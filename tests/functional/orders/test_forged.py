# SPDX-License-Identifier: Apache-2.0
"""Forged and excessive orders: nothing is disclosed, whatever the desk is talked into.

Nothing means: no data, no word that an account exists, no letter that names one, no
message on its way, and the same answer for an account that exists and one that does not.
"""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.support.excesses import EXCESSIVE
from tests.support.forgeries import FORGED
from tests.support.forgers import Forger, left
from tests.support.order_papers import PRODUCTION, as_json
from tests.support.people import NOW, Agora
from tests.support.senders import ACCOUNT, EPOC, Senders, read_here
from tests.support.signers import TestAuthority
from vigie.console import order_parts
from vigie.core.errors import VigieError
from vigie.flow.orders import disclose, letters, prove
from vigie.store.models import EvidencePackage, Order, OrderLetter, OutgoingTask, Record

pytestmark = pytest.mark.django_db
PEOPLE = (ACCOUNT, "bo.reed")


@pytest.fixture
def forger(agora: Agora, client: Client) -> Forger:
    agora.proposal(author=ACCOUNT)
    OutgoingTask.objects.all().delete()  # what the platform is told of its own items
    root = TestAuthority("Qualified Root", NOW)
    root.trust(agora.folder, qualified=True)
    return Forger(Senders(agora), client, root)


@pytest.fixture(autouse=True)
def _read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    read_here(monkeypatch)


def assert_nothing_left(order: Order) -> None:
    """Hold that nothing about an account left, or waits to leave."""
    row = Order.objects.get(pk=order.pk)
    assert row.executed_at is None
    assert not EvidencePackage.objects.exists()
    assert left() == []
    for letter in OrderLetter.objects.all():
        said = f"{letter.data}{letters.pdf(letter)!r}"
        assert not any(person in said for person in PEOPLE), letter.kind
        assert letter.state != "sent"
    for record in Record.objects.filter(kind__startswith="order."):
        assert not any(person in bytes(record.content).decode() for person in PEOPLE)


def test_there_are_at_least_forty_of_them() -> None:
    assert len(FORGED) + len(EXCESSIVE) >= 40


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_order_discloses_nothing(forger: Forger, name: str) -> None:
    order = FORGED[name](forger)
    forger.believe(order)
    order = Order.objects.get(pk=order.pk)
    assert not prove.suffices(order, discloses=True)
    refusals = forger.press(order)
    assert "unproven" in refusals
    assert not order.data.filter(granted=True).exists()
    with pytest.raises(VigieError) as refused:
        disclose.scope_of(order)
    assert refused.value.code == "unproven"
    assert_nothing_left(order)


@pytest.mark.parametrize("name", EXCESSIVE)
def test_an_excessive_order_gets_nothing_beyond_its_basis(forger: Forger, name: str) -> None:
    order = EXCESSIVE[name](forger)
    assert prove.suffices(order, discloses=True)
    kinds = {"effect", "annex_ii", "disclosure", "preservation", "reinstated", "narrowing"}
    refusals = [code for code in forger.press(order) if code not in kinds]
    assert {"not_covered", "two_persons"} & set(refusals)
    assert not order.data.filter(granted=True).exists()
    with pytest.raises(VigieError) as refused:
        disclose.scope_of(order)
    assert refused.value.code == "nothing_granted"
    assert not EvidencePackage.objects.exists()
    sent = OrderLetter.objects.exclude(task=None)
    # A proven authority may be answered, at its address of the directory and without a name.
    assert len(left()) == sent.count()
    assert all(one.contact == forger.senders.mail for one in sent)
    assert not any(ACCOUNT in str(one.data) for one in sent)


def seen_by_the_sender(client: Client, account: str) -> list[str]:
    """Send an order for an account; return every page and answer, without numbers and codes."""
    house_pages = [reverse("portal:order-mine"), reverse("portal:order-receipt")]
    posted = {f"f-{name}": value for name, value in PRODUCTION.items() if isinstance(value, str)}
    posted |= {"f-identifiers": account, "f-data_categories": "subscriber"}
    answer = client.post(reverse("portal:order-form", args=[EPOC]), posted)
    pages = [answer, *(client.get(one) for one in house_pages)]
    return [f"{one.status_code} {_masked(one.content.decode(), account)}" for one in pages]


def _masked(text: str, account: str) -> str:
    """Replace what differs between any two orders: numbers, codes, digests, tokens."""
    assert account not in text
    text = re.sub(r"[A-Za-z0-9+/_=-]{16,}", "*", text)
    text = re.sub(r"([A-Z0-9]{4}-)+[A-Z0-9]{4}", "*", text)
    return re.sub(r"\d+", "#", text)


def shape(queries: CaptureQueriesContext) -> list[str]:
    """Return the statements that were run, without their values."""
    said = [one["sql"] for one in queries.captured_queries]
    return [re.sub(r"'[^']*'|\b\d+\b|s\d+_x\d+", "?", one) for one in said]


def test_the_sender_sees_the_same_for_an_account_that_exists_and_one_that_does_not(
    forger: Forger,
) -> None:
    found = []
    for account in ("first.of.all", ACCOUNT, "nobody.here"):
        with CaptureQueriesContext(connection) as queries:
            pages = seen_by_the_sender(Client(), account)
        found.append((pages, shape(queries)))
    _warm, (there, asked), (missing, asked_too) = found
    assert there == missing
    # The same statements in the same order: nobody looks an account up, so no time differs.
    assert asked == asked_too
    assert not any("store_decisionrecord" in one for one in asked)


def test_the_api_answers_the_same_for_an_account_that_exists_and_one_that_does_not(
    forger: Forger,
) -> None:
    found = []
    for account in ("first.of.all", ACCOUNT, "nobody.here"):
        with CaptureQueriesContext(connection) as queries:
            forger.api(as_json(PRODUCTION | {"identifiers": [account]}), "application/json")
        found.append(shape(queries))
    assert found[1] == found[2]


def test_the_desk_sees_the_same_before_the_proof(forger: Forger) -> None:
    """Not even the page of the desk knows whether there is an account."""
    forger.client.logout()
    pages = []
    for account in (ACCOUNT, "nobody.here"):
        order = forger.senders.order(identifiers=[account], reference=account)
        with CaptureQueriesContext(connection) as queries:
            part = order_parts.data(forger.senders.decides, order)
        assert part is not None
        pages.append(([(one.category, one.covered, one.why) for one in part.lines], shape(queries)))
    assert pages[0] == pages[1]
