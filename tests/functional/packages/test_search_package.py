# SPDX-License-Identifier: Apache-2.0
"""The package of a search: what the warrant names, and the record of the day."""

from __future__ import annotations

import json

import pytest

from tests.functional.packages.test_order_package import names, verified
from tests.support.proceedings import given, opened
from vigie.core.errors import ConflictError
from vigie.flow.search_day import days
from vigie.flow.search_day.scope import ScopeGiven
from vigie.ledger.verify.findings import exit_code
from vigie.store.models import EvidencePackage

pytestmark = pytest.mark.django_db


@pytest.fixture
def search(packing):
    """A search whose warrant names the item that was sealed."""
    return opened(packing.agora, packing.decision)


def test_it_holds_what_the_warrant_names_and_the_record_of_the_day(packing, search):
    inside = packing.seal(b"inside")
    outside = packing.seal(b"outside", item_id="p-9", decision=None)
    made = packing.build(order=None, search=search)
    data = packing.opened(made)
    files = names(data)
    assert files[f"data/items/{inside.evidence_id}/original.bin"] == b"inside"
    assert not any(outside.evidence_id in name for name in files)
    events = [json.loads(line)["event"] for line in files["data/decisions.jsonl"].splitlines()]
    assert {"search.opened", "decision.made"} <= set(events)
    assert exit_code(verified(packing, data)) == 0
    assert EvidencePackage.objects.get().search == search.number


def test_one_changed_byte_is_refused(packing, search):
    packing.seal(b"inside")
    data = bytearray(packing.opened(packing.build(order=None, search=search)))
    at = data.index(b"inside")
    data[at] ^= 1
    assert exit_code(verified(packing, bytes(data))) == 1


def test_a_search_without_items_still_has_its_record(packing, search):
    data = packing.opened(packing.build(order=None, search=search))
    assert not any(name.startswith("data/items/") for name in names(data))
    assert exit_code(verified(packing, data)) == 0


def test_an_empty_scope_is_no_package(packing):
    more = given()
    search = days.open_search(packing.agora.house, "command line", more).search
    with pytest.raises(ConflictError) as refused:
        packing.build(order=None, search=search)
    assert refused.value.code == "no_scope"


def test_account_data_goes_where_the_warrant_names_the_author(packing):
    named = ScopeGiven(service="default", authors=("ana.lima",))
    row = packing.seal(b'{"made":"up"}', kind="account", meta={"at": 1})
    more = given()
    search = days.open_search(
        packing.agora.house,
        "command line",
        days.SearchGiven(
            authority_name=more.authority_name,
            warrant=more.warrant,
            scope_text=more.scope_text,
            scope=named,
        ),
    ).search
    files = names(packing.opened(packing.build(order=None, search=search)))
    assert f"data/accounts/{row.evidence_id}.json" in files


def test_a_package_is_about_one_thing(packing, search):
    with pytest.raises(ValueError, match="one order or one search"):
        packing.build(search=search)
