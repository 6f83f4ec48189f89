# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from tests.support.tree import ROOT
from vigie import law
from vigie.core.actions import ActionKind
from vigie.core.errors import InvalidInputError
from vigie.core.item import Surface
from vigie.core.territory import EEA
from vigie.exchange.transparency_database import (
    concerns,
    content_types,
    new_puid,
    to_record,
    validate,
)
from vigie.law import Automation, Cls, Restriction, Source, TermsClause

TABLE = law.load()
NOW = datetime(2026, 11, 22, 20, 41, tzinfo=UTC)
CLAUSE = TermsClause(clause="4.1", title="Respect", url="https://agora.example/terms")
SCHEMA = Draft202012Validator(
    json.loads((ROOT / "tests/vectors/dsa/sor_statement.schema.json").read_text(encoding="utf-8")),
    format_checker=FormatChecker(),
)


BASE = Restriction(
    action=ActionKind.DISABLED,
    territories=("FR", "DE"),
    offences=("fr_denial", "de_130_denial"),
    decided_at=NOW,
    applied_at=NOW + timedelta(days=1),
    created_at=NOW - timedelta(days=2),
    automated_detection=True,
    automated_decision=Automation.NOT,
    content_types=("CONTENT_TYPE_TEXT",),
    language="fr",
)


def restriction(**fields) -> Restriction:
    return msgspec.structs.replace(BASE, **fields)


def record(**fields):
    return to_record(restriction(**fields), TABLE, new_puid())


def test_the_record_of_a_geo_limited_decision_is_whole():
    made = to_record(restriction(), TABLE, "p-1")
    assert made == {
        "application_date": "2026-11-23",
        "automated_decision": "AUTOMATED_DECISION_NOT_AUTOMATED",
        "automated_detection": "Yes",
        "category": "STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH",
        "category_specification": ["KEYWORD_OTHER"],
        "category_specification_other": "denial of crimes against humanity",
        "content_date": "2026-11-20",
        "content_language": "FR",
        "content_type": ["CONTENT_TYPE_TEXT"],
        "decision_facts": "We examined the content on our own initiative. The content publicly "
        "denies, minimises, approves or justifies genocide, crimes against humanity or war crimes.",
        "decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT",
        "decision_visibility": ["DECISION_VISIBILITY_CONTENT_DISABLED"],
        "illegal_content_explanation": "The content is considered illegal on the ground named. "
        "These provisions concern the public denial, minimisation, approval or justification of "
        "such crimes.",
        "illegal_content_legal_ground": "FR: Loi 29 July 1881 art. 24 bis; DE: StGB 130(3)",
        "puid": "p-1",
        "source_type": "SOURCE_VOLUNTARY",
        "territorial_scope": ["DE", "FR"],
    }


GROUNDS = sorted(entry.id for entry in TABLE.grounds() if set(entry.territories) & {*EEA, "*"})
FACTS = st.fixed_dictionaries(
    {
        "offences": st.lists(st.sampled_from(GROUNDS), min_size=1, max_size=40).map(tuple),
        "synthetic": st.booleans(),
        "women": st.booleans(),
        "incitement": st.booleans(),
        "action": st.sampled_from(list(ActionKind)),
        "surface": st.sampled_from(list(Surface)),
        "source": st.sampled_from(list(Source)),
        "language": st.sampled_from([None, "fr", "zh-Hant", "xx", ""]),
        "facts": st.text(max_size=300),
    }
)


@given(FACTS, st.data())
def test_every_record_fits_the_schema_and_raises_no_concern(facts, data):
    reach = sorted({code for one in facts["offences"] for code in TABLE.get(one).territories})
    where = data.draw(st.lists(st.sampled_from(reach), min_size=1).map(tuple))
    types = content_types(facts["surface"], text=True, mimes=["image/png"])
    until = NOW + timedelta(days=30)
    made = record(**facts, territories=where, content_types=types, until=until)
    assert list(SCHEMA.iter_errors(made)) == []
    assert validate(made) == []
    assert concerns(made) == []
    assert made["territorial_scope"] == sorted(set(EEA) if "*" in where else set(where))


def test_a_country_without_a_ground_has_no_record():
    with pytest.raises(InvalidInputError) as caught:
        record(territories=("FR", "DE", "PL"))
    assert caught.value.code == "no_ground"


def test_everywhere_is_every_country_the_database_knows():
    made = record(offences=(), clauses=(CLAUSE,), territories=("FR", "GB", "*"))
    assert made["territorial_scope"] == sorted(EEA)
    assert made["decision_ground"] == "DECISION_GROUND_INCOMPATIBLE_CONTENT"
    assert made["incompatible_content_ground"] == "4.1 (Respect)"
    assert made["decision_ground_reference_url"] == "https://agora.example/terms"
    assert made["category"] == "STATEMENT_CATEGORY_OTHER_VIOLATION_TC"


@pytest.mark.parametrize("country", ["GB", "CH", "US"])
def test_a_restriction_outside_the_eea_has_no_record(country):
    with pytest.raises(InvalidInputError) as caught:
        record(offences=(), clauses=(CLAUSE,), territories=(country,))
    assert caught.value.code == "outside_eea"


def test_class_child_tells_its_category_and_nothing_else():
    child = tuple(e.id for e in TABLE.grounds() if e.cls is Cls.CHILD)
    made = record(
        offences=child, territories=("*",), action=ActionKind.REMOVED, facts="list and distance"
    )
    assert made["decision_facts"] == "The content falls into this category: Protection of minors."
    assert made["category_specification"] == ["KEYWORD_CHILD_SEXUAL_ABUSE_MATERIAL"]
    assert "U.S.C." not in made["illegal_content_legal_ground"]
    assert "distance" not in json.dumps(made)
    shown = record(facts="list and distance")
    assert "distance" in shown["decision_facts"]  # the control


def test_personal_data_in_the_facts_is_scrubbed():
    made = record(facts="As told by a.person@mail.example, account @aperson, +33 6 12 34 56 78.")
    assert "aperson" not in made["decision_facts"]
    assert "person@" not in made["decision_facts"]
    assert "34 56" not in made["decision_facts"]
    assert concerns(made) == []
    assert [c.code for c in concerns({**made, "decision_facts": "by @aperson"})] == ["personal"]


def test_many_provisions_are_cut_with_a_word_about_it():
    every = tuple(e.id for e in TABLE.grounds() if e.cls in {Cls.DENIAL, Cls.HATE})
    where = tuple(sorted({code for one in every for code in TABLE.get(one).territories}))
    made = record(offences=every, territories=where)
    assert made["illegal_content_legal_ground"].endswith("; and further provisions")
    assert len(made["illegal_content_legal_ground"]) <= 500


def test_several_categories_become_additions():
    made = record(offences=("fr_denial", "fr_terror_apology"), territories=("FR",))
    assert made["category_addition"] == ["STATEMENT_CATEGORY_RISK_FOR_PUBLIC_SECURITY"]


def test_an_entry_without_codes_falls_back_on_its_class():
    made = record(offences=("uk_csam",), territories=("*",), action=ActionKind.REMOVED)
    assert made["category"] == "STATEMENT_CATEGORY_PROTECTION_OF_MINORS"


def test_a_pause_carries_its_last_day():
    made = record(action=ActionKind.DEMOTED, until=NOW + timedelta(days=1))
    assert made["end_date_visibility_restriction"] == "2026-11-23"


def test_without_a_time_of_publication_the_day_of_the_decision_stands():
    assert record(created_at=None)["content_date"] == "2026-11-22"


def test_a_date_that_the_database_does_not_take_is_named():
    with pytest.raises(InvalidInputError) as caught:
        record(created_at=datetime(1999, 1, 1, tzinfo=UTC))
    assert caught.value.field == "content_date"


@pytest.mark.parametrize(
    ("surface", "text", "mimes", "expected"),
    [
        (Surface.POST, True, (), ("CONTENT_TYPE_TEXT",)),
        (Surface.POST, True, ("image/png",), ("CONTENT_TYPE_IMAGE", "CONTENT_TYPE_TEXT")),
        (Surface.AD, False, ("video/mp4",), ("CONTENT_TYPE_VIDEO",)),
        (Surface.AI_OUTPUT, True, (), ("CONTENT_TYPE_TEXT",)),
        (
            Surface.AI_OUTPUT,
            False,
            ("image/png",),
            ("CONTENT_TYPE_IMAGE", "CONTENT_TYPE_SYNTHETIC_MEDIA"),
        ),
        (Surface.POST, False, (None,), ("CONTENT_TYPE_OTHER",)),
        (Surface.POST, False, (), ("CONTENT_TYPE_OTHER",)),
    ],
)
def test_content_types_follow_the_item(surface, text, mimes, expected):
    assert content_types(surface, text=text, mimes=mimes) == expected


def test_an_identifier_is_random_and_of_the_form_asked_for():
    made = {new_puid() for _ in range(1000)}
    assert len(made) == 1000
    assert all(not validate({**record(), "puid": puid}) for puid in list(made)[:50])


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"territorial_scope": None}, "territorial_scope"),
        ({"territorial_scope": ["FR", "DE"]}, "territorial_scope"),
        ({"end_date_visibility_restriction": "2026-11-01"}, "end_date_visibility_restriction"),
        ({"category_specification": ["KEYWORD_NUDITY"]}, "category_specification"),
        (
            {"category_addition": ["STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH"]},
            "category_addition",
        ),
    ],
)
def test_what_the_database_lets_pass_is_a_concern_of_ours(change, field):
    changed = record() | change
    assert validate(changed) == []
    assert [concern.field for concern in concerns(changed)] == [field]
