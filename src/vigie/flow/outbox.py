# SPDX-License-Identifier: Apache-2.0
"""What could not be delivered: said why, tried again or given up, each on the record.

Webhooks and mails alike. Trying again begins the whole schedule anew, under
the same id, so that the other side can tell that it has it already.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import QuerySet

from vigie.core.errors import ConflictError, RefusedError
from vigie.flow import records
from vigie.flow.house import House
from vigie.flow.letters import mail
from vigie.flow.letters.write import is_usable
from vigie.flow.transaction import writing
from vigie.store.models import OutgoingTask, TaskKind, TaskState, User
from vigie.store.permissions import Permission

RETRIED: Final = "task.retried"
GIVEN_UP: Final = "task.given_up"
COMMAND_LINE: Final = "command line"
MOST: Final = 1_000
"""So many at once."""
CHILD: Final = "child"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """How it stands with what leaves the house."""

    waiting: int
    dead: int
    mail_is_configured: bool


def standing(house: House) -> Waiting:
    """Return what waits and what is dead; for `vigie check` and the overview."""
    going = OutgoingTask.objects.filter(
        state__in=(TaskState.WAITING, TaskState.FAILED, TaskState.SENT)
    )
    return Waiting(
        waiting=going.count(),
        dead=dead().count(),
        mail_is_configured=mail.is_configured(house.settings),
    )


def dead(kind: str = "") -> QuerySet[OutgoingTask]:
    """Return what could not be delivered, the newest first."""
    rows = OutgoingTask.objects.filter(state=TaskState.DEAD)
    rows = rows.filter(kind=kind) if kind else rows
    return rows.select_related("endpoint", "letter", "decision").order_by("-done_at", "-pk")


def problem_of(task: OutgoingTask) -> str:
    """Return a code for why a task is dead: `bad_address`, `erased`, `gone`, `off`, ..."""
    if task.kind == TaskKind.WEBHOOK and (task.endpoint is None or not task.endpoint.enabled):
        return "off"
    said = task.receipt.get("problem") or ""
    return "gone" if task.receipt.get("gone") and said == "refused" else str(said or "refused")


def can_retry(task: OutgoingTask) -> bool:
    """Say whether trying again can help: an address is there, an endpoint is on."""
    if task.kind == TaskKind.WEBHOOK:
        return task.endpoint is not None and task.endpoint.enabled
    letter = getattr(task, "letter", None)
    return letter is not None and is_usable(letter.to)


def retry(house: House, user: User | None, tasks: Sequence[int] | None = None) -> int:
    """Begin again with dead tasks (none named: with all of them); return how many.

    Without a user it is the operator's command line. Raises RefusedError without
    the permission, ConflictError where what was named cannot be sent again.
    """
    check_permission(user)
    with writing():
        rows = _named(tasks)
        again = [row for row in rows if can_retry(row)]
        if tasks is not None and len(again) != len(set(tasks)):
            raise ConflictError(
                "Not everything that you named can be sent again.",
                code="cannot_retry",
                fix="The address is gone, the endpoint is off, or it was sent meanwhile.",
            )
        now = house.now()
        for row in again:
            row.state, row.attempts, row.next_try, row.done_at = TaskState.WAITING, 0, now, None
            row.save(update_fields=["state", "attempts", "next_try", "done_at"])
        _record(house, RETRIED, user, again)
    return len(again)


def give_up(house: House, user: User | None, tasks: Sequence[int]) -> int:
    """Take dead tasks off the list: nobody tries them again. Raises as `retry` does."""
    check_permission(user)
    with writing():
        rows = _named(tasks)
        if len(rows) != len(set(tasks)):
            raise ConflictError("It no longer waits here.", code="not_dead")
        for row in rows:
            row.state = TaskState.CANCELLED
            row.save(update_fields=["state"])
        _record(house, GIVEN_UP, user, rows)
    return len(rows)


def check_permission(user: User | None) -> None:
    """Raise RefusedError where a person may not send again."""
    if user is not None and not user.has_perm(Permission.TASK_RETRY):
        raise RefusedError("Your role may not send again.")


def _named(tasks: Sequence[int] | None) -> list[OutgoingTask]:
    rows = dead()
    if tasks is not None:
        rows = rows.filter(pk__in=list(tasks)[:MOST])
    return sorted(rows[:MOST], key=lambda row: row.pk)


def _record(house: House, kind: str, user: User | None, rows: Sequence[OutgoingTask]) -> None:
    if not rows:
        return
    by = COMMAND_LINE if user is None else user.username
    plain = {"messages": [row.message_id for row in rows]}
    records.append_one(records.draft(kind, house.now(), plain, {"by": by}))
