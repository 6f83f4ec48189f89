# SPDX-License-Identifier: Apache-2.0
"""A person publishes a policy in the console: live only with people enough.

Above the staffed capacity, or where nothing was measured in shadow, a named
second person confirms it and a plan says who decides the cases. The command
line and the API publish at once: they belong to the operator's machines.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

from vigie.core.errors import InvalidInputError, NotFoundError, RefusedError
from vigie.flow import second_person, shadow
from vigie.flow.house import House
from vigie.flow.policies import check_policy, publish_policy
from vigie.screening.policy import Policy, load_policy
from vigie.store.models import (
    PolicyRecord,
    PolicyState,
    PolicyVersion,
    SecondPersonRequest,
    User,
)
from vigie.store.permissions import Permission

KIND: Final = "policy.publish"
MAX_PLAN: Final = 2_000
MAX_SOURCE: Final = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """What a person wants to publish."""

    source: str
    state: str
    user: User
    plan: str = ""
    """Who decides the cases, where there are more than people can decide."""
    second: str = ""
    """User name of the second person."""


@dataclass(frozen=True, slots=True)
class Published:
    """What came of it: a version, or a request that waits."""

    version: PolicyVersion | None
    request: SecondPersonRequest | None


def publish(house: House, asked: Publication) -> Published:
    """Publish a policy, or ask the second person where one is needed.

    Raises PolicyError for the text, InvalidInputError for a missing plan or
    person, RefusedError without the permission.
    """
    policy = check_publication(house, asked)
    wanted = check_policy(house, policy, asked.state)
    if wanted is PolicyState.LIVE and predict_source(house, asked.source).needs_second:
        return Published(None, _ask(house, asked, policy))
    return Published(_publish(house, asked.source, wanted.value, asked.user), None)


def check_publication(house: House, asked: Publication) -> Policy:  # noqa: ARG001 - as all checks
    """Return the policy, or raise where the person may not or the text is no policy."""
    if not asked.user.has_perm(Permission.POLICY_PUBLISH):
        raise RefusedError("Your role may not publish policies.")
    if len(asked.source) > MAX_SOURCE:
        raise InvalidInputError(f"At most {MAX_SOURCE:,} characters.", field="source")
    return load_policy(asked.source, "policy")


def predict_source(house: House, source: str) -> shadow.Prediction:
    """Return what a text would bring; a text that was never in shadow is not measured."""
    digest = hashlib.sha256(source.encode()).hexdigest()
    known = PolicyVersion.objects.select_related("policy").filter(digest=digest)
    version = known.order_by("-version").first()
    if version is not None:
        return shadow.predict(version, house.now())
    unmeasured = PolicyVersion(policy=PolicyRecord(), digest=digest)
    return shadow.predict(unmeasured, house.now())


def _ask(house: House, asked: Publication, policy: Policy) -> SecondPersonRequest:
    """Ask the named second person, with the plan."""
    plan = asked.plan.strip()
    if not plan or len(plan) > MAX_PLAN:
        raise InvalidInputError(
            f"Say in 1 to {MAX_PLAN} characters who decides these cases.",
            code="no_plan",
            field="plan",
        )
    second = User.objects.filter(username=asked.second.strip().casefold(), is_active=True).first()
    if second is None:
        raise NotFoundError("There is no such person.", code="no_account", field="second")
    return second_person.ask(
        house,
        asked.user,
        KIND,
        {"source": asked.source, "state": asked.state},
        f"Publish the policy {policy.id} as live, above the staffed capacity",
        plan,
        second,
    )


def _publish(house: House, source: str, state: str, user: User) -> PolicyVersion:
    return publish_policy(house, source, user.username, state=state)


def _carry_out(house: House, request: SecondPersonRequest, _second: User) -> None:
    """Publish what was asked for; it is checked again."""
    _publish(house, request.payload["source"], request.payload["state"], request.asked_by)


second_person.register(KIND, Permission.POLICY_PUBLISH, _carry_out)
