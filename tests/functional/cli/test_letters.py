# SPDX-License-Identifier: Apache-2.0
"""Mails, what could not be delivered, and out-of-court bodies at the command line."""

from __future__ import annotations

import json


def test_texts_of_ones_own_are_checked_and_previewed(vigie):
    assert vigie.json("letter", "check")["ready"]
    made = vigie.json("letter", "preview", "appeal_outcome", "--language", "fr")
    assert made["subject"].startswith("Notre décision sur votre réclamation")
    folder = vigie.folder / "letters"
    folder.mkdir()
    (folder / "appeal_outcome.fr.txt").write_text("Objet\n\n$outcome $url\n")
    assert (
        vigie.json("letter", "preview", "appeal_outcome", "--language", "fr")["subject"] == "Objet"
    )
    (folder / "appeal_outcome.fr.txt").write_text("Objet $name\n\n$outcome $url\n")
    (folder / "gossip.en.txt").write_text("x\n\ny\n")
    done = vigie.run("letter", "check", "--json")
    assert done.returncode == 1
    said = json.loads(done.stdout)
    assert len(said["problems"]) == 2
    assert "there is no $name" in said["problems"][0]["problem"]
    assert "gossip.en.txt stands for no mail" in said["problems"][1]["problem"]
    assert "In their place" in vigie.run("letter", "check").stdout
    assert vigie.run("letter", "preview", "gossip").returncode == 1
    assert vigie.json("letter", "list") == []


def test_check_says_that_mail_is_not_configured(vigie):
    found = json.loads(vigie.run("check", "--json").stdout)["findings"]
    assert any(one["code"] == "mail" and "not configured" in one["text"] for one in found)


def test_outbox_is_listed_and_begun_again(vigie):
    assert vigie.json("outbox", "list") == []
    assert "Nothing is undeliverable" in vigie.run("outbox", "list").stdout
    assert vigie.json("outbox", "retry", "--all") == {"retried": 0}
    assert vigie.run("outbox", "retry").returncode == 2
    assert vigie.run("outbox", "retry", "7", "--json").returncode == 1
    assert vigie.run("letter", "retry", "7", "--json").returncode == 1


def test_bodies_are_named_once_and_listed(vigie):
    made = vigie.json("dispute", "body", "add", "Body", "https://body.example", "--language", "de")
    assert made["languages"] == ["de"]
    again = vigie.run("dispute", "body", "add", "Body", "https://body.example", "--json")
    assert json.loads(again.stderr)["error"]["code"] == "body_there"
    bad = vigie.run("dispute", "body", "add", "B", "http://body.example", "--json")
    assert json.loads(bad.stderr)["error"]["field"] == "url"
    [row] = vigie.json("dispute", "body", "list")
    assert row["offered"] is True
    assert "https://body.example" in vigie.run("dispute", "body", "list").stdout
