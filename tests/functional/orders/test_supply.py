# SPDX-License-Identifier: Apache-2.0
"""Account data for a granted order: sealed for its package, and only what was granted."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.functional.packages.conftest import Packing
from tests.functional.packages.test_order_package import names
from tests.support.senders import Senders, refreshed
from tests.support.vaults import Vault
from vigie.core.errors import ConflictError, InvalidInputError, RefusedError, VigieError
from vigie.flow.orders import disclose, execute, prove, supply
from vigie.store.models import Evidence, Record

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.people import Agora

pytestmark = pytest.mark.django_db
DATA = b'{"registered": "2024-03-01", "mail": "ana@example.org"}'
PASSWORD = "correct horse battery staple"


@pytest.fixture
def packing(agora: Agora, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Packing:
    vault = Vault(agora.house).install(monkeypatch)
    vault.set_up()
    agora.publish_trust()
    made = Packing(agora, vault, Senders(agora), tmp_path)
    made.order = made.ask("subscriber", "traffic", reference="DE-2026-12")
    return made


def seal(packing: Packing, category: str = "subscriber", data: bytes = DATA) -> Evidence:
    row = packing.order.data.get(category=category)
    return supply.supply(packing.agora.house, packing.by, packing.order, row, data, "ana.json")


def test_what_the_platform_looked_up_is_in_the_package_byte_for_byte(packing: Packing) -> None:
    packing.grant()
    made = seal(packing)
    files = names(packing.opened(packing.build()))
    assert files[f"data/accounts/{made.evidence_id}.json"] == DATA
    record = Record.objects.get(kind="order.supplied")
    assert made.evidence_id in record.canonical.decode()
    assert "ana.lima" not in record.canonical.decode()


@pytest.mark.parametrize(
    ("data", "name", "kept"),
    [
        (b"a;b\n", "a.csv", {"name": "a.csv", "text": "a;b\n"}),
        (b"\xff\x00", "../x/\x07pic.bin", {"name": "pic.bin", "base64": "/wA="}),
    ],
)
def test_what_is_no_json_is_wrapped(data: bytes, name: str, kept: dict[str, str]) -> None:
    assert json.loads(supply.in_json(data, supply.clean_name(name))) == kept


def test_nothing_is_sealed_before_proof_and_grant(packing: Packing) -> None:
    with pytest.raises(RefusedError) as refused:
        seal(packing)
    assert refused.value.code == "unproven"
    house, order = packing.agora.house, packing.order
    prove.by_call_back(house, packing.senders.calls, order, packing.phone, "Confirmed.")
    with pytest.raises(ConflictError) as early:
        seal(packing)
    assert early.value.code == "nothing_granted"
    assert not Evidence.objects.exists()


def test_only_the_granted_row_is_taken(packing: Packing) -> None:
    house, order = packing.agora.house, packing.order
    prove.by_call_back(house, packing.senders.calls, order, packing.phone, "Confirmed.")
    row = order.data.get(category="subscriber")
    disclose.grant(house, packing.by, order, [row.pk], "covered")
    with pytest.raises(ConflictError) as refused:
        seal(packing, "traffic")
    assert refused.value.code == "not_granted"
    assert seal(packing).meta["category"] == "subscriber"


def test_who_called_back_and_who_only_reads_seal_nothing(packing: Packing) -> None:
    packing.grant()
    row = packing.order.data.get(category="subscriber")
    for user in (packing.senders.calls, packing.agora.person("mo", "moderator")):
        with pytest.raises(RefusedError):
            supply.supply(packing.agora.house, user, packing.order, row, DATA, "x")


@pytest.mark.parametrize("size", [0, supply.MAX_BYTES + 1])
def test_an_empty_or_too_large_file_is_refused(packing: Packing, size: int) -> None:
    packing.grant()
    with pytest.raises(InvalidInputError):
        seal(packing, data=b"x" * size)


def test_a_refused_order_takes_nothing(packing: Packing) -> None:
    packing.grant()
    execute.refuse(packing.agora.house, packing.by, packing.order, "Annulled.")
    with pytest.raises(VigieError) as refused:
        seal(packing)
    assert refused.value.code == "order_closed"


def test_the_page_offers_it_after_the_grant_and_says_what_is_sealed(packing: Packing) -> None:
    client = Client()
    client.post("/console/login", {"name": packing.by.username, "password": PASSWORD})
    number = packing.order.number
    assert "Seal the file" not in client.get(f"/console/orders/{number}").content.decode()
    packing.grant()
    assert "Seal the file" in client.get(f"/console/orders/{number}").content.decode()
    row = packing.order.data.get(category="subscriber")
    there = f"/console/orders/{number}/data/seal"
    assert client.post(there, {"row": row.pk}).status_code == 422
    assert client.post(there, {"row": "9999"}).status_code == 422
    file = SimpleUploadedFile("ana.json", DATA)
    assert client.post(there, {"row": row.pk, "file": file}).status_code == 302
    assert "1 file sealed" in client.get(f"/console/orders/{number}").content.decode()
    assert refreshed(packing.order).state != "closed"
