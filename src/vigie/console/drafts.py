# SPDX-License-Identifier: Apache-2.0
"""What was typed is not lost when a session ends while somebody writes.

The words are kept in the new, empty session, for the same person and the same
page only, and leave it with the first look.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from django.http import HttpRequest

DRAFT: Final = "draft"
FIELDS: Final = (
    "action", "reason", "facts", "facts_en", "facts_fr", "facts_de", "exemption", "imminent",
    "outcome", "answer", "heard", "absolute", "relative", "gravity", "intention",
)  # fmt: skip
LISTS: Final = ("territory", "ground", "more", "confirmed", "also")
MOST: Final = 5_000
MANY: Final = 80
"""Values of one list."""


def keep(request: HttpRequest, name: str) -> None:
    """Keep the words of a form whose sender was signed out."""
    if request.method != "POST" or "reason" not in request.POST:
        return
    words: dict[str, Any] = {one: request.POST.get(one, "")[:MOST] for one in FIELDS}
    for one in LISTS:
        words[one] = [value[:200] for value in request.POST.getlist(one)[:MANY]]
    request.session[DRAFT] = {"path": request.path, "name": name, "words": words}


def take(request: HttpRequest, name: str) -> dict[str, Any] | None:
    """Return the words kept for this person and page, once."""
    kept: dict[str, Any] | None = request.session.get(DRAFT)
    if kept is None or kept["path"] != request.path:
        return None
    del request.session[DRAFT]
    words: dict[str, Any] = kept["words"]
    return words if kept["name"] == name else None
