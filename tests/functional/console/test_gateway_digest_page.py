# SPDX-License-Identifier: Apache-2.0
"""The digest of a day as a page, a picture and CSV: no number of few people in any of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from tests.support.gateway_world import figures
from vigie.core.gateway import day_of
from vigie.store.models import GatewayDay

if TYPE_CHECKING:
    from django.test import Client

    from tests.support.people import Agora

pytestmark = pytest.mark.django_db
PATH = "/console/gateway/digest"


def rows(page: str) -> dict[str, list[list[str]]]:
    """Return the cells of both tables by the name of their row."""
    found: dict[str, list[list[str]]] = {}
    for row in re.findall(r"<tr><th scope=\"row\">(.*?)</th>(.*?)</tr>", page):
        found.setdefault(row[0], []).append(re.findall(r"<td[^>]*>([^<]*)</td>", row[1]))
    return found


def test_yesterday_is_shown_by_country_and_by_feature(agora: Agora, desk: Client) -> None:
    figures(agora)
    page = desk.get(PATH).content.decode()
    assert page == desk.get(PATH + "?day=2026-11-21").content.decode() or "21 Nov 2026" in page
    by_country, by_feature = rows(page)["released"]
    assert by_country == ["903", "1,322", "2,225"]
    assert by_feature == ["2,107", "118", "2,225"]
    assert rows(page)["asked"][0][-1] == "2,562"
    assert 'href="?day=2026-11-20"' in page
    assert 'href="?day=2026-11-22"' in page
    assert "This day is not over" not in page


def test_three_people_are_in_no_number(agora: Agora, desk: Client) -> None:
    figures(agora)
    page = desk.get(PATH).content.decode()
    for cells in rows(page)["refused: denial of crimes against humanity"]:
        assert cells[-1] == "fewer than 10"
        assert "5" not in cells
    csv = b"".join(desk.get("/console/gateway/digest.csv")).decode()
    denial = next(one for one in csv.splitlines() if one.startswith("refused: denial"))
    assert denial.rpartition(",")[2] == ""
    assert ",5" not in denial


def test_the_picture_says_the_same_and_draws_no_hidden_number(agora: Agora, desk: Client) -> None:
    figures(agora)
    page = desk.get(PATH).content.decode()
    [drawn] = re.findall(r"<svg class=\"chart\".*?</svg>", page, re.DOTALL)
    picture = ET.fromstring(drawn)
    said = picture.findtext("desc") or ""
    assert "refused: denial of crimes against humanity: fewer than 10." in said
    bars = picture.findall(".//rect")
    texts = [one.text for one in picture.iter("text")]
    numbers = texts[1::2]
    assert len(bars) == len(numbers)
    for bar, number in zip(bars, numbers, strict=True):
        assert (bar.attrib["width"] == "0") is (number == "fewer than 10")
    assert any(number != "fewer than 10" for number in numbers)


def test_what_was_released_unjudged_or_failed_is_told_in_tens(agora: Agora, desk: Client) -> None:
    figures(agora)
    GatewayDay.objects.filter(ending="cut", country="DE").update(opened=37, failures=4)
    page = " ".join(re.sub(r"<[^>]+>", " ", desk.get(PATH).content.decode()).split())
    assert "released unjudged, in tens 30" in page
    assert "judgements that failed, in tens fewer than 10" in page


def test_a_day_that_runs_says_so_and_has_no_day_after(agora: Agora, desk: Client) -> None:
    figures(agora, ago=0)
    page = desk.get(PATH + "?day=today").content.decode()
    assert "This day is not over: numbers are cut down to tens." in page
    assert 'rel="next"' not in page
    assert rows(page)["released"][0][-1] == "2,220"


@pytest.mark.parametrize("day", ["2026-11-23", "tomorrow", "9999-12-31", "0001-01-01", "2026-13-1"])
def test_a_day_that_is_none_is_refused(desk: Client, day: str) -> None:
    assert desk.get(PATH, {"day": day}).status_code == 422
    assert desk.get("/console/gateway/digest.csv", {"day": day}).status_code == 422


def test_the_first_day_of_all_has_none_before(agora: Agora, desk: Client) -> None:
    assert 'rel="prev"' not in desk.get(PATH + "?day=1970-01-01").content.decode()
    assert day_of(agora.house.now()) > 0
