# SPDX-License-Identifier: Apache-2.0
"""What an operator does at the command line, on an installation of its own."""

from __future__ import annotations

import hashlib
import json
import stat

import pytest

from tests.support.pictures import picture as synthetic


def test_init_makes_keys_for_the_owner_alone_and_shows_a_password_once(bare):
    done = bare.json("init")
    assert done["account"] == "admin"
    assert len(done["password"]) >= 20
    assert done["log_key"].startswith("demo.invalid/log/1+")
    assert "denial" in done["policies_published"]
    for path in (bare.folder / "keys").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path.name
    again = bare.json("init")
    assert again["password"] is None
    assert again["keys_made"] == again["policies_published"] == []
    assert again["log_key"] == done["log_key"]


def test_a_log_keeps_the_name_that_it_was_set_up_with(bare):
    bare.env["VIGIE_LOG_ORIGIN"] = "agora.example/log/1"
    assert bare.json("init")["log_origin"] == "agora.example/log/1"
    bare.env["VIGIE_LOG_ORIGIN"] = "other.example/log/1"
    refused = bare.run("key", "list")
    assert refused.returncode == 1
    assert "belongs to the log agora.example/log/1" in refused.stderr
    del bare.env["VIGIE_LOG_ORIGIN"]
    assert bare.json("ledger", "checkpoint")["origin"] == "agora.example/log/1"


def test_a_folder_that_was_never_set_up_is_named_with_the_fix(bare):
    done = bare.run("key", "list")
    assert done.returncode == 1
    assert "vigie init" in done.stderr


def test_a_database_that_does_not_answer_is_an_outside_failure(vigie, tmp_path):
    vigie.database_url = f"postgresql://nobody@/none?host={tmp_path}"
    done = vigie.run("key", "list", "--json")
    assert done.returncode == 3
    assert json.loads(done.stderr)["error"]["code"] == "database_away"


def test_a_key_is_shown_once_kept_as_digest_and_revoked(vigie):
    made = vigie.json("key", "create", "platform", "--scope", "trusted")
    assert made["key"].startswith("vg_")
    for path in vigie.folder.rglob("*"):
        if path.is_file():
            assert made["key"].encode() not in path.read_bytes(), path
    vigie.json("key", "revoke", str(made["id"]))
    assert vigie.json("key", "list")[0]["revoked_at"]
    assert vigie.run("key", "revoke", "99").returncode == 1


def test_a_webhook_is_added_listed_tested_and_removed(vigie):
    made = vigie.json("webhook", "add", "https://platform.example/vigie")
    assert made["secret"].startswith("whsec_")
    assert vigie.json("webhook", "test", str(made["id"]))["state"] == "waiting"
    assert vigie.json("webhook", "list")[0]["waiting"] == 1
    vigie.json("webhook", "remove", str(made["id"]))
    row = vigie.json("webhook", "list")[0]
    assert (row["enabled"], row["waiting"]) == (False, 0)
    assert vigie.run("webhook", "add", "ftp://platform.example/x").returncode == 1


def test_starter_policies_are_in_shadow_but_for_hash_lists_and_the_gateway(vigie):
    states = {row["policy"]: row["state"] for row in vigie.json("policy", "list")}
    live = {name for name, state in states.items() if state == "live"}
    assert live == {
        "ai_denial",
        "ai_minors",
        "ai_undress",
        "ai_undress_terms",
        "ai_undressed_pictures",
        "intimate_images",
        "intimate_terms",
        "known_child_material",
        "known_terrorist_material",
    }
    done = vigie.json("policy", "publish", "shipped:denial", "--state", "live")
    assert done == {"policy": "denial", "version": 2, "state": "live"}
    rows = [r for r in vigie.json("policy", "list") if r["policy"] == "denial"]
    assert [(r["version"], r["state"], r["in_force"]) for r in rows] == [
        (1, "retired", False),
        (2, "live", True),
    ]


def test_the_starter_set_passes_its_own_tests_and_a_broken_policy_does_not(bare, tmp_path):
    found = bare.json("policy", "test")
    assert all(row["passed"] for row in found)
    broken = tmp_path / "broken.yaml"
    broken.write_text("id: broken\nwhen: {a: 'score.hate >='}\n")
    done = bare.run("policy", "test", str(broken))
    assert done.returncode == 1
    assert "broken.yaml:" in done.stderr


def test_a_policy_is_explained_on_an_item(vigie, tmp_path):
    item = tmp_path / "item.json"
    item.write_text('{"id": "p", "surface": "post", "author": {"id": "a"}, "text": "Good day."}')
    found = vigie.json("policy", "explain", "denial", str(item))
    assert found["fired"] is False
    assert found["clauses"]
    assert vigie.run("policy", "explain", "nothing", str(item)).returncode == 1


def test_a_bank_is_filled_line_by_line_and_matches_a_file(vigie, tmp_path):
    picture = tmp_path / "picture.png"
    picture.write_bytes(synthetic(1, "PNG"))
    digest = hashlib.sha256(picture.read_bytes()).hexdigest()
    listed = tmp_path / "list.csv"
    listed.write_text(f"algorithm,value\nsha256,{digest}\nsha256,short\nmd5,{'0' * 32}\n")
    assert vigie.run("bank", "match", str(picture)).returncode in {0, 1}
    vigie.json("bank", "create", "ours", "--class", "terms", "--owner", "agora.example")
    done = vigie.json("bank", "import", "ours", str(listed), code=1)
    assert (done["added"], done["known"]) == (2, 0)
    assert [problem["line"] for problem in done["failed"]] == [3]
    assert digest not in json.dumps(done)
    again = vigie.json("bank", "import", "ours", str(listed), code=1)
    assert (again["added"], again["known"]) == (0, 2)
    assert vigie.json("bank", "list")[0]["entries"] == 2
    assert vigie.json("bank", "match", str(picture))[0]["banks"] == {"ours": 0}


def test_a_checkpoint_is_published_verified_and_recomputed(vigie):
    done = vigie.json("ledger", "checkpoint")
    assert done["signed_now"] is True
    assert done["size"] >= 8
    assert vigie.json("ledger", "verify")[0]["ok"] is True
    assert vigie.json("ledger", "fsck")["waiting"] == 0
    tile = next((vigie.folder / "log" / "1" / "tile" / "entries").rglob("000*/*"))
    data = bytearray(tile.read_bytes())
    data[10] ^= 1
    tile.write_bytes(data)
    assert vigie.run("ledger", "verify").returncode == 1
    assert vigie.run("ledger", "fsck").returncode == 1


@pytest.mark.parametrize("plant", [False, True], ids=["shipped law", "planted custody"])
def test_check_says_what_is_missing_and_fails_where_bytes_must_be_kept(vigie, tmp_path, plant):
    arguments = ["check"]
    if plant:
        arguments += ["--packs", str(_custody_pack(tmp_path))]
    found = vigie.json(*arguments, code=1)
    missing = {one["code"] for one in found["findings"] if one["level"] == "missing"}
    assert {"log_origin", "https", "banks", "webhook", "first_password"} <= missing
    assert ("custody" in missing) is plant
    assert {"what", "why", "term"} <= set(found["kept"][0])


def _custody_pack(folder):
    packs = folder / "packs"
    packs.mkdir()
    (packs / "no.yaml").write_text(
        'jurisdiction: "NO"\nversion: "1"\nas_of: 2026-11\nsource: null\nentries:\n'
        "  - id: no_planted\n    kind: offence\n    class: child\n    speech: false\n"
        "    text_checked: true\n    provision: planted\n    what: planted\n    sor: null\n"
        "    src: text\n    confidence: high\n    custody: required\n",
        encoding="utf-8",
    )
    return packs
