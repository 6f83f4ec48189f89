# SPDX-License-Identifier: Apache-2.0
"""A case with pictures that a site on this machine serves, and lists that know some."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import msgspec

from tests.support.people import Agora
from tests.support.queues import routed
from vigie.flow import house as houses
from vigie.flow.deletion import redact
from vigie.screening.matching.base import BankClass, IndexRow, Ref
from vigie.screening.snapshot_files import Manifest, write_manifest, write_part
from vigie.store.models import Case, DecisionRecord, ItemContent

HOST = "127.0.0.1"


def allow(agora: Agora, *hosts: str) -> None:
    """Let the operator allow hosts, this machine among them."""
    agora.settings = replace(agora.settings, media_hosts=hosts, webhook_private=True)
    agora.house = houses.build(agora.settings, agora.clock)


def with_pictures(agora: Agora, *urls: str, recorded: tuple[str, ...] = (), **columns: str) -> Case:
    """Return a case in its queue whose item has pictures at these addresses."""
    case = routed(agora, **columns)
    seen = case.decision
    ItemContent.objects.filter(item_id=seen.item_id).update(media_urls=list(urls))
    if recorded:
        redact(DecisionRecord.objects.filter(number=seen.number), media=list(recorded))
    return Case.objects.get(pk=case.pk)


def listed(agora: Agora, cls: BankClass, *files: bytes) -> None:
    """Publish a Snapshot whose only list knows these files."""
    ref = Ref("synthetic-list", "test", cls)
    rows = [IndexRow("sha256", hashlib.sha256(data).digest(), ref) for data in files]
    folder = agora.settings.snapshots_dir
    digest = write_part(folder, msgspec.json.encode(rows))
    write_manifest(
        folder, Manifest(number=1, at="2026-11-22T21:00:00Z", parts={"index_tail": digest})
    )
