# SPDX-License-Identifier: Apache-2.0
"""The shapes of complaints at the API: of an author, of a notifier."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Discriminator, Field, RootModel, StringConstraints, Tag
from pydantic.json_schema import SkipJsonSchema

from vigie.api.notice_schemas import SPACES, Email, ReceiptOut
from vigie.api.schemas import Strict

_GROUP = "[0-9A-HJKMNP-TV-Z]{4}"
Grounds = Annotated[
    str,
    StringConstraints(min_length=1, max_length=10_000, pattern=rf"^[^\x00]*[^{SPACES}][^\x00]*$"),
]
"""Some sign in it is no space."""


class _Given(Strict):
    """What every complaint has."""

    grounds: Grounds
    email: Email | SkipJsonSchema[None] = None
    hearing: bool = False
    """The person wishes to be heard before it is decided."""
    language: Literal["en", "fr", "de"] = "en"


class AuthorAppeal(_Given):
    """The author contests a decision about an item (Art. 20 DSA)."""

    by: Literal["author"]
    decision_id: Annotated[
        str, StringConstraints(pattern=r"^[a-z0-9]{1,16}-[0-9a-f]{1,13}-[0-9a-f]{10}$")
    ]


class NotifierAppeal(_Given):
    """A notifier contests that a notice was not followed."""

    by: Literal["notifier"]
    notice: Annotated[str, StringConstraints(pattern=rf"^{_GROUP}(-{_GROUP}){{4}}$")]
    """Tracking code of the notice."""
    location: Annotated[int, Field(ge=1, le=100)] = 1
    """Which of its locations, counted from 1."""


def _which(value: Any) -> str:
    by = value.get("by") if isinstance(value, dict) else getattr(value, "by", None)
    return "notifier-appeal" if by == "notifier" else "author-appeal"


class AppealIn(RootModel[Any]):
    """One complaint."""

    root: Annotated[
        Annotated[AuthorAppeal, Tag("author-appeal")]
        | Annotated[NotifierAppeal, Tag("notifier-appeal")],
        Discriminator(_which),
    ]


class AppealOut(Schema):
    """A complaint and where it stands; never the person's words or address."""

    number: int
    label: str
    code: str | None = None
    """For the person; in the answer to lodging only."""
    by: str
    state: str
    decision_id: str
    received_at: str
    resolved_at: str | None = None
    outcome_decision_id: str | None = None
    """The decision that carried it out, if one was needed."""
    reversed: list[str]
    """What was taken back: `visibility`, `strikes`, `measures`, `media`, `entries`."""
    log_index: int
    receipt: ReceiptOut | None = None
