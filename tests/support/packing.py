# SPDX-License-Identifier: Apache-2.0
"""A package that was made in the console and waits there, encrypted."""

from __future__ import annotations

from typing import Final

from tests.support.people import Agora
from vigie.flow import records
from vigie.flow.packages import handed
from vigie.flow.transaction import writing
from vigie.store.models import EvidencePackage, Order

PACKAGE: Final = "vp-o1-0123abcd"
KEY: Final = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"


def waiting(agora: Agora, order: Order | None = None) -> EvidencePackage:
    """Record the package and leave its file."""
    now = agora.house.now()
    with writing():
        draft = records.draft("package.exported", now, {"package": PACKAGE})
        records.append_one(draft)
        row = EvidencePackage.objects.create(
            package_id=PACKAGE,
            order=order,
            recipient=KEY,
            tagmanifest_sha512="ab" * 64,
            records=3,
            size=1_000,
            made_by="legal 1",
            at=now,
            record_id=draft.record_id,
        )
    file_waits(agora)
    return row


def file_waits(agora: Agora) -> None:
    """Put the encrypted file where it waits."""
    path = handed.folder(agora.house) / f"{PACKAGE}.zip.age"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"age-encryption.org/v1\n")
