# SPDX-License-Identifier: Apache-2.0
"""The brake: a feature stops at once; it starts again when two people agree.

Stopping is one act of one person, or of Vigie itself; it is in force with the
next Snapshot, which every process takes up within 2 s. Releasing is asked for
by one person and carried out by another, who is not the one who stopped it.
Each brake is an incident with a timeline.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.db.models import Max, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from vigie.core.errors import ConflictError, InvalidInputError, NotFoundError, RefusedError
from vigie.core.gateway import EVERYWHERE, Feature
from vigie.core.territory import is_country
from vigie.flow import records, second_person
from vigie.flow.gateway import timeline
from vigie.flow.gateway.actor import ITSELF, check_may, check_text, named, tell
from vigie.flow.gateway.timeline import What
from vigie.flow.house import House
from vigie.flow.snapshot_parts import mark_dirty
from vigie.flow.transaction import writing
from vigie.store.models import (
    BrakeState,
    GatewayBrake,
    SecondPersonRequest,
    SecondPersonState,
    SnapshotPart,
    User,
)
from vigie.store.permissions import Permission

STOPPED: Final = "brake.stopped"
RELEASED: Final = "brake.released"
KIND: Final = "brake.release"
MAX_REASON: Final = 500
MAX_NOTE: Final = 2_000
MAX_COUNTRIES: Final = 250
TRIPPED_REASON: Final = gettext_noop("Stopped by itself until people have looked at it.")


def stop(
    house: House, by: User | None, feature: str, countries: Iterable[str], reason: str
) -> GatewayBrake:
    """Stop a feature for users in some countries; none or `*`: everywhere.

    One that stands already and covers all of it is returned with a line more:
    nobody who presses the brake gets an error for it. Raises RefusedError
    without the permission, InvalidInputError naming the field.
    """
    check_may(by, Permission.GATEWAY_STOP)
    wanted, where = check_stop(feature, countries)
    said = check_text(reason, MAX_REASON, "reason")
    with writing():
        standing = covering(wanted, where)
        if standing is not None:
            timeline.add(house, standing, What.AGAIN, named(by), said)
            return standing
        row = _stop(house, wanted, where, said, named(by), {})
        timeline.add(house, row, What.STOPPED, named(by), said)
    return row


def trip(
    house: House,
    feature: Feature,
    countries: Iterable[str],
    facts: Mapping[str, Any],
    reason: str = TRIPPED_REASON,
) -> GatewayBrake | None:
    """Stop a feature without a person; None where it has stopped itself there already.

    A person's brake does not stand for it: the door that pulled one lets go of its
    own only when it meets an automatic one in a Snapshot. `facts` are numbers and
    codes: they stand in the record and in the timeline.
    """
    wanted, where = check_stop(feature, countries)
    with writing():
        own = standing().filter(feature=wanted, automatic=True)
        if _covering(own, where) is not None:
            return None
        row = _stop(house, wanted, where, reason[:MAX_REASON], ITSELF, facts)
        told = ", ".join(f"{name}: {value}" for name, value in sorted(facts.items()))
        timeline.add(house, row, What.TRIPPED, ITSELF, told)
    return row


def check_stop(feature: str, countries: Iterable[str]) -> tuple[Feature, tuple[str, ...]]:
    """Return feature and countries as a brake holds them. Raises InvalidInputError."""
    if feature not in set(Feature):
        raise InvalidInputError(
            _("There is no such feature."),
            field="feature",
            fix=_("Choose from: %(known)s.") % {"known": ", ".join(Feature)},
        )
    where = tuple(sorted({one.strip().upper() for one in countries if one.strip()}))
    if not where or EVERYWHERE in where:
        return Feature(feature), (EVERYWHERE,)
    if len(where) > MAX_COUNTRIES or not all(is_country(one) for one in where):
        raise InvalidInputError(
            _("This is no list of countries."),
            field="countries",
            fix=_("Give ISO 3166 codes, such as FR; none: everywhere."),
        )
    return Feature(feature), where


def covering(feature: Feature, countries: tuple[str, ...]) -> GatewayBrake | None:
    """Return a brake in force that stops all of it already."""
    return _covering(standing().filter(feature__in={feature, Feature.ALL}), countries)


def _covering(rows: QuerySet[GatewayBrake], countries: tuple[str, ...]) -> GatewayBrake | None:
    for row in rows.order_by("number"):
        if EVERYWHERE in row.countries or set(countries) <= set(row.countries):
            return row
    return None


def _stop(
    house: House,
    feature: Feature,
    countries: tuple[str, ...],
    reason: str,
    by: str,
    facts: Mapping[str, Any],
) -> GatewayBrake:
    now = house.now()
    number = (GatewayBrake.objects.aggregate(last=Max("number"))["last"] or 0) + 1
    automatic = by == ITSELF
    plain = {
        "brake": number,
        "feature": feature.value,
        "countries": list(countries),
        "automatic": automatic,
        "facts": dict(facts),
    }
    draft = records.draft(STOPPED, now, plain, {"by": by, "reason": reason})
    records.append_one(draft)
    row = GatewayBrake.objects.create(
        number=number,
        feature=feature,
        countries=list(countries),
        reason=reason,
        automatic=automatic,
        started_at=now,
        started_by=by,
        record_id=draft.record_id,
    )
    mark_dirty(SnapshotPart.BRAKES, now)
    told = {"what": label(row), "feature": feature.value, "countries": " ".join(countries)}
    tell(house, "gateway_stopped", told)
    return row


def ask_release(house: House, by: User, number: int, reason: str) -> SecondPersonRequest:
    """Ask for a feature to start again; it stands still until another person agrees.

    Asking twice is asking once. Raises RefusedError without the permission,
    ConflictError where it runs already or somebody else has asked.
    """
    check_may(by, Permission.GATEWAY_START)
    said = check_text(reason, MAX_REASON, "reason")
    with writing():
        row = _in_force(number)
        earlier = waiting_on(row)
        if earlier is not None and earlier.asked_by_id == by.pk:
            return earlier
        if earlier is not None:
            raise ConflictError(
                _("Somebody has asked for it already."),
                code="asked_already",
                fix=_("You can agree to it, unless you stopped it."),
            )
        summary = f"Start {row.feature} again, {' '.join(row.countries)[:200]} ({label(row)})"
        request = second_person.ask(house, by, KIND, {"brake": row.number}, summary, said)
        row.release_asked_by = named(by)
        row.save(update_fields=["release_asked_by"])
        timeline.add(house, row, What.RELEASE_ASKED, named(by), said)
    return request


def release(house: House, by: User, number: int) -> GatewayBrake:
    """Let a feature start again, as the second person.

    Raises RefusedError for who stopped it or asked for it and without the
    permission, ConflictError where nobody has asked yet.
    """
    check_may(by, Permission.GATEWAY_START)
    row = _in_force(number)
    request = waiting_on(row)
    if request is None:
        raise ConflictError(
            _("Nobody has asked for it yet."),
            code="not_asked",
            fix=_("Ask first; then another person agrees."),
        )
    second_person.confirm(house, by, request)
    row.refresh_from_db()
    return row


def _carry_out(house: House, request: SecondPersonRequest, user: User) -> None:
    """Let the feature start again. Whoever stopped it is no second person."""
    row = _in_force(int(request.payload["brake"]))
    if row.started_by == named(user):
        raise RefusedError(
            _("Whoever stopped it does not agree to its start as the second person."),
            code="own_brake",
        )
    now = house.now()
    row.state, row.released_at = BrakeState.RELEASED, now
    row.release_asked_by, row.released_by = named(request.asked_by), named(user)
    row.save(update_fields=["state", "released_at", "release_asked_by", "released_by"])
    plain = {"brake": row.number, "feature": row.feature, "countries": row.countries}
    personal = {"asked_by": row.release_asked_by, "by": row.released_by}
    records.append_one(records.draft(RELEASED, now, plain, personal))
    timeline.add(house, row, What.RELEASED, named(user), request.reason)
    mark_dirty(SnapshotPart.BRAKES, now)


second_person.register(KIND, Permission.GATEWAY_START, _carry_out)


def note(house: House, by: User | None, number: int, text: str) -> None:
    """Add a note to an incident, also to one that is over. Raises as `stop`, NotFoundError."""
    check_may(by, Permission.GATEWAY_STOP)
    said = check_text(text, MAX_NOTE, "note")
    with writing():
        timeline.add(house, find(number), What.NOTE, named(by), said)


def standing() -> QuerySet[GatewayBrake]:
    """Return the brakes in force, the newest first."""
    return GatewayBrake.objects.filter(state=BrakeState.IN_FORCE).order_by("-number")


def find(number: int) -> GatewayBrake:
    """Return a brake by its number. Raises NotFoundError."""
    row = GatewayBrake.objects.filter(number=number).first()
    if row is None:
        raise NotFoundError(_("There is no such brake."), code="no_brake")
    return row


def waiting_on(brake: GatewayBrake) -> SecondPersonRequest | None:
    """Return the request to release a brake that waits for its second person."""
    rows = SecondPersonRequest.objects.filter(
        kind=KIND, state=SecondPersonState.WAITING, payload__brake=brake.number
    )
    return rows.select_related("asked_by").first()


def label(row: GatewayBrake) -> str:
    """Return how people name a brake: `B-3`."""
    return f"B-{row.number}"


def _in_force(number: int) -> GatewayBrake:
    row = find(number)
    if row.state != BrakeState.IN_FORCE:
        raise ConflictError(_("This feature runs again already."), code="released_already")
    return row
