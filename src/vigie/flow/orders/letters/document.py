# SPDX-License-Identifier: Apache-2.0
"""A letter as a document: its text, then its form with every field, filled or not.

Made from what the letter keeps and from nothing else: neither a corrected form nor
another wording changes a letter that was written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from vigie.core.clock import iso
from vigie.evidence import pdf as document
from vigie.law.order_form import FieldType, OrderField, OrderForm
from vigie.store.models import OrderLetter

_TICKED: Final = (FieldType.CHOICE, FieldType.CHOICES)
_SECTION: Final = {"en": "Section {}", "fr": "Section {}", "de": "Abschnitt {}"}
_YES: Final = {"en": ("yes", "no"), "fr": ("oui", "non"), "de": ("ja", "nein")}
_EMPTY: Final = "—"


def pdf(letter: OrderLetter) -> bytes:
    """Return the letter as PDF: the same bytes each time (`pdf_sha256`)."""
    return of_kept(letter.data, letter.language)


def data_of(letter: OrderLetter) -> dict[str, Any]:
    """Return the letter as data: its form's values by the field names of `law`."""
    kept = letter.data
    return {
        "order": kept["label"],
        "letter": letter.kind,
        "form": kept["form"],
        "law": kept["law"],
        "language": letter.language,
        "written_at": iso(letter.at),
        "values": kept["values"],
        "rows": kept["table"],
        "text": kept["body"],
        "pdf_sha256": letter.pdf_sha256,
    }


def of_kept(kept: Mapping[str, Any], language: str) -> bytes:
    """Return the PDF of what a letter keeps."""
    return document.make(
        kept["title"],
        _blocks(kept),
        language=language,
        subtitle=kept["law"],
        footer=f"{kept['label']} · {iso(kept['at'])}",
    )


def _blocks(kept: Mapping[str, Any]) -> Iterator[document.Block]:
    yield document.Text(kept["body"])
    if kept["fields"]:
        yield document.Heading(kept["form_title"])
        yield from _laid_out(kept["fields"])
    table = kept["table"]
    if table:
        yield document.Table(list(table[0]), table[1:], _shares(table[0]))


def _shares(head: Sequence[str]) -> list[float]:
    """Give the first column, an address, the room of two."""
    return [2.0, *(1.0 for _ in head[1:])]


def _laid_out(rows: Sequence[Mapping[str, Any]]) -> Iterator[document.Block]:
    """Return the blocks of a form as it is kept."""
    for row in rows:
        if row["kind"] == "section":
            yield document.Heading(row["label"])
        elif row["kind"] == "ticks":
            yield document.Text(row["label"])
            yield document.Ticks([(bool(one[0]), one[1]) for one in row["ticks"]])
        else:
            yield document.Fields([(row["label"], row["value"])])


def fields_of(form: OrderForm, values: Mapping[str, Any], language: str) -> list[dict[str, Any]]:
    """Return a form with its values, ready to be kept and laid out."""
    found: list[dict[str, Any]] = []
    section = ""
    for field in form.fields:
        if field.section and field.section != section:
            section = field.section
            words = _SECTION.get(language, _SECTION["en"]).format(section)
            found.append({"kind": "section", "label": words})
        found.append(_row(field, values.get(field.name), language))
    return found


def _row(field: OrderField, value: Any, language: str) -> dict[str, Any]:
    label = field.label(language)
    if field.type in _TICKED:
        chosen = set(value) if isinstance(value, list | tuple) else {value}
        ticks = [[one.code in chosen, one.label(language)] for one in field.options]
        return {"kind": "ticks", "label": label, "ticks": ticks}
    return {"kind": "field", "label": label, "value": _written(value, language)}


def _written(value: Any, language: str) -> str:
    if isinstance(value, bool):
        return _YES.get(language, _YES["en"])[0 if value else 1]
    if isinstance(value, list | tuple):
        return "\n".join(str(one) for one in value) or _EMPTY
    return str(value).strip() or _EMPTY if value is not None else _EMPTY


def order_pdf(
    form: OrderForm, values: Mapping[str, Any], label: str, at: int, spoken: str
) -> bytes:
    """Return an incoming form as it was read, laid out by its sections (Annex I and others).

    A rendering of ours, not the authority's document: its title says so.
    """
    titles = {
        "en": "as read by us; the original is the authority’s document",
        "fr": "tel que nous l’avons lu ; l’original est le document de l’autorité",
        "de": "so wie wir es gelesen haben; das Original ist das Dokument der Behörde",
    }
    rows = fields_of(form, values, spoken)
    return document.make(
        form.title(spoken),
        [document.Text(titles.get(spoken, titles["en"]), small=True), *_laid_out(rows)],
        language=spoken,
        subtitle=form.law,
        footer=f"{label} · {iso(at)}",
    )
