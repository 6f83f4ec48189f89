# SPDX-License-Identifier: Apache-2.0
"""Hashed n-grams: the same for a text whatever stands beside it, and for ever."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.screening.models import features
from vigie.screening.models.features import ORDERS, make_features

texts = st.lists(st.text(alphabet="ab cdé中😀.!", max_size=12), min_size=1, max_size=8)


def rows(given):
    """Return each row's n-grams by order, words and pairs, as plain lists."""
    found = []
    for block in make_features(given).blocks():
        word, pair, starts = block.words
        ends = [*starts[1:], len(word)]
        for number, (start, end) in enumerate(zip(block.starts, block.ends, strict=True)):
            grams = {order: block.grams[order][start:end].tolist() for order in ORDERS}
            at = slice(starts[number], ends[number])
            found.append((grams, word[at].tolist(), pair[at].tolist()))
    return found


def plain(text, order):
    """The n-grams of a text, written down naively: how many begin where."""
    padded = f" {text} "
    return [
        at + order <= len(padded) and " " not in padded[at + 1 : at + order - 1]
        for at in range(len(padded))
    ]


@given(texts)
def test_a_row_does_not_depend_on_its_neighbours(given):
    assert rows(given) == [rows([text])[0] for text in given]


@given(st.text(alphabet="ab cd", max_size=20))
def test_n_grams_begin_where_a_naive_count_says(text):
    grams = rows([text])[0][0]
    for order in ORDERS:
        assert [gram != 0 for gram in grams[order]] == plain(text, order)


@given(st.text(alphabet="abcdef ", max_size=30))
def test_equal_n_grams_hash_alike_and_different_ones_apart(text):
    padded = f" {text} "
    grams = rows([text])[0][0]
    for order in ORDERS:
        pairs = {(padded[at : at + order], gram) for at, gram in enumerate(grams[order]) if gram}
        assert len({gram for _, gram in pairs}) == len({part for part, _ in pairs}) == len(pairs)


def test_words_are_runs_of_letters_digits_and_marks():
    _, word, pair = rows(["one two, one-two one"])[0]
    assert len(word) == 5
    assert word[0] == word[2] == word[4] != word[1] == word[3]
    assert pair[0] == pair[2] != pair[1] == pair[3]
    assert pair[4] == 0


def test_a_word_hashes_alike_wherever_it_stands():
    assert rows(["word"])[0][1] == rows(["x" * 5000 + " word"])[0][1][-1:]


def test_empty_rows_stand_between_others():
    assert [len(word) for _, word, _ in rows(["", "a b", "", "", "c", ""])] == [0, 2, 0, 0, 1, 0]


def test_no_rows_give_no_blocks():
    assert list(make_features([]).blocks()) == []
    assert len(make_features([])) == 0


def test_half_characters_and_signs_beyond_the_first_plane_are_hashed():
    assert len(rows(["\ud83d 😀"])) == 1


def test_hashes_never_change():
    """Weights were trained with these: a change here makes every weight file void."""
    grams, word, pair = rows(["ab cd"])[0]
    assert grams[2][0] == 1166667424
    assert grams[3][0] == 2240695900
    assert grams[4][0] == 2063991459
    assert word == [3319368195, 911854043]
    assert pair == [1383129397, 0]


@pytest.mark.parametrize("size", [1, 100, 70_000])
def test_blocks_are_bounded_and_cover_every_row_once(size):
    given = ["x" * size] * 40
    blocks = list(make_features(given).blocks())
    covered = [row for block in blocks for row in range(block.rows.start, block.rows.stop)]
    assert covered == list(range(40))
    assert max(len(block.codes) for block in blocks) <= features._BLOCK + size + 2


def test_small_batches_keep_their_hashes_and_large_ones_do_not():
    small, large = make_features(["a"] * 3), make_features(["x" * 200_000] * 3)
    list(small.blocks()), list(large.blocks())
    assert next(small.blocks()) is next(small.blocks())
    assert next(large.blocks()) is not next(large.blocks())


def test_hashes_fill_the_buckets_evenly():
    chance = np.random.default_rng(0)
    text = "".join(chance.choice(list("abcdefghijklmnop"), 60_000))
    grams = next(make_features([text]).blocks()).grams[5]
    buckets = np.bincount(grams >> np.uint32(24), minlength=256)
    assert buckets.max() < 2 * buckets.mean()
    assert buckets.min() > buckets.mean() / 2
