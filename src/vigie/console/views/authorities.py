# SPDX-License-Identifier: Apache-2.0
"""The sender directory: authorities, their contacts, and who looked them up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from vigie.console.desk import chosen, needs, person, show
from vigie.core.errors import NotFoundError, VigieError
from vigie.flow import house
from vigie.flow.orders import authorities as verbs
from vigie.store.models import AuthorityContact, AuthorityKind, ContactKind
from vigie.store.permissions import Permission

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse, QueryDict

    from vigie.store.models import Authority, User

SHOWN: Final = 100
KINDS: Final = {
    AuthorityKind.COURT.value: gettext_lazy("court"),
    AuthorityKind.PROSECUTOR.value: gettext_lazy("public prosecutor"),
    AuthorityKind.POLICE.value: gettext_lazy("police"),
    AuthorityKind.REGULATOR.value: gettext_lazy("regulator"),
    AuthorityKind.DATA_PROTECTION.value: gettext_lazy("data protection authority"),
    AuthorityKind.REFERRAL_UNIT.value: gettext_lazy("referral unit: it refers, it orders nothing"),
    AuthorityKind.OTHER.value: gettext_lazy("other"),
}
CONTACTS: Final = {
    ContactKind.PHONE.value: gettext_lazy("Telephone"),
    ContactKind.MAIL.value: gettext_lazy("Mail"),
    ContactKind.POST.value: gettext_lazy("Post"),
    ContactKind.CERTIFICATE.value: gettext_lazy("Certificate, SHA-256"),
    ContactKind.EEVIDENCE.value: gettext_lazy("Identifier in the e-Evidence system"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One authority as the list shows it."""

    authority: Authority
    kind: str
    checked: int
    """Contacts that a second person found in their source within a year."""
    unchecked: int


@dataclass(frozen=True, slots=True)
class ContactRow:
    """One contact as the page of its authority shows it."""

    contact: AuthorityContact
    kind: str
    state: str
    """`checked`, `unchecked`, `stale` or `withdrawn`."""
    own: bool
    """True: who looks entered it, and does not check it."""


@needs(Permission.ORDER_READ)
@require_http_methods(["GET", "HEAD", "POST"])
def authorities(request: HttpRequest) -> HttpResponse:
    """Show the directory; enter an authority."""
    if request.method != "POST":
        return _list(request)
    verbs.check_may(person(request))
    given = request.POST
    form = verbs.AuthorityForm(
        name=given.get("name", ""),
        country=given.get("country", ""),
        kind=given.get("kind", ""),
        note=given.get("note", ""),
    )
    try:
        made = verbs.add(house.current(), person(request), form)
    except VigieError as problem:
        return _list(request, status=problem.http_status, problem=problem, given=given)
    return HttpResponseRedirect(reverse("console:authority", args=[made.pk]))


def _list(request: HttpRequest, status: int = 200, **more: object) -> HttpResponse:
    words, country = request.GET.get("q", "")[:200], request.GET.get("country", "")[:2]
    closed = request.GET.get("closed") == "1"
    found = list(verbs.listed(words, country, closed=closed)[: SHOWN + 1])
    context: dict[str, object] = {
        "room": "authorities",
        "rows": _rows(found[:SHOWN]),
        "more": len(found) > SHOWN,
        "filters": {"q": words, "country": country, "closed": closed},
        "filtered": bool(words or country or closed),
        "kinds": KINDS.items(),
        "may_edit": person(request).has_perm(Permission.AUTHORITY_EDIT),
    }
    return show(request, "authorities.html", context | more, status=status)


def _rows(found: list[Authority]) -> list[Row]:
    """Return the rows with their contacts counted, in one query for all."""
    now = house.current().now()
    held: dict[int, list[bool]] = {one.pk: [] for one in found}
    contacts = AuthorityContact.objects.filter(authority__in=found, withdrawn_at=None)
    for one in contacts.select_related("authority"):
        held[one.authority_id].append(verbs.stands(one, now))
    return [
        Row(one, str(KINDS.get(one.kind, one.kind)), sum(held[one.pk]), held[one.pk].count(False))
        for one in found
    ]


@needs(Permission.ORDER_READ)
@require_http_methods(["GET", "HEAD", "POST"])
def authority(request: HttpRequest, number: int) -> HttpResponse:
    """Show one authority; add, check and withdraw contacts; close the entry."""
    if request.method == "POST":
        verbs.check_may(person(request))
    row = verbs.entry(number)
    if request.method != "POST":
        return _one(request, row)
    try:
        chosen(request, ACTS)(person(request), row, request.POST)
    except VigieError as problem:
        status = problem.http_status
        return _one(request, row, status=status, problem=problem, given=request.POST)
    return HttpResponseRedirect(reverse("console:authority", args=[row.pk]) + "?saved=1")


def _one(request: HttpRequest, row: Authority, status: int = 200, **more: object) -> HttpResponse:
    now, user = house.current().now(), person(request)
    contacts = row.contacts.select_related("authority", "entered_by", "checked_by")
    context: dict[str, object] = {
        "room": "authorities",
        "authority": row,
        "kind": str(KINDS.get(row.kind, row.kind)),
        "contacts": [_contact(one, user, now) for one in contacts.order_by("-entered_at", "-pk")],
        "contact_kinds": CONTACTS.items(),
        "orders": row.orders.count(),
        "may_edit": user.has_perm(Permission.AUTHORITY_EDIT) and row.closed_at is None,
        "saved": request.GET.get("saved") == "1",
    }
    return show(request, "authority.html", context | more, status=status)


def _contact(one: AuthorityContact, user: User, now: int) -> ContactRow:
    kind = str(CONTACTS.get(one.kind, one.kind))
    return ContactRow(one, kind, _state(one, now), one.entered_by_id == user.pk)


def _state(one: AuthorityContact, now: int) -> str:
    if one.withdrawn_at is not None or one.authority.closed_at is not None:
        return "withdrawn"
    if verbs.stands(one, now):
        return "checked"
    return "stale" if one.checked_at is not None else "unchecked"


def _add(user: User, row: Authority, post: QueryDict) -> None:
    form = verbs.ContactForm(
        kind=post.get("kind", ""),
        value=post.get("value", ""),
        source=post.get("source", ""),
        declared="declared" in post,
    )
    verbs.add_contact(house.current(), user, row, form)


def _check(user: User, row: Authority, post: QueryDict) -> None:
    verbs.check_contact(house.current(), user, _of(row, post))


def _withdraw(user: User, row: Authority, post: QueryDict) -> None:
    verbs.withdraw(house.current(), user, _of(row, post), post.get("reason", ""))


def _close(user: User, row: Authority, post: QueryDict) -> None:
    verbs.close(house.current(), user, row, post.get("reason", ""))


def _of(row: Authority, post: QueryDict) -> AuthorityContact:
    """Return the contact that a form names, of this authority alone."""
    text = post.get("contact", "")
    known = text.isascii() and text.isdigit() and len(text) < 16
    found = row.contacts.filter(pk=int(text)).first() if known else None
    if found is None:
        raise NotFoundError(_("There is no such contact."), code="no_contact")
    return found


ACTS: Final[dict[str, Callable[[User, Authority, QueryDict], None]]] = {
    "add": _add,
    "check": _check,
    "withdraw": _withdraw,
    "close": _close,
}
