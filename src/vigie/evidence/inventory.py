# SPDX-License-Identifier: Apache-2.0
"""The inventory to print and sign: what was handed over, with digests, in two languages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from vigie.core import clock
from vigie.evidence import pdf
from vigie.evidence.contents import Contents, Piece

LANGUAGES: Final = ("en", "fr")
_WORDS: Final[dict[str, dict[str, object]]] = {
    "en": {
        "title": "Inventory of an evidence package",
        "package": "Package", "made": "Made (UTC)", "subject": "About", "operator": "From",
        "authority": "For", "reference": "Reference", "basis": "Legal basis", "origin": "Log",
        "scope": "Scope", "pieces": "Pieces", "head": ("No.", "Kind", "Bytes", "SHA-256"),
        "custody": "Custody", "entries": ("Entry", "Time (UTC)", "Event", "Piece", "By"),
        "handled": "What was handled",
        "lines": ("What", "Received (UTC)", "Closed (UTC)", "Outcome"),
        "missing": "Not vouched for by anybody outside",
        "none": "None.",
        "check": "How to check: vigie-verify FOLDER --policy policy.txt, with a policy and a "
        "program that did not come with this package. Without it: sha512sum -c "
        "manifest-sha512.txt.",
        "sign": "Handed over by / received by: name, date, signature",
        "open": "open",
    },
    "fr": {
        "title": "Inventaire d'un paquet de preuves",
        "package": "Paquet", "made": "Établi (UTC)", "subject": "Objet", "operator": "De",
        "authority": "Pour", "reference": "Référence", "basis": "Base légale",
        "origin": "Journal", "scope": "Étendue", "pieces": "Pièces",
        "head": ("N°", "Type", "Octets", "SHA-256"),
        "custody": "Conservation",
        "entries": ("Entrée", "Date (UTC)", "Événement", "Pièce", "Par"),
        "handled": "Traitement",
        "lines": ("Objet", "Reçu (UTC)", "Clos (UTC)", "Issue"),
        "missing": "Sans garant extérieur",
        "none": "Aucune.",
        "check": "Vérification\u00a0: vigie-verify DOSSIER --policy policy.txt --lang fr, avec une "
        "politique et un programme qui ne viennent pas de ce paquet. Sans lui\u00a0: sha512sum -c "
        "manifest-sha512.txt.",
        "sign": "Remis par / reçu par\u00a0: nom, date, signature",
        "open": "ouvert",
    },
}  # fmt: skip
_FACTS: Final = (
    ("package", "package_id"), ("made", "made"), ("subject", "subject"),
    ("operator", "operator"), ("authority", "authority"), ("reference", "reference"),
    ("basis", "basis"), ("origin", "origin"),
)  # fmt: skip
_MOST_LINES: Final = 2_000


def make(contents: Contents, custody: list[dict[str, object]], language: str) -> bytes:
    """Return the inventory as PDF; the same contents give the same bytes.

    Custody and handled lines beyond 2,000 are counted, not printed: they stand in
    the lists of the package.
    """
    words = _WORDS[language]
    title, head = str(words["title"]), contents.head
    blocks = list(_blocks(contents, custody, words))
    return pdf.make(
        title,
        blocks,
        language=language,
        subtitle=head.package_id,
        footer=f"{head.package_id} · {head.made}",
    )


def _blocks(
    contents: Contents, custody: list[dict[str, object]], words: dict[str, object]
) -> Iterator[pdf.Block]:
    head = contents.head
    rows = [(str(words[key]), str(getattr(head, name))) for key, name in _FACTS]
    yield pdf.Fields([row for row in rows if row[1]])
    if head.scope:
        yield pdf.Heading(str(words["scope"]))
        yield from (pdf.Text(line) for line in head.scope)
    yield from _pieces(contents.pieces, words)
    yield from _listed(words, "custody", "entries", [_event(one) for one in custody])
    if contents.handled is not None:
        lines = [_line(dict(one), str(words["open"])) for one in contents.handled]
        yield from _listed(words, "handled", "lines", lines)
    if contents.missing:
        yield pdf.Heading(str(words["missing"]))
        yield from (pdf.Text(one) for one in contents.missing)
    yield pdf.Text(str(words["check"]))
    yield pdf.Heading(str(words["sign"]))
    yield pdf.Text("\n\n\n")


def _pieces(pieces: Sequence[Piece], words: dict[str, object]) -> Iterator[pdf.Block]:
    rows = [_piece(one) for one in pieces]
    yield pdf.Heading(str(words["pieces"]))
    if not rows:
        yield pdf.Text(str(words["none"]))
        return
    yield pdf.Table(_head(words, "head"), rows, (1, 2, 1, 5))


def _listed(
    words: dict[str, object], title: str, head: str, rows: list[tuple[str, ...]]
) -> Iterator[pdf.Block]:
    if rows:
        yield pdf.Heading(f"{words[title]}: {len(rows):,}")
        yield pdf.Table(_head(words, head), rows[:_MOST_LINES])
    if len(rows) > _MOST_LINES:
        yield pdf.Text(f"… {len(rows) - _MOST_LINES:,}: data/*.jsonl")


def _head(words: dict[str, object], key: str) -> tuple[str, ...]:
    found = words[key]
    return found if isinstance(found, tuple) else ()


def _piece(one: Piece) -> tuple[str, ...]:
    return (one.label, f"{one.kind} {one.mime}", f"{one.size:,}", one.sha256)


def _event(line: dict[str, object]) -> tuple[str, ...]:
    values = line["values"]
    said = values if isinstance(values, dict) else {}
    by = said.get("by", "")
    return (
        str(line["index"]),
        clock.iso(int(str(line["at"]))),
        str(line["event"]),
        str(said.get("evidence", ""))[:8],
        by if isinstance(by, str) else "",
    )


def _line(line: dict[str, object], still: str) -> tuple[str, ...]:
    closed = line["closed"]
    return (
        f"{line['what']} {line['number']}",
        _at(line["received"]),
        _at(closed) if closed else still,
        str(line["outcome"] or ""),
    )


def _at(place: object) -> str:
    return clock.iso(int(place["at"])) if isinstance(place, dict) else ""
