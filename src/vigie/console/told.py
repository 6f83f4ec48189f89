# SPDX-License-Identifier: Apache-2.0
"""Who was told of a decision, and by which receipt: nothing says delivered that was not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _

from vigie.console.desk_form import EXEMPTIONS
from vigie.console.present import State
from vigie.core.clock import iso
from vigie.flow import house
from vigie.store.models import StatementState, TaskKind, TaskState
from vigie.store.permissions import Permission

if TYPE_CHECKING:
    from vigie.console.page import Page
    from vigie.store.models import OutgoingTask, Statement, User


@dataclass(frozen=True, slots=True)
class Told:
    """One message: to whom, what became of it, when, and a note."""

    who: str
    state: State
    at: int | None = None
    note: str = ""
    link: str = ""


def rows(page: Page, user: User) -> list[Told]:
    """Return the statement first, then every message to the platform."""
    found = []
    if page.statement is not None:
        found.append(_statement(page.statement, statement_link(page, user)))
    return found + [_task(task) for task in page.tasks if task.kind == TaskKind.WEBHOOK]


def statement_link(page: Page, user: User) -> str:
    """Return where the author reads the statement, for those who may read it."""
    statement = page.statement
    if statement is None or not statement.token_digest or not statement.token_expires_at:
        return ""
    if not user.has_perm(Permission.STATEMENT_READ):
        return ""
    token = house.current().statement_token(page.record.decision_id, statement.token_expires_at)
    return reverse("portal:statement", args=[token])


def _statement(statement: Statement, link: str) -> Told:
    who = _("Author, statement of reasons")
    words = {
        StatementState.PREPARED: State("waits", _("prepared, not yet issued")),
        StatementState.ISSUED: State("done", _("issued")),
        StatementState.LIFTED: State("done", _("says that the restriction was lifted")),
        StatementState.CANCELLED: State("", _("undone before anything was sent")),
        StatementState.EXEMPT: State(
            "", _("none is owed: %(rule)s") % {"rule": _rule(statement.exception)}
        ),
    }
    state = words.get(StatementState(statement.state), State("", statement.state))
    note = ""
    if statement.state == StatementState.ISSUED and not statement.confirmed:
        note = _("issued before the platform confirmed the effect; the page says so")
    at = statement.lifted_at or statement.issued_at or statement.prepared_at
    return Told(who, state, at, note, link)


def _rule(exception: str) -> str:
    """Say in words why no statement was owed."""
    return str(EXEMPTIONS.get(exception, exception))


def _task(task: OutgoingTask) -> Told:
    """Say what became of one message to the platform."""
    who = _("Platform, webhook %(event)s") % {"event": task.event}
    answer = task.receipt.get("status")
    receipt = _("answer %(status)s") % {"status": answer} if answer else ""
    tries = _("try %(count)s") % {"count": task.attempts + 1}
    when = iso(task.next_try)[11:19]
    match TaskState(task.state):
        case TaskState.DELIVERED | TaskState.ACCEPTED:
            return Told(who, State("done", _("delivered")), task.done_at, receipt)
        case TaskState.WAITING:
            return Told(
                who, State("waits", _("waits")), None, _("leaves at %(at)s UTC") % {"at": when}
            )
        case TaskState.FAILED:
            words = _("waits, %(try)s at %(at)s UTC") % {"try": tries, "at": when}
            return Told(who, State("waits", words), None, receipt)
        case TaskState.SENT:
            return Told(who, State("waits", _("sent, not yet answered")))
        case TaskState.CANCELLED:
            return Told(who, State("", _("undone before it was sent")))
        case TaskState.DEAD:
            return Told(who, State("failed", _("given up, not delivered")), task.done_at, receipt)
