# SPDX-License-Identifier: Apache-2.0
"""What is kept, why and how long: the retention registry and what lies beside the store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vigie.flow.house import House


def kept(house: House) -> list[dict[str, Any]]:
    """Return one row for each kind of thing that is kept."""
    return [*_records(house), *_files(house)]


def _records(_house: House) -> list[dict[str, Any]]:
    from vigie.flow.retain import registry

    return [
        {"what": rule.what, "why": rule.why, "term": rule.term, "redaction": rule.redaction}
        for rule in registry()
    ]


def _files(house: House) -> list[dict[str, Any]]:
    settings = house.settings
    hours = settings.journal_keep / 3600
    return [
        {
            "what": "journal rows",
            "why": "so that no acknowledged item is lost",
            "term": f"{hours:g} h after folding; with text: until folded",
            "redaction": "the rows are deleted and overwritten",
        },
        {
            "what": "files of Snapshots",
            "why": "to show by what a decision was made",
            "term": "manifest and text parts: while a decision cites them; hash index: one hour "
            "after another one is in force",
            "redaction": "the files are deleted; the digests stay in the store",
        },
        {
            "what": "bytes of pictures",
            "why": "not kept: decoders forget them",
            "term": "0",
            "redaction": "none needed",
        },
    ]
