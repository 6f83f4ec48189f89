# SPDX-License-Identifier: Apache-2.0
"""`vigie evals run gateway` as it is called."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from tests.support.upstream import Upstream
from tests.support.upstream_script import Says, Script, fail, say
from vigie.cli.evals_gateway import command
from vigie.cli.failures import OUTSIDE, Done


@pytest.fixture
def prompts(tmp_path):
    """Two prompts to block and one to allow."""
    path = tmp_path / "prompts.csv"
    path.write_text("prompt,label,language\nOne,block,fr\nTwo,block,fr\nThree,allow,en\n")
    return path


def call(*arguments, **more):
    return CliRunner().invoke(command, [str(one) for one in arguments], **more)


def test_figures_come_as_json_with_intervals(prompts, tmp_path):
    with Upstream() as upstream:
        upstream.on(
            "cut", Script(says=(Says(text=("Here is alphaquill.",), finish="content_filter"),))
        )
        terms = tmp_path / "terms.txt"
        terms.write_text("alphaquill\n")
        done = call("--data", prompts, "--against", f"{upstream.url}/v1", "--model", "cut",
                    "--terms", terms, "--json", env={"VIGIE_EVALS_KEY": "vg_x"})  # fmt: skip
        assert upstream.last.headers["authorization"] == "Bearer vg_x"
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert found["overall"]["block_rate"]["value"] == 1
    assert 0 < found["overall"]["block_rate"]["low"] < 1
    assert found["overall"]["over_blocking_rate"]["value"] == 1
    assert found["leak"]["characters"] == 6 * len("alphaquill")
    assert (found["prompts"], found["asked"], found["failed"]) == (3, 6, 0)


def test_figures_come_as_a_table_for_people(prompts, tmp_path):
    out = tmp_path / "out.jsonl"
    with Upstream(say("Good morning.")) as upstream:
        url = f"{upstream.url}/v1"
        done = call("--data", prompts, "--against", url, "--direct", url, "--model", "m",
                    "--out", out, "--ways", "stream")  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "0.0%" in done.stdout
    assert "3 measured" in done.stdout
    assert len(out.read_text().splitlines()) == 4


def test_a_key_comes_from_a_file(prompts, tmp_path):
    key = tmp_path / "key"
    key.write_text("vg_file\n")
    with Upstream() as upstream:
        call("--data", prompts, "--against", f"{upstream.url}/v1", "--model", "m", "--limit", 1,
             "--key-file", key)  # fmt: skip
        assert upstream.last.headers["authorization"] == "Bearer vg_file"


def test_a_gateway_that_answers_nothing_is_a_party_outside_that_failed(prompts):
    with Upstream() as upstream:
        upstream.on("m", fail(500))
        done = call("--data", prompts, "--against", f"{upstream.url}/v1", "--model", "m")
    assert isinstance(done.exception, Done)
    assert done.exception.code == OUTSIDE
