# SPDX-License-Identifier: Apache-2.0
"""The search: its state is the address, so that a search can be sent to a colleague."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast
from urllib.parse import urlencode

from django.http import HttpResponseRedirect, StreamingHttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from vigie.console.desk import needs, person, show
from vigie.console.found import chips, rows
from vigie.core.errors import InvalidInputError
from vigie.flow import house
from vigie.flow.search import SearchError, Target, access, parse, query, saved, table
from vigie.flow.search.fields import FIELDS, SCORE
from vigie.store.permissions import Permission
from vigie.web import csv_rows
from vigie.web.templatetags.vigie_tags import whole

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpRequest, HttpResponse

    from vigie.flow.search.nodes import Node
    from vigie.flow.search.query import OfDecisions, Page
    from vigie.store.models import User

TABS: Final = {
    Target.DECISIONS: gettext_lazy("Decisions"),
    Target.ITEMS: gettext_lazy("Items"),
    Target.AUTHORS: gettext_lazy("Authors"),
}
EXAMPLES: Final = (
    ("at >= -7d and decision.outcome = withhold", gettext_lazy("withheld in the last seven days")),
    ("policy = denial and territory = FR", gettext_lazy("a policy in one country")),
    ("item.language = de and score.denial >= 0.9", gettext_lazy("a language with a high score")),
    (
        "decision.by = person and decision.replaced = yes",
        gettext_lazy("a person’s, since replaced"),
    ),
    ("matched ~ bank:", gettext_lazy("everything that a bank of hashes matched")),
)


HELP: Final = (*FIELDS, SCORE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the address asks for."""

    target: OfDecisions
    text: str
    node: Node | None
    """None: nothing was asked, or it could not be read."""
    problem: InvalidInputError | None
    before: int | None
    now: int


@needs(Permission.SEARCH_USE)
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Show what an expression finds, what it was understood as, and how to write one."""
    user = person(request)
    asked = _read(request, user)
    context: dict[str, object] = {
        "room": "search",
        "asked": asked,
        "tabs": [(one, words, _address(one, asked.text)) for one, words in TABS.items()],
        "saved": [(row, _address(row.target, row.expression)) for row in saved.of_person(user)],
        "own": user.pk,
        "fields": [(one, _address(asked.target, one.example) if one.kept else "") for one in HELP],
        "examples": [(text, words, _address(asked.target, text)) for text, words in EXAMPLES],
        "longest_name": saved.LONGEST_NAME,
    }
    if asked.node is not None:
        context |= _found(asked, asked.node, user)
    # What cannot be read is still a page: the field keeps what was typed.
    return show(request, "search.html", context, status=422 if asked.problem else 200)


def _found(asked: Asked, node: Node, user: User) -> dict[str, object]:
    hidden = access.hidden_from(user)
    page = query.page(node, asked.target, asked.now, asked.before, hidden)
    parts = chips.chips(node, asked.now)
    by_author = asked.target is Target.AUTHORS
    return {
        "chips": [
            (one, None if one.without is None else _address(asked.target, one.without))
            for one in parts
        ],
        "count": _count(page, asked.target),
        "rows": [] if by_author else rows.results(page.rows, user),
        "authors": rows.authors(page.rows, asked.now) if by_author else [],
        "older": page.older,
        "csv": _address(asked.target, asked.text, "console:search_csv"),
        "mask_word": _("masked"),
    }


def _count(page: Page, target: Target) -> str:
    """Say how many fit; beyond a limit only that there are more."""
    if page.count > query.MOST_COUNTED:
        return _("more than %(count)s") % {"count": whole(query.MOST_COUNTED)}
    words = {
        Target.DECISIONS: ngettext("%(count)s decision", "%(count)s decisions", page.count),
        Target.ITEMS: ngettext("%(count)s item", "%(count)s items", page.count),
        Target.AUTHORS: ngettext("%(count)s author", "%(count)s authors", page.count),
    }
    return words[target] % {"count": whole(page.count)}


def _read(request: HttpRequest, user: User) -> Asked:
    given = request.GET.get("target", "")
    target: OfDecisions = next((one for one in saved.TARGETS if one == given), Target.DECISIONS)
    text = request.GET.get("q")
    before = request.GET.get("before", "")
    node, problem = None, None
    if text is not None:
        try:
            node = read_for(text, user)
        except SearchError as refused:
            problem = refused
    return Asked(
        target=target,
        text=text or "",
        node=node,
        problem=problem,
        before=int(before) if before.isascii() and before.isdigit() and len(before) < 16 else None,
        now=house.current().now(),
    )


def read_for(text: str, user: User) -> Node:
    """Read an expression that a person may ask; SearchError says what is wrong with it."""
    node = parse(text.strip())
    access.check_fields(node, user)
    query.check_kept(node)
    return node


def _address(target: str, text: str, name: str = "console:search") -> str:
    return f"{reverse(name)}?{urlencode({'target': str(target), 'q': text})}"


@needs(Permission.SEARCH_USE)
@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """Send all results as CSV, group by group; persons by role number, words masked."""
    user = person(request)
    asked = _read(request, user)
    if asked.node is None:
        raise asked.problem or InvalidInputError(_("There is nothing to search for."), field="q")
    words = user.has_perm(Permission.CONTENT_READ)
    head = [*table.COLUMNS, *(["words_masked"] if words else [])]
    answer = StreamingHttpResponse(
        csv_rows.lines(head, _lines(asked, asked.node, user, words=words)),
        content_type="text/csv; charset=utf-8",
    )
    answer["Content-Disposition"] = f'attachment; filename="vigie-{asked.target}.csv"'
    return cast("HttpResponse", answer)


def _lines(asked: Asked, node: Node, user: User, *, words: bool) -> Iterator[list[object]]:
    mask = f"[{_('masked')}]"
    for group in query.every(node, asked.target, asked.now, access.hidden_from(user)):
        texts = [_masked(one, mask) for one in rows.results(group, user)] if words else []
        for place, row in enumerate(table.plain(group)):
            yield [*table.flat(row), *([texts[place]] if words else [])]


def _masked(row: rows.Result, mask: str) -> str:
    return "".join(mask if one.by else one.text for one in row.said)


@needs(Permission.SEARCH_USE)
@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Keep a search under a name."""
    given = request.POST
    row = saved.save(
        house.current(),
        person(request),
        given.get("name", ""),
        given.get("target", ""),
        given.get("q", ""),
        shared=given.get("shared") == "1",
    )
    return HttpResponseRedirect(_address(row.target, row.expression))


@needs(Permission.SEARCH_USE)
@require_POST
def change(request: HttpRequest, number: int) -> HttpResponse:
    """Rename, share or forget one of one's own searches."""
    user, verb = person(request), request.POST.get("verb", "")
    if verb == "rename":
        saved.rename(user, number, request.POST.get("name", ""))
    elif verb in {"share", "unshare"}:
        saved.share(user, number, shared=verb == "share")
    elif verb == "delete":
        saved.delete(user, number)
    else:
        raise InvalidInputError(_("This cannot be done with a search."), field="verb")
    return HttpResponseRedirect(_address(request.POST.get("target", ""), request.POST.get("q", "")))
