# SPDX-License-Identifier: Apache-2.0
"""Matter files: the list, one file, its texts and documents, and counsel's own notes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from vigie.console import moments
from vigie.console.desk import chosen, needs, person, show
from vigie.core.errors import InvalidInputError, VigieError
from vigie.flow import house
from vigie.flow.matters import documents, export, files, privileged, texts
from vigie.flow.sealed import MAX_BYTES
from vigie.store.models import (
    Authority,
    Matter,
    MatterEntry,
    MatterEntryKind,
    MatterText,
    MatterTextKind,
)
from vigie.store.permissions import Permission

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, QueryDict
    from django.utils.functional import _StrPromise

    from vigie.store.models import User

SHOWN: Final = 200
KINDS: Final[dict[str, _StrPromise]] = {
    MatterEntryKind.PERSON: gettext_lazy("person"),
    MatterEntryKind.INTERVIEW: gettext_lazy("interview or hearing"),
    MatterEntryKind.QUESTION: gettext_lazy("question"),
    MatterEntryKind.NOTE: gettext_lazy("note, not privileged"),
}
LINKS: Final[dict[str, _StrPromise]] = {
    "order": gettext_lazy("order"),
    "report": gettext_lazy("report"),
    "evidence": gettext_lazy("evidence"),
    "decision": gettext_lazy("decision"),
    "search": gettext_lazy("search day"),
    "package": gettext_lazy("package"),
}
PAGES: Final = {"decision": "console:decision", "search": "console:search_day"}
"""Where a link leads, where its page is one of these."""


@needs(Permission.MATTER_READ)
@require_http_methods(["GET", "HEAD", "POST"])
def matters(request: HttpRequest) -> HttpResponse:
    """Show the files; open one."""
    if request.method != "POST":
        return _list(request)
    post = request.POST
    try:
        made = files.open_matter(
            house.current(),
            person(request),
            post.get("title", ""),
            moments.number(post.get("authority", "")),
            post.get("reference", ""),
        )
    except VigieError as problem:
        return _list(request, problem, problem.http_status)
    return HttpResponseRedirect(reverse("console:matter", args=[made.number]))


def _list(
    request: HttpRequest, problem: VigieError | None = None, status: int = 200
) -> HttpResponse:
    rows = Matter.objects.select_related("authority").order_by("-number")[:SHOWN]
    context: dict[str, object] = {
        "room": "matters",
        "rows": rows,
        "authorities": Authority.objects.filter(closed_at=None).order_by("name")[:1000],
        "may_edit": person(request).has_perm(Permission.MATTER_EDIT),
        "given": request.POST,
        "problem": problem,
    }
    return show(request, "matters.html", context, status=status)


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a text, and what may be done with it."""

    text: MatterText
    own: bool
    newest: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a file; a question with its answers."""

    entry: MatterEntry
    kind: object
    answers: list[Version]


@needs(Permission.MATTER_READ)
@require_http_methods(["GET", "HEAD", "POST"])
def matter(request: HttpRequest, number: int) -> HttpResponse:
    """Show one file; write into it."""
    if request.method != "POST":
        return _page(request, number)
    try:
        chosen(request, ACTS)(person(request), number, request.POST)
    except VigieError as problem:
        return _page(request, number, problem, problem.http_status)
    return HttpResponseRedirect(reverse("console:matter", args=[number]))


def _page(
    request: HttpRequest, number: int, problem: VigieError | None = None, status: int = 200
) -> HttpResponse:
    user = person(request)
    found = files.find(user, number)
    written = found.texts.select_related("written_by", "approved_by").order_by("-version")
    versions = list(written)
    rows = found.entries.select_related("written_by").order_by("pk")
    of_file = [one for one in versions if one.kind == MatterTextKind.STATEMENT]
    links = found.links.order_by("pk")
    context: dict[str, object] = {
        "room": "matters",
        "matter": found,
        "entries": [_entry(one, versions, user) for one in rows],
        "statements": _versions(sorted(of_file, key=lambda one: one.language), user),
        "documents": found.documents.order_by("pk"),
        "links": [(LINKS.get(one.kind, one.kind), one.target, _address(one)) for one in links],
        "kinds": list(KINDS.items()),
        "link_kinds": list(LINKS.items()),
        "languages": settings.LANGUAGES,
        "privileged": len(privileged.existing(number)),
        "is_open": found.closed_at is None,
        "may_edit": user.has_perm(Permission.MATTER_EDIT) and found.closed_at is None,
        "may_counsel": user.has_perm(Permission.MATTER_PRIVILEGED),
        "may_search": user.has_perm(Permission.SEARCH_MANAGE),
        "given": request.POST,
        "problem": problem,
    }
    return show(request, "matter.html", context, status=status)


def _entry(entry: MatterEntry, versions: list[MatterText], user: User) -> Entry:
    answers = [one for one in versions if one.question_id == entry.pk]
    answers.sort(key=lambda one: one.language)
    return Entry(entry, KINDS.get(entry.kind, entry.kind), _versions(answers, user))


def _versions(rows: list[MatterText], user: User) -> list[Version]:
    """Return versions, the newest of each language first and marked."""
    seen: set[str] = set()
    found = []
    for row in rows:
        found.append(Version(row, row.written_by_id == user.pk, row.language not in seen))
        seen.add(row.language)
    return found


def _address(row: object) -> str:
    """Return the page of what a link names, where there is one."""
    kind, target = getattr(row, "kind", ""), getattr(row, "target", "")
    digits = target.rpartition("-")[2]
    page = PAGES.get(kind, "")
    return reverse(page, args=[int(digits)]) if page and digits.isdigit() else ""


def _add(user: User, number: int, post: QueryDict) -> None:
    given = files.EntryGiven(
        kind=post.get("kind", ""),
        title=post.get("title", ""),
        text=post.get("text", ""),
        happens_at=moments.moment(post.get("happens_at", ""), "happens_at"),
    )
    files.add_entry(house.current(), user, number, given)


def _write(user: User, number: int, post: QueryDict) -> None:
    given = texts.TextGiven(
        kind=post.get("text_kind", ""),
        text=post.get("words", ""),
        language=post.get("language", ""),
        question=moments.number(post.get("question", "")),
    )
    texts.write_text(house.current(), user, number, given)


def _link(user: User, number: int, post: QueryDict) -> None:
    kind, target = post.get("link_kind", ""), post.get("target", "")
    files.link(house.current(), user, number, kind, target)


def _named(post: QueryDict, name: str) -> int:
    return moments.number(post.get(name, "")) or 0


ACTS: Final[dict[str, Callable[[User, int, QueryDict], object]]] = {
    "entry": _add,
    "text": _write,
    "link": _link,
    "strike": lambda user, _n, post: files.strike_entry(
        house.current(), user, _named(post, "entry")
    ),
    "approve": lambda user, _n, post: texts.approve(house.current(), user, _named(post, "version")),
    "give": lambda user, _n, post: texts.give(house.current(), user, _named(post, "version")),
    "withdraw": lambda user, _n, post: texts.withdraw(
        house.current(), user, _named(post, "version")
    ),
    "close": lambda user, number, _post: files.close_matter(house.current(), user, number),
}


@needs(Permission.MATTER_EDIT)
@require_POST
def add_document(request: HttpRequest, number: int) -> HttpResponse:
    """Seal a document into a file."""
    given = request.FILES.get("file")
    try:
        if given is None or (given.size or 0) > MAX_BYTES:
            raise InvalidInputError(
                _("A document has 1 byte to 20 MB."), code="document_size", field="file"
            )
        name, mime = given.name or "document", given.content_type or ""
        documents.add_document(house.current(), person(request), number, given.read(), name, mime)
    except VigieError as problem:
        return _page(request, number, problem, problem.http_status)
    return HttpResponseRedirect(reverse("console:matter", args=[number]))


@needs(Permission.MATTER_READ)
@require_POST
def open_document(request: HttpRequest, number: int) -> HttpResponse:
    """Hand out a document as a file that no browser shows; recorded before."""
    row, data = documents.open_document(house.current(), person(request), number)
    answer = HttpResponse(data, content_type="application/octet-stream")
    answer["Content-Disposition"] = f'attachment; filename="M-{row.matter_id}-{row.pk}.bin"'
    return answer


@needs(Permission.MATTER_READ)
@require_POST
def export_file(request: HttpRequest, number: int) -> HttpResponse:
    """Hand out the file as JSON, without privileged notes; recorded."""
    found = files.find(person(request), number)
    made = export.export_matter(house.current(), found, person(request))
    body = json.dumps(made, ensure_ascii=False, indent=1)
    answer = HttpResponse(body, content_type="application/json; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="M-{number}.json"'
    return answer
