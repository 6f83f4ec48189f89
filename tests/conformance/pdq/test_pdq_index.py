# SPDX-License-Identifier: Apache-2.0
"""The index against the published hashes: exactly the pairs that brute force finds."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from vigie.screening.matching import mih, shelf
from vigie.screening.matching.base import BankClass, IndexRow, Ref
from vigie.screening.matching.index import HashIndex
from vigie.screening.matching.shelf import collect

INDEX = Path(__file__).parents[2] / "vectors" / "pdq" / "index"
REF = Ref("published", "reference", BankClass.TERMS)


def lines(name):
    return [bytes.fromhex(line) for line in (INDEX / name).read_text().split()]


def expected(haystack):
    with (INDEX / "expected_31.csv").open() as file:
        rows = csv.DictReader(file)
        return {
            (int(row["needle"]), haystack[int(row["haystack"])].hex(), int(row["distance"]))
            for row in rows
        }


def pairs(index, needles, radius=31):
    answers = index.query(needles, radius)
    return {
        (number, hit.value, hit.distance)
        for number, found in enumerate(answers)
        for hit in found.hits
    }


@pytest.mark.parametrize("m", [*mih.TABLES, None])
def test_the_index_finds_exactly_the_published_pairs(m):
    haystack, needles = lines("haystack.txt"), lines("needles.txt")
    rows = [IndexRow("pdq", value, REF) for value in haystack]
    built = collect(rows, m or shelf.DEFAULT_M, scan_below=0 if m else 10_000)
    assert built.near is not None
    assert (built.near.tables is None) == (m is None)
    found = pairs(HashIndex(built), needles)
    assert found == expected(haystack)
    assert {number for number, _, _ in found} == set(range(100))


def test_a_smaller_radius_would_lose_pairs():
    haystack, needles = lines("haystack.txt"), lines("needles.txt")
    index = HashIndex.of(IndexRow("pdq", value, REF) for value in haystack)
    distances = sorted(distance for _, _, distance in expected(haystack))
    assert pairs(index, needles, distances[-1] - 1) < expected(haystack)
