# SPDX-License-Identifier: Apache-2.0
"""Trusted flaggers at the command line."""

from __future__ import annotations

import json


def test_a_flagger_is_added_listed_and_ended(vigie):
    made = vigie.json("flagger", "add", "Hotline", "--source", "decision 1/26")
    assert made["key"].startswith("vg_")
    [row] = vigie.json("flagger", "list")
    assert (row["name"], row["trusted_now"], row["decided"]) == ("Hotline", True, 0)
    assert made["key"] not in json.dumps(row)
    assert "Hotline" in vigie.run("flagger", "list").stdout
    vigie.json("flagger", "end", "Hotline")
    [row] = vigie.json("flagger", "list")
    assert not row["trusted_now"]
    keys = {key["name"]: key for key in vigie.json("key", "list")}
    assert keys["Hotline"]["revoked_at"]


def test_a_flagger_needs_a_source_and_a_status_that_begins_before_it_ends(vigie):
    days = ("--from", "2027-01-02", "--until", "2027-01-01")
    refused = vigie.run("flagger", "add", "A", "--source", "list", *days, "--json")
    assert json.loads(refused.stderr)["error"]["field"] == "until"
    assert vigie.run("flagger", "end", "nobody").returncode == 1
    assert vigie.run("flagger", "add", "A").returncode == 2
