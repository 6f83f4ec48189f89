# SPDX-License-Identifier: Apache-2.0
"""The form for authorities: choose, fill in, send, receipt; nothing needs a script."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.test import Client

from tests.support.order_papers import REMOVAL, as_pdf, as_xml
from tests.support.people import Agora
from vigie.law import orders as forms
from vigie.store.models import Order, OrderChannel

pytestmark = pytest.mark.django_db
PAGE = "/authorities/tco_removal_order_annex_i"


def typed(values: dict[str, Any]) -> dict[str, Any]:
    """Return values as the page's form sends them."""
    return {
        f"f-{name}": "\n".join(value) if name == "content_locations" else value
        for name, value in values.items()
    }


def test_every_form_can_be_chosen_in_three_languages(agora: Agora, client: Client) -> None:
    for language in forms.LANGUAGES:
        page = client.get("/authorities", {"lang": language}).content.decode()
        for one in forms.received_here():
            assert f'href="/authorities/{one.id}"' in page


@pytest.mark.parametrize("form", [one.id for one in forms.received_here()])
def test_every_form_shows_its_fields_in_each_language(
    agora: Agora, client: Client, form: str
) -> None:
    for language in forms.LANGUAGES:
        page = client.get(f"/authorities/{form}", {"lang": language}, follow=True).content.decode()
        for one in forms.load()[form].fields:
            assert f'name="f-{one.name}"' in page, (form, one.name)


def test_a_filled_form_gives_a_receipt(agora: Agora, client: Client) -> None:
    answer = client.post(PAGE, typed(REMOVAL), follow=True)
    page = answer.content.decode()
    order = Order.objects.get()
    assert (order.channel, order.missing) == (OrderChannel.FORM, [])
    assert "We have received it" in page
    assert "O-1" in page
    assert "no-store" in answer["Cache-Control"]
