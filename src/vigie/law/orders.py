# SPDX-License-Identifier: Apache-2.0
"""Forms of orders, requests and referrals as data: what each asks, starts and needs.

Facts of the law live in `orders.yaml` and `order_fields.yaml`, so that they can be
corrected without code. A form of confidence `low` never drives an automatic action.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final

import msgspec

from vigie.law import deadlines
from vigie.law.loader import LawPackError, converted, pack_error, read_yaml
from vigie.law.order_form import (
    CATEGORIES,
    Aim,
    Cover,
    Direction,
    Door,
    FieldType,
    Languages,
    Letters,
    Means,
    Option,
    OrderField,
    OrderForm,
    Req,
    SilenceRule,
    StartedClock,
    holds,
)

__all__ = [
    "CATEGORIES",
    "FIELDS_FILE",
    "FILE",
    "LANGUAGES",
    "Aim",
    "Cover",
    "Direction",
    "Door",
    "FieldType",
    "Languages",
    "Letters",
    "Means",
    "Option",
    "OrderField",
    "OrderForm",
    "Req",
    "SilenceRule",
    "StartedClock",
    "holds",
    "load",
    "read",
    "received_here",
]

FILE: Final = "orders.yaml"
FIELDS_FILE: Final = "order_fields.yaml"
LANGUAGES: Final = ("en", "fr", "de")
_ID: Final = re.compile(r"^[a-z][a-z0-9_]{1,63}$")


class _Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    as_of: str
    forms: list[dict[str, Any]]


class _Fields(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    as_of: str
    fields: dict[str, dict[str, Any]]


@cache
def load() -> Mapping[str, OrderForm]:
    """Return every form by id, in the order of its document.

    Raises LawPackError, naming file and field, for anything amiss.
    """
    folder = files("vigie.law")
    shared = folder.joinpath(FIELDS_FILE).read_text(encoding="utf-8")
    return read(FILE, folder.joinpath(FILE).read_text(encoding="utf-8"), shared)


def received_here() -> tuple[OrderForm, ...]:
    """Return the forms that the door for orders takes, in the order of their document."""
    return tuple(one for one in load().values() if one.door is Door.ORDERS)


def read(name: str, text: str, shared: str) -> Mapping[str, OrderForm]:
    """Read a document of forms strictly; LawPackError names file and field.

    A form names a field of the shared document and may change parts of it.
    """
    known = converted(read_yaml(FIELDS_FILE, shared), _Fields, FIELDS_FILE, "").fields
    document = converted(read_yaml(name, text), _Document, name, "")
    found: dict[str, OrderForm] = {}
    for number, raw in enumerate(document.forms):
        path = f"forms[{number}]"
        one = converted(_filled(raw, known, name, path), OrderForm, name, path)
        for problem in _problems(one, found, name, path):
            raise problem
        found[one.id] = one
    return MappingProxyType(found)


def _filled(
    raw: dict[str, Any], known: Mapping[str, dict[str, Any]], name: str, path: str
) -> dict[str, Any]:
    """Return a form with its fields written out."""
    fields = []
    for number, given in enumerate(raw.get("fields", ())):
        own = {"name": given} if isinstance(given, str) else dict(given)
        if "name" not in own:
            raise pack_error(name, f"{path}.fields[{number}]", "has no name", "Name the field.")
        fields.append(known.get(own["name"], {}) | own)
    return raw | {"fields": fields}


def _problems(
    one: OrderForm, before: Mapping[str, OrderForm], name: str, path: str
) -> Iterator[LawPackError]:
    """Yield what is wrong with a form."""
    for words, field, fix in (*_amiss(one), *_amiss_fields(one)):
        yield pack_error(name, f"{path}.{field}", words, fix)
    if one.id in before:
        yield pack_error(name, f"{path}.id", "the id stands twice", "Choose another.")
    if one.follows and one.follows not in before:
        yield pack_error(name, f"{path}.follows", "names no form before it", "Correct it.")


def _amiss(one: OrderForm) -> Iterator[tuple[str, str, str]]:
    if not _ID.match(one.id):
        yield "is no id", "id", "Small letters, digits and underscores."
    if not _spoken(one.titles):
        yield "lacks a language", "titles", f"Write it in {', '.join(LANGUAGES)}."
    if one.aim is Aim.REFERRAL and (one.clocks or one.binding):
        yield "a referral binds nobody and has no clock", "clocks", "Remove them."
    if one.door is Door.ORDERS and one.direction is not Direction.IN:
        yield "only incoming forms have a door", "door", "Write none."
    if one.discloses and "declared_contact" in one.proofs:
        yield "a contact alone never suffices for data", "proofs", "Remove it."
    for number, clock in enumerate(one.clocks):
        if clock.duty not in deadlines.load():
            yield "names no deadline", f"clocks[{number}].duty", "See deadlines.yaml."
    for number, cover in enumerate(one.covers):
        if not set(cover.categories) <= set(CATEGORIES):
            yield "names no data category", f"covers[{number}].categories", ", ".join(CATEGORIES)


def _amiss_fields(one: OrderForm) -> Iterator[tuple[str, str, str]]:
    names = [field.name for field in one.fields]
    said = [clock.when for clock in one.clocks] + [cover.when for cover in one.covers]
    said += [field.when for field in one.fields]
    asked = {name for when in said for name in when}
    asked |= {name for cover in one.covers for name in cover.needs}
    if len(names) != len(set(names)):
        yield "a name stands twice", "fields", "Names are unique in a form."
    if not asked <= set(names):
        yield f"no field is called {min(asked - set(names))}", "fields", "Correct the condition."
    for number, field in enumerate(one.fields):
        if not _spoken(field.labels) or any(not _spoken(each.labels) for each in field.options):
            yield "lacks a language", f"fields[{number}]", f"Write it in {', '.join(LANGUAGES)}."
        if (field.type in {FieldType.CHOICE, FieldType.CHOICES}) != bool(field.options):
            yield "choices and options go together", f"fields[{number}]", "State both or none."


def _spoken(words: Mapping[str, str]) -> bool:
    return all(words.get(language, "").strip() for language in LANGUAGES)
