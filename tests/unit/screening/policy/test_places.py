# SPDX-License-Identifier: Apache-2.0
"""An error in a condition points at the character that was typed, in every YAML style."""

from __future__ import annotations

import pytest

from tests.unit.screening.policy.examples import text_of
from vigie.screening.policy import PolicyError, load_policy

STYLES = {
    "plain": "a: score.hate > 0.5 && nope",
    "plain over lines": "a: score.hate > 0.5\n    && score.hate < 0.9\n    && nope",
    "single quotes": "a: '''fr'' == item.language && nope'",
    "double quotes": "a: \"'fr' == item.language && nope\"",
    "double quotes with escapes": 'a: "\\"fr\\" == item.language &&\\n \\u0021nope"',
    "folded": "a: >-\n    score.hate > 0.5 &&\n    score.hate < 0.9 &&\n    nope",
    "literal": "a: |\n    score.hate > 0.5 &&\n      nope",
    "beyond ASCII": "a: \"'é😀' == item.language && nope\"",
    "after rewritten names": "a: limit.hate < score.hate && score.hate > limit.hate && nope",
    "after a comment": "a: |\n    // score.hate\n    score.hate > 0.5 && nope",
}


@pytest.mark.parametrize("clause", STYLES.values(), ids=STYLES)
def test_an_error_points_at_the_typed_character(clause):
    text = text_of("first: score.hate >= limit.hate", clause)
    with pytest.raises(PolicyError, match="unknown name `nope`") as caught:
        load_policy(text, "bad.yaml")
    line = text.split("\n")[caught.value.line - 1]
    assert line[caught.value.column - 1 :].startswith("nope")
    assert caught.value.field == "when.a"


def test_an_error_in_a_rewritten_name_points_at_its_beginning():
    text = text_of("a: 0.5 < score.hate && item.langage == 'fr'")
    with pytest.raises(PolicyError, match=r"item\.langage") as caught:
        load_policy(text, "bad.yaml")
    line = text.split("\n")[caught.value.line - 1]
    assert line[caught.value.column - 1 :].startswith("item.langage")
