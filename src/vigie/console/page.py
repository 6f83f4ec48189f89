# SPDX-License-Identifier: Apache-2.0
"""What the page of one decision shows, gathered from the records of its chain."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vigie.console import present, queries, recent
from vigie.core.actions import ACTIONS
from vigie.core.territory import EVERYWHERE
from vigie.flow.decide import case_of
from vigie.store.models import (
    Case,
    CaseState,
    Confirmation,
    DecisionKind,
    DecisionRecord,
    Effect,
    ItemContent,
    OutgoingTask,
    Statement,
)
from vigie.web import lawbook
from vigie.web.countries import by_name
from vigie.web.text import Piece, pieces, whole_words
from vigie.web.tiles import TileMap, tile_map

if TYPE_CHECKING:
    from vigie.console.names import Names
    from vigie.core.decision import Decision, Reason, Signal, Verdict
    from vigie.store.models import ReviewQueue
    from vigie.web.lawbook import Provision

CHILD: Final = queries.CHILD
NOT_SEEN: Final = gettext_lazy(
    "Vigie has not seen this item: it knows the address from a notice alone."
)


@dataclass(frozen=True, slots=True)
class ReasonRow:
    """One policy: what it said and why."""

    verdict: Verdict
    title: str
    """The policy's title in the language of the page; empty where it is not known."""
    provisions: list[str]
    proposed: present.State
    decided: present.State


@dataclass(frozen=True, slots=True)
class SignalRow:
    """One signal with the limit it was held against, if a policy named one."""

    number: int
    signal: Signal
    by_model: bool
    limit: float | None


@dataclass(frozen=True, slots=True)
class CountryRow:
    """Countries with the same state on the same provisions, together."""

    codes: list[str]
    provisions: list[Provision]
    effect: present.Place | None
    word: str


@dataclass(frozen=True, slots=True)
class Event:
    """One line of what happened, in order."""

    at: int
    words: str
    link: str = ""


@dataclass(slots=True)
class Page:
    """Everything about one decision that a person with the right may see."""

    record: DecisionRecord
    decision: Decision
    origin: DecisionRecord
    first: Decision
    chain: list[DecisionRecord]
    case: Case | None
    effects: list[Effect] = field(default_factory=list)
    statement: Statement | None = None
    tasks: list[OutgoingTask] = field(default_factory=list)
    content: ItemContent | None = None
    """The item itself, for those who may read it."""
    mine: list[ReviewQueue] = field(default_factory=list)
    """Queues of who looks, on a page that decides."""
    said: list[Piece] = field(default_factory=list)
    said_masked: list[Piece] = field(default_factory=list)
    words_gone: str = ""
    links: list[str] = field(default_factory=list)
    """What the item points to: shown as text, never to be followed by a click."""

    @property
    def state(self) -> present.State:
        """What the decision did, in words."""
        return present.state(self.record)

    @property
    def is_open(self) -> bool:
        """True while the proposal waits for a person."""
        return self.case is not None and self.case.state == CaseState.OPEN

    @property
    def map(self) -> TileMap:
        """The tile map: what holds, and what is proposed while the case is open."""
        return tile_map(present.tile_states(self.effects, self.proposed))

    @property
    def proposed(self) -> list[str]:
        """Where the decision proposes something to a person."""
        waiting = [one for one in self.decision.actions if one.state == "proposed"]
        return sorted({code for action in waiting for code in action.territories})

    @property
    def head(self) -> DecisionRecord:
        """The last word about this version of the item."""
        return self.chain[-1]

    @property
    def unseen(self) -> bool:
        """True for what Vigie knows from a notice alone."""
        return self.origin.kind == DecisionKind.NOTICE

    @property
    def is_child(self) -> bool:
        """True where nothing but hashes and references may be shown."""
        queue = self.case.queue if self.case is not None else ""
        return CHILD in (self.record.cls, self.origin.cls, queue)


def load(record: DecisionRecord, *, may_read_words: bool) -> Page:
    """Gather the page; words of class child are never read."""
    page = case_alone(record, may_read_words=may_read_words)
    page.effects = list(record.effects.order_by("position"))
    page.statement = Statement.objects.filter(decision=record).first()
    page.tasks = list(record.tasks.select_related("endpoint").order_by("id"))
    return page


def case_alone(record: DecisionRecord, *, may_read_words: bool) -> Page:
    """Gather what is there before anything was decided: the item, its chain, its case."""
    chain = _chain(record)
    origin = chain[0]
    page = Page(
        record=record,
        decision=present.decision_of(record),
        origin=origin,
        first=present.decision_of(origin),
        chain=chain,
        case=case_of(record),
    )
    _add_words(page, may_read_words=may_read_words)
    return page


def _chain(record: DecisionRecord) -> list[DecisionRecord]:
    """Return all decisions about the same version, the first one first."""
    if record.supersedes_id is None and record.superseded_by is None:
        return [record]
    same = DecisionRecord.objects.filter(
        service=record.service, item_id=record.item_id, version=record.version
    )
    by_number = {one.number: one for one in same.filter(duplicate_of=None).order_by("number")}
    first = record
    while first.supersedes_id is not None and first.supersedes_id in by_number:
        first = by_number[first.supersedes_id]
    chain = [first]
    while (following := chain[-1].superseded_by) in by_number:
        chain.append(by_number[following])
    return chain if record in chain else [*chain, record]


def _add_words(page: Page, *, may_read_words: bool) -> None:
    """Put the item's words on the page, or say why they are not there."""
    record = page.record
    if page.is_child:
        page.words_gone = _("Class child: no words and no picture are kept or shown.")
    elif not may_read_words:
        page.words_gone = _("Your role sees no content.")
    else:
        row = queries.contents([record]).get((record.service, record.item_id, record.version))
        if row is None:
            page.words_gone = _("The words are not kept any more, or never were.")
            if page.unseen:
                page.words_gone = str(NOT_SEEN)
        else:
            page.content = row
            page.links = list(row.links)
            if not row.text:
                page.words_gone = str(NOT_SEEN) if page.unseen else _("The item has no words.")
            marks = present.marks(page.first)
            page.said = pieces(row.text, marks)
            page.said_masked = pieces(row.text, whole_words(row.text, marks))


def reasons(page: Page) -> list[ReasonRow]:
    """Return why, policy by policy; a policy with many grounds is one row."""
    decided = page.chain[-1] if len(page.chain) > 1 else None
    waiting = present.State("person", _("waits")) if page.is_open else present.State("", "—")
    answer = present.state(decided) if decided is not None else waiting
    groups: dict[tuple[str, int, str], list[Verdict]] = {}
    for verdict in page.first.verdicts:
        key = (verdict.policy, verdict.version, verdict.state)
        groups.setdefault(key, []).append(verdict)
    known = recent.titles_of((name, version) for name, version, _state in groups)
    return [
        ReasonRow(
            group[0],
            known.get((name, version), ""),
            _provision_names(group),
            _proposal(page, group),
            answer,
        )
        for (name, version, _state), group in groups.items()
    ]


def _provision_names(group: list[Verdict]) -> list[str]:
    """Return the provisions and clauses that a policy rests on."""
    offences = [one.ground.offence for one in group if one.ground.offence]
    names = [entry.provision for entry in lawbook.entries(offences)]
    clauses = dict.fromkeys(one.ground.terms for one in group if one.ground.terms)
    return names + [_("terms: %(clause)s") % {"clause": clause} for clause in clauses]


def _proposal(page: Page, group: list[Verdict]) -> present.State:
    """Say what a policy asked for, in the words of the actions it is a ground of."""
    if group[0].state != "live":
        return present.State("", _("nothing: in shadow"))
    asked = {verdict.ground for verdict in group}
    for action in page.first.actions:
        if asked & set(action.grounds):
            shape = "proposed" if action.state == "proposed" else "partial"
            words = present.action(action.action)
            if ACTIONS[action.action].territorial:
                words = f"{words}, {present.where(action.territories)}"
            return present.State(shape, words)
    return present.State("", _("nothing"))


def signals(page: Page) -> list[SignalRow]:
    """Return the signals, failed ones too, each with its limit."""
    limits = _limits(page.first.verdicts)
    return [
        SignalRow(
            number,
            signal,
            present.is_model(signal.detector),
            limits.get(f"{signal.detector}/{signal.label}"),
        )
        for number, signal in enumerate(page.first.signals, start=1)
    ]


def _limits(verdicts: tuple[Verdict, ...]) -> dict[str, float]:
    """Return the limit that each signal was held against."""
    found: list[Reason] = [reason for verdict in verdicts for reason in verdict.reasons]
    return {r.signal: r.limit for r in found if r.signal is not None and r.limit is not None}


def countries(page: Page) -> list[CountryRow]:
    """Return the full table behind the map; countries that are alike share a row."""
    effects: dict[str, present.Place] = {}
    for effect in reversed(page.effects):
        effects |= {code: present.place(effect, code) for code in effect.territories}
    codes = [code for code in by_name({*effects, *page.proposed}) if code != EVERYWHERE]
    drawn = tile_map(present.tile_states(page.effects, page.proposed))
    words = {tile.code: tile.word for tile in [*drawn.tiles, *drawn.outside]}
    rows: dict[object, CountryRow] = {}
    for code, found in _provisions(page, codes).items():
        place = effects.get(code)
        alike = (tuple(one.entry.id for one in found), place, words[code])
        row = rows.setdefault(alike, CountryRow([], found, place, words[code]))
        row.codes.append(code)
    return sorted(rows.values(), key=lambda row: not row.provisions)


def _provisions(page: Page, codes: list[str]) -> dict[str, list[Provision]]:
    """Return the provisions of each country, none for a country without."""
    found: dict[str, list[Provision]] = {code: [] for code in codes}
    offences = page.record.offences or page.origin.offences
    for provision in lawbook.provisions(offences, codes):
        found[provision.country].append(provision)
    return found


def terms(page: Page) -> str:
    """Return the clauses of the terms that are a ground."""
    clauses = {v.ground.terms for v in page.first.verdicts if v.ground.terms}
    return ", ".join(_("terms: %(clause)s") % {"clause": clause} for clause in sorted(clauses))


def events(page: Page, by: Names) -> list[Event]:
    """Return what happened, the oldest first; only what has a record."""
    lines = [_decided(record, by) for record in page.chain]
    if page.case is not None:
        lines.append(Event(page.case.opened_at, _("case opened: waits for a person")))
    ours = Confirmation.objects.filter(decision__in=page.chain)
    lines += [
        Event(
            one.received_at,
            _("the platform confirmed: %(where)s") % {"where": present.where(one.territories)},
        )
        for one in ours
    ]
    for statement in Statement.objects.filter(decision__in=page.chain):
        lines.append(Event(statement.prepared_at, _("statement of reasons prepared")))
        if statement.issued_at:
            lines.append(Event(statement.issued_at, _("statement of reasons issued")))
        if statement.lifted_at:
            lines.append(Event(statement.lifted_at, _("restriction lifted; the statement says so")))
    return sorted(lines, key=lambda event: event.at)


def _decided(record: DecisionRecord, by: Names) -> Event:
    if record.kind == DecisionKind.PERSON:
        words = _("%(label)s: %(name)s decided") % {
            "label": record.label,
            "name": by.of(record.decided_by),
        }
    elif record.kind == DecisionKind.ORDER:
        words = _("%(label)s: for an order of an authority") % {"label": record.label}
    else:
        words = _("%(label)s: screened, snapshot %(snapshot)s") % {
            "label": record.label,
            "snapshot": record.snapshot,
        }
    return Event(record.at, f"{words} · {present.state(record).words}")
