# SPDX-License-Identifier: Apache-2.0
"""Sealed files of the machine door become rows: none is lost, none becomes two.

A file goes only after its row is committed and its ciphertext is in its place; the
same file met twice finds its row. Bytes of an item that are sealed already (the
platform sent it again after an answer that it never got) are dropped with their key.
"""

from __future__ import annotations

from typing import Final

from django.db.models import QuerySet

from vigie.core.errors import UnavailableError
from vigie.evidence import incoming, keys
from vigie.flow.house import House
from vigie.flow.transaction import writing
from vigie.flow.vault import layout
from vigie.flow.vault.seal import About, write_row
from vigie.store.models import DecisionRecord, Evidence, EvidenceKind, GatewayStop, VaultEpoch

PATIENCE_MS: Final = 3_600_000
"""So long a file waits for its decision to be folded; then it gets a row without one."""


def adopt(house: House) -> int:
    """Make rows of what waits; return how many. A file that cannot be read stays for people."""
    done = 0
    for path in incoming.waiting(layout.folder(house.settings)):
        try:
            found = incoming.read(path)
        except UnavailableError:
            continue
        done += _adopt(house, found)
    return done


def _adopt(house: House, found: incoming.Waiting) -> bool:
    head = found.header
    decision = DecisionRecord.objects.filter(decision_id=head.decision_id).first()
    if decision is None and house.now() - head.at < PATIENCE_MS:
        return False
    if not VaultEpoch.objects.filter(pk=head.epoch, lane=head.lane).exists():
        return False
    file = layout.name_of(head.lane, head.evidence_id)
    layout.write(house.settings, file, found.ciphertext)
    with writing():
        known = Evidence.objects.filter(pk=head.evidence_id).exists()
        twice = not known and _same(head).exists()
        if not known and not twice:
            row = write_row(house, _sealed(found), _about(head, decision), file, _digests(head))
            if row.kind == EvidenceKind.EXCERPT:
                GatewayStop.objects.filter(decision=decision).update(evidence=row)
    if twice:
        layout.path_of(house.settings, file).unlink(missing_ok=True)
    found.path.unlink(missing_ok=True)
    return not (known or twice)


def _same(head: incoming.Header) -> QuerySet[Evidence]:
    return Evidence.objects.filter(
        service=head.service,
        item_id=head.item_id,
        lane=head.lane,
        sha256=head.sha256,
        shredded_at=None,
    )


def _sealed(found: incoming.Waiting) -> keys.Sealed:
    head = found.header
    return keys.Sealed(
        evidence_id=head.evidence_id,
        ciphertext=b"",
        recipient=head.recipient,
        wrapped=head.wrapped,
        epoch=head.epoch,
        sha256=head.sha256,
        size=head.size,
    )


def _about(head: incoming.Header, decision: DecisionRecord | None) -> About:
    return About(
        kind=EvidenceKind(head.kind),
        cls=head.cls,
        rule=head.rule,
        basis=head.basis,
        service=head.service,
        item_id=head.item_id,
        author=decision.author if decision is not None else "",
        decision=decision,
        mime=head.mime[:100],
        meta={
            "version": head.version,
            "position": head.position,
            **({"custody": head.custody} if head.custody is not None else {}),
        },
        start=head.at,
        ends_at=head.ends_at,
    )


def _digests(head: incoming.Header) -> dict[str, str]:
    return {"md5": head.md5, "sha1": head.sha1}
