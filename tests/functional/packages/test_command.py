# SPDX-License-Identifier: Apache-2.0
"""`vigie evidence` at the command line."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from vigie.cli.evidence import command

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery staple\n"


@pytest.fixture
def run(packing, monkeypatch):
    """Run a command in the house of the test, in the folder of the recipient."""
    monkeypatch.setattr("vigie.cli.context.open_house", lambda _: packing.agora.house)
    monkeypatch.chdir(packing.folder)
    packing.folder.joinpath("to.pub").write_text(f"{packing.recipient.text}\n")

    def call(*arguments, password=PASSWORD):
        ran = CliRunner().invoke(command, [*map(str, arguments)], input=password)
        if ran.exception is not None and not isinstance(ran.exception, SystemExit):
            raise ran.exception
        return ran

    return call


def test_a_package_is_made_and_listed(packing, run):
    packing.grant()
    packing.seal(b"the picture")
    made = run("package", "O-1", "--to", "to.pub", "--as", "d.ecide", "--out", "p.zip.age")
    assert made.exit_code == 0, made.output
    assert "p.zip.age is written: vp-o1-" in made.output
    assert "Missing: No witness is configured" in made.output
    assert packing.folder.joinpath("p.zip.age").exists()
    [row] = json.loads(run("list", "--json").output)
    assert (row["order"], row["made_by"]) == ("O-1", "legal 3")
    assert "vp-o1-" in run("list").output


def test_it_finds_a_name_for_the_file(packing, run):
    packing.grant()
    packing.seal(b"the picture")
    shown = run("package", "1", "--to", "to.pub", "--as", "d.ecide", "--json")
    assert json.loads(shown.output.partition("\n")[2])["file"] == "vigie-o1-2026-11-22.zip.age"


def test_handing_over_is_noted(packing, run):
    packing.grant()
    packing.seal(b"the picture")
    made = packing.build()
    ran = run("handed", made.row.pk, "--as", "d.ecide", "--note", "by courier")
    assert ran.exit_code == 0
    assert json.loads(run("list", "--json").output)[0]["handed_note"] == "by courier"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("package", "O-99", "--to", "to.pub", "--as", "d.ecide"), "no_order"),
        (("package", "--search", "9", "--to", "to.pub", "--as", "d.ecide"), "no_search"),
        (("package", "O-1", "--to", "to.pub", "--as", "nobody"), "no_account"),
        (("package", "O-1", "--to", "to.pub", "--as", "d.ecide"), "unproven"),
        (("proof", "--from", "soon", "--until", "2026-12-01", "--as", "d.ecide"), "bad_day"),
        (
            ("proof", "--from", "2026-12-02", "--until", "2026-12-01", "--as", "d.ecide"),
            "bad_period",
        ),
    ],
)
def test_what_cannot_be_done_is_said(run, arguments, code):
    from vigie.core.errors import VigieError

    with pytest.raises(VigieError) as refused:
        run(*arguments)
    assert refused.value.code == code


def test_an_order_or_a_search_is_named(run):
    assert run("package", "--to", "to.pub", "--as", "d.ecide").exit_code == 2
    assert (
        run("package", "O-1", "--search", "1", "--to", "to.pub", "--as", "d.ecide").exit_code == 2
    )


def test_a_wrong_password_makes_nothing(packing, run):
    from vigie.core.errors import RefusedError

    packing.grant()
    packing.seal(b"the picture")
    with pytest.raises(RefusedError):
        run("package", "O-1", "--to", "to.pub", "--as", "d.ecide", password="wrong\n")


def test_a_proof_is_written_in_the_clear(packing, run):
    ran = run(
        "proof",
        "--from",
        "2026-11-01",
        "--until",
        "2026-12-01",
        "--as",
        "d.ecide",
        "--out",
        "n.zip",
    )
    assert ran.exit_code == 0, ran.output
    assert packing.folder.joinpath("n.zip").read_bytes().startswith(b"PK")
