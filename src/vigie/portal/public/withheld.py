# SPDX-License-Identifier: Apache-2.0
"""What stands in place of an item where it is withheld: a small page for the platform.

The platform shows it (or the same as JSON) to a viewer in a country where the
item may not be seen: where, on what provision, on whose word. It names no
author and no content. Nothing is said of class child, of a decision that the
viewer's country is not part of, or of one on the terms alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from vigie.core.errors import InvalidInputError, NotFoundError, VigieError
from vigie.core.ids import parse_decision_id
from vigie.core.territory import covers
from vigie.flow import house
from vigie.flow.decided import head_of, standing
from vigie.flow.orders import hidden
from vigie.portal.naming import operator
from vigie.store.models import DecisionRecord, Order
from vigie.web import countries, lawbook
from vigie.web.middleware import CSP

if TYPE_CHECKING:
    from vigie.web.lawbook import Provision

CHILD: Final = "child"
ANYWHERE: Final = CSP.replace("frame-ancestors 'none'", "frame-ancestors *")
"""Made to be framed by the platform: it holds no form and nothing personal."""


@require_safe
def notice(request: HttpRequest, decision_id: str) -> HttpResponse:
    """Show the notice for a viewer's country (`?country=FR`)."""
    said = _said(request, decision_id)
    answer = render(request, "portal/withheld.html", said | {"operator": operator()})
    return _framed(answer)


@require_safe
def data(request: HttpRequest, decision_id: str) -> HttpResponse:
    """Return the same as JSON, and a refusal in the one shape of errors."""
    try:
        said = _said(request, decision_id)
    except VigieError as refused:
        return _framed(
            JsonResponse({"error": msgspec.to_builtins(refused.body())}, status=refused.http_status)
        )
    body = {
        "country": said["country"],
        "source": "order" if said["authority"] else "reading",
        "authority": said["authority"] or None,
        "provisions": [one.entry.provision for one in said["provisions"]],
        "text": said["text"],
        "reference": said["reference"],
    }
    return _framed(JsonResponse(body))


def _framed(answer: HttpResponse) -> HttpResponse:
    answer["Content-Security-Policy"] = ANYWHERE
    answer["Cross-Origin-Resource-Policy"] = "cross-origin"
    answer["Access-Control-Allow-Origin"] = "*"
    # Browsers go by `frame-ancestors`; this one has no word for everybody.
    answer["X-Frame-Options"] = "ALLOWALL"
    return answer


def _said(request: HttpRequest, decision_id: str) -> dict[str, Any]:
    """Return what the notice says, or raise NotFoundError where it says nothing."""
    country = request.GET.get("country", "").upper()
    if not (len(country) == 2 and country.isascii() and country.isalpha()):
        raise InvalidInputError(
            _("The viewer’s country is missing."), field="country", fix="?country=FR"
        )
    head = _standing(decision_id)
    found = _provisions(head, country)
    ordered = _order(head, country)
    if not found and ordered is None:
        raise _nothing()
    where = countries.name(country)
    if ordered is not None:
        authority = ordered.authority.name if ordered.authority else ""
        text = _("Withheld in %(country)s: order of %(authority)s") % {
            "country": where,
            "authority": authority or "—",
        }
        return {
            "country": country,
            "provisions": found,
            "reference": f"O-{ordered.number}",
            "authority": authority,
            "text": text,
        }
    names = ", ".join(dict.fromkeys(one.entry.provision for one in found))
    return {
        "country": country,
        "provisions": found,
        "reference": head.label,
        "authority": "",
        "text": _("Withheld in %(country)s: our reading of %(provision)s")
        % {"country": where, "provision": names},
    }


def _order(head: DecisionRecord, country: str) -> Order | None:
    """Return the order for which it is withheld in the country, if one is."""
    named = [
        ground.order
        for action in standing(head)
        if covers(action.territories, country)
        for ground in action.grounds
        if ground.order
    ]
    numbers = [int(one.removeprefix("O-")) for one in named]
    rows = Order.objects.filter(number__in=numbers, silent=False)
    return rows.select_related("authority").order_by("number").first()


def _standing(decision_id: str) -> DecisionRecord:
    """Return the last word about the item of a decision."""
    parse_decision_id(decision_id)
    row = DecisionRecord.objects.filter(decision_id=decision_id).first()
    if row is None or row.cls == CHILD:
        raise _nothing()
    head = head_of(row)
    if hidden.is_hidden(head.number):
        raise _nothing()
    return head


def _provisions(head: DecisionRecord, country: str) -> list[Provision]:
    """Return the provisions of what acts in the country."""
    known = house.current().law.entries
    offences = [
        ground.offence
        for action in standing(head)
        if covers(action.territories, country)
        for ground in action.grounds
        if ground.offence in known
    ]
    return lawbook.provisions([one for one in offences if one], [country])


def _nothing() -> NotFoundError:
    return NotFoundError(_("Nothing is withheld here on a legal ground."), code="not_withheld")
