# SPDX-License-Identifier: Apache-2.0
"""What was typed is not lost when a session ends while somebody writes.

A form says who writes it, where, in one signed field (`WRITER`). With it the
words are kept in the new, empty session even where no cookie is left, for the
same person and the same page only, and leave it with the first look. Without a
valid field nothing of a stranger's is kept; nothing that was kept is carried out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from django.core import signing
from django.http import QueryDict

if TYPE_CHECKING:
    from django.http import HttpRequest

    from vigie.store.models import User

DRAFT: Final = "draft"
WRITER: Final = "writer"
SALT: Final = "vigie.console.drafts"
YOUNG_SECONDS: Final = 24 * 3600
"""How old a form may be whose words are kept: a night over an open page."""
NOT_KEPT: Final = frozenset({"csrfmiddlewaretoken", WRITER, "once", "seen", "take_over"})
MOST: Final = 120_000
"""Characters of all words together: a policy has 100,000."""
MANY: Final = 400
"""Values of one form."""


def writer(request: HttpRequest) -> str:
    """Return the field of a form on this page, for whoever is signed in."""
    return signing.dumps([request.user.pk, request.path], salt=SALT)


def written_by(request: HttpRequest) -> tuple[int, str] | None:
    """Return the account and the page of a form; None for one that is not ours or too old."""
    try:
        account, path = signing.loads(
            request.POST.get(WRITER, ""), salt=SALT, max_age=YOUNG_SECONDS
        )
    except signing.BadSignature:
        return None
    return account, path


def keep(request: HttpRequest, user: User | None = None) -> str:
    """Keep the words of a form whose sender is signed out; return its page, empty for none.

    `user` is whose session has just ended, for forms without the field.
    """
    if request.method != "POST":
        return ""
    whose = written_by(request)
    if whose is None and user is not None and "reason" in request.POST:
        whose = user.pk, request.path
    if whose is None:
        return ""
    account, path = whose
    request.session[DRAFT] = {"account": account, "path": path, "words": _words(request.POST)}
    return path


def _words(post: QueryDict) -> list[list[str]]:
    """Return names and values, up to what a page of ours can hold."""
    found: list[list[str]] = []
    left = MOST
    for name, values in post.lists():
        for value in values:
            left -= len(name) + len(value)
            if name in NOT_KEPT or "password" in name:
                continue
            if left < 0 or len(found) == MANY:
                return found
            found.append([name, value])
    return found


def take(request: HttpRequest) -> QueryDict | None:
    """Return the words kept for this person and page, once."""
    kept: dict[str, Any] | None = request.session.get(DRAFT)
    if kept is None or kept["path"] != request.path:
        return None
    del request.session[DRAFT]
    if kept["account"] != cast("User", request.user).pk:
        return None
    words = QueryDict(mutable=True)
    for name, value in kept["words"]:
        words.appendlist(name, value)
    return words
