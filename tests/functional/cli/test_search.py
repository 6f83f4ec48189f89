# SPDX-License-Identifier: Apache-2.0
"""`vigie search` at the command line, over a store with a few decisions."""

from __future__ import annotations

import csv
import io
import json

import pytest
from click.testing import CliRunner

from tests.support.people import SAID, Agora
from vigie.cli import context
from vigie.cli.search import command
from vigie.flow.search import index


@pytest.fixture
def ask(agora: Agora, monkeypatch):
    """Call the command on a folder with two proposals and a removal of class child."""
    agora.proposal()
    agora.proposal("p-101", language="fr", author="a-8")
    agora.removal()
    monkeypatch.setattr(context, "open_house", lambda _folder: agora.house)

    def call(*words: str):
        return CliRunner().invoke(command, list(words))

    return call


def test_what_fits_is_printed_without_words_or_child(ask):
    done = ask("", "--json")
    rows = json.loads(done.stdout)
    assert [row["number"] for row in rows] == ["D-2", "D-1"]
    assert rows[0]["policies"] == ["denial"]
    assert SAID[:12] not in done.stdout


def test_decisions_are_tagged_before_they_are_looked_for(ask, agora):
    assert [row["item"] for row in json.loads(ask("policy = denial", "--json").stdout)] == [
        "p-101",
        "p-100",
    ]
    assert index.tag(agora.house) == 0


def test_csv_goes_to_standard_output(ask):
    done = ask("item.language = fr", "--csv", "--limit", "0")
    [row] = csv.DictReader(io.StringIO(done.stdout.removeprefix("\ufeff")))
    assert (row["number"], row["territories"]) == ("D-2", "DE FR")


def test_a_table_for_people_and_a_limit(ask):
    done = ask("policy = denial", "--limit", "1")
    assert done.stdout.splitlines()[0].startswith("NUMBER")
    assert len(done.stdout.splitlines()) == 2
    assert ask("policy = none").stdout == "Nothing fits.\n"


@pytest.mark.parametrize("target", ["items", "authors"])
def test_other_targets(ask, target):
    assert len(json.loads(ask("policy = denial", "--target", target, "--json").stdout)) == 2


@pytest.mark.parametrize("text", ["polcy = x", "item.strikes = 1"])
def test_what_cannot_be_asked_is_refused_with_its_column(ask, text):
    done = ask(text)
    assert done.exit_code == 1
    assert "column 1" in str(done.exception)
