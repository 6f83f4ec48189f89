# SPDX-License-Identifier: Apache-2.0
"""Answers to orders: letters, their forms, clocks that stop, referrals, who gets a mail."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from tests.support.order_papers import PRODUCTION, REMOVAL, receive
from tests.support.orders import Desk, refreshed
from tests.support.people import Agora
from vigie.core.clock import MINUTE_MS
from vigie.core.errors import ConflictError, InvalidInputError, RefusedError
from vigie.flow.decide import PersonDecision, Verb, decide
from vigie.flow.deliver import deliver_mail
from vigie.flow.house import House
from vigie.flow.letters import wording
from vigie.flow.orders import effects, execute, letters, refer
from vigie.flow.orders.clocks import OPEN
from vigie.flow.orders.letters.known import BOOK, KINDS
from vigie.flow.orders.refer import Assessment
from vigie.law import answers as official
from vigie.law.elements import elements_of
from vigie.law.wording import LANGUAGES
from vigie.store.models import (
    ClockState,
    DecisionRecord,
    DutyClock,
    Letter,
    Order,
    OrderLetter,
    Record,
)

pytestmark = pytest.mark.django_db
REASON = "Two of the addresses name no page."


@pytest.fixture
def desk(agora: Agora) -> Desk:
    return Desk(agora)


def text_of(data: bytes) -> str:
    return " ".join(
        " ".join(page.extract_text() for page in PdfReader(BytesIO(data)).pages).split()
    )


def impossible(desk: Desk, order: Order, ground: str = "manifest_errors") -> OrderLetter:
    return execute.impossible(desk.agora.house, desk.first, order, ground, REASON)


def referral(desk: Desk) -> Order:
    given = receive(
        desk.agora,
        "referral",
        {"unit": "EU IRU", "content_locations": ["https://agora.example/p/p-600"]},
    )
    return Order.objects.get(pk=given.number)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_letter_has_a_text_that_can_be_used_in_every_language(
    kind: str, language: str
) -> None:
    wording.check(kind, kind, wording.shipped(kind, language, BOOK), BOOK)
    known = KINDS[kind].form
    assert not known or known in official.load()


def test_annex_iii_stops_the_hour_only_once_it_has_left(desk: Desk) -> None:
    order = desk.order()
    letter = impossible(desk, order)
    clock = DutyClock.objects.get(duty="tco_removal")
    assert (letter.kind, clock.state) == ("annex_iii", ClockState.RUNNING)
    desk.agora.clock.advance(20 * MINUTE_MS)
    letters.sent_by_hand(desk.agora.house, desk.first, letter, "By fax")
    clock.refresh_from_db()
    assert (clock.state, clock.pause_basis) == (
        ClockState.PAUSED,
        "Reg (EU) 2021/784 Art. 3(8)",
    )
    assert refreshed(order).state == "clarifying"


def test_force_majeure_is_another_basis_and_the_form_says_so(desk: Desk) -> None:
    letter = impossible(desk, desk.order(), "force_majeure")
    assert letter.data["values"]["ground"] == "force_majeure"
    text = text_of(letters.pdf(letter))
    assert "Force majeure or de facto impossibility" in text
    assert REASON in text
    letters.sent_by_hand(desk.agora.house, desk.first, letter, "By fax")
    assert DutyClock.objects.get(duty="tco_removal").pause_basis.endswith("Art. 3(7)")


def test_a_letter_too_late_stops_nothing(desk: Desk) -> None:
    letter = impossible(desk, desk.order())
    desk.agora.clock.advance(61 * MINUTE_MS)
    letters.sent_by_hand(desk.agora.house, desk.first, letter, "By fax")
    assert DutyClock.objects.get(duty="tco_removal").state != ClockState.PAUSED


def test_a_refusal_closes_it_and_leaves_no_clock_open(desk: Desk) -> None:
    order = desk.order("dsa_art9_order", territorial_scope=["FR"])
    letter = execute.refuse(desk.agora.house, desk.first, order, "No provision is named.")
    row = refreshed(order)
    assert (row.state, row.outcome, letter.kind) == ("closed", "refused", "refusal")
    assert "neither confirms nor denies" in letter.data["body"]
    assert not order.clocks.filter(state__in=OPEN).exists()
    with pytest.raises(ConflictError):
        execute.refuse(desk.agora.house, desk.first, order, "Again.")


def test_a_proven_removal_order_is_not_refused(desk: Desk) -> None:
    with pytest.raises(RefusedError) as refused:
        execute.refuse(desk.agora.house, desk.first, desk.order(), "We would rather not.")
    assert refused.value.code == "no_refusal"


def test_a_letter_is_the_same_document_for_ever(desk: Desk, tmp_path: Path) -> None:
    letter = impossible(desk, desk.order())
    first = letters.pdf(letter)
    assert hashlib.sha256(first).hexdigest() == letter.pdf_sha256
    folder = desk.agora.settings.letters_dir / "orders"
    folder.mkdir(parents=True)
    (folder / "annex_iii.en.txt").write_text("Other $number\n\n$reason\n")
    assert letters.pdf(OrderLetter.objects.get(pk=letter.pk)) == first
    again = impossible(desk, desk.order(reference="NEW-1"))
    assert again.data["title"].startswith("Other O-")


def test_letters_speak_the_language_of_the_order(desk: Desk) -> None:
    order = desk.order("dsa_art9_order", territorial_scope=["FR"], language="fr")
    letter = execute.refuse(desk.agora.house, desk.first, order, "Aucune disposition.")
    assert letter.language == "fr"
    assert "Nous ne donnons pas suite" in letter.data["body"]


def test_no_letter_speaks_of_content_before_the_sender_is_proven(desk: Desk) -> None:
    order = desk.order(proven=False)
    for kind, data in (
        ("effect", {"effect": "x"}),
        ("narrowing", {"left_out": "x"}),
        ("disclosure", {"package": "x"}),
    ):
        with pytest.raises(RefusedError) as refused:
            letters.write(desk.agora.house, order, kind, data=data, by="vigie")
        assert refused.value.code == "unproven"
    letters.write(desk.agora.house, order, "receipt", by="vigie")
    with pytest.raises(ValueError, match="knows no"):
        letters.write(desk.agora.house, order, "receipt", data={"account": "ana"}, by="vigie")


def test_a_receipt_names_no_account(desk: Desk) -> None:
    given = receive(desk.agora, "epoc_annex_i", PRODUCTION)
    order = Order.objects.get(pk=given.number)
    letter = letters.write(desk.agora.house, order, "receipt", by="vigie")
    text = text_of(letters.pdf(letter))
    assert PRODUCTION["identifiers"][0] not in text + str(letter.data)


def mailed(house: House, folder: Path) -> list[Any]:
    deliver_mail(house)
    return [
        message_from_bytes(one.read_bytes(), policy=default) for one in sorted(folder.glob("*.log"))
    ]


def test_the_report_leaves_by_itself_to_the_directory_alone(desk: Desk, tmp_path: Path) -> None:
    house = desk.agora.house
    out = tmp_path / "mails"
    posted = replace(house, settings=replace(house.settings, mail_url=f"file://{out}"))
    given = receive(desk.agora, fields=removal_fields(), reply_to="me@forger.example")
    order = Order.objects.get(pk=given.number)
    desk.prove(order)
    desk.execute(order)
    desk.confirm(order)
    effects.run(house)
    letter = OrderLetter.objects.get(kind="annex_ii")
    assert letter.contact == desk.mail
    assert set(Letter.objects.filter(template="authority_letter").values_list("to", flat=True)) == {
        "contact@office.example"
    }
    [mail] = mailed(posted, out)
    assert mail["To"] == "contact@office.example"
    [attached] = mail.iter_attachments()
    assert attached.get_payload(decode=True) == letters.pdf(letter)
    letter.refresh_from_db()
    assert letter.state == "sent"
    assert Record.objects.filter(kind="letter.sent").exists()


def removal_fields() -> dict[str, Any]:
    return REMOVAL | {"content_locations": ["https://agora.example/p/p-300"]}


def test_an_address_that_the_order_named_first_gets_nothing(desk: Desk) -> None:
    order = desk.order("dsa_art9_order", territorial_scope=["FR"])
    letter = execute.refuse(desk.agora.house, desk.first, order, "No.")
    OrderLetter.objects.filter(pk=letter.pk).update(task=None, state="failed")
    desk.mail.seen_in = [order.number]
    desk.mail.save(update_fields=["seen_in"])
    with pytest.raises(RefusedError) as refused:
        letters.send(desk.agora.house, desk.first, OrderLetter.objects.get(), desk.mail)
    assert refused.value.code == "planted_contact"
    with pytest.raises(RefusedError) as other:
        letters.send(desk.agora.house, desk.first, OrderLetter.objects.get(), desk.senders.mail)
    assert other.value.code == "no_contact"


def test_annex_ii_is_written_only_when_all_is_confirmed(desk: Desk) -> None:
    order = desk.order()
    desk.execute(order)
    desk.agora.deliver()
    first = order.locations.order_by("position").first()
    assert first is not None
    assert first.decision is not None
    desk.agora.confirm(first.decision.number)
    assert effects.run(desk.agora.house) == 0
    letter = effects.report(desk.agora.house, desk.first, refreshed(order), "We go on.")
    assert letter.kind == "effect"
    assert "in part" in letter.data["body"]
    assert "not yet confirmed" in letter.data["body"]
    desk.confirm(order, "DE")
    assert effects.run(desk.agora.house) == 0
    desk.confirm(order)
    assert effects.run(desk.agora.house) == 1
    assert OrderLetter.objects.filter(kind="annex_ii").count() == 1
    assert effects.run(desk.agora.house) == 0


def test_a_referral_restricts_only_on_a_ground_of_ones_own(desk: Desk) -> None:
    number = desk.agora.proposal("p-600")
    order = referral(desk)
    with pytest.raises(InvalidInputError) as refused:
        refer.assess(
            desk.agora.house, desk.first, order, Assessment(reason="x", decisions={0: number})
        )
    assert refused.value.code == "no_own_finding"
    row = DecisionRecord.objects.get(number=number)
    names = [g["offence"] for a in row.body["actions"] for g in a["grounds"]]
    keys = [one.key for name in names for one in elements_of(desk.agora.house.law.entries[name])]
    made = decide(
        desk.agora.house,
        PersonDecision(
            on=number,
            verb=Verb.WITHHOLD,
            reason="It denies.",
            user=desk.agora.person(),
            confirmed=tuple(keys),
        ),
    )
    done = refer.assess(
        desk.agora.house,
        desk.first,
        refreshed(order),
        Assessment(reason="It denies a genocide.", decisions={0: made.number}),
    )
    assert (done.state, done.outcome) == ("closed", "restricted")
    letter = done.letters.get()
    assert letter.kind == "assessment"
    assert "A referral is no order" in letter.data["body"]
    assert not DecisionRecord.objects.filter(kind="order").exists()
    assert not Record.objects.filter(kind="order.executed").exists()


def test_a_referral_is_never_carried_out_as_an_order(desk: Desk) -> None:
    order = referral(desk)
    with pytest.raises(RefusedError) as refused:
        desk.execute(order)
    assert refused.value.code == "other_aim"


def test_a_form_that_asks_for_data_is_not_executed_here(desk: Desk) -> None:
    given = receive(desk.agora, "epoc_annex_i", PRODUCTION)
    with pytest.raises(RefusedError) as refused:
        desk.execute(Order.objects.get(pk=given.number))
    assert refused.value.code == "other_aim"
