# SPDX-License-Identifier: Apache-2.0
"""Go's sumdb packages read our log, check our proofs and refuse a changed tile."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.ledger import NOW, entry, open_log
from vigie.ledger.log import ListSource
from vigie.ledger.tiles import TileTree
from vigie.ledger.verify.text import encode_base64

PROGRAM = Path(__file__).parents[2] / "interop" / "readlog.go"
GOPATH = Path("/usr/share/gocode")  # where Debian puts golang-golang-x-mod-dev


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    go = shutil.which("go")
    if go is None or not (GOPATH / "src/golang.org/x/mod/sumdb/tlog").is_dir():
        pytest.skip("Go or its sumdb packages are not installed")
    home = tmp_path_factory.mktemp("go")
    settings = {"GO111MODULE": "off", "GOPATH": str(GOPATH), "GOFLAGS": "-mod=mod"}
    caches = {"GOCACHE": str(home / "cache"), "GOTOOLCHAIN": "local", "HOME": str(home)}
    environment = {**os.environ, **settings, **caches}
    target = home / "readlog"
    command = [go, "build", "-o", str(target), str(PROGRAM)]
    subprocess.run(command, env=environment, check=True, capture_output=True, timeout=280)
    return target


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    source = ListSource()
    made = open_log(tmp_path_factory.mktemp("log"), source)
    made.start(NOW)
    for size in (1, 200, 300, 66_000):  # 66,000: three levels of tiles
        source.entries += [entry(n) for n in range(len(source.entries), size)]
        made.publish(NOW)
    return made


def _read(program, log, folder, tmp_path):
    tree = TileTree(log.folder, 66_000)
    indexes = [0, 1, 255, 256, 511, 512, 65_535, 65_536, 65_999]
    sizes = [1, 2, 255, 256, 257, 300, 65_536, 65_537, 65_999, 66_000]
    ours = {
        "records": [{"index": n, "path": _texts(tree.inclusion(n))} for n in indexes],
        "trees": [{"size": n, "path": _texts(tree.consistency(n))} for n in sizes],
    }
    proofs = tmp_path / "proofs.json"
    proofs.write_text(json.dumps(ours))
    command = [str(program), str(folder), log._signers[0].vkey, str(proofs)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def _texts(path):
    return [encode_base64(value) for value in path]


def test_go_verifies_checkpoint_tiles_entries_and_proofs(program, log, tmp_path):
    ran = _read(program, log, log.folder.path, tmp_path)
    assert (ran.returncode, ran.stdout.split()) == (0, ["66000", "9", "10"]), ran.stderr


@pytest.mark.parametrize(
    "path",
    ["checkpoint", "tile/2/000.p/1", "tile/1/001.p/1", "tile/0/257.p/208", "tile/entries/000"],
)
def test_go_refuses_a_changed_byte(program, log, tmp_path, path):
    copy = tmp_path / "copy"
    shutil.copytree(log.folder.path, copy)
    data = bytearray((copy / path).read_bytes())
    data[25] ^= 1
    (copy / path).write_bytes(data)
    assert _read(program, log, copy, tmp_path).returncode != 0
