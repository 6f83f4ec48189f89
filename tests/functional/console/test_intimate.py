# SPDX-License-Identifier: Apache-2.0
"""The desk of the victim's path: words first, one blurred copy, copies decided together."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.test import Client

from tests.support.people import Agora
from tests.support.victims import Road, hashes, off, seen
from vigie.flow import house as houses
from vigie.flow.intimate import search
from vigie.screening.matching.base import NOTIFIED
from vigie.store.models import (
    BankEntry,
    Case,
    CaseState,
    DecisionRecord,
    Effect,
    Notice,
    Strike,
    User,
)

HERS = seen(1)
THEIRS = seen(1, size=(300, 225), quality=60)
PASSWORD = "correct horse battery staple"


@pytest.fixture
def road(agora: Agora, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Door and jobs beside the console, on the same folder."""
    for folder in ("run_dir", "journal_dir", "archive_dir", "snapshots_dir"):
        getattr(agora.settings, folder).mkdir(parents=True, exist_ok=True)
    made = Road(agora.house, agora.clock)
    yield made
    made.close()


@pytest.fixture
def case(road: Road) -> Case:
    """A noticed post, with two copies that others published."""
    road.screen(THEIRS, name="p-1", text="a caption", kept=True)
    road.screen(off(THEIRS, 3), name="p-2")
    road.screen(off(THEIRS, 14), name="p-3")
    road.notice("p-1", hashes=hashes(HERS), explanation="the blue dress")
    while search.turn(road.house):
        pass
    return Case.objects.get()


def address(case: Case) -> str:
    return f"/console/intimate/{case.pk}"


def page(desk: Client, case: Case) -> str:
    answer = desk.get(address(case))
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


def form(desk: Client, case: Case, **more: Any) -> dict[str, Any]:
    shown = page(desk, case)
    hidden = dict(re.findall(r'type="hidden" name="(once|expected)" value="([^"]*)"', shown))
    copies = re.findall(r'name="copy" value="(\d+)" checked', shown)
    given = {"intimate": "1", "fits": "1", "elsewhere": "1", "reason": "seen", "copy": copies}
    return hidden | given | more


def listed() -> set[str]:
    rows = BankEntry.objects.filter(bank__name=NOTIFIED, active=True)
    return set(rows.values_list("value", flat=True))


def test_the_page_says_what_is_known_without_the_words_of_the_notice(
    desk: Client, case: Case
) -> None:
    shown = page(desk, case)
    assert "finds copies and decides nothing" in shown
    assert re.search(r"\d+ of 256 bits from a hash of the notice", shown)
    for word in ("blue dress", "R. Lind", "r.lind@example.org", "<img"):
        assert word not in shown
    assert re.search(r'name="copy" value="\d+" checked>.{0,200}p-2', shown, re.DOTALL)
    assert re.search(r'name="copy" value="\d+">.{0,200}p-3', shown, re.DOTALL)
    assert "It may be widely published" not in shown


def test_confirmed_with_the_chosen_copies_everything_is_restricted_at_once(
    desk: Client, case: Case
) -> None:
    answer = desk.post(address(case), form(desk, case, confirm="1"))
    assert answer.status_code == 302
    restricted = DecisionRecord.objects.filter(kind="person", outcome="withhold")
    assert {one.item_id for one in restricted} == {"p-1", "p-2"}
    assert listed() == {THEIRS.pdq, THEIRS.sha256}


def test_sent_twice_it_is_done_once(desk: Client, case: Case) -> None:
    given = form(desk, case, confirm="1")
    first, second = (desk.post(address(case), given) for _ in range(2))
    assert (first.status_code, second.status_code) in {(302, 302), (302, 404)}
    assert DecisionRecord.objects.filter(item_id="p-1", kind="person").count() == 1


@pytest.mark.parametrize(
    ("missing", "words"),
    [
        ({"fits": ""}, "Both must hold"),
        ({"elsewhere": ""}, "Look at the blurred copy first"),
        ({"reason": "  "}, "Write a reason for the record"),
    ],
    ids=["fits", "look", "reason"],
)
def test_what_is_missing_is_said_and_nothing_typed_is_lost(
    desk: Client, case: Case, missing: dict[str, str], words: str
) -> None:
    given = {"reason": "<b>my words</b>"} | missing
    answer = desk.post(address(case), form(desk, case, confirm="1", **given))
    shown = answer.content.decode()
    assert answer.status_code in {400, 422}
    assert words in html.unescape(shown)
    assert "<b>my words" not in shown
    if given["reason"].strip():
        assert "&lt;b&gt;my words" in shown
    assert not Effect.objects.exists()
    assert not listed()


def test_left_visible_nothing_is_restricted(desk: Client, case: Case) -> None:
    answer = desk.post(address(case), form(desk, case, leave="1"))
    assert answer.status_code == 302
    assert not Effect.objects.exists()
    assert not Strike.objects.exists()
    assert Notice.objects.get().state == "decided"


def test_manifestly_unfounded_is_a_persons_word(desk: Client, case: Case) -> None:
    desk.post(address(case), form(desk, case, leave="1", unfounded="1"))
    assert Notice.objects.get().unfounded
    assert Strike.objects.count() == 1


def test_a_copy_can_be_looked_at_by_itself(desk: Client, case: Case) -> None:
    given = form(desk, case)
    [far] = Notice.objects.get().copies.filter(item_id="p-3")
    answer = desk.post(address(case), given | {"look": str(far.pk)})
    assert answer.status_code == 302
    own = Case.objects.get(decision__item_id="p-3")
    assert answer.headers["Location"] == address(own)
    assert (own.state, own.queue) == (CaseState.OPEN, "intimate")
    assert desk.post(address(case), given | {"look": str(far.pk)}).status_code == 404
    assert desk.get(address(own)).status_code == 200


def test_the_warning_of_a_widely_published_picture_is_shown_and_refuses_nothing(
    road: Road, desk: Client, case: Case
) -> None:
    road.screen_all([(THEIRS,)] * 10)
    while search.turn(road.house):
        pass
    shown = page(desk, case)
    assert "It may be widely published." in shown
    assert "never by itself a reason to refuse" in shown
    assert desk.post(address(case), form(desk, case, confirm="1")).status_code == 302


@pytest.mark.parametrize("role", ["moderator", "child_safety", "auditor", "policy_editor"])
def test_others_see_no_such_case(agora: Agora, case: Case, client: Client, role: str) -> None:
    agora.person("other", role)
    client.post("/console/login", {"name": "other", "password": PASSWORD})
    assert client.get(address(case)).status_code in {403, 404}
    assert client.post(address(case), {"confirm": "1"}).status_code in {403, 404}
    assert not Effect.objects.exists()


def test_a_member_who_is_barred_from_the_category_sees_none(
    agora: Agora, case: Case, desk: Client
) -> None:
    User.objects.filter(username="c.vidal").update(barred=["intimate"])
    assert desk.get(address(case)).status_code == 404


def test_another_case_has_no_such_page(road: Road, desk: Client) -> None:
    road.screen(name="p-9", text="words", kept=True)
    road.notice("p-9", category="hate", explanation="words")
    assert desk.get(address(Case.objects.get())).status_code == 404


def test_the_review_page_leads_here(desk: Client, case: Case) -> None:
    shown = desk.get(f"/console/decisions/{case.decision_id}/decide").content.decode()
    assert address(case) in shown
    assert houses.current() is not None
