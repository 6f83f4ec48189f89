# SPDX-License-Identifier: Apache-2.0
"""The start page: whose law it is, and a verifier that anyone can take away and run."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from django.test import Client

from tests.functional.portal.test_statement import page_of, withheld
from tests.support.people import Agora
from vigie.law import LawTable, Origin
from vigie.ledger.verify import bundle


def with_own_law(agora: Agora) -> None:
    """Let the operator have a law pack of its own with one provision."""
    shipped = agora.house.law
    known = shipped.entries["fr_denial"]
    own = msgspec.structs.replace(
        known,
        id="no_test",
        jurisdiction="NO",
        provision="Lov <1> 2",
        origin=Origin.OPERATOR,
        territories=("NO",),
    )
    table = LawTable(entries={**shipped.entries, own.id: own}, matrix=shipped.matrix)
    object.__setattr__(agora.house, "law", table)


@pytest.mark.parametrize(
    ("language", "words", "country"),
    [
        ("en", "operator’s own", "Norway"),
        ("fr", "propre à l’exploitant", "Norvège"),
        ("de", "vom Betreiber selbst", "Norwegen"),
    ],
)
def test_law_packs_of_the_operators_own_are_named_as_such(
    agora: Agora, client: Client, language: str, words: str, country: str
) -> None:
    before = client.get(f"/?lang={language}").content.decode()
    assert f">{words}</span>" not in before
    with_own_law(agora)
    page = client.get(f"/?lang={language}").content.decode()
    assert page.count(f">{words}</span>") == 1
    assert "Lov &lt;1&gt; 2" in page
    assert country in page


def test_the_page_counts_the_offences_that_the_project_ships(agora: Agora, client: Client) -> None:
    entries = agora.house.law.entries.values()
    grounds = sum(one.is_ground for one in entries)
    with_own_law(agora)
    page = client.get("/").content.decode()
    assert f"{grounds} offences come from the law packs of Vigie." in page


def test_the_verifier_is_the_bundle_and_its_digest_stands_on_the_page(
    agora: Agora, client: Client
) -> None:
    answer = client.get("/vigie_verify.py")
    assert answer.content == bundle.build().encode()
    assert answer["Content-Disposition"] == 'attachment; filename="vigie_verify.py"'
    page = client.get("/").content.decode()
    assert f">{hashlib.sha256(answer.content).hexdigest()}</span>" in page
    assert 'href="/vigie_verify.py"' in page
    assert 'href="/log/1/policy.txt"' in page
    assert client.post("/vigie_verify.py").status_code == 405


def test_what_the_page_tells_to_run_verifies_a_decision(
    agora: Agora, client: Client, tmp_path: Path
) -> None:
    path = page_of(agora, withheld(agora))
    proof = client.get(f"{path}/proof.json").content
    policy = agora.settings.log_dir.joinpath("policy.txt").read_bytes()
    tmp_path.joinpath("vigie_verify.py").write_bytes(client.get("/vigie_verify.py").content)
    tmp_path.joinpath("policy.txt").write_bytes(policy)
    tmp_path.joinpath("D-90417.json").write_bytes(proof)
    page = client.get("/").content.decode()
    [command] = re.findall(r">(python3 -I vigie_verify.py --policy policy.txt D-.*?)<", page)
    arguments = [sys.executable, *command.split()[1:]]
    done = subprocess.run(arguments, cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout
    assert proof.count(b"withhold") > 0
    tmp_path.joinpath("D-90417.json").write_bytes(proof.replace(b"withhold", b"withheld"))
    spoilt = subprocess.run(arguments, cwd=tmp_path, capture_output=True, check=False)
    assert spoilt.returncode != 0
