# SPDX-License-Identifier: Apache-2.0
"""Elements to confirm: none where an entry is ready, each by itself elsewhere."""

from __future__ import annotations

import msgspec
import pytest

from vigie import law
from vigie.law import Proposal, elements_of
from vigie.law.elements import CIRCUMSTANCES, DEFENCE, MET, unconfirmed

TABLE = law.load()
GROUNDS = [entry for entry in TABLE.grounds() if entry.territories]


@pytest.mark.parametrize("entry", GROUNDS, ids=lambda entry: str(entry.id))
def test_an_entry_has_elements_exactly_where_it_is_not_ready(entry: law.Entry) -> None:
    assert bool(elements_of(entry)) is (entry.proposal is not Proposal.ONE_CLICK)


def test_elements_are_told_in_the_words_of_the_pack() -> None:
    entry = TABLE.get("it_604bis")
    [met, circumstances] = elements_of(entry)
    assert (met.code, circumstances.code) == (MET, CIRCUMSTANCES)
    assert entry.provision in met.text
    assert entry.what in met.text
    assert met.key == "it_604bis:met"


def test_a_defence_is_an_element_of_its_own() -> None:
    entry = msgspec.structs.replace(TABLE.get("it_604bis"), defence="satire")
    assert elements_of(entry)[-1].code == DEFENCE
    assert "satire" in elements_of(entry)[-1].text


def test_what_is_no_ground_has_no_elements() -> None:
    assert [e.id for e in TABLE.entries.values() if not e.is_ground and elements_of(e)] == []


def test_each_element_is_confirmed_by_itself() -> None:
    entries = [TABLE.get("it_604bis"), TABLE.get("fr_denial")]
    keys = [one.key for one in elements_of(entries[0])]
    assert [one.key for one in unconfirmed(entries, [])] == keys
    assert [one.key for one in unconfirmed(entries, keys[:1])] == keys[1:]
    assert unconfirmed(entries, [*keys, "something else"]) == ()
