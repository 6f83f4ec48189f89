# SPDX-License-Identifier: Apache-2.0
"""Accounts of people at the command line."""

from __future__ import annotations


def test_an_account_is_created_once_and_listed_without_its_password(vigie):
    made = vigie.json("account", "create", "Mara", "--role", "moderator", "--language", "fr")
    assert made["account"] == "mara"
    assert len(made["password"]) >= 20
    rows = {row["account"]: row for row in vigie.json("account", "list")}
    assert rows["mara"] == {
        "account": "mara",
        "number": 2,
        "second_factor": False,
        "role": "moderator",
        "language": "fr",
        "active": True,
    }
    assert vigie.run("account", "create", "mara", "--role", "senior").returncode == 1


def test_a_link_signs_in_the_account_it_was_made_for(vigie):
    made = vigie.json("account", "link", "admin")
    assert made["link"].startswith("http://127.0.0.1:8000/console/login/once/")
    unknown = vigie.run("account", "link", "nobody")
    assert unknown.returncode == 1
    assert "vigie account list" in unknown.stderr
