# SPDX-License-Identifier: Apache-2.0
"""The record of a search as one document, in the order in which it was written."""

from __future__ import annotations

from typing import Any, Final

from vigie.core.clock import iso
from vigie.flow.search_day import scope
from vigie.store.models import OfficerAccess, OfficerView, SearchDay, SearchEntry

FORM: Final = "vigie-search/v1"


def as_json(search: SearchDay) -> dict[str, Any]:
    """Return everything that was written down; of privileged documents that they exist."""
    meant = scope.of(search).as_json()
    return {
        "form": FORM,
        "search": f"S-{search.number}",
        "authority": search.authority_name,
        "warrant": search.warrant,
        "scope_text": search.scope_text,
        "scope": meant | {"after": _iso(meant["after"]), "until": _iso(meant["until"])},
        "persons": list(search.persons),
        "counsel": search.counsel,
        "counsel_called_at": _iso(search.counsel_called_at),
        "opened_at": iso(search.opened_at),
        "closed_at": _iso(search.closed_at),
        "entries": [_entry(one) for one in search.entries.order_by("pk")],
        "officers": [_access(one) for one in search.officers.order_by("pk")],
        "views": [_view(one) for one in views(search)],
        "checkpoint_open": search.checkpoint_open,
        "checkpoint_close": search.checkpoint_close,
    }


def views(search: SearchDay) -> list[OfficerView]:
    """Return what officers saw, in order."""
    rows = OfficerView.objects.filter(access__search=search).select_related("access__user")
    return list(rows.order_by("pk"))


def _iso(at: int | None) -> str | None:
    return iso(at) if at is not None else None


def _entry(row: SearchEntry) -> dict[str, Any]:
    return {
        "kind": row.kind,
        "label": row.label,
        "serial": row.serial,
        "sha256": row.sha256,
        "seal": row.seal,
        "note": row.note,
        "by": row.by,
        "happened_at": iso(row.happened_at),
        "written_at": iso(row.at),
        "record": row.record_id,
    }


def _access(row: OfficerAccess) -> dict[str, Any]:
    return {
        "account": row.user.username,
        "label": row.label,
        "begins_at": iso(row.begins_at),
        "ends_at": iso(row.ends_at),
        "ended_at": _iso(row.ended_at),
    }


def _view(row: OfficerView) -> dict[str, Any]:
    return {"account": row.access.user.username, "what": row.what, "at": iso(row.at)}
