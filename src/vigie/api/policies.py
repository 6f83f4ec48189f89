# SPDX-License-Identifier: Apache-2.0
"""Policies: which are evaluated, what they say, and publishing a next version."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest
from ninja import Path, Router

from vigie.api import access
from vigie.api.errors import CHANGES, FOUND, REFUSALS
from vigie.api.schemas import (
    ErrorBody,
    PoliciesIn,
    PolicyIn,
    PolicyOut,
    PolicyPage,
    PolicyResult,
    PolicyResults,
)
from vigie.core.clock import iso
from vigie.core.errors import NotFoundError, VigieError
from vigie.flow import house
from vigie.flow.policies import publish_policy
from vigie.store.models import PolicyRecord, PolicyVersion

router = Router(tags=["policies"])
PolicyId = Annotated[str, Path(max_length=100, pattern=r"^[a-z0-9][a-z0-9_.-]*$")]


@router.get("/policies", response=REFUSALS | {200: PolicyPage}, operation_id="list_policies")
def list_policies(request: HttpRequest) -> PolicyPage:
    """List the policies that are evaluated, shadow or live."""
    access.key_of(request)
    found = PolicyRecord.objects.select_related("current").order_by("policy_id")
    return PolicyPage(items=[_out(one.current) for one in found if one.current is not None])


@router.get("/policies/{policy_id}", response=FOUND | {200: PolicyOut}, operation_id="get_policy")
def get_policy(request: HttpRequest, policy_id: PolicyId) -> PolicyOut:
    """Return a policy in force with its text."""
    access.key_of(request)
    found = PolicyRecord.objects.select_related("current").filter(policy_id=policy_id).first()
    if found is None or found.current is None:
        raise NotFoundError("This policy is not in force.", code="no_policy")
    return _out(found.current, source=True)


@router.post("/policies", response=CHANGES | {200: PolicyResults}, operation_id="publish_policies")
def publish_policies(request: HttpRequest, body: PoliciesIn) -> PolicyResults:
    """Publish policies; one that does not load or fails its tests stops no other."""
    key = access.key_of(request)
    access.check_whole_house(key)
    by = f"key {key.name}"
    return PolicyResults(results=[_publish(one, by) for one in body.policies])


def _publish(policy: PolicyIn, by: str) -> PolicyResult:
    try:
        row = publish_policy(house.current(), policy.source, by, state=policy.state)
    except VigieError as problem:
        body = problem.body()
        return PolicyResult(
            error=ErrorBody(code=body.code, message=body.message, field=body.field, fix=body.fix)
        )
    return PolicyResult(policy=_out(row))


def _out(row: PolicyVersion, *, source: bool = False) -> PolicyOut:
    return PolicyOut(
        policy_id=row.policy.policy_id,
        title=row.policy.title,
        version=row.version,
        state=row.state,
        digest=row.digest,
        published_at=iso(row.published_at),
        published_by=row.published_by,
        log_index=row.log_index,
        source=row.source if source else None,
    )
