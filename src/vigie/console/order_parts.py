# SPDX-License-Identifier: Apache-2.0
"""Two parts of an order's page: who it is from, and which data may leave.

What the order says of itself stands apart from what was proven. Nothing here looks
an account up: the part is the same whether one exists or not.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from vigie.flow import house as houses
from vigie.flow.orders import (
    authorities,
    coverage,
    disclose,
    emergency,
    may_prove,
    narrow,
    prove,
    supply,
)
from vigie.law import orders as forms
from vigie.store.models import (
    Authority,
    AuthorityContact,
    ContactKind,
    EmergencyRelease,
    Order,
    OrderData,
    OrderDocument,
    OrderProof,
    OrderState,
    Proof,
    SecondPersonRequest,
    SecondPersonState,
    User,
)
from vigie.store.permissions import Permission

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from vigie.flow.house import House

MOST: Final = 40
"""Contacts that are offered at once; the rest by the directory."""
PROOFS: Final[dict[str, _StrPromise]] = {
    Proof.SIGNATURE: gettext_lazy("Signature"),
    Proof.CALL_BACK: gettext_lazy("Call-back"),
    Proof.EEVIDENCE: gettext_lazy("e-Evidence system"),
    Proof.DECLARED_CONTACT: gettext_lazy("Declared contact"),
}


SIGNABLE: Final = ("application/pdf", "application/xml")
SIGNATURES: Final[dict[str, _StrPromise]] = {
    "": gettext_lazy("its signature holds, its signer stands in the directory"),
    "broken": gettext_lazy("its signature is broken: it was changed after it was signed"),
    "not_whole": gettext_lazy("its signature does not cover all of it"),
    "expired": gettext_lazy("the certificate of its signature had expired"),
    "unknown_signer": gettext_lazy("its signer is not in the directory"),
    "replayed": gettext_lazy("this very document came before: it proves nothing again"),
    "not_covered": gettext_lazy("its signature holds; it does not say all that the order asks"),
}
CANNOT_CHECK: Final = gettext_lazy("its signature cannot be checked")
NOT_CHECKED: Final = gettext_lazy(
    "a signature on it would not cover what was typed or sent beside it"
)


@dataclass(frozen=True, slots=True)
class Shown:
    """One proof as the page shows it; `lapsed` says why it does not hold."""

    proof: OrderProof
    words: str
    lapsed: str


@dataclass(frozen=True, slots=True)
class Offered:
    """One contact that could be asked, or why it proves nothing of this order."""

    contact: AuthorityContact
    problem: str


@dataclass(frozen=True, slots=True)
class Paper:
    """One document with what its signatures say."""

    document: OrderDocument
    words: str
    bad: bool
    comparable: bool
    """True where a second officer may compare the order with its signed words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """The part "who it is from"."""

    order: Order
    holds: bool
    why_not: str
    """Why nothing may leave yet."""
    proofs: list[Shown]
    papers: list[Paper]
    numbers: list[Offered]
    declared: list[Offered]
    may_prove: bool
    may_call: bool
    """False for who recorded or works on the order."""
    open: bool
    needed: list[str]
    """The proofs that suffice for its form, in words."""
    hints: list[str]


def who(user: User, order: Order, now: int) -> Who:
    """Gather who an order is from, for a person who may read orders."""
    why = prove.why_not(order)
    form = forms.load().get(order.form)
    needed = prove.enough(form) if form is not None else frozenset()
    contacts = _contacts(order)
    return Who(
        order=order,
        holds=not why,
        why_not=why,
        proofs=_proofs(order),
        papers=_papers(order),
        numbers=_offered(order, contacts, Proof.CALL_BACK, now),
        declared=_offered(order, contacts, Proof.DECLARED_CONTACT, now)
        if Proof.DECLARED_CONTACT in needed
        else [],
        may_prove=user.has_perm(Permission.ORDER_PROVE),
        may_call=user.pk not in {order.recorded_by_id, order.owner_id, order.decided_by_id},
        open=order.state != OrderState.CLOSED,
        needed=[str(words) for proof, words in PROOFS.items() if proof in needed],
        hints=_hints(order, contacts),
    )


def _proofs(order: Order) -> list[Shown]:
    rows = order.proofs.select_related("contact__authority", "by", "withdrawn_by")
    return [
        Shown(
            one,
            str(PROOFS.get(one.proof, one.proof)),
            may_prove.lapsed(order, one, strict=False),
        )
        for one in rows.order_by("-at", "-pk")
    ]


def _papers(order: Order) -> list[Paper]:
    """Return the documents that carry a signature, or could, with what was found."""
    rows = order.documents.filter(mime__in=SIGNABLE).order_by("pk")
    found = [_paper(one) for one in rows]
    return [one for one in found if one is not None]


def _paper(document: OrderDocument) -> Paper | None:
    problem = document.signature.get("problem")
    if problem == "unsigned":
        return None
    if problem is None:
        return Paper(document, str(NOT_CHECKED), bad=False, comparable=True)
    words = str(SIGNATURES.get(problem, CANNOT_CHECK))
    return Paper(document, words, bad=bool(problem), comparable=problem == "not_covered")


def _contacts(order: Order) -> list[AuthorityContact]:
    """Return contacts of the order's authority, else of those that it may be, best name first."""
    rows = AuthorityContact.objects.filter(withdrawn_at=None, authority__closed_at=None)
    rows = rows.select_related("authority", "entered_by", "checked_by")
    if order.authority_id is not None:
        return list(rows.filter(authority=order.authority_id).order_by("kind", "value")[:MOST])
    likely = _likely(order)
    found = list(rows.filter(authority__in=likely).order_by("kind", "value"))
    return sorted(found, key=lambda one: likely.index(one.authority))[:MOST]


def _likely(order: Order) -> list[Authority]:
    """Return the authorities that it may be from, those named alike first; never by a mail."""
    named = str(order.fields.get("issuing_authority") or order.sender).casefold()
    rows = list(authorities.listed(country=order.country)[:500])
    alike = [one for one in rows if one.name.casefold() in named or named in one.name.casefold()]
    return (alike if named else []) or rows[:MOST]


def _offered(
    order: Order, contacts: list[AuthorityContact], proof: Proof, now: int
) -> list[Offered]:
    kinds = may_prove.CONTACT_OF[proof]
    fitting = [one for one in contacts if one.kind in kinds]
    if proof is Proof.DECLARED_CONTACT:
        fitting = [one for one in fitting if one.declared]
    return [Offered(one, may_prove.contact_problem(order, one, proof, now)[1]) for one in fitting]


def _hints(order: Order, contacts: list[AuthorityContact]) -> list[str]:
    """Return what a person should see before they trust it; none of it proves or disproves."""
    return [one for one in (_same_reference(order), _address(order, contacts)) if one]


def _same_reference(order: Order) -> str:
    if not order.reference.strip():
        return ""
    rows = Order.objects.filter(reference=order.reference).exclude(pk=order.pk)
    numbers = list(rows.order_by("-number").values_list("number", flat=True)[:5])
    listed = ", ".join(f"O-{one}" for one in numbers)
    words = _("The same reference stands in %(orders)s: compare sender and scope.")
    return words % {"orders": listed} if numbers else ""


def _address(order: Order, contacts: list[AuthorityContact]) -> str:
    address = order.reply_to.strip().lower()
    known = {one.value for one in contacts if one.kind == ContactKind.MAIL}
    if not address or address in known:
        return ""
    domains = {one.rpartition("@")[2] for one in known}
    if address.rpartition("@")[2] in domains:
        return _("The reply address has the domain of a known contact and is none: no proof.")
    return _("The reply address is not in the directory. Answers go to a contact of it alone.")


@dataclass(frozen=True, slots=True)
class Line:
    """One row of data that the order asks for, as it can be ticked."""

    row: OrderData
    category: str
    covered: bool
    law: str
    why: str
    sealed: int = 0
    """Files of account data that were sealed for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    """The part "which data may leave"."""

    order: Order
    lines: list[Line]
    holds: bool
    why_not: str
    may_decide: bool
    own_call: bool
    """True: this person called back, so another decides."""
    granted: bool
    beyond: bool
    letters: int
    releases: list[EmergencyRelease]
    asked: SecondPersonRequest | None
    """An emergency that waits for its second person."""
    open: bool
    leaves: bool
    """True while what was granted may leave on it."""

    @property
    def can_supply(self) -> list[Line]:
        """The rows for which this person may seal what the platform looked up."""
        may = self.may_decide and self.holds and self.leaves and not self.own_call
        return [one for one in self.lines if may and one.covered and one.row.granted]

    @property
    def can_grant(self) -> bool:
        """True where something can be ticked."""
        return self.holds and self.open and any(one.covered for one in self.lines)


def data(user: User, order: Order) -> Data | None:
    """Gather which data an order asks for; None where it asks for none."""
    rows = coverage.asked(order)
    if not rows:
        return None
    why = prove.why_not(order, discloses=True)
    mine = order.proofs.filter(proof=Proof.CALL_BACK, withdrawn_at=None, by=user)
    return Data(
        order=order,
        lines=_lines(order, rows),
        holds=not why,
        why_not=why,
        may_decide=user.has_perm(Permission.ORDER_EXECUTE),
        own_call=mine.exists(),
        granted=any(one.row.granted for one in rows),
        beyond=any(not one.covered for one in rows),
        letters=order.letters.filter(kind=narrow.kind_of(order)).count(),
        releases=emergency.waiting(order),
        asked=_asked(order),
        open=order.state != OrderState.CLOSED,
        leaves=order.outcome not in disclose.NOTHING_LEAVES,
    )


def _lines(order: Order, rows: list[coverage.Asked]) -> list[Line]:
    """Return the rows, each with how much account data was sealed for it."""
    sealed = Counter(
        (one.service, one.author, one.meta.get("category")) for one in supply.supplied(order)
    )
    known = houses.current()
    return [
        Line(
            one.row,
            one.words,
            one.covered,
            one.law,
            one.why,
            sealed[_whose(known, one.row)] if sealed else 0,
        )
        for one in rows
    ]


def _whose(house: House, row: OrderData) -> tuple[str, str, str]:
    return row.service, house.pseudonym(row.service, row.account), row.category


def _asked(order: Order) -> SecondPersonRequest | None:
    rows = SecondPersonRequest.objects.filter(
        kind=emergency.KIND, state=SecondPersonState.WAITING, payload__order=order.number
    )
    return rows.select_related("asked_by").order_by("-pk").first()


def form_title(order: Order) -> str:
    """Return the title of an order's form in the language of the page."""
    form = forms.load().get(order.form)
    return form.title(get_language() or "en") if form is not None else order.form
