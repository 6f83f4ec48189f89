# SPDX-License-Identifier: Apache-2.0
"""Profiles: how exchanges are guarded, versioned; and when a brake trips by itself.

A profile that observes, or releases what could not be judged, is the operator's
choice and its risk: in the console a second person must agree, on the command
line it is said in words, and the record has it either way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from vigie.core.errors import InvalidInputError
from vigie.core.gateway import GatewayConf, Mode, OnFailure, Profile, Trips
from vigie.core.territory import is_country
from vigie.flow import records, second_person
from vigie.flow.gateway.actor import check_may, named
from vigie.flow.gateway.values import convert
from vigie.flow.house import House
from vigie.flow.snapshot_parts import TRIPS, gateway_conf, mark_dirty
from vigie.flow.transaction import writing
from vigie.store.models import GatewayProfile, SecondPersonRequest, SnapshotPart, User
from vigie.store.permissions import Permission

PUBLISHED: Final = "gateway.profile"
KIND: Final = "gateway.profile"


@dataclass(frozen=True, slots=True)
class Published:
    """What came of it: a version, or a request that waits; and what somebody should know."""

    row: GatewayProfile | None
    request: SecondPersonRequest | None
    risks: tuple[str, ...]


def publish(house: House, document: object, by: User | None = None, reason: str = "") -> Published:
    """Publish a profile as its next version; in force with the next Snapshot.

    With a person and a risk (`risks`) nothing is published yet: a second person
    is asked, for which `reason` is needed. Raises InvalidInputError naming the
    field, RefusedError without the permission.
    """
    check_may(by, Permission.GATEWAY_MANAGE)
    profile = read(document)
    found = risks(profile)
    if by is not None and found:
        summary = f"Publish the profile {profile.name}: {'; '.join(found)}"[:300]
        kept = {"profile": msgspec.to_builtins(profile)}
        return Published(None, second_person.ask(house, by, KIND, kept, summary, reason), found)
    return Published(_publish(house, profile.name, profile, found, named(by)), None, found)


def publish_trips(
    house: House, document: object, by: User | None = None, reason: str = ""
) -> Published:
    """Set when a brake trips by itself, for all features. Works and raises as `publish`.

    Never tripping on stops or on failures is a risk.
    """
    check_may(by, Permission.GATEWAY_MANAGE)
    trips = convert(document, Trips)
    found = trip_risks(trips)
    if by is not None and found:
        summary = f"Change when a brake trips: {'; '.join(found)}"
        kept = {"trips": msgspec.to_builtins(trips)}
        return Published(None, second_person.ask(house, by, KIND, kept, summary, reason), found)
    return Published(_publish(house, TRIPS, trips, found, named(by)), None, found)


def read(document: object) -> Profile:
    """Return a document as a profile. Raises InvalidInputError naming field and fix."""
    profile = convert(document, Profile)
    if profile.overlap >= profile.window:
        raise InvalidInputError(
            _("Windows overlap by less than their length."),
            field="overlap",
            fix=_("Give less than %(window)s.") % {"window": profile.window},
        )
    if profile.country and not is_country(profile.country):
        raise InvalidInputError(
            _("This is no country."), field="country", fix=_("Give an ISO 3166 code, such as FR.")
        )
    return profile


def risks(profile: Profile) -> tuple[str, ...]:
    """Return in words what of a profile lets something pass unjudged; empty: nothing."""
    found = []
    if profile.mode is Mode.OBSERVE:
        found.append(_("mode observe: answers pass at once and are never cut"))
    opened = [stage for stage, then in profile.on_failure.items() if then is OnFailure.OPEN]
    found += [
        _("%(stage)s fails open: released where it could not be judged") % {"stage": stage.value}
        for stage in sorted(opened)
    ]
    return tuple(found)


def trip_risks(trips: Trips) -> tuple[str, ...]:
    """Return in words what would no longer trip a brake."""
    found = []
    if not trips.stops_per_hundred:
        found.append(_("no brake trips on the share of stops"))
    if not trips.failures:
        found.append(_("no brake trips on judgements that fail"))
    return tuple(found)


def _publish(
    house: House, name: str, wanted: Profile | Trips, found: tuple[str, ...], by: str
) -> GatewayProfile:
    """Write the next version; a document that is in force already stays as it is."""
    document = msgspec.to_builtins(wanted)
    now = house.now()
    with writing():
        row = GatewayProfile.objects.filter(name=name).first()
        if row is not None and row.in_force and row.document == document:
            return row
        row = row or GatewayProfile(name=name, version=0)
        row.version, row.document, row.in_force = row.version + 1, document, True
        row.changed_at = now
        row.save()
        plain = {
            "profile": name,
            "version": row.version,
            "document": document,
            "opens": bool(found),
        }
        records.append_one(records.draft(PUBLISHED, now, plain, {"by": by}))
        mark_dirty(SnapshotPart.GATEWAY, now)
    return row


def _carry_out(house: House, request: SecondPersonRequest, user: User) -> None:
    """Publish what was asked for, now that two people stand for it."""
    kept: Mapping[str, Any] = request.payload
    by = f"{named(request.asked_by)}, {named(user)}"
    if "trips" in kept:
        trips = convert(kept["trips"], Trips)
        _publish(house, TRIPS, trips, trip_risks(trips), by)
        return
    profile = read(kept["profile"])
    _publish(house, profile.name, profile, risks(profile), by)


second_person.register(KIND, Permission.GATEWAY_MANAGE, _carry_out)


def rows() -> QuerySet[GatewayProfile]:
    """Return the published profiles in force, by name; without the trips."""
    return GatewayProfile.objects.filter(in_force=True).exclude(name=TRIPS).order_by("name")


def conf() -> GatewayConf:
    """Return what the gateway is told with the next Snapshot."""
    return gateway_conf()
