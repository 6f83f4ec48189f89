# SPDX-License-Identifier: Apache-2.0
"""One form of an order, request or referral: its fields, clocks, proofs and letters."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

import msgspec

from vigie.law.entry import Confidence

CATEGORIES: Final = ("subscriber", "identification", "traffic", "content")
"""Data categories of Art. 3 Regulation (EU) 2023/1543, from least to most."""


class Direction(StrEnum):
    """Which way a form goes."""

    IN = "in"
    OUT = "out"
    PUBLIC = "public"


class Aim(StrEnum):
    """What an incoming form wants."""

    REMOVAL = "removal"
    DISCLOSURE = "disclosure"
    """Data leave the house; it cannot be undone."""
    PRESERVATION = "preservation"
    REFERRAL = "referral"
    """A hint without binding force: assessed by a person, no clock of law."""
    IDENTIFICATION = "identification"
    """Who a recipient is: leaves the house like every disclosure."""
    OTHER = "other"


class Door(StrEnum):
    """Where an incoming form is taken."""

    ORDERS = "orders"
    NOTICE = "notice"
    """The form for notices (Art. 16 DSA)."""
    APPEAL = "appeal"
    """The form for complaints (Art. 20 DSA)."""
    NONE = "none"
    """Outgoing or public."""


class Languages(StrEnum):
    """Which of the operator's declared languages a form must be in."""

    CONTACT = "contact"
    """Declared for the contact point of Art. 11(3) DSA."""
    REMOVAL = "removal"
    """Designated for removal orders (Art. 15(2) Regulation (EU) 2021/784)."""
    EVIDENCE = "evidence"
    """Accepted for certificates (Art. 27 Regulation (EU) 2023/1543)."""


class Req(StrEnum):
    """Whether a field must be filled."""

    REQUIRED = "required"
    CONDITIONAL = "conditional"
    """Required where `when` holds."""
    OPTIONAL = "optional"


class FieldType(StrEnum):
    """How a value is written; texts and lists are limited by `most`."""

    LINE = "line"
    TEXT = "text"
    LINES = "lines"
    """A list, one per line."""
    LOCATIONS = "locations"
    """A list of exact addresses."""
    COUNTRY = "country"
    COUNTRIES = "countries"
    LANGUAGE = "language"
    MOMENT = "moment"
    """Day and time, ISO 8601 with offset; without one it is UTC."""
    DATE = "date"
    EMAIL = "email"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    CHOICES = "choices"


class Means(StrEnum):
    """What a field tells the desk, whatever its form calls it."""

    NONE = ""
    AUTHORITY = "authority"
    REPLY_TO = "reply_to"
    REFERENCE = "reference"
    COUNTRY = "country"
    LANGUAGE = "language"
    TERRITORIES = "territories"
    LOCATIONS = "locations"
    ACCOUNTS = "accounts"
    CATEGORIES = "categories"
    FROM = "from"
    UNTIL = "until"
    SILENCE = "silence"
    """Ticked: the person concerned is not told for now."""
    SILENCE_UNTIL = "silence_until"
    EMERGENCY = "emergency"
    DUE = "due"
    """A time that the document itself names."""
    ISSUED = "issued"
    BASIS = "basis"
    REASONS = "reasons"


class Option(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One choice of a field."""

    code: str
    labels: dict[str, str]

    def label(self, language: str) -> str:
        """Return its words in a language, or in English."""
        return self.labels.get(language) or self.labels["en"]


class OrderField(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One field of a form."""

    name: str
    type: FieldType
    labels: dict[str, str]
    req: Req = Req.OPTIONAL
    means: Means = Means.NONE
    section: str = ""
    """Letter of the annex, where the form has one."""
    hints: dict[str, str] = {}
    when: dict[str, tuple[str, ...]] = {}
    """Of a conditional field: required where another field has one of these values."""
    options: tuple[Option, ...] = ()
    most: int = 0
    """Most characters, or most entries of a list; 0: what the type allows."""

    def label(self, language: str) -> str:
        """Return its words in a language, or in English."""
        return self.labels.get(language) or self.labels["en"]

    def hint(self, language: str) -> str:
        """Return its sentence of help in a language, or in English; empty without one."""
        return self.hints.get(language) or self.hints.get("en", "")

    @property
    def many(self) -> bool:
        """True where its value is a list."""
        return self.type in _MANY

    def needed(self, values: Mapping[str, Any]) -> bool:
        """Say whether it must be filled, given the other values."""
        if self.req is Req.CONDITIONAL:
            return holds(self.when, values)
        return self.req is Req.REQUIRED


_MANY: Final = {FieldType.LINES, FieldType.LOCATIONS, FieldType.COUNTRIES, FieldType.CHOICES}


class StartedClock(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A duty that a form brings, and at which event its time begins."""

    duty: str
    """A deadline of `law.deadlines`."""
    at: str = "received"
    """`received`, `effect`, `silence`, or `letter_<kind>` when such a letter was sent."""
    when: dict[str, tuple[str, ...]] = {}
    """Only where these fields have these values."""


class Cover(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which data a legal basis covers; what none covers cannot be granted."""

    basis: str
    law: str
    categories: tuple[str, ...]
    when: dict[str, tuple[str, ...]] = {}
    needs: tuple[str, ...] = ()
    """Fields that must be filled for this basis to hold."""

    def holds(self, values: Mapping[str, Any]) -> bool:
        """Say whether an order with these values stands on this basis."""
        return holds(self.when, values) and all(values.get(name) for name in self.needs)


class SilenceRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a form brings a duty not to tell the person concerned."""

    law: str
    always: bool = False
    """Without any tick."""
    span: str = "P90D"
    """Until its end or review at most; never longer than 90 days here."""
    tells: bool = True
    """At the end the operator tells the person; else the authority does, by its law."""


class Letters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which letter answers what (`flow.orders.letters`); empty: a person writes."""

    receipt: str = "receipt"
    incomplete: str = "clarification"
    refusal: str = "refusal"
    impossible: str = ""
    effect: str = "effect"
    narrowing: str = ""


class OrderForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One form: incoming order, request or referral, or an answer of ours."""

    id: str
    direction: Direction
    law: str
    confidence: Confidence
    src: str
    """How the text was checked."""
    titles: dict[str, str]
    aim: Aim = Aim.OTHER
    door: Door = Door.NONE
    languages: Languages = Languages.CONTACT
    binding: bool = True
    """False: a hint or request without force of law; never called an order."""
    fields: tuple[OrderField, ...] = ()
    clocks: tuple[StartedClock, ...] = ()
    proofs: tuple[str, ...] = ()
    """Which `store.models.Proof` suffice; none: nothing is done on its strength."""
    territory: str = "none"
    """`eu27`, `issuing`, `named` or `none`."""
    covers: tuple[Cover, ...] = ()
    silence: SilenceRule | None = None
    letters: Letters = Letters()
    follows: str = ""
    """The form that it confirms or prolongs."""
    note: str = ""

    def title(self, language: str) -> str:
        """Return its title in a language, or in English."""
        return self.titles.get(language) or self.titles["en"]

    def field(self, name: str) -> OrderField | None:
        """Return a field by its name; None for one that the form does not know."""
        return next((one for one in self.fields if one.name == name), None)

    def means(self, what: Means) -> OrderField | None:
        """Return the field that tells something; None where the form has none."""
        return next((one for one in self.fields if one.means is what), None)

    def covered(self, values: Mapping[str, Any]) -> frozenset[str]:
        """Return the data categories that its legal basis covers, given its values."""
        held = (one.categories for one in self.covers if one.holds(values))
        return frozenset(category for each in held for category in each)

    @property
    def discloses(self) -> bool:
        """True where following it lets data leave the house."""
        return self.aim in {Aim.DISCLOSURE, Aim.IDENTIFICATION}

    @property
    def sure(self) -> bool:
        """True where it may drive an automatic step; low confidence never does."""
        return self.confidence is not Confidence.LOW


def holds(when: Mapping[str, tuple[str, ...]], values: Mapping[str, Any]) -> bool:
    """Say whether each named field has one of its values.

    Booleans are `true` and `false`; what is empty is `false` and the empty word.
    """
    return all(_words(values.get(name)) & set(wanted) for name, wanted in when.items())


def _words(value: Any) -> set[str]:
    if not value:
        return {"false", ""}
    if value is True:
        return {"true"}
    return {str(one) for one in value} if isinstance(value, list | tuple) else {str(value)}
