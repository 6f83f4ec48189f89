# SPDX-License-Identifier: Apache-2.0
"""Queues, their members and the routing rules: who changed what is a record.

A change of rules holds for cases to come; what waits already stays where it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from vigie.core.errors import ConflictError, InvalidInputError, NotFoundError, RefusedError
from vigie.flow import records, search_day
from vigie.flow.house import House
from vigie.flow.queues.facts import facts_of
from vigie.flow.queues.first import BUILT_IN, all_queues
from vigie.flow.queues.route import FIXED
from vigie.flow.search import matches, parse
from vigie.flow.transaction import writing
from vigie.store.models import (
    Case,
    CaseState,
    Queue,
    QueueMember,
    ReviewQueue,
    RoutingRule,
    User,
)
from vigie.store.permissions import Permission

SLUG: Final = re.compile(r"[a-z][a-z0-9-]{0,31}")
MAX_TITLE: Final = 100
MAX_TEXT: Final = 500
MAX_RULES: Final = 200
LONGEST_AIM: Final = 90 * 24 * 60
HARDEST: Final = 3
TRIED: Final = 500
"""Recent cases against which a rule is tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueForm:
    """A queue as somebody wants it."""

    slug: str
    title: str
    description: str = ""
    restricted: bool = False
    hardness: int = 0
    aim_minutes: int = 24 * 60
    position: int = 100
    two_persons: bool = False
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleForm:
    """A routing rule as somebody wants it."""

    expression: str
    queue: str
    position: int = 100
    priority: int = 0
    active: bool = True


@dataclass(frozen=True, slots=True)
class Trial:
    """What a rule would have taken among recent cases."""

    looked: int
    taken: list[Case]


def save_queue(house: House, user: User, form: QueueForm) -> ReviewQueue:
    """Make a queue or change one. Raises InvalidInputError, naming the field."""
    _check_right(user)
    check_queue(form)
    now = house.now()
    with writing():
        _check_closing(form)
        values = {name: getattr(form, name) for name in form.__slots__ if name != "slug"}
        row, made = ReviewQueue.objects.update_or_create(slug=form.slug, defaults=values)
        plain = {"queue": row.slug, **{k: v for k, v in values.items() if k != "description"}}
        _record(now, "queue.made" if made else "queue.changed", plain, user)
    return row


def check_queue(form: QueueForm) -> None:
    """Raise InvalidInputError where a queue cannot be like this."""
    _check(
        bool(SLUG.fullmatch(form.slug)), "slug", _("Small letters, digits and hyphens, at most 32.")
    )
    _check(0 < len(form.title.strip()) <= MAX_TITLE, "title", _("1 to 100 characters."))
    _check(len(form.description) <= MAX_TEXT, "description", _("At most 500 characters."))
    _check(0 <= form.hardness <= HARDEST, "hardness", _("0 to 3."))
    _check(1 <= form.aim_minutes <= LONGEST_AIM, "aim_minutes", _("1 minute to 90 days."))
    _check(0 <= form.position <= 9_999, "position", _("0 to 9,999."))
    known = BUILT_IN.get(form.slug)
    if known is not None:
        _check(form.active, "active", _("A built-in queue stays open."))
        _check(
            form.restricted or not known.restricted, "restricted", _("This queue is its members’.")
        )


def _check_closing(form: QueueForm) -> None:
    """Raise ConflictError where cases or rules would be left in a closed queue."""
    if form.active:
        return
    if Case.objects.filter(state=CaseState.OPEN, queue=form.slug).exists():
        raise ConflictError(
            _("Cases wait in this queue."), code="queue_in_use", field="active",
            fix=_("Decide them or send them elsewhere first."),
        )  # fmt: skip
    if RoutingRule.objects.filter(queue__slug=form.slug, active=True).exists():
        raise ConflictError(
            _("Rules send cases to this queue."), code="queue_in_use", field="active",
            fix=_("Change or switch off these rules first."),
        )  # fmt: skip


def set_member(house: House, user: User, queue: str, member: User, *, on: bool) -> None:
    """Let somebody work in a restricted queue, or no longer."""
    _check_right(user)
    row = _queue(queue)
    now = house.now()
    with writing():
        if on:
            done = QueueMember.objects.get_or_create(queue=row, user=member)[1]
        else:
            done = QueueMember.objects.filter(queue=row, user=member).delete()[0] > 0
        if done:
            plain = {"queue": row.slug, "account": member.pk, "member": on}
            _record(now, "queue.changed", plain, user)


def save_rule(house: House, user: User, form: RuleForm, number: int | None = None) -> RoutingRule:
    """Make a rule or change one. Raises InvalidInputError; an expression names its column."""
    _check_right(user)
    queue = check_rule(form)
    now = house.now()
    with writing():
        row = _rule(number) if number is not None else RoutingRule(created_by=user.username)
        if number is None and RoutingRule.objects.count() >= MAX_RULES:
            raise ConflictError(_("At most 200 rules."), code="too_many_rules")
        row.expression, row.queue = form.expression.strip(), queue
        row.position, row.priority, row.active = form.position, form.priority, form.active
        row.save()
        _record(now, "rule.saved", _plain(row), user)
    return row


def check_rule(form: RuleForm) -> ReviewQueue:
    """Return the queue of a rule; raise where the rule cannot be like this."""
    if not form.expression.strip():
        raise InvalidInputError(_("Say which cases."), code="no_expression", field="expression")
    parse(form.expression)
    _check(0 <= form.priority <= 9, "priority", _("0 to 9."))
    _check(0 <= form.position <= 9_999, "position", _("0 to 9,999."))
    if form.queue in FIXED:
        raise InvalidInputError(
            _("Child safety and appeals are filled by what cases are, never by a rule."),
            code="queue_fixed",
            field="queue",
        )
    queue = _queue(form.queue)
    _check(queue.active, "queue", _("Choose a queue that is open."))
    return queue


def delete_rule(house: House, user: User, number: int) -> None:
    """Remove a rule."""
    _check_right(user)
    now = house.now()
    with writing():
        search_day.check_deletion()
        row = _rule(number)
        plain = _plain(row)
        row.delete()
        _record(now, "rule.removed", plain, user)


def try_rule(house: House, user: User, expression: str) -> Trial:
    """Return which of the recent cases an expression takes; changes nothing.

    Class `child` is never looked at. Raises SearchError for the expression.
    """
    _check_right(user)
    node = parse(expression)
    cases = _recent()
    now = house.now()
    taken = [
        case
        for case in cases
        if matches(node, facts_of(case, now=now, category=case.category, trusted=case.trusted))
    ]
    return Trial(len(cases), taken)


def _recent() -> Sequence[Case]:
    found = Case.objects.exclude(queue=Queue.CHILD).exclude(decision__cls="child")
    return list(found.select_related("decision").order_by("-pk")[:TRIED])


def _queue(slug: str) -> ReviewQueue:
    found = all_queues().get(slug)
    if found is None:
        raise NotFoundError(_("There is no such queue."), code="no_queue", field="queue")
    return found


def _rule(number: int) -> RoutingRule:
    found = RoutingRule.objects.select_related("queue").filter(pk=number).first()
    if found is None:
        raise NotFoundError(_("There is no such rule."), code="no_rule")
    return found


def _plain(row: RoutingRule) -> dict[str, Any]:
    return {
        "rule": row.pk,
        "expression": row.expression,
        "queue": row.queue.slug,
        "position": row.position,
        "priority": row.priority,
        "active": row.active,
    }


def _check_right(user: User) -> None:
    if not user.has_perm(Permission.QUEUE_MANAGE):
        raise RefusedError(_("Your role may not change queues."), code="no_permission")


def _check(fits: bool, field: str, fix: str) -> None:
    if not fits:
        raise InvalidInputError(_("This does not fit."), code="bad_queue", field=field, fix=fix)


def _record(now: int, kind: str, plain: Mapping[str, Any], user: User) -> None:
    records.append_one(records.draft(kind, now, plain, {"by": user.username}))
