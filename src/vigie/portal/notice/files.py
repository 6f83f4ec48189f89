# SPDX-License-Identifier: Apache-2.0
"""Attachments in the form: taken one by one, sealed at once, named by the draft alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext as _

from vigie.core.errors import VigieError
from vigie.flow import house
from vigie.flow.notices.attach import MAX_FILES, attach, takes_files
from vigie.web.limits import allow

if TYPE_CHECKING:
    from django.http import HttpRequest

    from vigie.portal.notice.draft import Draft

FIELD: Final = "file"
ROOM: Final = 20_000_000
"""Bytes of attachments in one request; more in a second one."""


def take(request: HttpRequest, draft: Draft) -> dict[str, str]:
    """Take off what is not wanted, seal what was sent; return what does not fit, by field."""
    held: list[dict[str, Any]] = list(draft.data.get("files", []))
    dropped = request.POST.get("drop", "")
    held = [one for one in held if str(one["id"]) != dropped]
    draft.data["files"] = held
    if not takes_files(draft.about):
        draft.data["files"] = []
        return {}
    current = house.current()
    try:
        for given in request.FILES.getlist(FIELD)[: MAX_FILES + 1]:
            allow(current, request, "file")
            row = attach(current, given.read(), given.name or "", len(held))
            held.append({"id": row.pk, "name": row.name, "size": row.size})
    except VigieError as problem:
        return {FIELD: _words(problem)}
    return {}


def _words(problem: VigieError) -> str:
    known = {
        "too_many_files": _("At most five files in one notice."),
        "file_size": _("A file may have up to 10 MB."),
        "file_kind": _("Only pictures (JPEG, PNG, WebP, GIF) and PDF files are taken."),
    }
    later = _("The file could not be taken just now. Try again, or send the notice without it.")
    return known.get(problem.code, later)
