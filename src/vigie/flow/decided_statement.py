# SPDX-License-Identifier: Apache-2.0
"""The statements of a person's decision: which one ends, which one is owed now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from vigie.core.decision import Action, Decision
from vigie.flow import child_items
from vigie.flow.chain import standing
from vigie.flow.fold.rows import places
from vigie.flow.house import House
from vigie.flow.orders import statement as order_statement
from vigie.flow.said import is_found_by_program, is_victims, notices_of, source_of
from vigie.flow.statement_text import Facts, Titles, clause_titles, prepare
from vigie.store.models import (
    Case,
    DecisionRecord,
    ItemContent,
    Notice,
    OutgoingTask,
    Statement,
    StatementState,
    TaskKind,
)

if TYPE_CHECKING:
    from vigie.flow.decided import Choice, Target

_LIVE: Final = (StatementState.PREPARED, StatementState.ISSUED)


def settle_statements(
    house: House,
    row: DecisionRecord,
    decision: Decision,
    choice: Choice,
    target: Target,
    *,
    unsent: bool,
) -> None:
    """End the statements of what is no longer restricted; prepare the one that is owed."""
    if choice.order is not None:
        order_statement.settle(house, row, choice.order, choice.acting, unsent=unsent)
        return
    own = _own(choice.acting)
    if _end_statements(row, own, unsent=unsent) or not own:
        return
    facts = facts_of(target.root, choice.told, row.at, case=target.case, told_in=choice.told_in)
    made = prepare(decision, facts, house, choice.exemption)
    told = OutgoingTask.objects.filter(decision=row, kind=TaskKind.WEBHOOK).exists()
    delay = house.settings.undo_seconds + house.settings.unconfirmed_seconds
    Statement.objects.create(
        decision=row,
        state=made.state,
        exception=made.exception,
        token_digest=made.token_digest,
        token_expires_at=made.expires_at,
        content=made.content,
        database_records=made.database_records,
        prepared_at=row.at,
        # With webhooks the clock starts when the message has left.
        due_at=None if told or choice.exemption else row.at + delay * 1000,
    )


def _end_statements(row: DecisionRecord, acting: tuple[Action, ...], *, unsent: bool) -> bool:
    """Say whether a statement that still holds tells all that is restricted now."""
    holds = False
    left = set(places(acting))
    for earlier in _before(row):
        statement = Statement.objects.filter(decision=earlier, state__in=_LIVE).first()
        if statement is None or statement.exception:
            continue  # what an order asked for ends with the order
        if _own(standing(earlier)) == acting:
            holds = True
        elif not left & set(places(_own(standing(earlier)))):
            # One that nobody saw is cancelled: nothing of it had left the house.
            never = unsent and earlier.pk == row.supersedes_id
            statement.state = StatementState.CANCELLED if never else StatementState.LIFTED
            statement.lifted_at = row.at
            statement.save(update_fields=["state", "lifted_at"])
    return holds


def _own(actions: tuple[Action, ...]) -> tuple[Action, ...]:
    """Return what rests on a ground of our own: of orders there is a page of its own."""
    return tuple(one for one in actions if not one.ordered)


def _before(row: DecisionRecord) -> Iterator[DecisionRecord]:
    """Yield the decisions that this one follows, the last first."""
    earlier = row.supersedes
    while earlier is not None:
        yield earlier
        earlier = earlier.supersedes


def facts_of(
    root: DecisionRecord,
    told: str | None,
    now: int,
    *,
    case: Case | None = None,
    told_in: Mapping[str, str] | None = None,
) -> Facts:
    """Return what the statement of a person's decision may say of the item.

    With the case, what drew attention to it: a notice, or our own looking.
    """
    content = (
        child_items.shown()
        .filter(service=root.service, item_id=root.item_id, version=root.version)
        .first()
    )
    return facts_from(
        root,
        now,
        content=content,
        case=case,
        notices=notices_of(case),
        titles=clause_titles(),
        told=told,
        told_in=told_in or {},
    )


def facts_from(
    root: DecisionRecord,
    now: int,
    *,
    content: ItemContent | None,
    case: Case | None,
    notices: Sequence[Notice],
    titles: Titles,
    told: str | None,
    told_in: Mapping[str, str],
) -> Facts:
    """Return the same from rows that the caller has read already."""
    return Facts(
        surface=root.surface,
        service=root.service,
        decided_at=now,
        url=content.url if content else None,
        published_at=content.published_at if content else None,
        language=root.language or None,
        has_media=bool(root.media),
        has_text=bool(content and content.text),
        automated_detection=is_found_by_program(case),
        source=source_of(case, notices),
        discreet=is_victims(case),
        told=told,
        told_in=told_in,
        titles=titles,
    )
