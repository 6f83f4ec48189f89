# SPDX-License-Identifier: Apache-2.0
"""One table of everything that can be asked: name, type, where it stands.

Names are those of the policies (`screening.policy.variables`) where a policy
reads the same thing. A field that stands nowhere in the store is known to the
routing rules only, which see a case while its decision is at hand.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from django.utils.translation import gettext_lazy as _

from vigie.core.actions import Outcome
from vigie.core.item import Surface, Visibility
from vigie.flow.search.kinds import Field, Kind
from vigie.store.models import (
    CaseKind,
    CaseState,
    DecisionKind,
    EffectState,
    StatementState,
    TaskState,
)
from vigie.store.permissions import Permission


def _words(kinds: type[StrEnum]) -> tuple[str, ...]:
    return tuple(one.value for one in kinds)


HASH: Final = "hash"
"""Kind of the one tag that is erased with what it names."""
FIELDS: Final = (
    Field(
        name="at",
        kind=Kind.MOMENT,
        says=_("when it was decided, in UTC"),
        example="at >= -7d",
        column="at",
    ),
    Field(
        name="author",
        kind=Kind.TEXT,
        says=_("pseudonym of the author"),
        example="author ~ 3f9a",
        column="author",
        begins=True,
    ),
    Field(
        name="category",
        kind=Kind.CODE,
        says=_("category of the notice"),
        example="category in (hate, threat)",
        tag="category",
    ),
    Field(
        name="decision",
        kind=Kind.DECISION,
        says=_("number of the decision"),
        example="decision >= D-900",
        column="number",
    ),
    Field(
        name="decision.by",
        kind=Kind.CODE,
        says=_("who decided"),
        example="decision.by = person",
        choices=_words(DecisionKind),
        column="kind",
    ),
    Field(
        name="decision.outcome",
        kind=Kind.CODE,
        says=_("what was decided"),
        example="decision.outcome in (withhold, remove)",
        choices=_words(Outcome),
        column="outcome",
    ),
    Field(
        name="decision.replaced",
        kind=Kind.FLAG,
        says=_("a later decision stands in its place"),
        example="decision.replaced = no",
        column="superseded_by",
    ),
    Field(
        name="decision.reviewer",
        kind=Kind.NUMBER,
        says=_("role number of the person who decided"),
        example="decision.reviewer = 7",
        column="decided_by",
        needs=Permission.QUALITY_READ,
    ),
    Field(
        name="decision.sample",
        kind=Kind.FLAG,
        says=_("kept as part of the sample only"),
        example="decision.sample = no",
        column="sample",
    ),
    Field(
        name="due",
        kind=Kind.MOMENT,
        says=_("when its case is due"),
        example="due < +4h",
        case="due_at",
    ),
    Field(
        name="effect",
        kind=Kind.CODE,
        says=_("what the platform said of the action"),
        example="effect = failed",
        choices=_words(EffectState),
        via="effect",
    ),
    Field(
        name="hash",
        kind=Kind.CODE,
        says=_("hash of a picture or file, in hexadecimal"),
        example="hash ~ 9f86d081",
        tag=HASH,
        begins=True,
    ),
    Field(
        name="item",
        kind=Kind.TEXT,
        says=_("the platform’s own number of the item"),
        example="item = p-100",
        column="item_id",
        begins=True,
    ),
    Field(
        name="item.account_age_days",
        kind=Kind.NUMBER,
        says=_("age of the account in days"),
        example="item.account_age_days < 7",
    ),
    Field(
        name="item.author_country",
        kind=Kind.COUNTRY,
        says=_("country of the author"),
        example="item.author_country = FR",
    ),
    Field(
        name="item.countries",
        kind=Kind.COUNTRY,
        says=_("where the item can be seen"),
        example="item.countries = DE",
    ),
    Field(
        name="item.language",
        kind=Kind.CODE,
        says=_("language of the item"),
        example="item.language = fr",
        column="language",
    ),
    Field(
        name="item.links",
        kind=Kind.NUMBER,
        says=_("how many links it has"),
        example="item.links > 3",
        tag="links",
    ),
    Field(
        name="item.media",
        kind=Kind.NUMBER,
        says=_("how many pictures or files it has"),
        example="item.media > 0",
        tag="media",
    ),
    Field(
        name="item.service",
        kind=Kind.TEXT,
        says=_("the operator’s product"),
        example="item.service = agora",
        column="service",
    ),
    Field(
        name="item.strikes",
        kind=Kind.NUMBER,
        says=_("earlier violations, as the platform counts them"),
        example="item.strikes >= 2",
    ),
    Field(
        name="item.surface",
        kind=Kind.CODE,
        says=_("where on the platform it stands"),
        example="item.surface = reply",
        choices=_words(Surface),
        column="surface",
    ),
    Field(
        name="item.version",
        kind=Kind.NUMBER,
        says=_("version of the item, from 1"),
        example="item.version > 1",
        column="version",
    ),
    Field(
        name="item.visibility",
        kind=Kind.CODE,
        says=_("who can see the item"),
        example="item.visibility = public",
        choices=_words(Visibility),
    ),
    Field(
        name="kind",
        kind=Kind.CODE,
        says=_("why its case waits or waited"),
        example="kind = notice",
        choices=_words(CaseKind),
        case="kind",
    ),
    Field(
        name="mail",
        kind=Kind.CODE,
        says=_("what became of a mail about it"),
        example="mail = dead",
        choices=_words(TaskState),
        via="mail",
    ),
    Field(
        name="marks",
        kind=Kind.CODE,
        says=_("context that a detector saw"),
        example="marks = quotation",
        tag="mark",
        begins=True,
    ),
    Field(
        name="matched",
        kind=Kind.CODE,
        says=_("list, bank or class that it matched"),
        example="matched ~ bank:",
        tag="matched",
        begins=True,
    ),
    Field(
        name="offence",
        kind=Kind.CODE,
        says=_("law entry that an action rests on"),
        example="offence ~ fr_",
        tag="offence",
        begins=True,
    ),
    Field(
        name="policy",
        kind=Kind.CODE,
        says=_("policy that fired"),
        example="policy = denial",
        tag="policy",
        begins=True,
    ),
    Field(
        name="priority",
        kind=Kind.NUMBER,
        says=_("priority of its case, 0 to 9"),
        example="priority >= 5",
        case="priority",
    ),
    Field(
        name="queue",
        kind=Kind.CODE,
        says=_("queue of its case"),
        example="queue = general",
        case="queue",
    ),
    Field(
        name="severity",
        kind=Kind.NUMBER,
        says=_("severity of the category, 0 to 9"),
        example="severity >= 7",
    ),
    Field(
        name="state",
        kind=Kind.CODE,
        says=_("state of its case"),
        example="state = open",
        choices=_words(CaseState),
        case="state",
    ),
    Field(
        name="statement",
        kind=Kind.CODE,
        says=_("what became of its statement of reasons"),
        example="statement = issued",
        choices=_words(StatementState),
        via="statement",
    ),
    Field(
        name="territory",
        kind=Kind.COUNTRY,
        says=_("where an action holds or is proposed; * is everywhere"),
        example="territory = FR",
        tag="territory",
    ),
    Field(
        name="trusted",
        kind=Kind.FLAG,
        says=_("a trusted flagger asked"),
        example="trusted = yes",
        case="trusted",
    ),
    Field(
        name="webhook",
        kind=Kind.CODE,
        says=_("what became of a message to the platform"),
        example="webhook = dead",
        choices=_words(TaskState),
        via="webhook",
    ),
)
SCORE: Final = Field(
    name="score.<label>",
    kind=Kind.SCORE,
    says=_("highest value that a detector reported for the label"),
    example="score.denial >= 0.9",
    tag="label",
)
"""Stands for every label: what follows the dot is the label."""
_SCORE: Final = re.compile(r"score\.([a-z][a-z0-9_]{0,63})", re.ASCII)
BY_NAME: Final = {field.name: field for field in FIELDS}
NAMES: Final = (*BY_NAME, SCORE.name)


def find(name: str) -> Field | None:
    """Return the field of a name; None where there is none."""
    return BY_NAME.get(name) or (SCORE if _SCORE.fullmatch(name) else None)


def label_of(name: str) -> str:
    """Return the label of `score.<label>`."""
    found = _SCORE.fullmatch(name)
    return found[1] if found else ""
