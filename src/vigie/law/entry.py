# SPDX-License-Identifier: Apache-2.0
"""One entry of a law pack: a provision, where it acts and how sure we are.

An entry restates public law in short; it is no quotation and no legal advice.
What the source does not hold is empty here and is shown as unknown.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Final

import msgspec

NOT_REVIEWED: Final = "not reviewed"
"""The necessity note of an entry that nobody has weighed yet."""
CHECKED_SOURCES: Final = ("text", "excerpt", "partly")
"""How `src` begins where the provision's text, or a part of it, was read."""


class Kind(StrEnum):
    """What an entry is; only an offence can be the ground of a decision."""

    OFFENCE = "offence"
    BACKGROUND = "background"
    """Binds states, or works through orders."""
    PLATFORM_DUTY = "platform_duty"
    """Binds the provider itself, never a ground against an item."""
    LAWFUL = "lawful"
    """Nothing to withhold under law; the terms may say more."""
    REPEALED = "repealed"


class Cls(StrEnum):
    """What an entry is about; decides wording, custody and reach."""

    CHILD = "child"
    INTIMATE = "intimate"
    DENIAL = "denial"
    HATE = "hate"
    TERRORIST = "terrorist"
    MINORS_EXPOSURE = "minors_exposure"
    HARASSMENT = "harassment"
    SYMBOLS = "symbols"
    VIOLENCE = "violence"
    PLATFORM = "platform"
    OTHER = "other"


class Confidence(StrEnum):
    """How sure the source is; `low` goes to a person with local counsel."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Custody(StrEnum):
    """Whether the law of the place asks or allows keeping the bytes."""

    REQUIRED = "required"
    ALLOWED = "allowed"
    FORBIDDEN = "forbidden"
    UNCLEAR = "unclear"


class Proposal(StrEnum):
    """How an entry may be offered to the person who decides."""

    ONE_CLICK = "one_click"
    """Ready to confirm: confidence high and the text was read."""
    CONFIRM = "confirm"
    """Filled in, but the elements are to be confirmed one by one."""
    COUNSEL = "counsel"
    """Shown only; a person with local counsel decides."""
    NONE = "none"
    """Never a ground."""


class Origin(StrEnum):
    """Who answers for a pack; the operator's own are shown as such."""

    VIGIE = "vigie"
    OPERATOR = "operator"


class CodePair(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """A category with one keyword, both in the words of the DSA database."""

    category: str
    keyword: str


class Sor(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """Suggested statement-of-reasons codes; the law itself gives none."""

    category: str
    keywords: tuple[str, ...] = ()
    keywords_only_if_incitement: tuple[str, ...] = ()
    """Keywords to leave out unless incitement is an element of the case."""
    other_text: str | None = None
    women_variant: CodePair | None = None
    """The codes where the person harmed is a woman, because she is one."""
    alternatives: tuple[CodePair, ...] = ()
    """Further pairs that may fit by the facts."""
    note: str | None = None


class Codes(msgspec.Struct, frozen=True):
    """The codes of one statement, chosen by the facts of the case."""

    category: str
    keywords: tuple[str, ...]
    other_text: str | None


class Entry(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """A provision as data. `territories` is where it can ground a decision."""

    id: str
    kind: Kind
    cls: Cls = msgspec.field(name="class")
    speech: bool
    """An expression offence: acts in its own territory only."""
    text_checked: bool
    """The provision's text, or an excerpt of it, was read."""
    jurisdiction: str
    """ISO 3166 code, or `EU` for a common rule."""
    provision: str
    what: str
    """Short restatement, never a quotation."""
    max: str | None = None
    """Maximum penalty of the basic online form."""
    sor: Sor | None = None
    sor_synthetic: Sor | None = None
    """The codes where the material is generated or altered."""
    notify: str | None = None
    """Duty or channel to tell authorities."""
    deadline: str | None = None
    defence: str | None = None
    actor: str | None = None
    """At whom a duty is aimed, where not at an author."""
    feature_hint: str | None = None
    applies_from: str | None = None
    note: str | None = None
    src: str
    """How the text was checked."""
    confidence: Confidence
    valid_from: date | None = None
    """First day of this wording, where the source states it."""
    valid_to: date | None = None
    authority: str | None = None
    """The authority or court that applies it."""
    custody: Custody | None = None
    """Class `child` only."""
    necessity: str = NOT_REVIEWED
    """A reviewer's note on Art. 19(3) ICCPR and Art. 11 EU Charter."""
    as_of: str
    """The month for which the entry holds, as `2026-11`."""
    origin: Origin = Origin.VIGIE
    territories: tuple[str, ...] = ()
    """Computed by the loader; a pack cannot state it."""
    human_review_first: bool = False
    """Computed: the denial matrix asks for counsel before any proposal."""
    elements_to_confirm: bool = False
    """Computed: incitement, public order or a court's decision is an element."""

    @property
    def is_ground(self) -> bool:
        """True for offences: nothing else can be the ground of a decision."""
        return self.kind is Kind.OFFENCE

    @property
    def text_read(self) -> bool:
        """True where both the flag and the source say that text was read."""
        return self.text_checked and self.src.startswith(CHECKED_SOURCES)

    @property
    def sure(self) -> bool:
        """True where confidence is high and the text was read."""
        return self.confidence is Confidence.HIGH and self.text_read

    @property
    def needs_counsel(self) -> bool:
        """True where nothing may be proposed without local counsel."""
        return self.confidence is Confidence.LOW or self.human_review_first

    @property
    def proposal(self) -> Proposal:
        """Say how the entry may be offered to the person who decides."""
        if not self.is_ground:
            return Proposal.NONE
        if self.needs_counsel or not self.territories:
            return Proposal.COUNSEL
        if self.sure and not self.elements_to_confirm:
            return Proposal.ONE_CLICK
        return Proposal.CONFIRM

    @property
    def one_click(self) -> bool:
        """True where a person may confirm the ground as it is proposed."""
        return self.proposal is Proposal.ONE_CLICK

    @property
    def may_ground_machine_action(self) -> bool:
        """True where the table of what may act alone may cite this entry.

        Necessary, never sufficient: the table still asks for an exact or
        agreed match, or for an order. Not weaker than one click of a person.
        """
        return self.one_click

    @property
    def keeps_bytes(self) -> bool:
        """True where the law asks to keep the bytes, with high confidence."""
        return self.custody is Custody.REQUIRED and self.confidence is Confidence.HIGH

    def codes(
        self, *, synthetic: bool = False, women: bool = False, incitement: bool = False
    ) -> Codes | None:
        """Return the statement codes by the facts; None without a mapping."""
        sor = self.sor_synthetic if synthetic and self.sor_synthetic else self.sor
        if sor is None:
            return None
        if women and sor.women_variant is not None:
            return Codes(sor.women_variant.category, (sor.women_variant.keyword,), None)
        left_out = () if incitement else sor.keywords_only_if_incitement
        keywords = tuple(k for k in sor.keywords if k not in left_out)
        return Codes(sor.category, keywords, sor.other_text)
