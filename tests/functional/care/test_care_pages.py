# SPDX-License-Identifier: Apache-2.0
"""The pages about one's shift, the settings of the desk, load and exposure."""

from __future__ import annotations

import re

import pytest

from tests.functional.care.conftest import sign_in
from tests.support.queues import queue, routed
from vigie.console import care
from vigie.flow import desk_settings, looks, shifts
from vigie.flow.queues import claims, serve
from vigie.store.models import LookKind, Shift
from vigie.store.permissions import Role

MINUTE = 60_000


def opened(agora, user, **more):
    case = routed(agora, **more)
    claims.claim(agora.house, case, user)
    return case


def look(agora, user):
    made = looks.look(agora.house, user, kind=LookKind.CLEAR, reason="context")
    looks.hand_out(agora.house, user, made.pk)


def page(client, at):
    answer = client.get(at)
    assert answer.status_code == 200
    return answer.content.decode()


# The shift


def test_the_bar_of_every_page_says_how_the_shift_stands(agora, moderator, client):
    assert "No shift yet" in page(client, "/console/decisions")
    opened(agora, moderator)
    look(agora, moderator)
    agora.clock.advance(130 * MINUTE)
    text = page(client, "/console/decisions")
    assert "Shift 2 h 10 min · 1 of 25 looks" in text
    assert "Break" in text


def test_who_decides_nothing_has_no_shift_in_the_bar(agora, client):
    sign_in(client, agora.person("a", role=Role.AUDITOR))
    assert "shift" not in page(client, "/console/decisions").lower()


def test_a_break_begins_and_ends_with_one_key(agora, moderator, client):
    opened(agora, moderator)
    text = page(client, "/console/shift")
    assert re.search(r'value="pause"[^>]*data-key="b"', text)
    assert client.post("/console/shift", {"do": "pause"}).status_code == 302
    text = page(client, "/console/shift")
    assert "On a break" in text
    assert re.search(r'value="resume"[^>]*data-key="b"', text)
    client.post("/console/shift", {"do": "resume"})
    assert not shifts.standing(agora.house, moderator).paused
    client.post("/console/shift", {"do": "end"})
    assert shifts.current(agora.house, moderator) is None


def test_the_page_says_what_counts_and_that_breaks_and_skips_do_not(moderator, client):
    text = page(client, "/console/shift")
    assert "Breaks, skipped cases and queues that you leave are never counted" in text
    assert "nobody is ranked by speed" in text


def test_a_hard_queue_is_left_without_a_reason_and_taken_up_again(agora, moderator, client):
    queue("hard", hardness=3)
    assert "Leave Hard" in page(client, "/console/shift")
    client.post("/console/shift", {"do": "leave", "queue": "hard", "hours": "24"})
    assert "hard" in serve.paused(agora.house, moderator)
    assert "Back to Hard" in page(client, "/console/shift")
    client.post("/console/shift", {"do": "back", "queue": "hard"})
    assert serve.paused(agora.house, moderator) == {}


@pytest.mark.parametrize(
    "form",
    [
        {"do": "leave", "queue": "child", "hours": "4"},
        {"do": "leave", "queue": "general", "hours": "5000"},
        {"do": "leave", "queue": "general", "hours": "x"},
        {"do": "leave", "queue": "nothing", "hours": "4"},
    ],
)
def test_what_the_page_does_not_offer_changes_nothing(agora, moderator, client, form):
    assert client.post("/console/shift", form).status_code == 422
    assert serve.paused(agora.house, moderator) == {}


def test_a_senior_person_adds_looks_for_a_colleague_who_ran_out(agora, moderator, client):
    desk_settings.set(agora.house, None, "look_budget", 1)
    look(agora, moderator)
    assert "Colleagues whose looks" not in page(client, "/console/shift")
    assert client.post(f"/console/shift/grant/{moderator.pk}", {"reason": "x"}).status_code == 403
    client.logout()
    senior = agora.person("s", role=Role.SENIOR)
    sign_in(client, senior)
    assert "Add looks for m.roth" in page(client, "/console/shift")
    at = f"/console/shift/grant/{moderator.pk}"
    assert client.post(at, {"reason": " "}).status_code == 422
    assert client.post(at, {"reason": "an order is due"}).status_code == 302
    assert shifts.standing(agora.house, moderator).limit == 6
    assert client.post(at, {"reason": "again"}).status_code == 409
    assert client.post(f"/console/shift/grant/{senior.pk}", {"reason": "me"}).status_code == 403
    assert client.post("/console/shift/grant/99999", {"reason": "x"}).status_code == 404


# Settings


@pytest.fixture
def admin(agora, client):
    user = agora.person("root", role=Role.ADMIN)
    sign_in(client, user)
    return user


def form(**changes):
    values = {
        key: str(value)
        for key, value in desk_settings.all_values().items()
        if not isinstance(value, bool)
    }
    return values | changes


def test_each_setting_stands_with_its_effect_and_its_range(admin, client):
    text = page(client, "/console/settings")
    for key, one in desk_settings.SETTINGS.items():
        assert f'name="{key}"' in text
        assert str(one.title) in text
    assert "every setting stands as Vigie came" in text


def test_what_is_saved_holds_and_stands_in_the_history_with_its_author(admin, client):
    saved = client.post("/console/settings", form(look_budget="30", personal_figures="yes"))
    assert saved["Location"] == "/console/settings?saved=1"
    assert desk_settings.number("look_budget") == 30
    assert desk_settings.switch("personal_figures")
    text = page(client, "/console/settings")
    assert "root" in text
    assert "Clear looks in a shift" in text
    client.post("/console/settings", form(look_budget="30"))
    assert not desk_settings.switch("personal_figures")


def test_one_wrong_value_changes_nothing_and_loses_nothing(admin, client):
    answer = client.post(
        "/console/settings", form(look_budget="900", break_minutes="45", claim_minutes="<b>")
    )
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "A whole number from 1 to 200." in text
    assert 'value="45"' in text
    assert 'value="900"' in text
    assert "&lt;b&gt;" in text
    assert desk_settings.number("break_minutes") == 60


# Figures of single persons


@pytest.fixture
def lead(agora):
    return agora.person("lead", role=Role.QUALITY, number=30)


def test_figures_are_off_until_the_operator_switches_them_on(agora, lead, client):
    sign_in(client, lead)
    text = page(client, "/console/quality")
    assert "switched off" in text
    assert "<table" not in text


def test_the_quality_lead_sees_load_and_exposure_by_role_number(agora, lead, moderator, client):
    agora.person("z.first", role=Role.MODERATOR, number=2)
    desk_settings.set(agora.house, None, "personal_figures", value=True)
    opened(agora, moderator)
    look(agora, moderator)
    client.logout()
    sign_in(client, lead)
    text = page(client, "/console/quality")
    numbers = re.findall(r'<th scope="row" class="what">(\d+)', text)
    assert numbers == ["2", "7", "30"]
    assert "1 of 25" in text
    assert "m.roth" not in text
    assert "Agreement figures come with quality sampling" in text


def test_no_page_shows_speed_breaks_or_skips_of_a_person(agora, lead, moderator, client):
    desk_settings.set(agora.house, None, "personal_figures", value=True)
    opened(agora, moderator)
    client.logout()
    sign_in(client, lead)
    heads = re.findall(r'<th scope="col"[^>]*>([^<]*)</th>', page(client, "/console/quality"))
    assert heads == [
        "Role number",
        "Looks in this shift",
        "Of these hard",
        "Clear looks",
        "Of these hard",
        "Days with a shift",
        "At work",
        "Cases held now",
    ]


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.QUALITY, Role.OFFICER}))
def test_nobody_else_opens_the_figures_of_others(agora, client, role):
    desk_settings.set(agora.house, None, "personal_figures", value=True)
    sign_in(client, agora.person("p", role=role))
    assert client.get("/console/quality").status_code == 403


def test_a_person_sees_their_own_figures_if_they_asked_for_them(agora, moderator, client):
    assert "switched off" in page(client, "/console/shift/figures")
    desk_settings.set(agora.house, None, "personal_figures", value=True)
    assert "not asked" in page(client, "/console/shift/figures")
    moderator.own_figures = True
    moderator.save()
    text = page(client, "/console/shift/figures")
    assert re.findall(r'<th scope="row" class="what">(\d+)', text) == ["7"]


def test_a_shift_that_nobody_ended_adds_no_hours(agora, lead, moderator, client):
    desk_settings.set(agora.house, None, "personal_figures", value=True)
    opened(agora, moderator)
    agora.clock.advance(90 * MINUTE)
    opened(agora, moderator)
    agora.clock.advance(48 * 60 * MINUTE)
    assert Shift.objects.get().ended_at is None
    client.logout()
    sign_in(client, lead)
    assert re.search(r'data-th="At work">1 h<', page(client, "/console/quality"))


def test_the_words_of_the_bar_name_no_case_and_no_speed(agora, moderator):
    opened(agora, moderator)
    said = care.line(moderator)
    assert said is not None
    assert said.words == "Shift 0 min · 0 of 25 looks"
