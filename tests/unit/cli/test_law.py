# SPDX-License-Identifier: Apache-2.0
"""`vigie law`: what a person and a program read of the law table."""

from __future__ import annotations

import json

from vigie.cli.app import run
from vigie.law import load


def test_the_list_as_json_is_the_list_of_entries(capsys):
    assert run(["law", "list", "--json"]) == 0
    assert {row["id"] for row in json.loads(capsys.readouterr().out)} == set(load().entries)


def test_a_country_is_shown_on_a_day_with_what_is_unknown(capsys):
    assert run(["law", "show", "--country", "fr", "--on", "2026-11-22"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("FR on 2026-11-22: ")
    assert "in force as of November 2026, start unknown" in out


def test_without_a_day_today_is_meant(capsys):
    assert run(["law", "show", "--country", "DE", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["country"] == "DE"


def test_a_country_that_is_none_is_a_usage_error(capsys):
    assert run(["law", "show", "--country", "France"]) == 2
    assert "ISO 3166" in capsys.readouterr().err


def test_gaps_are_listed_and_pass(capsys):
    assert run(["law", "check", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["gaps"]
    assert sum(found["by_kind"].values()) == len(found["gaps"])


def test_a_pack_that_does_not_fit_fails_and_is_named(tmp_path, capsys):
    (tmp_path / "zz.yaml").write_text("jurisdiction: ZZ\nentries: 3\n")
    assert run(["law", "check", "--packs", str(tmp_path)]) == 1
    assert "zz.yaml" in capsys.readouterr().err
