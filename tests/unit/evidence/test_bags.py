# SPDX-License-Identifier: Apache-2.0
"""The bags of the Library of Congress, and what ours refuse beyond them."""

from __future__ import annotations

import contextlib
import logging
import tarfile
from pathlib import Path

import bagit  # type: ignore[import-untyped]
import pytest

from tests.support.ledger import VECTORS
from tests.support.packages import memory_shelf
from vigie.evidence.bag import close_bag, info_text, one_line
from vigie.evidence.spool import Spool
from vigie.ledger.verify.bags import check_name, refusal_of, verify_bag
from vigie.ledger.verify.errors import LedgerError
from vigie.ledger.verify.shelves import folder_shelf

SUITE = VECTORS / "bagit" / "suite.tar.gz"
# bagit 1.9 lets these pass; RFC 8493 2.1.1 asks for "label: value", and names of Windows
# may stand in no bag of ours, in fetch.txt neither.
STRICTER = {
    "v1.0/invalid/bagit-with-invalid-whitespace",
    "v0.97/windows-only/out-of-scope-file-paths-using-absolute-path-for-fetch",
    "v0.97/windows-only/out-of-scope-file-paths-using-shortcut-for-fetch",
    "v0.97/windows-only/out-of-scope-file-paths-using-unc-for-fetch",
}
# Warnings of the suite that we refuse, as bagit does on this file system.
REFUSED_WARNINGS = {
    "v0.97/warning/duplicate-file-with-different-case",
    "v0.97/warning/same-filename-listed-twice-with-different-normalization",
    "v0.97/warning/special-system-files",
}


def _names() -> list[str]:
    with tarfile.open(SUITE) as file:
        return sorted(
            {"/".join(one.name.split("/")[:3]) for one in file if one.name.count("/") > 2}
        )


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("suite")
    with tarfile.open(SUITE) as file:
        file.extractall(folder, filter="data")
    return folder


def oracle(folder: Path) -> bool:
    """Say what the Library's own program says."""
    logging.disable(logging.CRITICAL)
    try:
        with contextlib.suppress(bagit.BagError):
            return bool(bagit.Bag(str(folder)).validate())
    finally:
        logging.disable(logging.NOTSET)
    return False


def test_the_suite_is_whole() -> None:
    assert len(_names()) == 60


@pytest.mark.parametrize("name", _names())
def test_it_says_of_each_bag_what_the_suite_says(name: str, suite: Path) -> None:
    accepted = refusal_of(folder_shelf(str(suite / name))) is None
    kind = name.split("/")[1]
    if kind == "warning":
        assert accepted == (name not in REFUSED_WARNINGS)
    else:
        assert accepted == (kind == "valid")
    if name in STRICTER:
        assert not accepted
    else:
        assert oracle(suite / name) == accepted


GOOD = ["data/a.txt", "data/%7Ea", "log/1.tlog-proof", "data/\u00e9", "data/a b"]
BAD = [
    "../a", "data/../a", "/a", "data//a", "./a", "~/a", "~root/a", "C:/a", "c:a", "data\\a",
    "data/a\nb", "data/a\x00b", "data/nul", "data/COM1.txt", "data/a.", "data/a ", "", "data/.",
    "data/a\x7f",
]  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_such_names_may_stand_in_a_bag(name: str) -> None:
    check_name(name, "x")


@pytest.mark.parametrize("name", BAD, ids=repr)
def test_such_names_may_not(name: str) -> None:
    with pytest.raises(LedgerError):
        check_name(name, "x")


def closed(**files: bytes) -> dict[str, bytes]:
    """Return the files of a bag of ours."""
    spool = Spool()
    for name, data in files.items():
        spool.put(f"data/{name}", data)
    close_bag(spool, [("External-Identifier", "x")])
    return {name: spool.get(name) for name in spool.measured}


def test_ours_is_a_bag_for_the_library_too(tmp_path: Path) -> None:
    for name, data in closed(a=b"one", b=b"").items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
    assert oracle(tmp_path)
    bag = verify_bag(folder_shelf(str(tmp_path)))
    assert bag.version == (1, 0)
    assert ("Payload-Oxum", "3.2") in bag.info


CHANGES = {
    "data/a": b"two",
    "data/c": b"new",
    "bagit.txt": b"BagIt-Version: 1.0\n",
    "bag-info.txt": b"Payload-Oxum: 3.3\n",
    "manifest-md5.txt": b"",
    "manifest-sha999.txt": b"",
    "tagmanifest-md5.txt": b"00  tagmanifest-sha512.txt\n",
    "data/A": b"one",
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_refused(name: str) -> None:
    files = closed(a=b"one", b=b"")
    assert refusal_of(memory_shelf(files)) is None
    assert refusal_of(memory_shelf({**files, name: CHANGES[name]})) is not None


def test_links_and_empty_folders_are_refused(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    with pytest.raises(LedgerError, match="empty folder"):
        folder_shelf(str(tmp_path))
    (tmp_path / "data" / "a").symlink_to("/etc/hostname")
    with pytest.raises(LedgerError, match="Links"):
        folder_shelf(str(tmp_path))


def test_a_value_begins_no_line_of_its_own() -> None:
    assert one_line("a\nPayload-Oxum: 1.1\u2028b") == "a Payload-Oxum: 1.1 b"
    assert info_text([("A", "x\ny"), ("B", "")]) == "A: x y\n"
