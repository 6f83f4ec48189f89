# SPDX-License-Identifier: Apache-2.0
"""Cells under ten people: hidden, and not to be worked out from all the others together."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.flow.gateway.suppress import TOTAL, Cell, Place, hidden, with_totals

LEAST = 10
NAMES = st.sampled_from(["a", "b", "c", "d"])


def cell(people: int, count: int = 0, who: str = "p") -> Cell:
    if people >= LEAST:
        return Cell(count or people, set(), many=True)
    return Cell(count or people, {f"{who}{n}" for n in range(people)})


def determined(table: dict[Place, Cell], away: set[Place]) -> set[Place]:
    """Return the hidden cells that follow from all that is shown, by solving the equations."""
    unknown = sorted(away)
    rows = {row for row, _ in table}
    columns = {column for _, column in table}
    lines = [[(row, c) for c in columns] for row in rows]
    lines += [[(r, column) for r in rows] for column in columns]
    matrix = []
    for at, line in enumerate(lines):
        by_row = at < len(rows)
        signs = {p: -1 if p[1 if by_row else 0] == TOTAL else 1 for p in line}
        matrix.append([Fraction(signs.get(place, 0)) for place in unknown])
    reduced = _reduced(matrix)
    return {unknown[row.index(Fraction(1))] for row in reduced if sum(x != 0 for x in row) == 1}


def _reduced(matrix: list[list[Fraction]]) -> list[list[Fraction]]:
    """Return the reduced row echelon form: a lone 1 in a row is a variable that is fixed."""
    rows, at = [row[:] for row in matrix], 0
    for column in range(len(rows[0]) if rows else 0):
        pivot = next((n for n in range(at, len(rows)) if rows[n][column]), None)
        if pivot is None:
            continue
        rows[at], rows[pivot] = rows[pivot], rows[at]
        rows[at] = [x / rows[at][column] for x in rows[at]]
        for n, row in enumerate(rows):
            if n != at and row[column]:
                factor = row[column]
                rows[n] = [x - factor * y for x, y in zip(row, rows[at], strict=True)]
        at += 1
    return [row for row in rows[:at] if any(row)]


TABLES = st.dictionaries(
    st.tuples(NAMES, NAMES),
    st.tuples(st.integers(1, 14), st.integers(1, 60)),
    min_size=1,
    max_size=12,
)


@settings(max_examples=150)
@given(TABLES)
def test_no_small_cell_is_shown_or_follows_from_what_is_shown(
    found: dict[Place, tuple[int, int]],
) -> None:
    inner = {
        place: cell(people, count, f"{n}-") for n, (place, (people, count)) in
        enumerate(found.items())
    }  # fmt: skip
    table = with_totals(inner)
    away = hidden(table, LEAST)
    for place, one in table.items():
        assert one.enough(LEAST) or place in away
    assert not determined(table, away)


def test_the_check_itself_finds_a_cell_that_follows() -> None:
    table = with_totals({("a", "x"): cell(3), ("a", "y"): cell(40), ("b", "x"): cell(40)})
    assert determined(table, {("a", "x")}) == {("a", "x")}


def test_where_only_one_is_small_a_second_one_goes_too() -> None:
    table = with_totals(
        {
            ("a", "x"): cell(3),
            ("a", "y"): cell(20),
            ("b", "x"): cell(30),
            ("b", "y"): cell(40),
        }
    )
    away = hidden(table, LEAST)
    assert away == {("a", "x"), ("a", "y"), ("b", "x"), ("b", "y")}


def test_two_small_ones_whose_sum_is_small_take_a_third_with_them() -> None:
    inner = {("a", "x"): cell(2, who="k"), ("a", "y"): cell(3, who="l"), ("a", "z"): cell(50)}
    away = hidden(with_totals(inner), LEAST)
    assert ("a", "z") in away or ("a", TOTAL) in away


@pytest.mark.parametrize("people", [10, 400])
def test_what_has_people_enough_is_all_shown(people: int) -> None:
    inner = {(row, column): cell(people) for row in "ab" for column in "xy"}
    assert hidden(with_totals(inner), LEAST) == set()


def test_the_same_person_in_two_cells_is_one_person_in_their_total() -> None:
    inner = {("a", "x"): cell(8), ("a", "y"): cell(8)}
    assert ("a", TOTAL) in hidden(with_totals(inner), LEAST)


def test_a_table_that_counts_nothing_hides_nothing() -> None:
    assert hidden({}, LEAST) == set()
    assert hidden({("a", "x"): Cell()}, LEAST) == set()
