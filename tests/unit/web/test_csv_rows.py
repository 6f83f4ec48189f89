# SPDX-License-Identifier: Apache-2.0
"""Tables as CSV: read back they are the same, and nothing is computed."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.web.csv_rows import MARK, cell, lines


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1"])
def test_what_begins_like_a_formula_gets_an_apostrophe(text):
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize(
    ("value", "text"), [(None, ""), (-3, "-3"), ("D-1", "D-1"), ("a=b", "a=b")]
)
def test_other_values_stay_as_they_are(value, text):
    assert cell(value) == text


@given(st.lists(st.lists(st.text(st.characters(codec="utf-8")), min_size=1, max_size=4)))
def test_what_is_written_is_read_again(rows):
    body = "".join(lines(["a"], rows))
    assert body.startswith(MARK)
    read = list(csv.reader(io.StringIO(body.removeprefix(MARK), newline="")))
    assert read[1:] == [[cell(value) for value in row] for row in rows]
