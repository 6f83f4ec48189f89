# SPDX-License-Identifier: Apache-2.0
"""`vigie screen`: files of items down the door's road, without a server."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import signal
import subprocess
import sys

import pytest

from tests.support.pictures import picture
from tests.support.serving import Server, eventually

GOOD = [
    {"id": f"p-{n}", "surface": "post", "author": {"id": "a"}, "text": f"Good day {n}."}
    for n in range(30)
]


def _lines(path, items):
    path.write_text("".join(f"{json.dumps(one)}\n" for one in items), encoding="utf-8")
    return str(path)


def test_items_are_decided_folded_and_provable_by_an_outsider(vigie, tmp_path):
    out = tmp_path / "decisions.jsonl"
    found = vigie.json("screen", _lines(tmp_path / "items.jsonl", GOOD), "--out", str(out))
    assert found["outcomes"] == {"allow": 30}
    assert (found["recorded"], found["folded"], found["failed"]) == (True, True, [])
    decisions = [json.loads(line) for line in out.read_text().splitlines()]
    assert [one["item_id"] for one in decisions] == [one["id"] for one in GOOD]
    proof = tmp_path / "proof.json"
    vigie.json("ledger", "prove", decisions[7]["decision_id"], "--out", str(proof))
    assert vigie.json("ledger", "verify", str(proof))[1]["ok"] is True
    key = vigie.json("ledger", "checkpoint")["log_key"]
    code = "from vigie.ledger.verify.command import main; raise SystemExit(main())"
    verify = [sys.executable, "-c", code, str(proof), "--key", key]
    assert subprocess.run(verify, capture_output=True, check=False).returncode == 0
    verify[-1] = key.replace("A", "B", 1)
    assert subprocess.run(verify, capture_output=True, check=False).returncode != 0


def test_lines_that_are_no_items_are_numbered_counted_and_never_quoted(vigie, tmp_path):
    path = tmp_path / "items.jsonl"
    secret = "words that nobody should see in an error"
    path.write_text(
        f"{json.dumps(GOOD[0])}\nno json: {secret}\n\n"
        f'{{"id": "x", "surface": "post", "author": {{"id": "a"}}, "texte": "{secret}"}}\n'
        f"{json.dumps(GOOD[1])}\n"
        f'{{"id": "y", "surface": "post", "author": {{"id": "a"}}, "text": "{secret}", '
        '"visibility": "private"}\n',
        encoding="utf-8",
    )
    done = vigie.run("screen", str(path))
    assert done.returncode == 1
    for number, code in ((2, "malformed_json"), (4, "unknown_field"), (6, "private_screening_off")):
        assert f"items.jsonl:{number}: " in done.stdout
        assert code in done.stdout
    assert "decided             2" in done.stdout
    assert secret not in done.stdout + done.stderr


def test_a_dry_run_records_nothing(vigie, tmp_path):
    before = _tree(vigie.folder)
    found = vigie.json("screen", _lines(tmp_path / "items.jsonl", GOOD), "--dry-run")
    assert found["decided"] == 30
    assert found["recorded"] is False
    assert _tree(vigie.folder) == before


def _tree(folder):
    """Every file with its content, but for what only says that somebody looked."""
    files = (p for p in folder.rglob("*") if p.is_file() and not p.name.endswith(("-shm", "-wal")))
    return {str(path): path.read_bytes() for path in files}


def test_csv_columns_are_mapped_and_rows_keep_their_numbers(vigie, tmp_path):
    path = tmp_path / "export.csv.gz"
    rows = 'post,body,lang,who\n1,"two\nlines",en,a\n2,,en,a\n3,Bonjour,fr,b\n'
    path.write_bytes(gzip.compress(rows.encode()))
    out = tmp_path / "decisions.jsonl"
    arguments = ["--map", "id=post", "--map", "text=body", "--map", "language=lang"]
    arguments += ["--map", "author.id=who", "--set", "service=agora", "--out", str(out)]
    found = vigie.json("screen", str(path), *arguments, code=1)
    assert found["decided"] == 2
    assert [one["where"].rpartition(":")[2] for one in found["failed"]] == ["4"]
    named = [json.loads(line)["item_id"] for line in out.read_text().splitlines()]
    assert named == ["1", "3"]


@pytest.mark.parametrize(
    "arguments",
    [("--map", "id=nothing"), ("--map", "text"), ("--map", "color=post"), ("--set", "x=y")],
)
def test_a_mapping_that_fits_nothing_is_a_usage_error(vigie, tmp_path, arguments):
    path = tmp_path / "export.csv"
    path.write_text("post,body\n1,Hello\n")
    done = vigie.run("screen", str(path), "--map", "text=body", *arguments)
    assert done.returncode == 2


def test_pictures_of_a_folder_meet_a_hash_list(vigie, tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    for seed in range(3):
        (folder / f"{seed}.png").write_bytes(picture(seed, "PNG"))
    (folder / "broken.jpg").write_bytes(picture(9)[:200])
    listed = vigie.json("screen", str(folder), "--dry-run")
    assert listed["outcomes"]["allow"] >= 3
    digest = hashlib.sha256((folder / "1.png").read_bytes()).hexdigest()
    (tmp_path / "list.txt").write_text(f"sha256:{digest}\n")
    vigie.json("bank", "create", "test-list", "--class", "terrorist", "--owner", "tests.example")
    vigie.json("bank", "import", "test-list", str(tmp_path / "list.txt"))
    out = tmp_path / "decisions.jsonl"
    vigie.run("screen", str(folder), "--out", str(out))
    found = {d["item_id"]: d for d in map(json.loads, out.read_text().splitlines())}
    matched = found[str(folder / "1.png")]
    assert matched["outcome"] == "withhold"
    assert matched["actions"][0]["by"] == "rule a"
    assert found[str(folder / "0.png")]["outcome"] == "allow"


def test_beside_a_running_server_folding_is_left_to_it(vigie, tmp_path):
    with Server(vigie) as server:
        found = vigie.json("screen", _lines(tmp_path / "items.jsonl", GOOD))
        assert (found["recorded"], found["folded"]) == (True, False)
        eventually(lambda: server.get("/readyz").status == 200)


def test_an_empty_folder_is_set_up_first(bare, tmp_path):
    done = bare.run("screen", _lines(tmp_path / "items.jsonl", GOOD))
    assert done.returncode == 0
    assert "password" in done.stderr
    assert "password" not in done.stdout


def test_what_cannot_be_read_is_named(vigie, tmp_path):
    assert vigie.run("screen", str(tmp_path / "absent.jsonl")).returncode == 2
    other = tmp_path / "notes.docx"
    other.write_text("x")
    done = vigie.run("screen", str(other))
    assert done.returncode == 2
    assert "items come as" in done.stderr


def test_an_interrupted_run_leaves_with_130_and_keeps_what_it_committed(vigie, tmp_path):
    pipe = tmp_path / "items.jsonl"
    os.mkfifo(pipe)
    process = vigie.start("screen", str(pipe), stderr=subprocess.PIPE, stdout=subprocess.PIPE)
    with pipe.open("wb", buffering=0) as end:
        for number in range(600):
            end.write(json.dumps(GOOD[0] | {"id": f"p-{number}"}).encode() + b"\n")
        eventually(lambda: _journal_size(vigie) > 50_000)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    assert process.returncode == 130
    last = _lines(tmp_path / "more.jsonl", [GOOD[1]])
    vigie.json("screen", last)
    done = vigie.json("screen", _lines(tmp_path / "again.jsonl", [GOOD[0] | {"id": "p-3"}]))
    assert done["failed"] == [], "the same item again is answered with its first decision"


def _journal_size(vigie):
    return sum(path.stat().st_size for path in (vigie.folder / "journal").glob("*.sqlite3*"))


def test_a_closed_pipe_is_no_error_of_ours(vigie):
    reader, writer = os.pipe()
    os.close(reader)
    process = vigie.start("law", "list", stdout=writer, stderr=subprocess.PIPE)
    os.close(writer)
    _, said = process.communicate(timeout=60)
    assert "Traceback" not in said
