# SPDX-License-Identifier: Apache-2.0
"""Media that a person has decided: the same bytes may be acted on again.

Media only, never text: the same words can refute what they quote. Each ground
keeps the places in which it acts, so that a provision is never stretched. A
picture of class `intimate` that a person confirmed is known by its PDQ hash too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec
from django.db.models import Q

from vigie.core.decision import Action, Ground
from vigie.core.territory import covers
from vigie.flow.house import House
from vigie.flow.intimate import lists
from vigie.flow.snapshot_parts import mark_dirty
from vigie.store.models import DecidedMedia, DecisionRecord, SnapshotPart

_SHA256: Final = "sha256:"
_PDQ: Final = "pdq:"


def keep_media(
    house: House, row: DecisionRecord, root: DecisionRecord, actions: Sequence[Action], now: int
) -> None:
    """Remember the bytes of the item's media with what was decided about them."""
    known = _confirmed_before(row)
    kept = [
        _made(house, row, root, one, sha256=digest, pdq=known.get(digest, ""))
        for digest in _hashes(root, _SHA256)
        for one in _grounds(house, actions)
    ]
    if not kept:
        return
    DecidedMedia.objects.bulk_create(kept)
    mark_dirty(SnapshotPart.DECIDED, now)
    again = {(one.sha256, one.pdq) for one in kept if one.pdq}
    for digest, pdq in sorted(again):
        lists.add_notified([("sha256", digest), ("pdq", pdq)], row.label, now)


def confirm_medium(
    house: House, row: DecisionRecord, root: DecisionRecord, sha256: str, pdq: str
) -> None:
    """Let one of the item's pictures be known by its PDQ hash; its other media act no more.

    Inside `transaction.writing`, after the decision that restricts was written.
    """
    now = house.now()
    mine = DecidedMedia.objects.filter(decision=row, active=True)
    mine.exclude(sha256=sha256).update(active=False)
    if not mine.filter(sha256=sha256).update(pdq=pdq):
        actions = msgspec.convert(row.body["actions"], tuple[Action, ...], strict=False)
        acting = [action for action in actions if action.state != "proposed"]
        DecidedMedia.objects.bulk_create(
            _made(house, row, root, one, sha256=sha256, pdq=pdq) for one in _grounds(house, acting)
        )
    hashes = (("sha256", sha256), ("pdq", pdq))
    lists.add_notified([one for one in hashes if one[1]], row.label, now)
    mark_dirty(SnapshotPart.DECIDED, now)


def release_media(row: DecisionRecord, root: DecisionRecord, now: int) -> None:
    """Forget what was decided about the item's media, here and wherever it came from."""
    del row
    digests, pictures = _hashes(root, _SHA256), _hashes(root, _PDQ)
    mine = Q(sha256__in=digests) | Q(pdq__in=pictures)
    changed = DecidedMedia.objects.filter(mine, active=True)
    if changed.update(active=False):
        mark_dirty(SnapshotPart.DECIDED, now)
    lists.drop_notified([*digests, *pictures], now)


def _confirmed_before(row: DecisionRecord) -> dict[str, str]:
    """Return the PDQ hashes of pictures that were confirmed earlier on this item, by digest."""
    chain = []
    earlier = row.supersedes
    while earlier is not None:
        chain.append(earlier.pk)
        earlier = earlier.supersedes
    rows = DecidedMedia.objects.filter(decision__in=chain).exclude(pdq="")
    return dict(rows.values_list("sha256", "pdq"))


def _grounds(
    house: House, actions: Sequence[Action]
) -> Iterator[tuple[Action, Ground, tuple[str, ...]]]:
    """Yield each ground of what acts, with the places in which it does."""
    for action in actions:
        for ground in action.grounds:
            entry = house.law.entries.get(ground.offence or "")
            reach = None if entry is None else entry.territories
            places = tuple(one for one in action.territories if reach is None or covers(reach, one))
            if places:
                yield action, ground, places


def _made(
    house: House,
    row: DecisionRecord,
    root: DecisionRecord,
    one: tuple[Action, Ground, tuple[str, ...]],
    **hashes: str,
) -> DecidedMedia:
    action, ground, places = one
    verdict: dict[str, Any] = next(iter(root.body.get("verdicts", ())), {})
    return DecidedMedia(
        decision=row,
        action=action.action.value,
        policy=verdict.get("policy", ""),
        policy_version=verdict.get("version", 0),
        ground=msgspec.to_builtins(ground),
        territories=list(places),
        at=house.now(),
        **hashes,
    )


def _hashes(root: DecisionRecord, prefix: str) -> list[str]:
    return sorted({one.removeprefix(prefix) for one in root.media if one.startswith(prefix)})
