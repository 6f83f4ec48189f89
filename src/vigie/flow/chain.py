# SPDX-License-Identifier: Apache-2.0
"""The chain of decisions about one version of an item: its ends, and what stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from vigie.core.decision import Action
from vigie.store.models import DecisionKind, DecisionRecord


def head_of(decision: DecisionRecord) -> DecisionRecord:
    """Return the last word about the same version of the item."""
    while decision.superseded_by is not None:
        decision = DecisionRecord.objects.get(number=decision.superseded_by)
    return decision


def root_of(decision: DecisionRecord) -> DecisionRecord:
    """Return with what it began: the machine's decision, or the notice of an unknown item."""
    while decision.kind != DecisionKind.MACHINE and decision.supersedes is not None:
        decision = decision.supersedes
    return decision


def kept_actions(kept: Sequence[Any]) -> tuple[Action, ...]:
    """Read actions as the store keeps them."""
    return msgspec.convert(list(kept), tuple[Action, ...], strict=False)


def standing(decision: DecisionRecord) -> tuple[Action, ...]:
    """Return what a decision does, without what it proposes."""
    actions = kept_actions(decision.body.get("actions", ()))
    return tuple(action for action in actions if action.state != "proposed")
