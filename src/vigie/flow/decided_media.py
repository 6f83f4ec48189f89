# SPDX-License-Identifier: Apache-2.0
"""Media that a person has decided: the same bytes may be acted on again.

Media only, never text: the same words can refute what they quote.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from vigie.core.decision import Action
from vigie.flow.snapshot_parts import mark_dirty
from vigie.store.models import DecidedMedia, DecisionRecord, SnapshotPart

_SHA256: Final = "sha256:"


def keep_media(
    row: DecisionRecord, root: DecisionRecord, actions: Sequence[Action], now: int
) -> None:
    """Remember the bytes of the item's media with what was decided about them."""
    found = _digests(root)
    acting = [action for action in actions if action.grounds]
    if not found or not acting:
        return
    verdict: dict[str, Any] = next(iter(root.body.get("verdicts", ())), {})
    DecidedMedia.objects.bulk_create(
        DecidedMedia(
            sha256=digest,
            decision=row,
            action=acting[0].action.value,
            policy=verdict.get("policy", ""),
            policy_version=verdict.get("version", 0),
            ground=msgspec.to_builtins(acting[0].grounds[0]),
            territories=list(acting[0].territories),
            at=now,
        )
        for digest in found
    )
    mark_dirty(SnapshotPart.DECIDED, now)


def release_media(row: DecisionRecord, root: DecisionRecord, now: int) -> None:
    """Forget what was decided about the item's media, here and wherever it came from."""
    del row
    changed = DecidedMedia.objects.filter(sha256__in=_digests(root), active=True)
    if changed.update(active=False):
        mark_dirty(SnapshotPart.DECIDED, now)


def _digests(root: DecisionRecord) -> list[str]:
    return sorted({h.removeprefix(_SHA256) for h in root.media if h.startswith(_SHA256)})
