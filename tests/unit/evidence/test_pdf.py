# SPDX-License-Identifier: Apache-2.0
"""The helper for documents: same bytes each time, nothing left out."""

from __future__ import annotations

import subprocess
import sys
from io import BytesIO

from pypdf import PdfReader

from vigie.evidence import pdf

_BLOCKS = (
    pdf.Heading("Section A"),
    pdf.Text("Zwölf Boxkämpfer jagen Viktor quer über den Sylter Deich.\nÀ Œuvre : ça suffit."),
    pdf.Fields([("Reference", "O-412"), ("Address", "https://agora.example/" + "a" * 400)]),
    pdf.Ticks([(True, "removed"), (False, "access disabled")]),
    pdf.Table(["Number", "Name"], [(str(n), f"row {n}") for n in range(200)], [1, 3]),
)


def _made(**more: str) -> bytes:
    return pdf.make("Annex II", _BLOCKS, subtitle="Regulation (EU) 2021/784", **more)


def _text(data: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(data)).pages)


def test_the_same_document_has_the_same_bytes_in_another_process() -> None:
    code = (
        "import sys; sys.path.insert(0, '.');"
        "from tests.unit.evidence.test_pdf import _made; sys.stdout.buffer.write(_made())"
    )
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout
    assert other == _made() == _made()


def test_everything_that_was_written_can_be_read_again() -> None:
    text = _text(_made())
    assert "Zwölf Boxkämpfer jagen Viktor" in text
    assert "À Œuvre : ça suffit." in text
    assert all(f"row {n}" in text for n in range(200))
    assert text.replace("\n", "").count("a" * 60) >= 1
    assert text.replace("\n", "").count("a") >= 400


def test_the_head_of_a_table_stands_on_every_page() -> None:
    pages = [page.extract_text() for page in PdfReader(BytesIO(_made())).pages]
    assert len(pages) > 2
    assert all("Number" in page for page in pages)
    assert pages[1].rstrip().endswith(f"2/{len(pages)}")


def test_signs_that_the_font_lacks_are_numbered_never_dropped() -> None:
    data = pdf.make("T", [pdf.Text("Привет \u202ehidden\u200b 你")], language="fr")
    text = _text(data)
    assert "U+041F" in text
    assert "U+4F60" in text
    assert "U+202E" in text
    assert "U+200B" in text
    assert "police" in text
    assert pdf.covered("Straße, œuvre, naïve, 100 €")
    assert not pdf.covered("你")


def test_a_document_without_strange_signs_says_nothing_of_them() -> None:
    assert "Unicode" not in _text(_made())


def test_markup_stays_text() -> None:
    assert "<b>bold</b> &amp; <a href='x'>" in _text(
        pdf.make("T", [pdf.Text("<b>bold</b> &amp; <a href='x'>")])
    )


def test_the_title_language_and_footer_are_there() -> None:
    data = _made(language="de", footer="Vigie, O-412")
    reader = PdfReader(BytesIO(data))
    assert reader.metadata is not None
    assert reader.metadata.title == "Annex II"
    assert "Seite 1/" in _text(data)
    assert "Vigie, O-412" in _text(data)


def test_a_cell_longer_than_a_page_goes_on_on_the_next() -> None:
    words = " ".join(f"w{n}" for n in range(3000))
    text = _text(pdf.make("T", [pdf.Table(["A", "B"], [(words, "x")])]))
    assert "w2999" in text
