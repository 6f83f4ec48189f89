# SPDX-License-Identifier: Apache-2.0
"""Which notices a person may see, and what a page shows of one.

A notice is seen by whoever may see one of its cases; those of class `child` by
their room alone. Name and mail are never here: they are looked at, with a
reason (`flow.looks`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from vigie.core.errors import NotFoundError
from vigie.flow.notices.form import CHILD
from vigie.flow.queues import access
from vigie.law import categories
from vigie.store.models import Case, Notice, NoticeItem, NoticeState, OutgoingTask, TaskState
from vigie.store.permissions import Permission

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from vigie.store.models import User

PAGE: Final = 50
STATES: Final = tuple(state.value for state in NoticeState)


@dataclass(frozen=True, slots=True)
class Line:
    """One location of a notice as its page shows it."""

    item: NoticeItem
    case: Case | None
    """None where this person may not see it."""
    words: str
    shape: str


@dataclass(frozen=True, slots=True)
class Sent:
    """One letter and what became of it."""

    template: str
    language: str
    at: int
    words: str
    shape: str


def visible(user: User, *, child: bool = False) -> QuerySet[Notice]:
    """Return the notices that a person may see: of their queues, in one world."""
    if child and not user.has_perm(Permission.CHILD_READ):
        return Notice.objects.none()
    slugs = [queue.slug for queue in access.queues_of(user)]
    mine = Q(items__case__queue__in=slugs) | Q(items__case__isnull=True)
    found = Notice.objects.filter(mine).exclude(category__in=user.barred).distinct()
    return found.filter(_of_child()) if child else found.exclude(_of_child())


def is_child(notice: Notice) -> bool:
    """Say whether a notice is of class child, or about an item that went there."""
    return Notice.objects.filter(_of_child(), pk=notice.pk).exists()


def _of_child() -> Q:
    moved = NoticeItem.objects.filter(case__queue=CHILD)
    return Q(category=CHILD) | Q(pk__in=moved.values("notice"))


def find(user: User, number: int) -> Notice:
    """Return a notice; NotFoundError where there is none that this person may see."""
    wanted = Notice.objects.filter(number=number).first()
    child = wanted is not None and is_child(wanted)
    found = visible(user, child=child).filter(number=number).first()
    if found is None:
        raise NotFoundError(_("There is no such notice."), code="no_notice")
    return found


def title(notice: Notice) -> str:
    """Return the category in the language of the page."""
    known = categories.load().get(notice.category)
    return known.title(get_language() or "en") if known else notice.category


def is_discreet(notice: Notice) -> bool:
    """Say whether the notifier may be the person harmed."""
    known = categories.load().get(notice.category)
    return notice.on_behalf or (known is not None and known.victim)


def missing(notice: Notice) -> list[str]:
    """Return what of Art. 16(2) was not there at receipt, in words."""
    words = {"explanation": _("explanation"), "name": _("name"), "email": _("mail address")}
    return [words.get(one, one) for one in notice.missing]


def lines(user: User, notice: Notice) -> list[Line]:
    """Return the locations with their cases, as far as the person may see them."""
    rows = notice.items.select_related("case", "case__decision", "decision").order_by("position")
    return [_line(user, item) for item in rows]


def _line(user: User, item: NoticeItem) -> Line:
    case = item.case if item.case is not None and access.may_see(user, item.case) else None
    words, shape = {
        "restricted": (_("restricted"), "done"),
        "not_restricted": (_("not restricted"), "open"),
        "gone": (_("no longer there"), "open"),
    }.get(item.outcome, (_("waits for a person"), "waits"))
    return Line(item, case, words, shape)


def letters(notice: Notice) -> list[Sent]:
    """Return the letters of a notice, the oldest first; never their address."""
    rows = notice.letters.select_related("task").order_by("written_at")
    return [Sent(one.template, one.language, one.written_at, *_state(one.task)) for one in rows]


_SHAPES: Final = {
    TaskState.WAITING: "waits",
    TaskState.FAILED: "waits",
    TaskState.SENT: "open",
    TaskState.ACCEPTED: "done",
    TaskState.CANCELLED: "open",
    TaskState.DEAD: "failed",
}


def _state(task: OutgoingTask) -> tuple[str, str]:
    words = {
        TaskState.WAITING: _("waits"),
        TaskState.FAILED: _("waits to be tried again"),
        TaskState.SENT: _("left, not confirmed"),
        TaskState.ACCEPTED: _("taken by the mail server"),
        TaskState.CANCELLED: _("not sent"),
        TaskState.DEAD: _("could not be delivered"),
    }
    state = TaskState(task.state)
    return words[state], _SHAPES[state]
