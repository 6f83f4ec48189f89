# SPDX-License-Identifier: Apache-2.0
"""Categories of notices: what they promise, against the packs and the codes."""

from __future__ import annotations

from collections import Counter

import pytest

from vigie import law
from vigie.law import categories
from vigie.law.categories import Category
from vigie.law.codes import statement_codes

CODES = (
    "child terrorist denial hate threat intimate stalking minors self_harm fraud goods "
    "personality ip other"
).split()
LANGUAGES = ("en", "fr", "de")


@pytest.fixture(scope="module", params=CODES)
def category(request: pytest.FixtureRequest) -> Category:
    return categories.load()[request.param]


def test_exactly_the_fixed_codes_exist() -> None:
    assert sorted(categories.load()) == sorted(CODES)


def test_titles_and_help_exist_in_three_languages(category: Category) -> None:
    for words in (category.titles, category.help):
        assert set(words) == set(LANGUAGES)
        assert all(text.strip() == text and text for text in words.values())
    assert all(len(text) <= 70 for text in category.titles.values())
    assert all(len(text) <= 140 and text.endswith(".") for text in category.help.values())


def test_the_statement_category_is_one_of_the_database(category: Category) -> None:
    assert category.statement_category in statement_codes().categories


def test_every_offence_exists_and_is_a_ground_of_its_own_country(category: Category) -> None:
    entries = law.load().entries
    for country, ids in category.offences.items():
        for one in ids:
            assert entries[one].is_ground, one
            assert entries[one].jurisdiction == country, one


def test_every_ground_of_the_packs_stands_in_exactly_one_category() -> None:
    listed = Counter(
        one
        for found in categories.load().values()
        for ids in found.offences.values()
        for one in ids
    )
    grounds = {entry.id for entry in law.load().grounds()}
    assert set(listed) == grounds
    assert set(listed.values()) == {1}


def test_offences_share_the_statement_category_or_have_none() -> None:
    entries = law.load().entries
    for code, found in categories.load().items():
        for one in (entry for ids in found.offences.values() for entry in ids):
            sor = entries[one].sor
            assert sor is None or sor.category == found.statement_category, (code, one)


def test_only_child_waives_name_and_mail() -> None:
    assert [c.code for c in categories.load().values() if c.anonymous] == ["child"]


def test_the_notifier_is_never_named_where_she_may_be_the_victim() -> None:
    victims = {c.code for c in categories.load().values() if c.victim}
    assert victims == {"intimate", "stalking", "minors"}


def test_child_is_never_a_matter_of_terms_alone() -> None:
    assert not categories.load()["child"].terms
