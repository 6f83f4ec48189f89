# SPDX-License-Identifier: Apache-2.0
"""Packages as files: the same each time, one spelling of the ZIP, a graph that tools read."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import zipfile
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

import pytest
from pypdf import PdfReader

from tests.support.packages import MadePackage, make_package, states
from vigie.evidence.outgoing import zip_size
from vigie.ledger.verify import zips
from vigie.ledger.verify.errors import LedgerError
from vigie.ledger.verify.shelves import zip_shelf


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> MadePackage:
    return make_package(tmp_path_factory.mktemp("made"))


def test_the_same_inputs_give_the_same_bytes(made: MadePackage, tmp_path: Path) -> None:
    again = make_package(tmp_path, held=0)
    assert again.zip() == made.zip()
    assert sha256(again.zip()).digest() == sha256(made.zip()).digest()


def test_what_waits_on_disk_is_encrypted(tmp_path: Path) -> None:
    make_package(tmp_path, held=0)
    files = [path for path in tmp_path.rglob("package-*/*") if path.is_file()]
    assert files
    assert all(path.read_bytes().startswith(b"age-encryption.org/v1") for path in files)


def test_the_layout_is_the_one_that_is_written_down(made: MadePackage) -> None:
    item, account = "0" * 31 + "1", "0" * 31 + "4"
    wanted = {
        "bagit.txt", "bag-info.txt", "manifest-sha512.txt", "manifest-sha256.txt",
        "tagmanifest-sha512.txt", f"data/items/{item}/original.bin",
        f"data/items/{item}/meta.json", f"data/accounts/{account}.json", "data/custody.jsonl",
        "data/decisions.jsonl", "data/case.jsonld", "data/README.txt", "data/index.html",
        "log/records.jsonl", "log/0.tlog-proof", "log/checkpoint", "policy.txt", "verify.py",
        "verify.sha256", "signatures/package.note",
    }  # fmt: skip
    assert wanted <= set(made.files())
    assert "fetch.txt" not in made.files()
    assert all(re.fullmatch(r"[A-Za-z0-9._/-]+", name) for name in made.files())


def test_other_programs_read_the_zip(made: MadePackage) -> None:
    data = made.zip()
    assert len(data) == zip_size(made.spool, made.contents.head.package_id)
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        assert file.testzip() is None
        top = made.contents.head.package_id
        assert file.namelist() == sorted(f"{top}/{name}" for name in made.files())
        assert {one.date_time for one in file.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_a_zip_beyond_four_gigabytes_has_one_spelling_too() -> None:
    member = zips.Member("a/b", 5 << 30, 1, 6 << 30)
    raw = zips.central_entry(member)
    assert list(zips._listed(raw)) == [member]
    assert len(zips.local_header(member)) == 30 + 3 + 20
    ends = zips.zip_end(70_000, 10, 7 << 30)
    assert zips._ends(io.BytesIO(ends), len(ends)) == (70_000, 10, 7 << 30)


def test_another_zip_of_the_same_files_is_refused(made: MadePackage) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name, data in made.files().items():
            file.writestr(f"{made.contents.head.package_id}/{name}", data)
    with pytest.raises(LedgerError, match="not as Vigie writes it"):
        zip_shelf(io.BytesIO(out.getvalue()))


@pytest.mark.parametrize("size", [0, 10, 21, 22, 60])
def test_what_is_no_zip_is_refused(size: int) -> None:
    for data in (bytes(size), b"PK\5\6" + bytes(size), b"\xff" * size):
        with pytest.raises(LedgerError):
            zip_shelf(io.BytesIO(data))


def test_without_a_key_nothing_of_the_log_is_called_verified(made: MadePackage) -> None:
    with_key, without = states(made.files(), made.maker.vkey), states(made.files())
    assert set(with_key.values()) == {"verified"}
    for step in ("export", "signature", "records", "history"):
        assert without[step] == "not_checked"


def test_case_validate_accepts_the_graph(made: MadePackage, tmp_path: Path) -> None:
    """At its default strictness; loading the ontology takes some seconds, so it runs once."""
    path = tmp_path / "case.jsonld"
    path.write_bytes(made.files()["data/case.jsonld"])
    command = [str(Path(sys.executable).parent / "case_validate"), str(path)]
    ran = subprocess.run(command, capture_output=True, check=False, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    graph = json.loads(path.read_text())["@graph"]
    assert {"uco-observable:File", "case-investigation:ProvenanceRecord", "uco-core:Bundle"} <= {
        one["@type"] for one in graph
    }


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_the_first_page_runs_nothing_and_loads_nothing(made: MadePackage) -> None:
    page = made.files()["data/index.html"].decode()
    tags = _Tags()
    tags.feed(page)
    assert not {tag for tag, _ in tags.found} & {"script", "img", "iframe", "link", "object"}
    links = [attrs["href"] or "" for tag, attrs in tags.found if tag == "a"]
    assert links
    assert all(f"data/{link}" in made.files() for link in links)
    assert "default-src 'none'" in page
    assert "piece 1" not in page


def test_words_of_others_stand_as_text(tmp_path: Path) -> None:
    from tests.support import packages as support
    from vigie.evidence import index_page
    from vigie.evidence.contents import Contents

    head = support.head(authority="<script>alert(1)</script>", reference='"><b>')
    contents = Contents(head=head, checkpoint="", policy="", verifier=b"", missing=["<i>"])
    page = index_page.page(contents).decode()
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "<i>" not in page


@pytest.mark.parametrize(("language", "word"), [("en", "Inventory"), ("fr", "Inventaire")])
def test_the_inventory_names_every_piece(made: MadePackage, language: str, word: str) -> None:
    data = made.files()[f"data/inventory.{language}.pdf"]
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages)
    assert word in text
    assert all(piece.label in text for piece in made.contents.pieces)
    assert "Parquet de Démonstration" in text


def test_the_readme_is_in_french_and_english(made: MadePackage) -> None:
    text = made.files()["data/README.txt"].decode()
    assert text.startswith("FRANÇAIS")
    assert "ENGLISH" in text
    assert "No witness is configured" in text
