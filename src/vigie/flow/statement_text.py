# SPDX-License-Identifier: Apache-2.0
"""From a decision to its statement of reasons: the text and the database record.

Prepared with the decision; composed again when the effect is confirmed, since
the statement names the confirmed time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from vigie.core.actions import ACTIONS
from vigie.core.decision import Action, Decision, Ground
from vigie.core.errors import VigieError
from vigie.core.item import Surface
from vigie.exchange import transparency_database
from vigie.flow.house import House
from vigie.law.restriction import Automation, Exemption, Restriction, Source, TermsClause
from vigie.law.statement import compose
from vigie.law.wording import LANGUAGES
from vigie.store.models import PolicyRecord, StatementState

Titles = Mapping[str, Mapping[str, str]]
Applied = Mapping[tuple[str, tuple[str, ...]], int]
"""Confirmed times by action and its territories."""
DAY_MS: Final = 86_400_000
PERSON: Final = "person"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a statement may say of the item; nothing of what detectors saw."""

    surface: str
    service: str
    decided_at: int
    url: str | None = None
    published_at: str | None = None
    language: str | None = None
    has_media: bool = False
    has_text: bool = False
    automated_detection: bool = True
    source: Source = Source.OWN_INITIATIVE
    """What drew attention to it (Art. 17(3)(b) DSA)."""
    discreet: bool = False
    """What drew attention to it is not said to the author."""
    told: str | None = None
    """What the person who decided wrote about the facts, for the author."""
    told_in: Mapping[str, str] = field(default_factory=dict)
    """The same in other languages."""
    titles: Titles = field(default_factory=dict)
    """Titles of the operator's clauses, by clause and language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A statement as it is kept with its decision."""

    state: StatementState
    exception: str
    token_digest: str
    expires_at: int
    content: dict[str, Any]
    database_records: list[dict[str, Any]]


def prepare(
    decision: Decision, facts: Facts, house: House, exempt: Exemption | None = None
) -> Prepared:
    """Make the statement of a decision that restricts something.

    Under an exception of Art. 17 nothing is said to anybody: what is kept says
    which one, and holds neither page nor records. Never raises for a ground
    that cannot be worded: the statement then says with `problem` what is
    missing, and is made by a person.
    """
    expires = facts.decided_at + house.settings.statement_days * DAY_MS
    restrictions = restrictions_of(decision, facts)
    if exempt is not None:
        return Prepared(
            state=StatementState.EXEMPT,
            exception=exempt.value,
            token_digest="",
            expires_at=expires,
            content={"restrictions": msgspec.to_builtins(restrictions)},
            database_records=[],
        )
    content, database_records = worded(restrictions, house, facts.titles)
    return Prepared(
        state=StatementState.PREPARED,
        exception="",
        token_digest=digest_of(house.statement_token(decision.decision_id, expires)),
        expires_at=expires,
        content=content,
        database_records=database_records,
    )


def digest_of(token: str) -> str:
    """Return under what a statement's address is found."""
    return hashlib.sha256(token.encode()).hexdigest()


def restrictions_of(decision: Decision, facts: Facts) -> list[Restriction]:
    """Return one restriction for each action taken, the strictest first.

    What an order asked for has a page of its own (`flow.orders.statement`).
    """
    taken = [one for one in decision.actions if one.state != "proposed" and not one.ordered]
    taken.sort(key=lambda action: -ACTIONS[action.action].strictness)
    return [_restriction(action, facts) for action in taken]


def _restriction(action: Action, facts: Facts) -> Restriction:
    # What nobody but a notifier has seen came with no word of what it is.
    surface = Surface(facts.surface) if facts.surface in set(Surface) else Surface.POST
    person = action.by == PERSON
    kinds = ["text/plain"] if facts.has_text else []
    automation = Automation.FULLY
    if person:
        automation = Automation.PARTIALLY if facts.automated_detection else Automation.NOT
    return Restriction(
        action=action.action,
        territories=action.territories,
        offences=tuple(g.offence for g in action.grounds if g.offence),
        clauses=tuple(_clause(g, facts) for g in action.grounds if g.terms),
        decided_at=moment(facts.decided_at),
        until=parsed(action.until),
        automated_detection=facts.automated_detection,
        automated_decision=automation,
        source=facts.source,
        discreet=facts.discreet,
        surface=surface,
        content_types=transparency_database.content_types(
            surface, text=bool(kinds), mimes=["image/*"] if facts.has_media else []
        ),
        language=facts.language,
        created_at=parsed(facts.published_at),
        facts=facts.told,
        facts_in=dict(facts.told_in),
    )


def _clause(ground: Ground, facts: Facts) -> TermsClause:
    clause = ground.terms or ""
    return TermsClause(clause=clause, title=_title(facts.titles, clause, "en"))


def _title(titles: Titles, clause: str, language: str) -> str:
    """Return a clause's title in a language; its name where no policy gives one."""
    known = titles.get(clause, {})
    return known.get(language) or known.get("en") or clause


def clause_titles() -> dict[str, dict[str, str]]:
    """Return the titles of the operator's clauses, as the policies in force give them."""
    rows = PolicyRecord.objects.filter(current__isnull=False).select_related("current")
    documents = [row.current.document for row in rows if row.current is not None]
    terms = [document["terms"] for document in documents if document.get("terms")]
    return {one["clause"]: dict(one["title"]) for one in terms}


def worded(
    restrictions: list[Restriction], house: House, titles: Titles
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the page's content by language and the records for the database.

    `restrictions` keeps what both were made of, so that they can be made again
    with the confirmed time. Further restrictions of one decision stand under
    `more`; each has a record of its own.
    """
    content: dict[str, Any] = {
        "restrictions": msgspec.to_builtins(restrictions),
        "titles": {c.clause: titles.get(c.clause, {}) for one in restrictions for c in one.clauses},
    }
    if not restrictions:
        return content, []
    try:
        pages = [_pages(one, house, titles) for one in restrictions]
        content.update(pages[0])
        if len(pages) > 1:
            content["more"] = pages[1:]
    except VigieError as problem:
        content["problem"] = problem.code
    return content, [_database_record(one, house) for one in restrictions]


def _pages(restriction: Restriction, house: House, titles: Titles) -> dict[str, Any]:
    return {
        language: msgspec.to_builtins(
            compose(_in_language(restriction, titles, language), house.law, language)
        )
        for language in LANGUAGES
    }


def _in_language(restriction: Restriction, titles: Titles, language: str) -> Restriction:
    if not restriction.clauses:
        return restriction
    clauses = tuple(
        msgspec.structs.replace(c, title=_title(titles, c.clause, language))
        for c in restriction.clauses
    )
    return msgspec.structs.replace(restriction, clauses=clauses)


def _database_record(restriction: Restriction, house: House) -> dict[str, Any]:
    """Return the record, or why there is none (outside the EEA, no ground)."""
    try:
        puid = transparency_database.new_puid()
        return transparency_database.to_record(restriction, house.law, puid)
    except VigieError as problem:
        return {"not_sent": problem.code}


def again(content: Mapping[str, Any], applied: Applied) -> list[Restriction]:
    """Return the restrictions of a kept statement, each with its confirmed time."""
    kept = msgspec.convert(content.get("restrictions", []), list[Restriction], strict=False)
    return [_confirmed(one, applied) for one in kept]


def _confirmed(one: Restriction, applied: Applied) -> Restriction:
    at = applied.get((one.action.value, tuple(one.territories)))
    return one if at is None else msgspec.structs.replace(one, applied_at=moment(at))


def moment(ms: int) -> datetime:
    """Return milliseconds as a moment in UTC."""
    return datetime.fromtimestamp(ms / 1000, UTC)


def parsed(text: str | None) -> datetime | None:
    """Return a time as the platform wrote it; None where it does not parse."""
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
