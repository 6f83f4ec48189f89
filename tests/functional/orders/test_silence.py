# SPDX-License-Identifier: Apache-2.0
"""Duties of silence: while one stands nothing shows; at its end the person is told."""

from __future__ import annotations

import io
import zipfile
from typing import Any, cast

import pytest
from django.test import Client

from tests.support.duties import located, order, told
from tests.support.people import Agora
from vigie.core.actions import ActionKind
from vigie.core.clock import DAY_MS, HOUR_MS
from vigie.core.decision import Ground
from vigie.core.errors import ConflictError, InvalidInputError, RefusedError
from vigie.flow import register, statements, subjects
from vigie.flow.appeals.form import AppealForm, check_open
from vigie.flow.decide import PersonDecision, Verb, decide
from vigie.flow.orders import clocks, hidden, silence
from vigie.flow.search.access import hidden_from, may_read
from vigie.flow.statements import address_of
from vigie.store.append_only import AppendOnlyQuerySet
from vigie.store.models import (
    ClockState,
    DecisionRecord,
    DutyClock,
    Order,
    OrderData,
    OutgoingTask,
    Silence,
    Statement,
    StatementState,
    User,
    WebhookEndpoint,
)


def endpoint() -> WebhookEndpoint:
    return WebhookEndpoint.objects.create(
        url="https://platform.example/hook", secret="whsec_x", events=[], created_at=0
    )


def withheld(agora: Agora) -> DecisionRecord:
    """Withhold a post in France, and let the platform confirm it."""
    user = User.objects.filter(username="c.vidal").first() or agora.person()
    made = decide(
        agora.house,
        PersonDecision(
            on=agora.proposal(),
            verb=Verb.WITHHOLD,
            reason="It denies.",
            user=user,
            action=ActionKind.DISABLED,
            territories=("FR",),
            grounds=(Ground(offence="fr_denial"),),
        ),
    )
    agora.clock.advance(60_000)
    agora.deliver()
    agora.confirm(made.number, "FR")
    return made


def silent(agora: Agora, form: str = "dsa_art9_order", **more: Any) -> Order:
    row = order(agora.house, form, **more)
    silence.begin(agora.house, row, basis="the order, point 7")
    return row


def issue(agora: Agora) -> int:
    due = statements.due_statements(agora.house.now())
    return sum(statements.issue_statement(agora.house, one) for one in due)


def page_of(agora: Agora, made: DecisionRecord) -> str:
    address = address_of(agora.house, Statement.objects.get(decision=made))
    return address.removeprefix(agora.settings.base_url)


def test_a_silence_has_a_basis_and_an_end_of_at_most_90_days(agora: Agora) -> None:
    now = agora.house.now()
    row = order(agora.house, "dsa_art10_order")
    for basis in ("", "   ", "x" * 1_001):
        with pytest.raises(InvalidInputError):
            silence.begin(agora.house, row, basis=basis)
    with pytest.raises(InvalidInputError):
        silence.begin(agora.house, row, basis="the order", until=now)
    made = silence.begin(agora.house, row, basis="the order", until=now + 400 * DAY_MS)
    assert made.ends_at == now + 90 * DAY_MS
    assert row.silent
    assert silence.begin(agora.house, row, basis="again").pk == made.pk
    clock = DutyClock.objects.get(subject="silence", number=made.pk)
    assert clock.due_at == made.ends_at
    assert clock.order == row
    [record] = told("silence.begun")
    assert record["order"] == row.number
    assert set(record["basis"]) == set(record["by"]) == {"_c"}


def test_a_form_whose_law_gives_six_weeks_has_no_more_at_once(agora: Agora) -> None:
    row = silent(agora, "tco_removal_order_annex_i")
    assert Silence.objects.get(order=row).ends_at == agora.house.now() + 42 * DAY_MS


def test_a_renewal_counts_from_the_day_it_is_made_and_keeps_what_was(agora: Agora) -> None:
    legal = agora.person("l.moreau", "legal", number=7)
    row = silent(agora, "dsa_art10_order")
    first = Silence.objects.get(order=row)
    agora.clock.advance(80 * DAY_MS)
    second = silence.renew(agora.house, row, user=legal, basis="letter of the court")
    assert second.ends_at == agora.house.now() + 90 * DAY_MS
    assert second.renewed_from == first
    assert second.entered_by == "legal 7"
    states = DutyClock.objects.filter(subject="silence").order_by("pk")
    assert [one.state for one in states] == [ClockState.MET, ClockState.RUNNING]
    agora.clock.advance(20 * DAY_MS)
    assert silence.run(agora.house) == 0
    row.refresh_from_db()
    assert row.silent
    assert not told("silence.ended")


def test_only_who_carries_out_orders_renews_or_ends(agora: Agora) -> None:
    row = silent(agora)
    auditor = agora.person("aud", "auditor")
    with pytest.raises(RefusedError):
        silence.renew(agora.house, row, user=auditor, basis="x")
    with pytest.raises(RefusedError):
        silence.end(agora.house, row, user=auditor)
    legal = agora.person("l.moreau", "legal", number=7)
    silence.end(agora.house, row, user=legal, reason="the authority agrees")
    for act in (
        lambda: silence.end(agora.house, row, user=legal),
        lambda: silence.renew(agora.house, row, user=legal, basis="x"),
    ):
        with pytest.raises(ConflictError):
            act()


def test_the_statement_is_held_back_and_issued_when_the_silence_is_over(agora: Agora) -> None:
    endpoint()
    made = withheld(agora)
    row = silent(agora)
    located(row, made)
    agora.clock.advance(DAY_MS)
    assert issue(agora) == 0
    assert not statements.issue_statement(agora.house, Statement.objects.get(decision=made).pk)
    assert Statement.objects.get(decision=made).state == StatementState.PREPARED
    assert not OutgoingTask.objects.filter(event="statement.issued").exists()
    agora.clock.advance(90 * DAY_MS)
    assert silence.run(agora.house) == 1
    assert silence.run(agora.house) == 0
    assert issue(agora) == 1
    assert OutgoingTask.objects.filter(event="statement.issued").count() == 1
    ended = Silence.objects.get(order=row)
    assert ended.informed_at == ended.ended_at
    assert [one["told"] for one in told("silence.ended")] == [1]
    row.refresh_from_db()
    assert not row.silent


def test_a_machine_that_was_off_at_the_end_tells_once_when_it_is_back(agora: Agora) -> None:
    endpoint()
    made = withheld(agora)
    located(silent(agora), made)
    agora.clock.advance(95 * DAY_MS)
    for _ in range(3):
        silence.run(agora.house)
        clocks.run(agora.house)
    assert len(told("silence.ended")) == 1
    assert not [one for one in told("clock.missed") if one["subject"] == "silence"]


def test_the_page_shows_nothing_to_whoever_has_its_address(agora: Agora, client: Client) -> None:
    made = withheld(agora)
    assert issue(agora) == 1
    address = page_of(agora, made)
    assert client.get(address).status_code == 200
    row = silent(agora)
    located(row, made)
    for path in (address, f"{address}/proof.json"):
        answer = client.get(path)
        assert answer.status_code == 404, path
        assert made.label not in answer.content.decode()
    silence.end(agora.house, row)
    assert client.get(address).status_code == 200


def test_nothing_can_be_contested_that_nobody_may_know_of(agora: Agora) -> None:
    made = withheld(agora)
    row = silent(agora)
    located(row, made)
    form = AppealForm(statement=Statement.objects.get(decision=made), grounds="Why?", language="en")
    with pytest.raises(ConflictError) as refused:
        check_open(agora.house, form)
    silence.end(agora.house, row)
    assert check_open(agora.house, form) == made
    assert made.label not in refused.value.message


def test_a_request_for_access_shows_neither_decision_nor_statement_nor_a_duty_to_keep(
    agora: Agora,
) -> None:
    made = withheld(agora)
    row = silent(agora)
    subject = subjects.find(agora.house, "a-9", "agora")
    before = subjects.counts(subject)
    kept = subjects.kept(subject, agora.house.now())
    assert "statements" in kept
    located(row, made)
    after = subjects.counts(subject)
    assert before["decisions"] - after["decisions"] == 1
    assert "statements" in before
    assert "statements" not in after
    assert "statements" not in subjects.kept(subject, agora.house.now())
    _answer, package = subjects.export_subject(agora.house, "a-9", "legal 7", service="agora")
    with zipfile.ZipFile(io.BytesIO(package)) as file:
        texts = {name: file.read(name).decode() for name in file.namelist()}
    assert "statements.json" not in texts
    for name, text in texts.items():
        assert made.decision_id not in text, name
        assert "O-" not in text, name


def test_the_register_has_no_line_and_no_word_of_it(agora: Agora, client: Client) -> None:
    made = withheld(agora)
    assert [one.reference for one in register.latest(agora.house, None, 10)] == [made.label]
    row = silent(agora)
    located(row, made)
    assert register.latest(agora.house, None, 10) == []
    assert made.label not in client.get("/register").content.decode()
    month = "2026-11"
    assert list(register.month(agora.house, month)) == []
    silence.end(agora.house, row)
    assert [one.reference for one in register.latest(agora.house, None, 10)] == [made.label]


def test_what_stands_in_place_of_the_item_says_nothing_of_it(agora: Agora, client: Client) -> None:
    made = withheld(agora)
    path = f"/withheld/{made.decision_id}"
    shown = client.get(path, {"country": "FR"})
    row = silent(agora)
    located(row, made)
    hidden_now = client.get(path, {"country": "FR"})
    assert (shown.status_code, hidden_now.status_code) == (200, 404)


def test_a_search_of_those_without_orders_does_not_find_it(agora: Agora) -> None:
    made = withheld(agora)
    row = silent(agora)
    located(row, made)
    moderator = agora.person("m.one", "moderator")
    legal = agora.person("l.moreau", "legal", number=7)
    kept = hidden_from(moderator)
    assert kept is not None
    assert list(kept.values_list("number", flat=True)) == [made.number]
    assert not may_read(moderator, made)
    for user in (legal, moderator):
        if user is moderator:
            silence.end(agora.house, row)
        closed = hidden_from(user)
        assert closed is None or not closed.filter(number=made.number).exists()
    assert may_read(legal, made)
    assert may_read(moderator, made)


def test_what_took_it_back_is_hidden_as_well(agora: Agora) -> None:
    made = withheld(agora)
    located(silent(agora), made)
    user = User.objects.get(username="c.vidal")
    back = decide(
        agora.house, PersonDecision(on=made.number, verb=Verb.LIFT, reason="No effect.", user=user)
    )
    assert not hidden.is_hidden(back.number)
    rows = cast("AppendOnlyQuerySet[DecisionRecord]", DecisionRecord.objects.filter(pk=back.pk))
    rows.redact(kind="order")
    assert hidden.is_hidden(back.number)
    back.refresh_from_db()
    first = made.supersedes
    assert first is not None
    assert hidden.last_shown(first) == first


def disclosed(agora: Agora, form: str = "dsa_art10_order", **more: Any) -> Order:
    now = agora.house.now()
    row = silent(agora, form, sender="Court of Example", executed_at=now, **more)
    for category in ("subscriber", "identification"):
        OrderData.objects.create(
            order=row, category=category, service="agora", account="a-9", covered=True,
            granted=category == "subscriber",
        )  # fmt: skip
    return row


def test_who_has_no_statement_is_told_through_the_platform_once(agora: Agora) -> None:
    endpoint()
    row = disclosed(agora)
    agora.clock.advance(90 * DAY_MS)
    assert silence.run(agora.house) == 1
    [task] = OutgoingTask.objects.filter(event="person.informed")
    data = task.payload["data"]
    assert (data["service"], data["author_id"], data["order"]) == (
        "agora", "a-9", f"O-{row.number}",
    )  # fmt: skip
    assert set(data["texts"]) == {"en", "fr", "de"}
    for text in data["texts"].values():
        assert "Court of Example" in text["body"]
        assert text["subject"]
        assert "$" not in text["body"]
    assert Silence.objects.get(order=row).informed_at is not None
    assert not silence.untold().exists()


def test_where_no_address_asked_for_it_the_overview_says_that_nobody_was_told(
    agora: Agora,
) -> None:
    row = disclosed(agora)
    agora.clock.advance(90 * DAY_MS)
    assert silence.run(agora.house) == 1
    assert Silence.objects.get(order=row).informed_at is None
    assert [one.order_id for one in silence.untold()] == [row.number]


def test_an_order_that_was_not_carried_out_tells_nobody_anything(agora: Agora) -> None:
    endpoint()
    row = disclosed(agora)
    Order.objects.filter(pk=row.pk).update(executed_at=None, outcome="refused")
    agora.clock.advance(90 * DAY_MS)
    silence.run(agora.house)
    assert not OutgoingTask.objects.filter(event="person.informed").exists()
    assert not silence.untold().exists()


def test_under_e_evidence_the_house_never_tells_and_a_person_looks_again(agora: Agora) -> None:
    endpoint()
    row = disclosed(agora, "epoc_annex_i")
    agora.clock.advance(91 * DAY_MS)
    assert silence.run(agora.house) == 0
    clocks.run(agora.house)
    row.refresh_from_db()
    assert row.silent
    clock = DutyClock.objects.get(subject="silence")
    assert clock.state == ClockState.MISSED
    legal = agora.person("l.moreau", "legal", number=7)
    silence.renew(agora.house, row, user=legal, basis="no word of the authority yet")
    clock.refresh_from_db()
    assert clock.state == ClockState.DONE_LATE
    silence.end(agora.house, row, user=legal, reason="the authority has told")
    assert not OutgoingTask.objects.filter(event="person.informed").exists()


def test_a_silence_warns_before_its_end(agora: Agora) -> None:
    silent(agora)
    agora.clock.advance(90 * DAY_MS - HOUR_MS)
    clocks.run(agora.house)
    assert [one["subject"] for one in told("clock.warned")] == ["silence"]
