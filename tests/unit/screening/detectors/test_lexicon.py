# SPDX-License-Identifier: Apache-2.0
"""The lexicon detector: whole words, near words, marks, and where they stood."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.core.errors import InvalidInputError
from vigie.core.item import Author, Item, Subject, Surface
from vigie.screening.batch import Batch, Prepared
from vigie.screening.detectors.base import Parts
from vigie.screening.detectors.lexicon import CONTEXT, MOST, LexiconDetector
from vigie.screening.normalise import normalise

ABOUT = {"source": "made for a test", "reviewed": "2026-11-22", "confidence": "low"}


def listed(*terms, name="made", label="terms", **more):
    return {"list": name, "label": label, "terms": list(terms), **ABOUT, **more}


def context(mark, *terms):
    return {"list": f"about-{mark}", "mark": mark, "terms": list(terms), **ABOUT}


def near(groups, **more):
    return listed(patterns=[{"name": "near", "near": groups, **more}])


def detector(*documents):
    return LexiconDetector.from_parts(Parts(lexicons=documents))


def prepared(text):
    item = Item(id="i", surface=Surface.POST, author=Author(id="a"), text=text)
    return Prepared(Subject(item), normal=normalise(text) if text else None)


def signals(text, *documents):
    return detector(*documents).detect(Batch([prepared(text)]))[0]


def found(text, *documents):
    """Return what of the text was found."""
    return [text[slice(*s.span)] for s in signals(text, *documents) if s.span]


def test_a_term_is_found_with_its_label_list_and_place():
    (signal,) = signals("They sell Blue Pencils here", listed("blue pencils", name="shop"))
    assert (signal.detector, signal.label, signal.value) == ("lexicon", "terms", 1.0)
    assert signal.span == (10, 22)
    assert signal.marks == ("lexicon:shop",)


@pytest.mark.parametrize(
    "text", ["b l u e now", "BLUE", "b\u200blue", "blu3 b1ue bl\u0443e blue", "ｂｌｕｅ"]
)
def test_a_disguised_term_is_found(text):
    assert signals(text, listed("blue"))


@pytest.mark.parametrize("text", ["bluebell", "deepblue", "blues", "blue_sky", "x2blue"])
def test_a_part_of_a_word_is_no_hit(text):
    assert signals(text, listed("blue")) == []


@pytest.mark.parametrize(
    "text", ["blue", "blue.", "(blue)", "#blue", "blue-green", "a blue b", "blue's"]
)
def test_a_whole_word_is_a_hit_whatever_surrounds_it(text):
    assert found(text, listed("blue")) == ["blue"]


def test_a_star_lets_the_word_go_on():
    assert found("bluebells deepblue", listed("blue*")) == ["blue"]


def test_scripts_without_spaces_need_no_word_edge():
    assert found("我们在市场买面包", listed("市场")) == ["市场"]
    assert found("เราไปตลาดกัน", listed("ตลาด")) == ["ตลาด"]


def test_vowel_signs_belong_to_their_word():
    assert signals("नमस्ते", listed("नमस")) == []


def test_a_term_found_twice_is_reported_once_at_its_first_place():
    assert [s.span for s in signals("blue red blue", listed("blue"))] == [(0, 4)]


def test_two_lists_with_one_term_both_report():
    one, two = listed("blue", name="one"), listed("blue", name="two", label="other")
    assert [(s.label, s.marks) for s in signals("blue", one, two)] == [
        ("terms", ("lexicon:one",)),
        ("other", ("lexicon:two",)),
    ]


def test_the_weight_of_a_list_is_the_value():
    assert signals("blue", listed("blue", weight=0.4))[0].value == 0.4


def test_an_item_reports_at_most_so_many_signals():
    terms = [f"word{n}x" for n in range(MOST + 10)]
    assert len(signals(" ".join(terms), listed(*terms))) == MOST


class TestPatterns:
    GROUPS = (("blue", "red"), ("bird*", "fish"))

    @pytest.mark.parametrize("text", ["a blue bird", "birds that are red", "red or green fish"])
    def test_words_of_each_group_near_each_other_hit(self, text):
        assert signals(text, near(self.GROUPS))

    @pytest.mark.parametrize(
        "text", ["a blue car", "a bird", "blue " + "far " * 20 + "bird", "blue catfish"]
    )
    def test_one_group_alone_or_far_away_does_not(self, text):
        assert signals(text, near(self.GROUPS)) == []

    def test_the_window_counts_words(self):
        pattern = near(self.GROUPS, within=3)
        assert signals("blue one two bird", pattern)
        assert signals("bird one two blue", pattern)
        assert not signals("blue one two three bird", pattern)
        assert not signals("bird one two three blue", pattern)

    def test_a_word_of_without_quiets_it(self):
        pattern = near(self.GROUPS, without=["toy"])
        assert signals("a blue bird", pattern)
        assert not signals("a toy blue bird", pattern)
        assert signals("a toyshop blue bird", pattern)

    def test_ordered_groups_follow_the_first(self):
        pattern = near(self.GROUPS, ordered=True)
        assert signals("a blue bird", pattern)
        assert not signals("a bird so blue", pattern)

    def test_a_later_place_counts_where_the_first_does_not(self):
        text = "blue " + "far " * 20 + "blue bird"
        (signal,) = signals(text, near(self.GROUPS))
        assert text[slice(*signal.span)] == "blue"
        assert signal.span[0] > 10


class TestContext:
    def test_marks_stand_on_the_signals_of_the_item(self):
        (signal,) = signals(
            "They say blue, it is a parody", listed("blue"), context("satire", "parody")
        )
        assert signal.marks == ("lexicon:made", "satire")

    def test_marks_alone_are_one_signal_of_context(self):
        (signal,) = signals("it is a parody", listed("blue"), context("satire", "parody"))
        assert (signal.label, signal.marks, signal.span) == (CONTEXT, ("satire",), None)

    @pytest.mark.parametrize(
        "text",
        [
            'He said "the blue pencils are gone"',
            "« les crayons bleus ont disparu »",
            "„die blauen Stifte sind fort“",
        ],
    )
    def test_quoted_words_are_marked(self, text):
        assert signals(text, listed("blue"))[0].marks[-1] == "quotation"

    def test_a_single_quoted_word_is_no_quotation(self):
        assert signals('a "blue" pen', listed("blue"))[0].marks == ("lexicon:made",)


def test_an_item_without_text_has_no_signals():
    assert detector(listed("blue")).detect(Batch([prepared(None), prepared("blue")]))[0] == []


def test_without_lists_nothing_is_found():
    assert detector().detect(Batch([prepared("blue")])) == [[]]
    assert detector().labels == (CONTEXT,)


def test_the_labels_are_those_of_the_lists():
    assert detector(listed("a", label="two"), listed("b", label="one")).labels == (
        "one",
        "two",
        CONTEXT,
    )


def test_the_version_names_the_lists():
    assert detector(listed("blue")).version == detector(listed("blue")).version
    assert detector(listed("blue")).version != detector(listed("red")).version


def test_a_term_of_nothing_is_refused():
    with pytest.raises(InvalidInputError, match="nothing to look for"):
        detector(listed("\u200b"))
    with pytest.raises(InvalidInputError, match="nothing to look for"):
        detector(near([["blue"], ["*"]]))


@given(st.text(), st.sampled_from(["blue", "市场", "b l u e", "bird blue"]), st.text())
def test_every_span_lies_in_the_text(before, term, after):
    text = f"{before} {term} {after}"
    for signal in signals(text, listed("blue", "市场"), near([["blue"], ["bird"]])):
        start, end = signal.span or (0, 0)
        assert 0 <= start <= end <= len(text)


@given(st.text(alphabet="abcde "), st.lists(st.text(alphabet="abcde", min_size=1), min_size=1))
def test_it_finds_what_a_naive_search_finds(text, terms):
    naive = {term for term in terms if normalise(term).text in normalise(text).text.split()}
    hits = detector(*(listed(term, name=f"n{n}") for n, term in enumerate(terms)))
    met = {s.marks[0] for s in hits.detect(Batch([prepared(text or " ")]))[0]}
    assert (
        met == {f"lexicon:n{n}" for n, term in enumerate(terms) if term in naive}
        or len(met) == MOST
    )


def test_ten_thousand_terms_build_quickly():
    document = listed(*(f"made term {n} for speed" for n in range(10_000)))
    began = time.process_time()
    detector(document)
    assert time.process_time() - began < 1.0


def test_a_long_hostile_text_takes_its_length():
    text = "blue " * 20_000
    began = time.process_time()
    signals(text, near([["blue"], ["bird"]]))
    assert time.process_time() - began < 3.0
