# SPDX-License-Identifier: Apache-2.0
"""The pinned files hold what pyproject.toml asks for, each file by its hash, from no named host."""

from __future__ import annotations

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.tree import ROOT

PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)(.*)$", re.MULTILINE)


def _asked():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    run = project["project"]["dependencies"]
    postgres = project["project"]["optional-dependencies"]["postgres"]
    return {"run": [*run, *postgres], "dev": [*run, *project["dependency-groups"]["dev"]]}


@pytest.mark.parametrize("name", ["run", "dev"])
def test_every_dependency_is_pinned_within_its_bounds(name):
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    pins: dict[str, list[str]] = {}
    for found in PIN.finditer(text):
        pins.setdefault(canonicalize_name(found[1]), []).append(found[2])
    for wanted in map(Requirement, _asked()[name]):
        versions = pins.get(canonicalize_name(wanted.name))
        assert versions, f"{wanted.name}: run `make lock`"
        assert all(wanted.specifier.contains(version) for version in versions), wanted


@pytest.mark.parametrize("name", ["run", "dev"])
def test_every_pin_has_hashes_and_no_host_is_named(name):
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    pins = [block for block in re.split(r"\n(?=\S)", text) if PIN.match(block)]
    assert len(pins) > 20
    assert all("--hash=sha256:" in block for block in pins)
    assert "://" not in text
    assert "--index-url" not in text


def test_the_development_tools_fit_what_runs():
    texts = [
        (ROOT / "requirements" / f"{n}.txt").read_text(encoding="utf-8") for n in ("run", "dev")
    ]
    run, dev = ({(f[1], f[2]) for f in PIN.finditer(text)} for text in texts)
    assert run <= dev
