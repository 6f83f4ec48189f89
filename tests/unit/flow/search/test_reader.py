# SPDX-License-Identifier: Apache-2.0
"""The grammar of the search: what is read is written the same; what is refused says where."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.expressions import nodes
from vigie.flow.search import SearchError, parse, write
from vigie.flow.search.nodes import EVERYTHING, And, Not, Operator, Or, Term


def test_an_expression_is_read_with_and_before_or():
    assert parse("policy = denial or policy = spam and item.version > 1") == Or(
        (
            Term("policy", Operator.IS, ("denial",)),
            And(
                (
                    Term("policy", Operator.IS, ("spam",)),
                    Term("item.version", Operator.MORE, ("1",)),
                )
            ),
        )
    )


def test_keywords_and_fields_are_read_in_any_case():
    assert parse("NOT Policy = Denial AND Trusted = YES") == And(
        (
            Not(Term("policy", Operator.IS, ("denial",))),
            Term("trusted", Operator.IS, ("yes",)),
        )
    )


@pytest.mark.parametrize("text", ["", "  ", "\n\t"])
def test_nothing_typed_is_everything(text):
    assert parse(text) == EVERYTHING
    assert write(EVERYTHING) == ""


@given(nodes())
def test_what_is_written_is_read_as_the_same(node):
    assert parse(write(node)) == node


def _read(text):
    try:
        return parse(text)
    except SearchError as refused:
        return refused


@given(st.text(max_size=80))
def test_any_text_is_read_or_refused_with_a_column(text):
    read = _read(text)
    if isinstance(read, SearchError):
        assert 1 <= read.column <= len(text) + 1
        assert (read.code, read.field) == ("search_invalid", "q")
    else:
        assert parse(write(read)) == read


@given(
    st.lists(
        st.sampled_from(
            "policy item.language score.denial at due and or not in = != < >= ~ ( ) , fr 0.9 -7d "
            '2026-11-22 "a b" yes D-7'.split(" ")
        ),
        max_size=12,
    )
)
def test_any_row_of_words_of_the_grammar_is_read_or_refused(words):
    read = _read(" ".join(words))
    assert isinstance(read, SearchError) or parse(write(read)) == read


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ("polcy = denial", 1, "unknown field polcy"),
        ("policy = denial and scor.hate > 1", 21, "unknown field scor.hate"),
        ("policy denial", 8, "an operator is expected"),
        ("policy =", 9, "a value is expected"),
        ("policy = and", 10, "a value is expected"),
        ("policy > denial", 8, "cannot be asked with >"),
        ("item.language ~ f", 15, "cannot be asked with ~"),
        ("trusted in (yes)", 9, "cannot be asked with in"),
        ("(policy = denial", 17, "not closed"),
        ("policy = denial)", 16, "no parenthesis to close"),
        ("policy = denial policy = spam", 17, "and, or or the end"),
        ("policy in denial", 11, "a list in parentheses"),
        ("policy in (denial", 18, "the list is not closed"),
        ('policy = "denial', 10, "the quotation is not closed"),
        ("policy not denial", 12, "after not, in"),
        ("item.version = many", 16, "a whole number"),
        ("score.denial > 2", 16, "a score from 0 to 1"),
        ("at > yesterday", 6, "no date"),
        ("at > 2026-13-01", 6, "no date"),
        ("territory = France", 13, "two letters"),
        ("decision.outcome = gone", 20, "never gone"),
        ("trusted = maybe", 11, "yes or no"),
        ("decision = X-4", 12, "a number such as D-123"),
        ("text = bread", 1, "words of items cannot be searched"),
        ("policy = a\x00", 10, "signs that cannot be searched"),
        ("policy == denial", 9, "a value is expected"),
        ("\\", 1, "not understood"),
    ],
)
def test_a_refusal_names_column_and_cause(text, column, words):
    with pytest.raises(SearchError) as refused:
        parse(text)
    assert refused.value.column == column
    assert words in refused.value.message
    assert f"column {column}" in refused.value.message


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("polcy", "policy"), ("item.langage", "item.language"), ("outcome", "decision.outcome")],
)
def test_an_unknown_field_is_answered_with_the_nearest(typed, meant):
    with pytest.raises(SearchError) as refused:
        parse(f"{typed} = x")
    assert meant in (refused.value.fix or "")


def test_length_depth_comparisons_and_values_are_limited():
    with pytest.raises(SearchError, match="at most 2000 characters"):
        parse("policy = " + "a" * 2_000)
    with pytest.raises(SearchError, match="at most 20 levels"):
        parse("(" * 21 + "policy = a" + ")" * 21)
    with pytest.raises(SearchError, match="at most 20 levels"):
        parse("not " * 400 + "policy = a")
    with pytest.raises(SearchError, match="at most 50 comparisons"):
        parse(" or ".join(["policy = a"] * 51))
    with pytest.raises(SearchError, match="at most 100 values"):
        parse(f"policy in ({','.join(['a'] * 101)})")
    parse("(" * 20 + "policy = a" + ")" * 20)


def test_values_are_kept_in_their_plain_form():
    text = "territory = fr and decision = 12 and score.denial >= 0.90 and at > 2026-11-22t08:05"
    assert write(parse(text)) == (
        "territory = FR and decision = D-12 and score.denial >= 0.9 and at > 2026-11-22T08:05"
    )
