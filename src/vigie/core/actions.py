# SPDX-License-Identifier: Apache-2.0
"""What a decision can do to an item, in the words of the DSA database.

One entry per action: how strict, reversible or not, bound to a territory or
not. Source: Regulation (EU) 2022/2065 Art. 17 and the transparency database.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple


class Outcome(StrEnum):
    """What the platform should do now, from mild to strict; `review` waits."""

    ALLOW = "allow"
    LABEL = "label"
    LIMIT = "limit"
    REVIEW = "review"
    WITHHOLD = "withhold"
    REMOVE = "remove"


class ActionKind(StrEnum):
    """Codes of the DSA transparency database."""

    LABELLED = "DECISION_VISIBILITY_CONTENT_LABELLED"
    DEMOTED = "DECISION_VISIBILITY_CONTENT_DEMOTED"
    DISABLED = "DECISION_VISIBILITY_CONTENT_DISABLED"
    REMOVED = "DECISION_VISIBILITY_CONTENT_REMOVED"


class ActionRule(NamedTuple):
    """What is true of an action wherever it is taken."""

    outcome: Outcome
    strictness: int
    reversible: bool
    territorial: bool


ACTIONS: Final[dict[ActionKind, ActionRule]] = {
    ActionKind.LABELLED: ActionRule(Outcome.LABEL, 1, True, True),
    ActionKind.DEMOTED: ActionRule(Outcome.LIMIT, 2, True, True),
    ActionKind.DISABLED: ActionRule(Outcome.WITHHOLD, 3, True, True),
    ActionKind.REMOVED: ActionRule(Outcome.REMOVE, 4, False, False),
}

STRICTNESS: Final[dict[Outcome, int]] = {
    Outcome.ALLOW: 0,
    Outcome.LABEL: 1,
    Outcome.LIMIT: 2,
    Outcome.REVIEW: 3,
    Outcome.WITHHOLD: 4,
    Outcome.REMOVE: 5,
}
