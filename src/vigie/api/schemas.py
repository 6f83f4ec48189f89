# SPDX-License-Identifier: Apache-2.0
"""The shapes that the API speaks; the machine-readable description is made of them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import BeforeValidator, ConfigDict, Field, StringConstraints

from vigie.screening.matching.base import BankClass

TEXT = r"^[^\x00]*$"
SOME = r"^[^\x00]+$"
SAID = r"^[^\x00]*[^\x00-\x20\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000][^\x00]*$"
"""A text that is not empty when the spaces around it are gone."""
HEX = r"^[0-9a-fA-F]+$"
BankName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
Cursor = Annotated[str, StringConstraints(max_length=16, pattern=r"^[0-9]{1,16}$")]


Event = Literal[
    "decision.made",
    "decision.superseded",
    "statement.issued",
    "account.measure",
    "person.informed",
    "webhook.test",
]


class Strict(Schema):
    """An input: a member that nobody knows is refused, not ignored."""

    model_config = ConfigDict(extra="forbid")


class ErrorBody(Schema):
    """What was refused: a code for programs, words, the field and the fix."""

    code: str
    message: str
    field: str | None = None
    fix: str | None = None
    request_id: str | None = None


class ErrorEnvelope(Schema):
    """The only shape of an error."""

    error: ErrorBody


class PlaceOut(Schema):
    """What became of an action in one country, as the platform confirmed it."""

    territory: str
    state: str
    at: str | None = None
    reason: str | None = None


class EffectOut(Schema):
    """One action of a decision and what became of it."""

    action: str
    territories: list[str]
    state: str
    overdue: bool
    places: list[PlaceOut]


class DecisionOut(Schema):
    """A recorded decision and what became of it."""

    decision_id: str
    label: str
    kind: str
    service: str
    item_id: str
    version: int
    surface: str
    outcome: str
    at: str
    territories: list[str]
    category: str | None = None
    log_index: int
    supersedes: str | None = None
    superseded_by: str | None = None
    duplicate_of: str | None = None
    waits_for_person: bool
    effects: list[EffectOut]
    statement: str | None = None
    """State of the statement of reasons, if one is owed."""
    as_made: dict[str, Any] | None = None
    """The decision in the shape of the doors; keys with scope `trusted` only."""


class DecisionPage(Schema):
    """One page; `next` is the cursor of the following one, null at the end."""

    items: list[DecisionOut]
    next: str | None = None


class StatementOut(Schema):
    """The statement of reasons of a decision, and where its page stands."""

    decision_id: str
    state: str
    exception: str | None = None
    url: str | None = None
    expires_at: str | None = None
    issued_at: str | None = None
    confirmed: bool
    content: dict[str, Any]
    database_records: list[dict[str, Any]]
    """For the EU transparency database, one a restriction; `not_sent` says why there is none."""


class ErasureOut(Schema):
    """The receipt of a deletion: what went from the store; the journals follow in a minute."""

    subject: Literal["item", "author"]
    service: str
    contents: int
    """Texts with links and author."""
    keys: int
    """Keys of records, with them every salt."""
    decisions: int
    """Decisions whose personal values were blanked; their skeleton stays provable."""
    log_indexes: list[int]
    """Entries of the log whose openings are now impossible."""
    at: str


class CheckpointOut(Schema):
    """The signed state of the log."""

    size: int
    note: str
    at: str | None = None


class ProofOut(Schema):
    """A proof file, as `vigie-verify` reads it."""

    model_config = ConfigDict(extra="allow")

    format: str
    opening: dict[str, Any]
    tlog_proof: str


class WebhookIn(Strict):
    """An address that wants to be told."""

    url: str = Field(
        max_length=500,
        pattern=r"^https://([a-z0-9-]{1,63}\.)+[a-z]{2,63}(:443)?(/[A-Za-z0-9._~%/?&=-]*)?$",
    )
    events: list[Event] = Field(default_factory=list, max_length=20)


class WebhookOut(Schema):
    """An endpoint; its secret is shown once, when it is added."""

    id: int
    url: str
    events: list[str]
    enabled: bool
    created_at: str
    secret: str | None = None


class WebhookPage(Schema):
    """All endpoints."""

    items: list[WebhookOut]


class TestOut(Schema):
    """A test message that is on its way."""

    message_id: str
    state: str


class PolicyOut(Schema):
    """One version of a policy."""

    policy_id: str
    title: str
    version: int
    state: str
    digest: str
    published_at: str
    published_by: str
    log_index: int | None = None
    source: str | None = None
    """The YAML as it was published; only where one policy is asked for."""


class PolicyPage(Schema):
    """Policies that are evaluated, by name."""

    items: list[PolicyOut]


class PolicyIn(Strict):
    """A policy's YAML; without a state, the document's own counts."""

    source: Annotated[str, StringConstraints(min_length=1, max_length=100_000, pattern=TEXT)]
    state: Literal["draft", "shadow", "live"] | None = None


class PoliciesIn(Strict):
    """Policies to publish, each on its own."""

    policies: list[PolicyIn] = Field(min_length=1, max_length=50)


class PolicyResult(Schema):
    """What came of one: the published version, or the error in its place."""

    policy: PolicyOut | None = None
    error: ErrorBody | None = None


class PolicyResults(Schema):
    """One result or error for each, in order."""

    results: list[PolicyResult]


class BankIn(Strict):
    """A hash list to create."""

    name: BankName
    cls: BankClass = Field(alias="class")
    owner: Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=SOME)]
    description: Annotated[str, StringConstraints(max_length=2000, pattern=TEXT)] = ""


class BankOut(Schema):
    """A hash list."""

    name: str
    cls: str = Field(serialization_alias="class")
    owner: str
    description: str
    enabled: bool
    entries: int
    created_at: str


class BankPage(Schema):
    """All hash lists, by name."""

    items: list[BankOut]


def _whole(value: object) -> object:
    """Take 90.0 for 90, as JSON Schema does; leave the rest to the strict check."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Quality = Annotated[int, Field(strict=True, ge=0, le=100), BeforeValidator(_whole)]


class EntryIn(Strict):
    """One hash; what its form must be depends on the algorithm."""

    algorithm: Literal["sha256", "md5", "pdq"]
    value: Annotated[str, StringConstraints(min_length=32, max_length=64, pattern=HEX)]
    quality: Quality | None = None
    opinion: Literal["positive", "negative", "disputed"] = "positive"


class EntriesIn(Strict):
    """Hashes to add to a bank."""

    entries: list[EntryIn] = Field(min_length=1, max_length=10_000)


class ImportProblem(Schema):
    """One entry that was not taken."""

    position: int
    code: str
    message: str


class ImportOut(Schema):
    """What came of an import; a bad entry stops no other."""

    taken: int
    known: int
    """Entries that the bank held already."""
    problems: list[ImportProblem]


class HashIn(Strict):
    """One hash to look up."""

    algorithm: Literal["sha256", "md5", "pdq"]
    value: Annotated[str, StringConstraints(min_length=32, max_length=64, pattern=HEX)]


class MatchIn(Strict):
    """Hashes to look up; nothing is recorded or kept."""

    hashes: list[HashIn] = Field(min_length=1, max_length=100)


class Listed(Schema):
    """One bank that lists a hash."""

    bank: str
    distance: int
    """Differing bits; 0 is the same hash."""


class MatchResult(Schema):
    """The banks that list one hash, or why it could not be looked up."""

    banks: list[Listed] | None = None
    error: ErrorBody | None = None


class MatchOut(Schema):
    """One result for each hash, in order."""

    results: list[MatchResult]
