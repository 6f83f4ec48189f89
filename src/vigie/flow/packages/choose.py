# SPDX-License-Identifier: Apache-2.0
"""What goes into a package: what the scope names, and nothing beside it.

Whatever cannot be placed in the scope stays out: evidence without a time where
the scope has a period, account data without a category, anything of class
`child`. An empty choice is no package.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _

from vigie.core import clock
from vigie.core.errors import ConflictError, RefusedError
from vigie.evidence import keys as lanes
from vigie.flow.house import House
from vigie.flow.orders import disclose, prove
from vigie.flow.orders.scope import Scope, ScopeLine
from vigie.flow.packages.times import times_of
from vigie.flow.search_day import scope as warrants
from vigie.law import orders as forms
from vigie.store.models import DecisionRecord, Evidence, EvidenceKind, Order, SearchDay, User
from vigie.store.permissions import Permission

if TYPE_CHECKING:
    from django.db.models import QuerySet

CHILD: Final = "child"
CONTENT: Final = "content"
ITEMS: Final = (EvidenceKind.MEDIA, EvidenceKind.CONTEXT)
GROUP: Final = 500


@dataclass(frozen=True, slots=True)
class Chosen:
    """One sealed record, and the account as the order names it."""

    evidence: Evidence
    account: str = ""


@dataclass(frozen=True, slots=True)
class Handled:
    """Something that was received: its record, and the record that closed it."""

    what: str
    number: str
    received: str
    closed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What a package is about, what goes in, and its scope in words."""

    subject: str
    chosen: tuple[Chosen, ...]
    decisions: tuple[str, ...]
    """Records of decisions about the chosen items."""
    records: tuple[str, ...]
    """Records of the order or the search itself."""
    scope: tuple[str, ...]
    authority: str = ""
    reference: str = ""
    basis: str = ""
    order: Order | None = None
    search: SearchDay | None = None
    handled: tuple[Handled, ...] | None = None
    """Of a compliance proof: what came and what became of it."""


def check_right(user: User) -> None:
    """Raise RefusedError where a person may not make packages."""
    if not user.has_perm(Permission.EVIDENCE_PACKAGE):
        raise RefusedError(_("Your role may not make evidence packages."), code="no_permission")


def of_order(house: House, user: User, order: Order) -> Choice:
    """Return what a proven order's granted scope names.

    Raises RefusedError without permission or proof, ConflictError where nothing
    was granted or nothing sealed lies within it.
    """
    check_right(user)
    row = Order.objects.select_related("authority", "matter").get(pk=order.pk)
    prove.check_suffices(row, discloses=True)
    scope = disclose.scope_of(row)
    chosen = tuple(_within(house, scope))
    if not chosen:
        raise ConflictError(
            _("Nothing that is sealed lies within the scope of this order."),
            code="nothing_sealed",
            fix=_(
                "Seal what the platform looked up on the page of the order, or tell the "
                "authority that there is nothing."
            ),
        )
    form = forms.load().get(row.form)
    return Choice(
        subject=f"O-{row.number}",
        chosen=chosen,
        decisions=_decisions(chosen, row.received_at),
        records=_order_records(row),
        scope=tuple(_words(line) for line in scope.lines),
        authority=row.authority.name if row.authority else "",
        reference=row.reference,
        basis=form.law if form else "",
        order=row,
    )


def _within(house: House, scope: Scope) -> Iterator[Chosen]:
    """Yield the evidence of each account that one of its lines covers."""
    for service, account in scope.accounts:
        author = house.pseudonym(service, account)
        lines = scope.of(service, account)
        for row, at in _timed(_sealed().filter(service=service, author=author)):
            if any(covers(line, row, at) for line in lines):
                yield Chosen(row, account)


def _timed(rows: QuerySet[Evidence]) -> Iterator[tuple[Evidence, int | None]]:
    """Yield sealed records, each with its own time."""
    for part in batched(rows.iterator(chunk_size=GROUP), GROUP):
        times = times_of(part)
        yield from ((row, times[row.evidence_id]) for row in part)


def batched(rows: Iterable[Evidence], size: int) -> Iterator[list[Evidence]]:
    """Yield rows in lists of at most `size`."""
    left = iter(rows)
    while part := list(islice(left, size)):
        yield part


def _sealed() -> QuerySet[Evidence]:
    """Return what may go into a package at all."""
    hidden = DecisionRecord.objects.filter(cls=CHILD).values("item_id")
    rows = Evidence.objects.filter(shredded_at=None, lane=lanes.GENERAL).exclude(cls=CHILD)
    return rows.exclude(item_id__in=hidden).select_related("decision", "order").order_by("number")


def covers(line: ScopeLine, row: Evidence, at: int | None) -> bool:
    """Say whether a line of the scope covers a sealed record: category and period.

    What has no known time is covered by no line that has a period.
    """
    if row.kind in ITEMS:
        fits = line.category == CONTENT
    else:
        fits = row.kind == EvidenceKind.ACCOUNT and row.meta.get("category") == line.category
    if not fits:
        return False
    return _between(at, line.since, line.until)


def _between(at: int | None, since: int | None, until: int | None) -> bool:
    if at is None:
        return since is None and until is None
    return (since is None or at >= since) and (until is None or at <= until)


def _decisions(chosen: Iterable[Chosen], until: int) -> tuple[str, ...]:
    """Return the records of decisions about the items in the package, until the order came."""
    found: dict[str, None] = {}
    for one in chosen:
        decision = one.evidence.decision
        if decision is None or one.evidence.kind not in ITEMS:
            continue
        rows = DecisionRecord.objects.filter(
            service=decision.service,
            item_id=decision.item_id,
            version=decision.version,
            at__lte=until,
        ).exclude(cls=CHILD)
        found.update(dict.fromkeys(rows.values_list("record_id", flat=True)))
    return tuple(found)


def _order_records(order: Order) -> tuple[str, ...]:
    """Return the records of the order's own road: receipt, proofs, letters."""
    proofs = order.proofs.values_list("record_id", flat=True)
    letters = order.letters.values_list("record_id", flat=True)
    return (order.record_id, *proofs, *letters)


def _words(line: ScopeLine) -> str:
    since = clock.iso(line.since)[:10] if line.since is not None else "…"
    until = clock.iso(line.until)[:10] if line.until is not None else "…"
    return f"{line.category}: {line.account} ({line.service}), {since} / {until}"


def of_search(house: House, user: User, search: SearchDay) -> Choice:  # noqa: ARG001 - as of_order
    """Return what a search's warrant names, and the record of the day itself.

    Raises RefusedError without permission, ConflictError where the scope is
    empty. Documents set apart as counsel's are listed by the record of the day;
    they are in no package.
    """
    check_right(user)
    scope = warrants.of(search)
    if scope.is_empty:
        raise ConflictError(
            _("The scope of this search names nothing yet."), code="no_scope", field="scope"
        )
    chosen = tuple(_of_warrant(scope))
    rows = warrants.decisions(scope)
    return Choice(
        subject=f"S-{search.number}",
        chosen=chosen,
        decisions=tuple(rows.values_list("record_id", flat=True)),
        records=_search_records(search, scope),
        scope=tuple(_warrant_words(scope)),
        authority=search.authority_name,
        reference=search.warrant,
        basis=search.scope_text,
        search=search,
    )


def _of_warrant(scope: warrants.Scope) -> Iterator[Chosen]:
    """Yield the evidence of the items and decisions that the warrant names."""
    items = set(warrants.decisions(scope).values_list("service", "item_id"))
    authors = set(scope.authors)
    until = None if scope.until is None else scope.until - 1
    for row, at in _timed(_sealed()):
        of_account = row.kind == EvidenceKind.ACCOUNT and (row.service, row.author) in authors
        of_item = row.kind in ITEMS and (row.service, row.item_id) in items
        if (of_account or of_item) and _between(at, scope.after, until):
            yield Chosen(row)


def _search_records(search: SearchDay, scope: warrants.Scope) -> tuple[str, ...]:
    entries = search.entries.order_by("pk").values_list("record_id", flat=True)
    orders = warrants.orders(scope).values_list("record_id", flat=True)
    notices = warrants.notices(scope).values_list("record_id", flat=True)
    return (search.record_id, *entries, *orders, *notices)


def _warrant_words(scope: warrants.Scope) -> Iterator[str]:
    named = (
        ("items", [name for _, name in scope.items]),
        ("authors (pseudonyms)", [name for _, name in scope.authors]),
        ("services", scope.services),
        ("orders", [f"O-{one}" for one in scope.orders]),
        ("notices", [f"N-{one}" for one in scope.notices]),
    )
    for what, values in named:
        if values:
            yield f"{what}: {', '.join(values)}"
    if scope.after is not None or scope.until is not None:
        since = clock.iso(scope.after)[:10] if scope.after is not None else "…"
        until = clock.iso(scope.until)[:10] if scope.until is not None else "…"
        yield f"period: {since} / {until}"
