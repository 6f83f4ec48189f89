# SPDX-License-Identifier: Apache-2.0
"""The sender directory: two persons, a public source, and nothing learned from a letter."""

from __future__ import annotations

import pytest

from tests.support.people import Agora
from tests.support.senders import EPOC, PHONE, SOURCE, Senders, read_here
from vigie.core.clock import DAY_MS
from vigie.core.errors import ConflictError, InvalidInputError, NotFoundError, RefusedError
from vigie.flow.orders import authorities
from vigie.flow.orders.authorities import AuthorityForm, ContactForm
from vigie.store.models import Authority, AuthorityContact, Record

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    read_here(monkeypatch)


@pytest.fixture
def senders(agora: Agora) -> Senders:
    return Senders(agora)


def test_a_contact_waits_for_a_second_person(senders: Senders) -> None:
    house = senders.agora.house
    row = senders.contact("phone", "+33 1 23 45 67 89", checked=False)
    assert not authorities.stands(row, house.now())
    with pytest.raises(RefusedError) as refused:
        authorities.check_contact(house, senders.enters, row)
    assert refused.value.code == "own_contact"
    assert authorities.stands(authorities.check_contact(house, senders.checks, row), house.now())


def test_a_check_holds_for_a_year_and_is_made_again(senders: Senders) -> None:
    house = senders.agora.house
    assert authorities.stands(senders.phone, house.now())
    senders.agora.clock.advance(366 * DAY_MS)
    assert not authorities.stands(senders.phone, house.now())
    again = authorities.check_contact(house, senders.calls, senders.phone)
    assert authorities.stands(again, house.now())


def test_a_withdrawn_contact_and_a_closed_entry_stand_no_more(senders: Senders) -> None:
    house = senders.agora.house
    row = authorities.withdraw(house, senders.enters, senders.mail, "the office moved")
    assert not authorities.stands(row, house.now())
    with pytest.raises(ConflictError):
        authorities.withdraw(house, senders.enters, row, "again")
    authorities.close(house, senders.enters, senders.office, "merged with another")
    phone = AuthorityContact.objects.select_related("authority").get(pk=senders.phone.pk)
    assert not authorities.stands(phone, house.now())
    assert list(authorities.find("phone", PHONE)) == []
    with pytest.raises(ConflictError):
        senders.contact("phone", "+49 30 1234567")


def test_a_number_is_found_in_any_spelling(senders: Senders) -> None:
    for spelling in ("+49 30 9014-0", "+493090140", "+49 (30) 9014/0"):
        assert [one.pk for one in authorities.find("phone", spelling)] == [senders.phone.pk]
    assert list(authorities.find("phone", "no number")) == []


@pytest.mark.parametrize(
    ("kind", "value", "kept"),
    [
        ("phone", "+33 1.23.45.67.89", "+33123456789"),
        ("mail", " Poststelle@STA.example ", "poststelle@sta.example"),
        ("certificate", ":".join(["AB"] * 32), "ab" * 32),
        ("post", "Turmstr. 91\n10559 Berlin", "Turmstr. 91\n10559 Berlin"),
        ("eevidence", "DE-STA-1", "DE-STA-1"),
    ],
)
def test_values_have_one_spelling(kind: str, value: str, kept: str) -> None:
    assert authorities.normal(kind, value) == kept


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("phone", "030 9014"),
        ("phone", "+49"),
        ("mail", "sta.example"),
        ("mail", "a@b"),
        ("certificate", "ab" * 31),
        ("post", ""),
        ("eevidence", "x" * 501),
        ("post", "a\x00b"),
        ("pigeon", "coo"),
    ],
)
def test_what_is_no_contact_is_refused(senders: Senders, kind: str, value: str) -> None:
    with pytest.raises(InvalidInputError):
        senders.contact(kind, value)


@pytest.mark.parametrize("source", ["", "letter", "x" * 1001])
def test_a_contact_names_its_public_source(senders: Senders, source: str) -> None:
    form = ContactForm(kind="phone", value="+493012345", source=source)
    with pytest.raises(InvalidInputError) as refused:
        authorities.add_contact(senders.agora.house, senders.enters, senders.office, form)
    assert refused.value.field == "source"


def test_the_same_authority_or_contact_is_entered_once(senders: Senders) -> None:
    with pytest.raises(ConflictError):
        senders.authority("staatsanwaltschaft  BEISPIELSTADT")
    with pytest.raises(ConflictError):
        senders.contact("phone", "+49309014-0")
    senders.authority("Staatsanwaltschaft Beispielstadt", country="AT")


@pytest.mark.parametrize(
    ("name", "country", "kind"),
    [("", "DE", "court"), ("x" * 201, "DE", "court"), ("A", "Germany", "court"), ("A", "DE", "x")],
)
def test_an_authority_that_cannot_be_is_refused(
    senders: Senders, name: str, country: str, kind: str
) -> None:
    with pytest.raises(InvalidInputError):
        senders.authority(name, country, kind)


def test_only_who_keeps_the_directory_changes_it(senders: Senders) -> None:
    stranger = senders.agora.person("m.oderator", role="moderator")
    auditor = senders.agora.person("a.uditor", role="auditor")
    house = senders.agora.house
    for user in (stranger, auditor):
        with pytest.raises(RefusedError):
            authorities.add(house, user, AuthorityForm(name="A", country="DE", kind="court"))
        form = ContactForm(kind="phone", value="+493012345", source=SOURCE)
        with pytest.raises(RefusedError):
            authorities.add_contact(house, user, senders.office, form)
        with pytest.raises(RefusedError):
            authorities.check_contact(house, user, senders.phone)
        with pytest.raises(RefusedError):
            authorities.withdraw(house, user, senders.phone, "because")
        with pytest.raises(RefusedError):
            authorities.close(house, user, senders.office, "because")


def test_a_contact_that_stood_in_an_order_before_says_so(senders: Senders) -> None:
    order = senders.order(EPOC, authority_contact="Room 3, 030 / 555 12 34 (direct)")
    row = senders.contact("phone", "+49 30 5551234")
    assert row.seen_in == [order.number]
    assert senders.contact("phone", "+49 30 7777777").seen_in == []


def test_every_change_is_in_the_log_without_names_in_the_open(senders: Senders) -> None:
    authorities.withdraw(senders.agora.house, senders.enters, senders.mail, "moved")
    kinds = ["authority.added", "authority.contact_added", "authority.contact_checked",
             "authority.contact_withdrawn"]  # fmt: skip
    found = Record.objects.filter(kind__startswith="authority.")
    assert sorted(set(found.values_list("kind", flat=True))) == kinds
    for one in found:
        said = bytes(one.content).decode()
        assert "Beispielstadt" not in said
        assert "9014" not in said
        assert '"by":"legal ' in said


def test_the_list_is_narrowed_by_name_and_country(senders: Senders) -> None:
    senders.authority("Tribunal judiciaire de Paris", "FR", "court")
    assert [one.country for one in authorities.listed()] == ["DE", "FR"]
    assert [one.country for one in authorities.listed("tribunal")] == ["FR"]
    assert [one.country for one in authorities.listed(country="de")] == ["DE"]
    with pytest.raises(NotFoundError):
        authorities.entry(Authority.objects.count() + 1000)
