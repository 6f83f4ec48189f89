# SPDX-License-Identifier: Apache-2.0
"""The witness's commands, and the whole way: log, witness, policy, check."""

from __future__ import annotations

import json
import subprocess
import sys

import httpx2

from tests.support.witnessing import process


def _vigie(*words):
    done = subprocess.run(
        [sys.executable, "-m", "vigie", *words, "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, json.loads(done.stdout or done.stderr)


def test_a_witness_is_set_up_told_of_a_log_and_says_what_it_cosigned(vigie, tmp_path):
    folder = ["--dir", str(tmp_path / "witness")]
    _, made = _vigie("witness", "init", "--name", "witness.invalid/one", *folder)
    published = vigie.json("ledger", "checkpoint")
    log_key = published["log_key"]
    assert _vigie("witness", "add-log", log_key, *folder)[1]["origin"] == "demo.invalid/log/1"
    assert _vigie("witness", "add-log", log_key, *folder)[1]["error"]["code"] == "log_known"
    with process(tmp_path / "witness") as (running, address):
        body = "old 0\n\n" + published["checkpoint"]
        sent = httpx2.post(f"{address}/add-checkpoint", content=body)
        assert sent.status_code == 200
        second = subprocess.run(
            [sys.executable, "-m", "vigie", "witness", "serve", *folder, "--port", "0"],
            capture_output=True, text=True, check=False, timeout=30,
        )  # fmt: skip
        assert second.returncode == 1
        assert "already runs" in second.stderr
        running.terminate()
        assert running.wait(20) in (0, 130, -15)
    _, shown = _vigie("witness", "status", *folder)
    assert shown["vkey"] == made["vkey"]
    [log] = shown["logs"]
    assert (log["origin"], log["size"]) == ("demo.invalid/log/1", published["size"])
    note = tmp_path / "policy.txt"
    note.write_text(f"log {log_key}\nwitness one {made['vkey']}\nquorum one\n")
    said = {
        row["what"]: row["ok"]
        for row in vigie.json("ledger", "verify", "--policy", str(note), code=1)
    }
    assert said["witnesses"] is False
    (vigie.folder / "log" / "1" / "checkpoint.cosigned").write_text(
        published["checkpoint"] + sent.text
    )
    rows = vigie.json("ledger", "verify", "--policy", str(note))
    assert {row["what"]: row["ok"] for row in rows}["witnesses"] is True
    text = vigie.run("ledger", "verify", "--policy", str(note)).stdout
    assert "cosigned by one" in text
    assert "time: not checked" in text


def test_a_folder_without_a_witness_says_how_to_make_one(tmp_path):
    code, said = _vigie("witness", "status", "--dir", str(tmp_path))
    assert code == 1
    assert said["error"]["code"] == "no_witness"
    code, said = _vigie("witness", "init", "--name", "two words", "--dir", str(tmp_path / "w"))
    assert said["error"]["code"] == "bad_name"
