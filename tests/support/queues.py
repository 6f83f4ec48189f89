# SPDX-License-Identifier: Apache-2.0
"""Cases in queues, made from decisions that the product's own code recorded."""

from __future__ import annotations

from itertools import count
from typing import Any

from tests.support.people import NOW, Agora
from vigie.flow.queues import first
from vigie.flow.queues.route import route
from vigie.store.models import (
    Appeal,
    AppealBy,
    Case,
    CaseKind,
    CaseState,
    Notice,
    NoticeItem,
    QueueMember,
    Record,
    ReviewQueue,
    TrustedFlagger,
    User,
)

HOUR = 3_600_000
_numbers = count(1)


def waiting(agora: Agora, **columns: Any) -> Case:
    """Record a proposal and return its case, not routed, with some columns set."""
    made = agora.proposal(item_id=f"q-{next(_numbers)}")
    Case.objects.filter(decision_id=made).update(**columns)
    return Case.objects.get(decision_id=made)


def routed(agora: Agora, **columns: Any) -> Case:
    """Return a case that is in its queue; given columns win over what routing set."""
    case = waiting(agora)
    route(agora.house)
    Case.objects.filter(pk=case.pk).update(**columns)
    return Case.objects.get(pk=case.pk)


def queue(slug: str, **columns: Any) -> ReviewQueue:
    """Make a queue of the operator's."""
    first.ensure()
    return ReviewQueue.objects.create(slug=slug, title=slug.title(), **columns)


def member(slug: str, *users: User) -> None:
    """Name members of a restricted queue."""
    row = first.all_queues()[slug]
    for user in users:
        QueueMember.objects.create(queue=row, user=user)


def _record(agora: Agora) -> Record:
    return Record.objects.create(
        record_id=f"r-{next(_numbers)}", kind="test", at=agora.clock.now_ms(), content=b"{}"
    )


def notice(agora: Agora, case: Case, **columns: Any) -> Notice:
    """Let a notice about its item join a case."""
    number = next(_numbers)
    given = {
        "channel": "portal",
        "category": "hate",
        "code_digest": f"code-{number}",
        "fingerprint": f"f-{number}",
        "received_at": agora.clock.now_ms(),
    } | columns
    row = Notice.objects.create(number=number, record=_record(agora), log_index=0, **given)
    NoticeItem.objects.create(
        notice=row, position=0, location="https://agora.example/p/x", case=case
    )
    return row


def flagger(agora: Agora) -> TrustedFlagger:
    """Make a trusted flagger."""
    from vigie.store.models import ApiKey

    key = ApiKey.objects.create(**_key(next(_numbers)))
    return TrustedFlagger.objects.create(
        name=f"Flagger {key.pk}", key=key, source="list", valid_from=NOW, created_by="test"
    )


def _key(number: int) -> dict[str, Any]:
    return {"name": f"k{number}", "digest": f"{number:064x}", "created_at": NOW}


def appeal(agora: Agora, first_decider: str = "", **columns: Any) -> Case:
    """Record an appeal against a decision, as a case."""
    made = agora.proposal(item_id=f"q-{next(_numbers)}")
    number = next(_numbers)
    Case.objects.filter(decision_id=made).update(state=CaseState.DECIDED)
    case = Case.objects.create(
        decision_id=made, kind=CaseKind.APPEAL, opened_at=agora.clock.now_ms(), **columns
    )
    Appeal.objects.create(
        number=number,
        by=AppealBy.AUTHOR,
        decision_id=made,
        case=case,
        first_decider=first_decider,
        channel="portal",
        code_digest=f"a-{number}",
        received_at=agora.clock.now_ms(),
        record=_record(agora),
        log_index=0,
    )
    return case
