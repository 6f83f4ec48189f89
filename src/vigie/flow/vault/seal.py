# SPDX-License-Identifier: Apache-2.0
"""Sealing: bytes go into the vault with public keys alone; a row and a record say so.

The file is on disk before its row: a crash in between leaves a file that nothing
can open, which `vigie vault check` finds. Lane `child` is asked for its basis of
custody first.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.db.models import Max
from django.utils.translation import gettext_noop as _

from vigie.core.errors import InvalidInputError
from vigie.evidence import age, keys, terms
from vigie.flow import records
from vigie.flow.house import House
from vigie.flow.transaction import writing
from vigie.flow.vault import custody, layout
from vigie.store.models import (
    CustodyEvent,
    CustodyKind,
    DecisionRecord,
    Evidence,
    EvidenceKind,
    Order,
)

SEALED: Final = "evidence.sealed"
MAX_BASIS: Final = 2_000
CHILD: Final = "child"
BY: Final = "vigie"


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a sealed record is, and why it is kept."""

    kind: EvidenceKind
    cls: str
    rule: str
    basis: str
    service: str
    item_id: str = ""
    author: str = ""
    """Keyed pseudonym."""
    decision: DecisionRecord | None = None
    order: Order | None = None
    mime: str = ""
    meta: Mapping[str, Any] = field(default_factory=dict)
    start: int | None = None
    """When its term began; none: now."""
    ends_at: int | None = None
    """An earlier end than the rule's: of a basis of custody."""


def seal(
    house: House,
    *,
    data: bytes,
    kind: EvidenceKind | str,
    cls: str,
    rule: str,
    basis: str,
    service: str,
    item_id: str = "",
    author: str = "",
    decision: DecisionRecord | None = None,
    order: Order | None = None,
    mime: str = "",
    meta: Mapping[str, Any] | None = None,
    start: int | None = None,
) -> Evidence:
    """Seal bytes; returns the row. Joins a transaction that is open, else opens one.

    Raises InvalidInputError for a rule that is none, no basis or too large a
    file, RefusedError `no_custody` where nothing allows to keep bytes of class
    `child`, UnavailableError `no_vault` before `vigie vault init`.
    """
    allowed = custody.check(house, decision) if cls == CHILD else custody.Allowed("")
    held = {} if allowed.basis is None else {"custody": allowed.basis}
    about = About(
        kind=EvidenceKind(kind),
        cls=cls,
        rule=allowed.rule or rule,
        basis=basis.strip(),
        service=service,
        item_id=item_id,
        author=author,
        decision=decision,
        order=order,
        mime=mime[:100],
        meta={**(meta or {}), **held},
        start=start,
        ends_at=allowed.ends_at,
    )
    check(about, data)
    lane = keys.CHILD if cls == CHILD else keys.GENERAL
    made = keys.seal(data, layout.recipients(house.settings).lane(lane))
    file = layout.name_of(lane, made.evidence_id)
    layout.write(house.settings, file, made.ciphertext)
    digests = {"md5": hashlib.md5(data, usedforsecurity=False).hexdigest()}
    digests["sha1"] = hashlib.sha1(data, usedforsecurity=False).hexdigest()
    with writing():
        return write_row(house, made, about, file, digests)


def check(about: About, data: bytes) -> None:
    """Raise InvalidInputError where something cannot be sealed as it is."""
    terms.find(about.rule)
    if not about.basis or len(about.basis) > MAX_BASIS:
        raise InvalidInputError(
            _("Evidence has its legal basis."),
            code="no_basis",
            field="basis",
            fix=_("Name the provision or the order."),
        )
    if not data or len(data) > age.MAX_BYTES:
        raise InvalidInputError(
            _("This is empty or too large to be sealed."), code="evidence_size", field="data"
        )


def write_row(
    house: House, made: keys.Sealed, about: About, file: str, digests: Mapping[str, str]
) -> Evidence:
    """Write row, custody event and record of a file that is on disk. Inside `writing`."""
    now = house.now()
    start = now if about.start is None else about.start
    term = terms.find(about.rule)
    lane = keys.CHILD if about.cls == CHILD else keys.GENERAL
    purge = term.purge_at(start)
    end = purge if about.ends_at is None else min(purge, about.ends_at)
    draft = _draft(made, about, lane, now)
    records.append_one(draft)
    row = Evidence.objects.create(
        evidence_id=made.evidence_id,
        number=next_number(),
        kind=about.kind.value,
        cls=about.cls,
        lane=lane,
        rule=about.rule,
        basis=about.basis,
        service=about.service,
        item_id=about.item_id,
        author=about.author,
        decision=about.decision,
        order=about.order,
        mime=about.mime,
        size=made.size,
        sha256=made.sha256,
        meta={**about.meta, **digests},
        recipient=made.recipient,
        file=file,
        epoch_id=made.epoch,
        wrapped=[made.wrapped],
        sealed_at=now,
        keep_until=min(term.keep_until(start), end),
        purge_at=end,
        record_id=draft.record_id,
    )
    CustodyEvent.objects.create(
        evidence=row, kind=CustodyKind.SEALED, by=BY, at=now, record_id=draft.record_id
    )
    return row


def next_number() -> int:
    """Return the number that the next record gets. Inside `writing`."""
    return (Evidence.objects.aggregate(last=Max("number"))["last"] or 0) + 1


def _draft(made: keys.Sealed, about: About, lane: str, now: int) -> records.Draft:
    """Return the record: which record under which rule in the open, all else committed."""
    plain = {
        "evidence": made.evidence_id,
        "epoch": made.epoch,
        "kind": about.kind.value,
        "rule": about.rule,
    }
    item = {"service": about.service, "id": about.item_id, "author": about.author}
    personal = {
        "item": item,
        "lane": lane,
        "sha256": made.sha256,
        "size": made.size,
        "basis": about.basis,
        "decision": about.decision.decision_id if about.decision else "",
        "order": about.order.number if about.order else 0,
    }
    return records.draft(SEALED, now, plain, personal)
