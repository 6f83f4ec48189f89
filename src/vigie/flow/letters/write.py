# SPDX-License-Identifier: Apache-2.0
"""Writing a mail: a task that commits with the record that it tells of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from vigie.core.errors import InvalidInputError
from vigie.flow.house import House
from vigie.flow.letters.known import TEMPLATES
from vigie.flow.letters.wording import known_language
from vigie.flow.webhooks import message_id
from vigie.store.models import (
    Appeal,
    DecisionRecord,
    Letter,
    Notice,
    OutgoingTask,
    TaskKind,
    TaskState,
)

MOST: Final = 4_000
"""Characters of one value."""
ADDRESS: Final = 254


def check_address(email: str, field: str = "email") -> str:
    """Return a mail address without spaces around it.

    Raises InvalidInputError where nothing can be sent to it (RFC 5321 length;
    a local part outside ASCII is not supported).
    """
    wanted = email.strip()
    try:
        if len(wanted) > ADDRESS or not wanted.isprintable():
            raise ValidationError("")
        validate_email(wanted)
    except ValidationError as problem:
        raise InvalidInputError(
            "This is no mail address.",
            code="bad_address",
            field=field,
            fix="Write it as name@example.org.",
        ) from problem
    return wanted


def write_letter(
    house: House,
    *,
    template: str,
    to: str,
    language: str,
    context: Mapping[str, str],
    notice: Notice | None = None,
    appeal: Appeal | None = None,
    decision: DecisionRecord | None = None,
    not_before: int | None = None,
) -> OutgoingTask:
    """Put a mail on its way; inside `transaction.writing`. `jobs` sends it.

    With `decision` it is cancelled if that decision is undone before it left.
    An address that cannot be used is no reason to fail what the mail tells of:
    the task is then dead at once and stands among what could not be delivered.
    Raises ValueError for a template or value that does not exist: a defect.
    """
    strange = set(context) - TEMPLATES[template].names if template in TEMPLATES else {template}
    if strange:
        raise ValueError(f"no such mail or value: {sorted(strange)}")
    now = house.now()
    due = now if not_before is None else not_before
    usable = is_usable(to)
    task = OutgoingTask.objects.create(
        kind=TaskKind.MAIL,
        event=f"mail.{template}",
        decision=decision,
        message_id=message_id(),
        not_before=due,
        next_try=due,
        created_at=now,
        state=TaskState.WAITING if usable else TaskState.DEAD,
        done_at=None if usable else now,
        receipt={} if usable else {"problem": "bad_address", "at": now, "attempt": 0},
    )
    Letter.objects.create(
        task=task,
        template=template,
        language=known_language(language),
        to=to.strip()[:ADDRESS],
        context={name: str(value)[:MOST] for name, value in context.items()},
        notice=notice,
        appeal=appeal,
        written_at=now,
    )
    return task


def is_usable(to: str) -> bool:
    """Say whether anything can be sent to an address."""
    try:
        check_address(to)
    except InvalidInputError:
        return False
    return True
