# SPDX-License-Identifier: Apache-2.0
"""The pages of packages: what would leave is shown first, and who may not make one cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.test import Client

from tests.functional.packages.conftest import Packing
from tests.support.packing import KEY, waiting
from tests.support.senders import Senders
from tests.support.vaults import Vault
from vigie.flow.packages import handed
from vigie.store.models import EvidencePackage

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.people import Agora

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery staple"


@pytest.fixture
def packing(agora: Agora, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Packing:
    vault = Vault(agora.house).install(monkeypatch)
    vault.set_up()
    agora.publish_trust()
    return Packing(agora, vault, Senders(agora), tmp_path)


@pytest.fixture
def desk(packing: Packing) -> Client:
    """Somebody of the legal desk, signed in."""
    client = Client()
    client.post("/console/login", {"name": packing.by.username, "password": PASSWORD})
    return client


def test_what_would_leave_is_shown_before_it_does(packing: Packing, desk: Client) -> None:
    packing.grant()
    packing.seal(b"the picture")
    page = desk.get("/console/packages/new/order/1").content.decode()
    assert "Amtsgericht Beispielstadt" in page
    assert "content: ana.lima" in page
    assert page.count("btn main") == 1
    assert not EvidencePackage.objects.exists()


def test_an_unproven_order_offers_no_form(packing: Packing, desk: Client) -> None:
    packing.seal(b"the picture")
    page = desk.get("/console/packages/new/order/1").content.decode()
    assert "The sender of this order is not proven" in page
    assert "ana.lima" not in page
    assert "<textarea" not in page


def test_a_package_is_made_taken_and_handed_over(packing: Packing, desk: Client) -> None:
    packing.grant()
    packing.seal(b"the picture")
    key = packing.recipient.text
    made = desk.post("/console/packages/make/order/1", {"recipient": key})
    assert (made.status_code, made["Location"]) == (302, "/console/packages")
    row = EvidencePackage.objects.get()
    assert row.package_id in desk.get("/console/packages").content.decode()
    file = desk.get(f"/console/packages/{row.pk}/file")
    assert "no-store" in file["Cache-Control"]
    assert file["Content-Disposition"] == f'attachment; filename="{row.pk}.zip.age"'
    assert file.content.startswith(b"age-encryption.org/v1")
    desk.post(f"/console/packages/{row.pk}/handed", {"note": "by courier"})
    assert "by courier" in desk.get("/console/packages").content.decode()
    assert desk.get(f"/console/packages/{row.pk}/file").status_code == 404
    assert not list(handed.folder(packing.agora.house).iterdir())


@pytest.mark.parametrize("key", ["", "age1nonsense", "x" * 2_000])
def test_what_is_no_key_is_said_beside_the_form(packing: Packing, desk: Client, key: str) -> None:
    packing.grant()
    packing.seal(b"the picture")
    sent = desk.post("/console/packages/make/order/1", {"recipient": key})
    assert sent.status_code == 422
    assert "No package was made." in sent.content.decode()
    assert not EvidencePackage.objects.exists()


def test_a_long_one_is_for_the_command_line(
    packing: Packing, desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handed, "MOST_IN_CONSOLE", 0)
    packing.grant()
    packing.seal(b"the picture")
    assert (
        "vigie evidence package O-1" in desk.get("/console/packages/new/order/1").content.decode()
    )
    assert desk.post("/console/packages/make/order/1", {"recipient": KEY}).status_code == 409


def test_the_page_of_the_order_leads_there(packing: Packing, desk: Client) -> None:
    packing.grant()
    row = waiting(packing.agora, packing.order)
    page = desk.get("/console/orders/1").content.decode()
    assert "/console/packages/new/order/1" in page
    assert row.package_id in page


def test_who_only_reads_makes_none(packing: Packing) -> None:
    waiting(packing.agora, packing.order)
    packing.agora.person("au", "auditor")
    client = Client()
    client.post("/console/login", {"name": "au", "password": PASSWORD})
    page = client.get("/console/packages").content.decode()
    assert "vp-o1-0123abcd" in page
    assert '<form method="post" action="/console/packages' not in page
    assert client.get("/console/packages/new/order/1").status_code == 403
    assert client.get("/console/packages/vp-o1-0123abcd/file").status_code == 403
