# SPDX-License-Identifier: Apache-2.0
"""Holds and measurements at the command line."""

from __future__ import annotations

import json

PLACE = ("hold", "place", "--item", "p-1", "--basis", "order 12/26", "--owner", "legal")


def test_a_hold_is_placed_listed_and_lifted(vigie):
    made = vigie.json(*PLACE, "--review", "2099-05-01")
    [row] = vigie.json("hold", "list")
    assert (row["id"], row["of"], row["review"]) == (made["id"], "p-1", "2099-05-01")
    assert not row["review_is_due"]
    assert "stands" in vigie.run("hold", "list").stdout
    vigie.json("hold", "lift", str(made["id"]))
    assert vigie.json("hold", "list") == []
    [row] = vigie.json("hold", "list", "--all")
    assert row["lifted_at"]
    assert vigie.run("hold", "lift", "99").returncode == 1


def test_a_hold_needs_a_day_to_come(vigie):
    done = vigie.run(*PLACE, "--review", "2001-05-01", "--json")
    assert done.returncode == 1
    assert json.loads(done.stderr)["error"]["field"] == "--review"


def test_a_measurement_is_put_on_file_and_says_whether_it_is_enough(vigie):
    name = vigie.json("policy", "list")[0]["policy"]
    asked = ("policy", "evaluate", name, "--language", "fr", "--by", "m.roth")
    assert vigie.json(*asked, "--sample", "400", "--correct", "398")["enough"]
    assert not vigie.json(*asked, "--sample", "40", "--correct", "40")["enough"]
    refused = vigie.run(*asked, "--sample", "4", "--correct", "5", "--json")
    assert json.loads(refused.stderr)["error"]["code"] == "bad_sample"
