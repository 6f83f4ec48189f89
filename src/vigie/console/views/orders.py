# SPDX-License-Identifier: Apache-2.0
"""Orders of authorities by the time that is left, and the clocks of every duty."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from vigie.console import duties, timeline
from vigie.console.clocks import HOUR, Clock, clock
from vigie.console.desk import needs, person, show
from vigie.core.errors import ConflictError, NotFoundError
from vigie.flow import house as houses
from vigie.flow.orders import clocks as flow_clocks
from vigie.flow.orders import listing, owner
from vigie.flow.queues import access
from vigie.law import orders as forms
from vigie.store.models import Case, CaseState, DutyClock, Order, Queue
from vigie.store.permissions import Permission
from vigie.web.numbers import whole_number

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from vigie.store.models import User

DAY: Final = 24 * HOUR
SUBJECTS: Final = ("order", "report", "silence", "search", "evidence", "matter", "case")
_DUE: Final = {"hour": HOUR, "day": DAY, "late": 0}


@needs(Permission.ORDER_READ)
@require_safe
def orders(request: HttpRequest) -> HttpResponse:
    """List orders, the one due first on top, with the line of the time that is left."""
    now = houses.current().now()
    form, state, due = (request.GET.get(name, "") for name in ("form", "state", "due"))
    states = duties.order_states()
    state = state if state in states or state == "all" else "open"
    rows = listing.orders(
        form=form if form in forms.load() else "",
        state="" if state == "all" else state,
        due=now + _DUE[due] if due in _DUE else None,
    )
    number = _page(request)
    page = listing.page_of_orders(rows, number)
    shown = [duties.order_row(one, now) for one in cast("list[Order]", page.rows)]
    own = {one.order.pk for one in shown if one.clock is not None and one.clock.kind == "soft"}
    context: dict[str, object] = {
        "room": "orders",
        "rows": shown,
        "page": page,
        "line": timeline.draw(_on_line(shown), now, own),
        "numbers": listing.numbers(now),
        "form": form,
        "state": state,
        "due": due,
        "forms": [(one.id, one.title(_language(request))) for one in forms.received_here()],
        "states": list(states.items()),
        "dues": [
            ("hour", _("within the hour")),
            ("day", _("within 24 hours")),
            ("late", _("late")),
        ],
        "may_act": person(request).has_perm(Permission.ORDER_EXECUTE),
        "record_link": duties.place("order_record")
        if person(request).has_perm(Permission.ORDER_RECORD)
        else "",
    }
    return show(request, "orders.html", context)


def _language(request: HttpRequest) -> str:
    return str(getattr(request, "LANGUAGE_CODE", "en"))[:2]


def _on_line(rows: list[duties.OrderRow]) -> list[tuple[Order, int]]:
    """Return the orders of the page that have a clock, the one due first at the left."""
    timed = [(one.order, one.due) for one in rows if one.due is not None]
    return sorted(timed, key=lambda pair: pair[1])


def _page(request: HttpRequest) -> int:
    number = whole_number(request.GET.get("page", "")) or 1
    return min(number, listing.MOST_PAGES)


@needs(Permission.ORDER_EXECUTE)
@require_POST
def take(request: HttpRequest, number: int) -> HttpResponse:
    """Take an order, or give it back."""
    row = Order.objects.filter(pk=number).first()
    if row is None:
        raise NotFoundError(_("There is no such order."), code="no_order")
    act = owner.give_back if request.POST.get("do") == "back" else owner.take
    act(person(request), row)
    return HttpResponseRedirect(reverse("console:orders"))


@needs(Permission.ORDER_READ)
@require_safe
def clocks(request: HttpRequest) -> HttpResponse:
    """List the clocks of all duties, those of cases on request."""
    user, now = person(request), houses.current().now()
    subject, state = request.GET.get("about", ""), request.GET.get("state", "open")
    subject = subject if subject in SUBJECTS else ""
    state = state if state in listing.STATES else "open"
    mine = bool(request.GET.get("mine"))
    number = _page(request)
    context: dict[str, object] = {
        "room": "clocks",
        "about": subject,
        "state": state,
        "mine": mine,
        "subjects": _subjects(),
        "states": _states(),
        "late": listing.late(user).count(),
        "soon": listing.soon(user, now).count(),
        "now": now,
        "may_act": user.has_perm(Permission.ORDER_EXECUTE),
    }
    if subject == "case":
        context |= _of_cases(user, now, number)
        return show(request, "clocks.html", context)
    rows = listing.clocks(user, now, subject=subject, state=state, mine=mine)
    page = listing.page_of_clocks(rows, number)
    shown = [duties.clock_row(one, now) for one in cast("list[DutyClock]", page.rows)]
    return show(request, "clocks.html", context | {"rows": shown, "page": page})


@needs(Permission.ORDER_EXECUTE)
@require_POST
def go_on(request: HttpRequest, number: int) -> HttpResponse:
    """Let a stopped clock go on with the time it had left."""
    row = DutyClock.objects.filter(pk=number).first()
    if row is None:
        raise NotFoundError(_("There is no such clock."), code="no_clock")
    house = houses.current()
    count = flow_clocks.go_on(house, row.subject, row.number, user=person(request))
    if not count:
        raise ConflictError(_("This clock is not stopped."), code="not_paused")
    return HttpResponseRedirect(f"{reverse('console:clocks')}?state=open&about={row.subject}")


def _subjects() -> list[tuple[str, str]]:
    return [
        ("order", _("orders")),
        ("report", _("reports")),
        ("silence", _("silences")),
        ("search", _("searches")),
        ("evidence", _("evidence")),
        ("matter", _("matters")),
        ("case", _("cases of queues")),
    ]


def _states() -> list[tuple[str, str]]:
    return [
        ("open", _("still open")),
        ("late", _("late")),
        ("soon", _("due within 24 hours")),
        ("paused", _("stopped")),
        ("done", _("done or fallen away")),
    ]


def _of_cases(user: User, now: int, number: int) -> dict[str, object]:
    """Return the clocks of law of cases in the queues that a person sees; never class child."""
    queues = [row.slug for row in access.queues_of(user) if row.slug != Queue.CHILD]
    rows = Case.objects.filter(state=CaseState.OPEN, queue__in=queues, due_at__isnull=False)
    rows = rows.exclude(clock="").exclude(category__in=user.barred).order_by("due_at", "pk")
    start = (number - 1) * listing.PAGE
    found = list(rows.select_related("decision")[start : start + listing.PAGE + 1])
    pairs: list[tuple[Case, Clock | None]] = [
        (one, clock(one, now)) for one in found[: listing.PAGE]
    ]
    page = listing.Page([], number, len(found) > listing.PAGE)
    return {"cases": pairs, "page": page}
