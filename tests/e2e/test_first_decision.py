# SPDX-License-Identifier: Apache-2.0
"""The tutorial is followed to the letter: its files, its commands, what it says comes of them."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import httpx2
import pytest

from tests.e2e.conftest import free_port, until_ready
from tests.support.installation import Installation
from tests.support.tree import ROOT

pytestmark = pytest.mark.e2e
TEXT = (ROOT / "docs" / "tutorial" / "first-decision.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    """Return the one file of this kind that the reader is asked to save."""
    found: list[str] = re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)
    assert len(found) == 1, language
    return found[0]


@pytest.fixture
def reader(tmp_path):
    """Somebody who has saved the files of the tutorial and set Vigie up."""
    for name, language in {
        "items.jsonl": "jsonl",
        "new-links.yaml": "yaml",
        "post.json": "json",
    }.items():
        (tmp_path / name).write_text(block(language), encoding="utf-8")
    made = Installation(tmp_path / "vigie-data", env={"VIGIE_PORT": str(free_port())})
    assert made.json("init")["account"] == "admin"
    return made


def test_the_reader_comes_to_a_proved_decision(reader):
    here = reader.folder.parent
    screened = reader.run("screen", "items.jsonl", "--out", "decisions.jsonl")
    assert screened.returncode == 0, screened.stderr
    lines = (here / "decisions.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["outcome"] for line in lines] == ["allow", "allow"]
    assert reader.run("policy", "test", "new-links.yaml").returncode == 0
    assert reader.run("policy", "publish", "new-links.yaml", "--state", "live").returncode == 0
    key = reader.json("key", "create", "platform", "--scope", "trusted", "--scope", "records")
    base = f"http://127.0.0.1:{reader.env['VIGIE_PORT']}"
    server = reader.start("serve", stderr=subprocess.DEVNULL)
    try:
        until_ready(base)
        answer = httpx2.post(
            f"{base}/v1/items",
            content=(here / "post.json").read_bytes(),
            headers={"Authorization": f"Bearer {key['key']}"},
            timeout=30,
            trust_env=False,
        )
        assert answer.json()["decision"]["outcome"] == "review"
    finally:
        server.terminate()
        assert server.wait(30) == 0
    log_key = reader.json("ledger", "checkpoint")["log_key"]
    assert reader.run("ledger", "prove", "D-1", "--out", "proof.json").returncode == 0
    command = [sys.executable, "-m", "vigie.ledger.verify.bundle", "vigie_verify.py"]
    subprocess.run(command, cwd=here, check=True)
    checked = subprocess.run(
        [sys.executable, "-I", "vigie_verify.py", "proof.json", "--key", log_key],
        cwd=here,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout
    assert "1 verified" in checked.stdout
