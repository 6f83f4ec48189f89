# SPDX-License-Identifier: Apache-2.0
"""Settings are read once; what does not parse is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from vigie.core.errors import InvalidInputError
from vigie.core.territory import DEFAULT_COUNTRIES
from vigie.settings import Settings


def test_without_an_environment_the_defaults_hold():
    found = Settings.from_env({})
    assert found.data_dir == Path("vigie-data")
    assert found.countries == DEFAULT_COUNTRIES
    assert len(found.countries) == 32


def test_the_environment_is_read_and_given_values_win():
    env = {"VIGIE_PORT": "8001", "VIGIE_COUNTRIES": "fr, DE,", "VIGIE_METRICS_PUBLIC": "yes"}
    found = Settings.from_env(env, port=8002)
    assert (found.port, found.countries, found.metrics_public) == (8002, ("FR", "DE"), True)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("VIGIE_PORT", "eighty"),
        ("VIGIE_METRICS_PUBLIC", "perhaps"),
        ("VIGIE_SAMPLE_RATE", "1 %"),
        ("VIGIE_COUNTRIES", "FR,Germany"),
        ("VIGIE_COUNTRIES", "FR,*"),
    ],
)
def test_what_does_not_parse_names_its_variable(name, text):
    with pytest.raises(InvalidInputError) as refused:
        Settings.from_env({name: text})
    assert refused.value.field == name
    assert refused.value.fix


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("VIGIE_SAMPLE_RATE", "nan"),
        ("VIGIE_SAMPLE_RATE", "inf"),
        ("VIGIE_SAMPLE_RATE", "1.01"),
        ("VIGIE_SAMPLE_RATE", "-0.1"),
        ("VIGIE_PORT", "65536"),
        ("VIGIE_PORT", "-1"),
        ("VIGIE_DECODERS", "0"),
        ("VIGIE_RECENT_KEYS", "-5"),
        ("VIGIE_UNDO_SECONDS", "-1"),
        ("VIGIE_STATEMENT_DAYS", "0"),
        ("VIGIE_CHECKPOINT_SECONDS", "0"),
        ("VIGIE_CHECKPOINT_SECONDS", "inf"),
        ("VIGIE_JOURNAL_KEEP", "-86400"),
    ],
)
def test_a_number_outside_its_range_names_its_variable_and_the_range(name, text):
    with pytest.raises(InvalidInputError) as refused:
        Settings.from_env({name: text})
    assert refused.value.field == name
    assert "number" in (refused.value.fix or "")


def test_the_ends_of_a_range_belong_to_it():
    env = {"VIGIE_SAMPLE_RATE": "1", "VIGIE_UNDO_SECONDS": "0", "VIGIE_PORT": "0"}
    found = Settings.from_env(env)
    assert (found.sample_rate, found.undo_seconds, found.port) == (1.0, 0, 0)


def test_links_follow_the_public_address():
    assert Settings(public_url="https://agora.example/").base_url == "https://agora.example"
    assert Settings(public_url="https://agora.example").is_https
    assert Settings(port=9).base_url == "http://127.0.0.1:9"


@pytest.mark.parametrize(
    "issuer", ["http://login.example", "login.example", "https://a.example/?x=1", "https://"]
)
def test_what_is_no_issuer_names_its_variable(issuer):
    with pytest.raises(InvalidInputError) as refused:
        Settings.from_env({"VIGIE_OIDC_ISSUER": issuer, "VIGIE_OIDC_CLIENT_ID": "v"})
    assert refused.value.field == "VIGIE_OIDC_ISSUER"
    assert refused.value.fix


def test_a_provider_must_know_the_installation():
    with pytest.raises(InvalidInputError) as refused:
        Settings.from_env({"VIGIE_OIDC_ISSUER": "https://a.example"})
    assert refused.value.field == "VIGIE_OIDC_CLIENT_ID"


def test_who_needs_a_second_factor_is_one_of_three_words():
    assert Settings.from_env({}).require_mfa == "roles"
    with pytest.raises(InvalidInputError) as refused:
        Settings.from_env({"VIGIE_REQUIRE_MFA": "some"})
    assert refused.value.field == "VIGIE_REQUIRE_MFA"


def test_a_provider_on_this_machine_may_speak_plainly():
    given = {"VIGIE_OIDC_ISSUER": "http://127.0.0.1:9000", "VIGIE_OIDC_CLIENT_ID": "v"}
    assert Settings.from_env(given).oidc_client_id == "v"
