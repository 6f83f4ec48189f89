# SPDX-License-Identifier: Apache-2.0
"""A text goes when no case, no restriction and no sample term asks for it."""

from __future__ import annotations

from vigie.flow import terms
from vigie.flow.holds import place_hold
from vigie.flow.retain import retain
from vigie.flow.terms import DAY_MS
from vigie.store.models import Case, CaseState, DecisionRecord, ItemContent


def test_text_stays_while_its_case_waits_and_goes_when_it_was_closed(door, fold_all, house, clock):
    door.propose()
    fold_all()
    clock.advance(DAY_MS)
    retain(house)
    assert ItemContent.objects.count() == 1
    Case.objects.update(state=CaseState.CANCELLED)
    retain(house)
    assert ItemContent.objects.count() == 0


def test_what_is_held_never_keeps_the_rest_waiting(door, fold_all, house, clock, monkeypatch):
    monkeypatch.setattr(terms, "GROUP", 2)
    items = [door.item(id=f"p-{n}") for n in range(4)]
    for item in items:
        door.propose(item)
    fold_all()
    for item in items[:2]:
        place_hold(house, basis="order", owner="legal", review_at=0, item_id=item.id)
    Case.objects.update(state=CaseState.CANCELLED)
    clock.advance(91 * DAY_MS)
    retain(house)
    assert set(ItemContent.objects.values_list("item_id", flat=True)) == {"p-0", "p-1"}
    kept = DecisionRecord.objects.exclude(author="").values_list("item_id", flat=True)
    assert set(kept) == {"p-0", "p-1"}
