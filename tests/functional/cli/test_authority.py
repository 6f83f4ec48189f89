# SPDX-License-Identifier: Apache-2.0
"""The sender directory at the command line."""

from __future__ import annotations

import json

from tests.support.people import NOW
from tests.support.signers import TestAuthority

SOURCE = "https://court.example/contact"
HEAD = "name,country,kind,contact,value,source,declared\n"


def test_an_authority_with_a_contact_waits_for_a_second_person(vigie, tmp_path):
    assert "no order can be proven" in vigie.run("authority", "list").stdout
    made = vigie.json("authority", "add", "Example Court", "--country", "de", "--kind", "court")
    assert (made["country"], made["contacts"]) == ("DE", 0)
    number = str(made["id"])
    added = vigie.json(
        "authority", "contact", number, "phone", "+49 30 12-3456",
        "--source", SOURCE, "--by", "admin",
    )  # fmt: skip
    assert added["value"] == "+4930123456"
    [row] = vigie.json("authority", "list", "--country", "DE")
    assert (row["contacts"], row["hold"]) == (1, 0)
    shown = vigie.json("authority", "show", number)
    [contact] = shown["contact_list"]
    assert (contact["source"], contact["holds"], contact["checked_at"]) == (SOURCE, False, None)
    assert "Example Court" in vigie.run("authority", "show", number).stdout
    assert "waits for a second person" in vigie.run(
        "authority", "contact", number, "mail", "a@court.example", "--source", SOURCE,
        "--by", "admin",
    ).stdout  # fmt: skip
    seal = TestAuthority("Root", NOW).signer()
    file = tmp_path / "seal.pem"
    file.write_bytes(seal.pem)
    held = vigie.json(
        "authority", "contact", number, "certificate", str(file), "--source", SOURCE,
        "--by", "admin",
    )  # fmt: skip
    assert held["value"] == seal.fingerprint


def test_what_is_wrong_is_refused_by_field(vigie, tmp_path):
    twice = ("authority", "add", "Example Court", "--country", "DE", "--kind", "court")
    vigie.json(*twice)
    assert json.loads(vigie.run(*twice, "--json").stderr)["error"]["code"] == "authority_there"
    assert vigie.run("authority", "show", "99").returncode == 1
    assert vigie.run("authority", "add", "A", "--country", "DE", "--kind", "club").returncode == 2
    contact = ("authority", "contact", "1", "phone", "12", "--source", SOURCE, "--json")
    assert json.loads(vigie.run(*contact, "--by", "admin").stderr)["error"]["field"] == "value"
    assert json.loads(vigie.run(*contact, "--by", "x").stderr)["error"]["code"] == "no_account"


def test_a_directory_is_imported_whole_or_not_at_all(vigie, tmp_path):
    file = tmp_path / "list.csv"
    rows = [
        f"Example Court,DE,court,phone,+49 30 123456,{SOURCE},no",
        f"Example Court,DE,court,mail,post@court.example,{SOURCE},yes",
        '"Parquet, Paris",FR,prosecutor,,,,',
    ]
    file.write_text(HEAD + "\n".join(rows), encoding="utf-8-sig")
    run = ("authority", "import", str(file), "--by", "admin")
    assert vigie.json(*run) == {"authorities": 2, "contacts": 2, "there": 0}
    assert vigie.json(*run) == {"authorities": 0, "contacts": 0, "there": 3}
    assert all(row["hold"] == 0 for row in vigie.json("authority", "list"))
    file.write_text(HEAD + "New Office,AT,police,,,,\n" + "Bad,XXL,police,,,,\n")
    refused = json.loads(vigie.run(*run, "--json").stderr)["error"]
    assert refused["message"].startswith("Line 3:")
    assert refused["field"] == "country"
    assert "New Office" not in vigie.run("authority", "list").stdout


def test_a_file_that_is_no_directory_is_refused(vigie, tmp_path):
    file = tmp_path / "list.csv"
    run = ("authority", "import", str(file), "--by", "admin", "--json")
    for data in (
        b"a,b\n1,2\n",
        b"\xff\xfe\x00",
        (HEAD + "A,DE,court,phone,+493012345,src,no,more\n").encode(),
        (HEAD + f"A,DE,court,phone,+493012345,{SOURCE},perhaps\n").encode(),
        (HEAD + '"A,DE\n').encode(),
    ):
        file.write_bytes(data)
        assert vigie.run(*run).returncode == 1
    assert vigie.json("authority", "list") == []


def test_check_says_whether_an_order_could_be_proven(vigie):
    found = {one["code"]: one for one in vigie.json("check", code=1)["findings"]}
    assert found["authorities"]["level"] == "warning"
    assert "trust" not in found
    (vigie.folder / "trust").mkdir()
    (vigie.folder / "trust" / "root.pem").write_text("no certificate")
    found = {one["code"]: one for one in vigie.json("check", code=1)["findings"]}
    assert found["trust"]["level"] == "missing"
    assert "root.pem" in found["trust"]["fix"]
