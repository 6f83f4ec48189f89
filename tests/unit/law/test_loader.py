# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from vigie import law
from vigie.law import LawPackError, Origin, Proposal


def refused(folder):
    with pytest.raises(LawPackError) as caught:
        law.load_folder(folder)
    return caught.value


def test_the_operators_pack_is_shown_as_the_operators_own(plant, table):
    own = law.load(plant())
    assert own.get("xx_test").origin is Origin.OPERATOR
    assert own.get("xx_test").territories == ("NO",)
    assert len(own.entries) == len(table.entries) + 1
    assert own.get("fr_denial").origin is Origin.VIGIE


def test_a_planted_pack_may_require_custody(plant):
    child = {"class": "child", "speech": "false", "custody": "required"}
    entry = law.load_folder(plant(**child)).get("xx_test")
    assert entry.keeps_bytes
    assert entry.territories == ("*",)
    weaker = law.load_folder(plant(**child, confidence="medium")).get("xx_test")
    assert not weaker.keeps_bytes


@pytest.mark.parametrize("country", ["NO", "IS", "US", "GB", "RO", "BR"])
def test_no_pack_widens_the_denial_matrix(plant, country):
    entry = law.load_folder(plant(country, **{"class": "denial"})).get("xx_test")
    assert entry.territories == ()
    assert entry.proposal is Proposal.COUNSEL


def test_a_common_offence_of_the_union_acts_in_the_member_states_only(plant):
    entry = law.load_folder(plant("EU")).get("xx_test")
    assert len(entry.territories) == 27
    assert not {"GB", "CH", "NO", "US", "*"} & set(entry.territories)
    cut = law.load_folder(plant("EU", **{"class": "denial"})).get("xx_test")
    assert "DE" in cut.territories
    assert not {"RO", "DK", "IE"} & set(cut.territories)


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"id": "Bad-Id"}, "no.yaml: entries[0].id"),
        ({"kind": "crime"}, "no.yaml: entries[0].kind"),
        ({"class": "rumour"}, "no.yaml: entries[0].class"),
        ({"speech": "maybe"}, "no.yaml: entries[0].speech"),
        ({"confidence": None}, "no.yaml: entries[0]"),
        ({"colour": "red"}, "no.yaml: entries[0]"),
        ({"territories": '["FR"]'}, "no.yaml: entries[0].territories"),
        ({"origin": "vigie"}, "no.yaml: entries[0].origin"),
        ({"human_review_first": "false"}, "no.yaml: entries[0].human_review_first"),
        ({"custody": "required"}, "no.yaml: entries[0].custody"),
        ({"class": "child"}, "no.yaml: entries[0].custody"),
        ({"valid_from": "2026-02-30"}, "no.yaml: entries[0].valid_from"),
        ({"valid_from": "yesterday"}, "no.yaml: entries[0].valid_from"),
        ({"max": "!!int many"}, "no.yaml"),
        ({"valid_from": "2026-02-02", "valid_to": "2025-01-01"}, "no.yaml: entries[0].valid_to"),
        ({"sor": "{category: KEYWORD_OTHER}"}, "no.yaml: entries[0].sor.category"),
        (
            {"sor": "{category: STATEMENT_CATEGORY_VIOLENCE, keywords: [KEYWORD_NUDITY]}"},
            "no.yaml: entries[0].sor.keywords",
        ),
        (
            {"sor": "{category: STATEMENT_CATEGORY_VIOLENCE, keywords: [KEYWORD_OTHER]}"},
            "no.yaml: entries[0].sor.other_text",
        ),
        ({"provision": "{a: 1, a: 2}"}, "no.yaml: line"),
        ({"provision": '"'}, "no.yaml: line"),
    ],
)
def test_an_error_names_file_and_field(plant, fields, where):
    error = refused(plant(**fields))
    assert (error.field or "").startswith(where)
    assert error.fix
    assert error.http_status == 422


def test_an_unquoted_no_is_explained(tmp_path):
    pack = "jurisdiction: NO\nversion: '1'\nas_of: 2026-11\nsource: null\nentries: []\n"
    (tmp_path / "no.yaml").write_text(pack)
    error = refused(tmp_path)
    assert error.field == "no.yaml: jurisdiction"
    assert "Quote" in error.fix


@pytest.mark.parametrize(
    "text", ["", "[]", "just words", "entries: 5", "\x00", "&a [*a]", "? [a]\n: b"]
)
def test_what_is_no_pack_is_refused_without_a_leak(tmp_path, text):
    (tmp_path / "no.yaml").write_text(text)
    assert refused(tmp_path).code == "law_pack"


def test_a_file_that_is_not_utf8_is_refused(tmp_path):
    (tmp_path / "no.yaml").write_bytes(b"\xff\xfe")
    assert refused(tmp_path).code == "law_pack"


def test_the_file_name_is_the_jurisdiction(plant):
    assert "file name" in refused(plant(name="zz.yaml")).message


def test_an_id_of_a_shipped_pack_is_refused(plant):
    folder = plant(id="fr_denial")
    with pytest.raises(LawPackError, match="shipped pack"):
        law.load(folder)


def test_an_id_that_stands_twice_is_refused(plant):
    plant("NO")
    assert "twice" in refused(plant("IS")).message


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    assert refused(tmp_path / "none").code == "law_pack"
