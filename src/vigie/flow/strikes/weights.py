# SPDX-License-Identifier: Apache-2.0
"""How much a decision counts and for how long, and from how many points what is proposed.

Both are the operator's: Art. 23(4) DSA wants them set out in the terms, with
examples. What stands here holds until somebody changes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from vigie.core.errors import InvalidInputError, NotFoundError, RefusedError
from vigie.flow import records, search_day
from vigie.flow.house import House
from vigie.flow.transaction import writing
from vigie.store.models import LadderStep, MeasureKind, StrikeWeight, SubjectKind, User
from vigie.store.permissions import Permission

OTHERS: Final = "*"
"""Every policy that has no weight of its own."""
NOTICES: Final = "notice"
"""Manifestly unfounded notices."""
MOST_WEIGHT: Final = 20
MOST_DAYS: Final = 3_650
MOST_POINTS: Final = 200
MOST_SUSPENSION: Final = 365
CHANGED: Final = "strikes.changed"


class Weight(NamedTuple):
    """What one decision under a policy counts."""

    policy: str
    points: int
    days: int


class Step(NamedTuple):
    """From so many points on this is proposed."""

    points: int
    kind: MeasureKind
    days: int
    """Length of a suspension; 0 for a warning."""


USUAL: Final = {OTHERS: Weight(OTHERS, 1, 180), NOTICES: Weight(NOTICES, 1, 180)}
LADDER: Final = (
    Step(2, MeasureKind.WARNING, 0),
    Step(4, MeasureKind.SUSPENSION, 7),
    Step(6, MeasureKind.SUSPENSION, 30),
)
"""As long as the operator sets no ladder of their own; the same for notifiers."""


def all_weights() -> list[Weight]:
    """Return every weight that holds, those of all others last."""
    rows = {row.policy: Weight(row.policy, row.weight, row.days) for row in _rows()}
    return [*(w for name, w in sorted(rows.items()) if name not in USUAL), *_usual(rows)]


def _usual(rows: dict[str, Weight]) -> list[Weight]:
    return [rows.get(name, usual) for name, usual in USUAL.items()]


def _rows() -> Iterable[StrikeWeight]:
    return StrikeWeight.objects.all()


def weight_of(policies: Iterable[str], weights: Iterable[Weight] | None = None) -> Weight:
    """Return what a decision under these policies counts: the heaviest of them."""
    known = {one.policy: one for one in (all_weights() if weights is None else weights)}
    named = [known[one] for one in policies if one in known and one not in USUAL]
    rest = [one for one in policies if one not in known]
    if rest or not named:
        named.append(known[OTHERS]._replace(policy=rest[0] if rest else OTHERS))
    return max(named, key=lambda one: (one.points, one.days))


def notice_weight() -> Weight:
    """Return what a manifestly unfounded notice counts."""
    return next(one for one in all_weights() if one.policy == NOTICES)


def ladder(kind: SubjectKind) -> list[Step]:
    """Return the steps for authors or notifiers, the lowest first."""
    rows = LadderStep.objects.filter(subject_kind=kind)
    own = [Step(row.points, MeasureKind(row.kind), row.days) for row in rows]
    return sorted(own or LADDER)


def set_weight(house: House, user: User, policy: str, points: int, days: int) -> None:
    """Set what decisions under a policy count from now on; past strikes keep theirs.

    Raises RefusedError without the permission, InvalidInputError out of range.
    """
    check_permission(user)
    name = policy.strip()
    if not name or len(name) > 100 or not name.isprintable():
        raise InvalidInputError("Name a policy.", code="no_policy", field="policy")
    _check_range("weight", points, 0, MOST_WEIGHT)
    _check_range("days", days, 1, MOST_DAYS)
    with writing():
        StrikeWeight.objects.update_or_create(
            policy=name, defaults={"weight": points, "days": days}
        )
        _record(house, user, {"policy": name, "weight": points, "days": days})


def unset_weight(house: House, user: User, policy: str) -> None:
    """Let a policy count as all others do again. Raises NotFoundError for none set."""
    check_permission(user)
    with writing():
        search_day.check_deletion()
        if not StrikeWeight.objects.filter(policy=policy).delete()[0]:
            raise NotFoundError("This policy has no weight of its own.", code="no_weight")
        _record(house, user, {"policy": policy, "weight": None, "days": None})


def set_ladder(house: House, user: User, kind: SubjectKind, steps: Iterable[Step]) -> None:
    """Set the ladder; what was proposed already stands as it was proposed.

    Raises InvalidInputError where a suspension would come before any warning.
    """
    check_permission(user)
    wanted = sorted(steps)
    check_ladder(wanted)
    with writing():
        LadderStep.objects.filter(subject_kind=kind).delete()
        LadderStep.objects.bulk_create(
            LadderStep(subject_kind=kind, points=one.points, kind=one.kind, days=one.days)
            for one in wanted
        )
        plain = {"ladder": kind.value, "steps": [[s.points, s.kind.value, s.days] for s in wanted]}
        _record(house, user, plain)


def check_ladder(steps: list[Step]) -> None:
    """Raise InvalidInputError where steps make no ladder."""
    for one in steps:
        _check_range("points", one.points, 1, MOST_POINTS)
        if one.kind is MeasureKind.SUSPENSION:
            _check_range("days", one.days, 1, MOST_SUSPENSION)
    if len({one.points for one in steps}) != len(steps):
        raise InvalidInputError("Two steps begin at the same points.", field="points")
    if not steps or steps[0].kind is not MeasureKind.WARNING:
        raise InvalidInputError(
            "A warning comes first.",
            code="no_warning",
            field="steps",
            fix="Art. 23(1) and (2) DSA allow a suspension only after a prior warning.",
        )


def check_permission(user: User) -> None:
    """Raise RefusedError where a person may not change what strikes lead to."""
    if not user.has_perm(Permission.SETTING_MANAGE):
        raise RefusedError("Your role may not change weights and the ladder.")


def _check_range(field: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise InvalidInputError(
            "The number is out of range.",
            code="out_of_range",
            field=field,
            fix=f"Give a whole number from {least} to {most}.",
        )


def _record(house: House, user: User, plain: Mapping[str, object]) -> None:
    one = records.draft(CHANGED, house.now(), plain, {"by": user.username})
    records.append_one(one)
