# SPDX-License-Identifier: Apache-2.0
"""Asking an expression of facts: total, pure, and two-valued where nothing is known."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.expressions import nodes
from vigie.flow.search import matches, parse
from vigie.flow.search.fields import BY_NAME
from vigie.flow.search.nodes import Not

NOW = 1_795_381_200_000  # 22 November 2026, 21:00 UTC
HOUR = 3_600_000
FACTS = {
    "kind": "notice",
    "trusted": True,
    "territory": ["FR", "DE"],
    "policy": ["denial"],
    "score.denial": 0.9,
    "item.version": 2,
    "severity": 4,
    "due": NOW + 2 * HOUR,
    "at": NOW,
    "now": NOW,
    "item.language": "",
}


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("", True),
        ("kind = notice", True),
        ("kind = NOTICE and trusted = true", True),
        ("trusted = no", False),
        ("territory = fr", True),
        ("territory = AT", False),
        ("territory != AT", True),
        ("territory in (AT, DE)", True),
        ("territory not in (AT, DE)", False),
        ("policy ~ den", True),
        ("policy ~ nial", False),
        ("score.denial >= 0.9", True),
        ("score.denial > 0.9", False),
        ("score.denial > 0.899999", True),
        ("item.version > 1 and item.version <= 2", True),
        ("severity >= 4 and not severity > 4", True),
        ("due < +3h", True),
        ("due < +1h", False),
        ("due > +119m", True),
        ("at = 2026-11-22", True),
        ("at > 2026-11-22", False),
        ("at <= 2026-11-22", True),
        ("at < 2026-11-22T21:00", False),
        ("at = 2026-11-22T21:00", True),
        ("at >= -1d", True),
        ('item.language = ""', True),
        ('item.language != ""', False),
    ],
)
def test_an_expression_is_asked_of_facts(text, fits):
    assert matches(parse(text), FACTS) is fits


@pytest.mark.parametrize("field", sorted(set(BY_NAME) - {"trusted"}))
def test_what_is_not_known_fits_no_comparison_but_every_opposite(field):
    value = {"at": "2026-01-01", "due": "-1h", "territory": "FR"}.get(field, "1")
    choices = BY_NAME[field].choices
    country = "country" in field or "countries" in field or field == "territory"
    value = choices[0] if choices else ("FR" if country else value)
    if BY_NAME[field].kind == "yes or no":
        value = "yes"
    assert not matches(parse(f"{field} = {value}"), {})
    assert matches(parse(f"{field} != {value}"), {})
    assert matches(parse(f"not {field} = {value}"), {})


def test_everywhere_fits_every_country_and_no_country_is_everywhere():
    assert matches(parse("territory = FR"), {"territory": ["*"]})
    assert matches(parse('territory = "*"'), {"territory": ["*"]})
    assert not matches(parse('territory = "*"'), {"territory": ["FR"]})


def test_without_a_time_relative_dates_fit_nothing():
    assert not matches(parse("due < +1h"), {"due": 5})
    assert not matches(parse("due > -1h"), {"due": 5})


_ODD = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary()


@given(nodes(), st.dictionaries(st.sampled_from([*BY_NAME, "now"]), _ODD | st.lists(_ODD)))
def test_any_facts_give_an_answer_and_not_turns_it(node, facts):
    assert matches(node, facts) is not matches(Not(node), facts)
