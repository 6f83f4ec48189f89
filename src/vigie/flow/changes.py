# SPDX-License-Identifier: Apache-2.0
"""Registered changes of rankers, assistants, image models and safety settings.

A change is registered with a digest of what was changed to, so that it can be
shown later which system ran when. A change that nobody registered is an alarm
for whoever compares digests.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from vigie.core.errors import InvalidInputError
from vigie.flow import records
from vigie.flow.house import House
from vigie.flow.transaction import writing
from vigie.store.models import ChangeKind, RegisteredChange

REGISTERED: Final = "change.registered"
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
MAX_TITLE: Final = 200
MAX_DESCRIPTION: Final = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is to be registered."""

    kind: str
    title: str
    digest: str
    """SHA-256 of what was changed to, hexadecimal."""
    by: str
    description: str = ""
    """In plain words: what changes for people."""
    service: str = "default"
    effective_at: int | None = None
    """None: now."""


def register_change(house: House, change: Change) -> RegisteredChange:
    """Register a change; the same digest may come again (a return to what was).

    Raises InvalidInputError naming the field.
    """
    check_change(change)
    now = house.now()
    effective = now if change.effective_at is None else change.effective_at
    plain = {
        "change": change.kind,
        "service": change.service,
        "title": change.title.strip(),
        "sha256": change.digest,
        "effective_at": effective,
    }
    with writing():
        draft = records.draft(REGISTERED, now, plain, {"by": change.by})
        records.append_one(draft)
        return RegisteredChange.objects.create(
            kind=change.kind,
            service=change.service,
            title=change.title.strip(),
            description=change.description.strip(),
            digest=change.digest,
            effective_at=effective,
            registered_by=change.by,
            registered_at=now,
            record_id=draft.record_id,
        )


def check_change(change: Change) -> None:
    """Raise InvalidInputError where a change is not whole."""
    if change.kind not in set(ChangeKind):
        raise InvalidInputError(
            f"There is no kind {change.kind!r}.",
            field="kind",
            fix=f"Choose from: {', '.join(ChangeKind)}.",
        )
    if not 0 < len(change.title.strip()) <= MAX_TITLE:
        raise InvalidInputError(f"A title has 1 to {MAX_TITLE} characters.", field="title")
    if len(change.description) > MAX_DESCRIPTION:
        raise InvalidInputError(f"At most {MAX_DESCRIPTION:,} characters.", field="description")
    if not _SHA256.fullmatch(change.digest):
        raise InvalidInputError(
            "A digest is SHA-256 in 64 lower-case hexadecimal digits.",
            field="digest",
            fix="Such as the output of sha256sum over the configuration.",
        )
    if not 0 < len(change.service) <= 512:
        raise InvalidInputError("A service has 1 to 512 characters.", field="service")
