# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
from datetime import date

import pytest

from vigie import law
from vigie.law import GapKind, Standing

DAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("entry_id", "on", "standing", "words"),
    [
        ("fr_denial", DAY, Standing.IN_FORCE, "in force as of November 2026, start unknown"),
        (
            "fr_denial",
            date(2027, 1, 1),
            Standing.IN_FORCE,
            "in force as of November 2026, start unknown; later changes unknown",
        ),
        (
            "fr_denial",
            date(2020, 1, 1),
            Standing.UNKNOWN,
            "unknown on this day: in force as of November 2026, start unknown",
        ),
        ("fi_denial", DAY, Standing.IN_FORCE, "in force as of November 2026, from 2026-01-26"),
        (
            "fi_denial",
            date(2025, 1, 1),
            Standing.BEFORE,
            "this wording is in force from 2026-01-26; earlier law unknown",
        ),
        ("eu_ai_art5", DAY, Standing.NOT_YET, "applies from 2026-12-02"),
        (
            "eu_ai_art5",
            date(2026, 12, 2),
            Standing.IN_FORCE,
            "in force as of November 2026, from 2026-12-02; later changes unknown",
        ),
        ("de_netzdg", DAY, Standing.REPEALED, "repealed"),
        ("us_denial", DAY, Standing.LAWFUL, "lawful as of November 2026"),
    ],
)
def test_a_day_is_answered_with_what_is_known(table, entry_id, on, standing, words):
    assert law.standing(table.get(entry_id), on) == (standing, words)


def test_an_entry_that_ended_says_so(plant):
    entry = law.load_folder(plant(valid_to="2026-10-31")).get("xx_test")
    assert law.standing(entry, DAY) == (Standing.ENDED, "ended on 2026-10-31")


def test_show_leaves_nothing_out_that_is_known_for_a_country(table):
    rows = law.show(table, "fr", DAY)
    assert {row.jurisdiction for row in rows} == {"FR", "EU"}
    assert len(rows) == 16 + 6
    child = next(row for row in rows if row.id == "fr_csam")
    assert (child.custody, child.authority, child.necessity) == ("unclear", None, "not reviewed")


def test_the_list_is_plain_json_of_every_entry_with_its_unknowns(table):
    listed = json.loads(json.dumps(law.list_json(table)))
    assert len(listed) == len(table.entries)
    first = next(item for item in listed if item["id"] == "fr_csam")
    assert first["valid_from"] is None
    assert first["authority"] is None
    assert first["custody"] == "unclear"
    assert first["class"] == "child"
    assert first["origin"] == "vigie"


def test_gaps_are_listed_and_none_is_invented(table, plant):
    found = law.gaps(table)
    by_kind = {kind: {gap.entry for gap in found if gap.kind is kind} for kind in GapKind}
    assert by_kind[GapKind.NECESSITY] == set(table.entries)
    assert len(by_kind[GapKind.CUSTODY]) == 6
    assert len(by_kind[GapKind.VALID_FROM]) == 64
    full = law.load_folder(
        plant(
            valid_from="2020-01-01",
            authority="a court",
            necessity="weighed",
            max="1 y",
            sor="{category: STATEMENT_CATEGORY_VIOLENCE}",
        )
    )
    assert law.gaps(full) == []
