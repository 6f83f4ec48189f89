# SPDX-License-Identifier: Apache-2.0
"""What may leave: what is covered, after a proof, by somebody who did not call back."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.people import NOW, Agora
from tests.support.senders import EPOC, Senders, read_here, refreshed
from vigie.core.clock import DAY_MS, HOUR_MS, iso
from vigie.core.errors import ConflictError, InvalidInputError, RefusedError
from vigie.flow import second_person
from vigie.flow.orders import (
    answers,
    coverage,
    disclose,
    emergency,
    letters,
    narrow,
    prove,
)
from vigie.flow.orders.scope import Scope, ScopeLine
from vigie.store.models import (
    ClockState,
    DutyClock,
    EmergencyRelease,
    Order,
    OrderLetter,
    OutgoingTask,
    Record,
    User,
)

pytestmark = pytest.mark.django_db
ALL = ["subscriber", "identification", "traffic", "content"]
PERIOD = {
    "period_from": iso(NOW - 10 * DAY_MS),
    "period_until": iso(NOW - DAY_MS),
}
COURT: dict[str, Any] = {
    "issuing_authority_type": "court",
    "traffic_content_condition": "three_years",
    "data_categories": ALL,
} | PERIOD


@pytest.fixture(autouse=True)
def _read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    read_here(monkeypatch)


@pytest.fixture
def senders(agora: Agora) -> Senders:
    return Senders(agora)


def proven(senders: Senders, form: str = EPOC, **values: Any) -> Order:
    order = senders.order(form, **values)
    prove.by_call_back(senders.agora.house, senders.calls, order, senders.phone, "confirmed all")
    return refreshed(order)


def court(senders: Senders) -> None:
    """Let the office be a court of the directory."""
    senders.office.kind = "court"
    senders.office.save(update_fields=["kind"])


def rows(order: Order, *categories: str) -> list[int]:
    return list(
        order.data.filter(category__in=categories).order_by("pk").values_list("pk", flat=True)
    )


def grant(senders: Senders, order: Order, *categories: str, user: User | None = None) -> None:
    disclose.grant(
        senders.agora.house,
        user or senders.decides,
        order,
        rows(order, *categories),
        "covered by the certificate",
    )


def test_a_covered_category_is_granted_and_stands_in_the_scope(senders: Senders) -> None:
    order = proven(senders, data_categories=["subscriber", "identification"])
    grant(senders, order, "subscriber")
    scope = disclose.scope_of(order)
    assert scope.accounts == (("default", "ana.lima"),)
    assert scope.categories == {"subscriber"}
    assert scope.of("default", "somebody.else") == ()


def test_nothing_is_granted_before_the_proof(senders: Senders) -> None:
    order = senders.order()
    with pytest.raises(RefusedError) as refused:
        grant(senders, order, "subscriber")
    assert refused.value.code == "unproven"
    order.data.update(granted=True, covered=True)  # as if somebody wrote it past the verb
    with pytest.raises(RefusedError):
        disclose.scope_of(order)


def test_a_proven_order_without_a_grant_lets_nothing_out(senders: Senders) -> None:
    with pytest.raises(ConflictError) as refused:
        disclose.scope_of(proven(senders))
    assert refused.value.code == "nothing_granted"


def test_traffic_and_content_need_a_court_in_the_directory_not_in_the_letter(
    senders: Senders,
) -> None:
    order = proven(senders, **COURT)
    assert [one.covered for one in coverage.asked(order)] == [True, True, False, False]
    with pytest.raises(RefusedError) as refused:
        grant(senders, order, "subscriber", "content")
    assert refused.value.code == "not_covered"
    assert not order.data.filter(granted=True).exists()
    court(senders)
    grant(senders, order, *ALL)
    assert disclose.scope_of(order).categories == set(ALL)


@pytest.mark.parametrize(
    "without",
    [
        {"period_from": ""},
        {"period_until": ""},
        {"period_until": iso(NOW + DAY_MS)},
        {"period_from": iso(NOW - DAY_MS), "period_until": iso(NOW - 2 * DAY_MS)},
        {"traffic_content_condition": ""},
    ],
    ids=["no start", "no end", "days to come", "upside down", "no offence of Art. 5(4)"],
)
def test_content_needs_a_period_that_is_over_and_a_ground(
    senders: Senders, without: dict[str, Any]
) -> None:
    court(senders)
    order = proven(senders, **COURT | without)
    covered = {one.row.category: one.covered for one in coverage.asked(order)}
    assert not covered["content"]
    assert covered["subscriber"]


def test_a_period_ends_at_the_latest_when_the_order_came(senders: Senders) -> None:
    order = proven(senders, period_until=iso(NOW + 30 * DAY_MS))
    grant(senders, order, "subscriber")
    [line] = disclose.scope_of(order).lines
    assert line.until == order.received_at


def test_a_preservation_order_discloses_nothing(senders: Senders) -> None:
    order = proven(senders, "epocpr_annex_ii", data_categories=ALL)
    assert [one.covered for one in coverage.asked(order)] == [False] * 4
    with pytest.raises(RefusedError):
        grant(senders, order, "subscriber")


def test_a_removal_order_discloses_nothing_whatever_rows_it_has(senders: Senders) -> None:
    order = proven(senders, "dsa_art9_order")
    order.data.create(category="subscriber", account="ana.lima")
    prove.by_call_back(senders.agora.house, senders.calls, order, senders.phone, "all of it")
    with pytest.raises(RefusedError) as refused:
        grant(senders, order, "subscriber")
    assert refused.value.code == "not_covered"


def test_a_category_that_no_law_knows_is_not_granted(senders: Senders) -> None:
    order = senders.order()
    order.data.create(category="everything", account="ana.lima")
    prove.by_call_back(senders.agora.house, senders.calls, order, senders.phone, "all of it")
    with pytest.raises(RefusedError):
        grant(senders, order, "everything")


def test_rows_of_another_order_and_no_rows_are_refused(senders: Senders) -> None:
    one, other = proven(senders), senders.order(reference="DE-2026-99")
    for wanted in ([], rows(other, "subscriber"), [10**9]):
        with pytest.raises(InvalidInputError):
            disclose.grant(senders.agora.house, senders.decides, one, wanted, "why")


def test_who_called_back_does_not_grant_and_a_moderator_never_does(senders: Senders) -> None:
    order = proven(senders)
    with pytest.raises(RefusedError) as refused:
        grant(senders, order, "subscriber", user=senders.calls)
    assert refused.value.code == "own_call"
    with pytest.raises(RefusedError):
        grant(senders, order, "subscriber", user=senders.agora.person("m.od", role="moderator"))


def test_a_grant_ends_with_its_proof_and_with_the_scope(senders: Senders) -> None:
    house, order = senders.agora.house, proven(senders)
    grant(senders, order, "subscriber")
    order.data.update(account="bo.reed")
    with pytest.raises(RefusedError):
        disclose.scope_of(order)
    prove.by_call_back(house, senders.calls, order, senders.phone, "bo.reed confirmed")
    with pytest.raises(ConflictError) as refused:
        disclose.scope_of(order)
    assert refused.value.code == "nothing_granted"


def test_a_grant_is_taken_back(senders: Senders) -> None:
    order = proven(senders)
    grant(senders, order, "subscriber")
    disclose.take_back(senders.agora.house, senders.decides, order, "the wrong row")
    with pytest.raises(ConflictError):
        disclose.scope_of(order)
    with pytest.raises(ConflictError):
        disclose.take_back(senders.agora.house, senders.decides, order, "again")


def test_the_record_of_a_grant_names_categories_and_no_account(senders: Senders) -> None:
    order = proven(senders)
    grant(senders, order, "subscriber")
    said = bytes(Record.objects.get(kind="order.granted").content).decode()
    assert '"subscriber"' in said
    assert "ana.lima" not in said


def test_a_narrowing_letter_names_categories_and_no_account(senders: Senders) -> None:
    house = senders.agora.house
    for form, more in ((EPOC, COURT), ("dsa_art10_order", {"data_categories": ALL})):
        order = proven(senders, form, reference=form, **more)
        letter = narrow.narrow(house, senders.decides, order, "Ask a court for the rest.")
        said = str(letter.data)
        assert "content data" in said
        assert "ana.lima" not in said
        assert refreshed(order).outcome == "narrowed"
        assert not OutgoingTask.objects.exists()


def test_no_narrowing_letter_before_the_proof_or_without_need(senders: Senders) -> None:
    house = senders.agora.house
    with pytest.raises(RefusedError):
        narrow.narrow(house, senders.decides, senders.order(data_categories=ALL))
    with pytest.raises(ConflictError):
        narrow.narrow(house, senders.decides, proven(senders, reference="DE-5"))
    with pytest.raises(RefusedError):
        narrow.narrow(house, senders.agora.person("m.od", role="moderator"), proven(senders))
    assert not OrderLetter.objects.filter(kind="narrowing").exists()


EMERGENCY: dict[str, Any] = {
    "time_limit": "emergency",
    "data_categories": ["subscriber", "identification"],
}


def asked(senders: Senders, order: Order, *categories: str) -> Any:
    wanted = rows(order, *categories or ("subscriber",))
    return emergency.ask(senders.agora.house, senders.decides, order, wanted, "a life at risk")


def test_an_emergency_needs_the_same_proof(senders: Senders) -> None:
    order = senders.order(**EMERGENCY)
    assert order.emergency
    with pytest.raises(RefusedError) as refused:
        asked(senders, order)
    assert refused.value.code == "unproven"


def test_an_emergency_needs_two_persons_and_is_looked_at_again(senders: Senders) -> None:
    house, order = senders.agora.house, proven(senders, **EMERGENCY)
    with pytest.raises(RefusedError) as refused:
        grant(senders, order, "subscriber")
    assert refused.value.code == "two_persons"
    request = asked(senders, order)
    with pytest.raises(ConflictError):
        disclose.scope_of(order)
    with pytest.raises(RefusedError):
        second_person.confirm(house, senders.decides, request)
    second_person.confirm(house, senders.checks, request)
    assert disclose.scope_of(order).categories == {"subscriber"}
    clock = DutyClock.objects.get(duty="emergency_review")
    assert clock.due_at == NOW + 24 * HOUR_MS
    [release] = emergency.waiting(order)
    assert (release.asked_by, release.second) == (senders.decides, senders.checks)


def test_who_took_part_does_not_look_again_while_there_is_a_third(senders: Senders) -> None:
    house, order = senders.agora.house, proven(senders, **EMERGENCY)
    second_person.confirm(house, senders.checks, asked(senders, order))
    [release] = emergency.waiting(order)
    for user in (senders.decides, senders.checks):
        with pytest.raises(RefusedError):
            emergency.review(house, user, release, "justified", "it was")
    with pytest.raises(InvalidInputError):
        emergency.review(house, senders.enters, release, "perhaps", "it was")
    emergency.review(house, senders.enters, release, "unjustified", "nobody was at risk")
    assert DutyClock.objects.get(duty="emergency_review").state == ClockState.MET
    with pytest.raises(ConflictError):
        emergency.review(house, senders.enters, release, "justified", "again")


def test_a_desk_of_two_lets_its_second_person_look_again(senders: Senders) -> None:
    house, order = senders.agora.house, proven(senders, **EMERGENCY)
    second_person.confirm(house, senders.checks, asked(senders, order))
    [release] = emergency.waiting(order)
    User.objects.exclude(pk__in=[senders.decides.pk, senders.checks.pk]).update(is_active=False)
    with pytest.raises(RefusedError):
        emergency.review(house, senders.decides, release, "justified", "my own")
    emergency.review(house, senders.checks, release, "justified", "two of us")
    assert emergency.waiting(order) == []


def test_an_emergency_lets_out_the_least(senders: Senders) -> None:
    court(senders)
    order = proven(senders, **COURT | {"time_limit": "emergency"})
    assert all(one.covered for one in coverage.asked(order))
    with pytest.raises(RefusedError) as refused:
        asked(senders, order, "subscriber", "content")
    assert refused.value.code == "not_the_least"


def test_a_proof_that_fell_meanwhile_stops_the_second_person(senders: Senders) -> None:
    house, order = senders.agora.house, proven(senders, **EMERGENCY)
    request = asked(senders, order)
    prove.withdraw(house, senders.checks, order.proofs.get(), "nobody there knows of it")
    with pytest.raises(RefusedError):
        second_person.confirm(house, senders.checks, request)
    assert not EmergencyRelease.objects.exists()
    assert not order.data.filter(granted=True).exists()


def test_what_says_nothing_of_an_emergency_is_none(senders: Senders) -> None:
    with pytest.raises(ConflictError) as refused:
        asked(senders, proven(senders))
    assert refused.value.code == "no_emergency"


def test_a_scope_knows_its_widest_period() -> None:
    lines = (
        ScopeLine("subscriber", "default", "a", 5, 9),
        ScopeLine("traffic", "default", "b", 2, 7),
    )
    assert Scope(1, lines).period == (2, 9)
    assert Scope(1, (*lines, ScopeLine("content", "default", "a"))).period == (None, None)
    assert Scope(1).period == (None, None)


def test_no_letter_before_the_proof_names_an_account(senders: Senders) -> None:
    house, order = senders.agora.house, senders.order()
    for words in ("there is no ana.lima here", "Ana.Lima: nothing is kept"):
        with pytest.raises(RefusedError) as refused:
            letters.write(house, order, "refusal", data={"reason": words}, by="legal 3")
        assert refused.value.code == "names_account"
        with pytest.raises(RefusedError):
            answers.refuse(house, senders.decides, order, words)
    assert not order.letters.exists()
    letters.write(house, order, "refusal", data={"reason": "Nobody is proven."}, by="legal 3")
    with pytest.raises(RefusedError):
        letters.write(house, order, "disclosure", data={"package": "P-1"}, by="legal 3")
