# SPDX-License-Identifier: Apache-2.0
"""Files to take away: the proof of a decision and its record, as attachments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from vigie.console.desk import needs, person
from vigie.console.views.decisions import find
from vigie.store.permissions import Permission
from vigie.web import proofs

if TYPE_CHECKING:
    from django.http import HttpRequest


@needs(Permission.PROOF_READ)
@require_safe
def proof(request: HttpRequest, number: int) -> HttpResponse:
    """Hand out the proof file, as `vigie-verify` reads it."""
    found = find(person(request), number)
    return _attachment(proofs.make(found).data, f"{found.label}.json")


@needs(Permission.PROOF_READ)
@require_safe
def record(request: HttpRequest, number: int) -> HttpResponse:
    """Hand out the record's own bytes (RFC 8785): what the entry commits to."""
    found = find(person(request), number)
    return _attachment(found.record.canonical, f"{found.label}.record.json")


def _attachment(data: bytes, name: str) -> HttpResponse:
    """Answer with a file that no browser shows as a page (ASVS 3.2.1)."""
    answer = HttpResponse(data, content_type="application/json; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
