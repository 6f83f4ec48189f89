# SPDX-License-Identifier: Apache-2.0
"""From a choice to the values of a package: what the log shows of it, and what is missing."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from typing import Any, Final

from vigie.core.errors import VigieError
from vigie.evidence.contents import Contents, Head, LogRecord, Piece
from vigie.flow import anchors
from vigie.flow.house import House
from vigie.flow.packages import logged
from vigie.flow.packages.choose import Choice
from vigie.ledger.verify import bundle
from vigie.ledger.verify.canonical import parse_json
from vigie.ledger.verify.checkpoints import parse_checkpoint
from vigie.ledger.verify.handled import handled_line
from vigie.ledger.verify.notes import parse_note
from vigie.ledger.verify.proofs import Opening
from vigie.ledger.verify.views import SEALED_KIND, ShownRecord
from vigie.store.models import CustodyEvent, CustodyKind, Evidence, TimeAnchor, VaultGrant

_NAMES_ANOTHER: Final = re.compile(r"\b[OSR]-\d+")
GROUP: Final = 500


def contents(house: House, choice: Choice, pieces: Sequence[Piece]) -> Contents:
    """Return everything but the bytes of the pieces; signs and stamps a checkpoint over it.

    Raises UnavailableError where no checkpoint can be had.
    """
    custody, own = _custody(pieces, choice)
    wanted = [*custody, *choice.decisions, *choice.records, *_anchor_records()]
    opened = logged.open_records(wanted, own.__contains__)
    checkpoint = logged.cover(house, max((one.index for one in opened.records), default=0))
    size = parse_checkpoint(parse_note(checkpoint).text).size
    _stamp(house, size)
    records = [one for one in opened.records if one.index < size]
    tree = logged.tree(house, size)
    return Contents(
        head=_head(house, choice),
        checkpoint=checkpoint,
        policy=anchors.policy_text(house),
        verifier=bundle.build().encode(),
        pieces=tuple(pieces),
        records=tuple(records),
        proofs=logged.proofs(tree, checkpoint, records),
        stamps=tuple(logged.stamps(tree, _sealings(records))),
        missing=(*anchors.missing(house, size=size), *_erased(opened.erased)),
        handled=None if choice.handled is None else _handled(choice, records),
    )


def _stamp(house: House, size: int) -> None:
    """Have the package's own checkpoint stamped; who cannot be reached is named as missing."""
    try:
        anchors.stamp(house, size)
    except VigieError:
        return


def _custody(pieces: Sequence[Piece], choice: Choice) -> tuple[list[str], set[str]]:
    """Return the records of custody, and which of them may show reason and ticket."""
    found: list[str] = []
    own: set[str] = set()
    names = [one.evidence_id for one in pieces]
    order = choice.order.number if choice.order is not None else None
    for start in range(0, len(names), GROUP):
        part = names[start : start + GROUP]
        sealed = Evidence.objects.filter(pk__in=part).values_list("record_id", "order_id")
        own.update(record for record, of in sealed if of in (None, order))
        # The sealing is an event too; whose it is says its row, not the event.
        events = CustodyEvent.objects.filter(evidence__in=part).exclude(kind=CustodyKind.SEALED)
        rows = list(events.values_list("record_id", "reason", "ticket"))
        grants = VaultGrant.objects.filter(record__in=[row[0] for row in rows])
        others = set(
            grants.exclude(order=None).exclude(order=order).values_list("record_id", flat=True)
        )
        own.update(
            record
            for record, reason, ticket in rows
            if record not in others and is_own(f"{reason} {ticket}", choice.subject)
        )
        found.extend(record for record, _ in sealed)
        found.extend(row[0] for row in rows)
    return found, own


def is_own(words: str, subject: str) -> bool:
    """Say whether words of an event name no order, search or report but this package's."""
    return all(one == subject for one in _NAMES_ANOTHER.findall(words))


def _anchor_records() -> list[str]:
    """Return the newest records of time stamps: what follows them is later."""
    rows = TimeAnchor.objects.order_by("-pk").values_list("record_id", flat=True)
    return list(rows[: logged.MOST_STAMPS])


def _sealings(records: Sequence[LogRecord]) -> list[int]:
    mark = f'"k":"{SEALED_KIND}"'.encode()
    return [one.index for one in records if mark in one.content]


def _erased(count: int) -> tuple[str, ...]:
    if not count:
        return ()
    return (f"{count} records cannot be opened any more: their keys were erased.",)


def _head(house: House, choice: Choice) -> Head:
    settings = house.settings
    slug = "".join(sign for sign in choice.subject.lower() if sign.isascii() and sign.isalnum())
    return Head(
        package_id=f"vp-{slug[:40]}-{secrets.token_hex(4)}",
        made_at=house.now(),
        subject=choice.subject,
        operator=settings.operator,
        origin=settings.log_origin,
        authority=choice.authority,
        reference=choice.reference,
        basis=choice.basis,
        scope=choice.scope,
    )


def _handled(choice: Choice, records: Sequence[LogRecord]) -> tuple[Mapping[str, Any], ...]:
    shown = {one.opening.record["id"]: one for one in map(_shown, records)}
    lines = []
    for row in choice.handled or ():
        received = shown.get(row.received)
        if received is not None:
            closed = shown.get(row.closed) if row.closed else None
            lines.append(handled_line(row.what, row.number, received, closed))
    return tuple(lines)


def _shown(one: LogRecord) -> ShownRecord:
    opening = Opening(parse_json(one.content), one.salt, b"")
    opened = tuple((field.path, field.value) for field in one.fields)
    return ShownRecord(one.index, opening, opened)
