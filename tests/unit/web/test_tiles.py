# SPDX-License-Identifier: Apache-2.0
"""The map shows each country once, and its legend counts what is shown."""

from __future__ import annotations

from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from vigie.core.territory import EVERYWHERE
from vigie.web.countries import TILES, by_name, sentence
from vigie.web.tiles import STATE_WORDS, tile_map

codes = st.sampled_from((*TILES, "US", "CA", EVERYWHERE))


@given(st.dictionaries(codes, st.sampled_from(sorted(STATE_WORDS))))
def test_every_tile_stands_once_and_the_legend_counts_them_all(states: dict[str, str]) -> None:
    drawn = tile_map(states)
    assert [tile.code for tile in drawn.tiles] == list(TILES)
    beyond = [code for code in states if code not in TILES and code != EVERYWHERE]
    assert sum(line.count for line in drawn.legend) == len(TILES) + len(beyond)
    assert all(line.count > 0 for line in drawn.legend)


def test_a_country_without_state_is_visible() -> None:
    assert {tile.word for tile in tile_map({}).tiles} == {"visible"}


def test_french_has_a_space_that_does_not_break_before_the_colon() -> None:
    with translation.override("fr"):
        assert all("\u00a0: " in tile.label for tile in tile_map({}).tiles)
    with translation.override("de"):
        assert all(": " in tile.label and "\u00a0" not in tile.label for tile in tile_map({}).tiles)


def test_countries_are_ordered_by_name_and_everywhere_comes_last() -> None:
    assert by_name(["US", EVERYWHERE, "DE", "AT"]) == ["AT", "DE", "US", EVERYWHERE]
    assert sentence(["FR", "DE", "AT"]) == "Austria, France and Germany"
    assert sentence(["FR"]) == "France"
    assert sentence([]) == ""
    assert sentence(["XK"]) == "XK"
