# SPDX-License-Identifier: Apache-2.0
"""Hash lists: whose they are, what they hold, what owners say of an entry. Never a picture.

An entry is somebody's opinion. Entries of class `child` are shown to the child
safety role alone, hashes of notifiers to who works on the victim's path.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from vigie.console.desk import needs, person, show
from vigie.core.errors import InvalidInputError, NotFoundError, RefusedError, VigieError
from vigie.core.item import MediaFacts
from vigie.flow import house
from vigie.flow.banks import withdraw_entry
from vigie.flow.decided import by_number
from vigie.flow.pictures import known
from vigie.screening.matching.base import CLAIMS, BankClass, hex_bytes
from vigie.store.models import Bank, BankEntry, Stance
from vigie.store.permissions import Permission
from vigie.web.numbers import whole_number

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.utils.functional import _StrPromise

    from vigie.core.decision import Match
    from vigie.store.models import User

PAGE: Final = 50
MAX_REASON: Final = 300
CLASSES: Final[dict[str, _StrPromise]] = {
    "child": gettext_lazy("child abuse material"),
    "terrorist": gettext_lazy("terrorist material"),
    "intimate": gettext_lazy("intimate pictures"),
    "terms": gettext_lazy("the operator’s terms"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One list with its counts."""

    bank: Bank
    cls: str
    active: int
    withdrawn: int
    disputed: int


@needs(Permission.BANK_READ)
@require_http_methods(["GET", "HEAD", "POST"])
def banks(request: HttpRequest) -> HttpResponse:
    """List the hash lists; asked with a hash, say which of them know it."""
    context: dict[str, object] = {"room": "banks", "rows": _rows()}
    if request.method != "POST":
        return show(request, "banks.html", context)
    asked = request.POST.get("hash", "").strip().lower()[:200]
    try:
        found = _ask(asked, person(request))
    except VigieError as problem:
        context |= {"asked": asked, "problem": _("A hash is 64 hexadecimal digits, or 32 for MD5.")}
        return show(request, "banks.html", context, status=problem.http_status)
    context |= {"asked": asked, "found": found, "answered": True}
    return show(request, "banks.html", context)


def _rows() -> list[Row]:
    withdrawn = Q(entries__active=False)
    counted = Bank.objects.annotate(
        active=Count("entries", filter=~withdrawn),
        withdrawn=Count("entries", filter=withdrawn),
        disputed=Count("entries", filter=~withdrawn & ~Q(entries__opinion=Stance.POSITIVE)),
    )
    return [
        Row(one, str(CLASSES.get(one.cls, one.cls)), one.active, one.withdrawn, one.disputed)
        for one in counted.order_by("cls", "name")
    ]


def _ask(text: str, user: User) -> list[Match]:
    """Return what the lists in force say of one hash; those that a role may not see stay out."""
    size = 16 if len(text) == 32 else 32
    hex_bytes(text, size, "")
    if size == 16:
        facts = MediaFacts(status="hashes", md5=text)
    else:
        facts = MediaFacts(status="hashes", sha256=text, pdq=text)
    hidden = set() if user.has_perm(Permission.CHILD_READ) else {BankClass.CHILD.value}
    return [one for one in known.matches(house.current(), facts) if one.cls not in hidden]


@needs(Permission.BANK_READ)
@require_http_methods(["GET", "HEAD", "POST"])
def bank(request: HttpRequest, number: int) -> HttpResponse:
    """Show the entries of one list; withdraw one, with a reason."""
    row = Bank.objects.filter(pk=number).first()
    if row is None:
        raise NotFoundError(_("There is no such list."), code="no_bank")
    if request.method != "POST":
        return _page(request, row)
    try:
        _withdraw(request, row)
    except VigieError as problem:
        return _page(request, row, problem)
    return HttpResponseRedirect(f"{reverse('console:bank', args=[row.pk])}?done=1")


def _withdraw(request: HttpRequest, row: Bank) -> None:
    user = person(request)
    if not user.has_perm(Permission.BANK_EDIT) or not _may_read(user, row):
        raise RefusedError(_("Your role may not change this list."))
    reason = request.POST.get("reason", "").strip()
    if not reason or len(reason) > MAX_REASON:
        raise InvalidInputError(_("Write a reason of at most 300 characters."), field="reason")
    wanted = request.POST.get("entry", "")
    entry = row.entries.filter(pk=whole_number(wanted) or 0, active=True).first()
    if entry is None:
        raise NotFoundError(_("There is no such entry, or it is withdrawn already."))
    withdraw_entry(house.current(), entry.pk, by_number(user), reason)


def _may_read(user: User, row: Bank) -> bool:
    """Say whether a person may see the entries of a list."""
    if row.cls == BankClass.CHILD:
        return user.has_perm(Permission.CHILD_READ)
    return row.name != CLAIMS or user.has_perm(Permission.INTIMATE_CONFIRM)


def _page(request: HttpRequest, row: Bank, problem: VigieError | None = None) -> HttpResponse:
    user = person(request)
    readable = _may_read(user, row)
    wanted = request.GET.get("hash", "").strip().lower()[:64]
    entries = row.entries.prefetch_related("opinions").order_by("-pk")
    entries = entries.filter(value=wanted) if wanted else entries
    shown = entries if readable else BankEntry.objects.none()
    context: dict[str, object] = {
        "room": "banks",
        "bank": row,
        "cls": str(CLASSES.get(row.cls, row.cls)),
        "readable": readable,
        "may_withdraw": readable and user.has_perm(Permission.BANK_EDIT),
        "page": Paginator(shown, PAGE).get_page(request.GET.get("page")),
        "wanted": wanted,
        "reason": request.POST.get("reason", "")[:MAX_REASON],
        "problem": problem.message if problem is not None else "",
        "done": request.GET.get("done") == "1",
    }
    status = problem.http_status if problem is not None else 200
    return show(request, "bank.html", context, status=status)
