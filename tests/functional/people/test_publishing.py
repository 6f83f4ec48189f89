# SPDX-License-Identifier: Apache-2.0
"""Shadow results, what a policy would bring, and publishing it with people enough."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.support.people import Agora
from vigie.core.clock import DAY_MS
from vigie.core.errors import InvalidInputError, NotFoundError, RefusedError
from vigie.flow import publishing, second_person, shadow
from vigie.flow.fold.policy_days import PolicyDays
from vigie.flow.policies import publish_policy
from vigie.flow.publishing import Publication, publish
from vigie.flow.transaction import writing
from vigie.store.models import PolicyDay, PolicyVersion, SecondPersonRequest

POLICY = """
id: insult
version: 1
title: {en: Insults, fr: Injures, de: Beleidigungen}
description: Words of the operator's own list; proposes a label.
terms: {clause: "4", title: {en: No insults, fr: Pas d'injures, de: Keine Beleidigungen}}
surfaces: [post]
when: {words: "'lexicon:insult' in matched"}
action: label
fail: review
state: draft
author: Agora
sources: [The operator's own terms]
tests:
  - {name: fires on the list, given: {matched: ["lexicon:insult"]}, expect: fires}
"""
VERDICT = b'{"verdicts":[%s]}'
ONE = b'{"policy":"insult","version":1,"state":"shadow","ground":{},"reasons":[]}'
FAILED = b'{"policy":"insult","version":1,"state":"shadow","ground":{},"reasons":[],"failed":true}'


def editor(agora: Agora, name: str = "p.editor") -> Any:
    return agora.person(name, role="policy_editor")


def count(agora: Agora, fired: int) -> None:
    """Let the version in shadow fire today."""
    days = PolicyDays()
    for _ in range(fired):
        days.add(VERDICT % ONE, agora.house.now())
    with writing():
        days.write()


def in_shadow(agora: Agora, days: int = 2, fired: int = 10) -> PolicyVersion:
    made = publish_policy(agora.house, POLICY, "test", state="shadow")
    agora.clock.advance(days * DAY_MS)
    count(agora, fired)
    return made


def asked(agora: Agora, **more: Any) -> Publication:
    values = {"source": POLICY, "state": "live", "user": editor(agora)}
    return Publication(**values | more)


def test_counts_add_up_over_segments_and_a_policy_fires_once_a_decision(agora: Agora) -> None:
    days = PolicyDays()
    days.add(VERDICT % b",".join([ONE, ONE]), 5)
    days.add(VERDICT % FAILED, 5)
    days.add(b'{"verdicts":[]}', 5)
    for _ in range(2):
        with writing():
            days.write()
    row = PolicyDay.objects.get()
    assert (row.policy, row.day, row.fired, row.failed) == ("insult", 0, 2, 2)


def test_a_day_without_a_hit_is_shown_as_zero(agora: Agora) -> None:
    version = in_shadow(agora, days=2, fired=7)
    found = shadow.days(version, "shadow", agora.house.now())
    assert [day.fired for day in found] == [0, 0, 7]


def test_cases_a_day_are_predicted_from_what_ran_in_shadow(agora: Agora) -> None:
    version = in_shadow(agora, days=2, fired=11)
    said = shadow.predict(version, agora.house.now())
    assert (said.added, said.fired, said.measured_days) == (6, 11, 2.0)
    assert said.load == 3
    assert not said.needs_second


def test_less_than_a_day_is_no_measurement(agora: Agora) -> None:
    version = publish_policy(agora.house, POLICY, "test", state="shadow")
    agora.clock.advance(DAY_MS - 1)
    said = shadow.predict(version, agora.house.now())
    assert said.added is None
    assert said.needs_second


def test_with_people_enough_it_is_live_at_once(agora: Agora) -> None:
    in_shadow(agora)
    done = publish(agora.house, asked(agora))
    assert done.version is not None
    assert done.version.state == "live"


def test_above_the_capacity_it_waits_for_the_named_second_person_and_a_plan(agora: Agora) -> None:
    in_shadow(agora, days=1, fired=201)
    second = editor(agora, "s.econd")
    first = asked(agora)
    with pytest.raises(InvalidInputError) as refused:
        publish(agora.house, first)
    assert refused.value.field == "plan"
    more: dict[str, Any] = {"source": POLICY, "state": "live", "user": first.user}
    more["plan"] = "four more people"
    with pytest.raises(NotFoundError):
        publish(agora.house, Publication(**more))
    with pytest.raises(RefusedError):
        publish(agora.house, Publication(**more, second=first.user.username))
    done = publish(agora.house, Publication(**more, second="s.econd"))
    assert done.version is None
    assert not PolicyVersion.objects.filter(state="live").exists()
    second_person.confirm(agora.house, second, SecondPersonRequest.objects.get())
    live = PolicyVersion.objects.get(state="live")
    assert live.published_by == "p.editor"


def test_a_text_that_was_never_in_shadow_is_not_measured(agora: Agora) -> None:
    in_shadow(agora)
    other = POLICY.replace("proposes a label", "proposes a label soon")
    assert publishing.predict_source(agora.house, other).needs_second


def test_a_role_that_may_not_publish_is_refused(agora: Agora) -> None:
    with pytest.raises(RefusedError):
        publish(agora.house, asked(agora, user=agora.person("m", role="moderator")))


@pytest.fixture
def browser(agora: Agora) -> Client:
    editor(agora)
    client = Client()
    password = "correct horse battery staple"
    client.post("/console/login", {"name": "p.editor", "password": password})
    return client


def test_the_page_shows_versions_tests_and_shadow_results(agora: Agora, browser: Client) -> None:
    in_shadow(agora)
    publish_policy(agora.house, POLICY.replace("a label.", "a label!"), "test", state="shadow")
    page = browser.get("/console/policies/insult").content.decode()
    for words in ("fires on the list", "holds", "version 1", "New cases a day now"):
        assert words in page
    difference = browser.get("/console/policies/insult/difference?old=1&new=2").content.decode()
    assert "<del>description: Words of the operator&#x27;s own list; proposes a label.</del>" in (
        difference
    )
    assert "proposes a label!</ins>" in difference


def test_tests_run_in_the_page_and_nothing_typed_is_lost(agora: Agora, browser: Client) -> None:
    page = browser.post("/console/policies/new", {"source": POLICY}).content.decode()
    assert "fires on the list" in page
    assert "not measured" in page
    wrong = POLICY.replace("action: label", "action: dance")
    refused = browser.post("/console/policies/new", {"source": wrong, "state": "live"})
    assert refused.status_code == 422
    assert "action: dance" in refused.content.decode()


def test_a_form_sent_twice_publishes_once(agora: Agora, browser: Client) -> None:
    form = {"source": POLICY.replace("\n", "\r\n"), "state": "shadow", "once": "t"}
    first = browser.post("/console/policies/new", form)
    again = browser.post("/console/policies/new", form)
    assert first["Location"] == again["Location"] == "/console/policies/insult"
    assert PolicyVersion.objects.get().source == POLICY


@pytest.mark.parametrize("query", ["", "?old=1", "?old=1&new=99", "?old=x&new=1"])
def test_versions_that_are_not_there_are_not_found(
    agora: Agora, browser: Client, query: str
) -> None:
    publish_policy(agora.house, POLICY, "test", state="draft")
    assert browser.get(f"/console/policies/insult/difference{query}").status_code == 404
