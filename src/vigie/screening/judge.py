# SPDX-License-Identifier: Apache-2.0
"""`judge`: the one pure function that decides by machine.

Intake, the gateway, `vigie screen`, backtests and re-scans call it; nobody else
decides by machine. Given a Snapshot, the time and names for the decisions, the
same items always give the same decisions.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from vigie.core.clock import iso
from vigie.core.decision import CLAIMED, Decision, Signal, Verdict
from vigie.core.item import Subject
from vigie.screening.batch import Batch, Prepared
from vigie.screening.models.features import make_features
from vigie.screening.models.language import identify
from vigie.screening.normalise import normalise_many
from vigie.screening.policy.facts import facts_of
from vigie.screening.precedence import outcome_of, settle, verdict_order
from vigie.screening.weigh import Weighed, settled, weigh
from vigie.screening.weigh_media import weigh_claimed, weigh_media

if TYPE_CHECKING:
    from vigie.screening.detectors.base import Detector
    from vigie.screening.snapshot import Snapshot

SLICE: Final = 32
"""Most items that a door judges without letting others run (`road`: 5 ms)."""


def judge(
    subjects: Sequence[Subject], snapshot: Snapshot, now_ms: int, names: Iterator[str]
) -> list[Decision]:
    """Decide about items under one Snapshot.

    Args:
        subjects: items with what is known of their media.
        snapshot: everything a decision may depend on.
        now_ms: the time of the decisions, milliseconds since 1970 UTC.
        names: yields one decision id per item, in order.

    A detector that fails yields `Signal(status="failed")`, never silence.
    """
    if not subjects:
        return []
    batch = prepare(subjects)
    signals = detect(batch, snapshot.detectors)
    at = iso(now_ms)
    return [
        _decide(prepared, found, snapshot, now_ms, at, next(names))
        for prepared, found in zip(batch.items, signals, strict=True)
    ]


def prepare(subjects: Sequence[Subject]) -> Batch:
    """Normalise every text, hash its n-grams once, find missing languages."""
    normal = normalise_many([subject.item.text or "" for subject in subjects])
    items = [
        Prepared(
            subject=subject,
            normal=one if one.original else None,
            language=_named_language(subject.item.language),
        )
        for subject, one in zip(subjects, normal, strict=True)
    ]
    if all(one.normal is None for one in items):
        return Batch(items)
    features = make_features([one.normal.text if one.normal else "" for one in items])
    if any(one.language is None and one.normal for one in items):
        for one, found in zip(items, identify(features), strict=True):
            if one.language is None and one.normal:
                one.language = found
    return Batch(items, features)


def detect(batch: Batch, detectors: Sequence[Detector]) -> list[list[Signal]]:
    """Return every detector's signals per item; failures are signals too."""
    found: list[list[Signal]] = [[] for _ in batch.items]
    for detector in detectors:
        for mine, new in zip(found, _run(detector, batch), strict=True):
            mine.extend(new)
    return found


def _run(detector: Detector, batch: Batch) -> list[list[Signal]]:
    try:
        signals = detector.detect(batch)
        if len(signals) == len(batch.items):
            return signals
    except Exception:  # noqa: BLE001 - third-party detectors may raise anything
        if len(batch.items) == 1:
            return [_failed(detector)]
    if len(batch.items) == 1:
        return [_failed(detector)]
    # One bad item must not take the others with it.
    return [_run(detector, prepare([one.subject]))[0] for one in batch.items]


def _failed(detector: Detector) -> list[Signal]:
    return [
        Signal(
            detector=detector.name,
            version=detector.version,
            label=label,
            status="failed",
            problem="detector_failed",
        )
        for label in detector.labels
    ]


def _decide(
    prepared: Prepared,
    signals: list[Signal],
    snapshot: Snapshot,
    now_ms: int,
    at: str,
    name: str,
) -> Decision:
    subject = prepared.subject
    hits = snapshot.policies.evaluate(facts_of(prepared, signals, snapshot.served))
    weighed = weigh(hits, prepared, signals, snapshot, now_ms, name) if hits else Weighed([], [])
    if subject.media:
        _weigh_pictures(weighed, prepared, signals, snapshot, now_ms)
    verdicts: tuple[Verdict, ...] = ()
    if weighed.verdicts:
        verdicts = tuple(sorted(weighed.verdicts, key=verdict_order))
    claims = settled(weighed.claims, gateway=subject.gateway)
    actions = () if subject.stale else settle(claims, snapshot.served)
    return Decision(
        decision_id=name,
        item_id=subject.item.id,
        version=subject.item.version,
        outcome=outcome_of(actions),
        actions=actions,
        verdicts=verdicts,
        signals=tuple(signals),
        pending=tuple(
            f"media/{n}" for n, facts in enumerate(subject.media) if facts.status == "pending"
        ),
        snapshot=snapshot.number,
        supersedes=subject.supersedes,
        language=prepared.language,
        at=at,
        stale=subject.stale,
    )


def _weigh_pictures(
    weighed: Weighed, prepared: Prepared, signals: list[Signal], snapshot: Snapshot, now_ms: int
) -> None:
    """Add what a person's decisions and a notifier's hashes say of the media."""
    if snapshot.decided or snapshot.confirmed:
        weigh_media(weighed, prepared, signals, snapshot)
    if any(signal.label == CLAIMED for signal in signals):
        weigh_claimed(weighed, prepared, signals, snapshot, now_ms)


def _named_language(language: str | None) -> str | None:
    """Return the primary subtag of a BCP 47 tag, in lower case."""
    if not language:
        return None
    return language.replace("_", "-").split("-", 1)[0].lower()
