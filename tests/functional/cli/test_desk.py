# SPDX-License-Identifier: Apache-2.0
"""`vigie desk settings`: list, change, refuse."""

from __future__ import annotations


def test_settings_are_listed_changed_and_recorded(vigie):
    before = {row["key"]: row for row in vigie.json("desk", "settings")}
    assert before["personal_figures"]["value"] is False
    assert before["look_budget"]["range"] == "1-200"
    changed = vigie.json(
        "desk", "settings", "--set", "look_budget=12", "--set", "personal_figures=yes"
    )
    after = {row["key"]: row["value"] for row in changed}
    assert (after["look_budget"], after["personal_figures"]) == (12, True)
    text = vigie.run("desk", "settings")
    assert "look_budget: Looks at a clear picture" in text.stdout


def test_one_change_that_does_not_fit_changes_none(vigie):
    refused = vigie.run("desk", "settings", "--set", "look_budget=12", "--set", "idle_hours=99")
    assert refused.returncode == 1
    assert "1 to 24" in refused.stderr
    values = {row["key"]: row["value"] for row in vigie.json("desk", "settings")}
    assert (values["look_budget"], values["idle_hours"]) == (25, 4)
    assert vigie.run("desk", "settings", "--set", "look_budget").returncode == 1
