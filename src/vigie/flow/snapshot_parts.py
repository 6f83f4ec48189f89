# SPDX-License-Identifier: Apache-2.0
"""The parts of a Snapshot as the store says them: built by `jobs` alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec
from django.db.models import F

from vigie.core.decision import Ground
from vigie.core.gateway import Brake, Feature, GatewayConf, KnownChange, Profile, Trips, Upstream
from vigie.flow.house import House
from vigie.law import to_document
from vigie.screening.access import AccessKey
from vigie.screening.detectors.base import Parts
from vigie.screening.lexicons.shipped import load_shipped
from vigie.screening.policy import ActivePolicy, from_document
from vigie.screening.policy import PolicyState as Evaluated
from vigie.screening.snapshot import Decided, Evaluation, Operator, build_detectors
from vigie.store import models
from vigie.store.models import DirtyPart, SnapshotPart

MILLION: Final = 1_000_000
TRIPS: Final = "_trips"
"""Row of the profiles that says when a brake trips by itself; no profile can have the name."""
_ENCODER: Final = msgspec.json.Encoder(order="sorted")


def mark_dirty(part: SnapshotPart, now: int) -> None:
    """Say in a verb's transaction that a part must be built anew."""
    row, made = DirtyPart.objects.get_or_create(part=part.value, defaults={"since": now})
    if not made:
        DirtyPart.objects.filter(pk=row.pk).update(revision=F("revision") + 1)


def build(part: SnapshotPart, house: House) -> bytes:
    """Return a part's bytes as the store stands now."""
    return BUILDERS[part](house)


def labels(house: House) -> tuple[str, ...]:
    """Return every label that a detector reports, with the lists now in force.

    A policy that reads another one would make a Snapshot that no door can load.
    """
    lexicons = msgspec.json.decode(_lexicons(house))
    domains = msgspec.json.decode(_domains(house))
    detectors = build_detectors(Parts(lexicons=tuple(lexicons), domains=tuple(domains)))
    return tuple(sorted({label for one in detectors for label in one.labels}))


def _keys(_house: House) -> bytes:
    rows = models.ApiKey.objects.filter(revoked_at__isnull=True).order_by("pk")
    return _ENCODER.encode(
        [
            AccessKey(
                id=str(row.pk),
                sha256=row.digest,
                scopes=tuple(row.scopes),
                service=row.service,
                per_second=row.limits.get("per_second", 0),
                profile=row.profile,
                country=row.country,
                limits={name: n for name, n in row.limits.items() if name != "per_second"},
            )
            for row in rows
        ]
    )


def _policies(_house: House) -> bytes:
    rows = models.PolicyRecord.objects.filter(current__isnull=False)
    active = []
    for row in rows.select_related("current").order_by("policy_id"):
        current = row.current
        if current is not None and current.state in (Evaluated.SHADOW, Evaluated.LIVE):
            state = Evaluated(current.state)
            active.append(ActivePolicy(from_document(current.document), state))
    return _ENCODER.encode(active)


def _law(house: House) -> bytes:
    return to_document(house.law)


def _lexicons(_house: House) -> bytes:
    rows = models.LexiconVersion.objects.filter(in_force=True).order_by("name")
    own = [row.document for row in rows]
    return _ENCODER.encode([*load_shipped(), *own])


def _domains(_house: House) -> bytes:
    rows = models.DomainList.objects.filter(in_force=True).order_by("name")
    return _ENCODER.encode(
        [{"list": row.name, "label": row.label, "domains": row.domains} for row in rows]
    )


def _decided(_house: House) -> bytes:
    rows = models.DecidedMedia.objects.filter(active=True).select_related("decision")
    return _ENCODER.encode([_one_decided(row) for row in rows.order_by("pk")])


def _one_decided(row: models.DecidedMedia) -> Decided:
    return Decided(
        sha256=row.sha256,
        decision_id=row.decision.decision_id,
        action=row.action,
        territories=tuple(row.territories),
        policy=row.policy,
        version=row.policy_version,
        ground=msgspec.convert(row.ground, Ground),
        pdq=row.pdq,
    )


def _operator(house: House) -> bytes:
    rows = models.Evaluation.objects.select_related("policy__current").order_by("measured_at", "pk")
    newest = {(row.policy.policy_id, row.language): row for row in rows if _holds(row)}
    return _ENCODER.encode(
        Operator(
            served=house.settings.countries,
            evaluations=tuple(
                Evaluation(policy=policy, language=language, low=row.precision_low / MILLION)
                for (policy, language), row in newest.items()
            ),
        )
    )


def _holds(row: models.Evaluation) -> bool:
    """Say whether a measurement is of the text in force: another one was never measured."""
    current = row.policy.current
    if current is None:
        return False
    measured = models.PolicyVersion.objects.filter(policy=row.policy, version=row.version)
    return measured.filter(digest=current.digest).exists()


def _gateway(_house: House) -> bytes:
    return _ENCODER.encode(gateway_conf())


def gateway_conf() -> GatewayConf:
    """Return upstreams, profiles and trips as the store has them."""
    upstreams = models.GatewayUpstream.objects.filter(in_force=True).order_by("name")
    profiles = models.GatewayProfile.objects.filter(in_force=True).order_by("name")
    documents = {row.name: row.document for row in profiles}
    trips = msgspec.convert(documents.pop(TRIPS, {}), Trips)
    own = tuple(msgspec.convert(one, Profile) for one in documents.values())
    return GatewayConf(
        upstreams=tuple(msgspec.convert(row.document, Upstream) for row in upstreams),
        profiles=own if "default" in documents else (Profile(), *own),
        trips=trips,
    )


def _brakes(_house: House) -> bytes:
    rows = models.GatewayBrake.objects.filter(state=models.BrakeState.IN_FORCE).order_by("number")
    return _ENCODER.encode(
        [
            Brake(
                number=row.number,
                feature=Feature(row.feature),
                countries=tuple(row.countries),
                reason=row.reason,
                automatic=row.automatic,
            )
            for row in rows
        ]
    )


def _changes(_house: House) -> bytes:
    rows = models.RegisteredChange.objects.exclude(kind=models.ChangeKind.RECOMMENDER)
    return _ENCODER.encode(
        [
            KnownChange(
                number=row.pk,
                kind=row.kind,
                service=row.service,
                digest=row.digest,
                version=row.version,
                since=row.effective_at,
                until=row.ends_at or 0,
            )
            for row in rows.order_by("pk")
        ]
    )


BUILDERS: Final[dict[SnapshotPart, Callable[[House], bytes]]] = {
    SnapshotPart.BRAKES: _brakes,
    SnapshotPart.CHANGES: _changes,
    SnapshotPart.GATEWAY: _gateway,
    SnapshotPart.KEYS: _keys,
    SnapshotPart.POLICIES: _policies,
    SnapshotPart.LAW: _law,
    SnapshotPart.LEXICONS: _lexicons,
    SnapshotPart.DOMAINS: _domains,
    SnapshotPart.DECIDED: _decided,
    SnapshotPart.OPERATOR: _operator,
}
"""`index` is not here: it is a folder, built by `snapshot_index`."""
