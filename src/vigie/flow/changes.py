# SPDX-License-Identifier: Apache-2.0
"""Registered changes of rankers, assistants, image models and safety settings.

A change is registered with a digest of what was changed to, so that it can be
shown later which system ran when. Of an assistant, an image model or a safety
setting the register also names the version, who asked for it, two who approved
it and the assessment of its risks; the gateway holds every request against it,
and one that nobody registered raises an alarm or is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from vigie.core.errors import ConflictError, InvalidInputError
from vigie.flow import records
from vigie.flow.house import House
from vigie.flow.snapshot_parts import mark_dirty
from vigie.flow.transaction import writing
from vigie.store.models import ChangeKind, RegisteredChange, SnapshotPart

REGISTERED: Final = "change.registered"
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
MAX_TITLE: Final = 200
MAX_DESCRIPTION: Final = 5_000
MAX_VERSION: Final = 100
MAX_NAME: Final = 200
MAX_RISK: Final = 10_000
APPROVERS: Final = 2
MAX_APPROVERS: Final = 10
WHOLE: Final = frozenset({ChangeKind.ASSISTANT, ChangeKind.IMAGE_MODEL, ChangeKind.SAFETY})
"""Kinds of which the register must hold everything: what generates, and what guards it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is to be registered."""

    kind: str
    title: str
    """One sentence: what changes."""
    digest: str
    """SHA-256 of what was changed to, hexadecimal."""
    by: str
    description: str = ""
    """In plain words: what changes for people."""
    service: str = "default"
    effective_at: int | None = None
    """None: now."""
    ends_at: int | None = None
    """None: until another one."""
    version: str = ""
    asked_by: str = ""
    """A function, such as `head of product`; not a name."""
    approved_by: tuple[str, ...] = ()
    risk: str = ""
    """The assessment of its risks, or where it lies."""


def register_change(house: House, change: Change) -> RegisteredChange:
    """Register a change; the same digest may come again (a return to what was).

    It holds for the gateway with the next Snapshot. Raises InvalidInputError
    naming the field, ConflictError where it ends before it begins or one person
    approves it twice.
    """
    now = house.now()
    effective = now if change.effective_at is None else change.effective_at
    check_change(change, effective)
    plain = {
        "change": change.kind,
        "service": change.service,
        "title": change.title.strip(),
        "sha256": change.digest,
        "version": change.version.strip(),
        "effective_at": effective,
        "ends_at": change.ends_at or 0,
    }
    approvers = _approvers(change)
    personal = {
        "by": change.by,
        "asked_by": change.asked_by.strip(),
        "approved_by": approvers,
        "risk": change.risk.strip(),
    }
    with writing():
        draft = records.draft(REGISTERED, now, plain, personal)
        records.append_one(draft)
        mark_dirty(SnapshotPart.CHANGES, now)
        return RegisteredChange.objects.create(
            kind=change.kind,
            service=change.service,
            title=change.title.strip(),
            description=change.description.strip(),
            digest=change.digest,
            effective_at=effective,
            ends_at=change.ends_at,
            version=change.version.strip(),
            asked_by=change.asked_by.strip(),
            approved_by=approvers,
            risk=change.risk.strip(),
            registered_by=change.by,
            registered_at=now,
            record_id=draft.record_id,
        )


def check_change(change: Change, effective: int) -> None:
    """Raise InvalidInputError where a change is not whole, ConflictError where it contradicts."""
    if change.kind not in set(ChangeKind):
        raise InvalidInputError(
            f"There is no kind {change.kind!r}.",
            field="kind",
            fix=f"Choose from: {', '.join(ChangeKind)}.",
        )
    if not 0 < len(change.title.strip()) <= MAX_TITLE:
        raise InvalidInputError(f"A title has 1 to {MAX_TITLE} characters.", field="title")
    if not _SHA256.fullmatch(change.digest):
        raise InvalidInputError(
            "A digest is SHA-256 in 64 lower-case hexadecimal digits.",
            field="digest",
            fix="Such as the output of sha256sum over the configuration.",
        )
    if not 0 < len(change.service) <= 512:
        raise InvalidInputError("A service has 1 to 512 characters.", field="service")
    if change.ends_at is not None and change.ends_at <= effective:
        raise ConflictError("It ends after it began.", code="ends_before", field="ends_at")
    _check_lengths(change)
    if change.kind in WHOLE:
        _check_whole(change)


def _check_lengths(change: Change) -> None:
    limits = {
        "description": (change.description, MAX_DESCRIPTION),
        "version": (change.version, MAX_VERSION),
        "asked_by": (change.asked_by, MAX_NAME),
        "risk": (change.risk, MAX_RISK),
    }
    for field, (text, most) in limits.items():
        if len(text) > most:
            raise InvalidInputError(f"At most {most:,} characters.", field=field)
    long = any(len(one) > MAX_NAME for one in change.approved_by)
    if long or len(change.approved_by) > MAX_APPROVERS:
        raise InvalidInputError(
            f"At most {MAX_APPROVERS}, each of at most {MAX_NAME} characters.", field="approved_by"
        )


def _check_whole(change: Change) -> None:
    """Ask everything of what generates, or guards what is generated."""
    needed: dict[str, Any] = {
        "version": _("Give the version."),
        "asked_by": _("Name the function that asked for it."),
        "risk": _("Write the assessment of its risks, or where it lies."),
    }
    for field, fix in needed.items():
        if not getattr(change, field).strip():
            raise InvalidInputError(_("This is missing."), field=field, fix=fix)
    if len(_approvers(change)) < APPROVERS:
        raise ConflictError(
            _("Two people approve it."),
            code="one_approver",
            field="approved_by",
            fix=_("Name two different ones."),
        )


def _approvers(change: Change) -> list[str]:
    """Return who approved, each once: the same name in other letters is the same person."""
    found: dict[str, str] = {}
    for one in change.approved_by:
        found.setdefault(" ".join(one.split()).casefold(), one.strip())
    return [name for key, name in found.items() if key]


def between(since: int, until: int, kind: str = "") -> QuerySet[RegisteredChange]:
    """Return changes that began or ended from `since` up to before `until`, the oldest first."""
    begun = Q(effective_at__gte=since, effective_at__lt=until)
    ended = Q(ends_at__gte=since, ends_at__lt=until)
    rows = RegisteredChange.objects.filter(begun | ended)
    if kind:
        rows = rows.filter(kind=kind)
    return rows.select_related("record__entry").order_by("effective_at", "pk")
