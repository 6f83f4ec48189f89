# SPDX-License-Identifier: Apache-2.0
"""The record of a statement for the EU's transparency database.

Regulation (EU) 2022/2065 Art. 24(5): decisions and statements go to the
Commission's database without undue delay and without personal data. This
module makes and checks records; it sends nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from vigie.core.errors import InvalidInputError
from vigie.core.item import Surface
from vigie.core.territory import EVERYWHERE
from vigie.exchange.scrub import personal, scrub
from vigie.exchange.statement_rules import (
    ILLEGAL,
    INCOMPATIBLE,
    Problem,
    day_of,
    validate,
)
from vigie.law.codes import statement_codes
from vigie.law.entry import Cls, Codes, Entry
from vigie.law.restriction import (
    Restriction,
    TermsClause,
    classes_of,
    codes_of,
    entries_of,
)
from vigie.law.statement import check_grounds
from vigie.law.table import EU, LawTable
from vigie.law.wording import wording

__all__ = ["concerns", "content_types", "new_puid", "scope_of", "to_record", "validate"]

OTHER_KEYWORD: Final = "KEYWORD_OTHER"
_MORE: Final = "; and further provisions"
_SYNTHETIC: Final = "CONTENT_TYPE_SYNTHETIC_MEDIA"
_MEDIA: Final = {
    "image": "CONTENT_TYPE_IMAGE",
    "video": "CONTENT_TYPE_VIDEO",
    "audio": "CONTENT_TYPE_AUDIO",
    "text": "CONTENT_TYPE_TEXT",
}
_END_DATES: Final = (
    "end_date_visibility_restriction",
    "end_date_monetary_restriction",
    "end_date_service_restriction",
    "end_date_account_restriction",
)
_FREE_TEXTS: Final = (
    "decision_facts",
    "illegal_content_explanation",
    "incompatible_content_explanation",
    "source_identity",
)
_BY_CLASS: Final = {
    Cls.CHILD: "STATEMENT_CATEGORY_PROTECTION_OF_MINORS",
    Cls.INTIMATE: "STATEMENT_CATEGORY_CYBER_VIOLENCE",
    Cls.HARASSMENT: "STATEMENT_CATEGORY_CYBER_VIOLENCE",
    Cls.MINORS_EXPOSURE: "STATEMENT_CATEGORY_PROTECTION_OF_MINORS",
    Cls.TERRORIST: "STATEMENT_CATEGORY_RISK_FOR_PUBLIC_SECURITY",
    Cls.VIOLENCE: "STATEMENT_CATEGORY_VIOLENCE",
}
_SPEECH: Final = "STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH"


def new_puid() -> str:
    """Return a random identifier; it is published and says nothing of anybody."""
    return secrets.token_urlsafe(24)


def scope_of(restriction: Restriction) -> tuple[str, ...]:
    """Return the countries the database knows (the EEA), in order.

    Empty where the restriction holds outside the EEA only: nothing is sent.
    """
    known = statement_codes().countries
    if restriction.everywhere:
        return tuple(sorted(known))
    return tuple(sorted(known.intersection(restriction.territories)))


def content_types(
    surface: Surface, *, text: bool, mimes: Iterable[str | None] = ()
) -> tuple[str, ...]:
    """Return the content type codes of an item; `OTHER` where nothing is known.

    Media that an AI made are synthetic media besides what they are.
    """
    found = {"CONTENT_TYPE_TEXT"} if text else set()
    media = {_MEDIA.get((mime or "").partition("/")[0], "CONTENT_TYPE_OTHER") for mime in mimes}
    if media and surface is Surface.AI_OUTPUT:
        media.add(_SYNTHETIC)
    return tuple(sorted(found | media)) or ("CONTENT_TYPE_OTHER",)


def to_record(restriction: Restriction, table: LawTable, puid: str) -> dict[str, Any]:
    """Return the full record of a restriction, without personal data.

    Raises InvalidInputError where the restriction holds outside the EEA only
    (`outside_eea`), where a territory has no ground (`no_ground`), or where the
    record does not fit (`statement_record`).
    """
    scope = scope_of(restriction)
    if not scope:
        raise InvalidInputError(
            "The transparency database knows the countries of the EEA only.",
            code="outside_eea",
            field="territorial_scope",
        )
    check_grounds(restriction, table)
    entries = _entries(restriction, table, scope)
    record = {
        "puid": puid,
        "decision_visibility": [restriction.action.value],
        "territorial_scope": list(scope),
        "source_type": restriction.source.value,
        "automated_detection": "Yes" if restriction.automated_detection else "No",
        "automated_decision": restriction.automated_decision.value,
        "decision_facts": _facts_text(restriction, entries),
        **_ground(restriction, entries),
        **_categories(restriction, entries),
        **_content(restriction),
        **_dates(restriction),
    }
    return _checked(record)


def _checked(record: dict[str, Any]) -> dict[str, Any]:
    for problem in validate(record):
        raise InvalidInputError(
            f"The record does not fit the transparency database: {problem.message}.",
            code="statement_record",
            field=problem.field,
        )
    return dict(sorted(record.items()))


def _entries(
    restriction: Restriction, table: LawTable, scope: tuple[str, ...]
) -> tuple[Entry, ...]:
    """Return the grounds that act within the scope, the scope's own law first."""
    acting = [
        entry
        for entry in entries_of(restriction, table)
        if set(entry.territories) & {*scope, EVERYWHERE}
    ]
    own = [entry for entry in acting if entry.jurisdiction in {*scope, EU}]
    return tuple(own or acting)


def _facts_text(restriction: Restriction, entries: tuple[Entry, ...]) -> str:
    """Return the facts in English; class `child` says nothing but its category."""
    words = wording("en")
    classes = classes_of(entries, restriction.clauses)
    if Cls.CHILD in classes:
        return words.category.format(category=words.categories[_BY_CLASS[Cls.CHILD]])
    told = [words.sources[restriction.source], *(words.facts[cls] for cls in classes)]
    facts = restriction.told("en")
    if facts:
        told.append(facts)
    return _cut(scrub(" ".join(told)), 5000)


def _ground(restriction: Restriction, entries: tuple[Entry, ...]) -> dict[str, Any]:
    """Return the legal ground, or the contractual one where no law is named."""
    words = wording("en")
    if entries:
        meanings = dict.fromkeys(words.meaning[entry.cls] for entry in entries)
        return {
            "decision_ground": ILLEGAL,
            "illegal_content_legal_ground": _provisions(entries),
            "illegal_content_explanation": _cut(" ".join([words.illegal_short, *meanings]), 2000),
        }
    clauses = restriction.clauses
    told = "; ".join(f"{clause.clause} ({clause.title})" for clause in clauses)
    return {
        "decision_ground": INCOMPATIBLE,
        "incompatible_content_ground": _cut(scrub(told), 500),
        "incompatible_content_explanation": _cut(_incompatible(clauses), 2000),
        **({"decision_ground_reference_url": clauses[0].url} if clauses[0].url else {}),
    }


def _incompatible(clauses: tuple[TermsClause, ...]) -> str:
    words = wording("en")
    told = (
        scrub(words.clause.format(clause=clause.clause, title=clause.title)) for clause in clauses
    )
    return " ".join(told)


def _provisions(entries: tuple[Entry, ...]) -> str:
    """Name the provisions by country, as many as the field holds."""
    told = ""
    for entry in entries:
        more = f"{entry.jurisdiction}: {entry.provision}"
        longer = f"{told}; {more}" if told else more
        if len(longer) > 500 - len(_MORE):
            return (told or more[: 500 - len(_MORE)]) + _MORE
        told = longer
    return told


def _categories(restriction: Restriction, entries: tuple[Entry, ...]) -> dict[str, Any]:
    grounds = () if entries else restriction.clauses
    codes = codes_of(restriction, entries, grounds) or (_fallback(entries),)
    category = codes[0].category
    other = sorted({code.category for code in codes} - {category})
    keywords = sorted({keyword for code in codes for keyword in code.keywords})
    texts = dict.fromkeys(code.other_text for code in codes if code.other_text)
    found: dict[str, Any] = {"category": category}
    if other:
        found["category_addition"] = other
    if keywords:
        found["category_specification"] = keywords
    if texts and OTHER_KEYWORD in keywords:
        found["category_specification_other"] = _cut("; ".join(texts), 500)
    return found


def _fallback(entries: tuple[Entry, ...]) -> Codes:
    """Return a category by class where the law data maps no codes."""
    return Codes(_BY_CLASS.get(entries[0].cls, _SPEECH), (), None)


def _content(restriction: Restriction) -> dict[str, Any]:
    types = sorted(set(restriction.content_types) or {"CONTENT_TYPE_OTHER"})
    if restriction.synthetic and _SYNTHETIC not in types:
        types = sorted([*types, _SYNTHETIC])
    found: dict[str, Any] = {"content_type": types}
    if "CONTENT_TYPE_OTHER" in types:
        found["content_type_other"] = restriction.surface.value.replace("_", " ")
    language = (restriction.language or "").upper()[:2]
    if language in statement_codes().languages:
        found["content_language"] = language
    return found


def _dates(restriction: Restriction) -> dict[str, str]:
    """Return the days; without a time of publication, the day of the decision."""
    found = {
        "content_date": _day(restriction.created_at or restriction.decided_at),
        "application_date": _day(restriction.starts),
    }
    if restriction.until is not None:
        found["end_date_visibility_restriction"] = _day(restriction.until)
    return found


def _day(moment: datetime) -> str:
    return moment.astimezone(UTC).date().isoformat()


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"


def concerns(record: Mapping[str, Any]) -> list[Problem]:
    """Return what the database accepts and we do not send.

    An unstated scope, an end before the start, a keyword of another category,
    lists that are not in order, personal data in free text.
    """
    return [*_scope_concerns(record), *_code_concerns(record), *_text_concerns(record)]


def _scope_concerns(record: Mapping[str, Any]) -> Iterator[Problem]:
    if not record.get("territorial_scope"):
        yield Problem("territorial_scope", "absent", "is always sent")
    for name in ("territorial_scope", "decision_visibility", "content_type"):
        if list(record.get(name) or ()) != sorted(record.get(name) or ()):
            yield Problem(name, "order", "is sent in order")
    start = day_of(record.get("application_date"))
    for name in _END_DATES:
        end = day_of(record.get(name))
        if start and end and end < start:
            yield Problem(name, "range", "lies before the start")


def _code_concerns(record: Mapping[str, Any]) -> Iterator[Problem]:
    codes = statement_codes()
    categories = [record.get("category", ""), *(record.get("category_addition") or ())]
    for keyword in record.get("category_specification") or ():
        if not any(codes.belongs(category, keyword) for category in categories):
            yield Problem("category_specification", "category", "belongs to another category")
    if record.get("category") in (record.get("category_addition") or ()):
        yield Problem("category_addition", "repeated", "holds the main category")


def _text_concerns(record: Mapping[str, Any]) -> Iterator[Problem]:
    for name in _FREE_TEXTS:
        if personal(record.get(name) or ""):
            yield Problem(name, "personal", "may hold personal data")
