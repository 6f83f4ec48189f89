# SPDX-License-Identifier: Apache-2.0
"""Counsel's notes: written here, encrypted before they are stored, opened with counsel's own key.

Nothing of this page is kept for a form that was interrupted, and the trace that a
form leaves in its session is left out: it would be a digest of the words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from vigie.console import moments
from vigie.console.desk import needs, person, show
from vigie.core.errors import InvalidInputError, VigieError
from vigie.flow import house
from vigie.flow.matters import files
from vigie.flow.matters import privileged as notes
from vigie.store.permissions import Permission

if TYPE_CHECKING:
    from django.http import HttpRequest

KEY_BYTES: Final = 4_096


@sensitive_post_parameters()
@needs(Permission.MATTER_PRIVILEGED, repeats=True)
@require_http_methods(["GET", "HEAD", "POST"])
def privileged(request: HttpRequest, number: int) -> HttpResponse:
    """List that notes exist; write one; open one with counsel's key, for this answer alone."""
    if request.method != "POST":
        return _page(request, number)
    try:
        if request.POST.get("do") == "read":
            return _page(request, number, words=_read(request), read=_asked(request))
        notes.add_note(
            house.current(), person(request), number, request.POST.get("counsel_words", "")
        )
    except VigieError as problem:
        return _page(request, number, problem=problem, status=problem.http_status)
    return _page(request, number, written=True)


def _asked(request: HttpRequest) -> int:
    return moments.number(request.POST.get("note", "")) or 0


@sensitive_variables()
def _read(request: HttpRequest) -> str:
    given = request.FILES.get("key")
    if given is None or (given.size or 0) > KEY_BYTES:
        raise InvalidInputError(_("Choose counsel’s key file."), code="no_key_file", field="key")
    identity = given.read().decode("ascii", "replace")
    return notes.read_note(person(request), _asked(request), identity)


def _page(request: HttpRequest, number: int, status: int = 200, **more: object) -> HttpResponse:
    found = files.find(person(request), number)
    context: dict[str, object] = {
        "room": "matters",
        "matter": found,
        "notes": notes.existing(number),
        "has_key": notes.has_recipient(house.current()),
        "is_open": found.closed_at is None,
        "most": notes.MAX_TEXT,
    }
    return show(request, "privileged.html", context | more, status=status)


@needs(Permission.MATTER_PRIVILEGED, repeats=True)
@require_POST
def note_file(request: HttpRequest, number: int) -> HttpResponse:
    """Hand out a note as it is kept: an age file, to be opened where the key is."""
    answer = HttpResponse(
        notes.ciphertext(person(request), number), content_type="application/octet-stream"
    )
    answer["Content-Disposition"] = f'attachment; filename="note-{number}.age"'
    return answer
