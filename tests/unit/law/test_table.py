# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie import law
from vigie.core import territory
from vigie.core.errors import NotFoundError
from vigie.law import Cls

TABLE = law.load()
COUNTRIES = st.sampled_from([*territory.DEFAULT_COUNTRIES, "US", "CA", "BR", "JP"])
DAYS = st.dates(date(1990, 1, 1), date(2040, 1, 1))


@given(COUNTRIES, DAYS)
def test_a_ground_in_a_country_is_an_offence_that_acts_there(country, on):
    for entry in TABLE.grounds(on):
        if not territory.covers(entry.territories, country):
            continue
        assert entry.kind is law.Kind.OFFENCE
        if entry.speech:
            assert entry.jurisdiction == country or (
                entry.jurisdiction == "EU" and country in territory.EU
            )
        if entry.cls is Cls.DENIAL:
            assert country in TABLE.matrix.provision_exists


@given(COUNTRIES)
def test_a_country_sees_its_own_pack_and_the_unions(country):
    seen = {entry.jurisdiction for entry in TABLE.for_country(country)}
    assert seen <= {country, "EU"}
    assert ("EU" in seen) == (country in territory.EU)


def test_denial_is_never_a_legal_ground_where_it_is_lawful(table):
    for country in (*table.matrix.lawful, *table.matrix.no_entry_yet):
        for entry in table.grounds():
            if entry.cls is Cls.DENIAL:
                assert not territory.covers(entry.territories, country)


def test_no_speech_offence_acts_everywhere(table):
    speech = [entry for entry in table.grounds() if entry.speech]
    assert speech
    assert all(territory.EVERYWHERE not in entry.territories for entry in speech)
    child = [entry for entry in table.grounds() if entry.cls is Cls.CHILD]
    assert {entry.territories for entry in child} == {("*",)}


def test_an_entry_is_left_out_before_its_known_first_day(table):
    before = {entry.id for entry in table.for_country("FI", date(2026, 1, 25))}
    after = {entry.id for entry in table.for_country("FI", date(2026, 1, 26))}
    assert after - before == {"fi_denial"}


def test_an_unknown_id_is_no_key_error(table):
    with pytest.raises(NotFoundError):
        table.get("fr_nothing")


def test_the_document_is_stable_and_reads_back_whole(table):
    document = law.to_document(table)
    again = law.from_document(document)
    assert again == table
    assert law.to_document(again) == document
    assert law.to_document(law.load()) == document


def test_the_document_of_an_operators_pack_reads_back(plant):
    own = law.load(plant(valid_from="2024-02-29", authority="a court"))
    assert law.from_document(law.to_document(own)) == own
