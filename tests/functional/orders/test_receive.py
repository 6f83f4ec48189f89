# SPDX-License-Identifier: Apache-2.0
"""An order is in the log and on the desk before anything of it is read."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from tests.support.order_papers import ADDRESS, REMOVAL, as_json, as_pdf, as_xml, filled, receive
from tests.support.people import NOW, Agora
from vigie.core import canonical
from vigie.core.clock import iso
from vigie.core.errors import InvalidInputError, RefusedError
from vigie.flow.orders import documents, read
from vigie.flow.orders import receive as receiving
from vigie.flow.orders.given import GivenDocument
from vigie.law import orders as forms
from vigie.store.models import (
    ClockState,
    DutyClock,
    LogEntry,
    Order,
    OrderChannel,
    OrderDocument,
    Record,
)

pytestmark = pytest.mark.django_db
FORM = "tco_removal_order_annex_i"


def test_a_complete_removal_order_is_received_read_and_on_the_clock(agora: Agora) -> None:
    given = receive(agora, FORM, REMOVAL)
    order = Order.objects.get()
    assert (given.number, order.state, order.missing) == (1, "received", [])
    assert order.reference == "FR-2026-0007"
    assert [one.url for one in order.locations.order_by("position")][0] == ADDRESS
    clock = DutyClock.objects.get(duty="tco_removal")
    assert (clock.due_at, clock.state) == (NOW + 3_600_000, ClockState.RUNNING)
    assert order.read_at == NOW
