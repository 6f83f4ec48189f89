# SPDX-License-Identifier: Apache-2.0
"""Contesting on the portal: no account, no script, nothing typed is lost."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from tests.support.appeals import answered, lodged, restricted
from tests.support.people import Agora
from vigie.flow.appeals.disputes import BodyForm, add_body
from vigie.flow.appeals.reopen import reopen_item
from vigie.flow.chain import head_of
from vigie.flow.decide import PersonDecision, Verb, decide
from vigie.flow.notices.form import Channel, NoticeForm
from vigie.flow.notices.receive import receive_notice
from vigie.flow.statements import address_of
from vigie.flow.strikes.measures import ASSESSED, MeasureDecision, decide_measure
from vigie.flow.strikes.told import address_of as measure_address
from vigie.store.models import (
    Appeal,
    AppealBy,
    AppealState,
    Case,
    CaseState,
    DecisionRecord,
    Measure,
    NoticeItem,
    RateBucket,
    Statement,
)

HOSTILE = "<script>alert(1)</script> \u202e" + "x" * 300


def text(answer) -> str:
    """The page with spaces as one."""
    return re.sub(r"\s+", " ", answer.content.decode())


@pytest.fixture
def row(agora: Agora) -> DecisionRecord:
    """A post that M. Olsen restricted."""
    return restricted(agora, agora.person("m.olsen"))


@pytest.fixture
def path(agora: Agora, row: DecisionRecord) -> str:
    """The page of its statement."""
    statement = Statement.objects.get(decision=row)
    return address_of(agora.house, statement).removeprefix(agora.settings.base_url)


def test_statement_offers_the_complaint_and_shows_what_became_of_it(
    agora: Agora, client: Client, path: str, row: DecisionRecord
):
    add_body(agora.house, None, BodyForm(name="Certified Body", url="https://body.example"))
    page = text(client.get(path))
    assert "Contest this decision" in page
    assert "Certified Body" in page
    sent = client.post(f"{path}/appeal", {"grounds": HOSTILE, "hearing": "on"})
    assert sent.status_code == 302
    receipt = text(client.get("/appeal/mine"))
    assert "We have received your complaint" in receipt
    assert "&lt;script&gt;" in receipt
    assert "<script>alert" not in receipt
    appeal = Appeal.objects.get()
    assert (appeal.by, appeal.hearing, appeal.channel) == (AppealBy.AUTHOR, True, "portal")
    assert "Your complaint is being looked at." in text(client.get(path))
    answered(agora, agora.person("n.okoye"), appeal, AppealState.GRANTED, heard="by telephone")
    done = text(client.get(path))
    assert "Your complaint was upheld" in done
    assert "We looked at it again." in done
    assert "strike" in done
    assert "n.okoye" not in done
    assert "seen again" not in done


def test_what_does_not_fit_is_said_and_stays_in_the_form(client: Client, path: str):
    answer = client.post(f"{path}/appeal", {"grounds": "", "email": "kept@person", "hearing": "on"})
    assert answer.status_code == 422
    page = text(answer)
    assert "Say in a few sentences" in page
    assert "kept@person" in page
    assert "checked" in page
    too_long = client.post(f"{path}/appeal", {"grounds": "y" * 10_001})
    assert too_long.status_code == 422
    assert "y" * 10_001 in text(too_long)
    assert not Appeal.objects.exists()


def test_second_complaint_is_told_of_the_first(client: Client, path: str):
    client.post(f"{path}/appeal", {"grounds": "first"})
    answer = client.post(f"{path}/appeal", {"grounds": "second words"})
    assert answer.status_code == 422
    assert "contested this already" in text(answer)
    assert Appeal.objects.count() == 1


def test_form_needs_its_token_and_no_script(path: str):
    strict = Client(enforce_csrf_checks=True)
    page = strict.get(path).content.decode()
    assert "<script" not in page.split("<main")[1].split("</main>")[0]
    assert strict.post(f"{path}/appeal", {"grounds": "x"}).status_code == 403
    token = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[0]
    sent = strict.post(f"{path}/appeal", {"grounds": "x", "csrfmiddlewaretoken": token})
    assert sent.status_code == 302


def test_unknown_address_takes_no_complaint(client: Client, path: str):
    wrong = path[:-4] + "AAAA"
    assert client.post(f"{wrong}/appeal", {"grounds": "x"}).status_code == 404


def test_code_opens_the_complaint_and_forged_ones_do_not(
    agora: Agora, client: Client, row: DecisionRecord
):
    made = lodged(agora, row)
    assert client.get("/appeal/mine").status_code == 302
    forged = client.post("/appeal", {"code": "ABCD-EFGH-JKMN-PQRS-TVWX"})
    assert forged.status_code == 422
    assert client.post("/appeal", {"code": made.code.lower()}).status_code == 302
    page = text(client.get("/appeal/mine"))
    assert made.code in page
    assert "of our public log" in page
    assert client.get("/appeal/mine/receipt.json").json()["note"]
    assert client.post("/appeal/mine/close").status_code == 302
    assert client.get("/appeal/mine").status_code == 302
    assert client.get("/appeal/mine/receipt.json").status_code == 302
    agora.clock.advance(31 * 60_000)


def test_page_of_a_complaint_closes_by_itself(agora: Agora, client: Client, row: DecisionRecord):
    client.post("/appeal", {"code": lodged(agora, row).code})
    agora.clock.advance(31 * 60_000)
    assert client.get("/appeal/mine").status_code == 302


def test_many_guesses_are_slowed_down(agora: Agora, client: Client):
    statuses = {client.post("/appeal", {"code": f"{n:020d}"}).status_code for n in range(40)}
    assert statuses == {422, 429}
    assert RateBucket.objects.exists()


@pytest.mark.parametrize("language", ["en", "fr", "de"])
def test_measure_has_a_page_of_its_own_where_it_is_contested(
    agora: Agora, client: Client, language: str
):
    olsen = agora.person("m.olsen")
    for item in ("p-1", "p-2"):
        restricted(agora, olsen, item)
    measure = Measure.objects.get()
    asked = MeasureDecision(
        measure=measure.pk, user=olsen, confirm=True, assessment=dict.fromkeys(ASSESSED, "said")
    )
    measure = decide_measure(agora.house, asked)
    place = measure_address(agora.house, measure).removeprefix(agora.settings.base_url)
    page = text(client.get(f"{place}?lang={language}"))
    assert measure.content[language]["title"] in page
    assert "m.olsen" not in page
    assert client.get(place[:-3] + "AAA").status_code == 404
    assert client.post(f"{place}/appeal", {"grounds": ""}).status_code == 422
    assert client.post(f"{place}/appeal", {"grounds": "It was satire."}).status_code == 302
    assert Appeal.objects.get().measure == measure
    answered(agora, agora.person("n.okoye"), Appeal.objects.get(), AppealState.GRANTED)
    assert "It was lifted" in text(client.get(f"{place}?lang=en"))
    agora.clock.ms = measure.token_expires_at or 0
    assert client.get(place).status_code == 404


def refused_notice(agora: Agora, client: Client) -> NoticeItem:
    """A notice about a post that M. Olsen left as it was, open in this browser."""
    number = agora.proposal("p-100")
    made = receive_notice(
        agora.house,
        NoticeForm(
            channel=Channel.PORTAL,
            category="denial",
            locations=("https://agora.example/p/p-100",),
            explanation="It denies a genocide.",
            good_faith=True,
            name="Anna",
            email="anna@person.example",
            service="agora",
        ),
    )
    item = NoticeItem.objects.get(notice=made.notice)
    head = head_of(DecisionRecord.objects.get(number=number))
    olsen = agora.person("m.olsen")
    decide(
        agora.house,
        PersonDecision(on=head.number, verb=Verb.LEAVE, reason="no element", user=olsen),
    )
    client.post("/notice/status", {"code": made.code})
    item.refresh_from_db()
    assert item.outcome == "not_restricted"
    return item


def test_notifier_contests_a_refusal_and_is_right(agora: Agora, client: Client):
    from tests.support.appeals import confirmed

    item = refused_notice(agora, client)
    assert "Contest our decision" in text(client.get("/notice/mine/appeal"))
    assert client.post("/notice/mine/appeal", {"grounds": "Look again."}).status_code == 302
    appeal = Appeal.objects.get()
    assert (appeal.by, appeal.notice_item, appeal.email) == (
        AppealBy.NOTIFIER,
        item,
        "anna@person.example",
    )
    okoye = agora.person("n.okoye")
    from vigie.core.errors import ConflictError, RefusedError
    from vigie.store.models import User

    with pytest.raises(ConflictError, match="Nothing is restricted yet"):
        answered(agora, okoye, appeal, AppealState.GRANTED)
    with pytest.raises(RefusedError):
        reopen_item(agora.house, User.objects.get(username="m.olsen"), appeal)
    case = reopen_item(agora.house, okoye, appeal)
    assert case.state == CaseState.OPEN
    head = head_of(DecisionRecord.objects.get(pk=case.decision_id))
    decide(
        agora.house,
        PersonDecision(
            on=head.number,
            verb=Verb.WITHHOLD,
            reason="it does",
            user=okoye,
            confirmed=confirmed(agora),
        ),
    )
    done = answered(agora, okoye, appeal, AppealState.GRANTED)
    assert done.reversed["restricted"]
    item.refresh_from_db()
    assert item.outcome == "restricted"
    assert "the content is now restricted" in text(client.get("/appeal/mine"))


def test_refused_again_closes_the_case_as_it_was(agora: Agora, client: Client):
    item = refused_notice(agora, client)
    client.post("/notice/mine/appeal", {"grounds": "Look again."})
    okoye = agora.person("n.okoye")
    appeal = Appeal.objects.get()
    reopen_item(agora.house, okoye, appeal)
    answered(agora, okoye, appeal, AppealState.REFUSED)
    assert Case.objects.get(notice_items=item).state == CaseState.DECIDED
    item.refresh_from_db()
    assert item.outcome == "not_restricted"


def test_without_an_open_notice_the_code_is_asked_for(agora: Agora, client: Client):
    assert client.get("/notice/mine/appeal").headers["Location"] == "/notice/status"
