# SPDX-License-Identifier: Apache-2.0
"""Names are rewritten only where they are names; what a condition reads is noted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.screening.policy.comparisons import Comparison
from vigie.screening.policy.rewrite import NameProblemError, rewrite
from vigie.screening.policy.tokens import tokens_of

LIMITS = {"hate": 0.85, "low": -1.0, "age": 30.0}


def flat(text: str) -> str:
    return rewrite(text, LIMITS, ("hate",)).text


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("score.hate >= limit.hate", "score_hate >= 0.85"),
        ("score . hate > limit . low", "score_hate > (-1.0)"),
        ("item.account_age_days < limit.age", "item_account_age_days < 30.0"),
        ("item.language == 'score.hate'", "item_language == 'score.hate'"),
        ('item.language == "limit.hate"', 'item_language == "limit.hate"'),
        ("'''score.hate''' == item.language", "'''score.hate''' == item_language"),
        ("'it\\'s score.hate' != ''", "'it\\'s score.hate' != ''"),
        ("r'\\' == 'score.hate'", "r'\\' == 'score.hate'"),
        ("true // score.nothing", "true  "),
        ("marks.exists(m, m.score == 'x')", "marks.exists(m, m.score == 'x')"),
        ("a.item.language", "a.item.language"),
    ],
)
def test_only_names_are_rewritten(written, expected):
    assert flat(written) == expected


@pytest.mark.parametrize(
    ("written", "message", "offset", "fix"),
    [
        ("true && score.hat > 0.1", "score.hat", 8, "did you mean hate?"),
        ("limit.hates > 0.1", "limit.hates", 0, "did you mean hate?"),
        ("item.lang == 'fr'", "item.lang", 0, "did you mean language?"),
        ("score_hate > 0.1", "score_hate", 0, "write `score.hate`"),
        ("item_language == ''", "item_language", 0, "write `item.language`"),
        ("score > 0.1", "needs a name", 0, "write `score.<name>`"),
        ("score['hate'] > 0.1", "needs a name", 0, "write `score.<name>`"),
        ("'x' == item.", "needs a name", 7, "write `item.<name>`"),
    ],
)
def test_an_unknown_name_is_refused_with_what_is_known(written, message, offset, fix):
    with pytest.raises(NameProblemError) as caught:
        flat(written)
    assert message in caught.value.message
    assert caught.value.offset == offset
    assert caught.value.fix.startswith(fix)


def test_what_a_condition_reads_is_noted():
    found = rewrite("score.hate > 0.5 && 'child:exact' in matched && limit.hate > 0", LIMITS, None)
    assert found.reads == {"score_hate", "matched"}
    assert found.texts == {"child:exact"}


@given(st.text(max_size=60))
def test_the_words_of_a_condition_are_the_condition(text):
    assert "".join(token.text for token in tokens_of(text)) == text
    assert [token.start for token in tokens_of(text)] == [
        sum(len(t.text) for t in tokens_of(text)[:n]) for n in range(len(tokens_of(text)))
    ]


@given(st.text(alphabet="\"'\\rb \nscore.hate>0", max_size=40))
def test_any_condition_is_rewritten_or_refused(text):
    try:
        found = rewrite(text, LIMITS, None)
    except NameProblemError as error:
        assert 0 <= error.offset < max(len(text), 1)  # noqa: PT017 - either is right
        return
    for offset in range(len(found.text) + 1):
        assert 0 <= found.rewriter.source_offset(offset) <= len(text)


@pytest.mark.parametrize(
    ("written", "comparisons"),
    [
        ("score.hate >= limit.hate", [("hate", ">=", 0.85)]),
        ("limit.hate <= score.hate", [("hate", ">=", 0.85)]),
        ("score.hate > 1", [("hate", ">", 1.0)]),
        ("0.2 > score.hate", [("hate", "<", 0.2)]),
        (
            "score.hate >= limit.hate || (score.terror > 0.5 && 'x' in marks)",
            [("hate", ">=", 0.85), ("terror", ">", 0.5)],
        ),
        ("!(score.hate >= limit.hate)", []),
        ("score.hate >= limit.hate ? true : false", []),
        ("score.hate + 0.1 > 0.5", []),
        ("score.hate * 2.0 > limit.hate", []),
        ("score.hate > score.terror", []),
        ("item.strikes > 2", []),
        ("'score.hate > 0.5' == ''", []),
    ],
)
def test_comparisons_are_told_only_where_their_meaning_is_sure(written, comparisons):
    found = rewrite(written, LIMITS, None).comparisons
    assert found == tuple(Comparison(*each) for each in comparisons)


def test_of_two_limits_the_harder_one_is_told():
    low, high = Comparison("hate", ">=", 0.5), Comparison("hate", ">=", 0.9)
    assert low.harder(high) is high
    assert high.harder(low) is high
    assert Comparison("a", "<", 0.1).harder(Comparison("a", "<", 0.5)).limit == 0.1
