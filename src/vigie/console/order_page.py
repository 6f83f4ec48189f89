# SPDX-License-Identifier: Apache-2.0
"""The page of one order: its clocks, what of its form holds, what will happen, what was written.

No picture and no word of an item is shown here: carrying an order out needs no
viewing. Nothing looks up an account.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from vigie.console import duties, order_parts
from vigie.flow.orders import agree, answering, complete, effects, execute, letters, listing
from vigie.flow.orders.effects import Found
from vigie.flow.orders.execute import Plan
from vigie.flow.orders.letters import sending
from vigie.flow.orders.targets import CHILD, Named
from vigie.law import orders as forms
from vigie.law.order_form import Aim
from vigie.store.models import (
    AuthorityContact,
    DecisionRecord,
    Order,
    OrderLetter,
    OrderLocation,
    SecondPersonRequest,
    User,
)
from vigie.store.permissions import Permission
from vigie.web.tiles import TileMap, tile_map

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from vigie.flow.house import House

OUTCOMES: Final[dict[str, _StrPromise]] = {
    "followed": gettext_lazy("followed"),
    "narrowed": gettext_lazy("followed in part"),
    "refused": gettext_lazy("refused"),
    "impossible": gettext_lazy("cannot be done"),
    "withdrawn": gettext_lazy("taken back"),
    "restricted": gettext_lazy("restricted on a ground of our own finding"),
    "left": gettext_lazy("left as it is"),
    "merged": gettext_lazy("came twice"),
}
FOUND: Final[dict[Found, tuple[str, _StrPromise]]] = {
    Found.CONFIRMED: ("done", gettext_lazy("confirmed by the platform")),
    Found.PARTLY: ("partial", gettext_lazy("confirmed in part")),
    Found.FAILED: ("failed", gettext_lazy("the platform could not do it")),
    Found.SENT: ("waits", gettext_lazy("sent, not confirmed")),
    Found.WAITING: ("waits", gettext_lazy("decided, not sent yet")),
    Found.UNKNOWN: ("person", gettext_lazy("not found; the letter says so")),
    Found.LEFT_OUT: ("held", gettext_lazy("left out")),
}
KINDS: Final[dict[str, _StrPromise]] = {
    "receipt": gettext_lazy("Receipt"),
    "clarification": gettext_lazy("Asks for what is missing"),
    "refusal": gettext_lazy("Refusal"),
    "narrowing": gettext_lazy("Says what is not covered"),
    "impossible": gettext_lazy("Cannot be done"),
    "annex_ii": gettext_lazy("Annex II, measure taken"),
    "annex_iii": gettext_lazy("Annex III, cannot be carried out"),
    "eevidence_annex_iii": gettext_lazy("Annex III, cannot be carried out"),
    "effect": gettext_lazy("Report of effect"),
    "disclosure": gettext_lazy("Information handed over"),
    "preservation": gettext_lazy("Preserved"),
    "reinstated": gettext_lazy("Restored"),
    "silence_end": gettext_lazy("The silence has ended"),
    "assessment": gettext_lazy("Answer to a referral"),
}
_SENT: Final[dict[str, tuple[str, _StrPromise]]] = {
    "sent": ("done", gettext_lazy("sent")),
    "failed": ("failed", gettext_lazy("could not be delivered")),
    "written": ("waits", gettext_lazy("written, not sent")),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """One field of the form and whether it holds."""

    label: str
    value: str
    holds: bool
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One location as the page shows it."""

    location: OrderLocation
    address: str
    shape: str
    words: str
    why: str
    link: str
    """The decision about it, where this person may see it."""
    number: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One letter with what became of it."""

    row: OrderLetter
    words: str
    shape: str
    state: str
    waits: bool
    contacts: list[AuthorityContact]


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the history."""

    at: int
    words: str


def context(house: House, user: User, order: Order) -> dict[str, object]:
    """Return everything that the page of an order shows."""
    now = house.now()
    plan = execute.plan(order)
    rows = list(order.clocks.select_related("owner").order_by("due_at"))
    first = listing.next_clock(order)
    asked = agree.waiting(order)
    return {
        "room": "orders",
        "order": order,
        "label": f"O-{order.number}",
        "title": duties.title_of(order.form),
        "state": duties.order_states()[order.state],
        "outcome": OUTCOMES.get(answering.outcome_of(order), answering.outcome_of(order)),
        "clock": duties.clock_of(first, now) if first else None,
        "clocks": [duties.clock_row(one, now) for one in rows],
        "elements": list(elements(order)),
        "who": order_parts.who(user, order, now),
        "data": order_parts.data(user, order),
        "documents": list(order.documents.order_by("pk")),
        "letters": [_letter(house, one) for one in order.letters.order_by("pk")],
        "events": history(order),
        "asked": asked,
        "kind": form_kind(plan),
        "around": around(order),
        "can": can(user, order, plan, asked),
        "needs_number": not _may_agree(user, asked),
        "packages": list(order.packages.order_by("at")),
        "may_package": plan.form.discloses and user.has_perm(Permission.EVIDENCE_PACKAGE),
        **_removal(user, order, plan),
    }


def form_kind(plan: Plan) -> str:
    """Say what a page is about: `removal`, `referral`, or what is answered elsewhere."""
    if plan.form.aim in (Aim.REMOVAL, Aim.PRESERVATION):
        return "removal" if plan.form.aim is Aim.REMOVAL else "preservation"
    return "referral" if plan.form.aim is Aim.REFERRAL else "other"


def _removal(user: User, order: Order, plan: Plan) -> dict[str, object]:
    """Return what will happen, or what happened, to the content that is named."""
    if plan.form.aim not in (Aim.REMOVAL, Aim.REFERRAL):
        return {"places": [], "copies": [], "map": None, "plan": plan}
    done = order.executed_at is not None
    places = (
        [_done(user, one) for one in effects.standing(order).places]
        if done
        else [_planned(user, one) for one in plan.named]
    )
    return {
        "plan": plan,
        "places": places,
        "copies": [] if done or plan.form.aim is Aim.REFERRAL else plan.copies,
        "unseen": sum(not one.seen for one in plan.named),
        "map": _map(plan, done=done) if plan.territories else None,
    }


def _map(plan: Plan, *, done: bool) -> TileMap:
    return tile_map(dict.fromkeys(plan.territories, "withheld" if done else "waits"))


def _planned(user: User, one: Named) -> Place:
    if not one.possible:
        shape, words = "person", _("no address: nobody can be told of it")
    elif not one.seen:
        shape, words = "held", _("never seen here: the platform says whether it knows it")
    else:
        shape, words = "waits", _("found")
    return Place(
        location=one.location,
        address=one.location.url or one.place.item_id,
        shape=shape,
        words=words,
        why="",
        link=_link(user, one.head),
        number=one.head.number if one.head and _link(user, one.head) else None,
    )


def _done(user: User, one: effects.Place) -> Place:
    shape, words = FOUND[one.found]
    return Place(
        location=one.location,
        address=one.location.url or one.location.item_id,
        shape=shape,
        words=str(words),
        why=one.why,
        link=_link(user, one.location.decision),
        number=one.location.decision_id if _link(user, one.location.decision) else None,
    )


def _link(user: User, row: DecisionRecord | None) -> str:
    if row is None or not user.has_perm(Permission.DECISION_READ):
        return ""
    if row.cls == CHILD and not user.has_perm(Permission.CHILD_READ):
        return ""
    return reverse("console:decision", args=[row.number])


def elements(order: Order) -> Iterator[Element]:
    """Yield the fields of the form with their values, and which of them hold."""
    form = forms.load().get(order.form)
    if form is None:
        return
    spoken = (get_language() or "en")[:2]
    wrong = {one.field for one in complete.check(form, order.fields)} | set(order.missing)
    for field in form.fields:
        value = order.fields.get(field.name)
        needed = field.needed(order.fields)
        if not needed and value in (None, "", [], False) and field.name not in wrong:
            continue
        yield Element(
            label=field.label(spoken),
            value=_said(field, value, spoken),
            holds=field.name not in wrong,
            why=_("missing, unreadable or not in a language that we declared")
            if field.name in wrong
            else "",
        )


def _said(field: Any, value: Any, spoken: str) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    known = {one.code: one.label(spoken) for one in field.options}
    many = value if isinstance(value, list) else [value] if value not in (None, "") else []
    return "\n".join(known.get(one, str(one)) for one in many)


def _letter(house: House, row: OrderLetter) -> Letter:
    shape, state = _SENT.get(row.state, _SENT["written"])
    if row.state == "written" and not sending.waits(row):
        shape, state = "waits", gettext_lazy("on its way")
    waits = sending.waits(row)
    return Letter(
        row=row,
        words=str(KINDS.get(row.kind, row.kind)),
        shape=shape,
        state=str(state),
        waits=waits,
        contacts=list(sending.contacts_of(house, row.order)) if waits else [],
    )


def history(order: Order) -> list[Event]:
    """Return what happened to an order, the oldest first."""
    found = [Event(order.received_at, _("received and logged"))]
    found += [Event(order.read_at, _("read"))] if order.read_at else []
    found += [
        Event(one.at, _("sender proven: %(how)s") % {"how": order_parts.PROOFS.get(one.proof, "")})
        for one in order.proofs.all()
    ]
    found += [
        Event(one.handed_at, _("handed over: %(package)s") % {"package": one.package_id})
        for one in order.packages.all()
        if one.handed_at is not None
    ]
    if order.executed_at:
        found.append(Event(order.executed_at, _("carried out")))
    if order.effect_at and order.locations.filter(decision__isnull=False).exists():
        found.append(Event(order.effect_at, _("all of it in effect, by the platform's word")))
    for one in order.letters.all():
        words = str(KINDS.get(one.kind, one.kind))
        found.append(Event(one.at, _("written: %(letter)s") % {"letter": words}))
        if one.sent_at:
            found.append(Event(one.sent_at, _("sent: %(letter)s") % {"letter": words}))
    if order.closed_at:
        found.append(Event(order.closed_at, _("closed")))
    return sorted(found, key=lambda one: one.at)


def around(order: Order) -> dict[str, str]:
    """Return the pages of the open orders before and after this one."""
    rows = Order.objects.filter(state__in=answering.OPEN)
    after = rows.filter(number__gt=order.number).order_by("number").first()
    before = rows.filter(number__lt=order.number).order_by("-number").first()
    return {
        "next": reverse("console:order", args=[after.number]) if after else "",
        "previous": reverse("console:order", args=[before.number]) if before else "",
    }


def can(user: User, order: Order, plan: Plan, asked: SecondPersonRequest | None) -> dict[str, bool]:
    """Say what this person could do now; the verbs check it again."""
    may = user.has_perm(Permission.ORDER_EXECUTE)
    is_open = order.state in answering.OPEN
    removal = plan.form.aim is Aim.REMOVAL
    acts = removal or plan.form.aim is Aim.PRESERVATION
    ready = may and is_open and acts and not plan.unproven
    return {
        "agree": ready and _may_agree(user, asked),
        "ask": ready and plan.second and asked is None,
        "execute": ready and not plan.second,
        "impossible": may and is_open and plan.form.aim is not Aim.REFERRAL,
        "refuse": may and is_open and plan.form.aim is not Aim.REFERRAL,
        "withdraw": may and plan.form.aim is not Aim.REFERRAL and _withdrawable(order),
        "report": may and removal and order.executed_at is not None,
        "assess": is_open
        and plan.form.aim is Aim.REFERRAL
        and user.has_perm(Permission.CASE_DECIDE),
        "record": is_open and user.has_perm(Permission.ORDER_RECORD),
        "answer": may,
    }


def _may_agree(user: User, asked: SecondPersonRequest | None) -> bool:
    return asked is not None and asked.asked_by_id != user.pk


def _withdrawable(order: Order) -> bool:
    if order.outcome in ("withdrawn", "refused", "merged"):
        return False
    if order.state in answering.OPEN:
        return True
    form = forms.load().get(order.form)
    return order.executed_at is not None and not (form is not None and form.discloses)


def annex_i(order: Order) -> bytes:
    """Return the order as it was read, as PDF."""
    form = answering.form_of(order)
    spoken = letters.language_of(order)
    return letters.order_pdf(form, order.fields, f"O-{order.number}", order.received_at, spoken)
