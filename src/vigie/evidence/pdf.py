# SPDX-License-Identifier: Apache-2.0
"""Plain documents as PDF: the same blocks give the same bytes, on every machine.

For annexes, letters and inventories. No date, no random name and no compressor
of the machine goes in; the fonts are those that reportlab carries (Bitstream
Vera). What they lack is written as `U+XXXX` with a note, never left out, so that
nobody can hide a word in another script. Everything is text: no markup, no link
and no picture of anybody else's gets in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from io import BytesIO
from typing import Final, NamedTuple
from unicodedata import normalize

from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

REGULAR: Final = "Vera"
BOLD: Final = "VeraBd"
SIZE: Final = 9.0
_SMALL: Final = 7.0
_LEADING: Final = 1.38
_WIDTH, _HEIGHT = A4
_MARGIN: Final = 54.0
_BOTTOM: Final = 62.0
_GAP: Final = 6.0
_INNER: Final = _WIDTH - 2 * _MARGIN
_FILES: Final = ((REGULAR, "Vera.ttf"), (BOLD, "VeraBd.ttf"))
_NOTE: Final = {
    "en": "Signs that the font lacks are written as U+ and their number in Unicode.",
    "fr": "Les signes absents de la police sont écrits U+ et leur numéro Unicode.",
    "de": "Zeichen, die der Schrift fehlen, stehen als U+ und ihre Nummer in Unicode.",
}
_PAGE: Final = {"en": "Page", "fr": "Page", "de": "Seite"}


class Heading(NamedTuple):
    """A heading inside the document."""

    text: str


class Text(NamedTuple):
    """A paragraph; line ends in it stay."""

    text: str
    small: bool = False


class Fields(NamedTuple):
    """Names and values, one under the other."""

    rows: Sequence[tuple[str, str]]


class Ticks(NamedTuple):
    """Boxes of a form, ticked or not: both are shown."""

    rows: Sequence[tuple[bool, str]]


class Table(NamedTuple):
    """Rows under a head that comes again on every page."""

    head: Sequence[str]
    rows: Iterable[Sequence[str]]
    shares: Sequence[float] = ()
    """Widths in proportion; without them all columns are equal."""


Block = Heading | Text | Fields | Ticks | Table


class _Drawn(NamedTuple):
    """One run of text, or (without text) a rule or a box."""

    x: float
    y: float
    font: str
    size: float
    text: str = ""
    box: str = ""
    """`rule`, `empty` or `ticked`."""


def make(
    title: str,
    blocks: Iterable[Block],
    *,
    language: str = "en",
    subtitle: str = "",
    footer: str = "",
) -> bytes:
    """Return the document; the same arguments give the same bytes.

    Args:
        title: first line, and the document's title.
        blocks: what it says, in order.
        language: `en`, `fr` or `de`; another one gets the notes in English.
        subtitle: stands under the title, small.
        footer: stands on every page, beside the page's number.
    """
    sheet = _Sheet()
    sheet.title(title, subtitle)
    for block in blocks:
        sheet.add(block)
    if sheet.escaped:
        sheet.space(_GAP * 2)
        sheet.write(_NOTE.get(language, _NOTE["en"]), size=_SMALL)
    return _render(sheet.pages, title, language, footer)


def covered(text: str) -> bool:
    """Say whether the fonts can write all of a text."""
    return not any(_lacks(sign) for sign in normalize("NFC", text) if sign != "\n")


class _Sheet:
    """Lays lines out from top to bottom; a new page begins where one is full."""

    def __init__(self) -> None:
        self.pages: list[list[_Drawn]] = [[]]
        self.escaped = False
        self._y = _HEIGHT - _MARGIN

    def title(self, title: str, subtitle: str) -> None:
        self.write(title, font=BOLD, size=14)
        if subtitle:
            self.write(subtitle, size=_SMALL + 1)
        self.rule()

    def add(self, block: Block) -> None:
        """Lay one block out."""
        if isinstance(block, Heading):
            self._heading(block.text)
        elif isinstance(block, Text):
            self.write(block.text, size=_SMALL if block.small else SIZE)
            self.space(_GAP)
        elif isinstance(block, Fields):
            self._fields(block.rows)
        elif isinstance(block, Ticks):
            self._ticks(block.rows)
        else:
            self._table(block)

    def write(self, text: str, *, font: str = REGULAR, size: float = SIZE) -> None:
        for line in self._wrapped(text, font, size, _INNER):
            self._line([(_MARGIN, line)], font, size)

    def space(self, points: float) -> None:
        self._y -= points

    def rule(self) -> None:
        self.space(_GAP / 2)
        self.pages[-1].append(_Drawn(_MARGIN, self._y, "", 0.5, box="rule"))
        self.space(_GAP * 1.5)

    def _heading(self, text: str) -> None:
        self.space(_GAP)
        if self._y < _BOTTOM + 5 * SIZE:  # no heading alone at the foot of a page
            self._turn()
        self.write(text, font=BOLD, size=SIZE + 1)
        self.space(_GAP / 2)

    def _fields(self, rows: Sequence[tuple[str, str]]) -> None:
        first = _INNER * 0.36
        for name, value in rows:
            names = self._wrapped(name, BOLD, SIZE, first - _GAP)
            values = self._wrapped(value, REGULAR, SIZE, _INNER - first)
            for n in range(max(len(names), len(values))):
                self._room(SIZE)
                if n < len(names):
                    self._put(_MARGIN, BOLD, SIZE, names[n])
                if n < len(values):
                    self._put(_MARGIN + first, REGULAR, SIZE, values[n])
                self._down(SIZE)
            self.space(2)
        self.space(_GAP)

    def _ticks(self, rows: Sequence[tuple[bool, str]]) -> None:
        for ticked, text in rows:
            lines = self._wrapped(text, REGULAR, SIZE, _INNER - 18)
            for n, line in enumerate(lines):
                self._room(SIZE)
                if n == 0:
                    box = "ticked" if ticked else "empty"
                    self.pages[-1].append(_Drawn(_MARGIN, self._y - SIZE, "", SIZE, box=box))
                self._put(_MARGIN + 18, REGULAR, SIZE, line)
                self._down(SIZE)
            self.space(2)
        self.space(_GAP)

    def _table(self, table: Table) -> None:
        shares = table.shares or [1.0] * len(table.head)
        widths = [_INNER * share / sum(shares) for share in shares]
        self._head(table.head, widths)
        for row in table.rows:
            cells = self._cells(row, REGULAR, widths)
            if self._y - _SMALL * _LEADING * min(len(max(cells, key=len)), 40) < _BOTTOM:
                self._turn()
                self._head(table.head, widths)
            self._rows(cells, REGULAR, widths)
        self.space(_GAP)

    def _head(self, head: Sequence[str], widths: Sequence[float]) -> None:
        self._rows(self._cells(head, BOLD, widths), BOLD, widths)
        self.rule()

    def _cells(self, row: Sequence[str], font: str, widths: Sequence[float]) -> list[list[str]]:
        return [
            self._wrapped(cell, font, _SMALL, width - 4)
            for cell, width in zip(row, widths, strict=True)
        ]

    def _rows(self, cells: list[list[str]], font: str, widths: Sequence[float]) -> None:
        for n in range(len(max(cells, key=len))):
            at, parts = _MARGIN, []
            for lines, width in zip(cells, widths, strict=True):
                if n < len(lines):
                    parts.append((at, lines[n]))
                at += width
            self._line(parts, font, _SMALL)
        self.space(2)

    def _line(self, parts: list[tuple[float, str]], font: str, size: float) -> None:
        self._room(size)
        for x, text in parts:
            self._put(x, font, size, text)
        self._down(size)

    def _room(self, size: float) -> None:
        if self._y - size * _LEADING < _BOTTOM:
            self._turn()

    def _put(self, x: float, font: str, size: float, text: str) -> None:
        self.pages[-1].append(_Drawn(x, self._y - size, font, size, text))

    def _down(self, size: float) -> None:
        self._y -= size * _LEADING

    def _turn(self) -> None:
        self.pages.append([])
        self._y = _HEIGHT - _MARGIN

    def _wrapped(self, text: str, font: str, size: float, width: float) -> list[str]:
        plain = self._plain(text)
        return [line for one in plain.split("\n") for line in _lines(one, font, size, width)]

    def _plain(self, text: str) -> str:
        found = normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
        written = "".join(one if one == "\n" else _sign(one) for one in found)
        self.escaped |= written != found
        return written


def _sign(sign: str) -> str:
    """Return a sign that the fonts have, or its number in words."""
    return f"U+{ord(sign):04X} " if _lacks(sign) else sign


@cache
def _lacks(sign: str) -> bool:
    """Say whether a font lacks a sign, or nobody would see it."""
    widths = _fonts()
    hidden = not sign.isprintable() and sign != "\u00a0"
    return hidden or any(ord(sign) not in widths[name] for name, _ in _FILES)


@cache
def _fonts() -> dict[str, dict[int, float]]:
    """Register the fonts once; return the width of each of their signs."""
    fonts = {name: TTFont(name, file) for name, file in _FILES}
    for font in fonts.values():
        pdfmetrics.registerFont(font)
    return {name: dict(font.face.charWidths) for name, font in fonts.items()}


def _wide(text: str, font: str, size: float) -> float:
    widths = _fonts()[font]
    return sum(widths[ord(one)] for one in text) * size / 1000


def _lines(text: str, font: str, size: float, width: float) -> list[str]:
    """Break a text at its spaces; a word that fits in no line is broken where it must."""
    found, line, used = [], "", 0.0
    space = _wide(" ", font, size)
    for word in text.split(" "):
        long = _wide(word, font, size)
        if line and used + space + long <= width:
            line, used = f"{line} {word}", used + space + long
            continue
        if line:
            found.append(line)
        *whole, line = _broken(word, font, size, width) if long > width else [word]
        found += whole
        used = _wide(line, font, size)
    return [*found, line]


def _broken(word: str, font: str, size: float, width: float) -> list[str]:
    parts, at = [""], 0.0
    for sign in word:
        one = _wide(sign, font, size)
        if parts[-1] and at + one > width:
            parts.append("")
            at = 0.0
        parts[-1] += sign
        at += one
    return parts


def _render(pages: list[list[_Drawn]], title: str, language: str, footer: str) -> bytes:
    _fonts()
    out = BytesIO()
    # Uncompressed: another build of zlib would give other bytes.
    canvas = Canvas(out, pagesize=A4, invariant=1, pageCompression=0, lang=language)
    canvas.setTitle(title)
    canvas.setAuthor("Vigie")
    canvas.setCreator("Vigie")
    canvas.setSubject(footer or title)
    page_word = _PAGE.get(language, _PAGE["en"])
    for n, page in enumerate(pages, 1):
        for one in page:
            _draw(canvas, one)
        _foot(canvas, footer, f"{page_word} {n}/{len(pages)}")
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _draw(canvas: Canvas, one: _Drawn) -> None:
    if one.text:
        canvas.setFont(one.font, one.size)
        canvas.drawString(one.x, one.y, one.text)
    elif one.box == "rule":
        canvas.setLineWidth(one.size)
        canvas.line(one.x, one.y, _WIDTH - _MARGIN, one.y)
    elif one.box:
        side = one.size - 1
        canvas.setLineWidth(0.7)
        canvas.rect(one.x, one.y, side, side)
        if one.box == "ticked":
            canvas.line(one.x, one.y, one.x + side, one.y + side)
            canvas.line(one.x, one.y + side, one.x + side, one.y)


def _foot(canvas: Canvas, footer: str, page: str) -> None:
    canvas.setFont(REGULAR, _SMALL)
    room = _INNER - _wide(page, REGULAR, _SMALL) - 12
    plain = "".join(_sign(one) for one in normalize("NFC", footer))
    canvas.drawString(_MARGIN, _BOTTOM - 26, _lines(plain, REGULAR, _SMALL, room)[0])
    canvas.drawRightString(_WIDTH - _MARGIN, _BOTTOM - 26, page)
