# SPDX-License-Identifier: Apache-2.0
"""Publishing policies: the store alone says which version is in force."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final

from django.db.models import Max

from vigie.core.errors import InvalidInputError, NotFoundError
from vigie.flow import records
from vigie.flow.house import House
from vigie.flow.snapshot_parts import labels as labels_in_force
from vigie.flow.snapshot_parts import mark_dirty
from vigie.flow.transaction import writing
from vigie.screening.policy import (
    ActivePolicy,
    Policy,
    PolicySet,
    check_grounds,
    load_policy,
    run_tests,
    shipped_policies,
    to_document,
)
from vigie.screening.policy import PolicyState as Evaluated
from vigie.store.models import (
    PolicyRecord,
    PolicyState,
    PolicyVersion,
    SnapshotPart,
)

PUBLISHABLE: Final = (PolicyState.DRAFT, PolicyState.SHADOW, PolicyState.LIVE)


def publish_policy(
    house: House,
    source: str,
    by: str,
    *,
    state: str | None = None,
    file: str = "policy",
    labels: Sequence[str] | None = None,
) -> PolicyVersion:
    """Publish a policy's YAML as its next version.

    Args:
        house: the installation.
        source: the YAML text; it is kept as it is.
        by: who publishes it.
        state: draft, shadow or live; without it, what the document says.
        file: name of the source, for errors.
        labels: what detectors report, where the caller knows it already.

    Raises PolicyError with file, line and column, InvalidInputError where one
    of its own tests fails or a live policy has none. The same text in the same
    state again changes nothing.
    """
    policy = load_policy(source, file)
    wanted = check_policy(house, policy, state, labels)
    digest = hashlib.sha256(source.encode()).hexdigest()
    with writing():
        record, _ = PolicyRecord.objects.select_related("current").get_or_create(
            policy_id=policy.id, defaults={"title": policy.title.en}
        )
        current = record.current
        if current is not None and current.digest == digest and current.state == wanted:
            return current
        return _publish(house, record, policy, source, digest, wanted, by)


def check_policy(
    house: House, policy: Policy, state: str | None, labels: Sequence[str] | None = None
) -> PolicyState:
    """Raise where a policy must not be published so; return the state it gets.

    What is evaluated must compile against the labels and the law in force: a
    Snapshot that no door can load would keep every later change from them, the
    revocation of a key too.
    """
    try:
        wanted = PolicyState(state or policy.state.value)
    except ValueError:
        wanted = PolicyState.RETIRED
    if wanted not in PUBLISHABLE:
        raise InvalidInputError(
            "A policy is published as draft, shadow or live.", field="state", fix="Choose one."
        )
    check_grounds(policy, house.law)
    failed = [one.name for one in run_tests(policy) if not one.passed]
    if failed:
        raise InvalidInputError(
            f"Tests of the policy fail: {', '.join(failed)}.",
            code="policy_tests_fail",
            field="tests",
            fix="Run vigie policy test.",
        )
    if wanted is PolicyState.LIVE and not policy.tests:
        raise InvalidInputError(
            "A live policy carries tests.", code="policy_untested", field="tests"
        )
    if wanted is not PolicyState.DRAFT:
        known = labels_in_force(house) if labels is None else labels
        PolicySet([ActivePolicy(policy, Evaluated.SHADOW)], known, house.law)
    return wanted


def _publish(
    house: House,
    record: PolicyRecord,
    policy: Policy,
    source: str,
    digest: str,
    state: PolicyState,
    by: str,
) -> PolicyVersion:
    now = house.now()
    last = record.versions.aggregate(last=Max("version"))["last"] or 0
    version = last + 1
    document = {**to_document(policy), "version": version, "state": state.value}
    plain = {"policy": policy.id, "version": version, "state": state.value, "sha256": digest}
    index = records.append_one(records.draft("policy.published", now, plain, {"by": by}))
    row = PolicyVersion.objects.create(
        policy=record,
        version=version,
        document=document,
        source=source,
        digest=digest,
        state=state.value,
        published_by=by,
        published_at=now,
        log_index=index,
    )
    if state is not PolicyState.DRAFT:
        _put_in_force(record, row, policy)
        mark_dirty(SnapshotPart.POLICIES, now)
        mark_dirty(SnapshotPart.OPERATOR, now)  # what was measured of another text ends
    return row


def _put_in_force(record: PolicyRecord, row: PolicyVersion, policy: Policy) -> None:
    if record.current is not None:
        record.current.state = PolicyState.RETIRED
        record.current.save(update_fields=["state"])
    record.current = row
    record.title = policy.title.en
    record.save(update_fields=["current", "title"])


def retire_policy(house: House, policy_id: str, by: str) -> None:
    """Take a policy out of force. Raises NotFoundError where it is not in force."""
    now = house.now()
    with writing():
        record = PolicyRecord.objects.select_related("current").filter(policy_id=policy_id).first()
        if record is None or record.current is None:
            raise NotFoundError("This policy is not in force.", code="no_policy")
        plain = {"policy": policy_id, "version": record.current.version}
        records.append_one(records.draft("policy.retired", now, plain, {"by": by}))
        record.current.state = PolicyState.RETIRED
        record.current.save(update_fields=["state"])
        record.current = None
        record.save(update_fields=["current"])
        mark_dirty(SnapshotPart.POLICIES, now)
        mark_dirty(SnapshotPart.OPERATOR, now)  # what was measured of another text ends


def publish_starter_set(house: House, by: str) -> list[PolicyVersion]:
    """Publish the policies of the package where the store holds none of that name."""
    known = set(PolicyRecord.objects.values_list("policy_id", flat=True))
    new = {f: s for f, s in shipped_policies().items() if load_policy(s, f).id not in known}
    labels = labels_in_force(house) if new else ()
    return [
        publish_policy(house, source, by, file=file, labels=labels) for file, source in new.items()
    ]
