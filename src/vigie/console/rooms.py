# SPDX-License-Identifier: Apache-2.0
"""The rooms of the console, in the order of the top bar.

A new room adds one row here and an address of the same name in `console.urls`;
a room without an address is left out. A count reads at most a thousand rows,
whatever the table holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy

from vigie.flow import second_person
from vigie.flow.gateway import alarms, brakes, excerpts
from vigie.store.models import Order, OrderState, OutgoingTask, TaskState, User
from vigie.store.permissions import Permission

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import QuerySet
    from django.utils.functional import _StrPromise

CAP: Final = 1_000
"""Above this a count says `1,000+`."""
FEW: Final = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """One entry of the bar."""

    name: str
    """What a page gives as `room`, and the name of its address."""
    permission: Permission
    title: _StrPromise
    more: bool = False
    """True: stands under *More*."""
    count: Callable[[User], int] | None = None
    """How much waits there; at most `cap` + 1."""
    cap: int = CAP


@dataclass(frozen=True, slots=True)
class Entry:
    """A room as one person sees it."""

    name: str
    title: str
    link: str
    count: int | None
    cap: int = CAP

    @property
    def shown(self) -> int:
        """The count as it is written, at most `cap`."""
        return min(self.count or 0, self.cap)

    @property
    def capped(self) -> bool:
        """True where more waits than is counted."""
        return (self.count or 0) > self.cap


def capped(rows: QuerySet[Any, Any]) -> int:
    """Count rows up to one more than the cap, at the same cost for any table."""
    return len(rows.order_by().values_list("pk", flat=True)[: CAP + 1])


def _second(user: User) -> int:
    """Count a few: of some kinds each request is looked at on its own."""
    asked = second_person.waiting_for(user)[: FEW + 1]
    return sum(second_person.may_see(user, one) for one in asked)


def _dead(_user: User) -> int:
    return capped(OutgoingTask.objects.filter(state=TaskState.DEAD))


def _gateway(_user: User) -> int:
    """Count what waits for a person: alarms, features that stand still, cases."""
    waits = (alarms.standing(), brakes.standing(), excerpts.waiting())
    keys = [one.order_by().values_list("pk", flat=True) for one in waits]
    return len(keys[0].union(*keys[1:], all=True)[: CAP + 1])


def _orders(_user: User) -> int:
    return capped(Order.objects.exclude(state=OrderState.CLOSED))


_P: Final = Permission
_: Final = gettext_lazy
ROOMS: Final = (
    Room(name="queues", permission=_P.CASE_READ, title=_("Queues")),
    Room(name="appeals", permission=_P.APPEAL_DECIDE, title=_("Appeals")),
    Room(name="decisions", permission=_P.DECISION_READ, title=_("Decisions")),
    Room(name="child", permission=_P.CHILD_READ, title=_("Child safety")),
    Room(name="orders", permission=_P.ORDER_READ, title=_("Orders"), count=_orders),
    Room(name="search", permission=_P.SEARCH_USE, title=_("Search")),
    Room(name="overview", permission=_P.OVERVIEW_READ, title=_("Overview")),
    Room(
        name="second",
        permission=_P.CASE_READ,
        title=_("Second person"),
        count=_second,
        cap=FEW,
        more=True,
    ),
    Room(
        name="gateway",
        permission=_P.GATEWAY_READ,
        title=_("AI gateway"),
        more=True,
        count=_gateway,
    ),
    Room(name="clocks", permission=_P.ORDER_READ, title=_("Clocks"), more=True),
    Room(name="notices", permission=_P.CASE_READ, title=_("Notices"), more=True),
    Room(name="policies", permission=_P.POLICY_READ, title=_("Policies"), more=True),
    Room(name="banks", permission=_P.BANK_READ, title=_("Hash lists"), more=True),
    Room(name="strikes", permission=_P.CASE_READ, title=_("Strikes"), more=True),
    Room(name="disputes", permission=_P.DISPUTE_EDIT, title=_("Disputes"), more=True),
    Room(name="scope", permission=_P.OFFICER_READ, title=_("Scope of the search")),
    Room(name="reports", permission=_P.REPORT_SEND, title=_("Reports"), more=True),
    Room(name="matters", permission=_P.MATTER_READ, title=_("Matters"), more=True),
    Room(name="searches", permission=_P.SEARCH_MANAGE, title=_("Search days"), more=True),
    Room(name="authorities", permission=_P.ORDER_READ, title=_("Authorities"), more=True),
    Room(name="evidence", permission=_P.EVIDENCE_READ, title=_("Evidence"), more=True),
    Room(name="packages", permission=_P.EVIDENCE_READ, title=_("Packages"), more=True),
    Room(name="team", permission=_P.CASE_ASSIGN, title=_("Team"), more=True),
    Room(name="requests", permission=_P.SUBJECT_ANSWER, title=_("Requests"), more=True),
    Room(name="public", permission=_P.DISCLOSURE_EDIT, title=_("Public"), more=True),
    Room(
        name="dead_letters",
        permission=_P.TASK_RETRY,
        title=_("Dead letters"),
        more=True,
        count=_dead,
    ),
    Room(name="quality", permission=_P.QUALITY_READ, title=_("Load and exposure"), more=True),
    Room(name="log", permission=_P.PROOF_READ, title=_("Log"), more=True),
    Room(name="settings", permission=_P.SETTING_MANAGE, title=_("Settings"), more=True),
)


def entries(user: User, *, more: bool) -> list[Entry]:
    """Return the rooms that a person may open, of the bar or of *More*."""
    found = []
    for room in ROOMS:
        if room.more != more or not user.has_perm(room.permission):
            continue
        try:
            link = reverse(f"console:{room.name}")
        except NoReverseMatch:
            continue
        count = room.count(user) if room.count else None
        found.append(Entry(room.name, str(room.title), link, count, room.cap))
    return found
