# SPDX-License-Identifier: Apache-2.0
"""Every pack keeps the contract, and holds what its source holds: no more, no less."""

from __future__ import annotations

import json
import re
from datetime import date, datetime
from importlib.resources import files

import msgspec
import pytest
import yaml

from tests.support.tree import ROOT
from vigie import law
from vigie.core.territory import DEFAULT_COUNTRIES, EEA
from vigie.law import reference
from vigie.law.codes import statement_codes
from vigie.law.entry import NOT_REVIEWED, Cls, Custody, Sor

TABLE = law.load()
PLAIN = (
    "id provision what max notify deadline defence actor feature_hint applies_from note src "
    "speech text_checked"
).split()
SINCE = re.compile(r"(?:since|in force) (\d{1,2} [A-Z][a-z]+ \d{4})")


@pytest.fixture(scope="module")
def source(test_data):
    return yaml.safe_load((test_data / "facts/law/offences.yaml").read_text(encoding="utf-8"))


def test_every_entry_of_the_source_is_in_the_packs_and_no_other(source):
    assert {entry["id"] for entry in source["offences"]} == set(TABLE.entries)
    assert len(TABLE.entries) == 72


def test_every_field_of_the_source_is_in_the_packs_unchanged(source):
    seen = set()
    for raw in source["offences"]:
        entry = TABLE.get(raw["id"])
        for name in PLAIN:
            assert getattr(entry, name) == raw.get(name), (raw["id"], name)
        assert entry.kind.value == raw["kind"]
        assert entry.cls.value == raw["class"]
        assert entry.confidence.value == raw["confidence"]
        assert entry.jurisdiction == raw["jur"]
        assert _codes(entry.sor) == raw["sor"], raw["id"]
        assert _codes(entry.sor_synthetic) == raw.get("sor_synthetic"), raw["id"]
        seen |= set(raw)
    assert seen == {*PLAIN, "kind", "class", "confidence", "jur", "sor", "sor_synthetic"}


def _codes(sor: Sor | None):
    """Write typed codes as the source writes them."""
    if sor is None:
        return None
    plain = msgspec.to_builtins(sor)
    if sor.women_variant:
        plain["women_variant"] = [sor.women_variant.category, sor.women_variant.keyword]
    if sor.alternatives:
        plain["alternatives"] = [[pair.category, pair.keyword] for pair in sor.alternatives]
    return {key: list(value) if isinstance(value, tuple) else value for key, value in plain.items()}


def test_a_changed_field_would_be_seen(source):
    raw = next(entry for entry in source["offences"] if entry["id"] == "fr_ncii")
    sor = TABLE.get("fr_ncii").sor
    assert sor is not None
    assert _codes(sor) == raw["sor"]
    changed = msgspec.structs.replace(sor, women_variant=None)
    assert _codes(changed) != raw["sor"]


def test_the_denial_matrix_is_the_sources(source):
    raw, matrix = source["denial_matrix_for_geo_withholding"], TABLE.matrix
    assert list(matrix.provision_exists) == raw["provision_exists_medium_or_high"]
    assert list(matrix.human_review_first) == raw["human_review_first"]
    assert list(matrix.lawful) == raw["lawful_no_legal_withholding"]
    assert list(matrix.no_entry_yet) == raw["no_entry_yet"]
    assert (matrix.default, matrix.caveat) == (raw["default"], raw["caveat"])
    assert all(country in raw["caveat"] for country in matrix.elements_to_confirm)
    assert set(matrix.elements_to_confirm_entries) <= set(TABLE.entries)


def test_the_codes_are_the_databases(test_data):
    raw = json.loads((test_data / "facts/law/sor_enums.json").read_text(encoding="utf-8"))
    codes = statement_codes()
    assert {name: frozenset(values) for name, values in raw["enums"].items()} == codes.enums
    assert codes.countries == set(raw["countries_eea"]) == set(EEA)
    assert codes.languages == set(raw["languages"])
    tree = {
        name: frozenset(keyword["code"] for keyword in found["keywords"])
        for name, found in raw["category_tree"].items()
    }
    assert codes.category_keywords == tree


def test_a_first_day_is_stated_in_the_provision_itself():
    dated = [entry for entry in TABLE.entries.values() if entry.valid_from]
    assert len(dated) == 8
    for entry in TABLE.entries.values():
        stated = SINCE.search(entry.provision)
        assert entry.valid_from == (_day(stated[1]) if stated else None), entry.id
        assert entry.valid_to is None


def _day(words: str) -> date:
    day, month, year = words.split()
    return datetime.strptime(f"{day} {month[:3]} {year}", "%d %b %Y").date()  # noqa: DTZ007


def test_what_the_data_does_not_hold_is_unknown():
    for entry in TABLE.entries.values():
        assert entry.authority is None
        assert entry.necessity == NOT_REVIEWED
        child = entry.cls is Cls.CHILD
        assert entry.custody is (Custody.UNCLEAR if child else None)


def test_every_pack_is_a_jurisdiction_of_its_own_file():
    names = {part.name for part in files("vigie.law").joinpath("packs").iterdir()}
    assert names == {f"{e.jurisdiction.lower()}.yaml" for e in TABLE.entries.values()}


def test_countries_without_a_pack_are_known_by_name():
    without = set(DEFAULT_COUNTRIES) - {entry.jurisdiction for entry in TABLE.entries.values()}
    assert without == {"NO", "IS"} == set(TABLE.matrix.no_entry_yet)


def test_the_reference_page_is_made_from_the_packs():
    page = (ROOT / "docs/reference/law.md").read_text(encoding="utf-8")
    assert page == reference.page(TABLE)
