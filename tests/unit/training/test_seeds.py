# SPDX-License-Identifier: Apache-2.0
"""The seed sets have two halves by two authors: a model is measured on one it never saw."""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path

import pytest

from training.parallels import parallels

SEEDS = Path(__file__).parents[3] / "training" / "seeds"
LANGUAGES = {"en", "fr", "de"}
DENIAL = {
    1: {"denies", "distorts", "glorifies"},
    0: {
        "teaches", "quotes_to_refute", "reports_court_case", "satire", "neutral_mention",
        "unrelated",
    },
}  # fmt: skip
LABELS = {
    ("denial", "train"): DENIAL,
    ("denial", "heldout"): DENIAL,
    ("nudify", "train"): {
        1: {"undress", "sexualise", "euphemism", "tool"},
        0: {
            "medical", "art", "fashion", "victim_asks_help", "journalism", "photo_editing",
            "moderation_policy", "unrelated",
        },
    },
    ("nudify", "heldout"): {
        1: {"request_undress", "request_sexualise", "euphemism", "offer_of_service"},
        0: {
            "medical", "art", "fashion", "victim_help", "journalism", "ordinary_editing", "policy",
        },
    },
}  # fmt: skip
HALVES = sorted(LABELS)
NAMES = ("denial", "nudify")
LEAST = {
    ("denial", "train"): 330,
    ("denial", "heldout"): 330,
    ("nudify", "train"): 220,
    ("nudify", "heldout"): 220,
}
RUN = 5
SHARED = 0.1
"""Largest share of held-back items with a run of words that the other half has too.

Names and formulas (the genocide of the Tutsi, a court's own name) recur in both.
"""
SIMILAR = 0.5
"""Share of runs of three words from which on two items would be one template."""


def rows(name: str, half: str) -> list[dict[str, str]]:
    path = SEEDS / f"{name}_{half}.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def runs(text: str, length: int = RUN) -> set[tuple[str, ...]]:
    """Return every run of so many words; of a shorter text the whole."""
    found = words(text)
    return {tuple(found[at : at + length]) for at in range(max(1, len(found) - length + 1))}


@pytest.mark.parametrize(("name", "half"), HALVES)
def test_each_half_has_the_promised_number_of_items(name, half):
    assert len(rows(name, half)) >= LEAST[name, half]


@pytest.mark.parametrize(("name", "half"), HALVES)
def test_each_item_has_a_language_and_a_category_that_fits_its_label(name, half):
    for row in rows(name, half):
        assert row["text"].strip(), row
        assert row["language"] in LANGUAGES
        assert row["category"] in LABELS[name, half][int(row["label"])], row["category"]


@pytest.mark.parametrize(("name", "half"), HALVES)
def test_languages_and_labels_are_in_balance(name, half):
    found = Counter((row["language"], int(row["label"])) for row in rows(name, half))
    share = len(rows(name, half)) / 6
    assert set(found) == {(language, label) for language in LANGUAGES for label in (0, 1)}
    least, most = (0.95, 1.05) if half == "heldout" else (0.75, 1.35)
    assert all(least * share <= count <= most * share for count in found.values()), found


@pytest.mark.parametrize(("name", "half"), HALVES)
def test_every_category_is_there_in_every_language(name, half):
    found = {(row["language"], row["category"]) for row in rows(name, half)}
    wanted = LABELS[name, half][0] | LABELS[name, half][1]
    assert found == {(language, category) for language in LANGUAGES for category in wanted}


@pytest.mark.parametrize("name", NAMES)
def test_no_text_stands_in_both_halves_or_twice_in_one(name):
    texts = [tuple(words(row["text"])) for half in ("train", "heldout") for row in rows(name, half)]
    twice = [text for text, count in Counter(texts).items() if count > 1]
    assert twice == []


@pytest.mark.parametrize("name", NAMES)
def test_the_halves_share_next_to_no_run_of_five_words(name):
    known = set().union(*(runs(row["text"]) for row in rows(name, "train")))
    held = rows(name, "heldout")
    shared = [row for row in held if runs(row["text"]) & known]
    assert len(shared) / len(held) <= SHARED, len(shared)


@pytest.mark.parametrize("name", NAMES)
def test_no_held_back_item_is_made_after_one_of_the_other_half(name):
    known = [runs(row["text"], 3) for row in rows(name, "train")]
    for row in rows(name, "heldout"):
        own = runs(row["text"], 3)
        nearest = max(len(own & other) / len(own | other) for other in known)
        assert nearest < SIMILAR, nearest


def test_seeds_that_share_rare_names_or_numbers_are_one_group():
    texts = ["in 1877 a mill", "1877, un moulin", "the weather is fine", "what a day"]
    one, other, third, fourth = parallels(texts)
    assert one == other
    assert len({one, third, fourth}) == 3


def test_what_many_seeds_share_makes_no_group():
    assert len(set(parallels([f"yesterday {word}" for word in "abcdef"]))) == 6
