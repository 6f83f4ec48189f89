# SPDX-License-Identifier: Apache-2.0
"""The single file: copied, old Python's grammar, alone, and without a network."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.ledger import make_log
from vigie.ledger.verify import bundle
from vigie.ledger.verify.command import main

FOLDER = Path(bundle.__file__).parent
STANDARD = {
    "__future__", "argparse", "ast", "base64", "binascii", "calendar", "codecs", "hashlib",
    "json", "os", "re", "shutil", "stat", "struct", "subprocess", "sys", "tempfile", "time",
    "typing", "unicodedata", "zlib",
}  # fmt: skip
# What came after Python 3.8 and no grammar check sees.
TOO_NEW = ("removeprefix", "removesuffix", "strict=", "zoneinfo", "functools.cache", "is_relative")
ALONE = [getattr(sys, "_base_executable", sys.executable), "-I", "-S"]


def _modules():
    return sorted(FOLDER.glob("*.py"))


@pytest.fixture(scope="module")
def single(tmp_path_factory):
    path = tmp_path_factory.mktemp("alone") / "vigie_verify.py"
    assert bundle.main([str(path)]) == 0
    return path


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    made = make_log(tmp_path_factory.mktemp("log"), own=2, segments=1, inside=2)
    good, bad = made.folder.parent / "good.json", made.folder.parent / "bad.json"
    good.write_bytes(made.made[3].proof)
    bad.write_bytes(made.made[3].proof.replace(b'"allow"', b'"label"'))
    return made


@pytest.mark.parametrize("path", _modules(), ids=lambda path: path.name)
def test_modules_are_python_38_and_import_the_standard_library_only(path):
    source = path.read_text(encoding="utf-8")
    tree = ast.parse(source, feature_version=(3, 8))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            assert {name.name for name in node.names} <= STANDARD
        if isinstance(node, ast.ImportFrom):
            module = node.module or ""
            assert module in STANDARD or module.startswith("vigie.ledger.verify.")
        assert not isinstance(node, ast.Call) or _name(node) not in {"eval", "exec", "__import__"}
    assert [word for word in TOO_NEW if word in source] == []


def _name(call):
    return call.func.id if isinstance(call.func, ast.Name) else ""


@pytest.mark.parametrize("path", [*_modules(), None], ids=str)
def test_ruff_finds_no_syntax_newer_than_python_38(path, single):
    ruff = shutil.which("ruff", path=str(Path(sys.executable).parent))
    if ruff is None:
        pytest.skip("ruff is not installed")
    command = [ruff, "check", "--isolated", "--no-cache", "--select", "E9,F", "--ignore", "F811"]
    ran = subprocess.run(
        [*command, "--target-version", "py38", str(path or single)],
        capture_output=True,
        check=False,
        text=True,
    )
    assert ran.returncode == 0, ran.stdout


def test_every_module_is_in_the_single_file_line_by_line(single):
    text = single.read_text(encoding="utf-8")
    for path in _modules():
        if path.stem in ("__init__", "bundle"):
            continue
        assert path.stem in bundle._MODULES
        body = ast.parse(path.read_text(encoding="utf-8")).body
        for node in body:
            if not bundle._is_dropped(node):
                piece = ast.get_source_segment(path.read_text(encoding="utf-8"), node)
                assert piece
                assert piece in text


def test_one_name_for_two_things_is_refused(monkeypatch):
    monkeypatch.setattr(bundle, "_MODULES", ("text", "text"))
    with pytest.raises(SystemExit, match="is defined in text and text"):
        bundle.build()


def test_making_it_needs_one_path(capsys):
    assert bundle.main([]) == 2
    assert "usage" in capsys.readouterr().out


CASES = [
    ["--help"],
    ["good.json", "--key", "KEY", "--log", "1"],
    ["good.json", "--key", "KEY", "--json"],
    ["good.json"],
    ["bad.json", "--key", "KEY"],
    ["missing.json", "--key", "KEY"],
    ["good.json", "--key", "nonsense"],
    ["--receipt", "good.json"],
    [],
]


@pytest.mark.parametrize("arguments", CASES, ids=" ".join)
def test_it_says_what_the_modules_say(arguments, single, log, capsys, monkeypatch):
    monkeypatch.chdir(log.folder.parent)
    monkeypatch.setenv("COLUMNS", "80")
    given = [log.signer.vkey if word == "KEY" else word for word in arguments]
    ran = subprocess.run([*ALONE, str(single), *given], capture_output=True, check=False, text=True)
    try:
        code = main(given)
    except SystemExit as left:
        code = int(left.code or 0)
    printed = capsys.readouterr()
    assert (ran.returncode, ran.stdout, ran.stderr) == (code, printed.out, printed.err)


def test_it_runs_where_there_is_no_vigie(single):
    probe = "import importlib.util as u; print(u.find_spec('vigie'), u.find_spec('cryptography'))"
    ran = subprocess.run([*ALONE, "-c", probe], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["None", "None"]


def _without_network():
    tool = shutil.which("unshare")
    command = [tool or "", "--map-root-user", "--net"]
    if not tool or subprocess.run([*command, "true"], check=False, capture_output=True).returncode:
        pytest.skip("the network cannot be cut off here")
    return command


def test_it_runs_with_the_network_cut_off(single, log):
    command = _without_network()
    code = (
        "import socket\n"
        "try:\n    socket.create_connection(('192.0.2.1', 80), 1)\n"
        "except OSError as error:\n    print(error.errno)\n"
    )
    control = subprocess.run(
        [*command, *ALONE, "-c", code], capture_output=True, check=False, text=True
    )
    assert control.stdout.strip() == "101"  # no route at all
    good = log.folder.parent / "good.json"
    arguments = [str(good), "--key", log.signer.vkey, "--log", str(log.folder)]
    ran = subprocess.run(
        [*command, *ALONE, str(single), *arguments], check=False, capture_output=True
    )
    assert ran.returncode == 0
