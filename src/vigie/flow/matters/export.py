# SPDX-License-Identifier: Apache-2.0
"""A matter file as one document for counsel or an authority: without privileged notes."""

from __future__ import annotations

from typing import Any, Final

from vigie.core.clock import iso
from vigie.flow import records
from vigie.flow.decided import by_number
from vigie.flow.house import House
from vigie.flow.transaction import writing
from vigie.store.models import (
    Matter,
    MatterDocument,
    MatterEntry,
    MatterLink,
    MatterText,
    PrivilegedNote,
    User,
)

EXPORTED: Final = "matter.exported"
FORM: Final = "vigie-matter/v1"


def export_matter(house: House, matter: Matter, by: User | str) -> dict[str, Any]:
    """Return everything of a file but its privileged notes; recorded in the log.

    Of these it says how many there are. Documents stand by name and digest: their
    bytes are handed over one by one.
    """
    now = house.now()
    name = by_number(by) if isinstance(by, User) else by
    made = as_json(matter) | {"exported_at": iso(now)}
    with writing():
        draft = records.draft(EXPORTED, now, {"matter": matter.number}, {"by": name})
        made["log_index"] = records.append_one(draft)
    return made


def as_json(matter: Matter) -> dict[str, Any]:
    """Return a file as it stands, people by role and number."""
    return {
        "form": FORM,
        "matter": f"M-{matter.number}",
        "title": matter.title,
        "authority": matter.authority.name if matter.authority is not None else "",
        "reference": matter.reference,
        "opened_at": iso(matter.opened_at),
        "closed_at": _iso(matter.closed_at),
        "entries": [_entry(one) for one in _of(MatterEntry, matter)],
        "texts": [_text(one) for one in _of(MatterText, matter)],
        "documents": [_document(one) for one in MatterDocument.objects.filter(matter=matter)],
        "links": list(_links(matter)),
        "privileged_notes": PrivilegedNote.objects.filter(matter=matter).count(),
    }


def _of(model: Any, matter: Matter) -> Any:
    return model.objects.filter(matter=matter).select_related("written_by").order_by("pk")


def _links(matter: Matter) -> Any:
    rows = MatterLink.objects.filter(matter=matter).order_by("pk")
    return rows.values("kind", "target")


def _iso(at: int | None) -> str | None:
    return iso(at) if at is not None else None


def _entry(row: MatterEntry) -> dict[str, Any]:
    return {
        "entry": row.pk,
        "kind": row.kind,
        "title": row.title,
        "text": row.text,
        "happens_at": _iso(row.happens_at),
        "written_by": by_number(row.written_by),
        "written_at": iso(row.written_at),
        "struck_at": _iso(row.removed_at),
    }


def _text(row: MatterText) -> dict[str, Any]:
    return {
        "kind": row.kind,
        "question": row.question_id,
        "language": row.language,
        "version": row.version,
        "text": row.text,
        "written_by": by_number(row.written_by),
        "written_at": iso(row.written_at),
        "approved_by": by_number(row.approved_by) if row.approved_by is not None else None,
        "approved_at": _iso(row.approved_at),
        "given_at": _iso(row.given_at),
    }


def _document(row: MatterDocument) -> dict[str, Any]:
    return {
        "name": row.name,
        "mime": row.mime,
        "size": row.size,
        "sha256": row.sha256,
        "added_at": iso(row.at),
    }
