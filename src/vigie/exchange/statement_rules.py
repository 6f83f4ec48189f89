# SPDX-License-Identifier: Apache-2.0
"""The rules of one statement in the DSA transparency database.

A validator of our own for the schema in force since 1 July 2025: it names the
fields that the database would name, and refuses a little more (unknown names,
repeated values, null where a list is meant). It does not know which `puid` is
already taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final

import msgspec

from vigie.law.codes import StatementCodes, statement_codes

ILLEGAL: Final = "DECISION_GROUND_ILLEGAL_CONTENT"
INCOMPATIBLE: Final = "DECISION_GROUND_INCOMPATIBLE_CONTENT"
RESTRICTIONS: Final = (
    "decision_visibility",
    "decision_monetary",
    "decision_provision",
    "decision_account",
)
LAST_DAY: Final = date(2038, 1, 1)
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_URL: Final = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://\S+")
_PUID: Final = re.compile(r"[a-zA-Z0-9_-]+")
_EAN: Final = re.compile(r"[0-9]{13}")


class Problem(msgspec.Struct, frozen=True):
    """What the database would refuse: a field and the rule it breaks."""

    field: str
    code: str
    message: str


class Rule(msgspec.Struct, frozen=True):
    """What a field may hold.

    `values` names the accepted codes, `many` a list of them; `first` and
    `day` make it a date; otherwise it is text of at most `longest`.
    """

    required: bool = False
    null: bool = True
    values: str | None = None
    many: bool = False
    longest: int = 0
    form: str | None = None
    day: bool = False
    first: date | None = None


_FORMS: Final = {"url": _URL, "puid": _PUID, "ean": _EAN}
_END: Final = Rule(day=True)
RULES: Final[dict[str, Rule]] = {
    "puid": Rule(required=True, null=False, longest=500, form="puid"),
    "decision_visibility": Rule(values="decision_visibility", many=True),
    "decision_visibility_other": Rule(longest=500),
    "end_date_visibility_restriction": _END,
    "decision_monetary": Rule(values="decision_monetary"),
    "decision_monetary_other": Rule(longest=500),
    "end_date_monetary_restriction": _END,
    "decision_provision": Rule(values="decision_provision"),
    "end_date_service_restriction": _END,
    "decision_account": Rule(values="decision_account"),
    "end_date_account_restriction": _END,
    "account_type": Rule(values="account_type"),
    "decision_ground": Rule(required=True, null=False, values="decision_ground"),
    "decision_ground_reference_url": Rule(longest=500, form="url"),
    "illegal_content_legal_ground": Rule(null=False, longest=500),
    "illegal_content_explanation": Rule(null=False, longest=2000),
    "incompatible_content_ground": Rule(null=False, longest=500),
    "incompatible_content_explanation": Rule(null=False, longest=2000),
    "incompatible_content_illegal": Rule(null=False, values="yes_no"),
    "category": Rule(required=True, null=False, values="category"),
    "category_addition": Rule(null=False, values="category", many=True),
    "category_specification": Rule(values="category_specification", many=True),
    "category_specification_other": Rule(longest=500),
    "content_type": Rule(required=True, null=False, values="content_type", many=True),
    "content_type_other": Rule(longest=500),
    "content_language": Rule(values="languages"),
    "content_date": Rule(required=True, null=False, day=True, first=date(2000, 1, 1)),
    "content_id": Rule(form="content_id"),
    "content_id_ean": Rule(longest=13, form="ean"),
    "territorial_scope": Rule(values="countries", many=True),
    "application_date": Rule(required=True, null=False, day=True, first=date(2020, 1, 1)),
    "decision_facts": Rule(required=True, null=False, longest=5000),
    "source_type": Rule(required=True, null=False, values="source_type"),
    "source_identity": Rule(longest=500),
    "automated_detection": Rule(required=True, null=False, values="yes_no"),
    "automated_decision": Rule(required=True, null=False, values="automated_decision"),
}
_GROUND_FIELDS: Final = {
    ILLEGAL: ("illegal_content_legal_ground", "illegal_content_explanation"),
    INCOMPATIBLE: ("incompatible_content_ground", "incompatible_content_explanation"),
}
_OTHER_TEXTS: Final = (
    ("decision_visibility", "DECISION_VISIBILITY_OTHER", "decision_visibility_other"),
    ("decision_monetary", "DECISION_MONETARY_OTHER", "decision_monetary_other"),
    ("content_type", "CONTENT_TYPE_OTHER", "content_type_other"),
)


def validate(record: Mapping[str, Any]) -> list[Problem]:
    """Return what the database would refuse, by field; nothing if it fits."""
    found = {problem.field: problem for problem in _all(record)}
    return sorted(found.values(), key=lambda problem: problem.field)


def _all(record: Mapping[str, Any]) -> Iterator[Problem]:
    yield from _needed(record)
    for name, value in record.items():
        rule = RULES.get(name)
        if rule is None:
            yield Problem(name, "unknown", "there is no such field")
        elif name == "content_id":
            yield from _content_id(value)
        else:
            yield from _field(name, value, rule)


def _absent(record: Mapping[str, Any], name: str) -> bool:
    """An empty text, an empty list and null all count as absent."""
    return record.get(name) in (None, "", [])


def _needed(record: Mapping[str, Any]) -> Iterator[Problem]:
    for name, rule in RULES.items():
        if rule.required and _absent(record, name):
            yield _missing(name)
    if all(_absent(record, name) for name in RESTRICTIONS):
        yield from (_missing(name) for name in RESTRICTIONS)
    ground = record.get("decision_ground")
    for name in _GROUND_FIELDS.get(ground, ()) if isinstance(ground, str) else ():
        if _absent(record, name):
            yield _missing(name)
    for name, other, text in _OTHER_TEXTS:
        value = record.get(name)
        if isinstance(value, str | list) and other in value and _absent(record, text):
            yield _missing(text)


def _missing(name: str) -> Problem:
    return Problem(name, "required", "is required here")


def _field(name: str, value: Any, rule: Rule) -> Iterator[Problem]:
    """Check one field; what is absent and required is named by `_needed`."""
    if value is None:
        if not rule.null:
            yield Problem(name, "null", "is left out rather than null")
    elif rule.many:
        yield from _list(name, value, rule)
    elif not isinstance(value, str):
        yield Problem(name, "type", "must be text")
    elif rule.values:
        if value not in accepted(rule.values):
            yield Problem(name, "value", "is not an accepted code")
    elif rule.day:
        yield from _date(name, value, rule.first)
    else:
        yield from _text(name, value, rule)


def _list(name: str, value: Any, rule: Rule) -> Iterator[Problem]:
    known = accepted(rule.values or "")
    if not isinstance(value, list):
        yield Problem(name, "type", "must be a list")
    elif not all(isinstance(item, str) and item in known for item in value):
        yield Problem(name, "value", "holds a code that is not accepted")
    elif len(set(value)) != len(value):
        yield Problem(name, "repeated", "holds a code twice")


def _text(name: str, value: str, rule: Rule) -> Iterator[Problem]:
    if not value:
        yield Problem(name, "empty", "is empty")
    elif len(value) > rule.longest:
        yield Problem(name, "length", f"has more than {rule.longest} characters")
    elif rule.form and not _FORMS[rule.form].fullmatch(value):
        yield Problem(name, "form", "has not the form asked for")


def _date(name: str, value: str, first: date | None) -> Iterator[Problem]:
    day = day_of(value)
    if day is None:
        yield Problem(name, "date", "is no day written YYYY-MM-DD")
    elif day > LAST_DAY or (first is not None and day < first):
        yield Problem(name, "range", "lies outside the days accepted")


def day_of(value: object) -> date | None:
    """Read a day as the database writes it, with leading zeroes."""
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _content_id(value: Any) -> Iterator[Problem]:
    if value is None:
        return
    if not isinstance(value, Mapping) or not set(value) <= {"EAN-13"}:
        yield Problem("content_id", "type", "holds EAN-13 and nothing else")
    elif value and not (isinstance(value["EAN-13"], str) and _EAN.fullmatch(value["EAN-13"])):
        yield Problem("content_id.EAN-13", "form", "has 13 digits")


def accepted(name: str) -> frozenset[str]:
    """Return the codes that a field of this kind accepts."""
    codes: StatementCodes = statement_codes()
    if name == "yes_no":
        return frozenset(("Yes", "No"))
    if name == "countries":
        return codes.countries
    return codes.languages if name == "languages" else codes.enums[name]
