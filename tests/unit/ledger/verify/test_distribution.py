# SPDX-License-Identifier: Apache-2.0
"""The verifier as a distribution of its own: one module, no dependency, the same bytes."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

import vigie
from vigie.ledger.verify import bundle

HOME = Path(__file__).parents[4]
VERIFIER = HOME / "verifier"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build it from a copy, so that the working tree stays as it is."""
    home = tmp_path_factory.mktemp("home")
    shutil.copytree(
        VERIFIER, home / "verifier", ignore=shutil.ignore_patterns("dist", "*_verify.py")
    )
    shutil.copytree(Path(bundle.__file__).parent, home / "src/vigie/ledger/verify")
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(home / "out")]
    ran = subprocess.run(
        command, cwd=home / "verifier", capture_output=True, check=False, text=True
    )
    assert ran.returncode == 0, ran.stderr
    return home / "out"


def test_the_wheel_holds_one_module(built: Path) -> None:
    [wheel] = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as file:
        names = [name for name in file.namelist() if ".dist-info/" not in name]
        assert names == ["vigie_verify.py"]
        assert file.read("vigie_verify.py").decode() == bundle.build()
        metadata = next(name for name in file.namelist() if name.endswith("METADATA"))
        assert b"Requires-Dist" not in file.read(metadata)
        scripts = next(name for name in file.namelist() if name.endswith("entry_points.txt"))
        assert b"vigie-verify = vigie_verify:main" in file.read(scripts)


def test_the_source_archive_can_be_built_alone(built: Path, tmp_path: Path) -> None:
    [archive] = built.glob("*.tar.gz")
    with tarfile.open(archive) as file:
        file.extractall(tmp_path, filter="data")
    [folder] = tmp_path.iterdir()
    assert (folder / "vigie_verify.py").read_text() == bundle.build()
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    assert subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode == 0


def test_it_bears_the_version_of_vigie() -> None:
    stated = tomllib.loads((VERIFIER / "pyproject.toml").read_text())["project"]
    assert stated["version"] == vigie.__version__
    assert stated["dependencies"] == []
