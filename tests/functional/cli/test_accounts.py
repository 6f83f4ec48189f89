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


def test_an_account_can_begin_with_a_link_instead_of_a_password(vigie):
    made = vigie.json("account", "create", "nora", "--role", "auditor", "--link")
    assert "password" not in made
    assert "/console/login/once/" in made["link"]


def test_roles_change_and_the_last_administrator_stays(vigie):
    vigie.json("account", "create", "ole", "--role", "moderator")
    assert vigie.json("account", "role", "ole", "senior")["role"] == "senior"
    refused = vigie.run("account", "role", "admin", "auditor")
    assert refused.returncode == 1
    assert "last administrator" in refused.stderr
    assert vigie.run("account", "deactivate", "admin").returncode == 1
    assert vigie.run("account", "role", "nobody", "senior").returncode == 1
    assert vigie.run("account", "role", "ole", "owner").returncode == 2


def test_a_closed_account_gets_no_link_until_it_is_opened(vigie):
    vigie.json("account", "create", "pia", "--role", "moderator")
    assert vigie.json("account", "deactivate", "pia") == {"account": "pia", "active": False}
    assert vigie.run("account", "link", "pia").returncode == 1
    assert "/console/login/once/" in vigie.json("account", "activate", "pia")["link"]
    assert vigie.json("account", "link", "pia")["minutes"] == 15


def test_a_reset_prints_a_link_for_a_new_start(vigie):
    vigie.json("account", "create", "rui", "--role", "moderator")
    made = vigie.json("account", "reset-mfa", "rui")
    assert made["reset"] is True
    assert "/console/login/once/" in made["link"]
    assert vigie.run("account", "reset-mfa", "nobody").returncode == 1
