# SPDX-License-Identifier: Apache-2.0
"""Cells under ten people: hidden, and not to be worked out from all the others together."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.flow.gateway.suppress import (
    TOTAL,
    Cell,
    Place,
    hidden,
    hidden_in_both,
    with_totals,
)

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


Cube = dict[tuple[str, str, str], tuple[int, int]]


def side(found: Cube, at: int) -> dict[Place, Cell]:
    """Add up over one of the two dimensions behind the rows."""
    table: dict[Place, Cell] = {}
    for n, (key, (people, count)) in enumerate(found.items()):
        table.setdefault((key[0], key[at]), Cell()).add(cell(people, count, f"{n}-"))
    return with_totals(table)


def determined_together(
    tables: tuple[dict[Place, Cell], dict[Place, Cell]], away: tuple[set[Place], set[Place]]
) -> set[tuple[int, Place]]:
    """Return what follows from both tables, which share the totals of their rows."""
    blank = {row for row, column in away[1] if column == TOTAL}
    columns = {column for _, column in tables[1]}
    unknown = {(0, place) for place in away[0]} | {
        (1 if column != TOTAL else 0, (row, column))
        for row, column in away[1] | {(row, column) for row in blank for column in columns}
    }
    order = sorted(unknown)
    matrix = []
    for n, table in enumerate(tables):
        rows, wide = {row for row, _ in table}, {column for _, column in table}
        lines = [[(row, c) for c in wide] for row in rows]
        for at, line in enumerate([*lines, *([(r, column) for r in rows] for column in wide)]):
            axis = 1 if at < len(rows) else 0
            signs = {(0 if p[1] == TOTAL else n, p): -1 if p[axis] == TOTAL else 1 for p in line}
            matrix.append([Fraction(signs.get(one, 0)) for one in order])
    reduced = _reduced(matrix)
    return {order[row.index(Fraction(1))] for row in reduced if sum(x != 0 for x in row) == 1}


@settings(max_examples=150)
@given(
    st.dictionaries(
        st.tuples(NAMES, NAMES, st.sampled_from(["chat", "image", "edit"])),
        st.tuples(st.integers(1, 14), st.integers(1, 60)),
        min_size=1,
        max_size=14,
    )
)
def test_two_tables_side_by_side_tell_no_more_than_each(found: Cube) -> None:
    tables = side(found, 1), side(found, 2)
    away = hidden_in_both(*tables, LEAST)
    for table, gone in zip(tables, away, strict=True):
        assert all(one.enough(LEAST) or place in gone for place, one in table.items())
    totals = [{row for row, column in gone if column == TOTAL} for gone in away]
    assert totals[0] == totals[1]
    assert not determined_together(tables, away)


def test_two_tables_hidden_apart_would_tell() -> None:
    """The control: what one hides of a row's total the other shows."""
    found: Cube = {
        ("released", "FR", "chat"): (12, 1_204),
        ("released", "DE", "chat"): (12, 903),
        ("nudify", "FR", "chat"): (12, 31),
        ("nudify", "DE", "chat"): (12, 27),
        ("denial", "FR", "chat"): (3, 5),
        ("cut", "DE", "chat"): (12, 44),
    }
    tables = side(found, 1), side(found, 2)
    apart = hidden(tables[0], LEAST), hidden(tables[1], LEAST)
    assert {place for place in apart[0] if place[1] == TOTAL} - apart[1]
