# SPDX-License-Identifier: Apache-2.0
"""Contrast of all token pairs, computed from the stylesheet itself (WCAG 2.2, 1.4.3 and 1.4.11)."""

from __future__ import annotations

import re
from itertools import product

import pytest

from vigie.web.static import FOLDER

SHEET = (FOLDER / "vigie" / "vigie.css").read_text(encoding="utf-8")
TOKENS = {
    name: (light, dark)
    for name, light, dark in re.findall(
        r"--([a-z0-9-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)", SHEET
    )
}
SURFACES = ("paper", "sheet", "sunk", "sea-wash", "alarm-wash", "amber-wash")
WORDS = ("ink", "ink-2", "ink-3", "sea", "alarm", "amber", "moss")
SCHEMES = {"light": 0, "dark": 1}


def luminance(colour: str) -> float:
    """Relative luminance of an sRGB colour (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_black_on_white_is_twenty_one_and_grey_on_grey_is_one() -> None:
    assert round(contrast("#000000", "#ffffff"), 2) == 21
    assert contrast("#777777", "#777777") == 1


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("word", "surface"), list(product(WORDS, SURFACES)))
def test_words_are_legible_on_every_surface(word: str, surface: str, scheme: str) -> None:
    at = SCHEMES[scheme]
    assert contrast(TOKENS[word][at], TOKENS[surface][at]) >= 4.5


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("surface", ["paper", "sheet", "sunk"])
def test_edges_of_controls_can_be_seen(surface: str, scheme: str) -> None:
    at = SCHEMES[scheme]
    assert contrast(TOKENS["edge"][at], TOKENS[surface][at]) >= 3


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("fill", ["sea", "ink"])
def test_words_on_a_fill_are_legible(fill: str, scheme: str) -> None:
    at = SCHEMES[scheme]
    on = TOKENS["on-fill"] if fill == "sea" else TOKENS["paper"]
    assert contrast(on[at], TOKENS[fill][at]) >= 4.5
