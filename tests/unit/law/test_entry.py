# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from vigie.law import Confidence, Kind, Proposal


def test_only_offences_are_grounds(table):
    for entry in table.entries.values():
        assert entry.is_ground == (entry.kind is Kind.OFFENCE)
        if not entry.is_ground:
            assert entry.territories == ()
            assert entry.proposal is Proposal.NONE
            assert not entry.may_ground_machine_action
    kinds = {entry.kind for entry in table.entries.values()}
    assert kinds == set(Kind)  # every kind occurs, so that the loop proves something


def test_one_click_needs_high_confidence_and_text_that_was_read(table):
    offered = [entry for entry in table.entries.values() if entry.one_click]
    assert len(offered) == 23
    for entry in offered:
        assert entry.confidence is Confidence.HIGH
        assert entry.text_checked
        assert entry.src.startswith(("text", "excerpt", "partly"))


@pytest.mark.parametrize("entry_id", ["fr_hate", "pl_ipn55", "us_csam", "es_510", "de_130_5"])
def test_sure_entries_with_something_left_to_confirm_are_not_one_click(table, entry_id):
    entry = table.get(entry_id)
    assert entry.confidence is Confidence.HIGH
    assert entry.proposal is Proposal.CONFIRM


def test_low_confidence_goes_to_a_person_with_counsel(table):
    low = [entry for entry in table.entries.values() if entry.confidence is Confidence.LOW]
    assert low
    assert {entry.proposal for entry in low} == {Proposal.COUNSEL}


def test_nothing_ships_that_keeps_bytes(table):
    assert not any(entry.keeps_bytes for entry in table.entries.values())


def test_hate_keyword_is_sent_only_where_incitement_is_an_element(table):
    denial = table.get("fr_denial")
    assert denial.codes().keywords == ("KEYWORD_OTHER",)
    assert denial.codes(incitement=True).keywords == ("KEYWORD_OTHER", "KEYWORD_HATE_SPEECH")
    assert denial.codes().other_text == "denial of crimes against humanity"


def test_women_and_generated_material_have_codes_of_their_own(table):
    women = table.get("fr_ncii").codes(women=True)
    assert women.category == "STATEMENT_CATEGORY_CYBER_VIOLENCE_AGAINST_WOMEN"
    generated = table.get("fr_csam").codes(synthetic=True)
    assert generated.keywords == ("KEYWORD_CHILD_SEXUAL_ABUSE_MATERIAL_DEEPFAKE",)
    assert table.get("fr_ncii").codes(synthetic=True) == table.get("fr_ncii").codes()
    assert table.get("uk_csam").codes() is None
