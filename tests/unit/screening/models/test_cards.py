# SPDX-License-Identifier: Apache-2.0
"""A card speaks of the very weights that ship."""

from __future__ import annotations

from importlib.resources import files

import pytest

from vigie.screening.models import language, linear, seeded

CARDS: dict[str, linear.LinearText | language.LanguageModel] = {
    "text_linear": linear.shipped(),
    "language": language.shipped(),
}


@pytest.mark.parametrize("name", sorted(CARDS))
def test_the_card_names_the_digest_and_every_language(name):
    card = (files("vigie.screening.models") / f"{name}.md").read_text(encoding="utf-8")
    assert CARDS[name].digest in card
    assert all(one in card for one in CARDS[name].languages)


def test_the_card_says_what_is_not_detected_and_asks_the_licence_question():
    card = (files("vigie.screening.models") / "text_linear.md").read_text(encoding="utf-8")
    assert "does not detect" in card
    assert "none stated by its authors" in card


@pytest.mark.parametrize("label", ["denial", "nudify"])
def test_the_cards_of_the_seed_models_name_their_digest_and_what_they_do_not_detect(label):
    card = (files("vigie.screening.models") / f"text_{label}.md").read_text(encoding="utf-8")
    assert seeded.shipped(label).digest in card
    assert "does not detect" in card
    assert "held back" in card


@pytest.mark.parametrize("name", ["sexual", "minor_reference"])
def test_the_cards_of_rules_say_what_is_not_detected_and_never_that_a_text_is_safe(name):
    card = (files("vigie.screening.models") / f"{name}.md").read_text(encoding="utf-8")
    assert "does not detect" in card
    assert "is safe" not in card
