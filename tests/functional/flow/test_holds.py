# SPDX-License-Identifier: Apache-2.0
"""A duty to keep has a basis, an owner and a day of review, and stands in the log."""

from __future__ import annotations

from typing import Any

import pytest

from vigie.core.errors import InvalidInputError, NotFoundError
from vigie.flow.holds import lift_hold, place_hold
from vigie.store.models import Hold, Record

GIVEN: dict[str, Any] = {"basis": "order 12/26", "owner": "legal", "review_at": 0}


def test_placing_and_lifting_are_recorded_without_naming_whom(house):
    hold = place_hold(house, **GIVEN, author_id="a-9", by="c.vidal")
    lift_hold(house, hold.pk, "c.vidal")
    kinds = list(Record.objects.order_by("at", "kind").values_list("kind", flat=True))
    assert sorted(kinds) == ["hold.lifted", "hold.placed"]
    for record in Record.objects.all():
        for name in (b"a-9", b"order 12/26", b"legal", b"c.vidal", hold.author.encode()):
            assert name not in record.canonical
    assert Hold.objects.get().lifted_at == house.now()


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "item_id"),
        ({"item_id": "p-1", "author_id": "a-9"}, "item_id"),
        ({"item_id": "p-1", "basis": " "}, "basis"),
        ({"item_id": "p-1", "owner": ""}, "owner"),
        ({"item_id": "p-1", "owner": "o" * 101}, "owner"),
    ],
)
def test_a_hold_without_subject_basis_or_owner_is_refused(house, given, field):
    with pytest.raises(InvalidInputError) as refused:
        place_hold(house, **(GIVEN | given))
    assert refused.value.field == field
    assert not Record.objects.exists()


def test_a_hold_is_lifted_once(house):
    hold = place_hold(house, **GIVEN, item_id="p-1")
    lift_hold(house, hold.pk)
    with pytest.raises(NotFoundError):
        lift_hold(house, hold.pk)
    assert Record.objects.filter(kind="hold.lifted").count() == 1
