# SPDX-License-Identifier: Apache-2.0
"""The shapes of notices at the API: illegal content, class child, report under the terms."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import ConfigDict, Discriminator, Field, RootModel, StringConstraints, Tag
from pydantic.json_schema import SkipJsonSchema

from vigie.api.schemas import TEXT, Quality, Strict

SPACES = r"\x00-\x20\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
Location = Annotated[
    str, StringConstraints(min_length=1, max_length=2_000, pattern=f"^[^{SPACES}]+$")
]
_ATOM = r"[A-Za-z0-9_%+-]{1,30}"
_LABEL = r"([A-Za-z0-9]([A-Za-z0-9-]{0,20}[A-Za-z0-9])?\.)"
Email = Annotated[
    str,
    StringConstraints(
        max_length=254, pattern=rf"^{_ATOM}(\.{_ATOM}){{0,1}}@{_LABEL}{{1,5}}[A-Za-z]{{2,20}}$"
    ),
]
Country = Annotated[str, StringConstraints(pattern="^[A-Z]{2}$")]
Service = Annotated[str, StringConstraints(max_length=64, pattern=TEXT)]
Terms = Literal[
    "denial", "fraud", "goods", "hate", "intimate", "minors", "other", "personality",
    "self_harm", "stalking", "terrorist", "threat",
]  # fmt: skip
Illegal = Terms | Literal["ip"]


class NoticeHash(Strict):
    """A fingerprint made on the notifier's own device; it finds copies, it decides nothing."""

    pdq: Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]
    quality: Quality
    turns: list[Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]] = Field(
        default_factory=list, max_length=7
    )
    """The picture turned and mirrored, all seven or none: such copies are found too."""


class _Given(Strict):
    """What every notice has."""

    locations: list[Location] = Field(min_length=1, max_length=100)
    """Exact addresses, the platform's own numbers of items, or short numbers `D-17`."""
    language: Literal["en", "fr", "de"] = "en"
    country: Country | SkipJsonSchema[None] = None
    service: Service = ""


class _Words(_Given):
    """What is not taken in class child."""

    explanation: Annotated[str, StringConstraints(max_length=10_000, pattern=TEXT)] = ""
    name: Annotated[str, StringConstraints(max_length=200, pattern=TEXT)] = ""
    email: Email | SkipJsonSchema[None] = None
    user: Annotated[str, StringConstraints(max_length=256, pattern=TEXT)] = ""
    """The platform's own name of the notifier; kept as a pseudonym."""
    on_behalf: bool = False
    hashes: list[NoticeHash] = Field(default_factory=list, max_length=20)


class IllegalNotice(_Words):
    """Notice of illegal content (Art. 16); what of 16(2) is not there is recorded as missing."""

    kind: Literal["illegal"]
    category: Illegal
    good_faith: Literal[True]


class ChildNotice(_Given):
    """Sexual abuse of a child, or an intimate picture of somebody under 18: addresses only."""

    kind: Literal["illegal"]
    category: Literal["child"]
    good_faith: Literal[True]
    choice: Literal["picture", "account", "contact", "unsure"] | SkipJsonSchema[None] = None


class TermsReport(_Words):
    """A report under the operator's terms and conditions; never counted as a notice of Art. 16."""

    kind: Literal["terms"]
    category: Terms
    good_faith: bool = False


def _which(value: Any) -> str:
    """Return which shape is meant: by kind and category, so that errors name the right field."""
    given = value if isinstance(value, dict) else getattr(value, "__dict__", {})
    if given.get("kind") == "terms":
        return "terms-report"
    return "child-notice" if given.get("category") == "child" else "illegal-notice"


class NoticeIn(RootModel[Any]):
    """One notice."""

    root: Annotated[
        Annotated[IllegalNotice, Tag("illegal-notice")]
        | Annotated[ChildNotice, Tag("child-notice")]
        | Annotated[TermsReport, Tag("terms-report")],
        Discriminator(_which),
    ]


class NoticeItemOut(Schema):
    """One location and what came of it; nothing of it for class child."""

    location: str | None = None
    outcome: str | None = None
    """`restricted`, `not_restricted` or `gone`; null until a person has decided."""
    decision_id: str | None = None
    decided_at: str | None = None


class ReceiptOut(Schema):
    """A signed promise of inclusion, as `vigie-verify` reads it."""

    model_config = ConfigDict(extra="allow")

    note: str
    openings: list[dict[str, Any]]


class NoticeOut(Schema):
    """A notice and where it stands; never who gave it, or in which words."""

    number: int
    label: str
    code: str | None = None
    """For the notifier; in the answer to giving notice only."""
    state: str
    kind: str
    category: str
    channel: str
    trusted: bool
    complete: bool
    missing: list[str]
    """Elements of Art. 16(2) that were not there at receipt."""
    received_at: str
    decided_at: str | None = None
    log_index: int
    hashes: int
    """Fingerprints that were taken: those of too plain pictures find nothing and are left out."""
    items: list[NoticeItemOut]
    receipt: ReceiptOut | None = None
    checkpoint: str | None = None
