# SPDX-License-Identifier: Apache-2.0
"""The first page and the plain text of a package: what is in it and how to check it.

Static, without script, without anything from elsewhere. Contents are named, never
shown: nobody who opens the page sees an item by accident.
"""

from __future__ import annotations

from html import escape
from typing import Final

from vigie.evidence.bag import one_line
from vigie.evidence.contents import Contents, Piece

_CSP: Final = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_STYLE: Final = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;"
    "color-scheme:light dark}table{border-collapse:collapse;width:100%}"
    "th,td{text-align:left;padding:.3rem .6rem .3rem 0;vertical-align:top;"
    "border-bottom:1px solid #8886}code{font-size:.85em;overflow-wrap:anywhere}"
    ".wide{overflow-x:auto}"
)
_FACTS: Final = (
    ("Package / Paquet", "package_id"),
    ("Made / Établi (UTC)", "made"),
    ("About / Objet", "subject"),
    ("From / De", "operator"),
    ("For / Pour", "authority"),
    ("Reference / Référence", "reference"),
    ("Legal basis / Base légale", "basis"),
    ("Log / Journal", "origin"),
)
_README: Final = """\
FRANÇAIS

Ce dossier est un paquet de preuves ({package}) établi par {operator} le {made}.
Commencez par data/index.html, ou par l'inventaire imprimable data/inventory.fr.pdf.

Ce que contient le paquet
  data/items/       contenus : original.bin, octet pour octet tel qu'il a été scellé ;
                    meta.json, sa description ; rendition.*, une copie de travail
  data/accounts/    données de compte, dans les limites de la demande
  data/custody.jsonl    chaque accès aux pièces : qui (numéro de rôle), quand, pourquoi
  data/decisions.jsonl  détections, décisions et autres enregistrements
  data/case.jsonld  le même contenu pour les outils d'investigation (CASE 1.5.0)
  log/              enregistrements, preuves d'inclusion, point de contrôle du journal
  signatures/       note signée du paquet, enregistrement de la remise

Comment vérifier
  1. Prenez la politique de confiance (policy.txt) et le programme vigie-verify à une
     autre source que ce paquet : une clé venue avec ce qu'elle vérifie ne prouve rien.
  2. vigie-verify DOSSIER --policy policy.txt --lang fr
  3. Sans ce programme : sha512sum -c manifest-sha512.txt, puis la documentation.

Ce que cela établit : ces fichiers, enregistrements et dates figurent inchangés dans le
journal. Ce que cela n'établit pas : que tout ce qui existe a été remis, ni que ce que
des personnes ont écrit est vrai.
{missing_fr}
ENGLISH

This folder is an evidence package ({package}) made by {operator} on {made}.
Begin with data/index.html, or with the printable inventory data/inventory.en.pdf.

What is in it
  data/items/       items: original.bin, byte for byte as it was sealed; meta.json, its
                    description; rendition.*, a working copy
  data/accounts/    account data, within what was asked for
  data/custody.jsonl    every access: who (role number), when, why
  data/decisions.jsonl  detections, decisions and other records
  data/case.jsonld  the same for forensic tools (CASE 1.5.0)
  log/              records, proofs of inclusion, the log's checkpoint
  signatures/       the signed note of the package, the record of the export

How to check it
  1. Take the trust policy (policy.txt) and the program vigie-verify from elsewhere, not
     from this package: a key that came with what it checks proves nothing.
  2. vigie-verify FOLDER --policy policy.txt
  3. Without that program: sha512sum -c manifest-sha512.txt, then the documentation.

What this shows: these files, records and times stand unchanged in the log. What it does
not show: that everything there is was put in, or that what people wrote is true.
{missing_en}"""


def readme(contents: Contents) -> bytes:
    """Return `data/README.txt`, in French and English."""
    missing = "".join(f"  - {one}\n" for one in contents.missing)
    return _README.format(
        package=contents.head.package_id,
        operator=one_line(contents.head.operator),
        made=contents.head.made,
        missing_fr=f"\nCe qui manque (en anglais)\n{missing}\n" if missing else "",
        missing_en=f"\nWhat is missing\n{missing}" if missing else "",
    ).encode()


def page(contents: Contents) -> bytes:
    """Return `data/index.html`."""
    head = contents.head
    facts = "".join(_row(label, getattr(head, name)) for label, name in _FACTS)
    scope = "".join(f"<li>{escape(one)}" for one in head.scope)
    missing = "".join(f"<li>{escape(one)}" for one in contents.missing)
    parts = [
        f"<h1>{escape(head.package_id)}</h1><table>{facts}</table>",
        f"<h2>Scope / Étendue</h2><ul>{scope}</ul>" if scope else "",
        _pieces([one for one in contents.pieces if not one.is_account], "Items / Contenus"),
        _pieces([one for one in contents.pieces if one.is_account], "Accounts / Comptes"),
        _lists(contents),
        f"<h2>Not vouched for / Sans garant</h2><ul>{missing}</ul>" if missing else "",
    ]
    html = (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_CSP}">'
        '<meta name="viewport" content="width=device-width">'
        '<meta name="referrer" content="no-referrer">'
        f"<title>{escape(head.package_id)}</title><style>{_STYLE}</style>"
        f"<main>{''.join(parts)}</main></html>\n"
    )
    return html.encode()


def _row(label: str, value: str) -> str:
    return f"<tr><th scope=row>{escape(label)}<td>{escape(value)}" if value else ""


def _pieces(pieces: list[Piece], title: str) -> str:
    if not pieces:
        return ""
    rows = "".join(_piece(one) for one in pieces)
    head = "<tr><th>No.<th>Kind / Type<th>Bytes / Octets<th>SHA-256<th>Files / Fichiers"
    return f"<h2>{title}</h2><div class=wide><table>{head}{rows}</table></div>"


def _piece(piece: Piece) -> str:
    path = piece.path.removeprefix("data/")
    files = f'<a href="{path}" download>{path.rpartition("/")[2]}</a>'
    if not piece.is_account:
        files += f' <a href="{path.rpartition("/")[0]}/meta.json">meta.json</a>'
    return (
        f"<tr><td>{piece.label}<td>{escape(piece.kind)} {escape(piece.mime)}<td>{piece.size:,}"
        f"<td><code>{piece.sha256}</code><td>{files}"
    )


def _lists(contents: Contents) -> str:
    named = [("custody.jsonl", "custody / conservation"), ("decisions.jsonl", "records")]
    named += [("case.jsonld", "CASE 1.5.0"), ("README.txt", "README")]
    named += [("inventory.en.pdf", "inventory"), ("inventory.fr.pdf", "inventaire")]
    if contents.handled is not None:
        named.insert(0, ("handled.csv", "what was handled / traitement"))
    links = "".join(f'<li><a href="{file}">{file}</a>: {escape(what)}' for file, what in named)
    count = len(contents.records)
    return f"<h2>Lists / Listes</h2><p>{count:,} records / enregistrements<ul>{links}</ul>"
