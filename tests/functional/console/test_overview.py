# SPDX-License-Identifier: Apache-2.0
"""The overview: what needs a person heads it, every number leads to its records."""

from __future__ import annotations

import csv
import io
import re
from html import unescape
from xml.etree import ElementTree as ET

import pytest
from django.test import Client

from tests.support import found
from tests.support.found import Made
from tests.support.people import NOW, Agora
from vigie.flow.decide import PersonDecision, Verb, decide
from vigie.flow.search import index
from vigie.store.models import Measure, OutgoingTask

DAY = 86_400_000
LINK = re.compile(r'href="(/console/[^"]+)"')


def page(client: Client, query: str = "") -> str:
    answer = client.get(f"/console/overview{query}")
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.fixture
def month(agora: Agora) -> Agora:
    """A month of decisions, tagged and counted; one that a person withheld today."""
    found.keep(
        [
            Made(
                number=n, item=f"i-{n}", outcome="withhold", at=NOW - n * DAY, policies=("denial",)
            )
            for n in range(1, 40)
        ]
    )
    while index.tag(agora.house):
        pass
    return agora


def test_decisions_stand_by_day_in_picture_and_table(month: Agora, desk: Client) -> None:
    text = page(desk)
    [svg] = re.findall(r'<svg class="chart" width="640".*?</svg>', text, re.DOTALL)
    picture = ET.fromstring(svg)
    assert "27 in all, at most 1 on a day" in (picture.findtext("desc") or "")
    rows = re.findall(
        r'<th scope="row">A program restricts</th><td class="n"><a[^>]*>(\d+)</a>', text
    )
    assert rows == ["27"]


def test_a_number_leads_to_as_many_records(month: Agora, desk: Client) -> None:
    text = page(desk)
    [(link, number)] = re.findall(
        r'<th scope="row">A program restricts</th><td class="n"><a href="([^"]+)">(\d+)</a>', text
    )
    shown = desk.get(unescape(link)).content.decode()
    assert f"{number} decisions" in shown


def test_every_link_of_the_overview_leads_somewhere(month: Agora, desk: Client) -> None:
    links = {unescape(one) for one in LINK.findall(page(desk))}
    assert any("/console/search?" in one for one in links)
    for link in links:
        assert desk.get(link).status_code in {200, 302}, link


def test_the_period_is_chosen_by_the_address(month: Agora, desk: Client) -> None:
    assert ">6</a></td><td" in page(desk, "?days=7")
    assert ">39</a></td><td" in page(desk, "?days=91")
    assert ">27</a></td><td" in page(desk, "?days=nonsense")


def test_days_leave_as_csv(month: Agora, desk: Client) -> None:
    answer = desk.get("/console/overview/days.csv?days=7")
    body = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    rows = list(csv.reader(io.StringIO(body)))
    assert rows[0] == ["Day", "A program restricts", "A person restricts", "A person leaves it"]
    assert rows[-1] == ["2026-11-22", "0", "0", "0"]
    assert rows[-2] == ["2026-11-21", "1", "0", "0"]
    assert len(rows) == 8


def test_what_a_person_decided_is_counted_as_theirs(agora: Agora, desk: Client) -> None:
    number = agora.proposal()
    user = agora.person("m.roth", number=7)
    decide(agora.house, PersonDecision(on=number, verb=Verb.LEAVE, reason="clear", user=user))
    index.tag(agora.house)
    text = page(desk)
    assert re.search(r'A person leaves it</th><td class="n"><a[^>]*>1</a>', text)
    assert "m.roth" not in text


def test_what_failed_and_what_is_proposed_is_told_with_a_link(agora: Agora, desk: Client) -> None:
    agora.proposal()
    OutgoingTask.objects.create(
        kind="mail",
        message_id="m1",
        state="dead",
        not_before=1,
        next_try=1,
        created_at=1,
        done_at=NOW,
    )
    Measure.objects.create(
        subject_kind="author", subject="aa", kind="warning", points=3, proposed_at=NOW - DAY
    )
    text = page(desk)
    assert "1 message was given up, undelivered." in text
    assert "1 warning or suspension is proposed." in text
    assert text.index("What needs a person now") < text.index('class="figures"')


def test_class_child_is_in_no_number(agora: Agora, desk: Client) -> None:
    agora.removal()
    index.tag(agora.house)
    text = page(desk)
    assert re.findall(
        r'<th scope="row">A program restricts</th><td class="n"><a[^>]*>(\d+)', text
    ) == ["0"]
    assert "p-200" not in text


@pytest.mark.parametrize("language", ["fr", "de"])
def test_the_picture_is_well_formed_in_every_language(
    month: Agora, desk: Client, language: str
) -> None:
    text = page(desk, f"?lang={language}")
    for svg in re.findall(r"<svg.*?</svg>", text, re.DOTALL):
        ET.fromstring(svg)


def test_no_mail_is_said_to_be_delivered_and_nothing_is_compared_with_nothing(
    month: Agora, desk: Client
) -> None:
    text = page(desk, "?days=91")
    assert "Delivered" not in text
    assert ">Taken</th>" in text
    assert "Whether somebody read one is not known." in text
    assert "by a person; —" not in text
    assert re.search(r"by a person</dd>", text)
