# SPDX-License-Identifier: Apache-2.0
"""The statement of reasons for the person concerned, and how anyone can check us.

A statement stands at an address that nobody can guess and that ends with its
term; the page says what, where, why, whether automated and how to contest
(Art. 17 of Regulation (EU) 2022/2065), never a score, a detector or a list.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from vigie import __version__
from vigie.core.errors import NotFoundError
from vigie.flow import child_items, house
from vigie.flow.orders import hidden
from vigie.flow.statement_text import digest_of
from vigie.law import Origin
from vigie.portal import verifier
from vigie.portal.appeal import contest as contests
from vigie.portal.content import show
from vigie.portal.naming import operator
from vigie.portal.public import texts as public
from vigie.store.models import PolicyState, PolicyVersion, Statement, StatementState
from vigie.web import proofs
from vigie.web.titles import title_of

if TYPE_CHECKING:
    from django.http import HttpRequest

    from vigie.law import Entry
    from vigie.portal.appeal.contest import Contest

TOKEN_LENGTH: Final = 32
CHILD: Final = "child"
_CLOSED: Final = (StatementState.CANCELLED, StatementState.EXEMPT)


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """Say what Vigie does here, what works, and how to check it."""
    settings = house.current().settings
    context = {
        "operator": operator(),
        "checkpoint": proofs.latest(),
        "origin": settings.log_origin,
        "number": settings.log_origin.rsplit("/", 1)[-1],
        "policies": _policies(),
        "shipped": sum(one.is_ground and one.origin is Origin.VIGIE for one in _entries()),
        "own_law": [one for one in _entries() if one.origin is Origin.OPERATOR],
        "verifier_sha256": verifier.sha256(),
        "version": __version__,
        "archive_days": settings.archive_days,
        "statement_days": settings.statement_days,
        "texts": public.texts(),
        "statements": public.on_proceedings(),
        "changes": public.changes(),
        "coverage": public.coverage(),
    }
    return render(request, "portal/start.html", context)


def _policies() -> list[tuple[PolicyVersion, str]]:
    """Return the policies that are evaluated, each with its title."""
    found = PolicyVersion.objects.filter(state__in=(PolicyState.LIVE, PolicyState.SHADOW))
    rows = found.select_related("policy").order_by("policy__policy_id")
    return [(one, title_of(one.document)) for one in rows]


def _entries() -> list[Entry]:
    """Return the law entries that this server decides by, in the order of their ids."""
    return list(house.current().law.entries.values())


@require_safe
def statement(request: HttpRequest, token: str) -> HttpResponse:
    """Show a statement in the language of the reader."""
    return statement_page(request, token)


def statement_page(
    request: HttpRequest, token: str, *, contest: Contest | None = None, status: int = 200
) -> HttpResponse:
    """Render a statement, with the form to contest it as it was typed."""
    row = find(token)
    action = reverse("portal:statement-contest", args=[token])
    context = {
        "operator": operator(),
        "shown": show(row, translation.get_language() or "en"),
        "row": row,
        "record": row.decision,
        "said": _said(row),
        "checkpoint": proofs.latest(),
        "has_proof": row.decision.cls != CHILD,
        "token": token,
        "contest": contest or contests.of(action, contests.form_of(statement=row)),
    }
    return render(request, "portal/statement.html", context, status=status)


@require_safe
def statement_proof(request: HttpRequest, token: str) -> HttpResponse:  # noqa: ARG001
    """Hand out the proof file; class child names category and action only, so has none."""
    row = find(token)
    if row.decision.cls == CHILD:
        raise _none()
    made = proofs.make(row.decision)
    answer = HttpResponse(made.data, content_type="application/json; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{row.decision.label}.json"'
    return answer


def find(token: str) -> Statement:
    """Return the statement of an address; one answer for unknown, ended and withdrawn."""
    if len(token) != TOKEN_LENGTH or not token.isascii():
        raise _none()
    row = Statement.objects.select_related("decision").filter(token_digest=digest_of(token)).first()
    if row is None or row.state in _CLOSED or hidden.is_hidden(row.decision_id):
        raise _none()
    if not row.token_expires_at or row.token_expires_at <= house.current().now():
        raise _none()
    return row


def _none() -> NotFoundError:
    return NotFoundError(
        _("There is no statement at this address."),
        code="no_statement",
        fix=_("The address may be incomplete, or its time is over. The operator can help."),
    )


def _said(row: Statement) -> dict[str, Any] | None:
    """Return the person's own words, while they are kept; never for class child."""
    record = row.decision
    if record.cls == CHILD:
        return None
    content = (
        child_items.shown()
        .filter(service=record.service, item_id=record.item_id, version=record.version)
        .first()
    )
    if content is None or not content.text:
        return None
    return {"text": content.text, "language": record.language}
