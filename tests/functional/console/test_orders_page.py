# SPDX-License-Identifier: Apache-2.0
"""The list of orders and the page of all clocks: the one due first on top, for those who may."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from tests.support.duties import order
from tests.support.people import Agora
from vigie.core.clock import DAY_MS, HOUR_MS, MINUTE_MS
from vigie.flow.orders import clocks, silence
from vigie.store.models import Case, DutyClock, Order

PASSWORD = "correct horse battery staple"


@pytest.fixture
def legal(agora: Agora, client: Client) -> Client:
    """A browser in which the legal desk is signed in."""
    agora.person("l.moreau", "legal", number=7)
    client.post("/console/login", {"name": "l.moreau", "password": PASSWORD})
    return client


def timed(agora: Agora, form: str, duty: str, ago: int = 0, **more: object) -> Order:
    row = order(agora.house, form, received_at=agora.house.now() - ago, **more)
    clocks.start(
        agora.house, duty=duty, subject="order", number=row.number, order=row, at=row.received_at
    )
    return row


def labels(page: str) -> list[str]:
    return re.findall(r"<small>(O-\d+) ·", page)


def test_the_order_due_first_stands_on_top_and_one_without_a_clock_last(
    agora: Agora, legal: Client
) -> None:
    referral = order(agora.house, "referral", sender="Unit, Europol")
    epoc = timed(agora, "epoc_annex_i", "eevidence_epoc", 4 * DAY_MS, sender="Court", country="DE")
    tco = timed(agora, "tco_removal_order_annex_i", "tco_removal", 38 * MINUTE_MS)
    lcen = timed(agora, "fr_lcen_6_1_request", "fr_admin_removal", 7 * HOUR_MS)
    page = legal.get("/console/orders").content.decode()
    assert labels(page) == [f"O-{one.number}" for one in (tco, lcen, epoc, referral)]
    assert "22 min left" in page
    assert "17 h left" in page
    assert 'data-is="last"' in page
    assert "no clock of law" in page
    assert "4 open" in page
    assert "1 due within the hour" in page


def test_the_line_says_in_words_what_it_draws(agora: Agora, legal: Client) -> None:
    timed(agora, "tco_removal_order_annex_i", "tco_removal", 38 * MINUTE_MS)
    timed(agora, "epoc_annex_i", "eevidence_epoc", 4 * DAY_MS)
    page = legal.get("/console/orders").content.decode()
    assert "logarithmic: TCO 22 min, EPOC 6 d" in page
    assert 'class="urgent" cx="104.4"' in page
    assert page.count("<circle") == 2 + page.split("<main")[0].count("<circle")


def test_a_clock_of_low_confidence_never_takes_an_order_to_the_top(
    agora: Agora, legal: Client
) -> None:
    first = timed(agora, "epoc_annex_i", "eevidence_epoc")
    second = timed(agora, "preservation_request", "uk_intimate_48h", 40 * HOUR_MS)
    page = legal.get("/console/orders").content.decode()
    assert labels(page) == [f"O-{first.number}", f"O-{second.number}"]
    assert "unconfirmed: 2 d" in page


def test_orders_are_narrowed_by_form_state_and_time(agora: Agora, legal: Client) -> None:
    tco = timed(agora, "tco_removal_order_annex_i", "tco_removal", 38 * MINUTE_MS)
    epoc = timed(agora, "epoc_annex_i", "eevidence_epoc")
    done = order(agora.house, "dsa_art9_order", state="closed", closed_at=agora.house.now())

    def asked(query: str) -> list[str]:
        return labels(legal.get(f"/console/orders?{query}").content.decode())

    assert asked("form=epoc_annex_i") == [f"O-{epoc.number}"]
    assert asked("due=hour") == [f"O-{tco.number}"]
    assert asked("due=late") == []
    assert asked("state=closed") == [f"O-{done.number}"]
    assert len(asked("state=all")) == 3
    assert len(asked("form=nonsense&state=nonsense&due=nonsense&page=x")) == 2


def test_what_an_authority_writes_of_itself_is_text(agora: Agora, legal: Client) -> None:
    timed(agora, "dsa_art9_order", "dsa_order_ack", sender='<script>alert("x")</script>')
    page = legal.get("/console/orders").content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_an_order_is_taken_and_given_back(agora: Agora, legal: Client) -> None:
    row = timed(agora, "dsa_art9_order", "dsa_order_ack")
    assert "Take it" in legal.get("/console/orders").content.decode()
    assert legal.post(f"/console/orders/{row.number}/take").status_code == 302
    page = legal.get("/console/orders").content.decode()
    assert "l.moreau has it" in page
    assert "Give back" in page
    assert "l.moreau" in legal.get("/console/clocks?mine=1").content.decode().split("<tbody>")[1]
    assert legal.post(f"/console/orders/{row.number}/take", {"do": "back"}).status_code == 302
    assert "has it" not in legal.get("/console/orders").content.decode()
    assert legal.post("/console/orders/999/take").status_code == 404


def test_orders_are_paged(agora: Agora, legal: Client) -> None:
    for _ in range(51):
        timed(agora, "dsa_art9_order", "dsa_order_ack")
    first = legal.get("/console/orders").content.decode()
    assert len(labels(first)) == 50
    assert "page=2" in first
    second = legal.get("/console/orders?page=2").content.decode()
    assert len(labels(second)) == 1
    assert labels(second)[0] not in labels(first)


def test_a_moderator_sees_neither_orders_nor_clocks(agora: Agora, client: Client) -> None:
    agora.person("m.one", "moderator")
    client.post("/console/login", {"name": "m.one", "password": PASSWORD})
    for path in ("orders", "clocks", "orders/1/silence"):
        assert client.get(f"/console/{path}").status_code == 403
    assert 'href="/console/orders"' not in client.get("/console/overview").content.decode()


def test_all_clocks_stand_on_one_page_with_what_stopped_them(agora: Agora, legal: Client) -> None:
    row = timed(agora, "tco_removal_order_annex_i", "tco_removal", 2 * HOUR_MS)
    other = timed(agora, "epoc_annex_i", "eevidence_epoc")
    silence.begin(agora.house, other, basis="Art. 13")
    DutyClock.objects.filter(order=row).update(
        state="paused", pause_basis="Reg (EU) 2021/784 Art. 3(8)", paused_at=agora.house.now()
    )
    page = legal.get("/console/clocks").content.decode()
    assert "stopped: Reg (EU) 2021/784 Art. 3(8)" in page
    assert f"O-{other.number}" in page
    assert re.search(r"S-\d+", page)
    only = legal.get("/console/clocks?about=silence").content.decode()
    assert f"O-{row.number}</" not in only.split("<tbody>")[1]
    assert "own aim 90 d" in only


def test_a_stopped_clock_goes_on_when_a_person_says_so(agora: Agora, legal: Client) -> None:
    row = timed(agora, "tco_removal_order_annex_i", "tco_removal", 20 * MINUTE_MS)
    clock = DutyClock.objects.get(order=row)
    address = f"/console/clocks/{clock.pk}/go-on"
    assert legal.post(address).status_code == 409
    assert "Let it go on" not in legal.get("/console/clocks").content.decode()
    DutyClock.objects.update(
        state="paused",
        pause_basis="Reg (EU) 2021/784 Art. 3(8)",
        paused_at=agora.house.now() - 5 * MINUTE_MS,
    )
    assert "Let it go on" in legal.get("/console/clocks").content.decode()
    assert legal.post(address).status_code == 302
    clock.refresh_from_db()
    assert (clock.state, clock.paused_ms) == ("running", 5 * MINUTE_MS)
    assert legal.post("/console/clocks/999/go-on").status_code == 404


def test_late_clocks_stay_on_the_page_until_somebody_did_it(agora: Agora, legal: Client) -> None:
    row = timed(agora, "tco_removal_order_annex_i", "tco_removal", 2 * HOUR_MS)
    clocks.run(agora.house)
    page = legal.get("/console/clocks?state=late").content.decode()
    assert "1 h over" in page
    assert "missed, still owed" in page
    assert "1 late" in page
    clocks.meet(agora.house, "order", row.number, "tco_removal")
    page = legal.get("/console/clocks?state=late").content.decode()
    assert "No clock here" in page
    assert "done late" in legal.get("/console/clocks?state=done").content.decode()


def test_clocks_of_child_safety_are_for_those_who_work_there(agora: Agora, legal: Client) -> None:
    clocks.start(agora.house, duty="us_cybertip", subject="report", number=31, at=agora.house.now())
    assert "R-31" not in legal.get("/console/clocks").content.decode()
    agora.person("root", "admin")
    legal.post("/console/logout")
    legal.post("/console/login", {"name": "root", "password": PASSWORD})
    assert "R-31" in legal.get("/console/clocks").content.decode()


def test_clocks_of_cases_are_shown_on_request(agora: Agora, legal: Client) -> None:
    agora.proposal()
    Case.objects.update(due_at=agora.house.now() + HOUR_MS, clock="dsa_art18", hard=False)
    page = legal.get("/console/clocks?about=case").content.decode()
    assert "1 h left" in page
    assert "D-1" in page


def test_the_overview_says_what_is_late_and_what_is_due_soon(agora: Agora, legal: Client) -> None:
    timed(agora, "tco_removal_order_annex_i", "tco_removal", 2 * HOUR_MS)
    timed(agora, "fr_lcen_6_1_request", "fr_admin_removal", 2 * HOUR_MS)
    clocks.run(agora.house)
    page = legal.get("/console/overview").content.decode()
    assert "1 clock of a duty is past its time." in page
    assert "1 clock of a duty is due within 24 hours." in page
    assert "/console/clocks?state=late" in page


def test_a_silence_is_renewed_on_a_basis_and_ended_by_a_person(agora: Agora, legal: Client) -> None:
    row = timed(agora, "dsa_art10_order", "dsa_order_ack", authority=None)
    silence.begin(agora.house, row, basis="the order, point 7")
    address = f"/console/orders/{row.number}/silence"
    assert "the order, point 7" in legal.get(address).content.decode()
    refused = legal.post(address, {"do": "renew", "basis": "  "})
    assert refused.status_code == 422
    assert "Nothing was changed." in refused.content.decode()
    assert legal.post(address, {"do": "renew", "basis": "x", "until": "soon"}).status_code == 422
    assert legal.post(address, {"do": "renew", "basis": "letter of today"}).status_code == 302
    assert legal.post(address, {"do": "end", "basis": "the authority agrees"}).status_code == 302
    row.refresh_from_db()
    assert not row.silent
    assert "No duty of silence stands." in legal.get(address).content.decode()
    assert legal.get("/console/orders/999/silence").status_code == 404


def test_an_auditor_reads_the_silence_and_ends_nothing(agora: Agora, client: Client) -> None:
    row = order(agora.house, "dsa_art10_order")
    silence.begin(agora.house, row, basis="the order")
    agora.person("aud", "auditor")
    client.post("/console/login", {"name": "aud", "password": PASSWORD})
    address = f"/console/orders/{row.number}/silence"
    page = client.get(address).content.decode()
    assert "Renew the silence" not in page
    assert client.post(address, {"do": "end"}).status_code == 403
    row.refresh_from_db()
    assert row.silent
