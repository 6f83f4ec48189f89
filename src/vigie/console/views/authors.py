# SPDX-License-Identifier: Apache-2.0
"""An author, by pseudonym: what was decided, what it counted, what others said. No name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db.models import Q, Sum
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from vigie.console.desk import needs, person, show
from vigie.console.found import rows
from vigie.core.errors import NotFoundError
from vigie.flow import house
from vigie.flow.search import Target, access, query
from vigie.flow.search.nodes import Operator, Term
from vigie.store.models import (
    DecisionRecord,
    Hold,
    ImportedRecord,
    Measure,
    Notice,
    NoticeItem,
    Strike,
    StrikeState,
    SubjectKind,
)
from vigie.store.permissions import Permission

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse

MOST: Final = 50
"""Of strikes, measures, notices, imported records and holds."""


@needs(Permission.SEARCH_USE)
@require_safe
def author(request: HttpRequest, pseudonym: str) -> HttpResponse:
    """Show what is known of an author; NotFoundError where nothing is."""
    user, now = person(request), house.current().now()
    node, hidden = Term("author", Operator.IS, (pseudonym,)), access.hidden_from(user)
    found = query.page(node, Target.DECISIONS, now, _before(request), hidden)
    seen = query.to_query(node, Target.DECISIONS, now, hidden)
    strikes = Strike.objects.filter(subject=pseudonym, subject_kind=SubjectKind.AUTHOR)
    strikes = strikes.filter(Q(decision__isnull=True) | Q(decision__in=seen))
    measures = Measure.objects.filter(subject=pseudonym, subject_kind=SubjectKind.AUTHOR)
    imported = ImportedRecord.objects.filter(author=pseudonym).order_by("-at")
    imported = imported.exclude(item_id__in=query.child_items())
    holds = Hold.objects.filter(author=pseudonym, lifted_at__isnull=True).order_by("-placed_at")
    if not (found.count or strikes.exists() or imported.exists() or holds.exists()):
        raise NotFoundError(_("Nothing is kept of this author, or you may not see it."))
    active = strikes.filter(state=StrikeState.ACTIVE, expires_at__gt=now)
    context: dict[str, object] = {
        "room": "search",
        "pseudonym": pseudonym,
        "count": found.count,
        "more": found.count > query.MOST_COUNTED,
        "most": query.MOST_COUNTED,
        "rows": rows.results(found.rows, user),
        "older": found.older,
        "before": _before(request),
        "mask_word": _("masked"),
        "now": now,
        "points": active.aggregate(sum=Sum("weight"))["sum"] or 0,
        "strikes": strikes.select_related("decision").order_by("-at")[:MOST],
        "measures": measures.order_by("-proposed_at")[:MOST],
        "notices": _notices(seen)[:MOST],
        "imported": imported[:MOST],
        "holds": holds[:MOST],
        "may_read_holds": user.has_perm(Permission.SUBJECT_ANSWER),
    }
    return show(request, "author.html", context)


def _before(request: HttpRequest) -> int | None:
    text = request.GET.get("before", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def _notices(seen: QuerySet[DecisionRecord]) -> QuerySet[Notice]:
    """Return the notices about decisions that the person may see."""
    items = NoticeItem.objects.filter(case__decision__in=seen.order_by())
    return Notice.objects.filter(pk__in=items.values("notice")).order_by("-received_at")
