# SPDX-License-Identifier: Apache-2.0
"""The record of a search and matter files at the command line, with no server running."""

from __future__ import annotations

import hashlib
import json

OPEN = ("order", "search", "open")
GIVEN = ("--authority", "Tribunal judiciaire de Paris", "--warrant", "26/118", "--scope", "all")


def test_a_search_is_opened_kept_and_closed_with_the_server_stopped(vigie, tmp_path):
    opened = vigie.json(*OPEN, *GIVEN, "--author", "a-9", "--counsel", "Me Klein")
    nobody = {"kind": "author", "service": "default", "name": "", "known_in": []}
    assert opened == {"search": "S-1", "checkpoint_published": True, "unfound": [nobody]}
    entry = ("order", "search", "entry", "S-1")
    vigie.json(*entry, "--kind", "object", "--label", "a laptop", "--serial", "C02X")
    image = tmp_path / "copy.img"
    image.write_bytes(b"an image of a disk")
    digest = hashlib.sha256(image.read_bytes()).hexdigest()
    vigie.json(*entry, "--kind", "copy", "--label", "a copy", "--file", str(image))
    refused = vigie.run(*entry, "--kind", "object", "--label", "a laptop", "--json")
    assert json.loads(refused.stderr)["error"]["field"] == "serial"
    officer = vigie.json("order", "search", "officer", "S-1", "--label", "Cdt. A. Roux")
    assert "/console/login/once/" in officer["link"]
    vigie.json("order", "search", "scope", "S-1", "--whole-service", "default")
    [row] = vigie.json("order", "search", "list")
    assert (row["search"], row["closed_at"], len(row["officers"])) == ("S-1", "", 1)
    closed = vigie.json("order", "search", "close", "S-1", "--note", "All left.")
    assert closed["checkpoint_published"]
    shown = vigie.json("order", "search", "show", "S-1")
    assert [one["sha256"] for one in shown["entries"][:2]] == ["", digest]
    assert shown["checkpoint_open"]
    assert shown["checkpoint_close"] != shown["checkpoint_open"]
    assert "C02X" in vigie.run("order", "search", "show", "1").stdout
    assert vigie.json("ledger", "verify")[0]["ok"]


def test_while_a_search_stands_no_command_erases(vigie):
    vigie.json(*OPEN, *GIVEN)
    refused = vigie.run("subject", "erase", "a-9", "--yes", "--json")
    assert refused.returncode == 1
    assert json.loads(refused.stderr)["error"]["code"] == "search_stands"


def test_what_is_missing_is_asked_for_and_nothing_is_opened_without_it(vigie):
    done = vigie.run(*OPEN, "--authority", "Court", "--warrant", "1/26")
    assert done.returncode != 0
    assert vigie.json("order", "search", "list") == []
    wrong = vigie.run("order", "search", "show", "S-9", "--json")
    assert json.loads(wrong.stderr)["error"]["code"] == "no_search"
    assert vigie.run("order", "search", "show", "x").returncode == 2


def test_the_hash_that_was_given_must_be_the_files(vigie, tmp_path):
    vigie.json(*OPEN, *GIVEN)
    image = tmp_path / "copy.img"
    image.write_bytes(b"an image of a disk")
    entry = ("order", "search", "entry", "S-1", "--kind", "copy", "--label", "a copy")
    done = vigie.run(*entry, "--file", str(image), "--sha256", "ab" * 32, "--json")
    assert json.loads(done.stderr)["error"]["code"] == "other_hash"


def test_the_key_of_counsel_is_made_outside_of_the_data_folder(vigie, tmp_path):
    inside = vigie.run("matter", "key", "create", "--out", str(vigie.folder / "k"), "--json")
    assert json.loads(inside.stderr)["error"]["code"] == "legal_key_place"
    missing = vigie.run("matter", "key", "show", "--json")
    assert json.loads(missing.stderr)["error"]["code"] == "no_legal_key"
    out = tmp_path / "counsel.key"
    made = vigie.json("matter", "key", "create", "--out", str(out))
    assert made["recipient"].startswith("age1")
    assert "AGE-SECRET-KEY-1" in out.read_text()
    assert vigie.json("matter", "key", "show") == made
    assert vigie.json("matter", "key", "set", made["recipient"]) == made
    assert vigie.run("matter", "key", "set", "age1nothing").returncode == 1


def test_matter_files_are_listed_and_an_unknown_one_is_said(vigie):
    assert vigie.json("matter", "list") == []
    assert "no matter file" in vigie.run("matter", "list").stdout
    for name in ("show", "export"):
        assert vigie.run("matter", name, "M-9").returncode == 1
    assert vigie.run("matter", "note", "9").returncode == 1


def test_check_says_that_a_search_stands(vigie):
    vigie.json(*OPEN, *GIVEN)
    found = json.loads(vigie.run("check", "--json").stdout)["findings"]
    [one] = [one for one in found if one["code"] == "search_stands"]
    assert one["level"] == "warning"


def test_a_name_that_nothing_has_is_said_at_once(vigie):
    opened = vigie.json(*OPEN, *GIVEN, "--item", "p-404")
    assert opened["unfound"] == [
        {"kind": "item", "service": "default", "name": "p-404", "known_in": []}
    ]
    again = ("order", "search", "scope", "S-1", "--item", "p-404", "--whole-service", "mobile")
    said = vigie.run(*again).stdout
    assert "No record within this scope: item p-404 in service default." in said
    assert "No record within this scope: service mobile." in said
    assert "vigie order search scope S-1" in said
