# SPDX-License-Identifier: Apache-2.0
"""Facts are made of signals: the highest value counts, failures are kept."""

from __future__ import annotations

from typing import Any

from vigie.core.decision import Basis, Match, Signal
from vigie.core.item import Author, Item, Media, Subject, Surface, Visibility
from vigie.screening.batch import Prepared
from vigie.screening.policy import Facts, facts_of


def prepared(**known) -> Prepared:
    values: dict[str, Any] = {"id": "p", "surface": Surface.REPLY, "author": Author(id="a")}
    return Prepared(Subject(Item(**(values | known))), language=known.get("language"))


def signal(label: str, value: float = 0.0, **known) -> Signal:
    values: dict[str, Any] = {"detector": "d", "version": "1", "label": label, "value": value}
    return Signal(**(values | known))


def test_the_highest_value_of_a_label_counts_with_its_detector():
    facts = facts_of(
        prepared(),
        [signal("hate", 0.4), signal("hate", 0.9, detector="other"), signal("hate", 0.7)],
    )
    assert facts.scores == {"hate": 0.9}
    assert facts.detectors == {"hate": "other"}


def test_a_failed_signal_is_no_score_but_a_failure():
    facts = facts_of(
        prepared(), [signal("hate", 0.9, status="failed", marks=("x",)), signal("terror", 0.2)]
    )
    assert facts.scores == {"terror": 0.2}
    assert facts.failed == {"hate", "detector:d"}
    assert facts.marks == []


def test_a_value_that_is_no_number_is_kept_to_be_seen():
    assert facts_of(prepared(), [signal("hate", float("nan"))]).unreadable() == {"score_hate"}


def test_matches_name_class_basis_and_banks_once():
    match = Match(
        media=0,
        cls="child",
        basis=Basis.AGREED,
        algorithm="pdq",
        distance=3,
        banks=("north", "south"),
        owners=("a", "b"),
    )
    facts = facts_of(prepared(), [signal("child", 1.0, match=match)] * 2)
    assert facts.matched == ["child", "child:agreed", "bank:north", "bank:south"]


def test_marks_that_name_a_list_are_matches():
    facts = facts_of(
        prepared(),
        [
            signal("denial", 1.0, marks=("lexicon:denial-en", "quotation")),
            signal("spam", 1.0, marks=("list:shorteners",)),
            signal("context", 1.0, marks=("quotation", "satire")),
        ],
    )
    assert facts.marks == ["quotation", "satire"]
    assert facts.matched == ["lexicon:denial-en", "list:shorteners"]


def test_item_fields_are_read_or_unknown():
    facts = facts_of(prepared(), [])
    assert facts == Facts(surface="reply", strikes=0, countries=["*"])
    facts = facts_of(
        prepared(
            version=4,
            service="agora",
            visibility=Visibility.LIMITED,
            language="fr",
            author=Author(id="a", country="FR", account_age_days=3, strikes=1),
            links=["https://a.example"],
            media=[Media(sha256="00"), Media(sha256="01")],
            countries=["FR"],
        ),
        [],
        served=("DE", "FR"),
    )
    assert facts == Facts(
        surface="reply",
        version=4,
        service="agora",
        visibility="limited",
        language="fr",
        author_country="FR",
        account_age_days=3,
        strikes=1,
        links=1,
        media=2,
        countries=["FR"],
    )


def test_an_item_without_countries_is_seen_wherever_the_operator_is_open():
    assert facts_of(prepared(), [], served=("DE", "FR")).countries == ["DE", "FR", "*"]


def test_every_readable_value_is_readable():
    facts = Facts(language="日本", service="größe", marks=["é😀"], strikes=2**63 - 1)
    assert facts.unreadable() == frozenset()
