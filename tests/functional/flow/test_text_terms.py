# SPDX-License-Identifier: Apache-2.0
"""A text goes when no case, no restriction and no sample term asks for it."""

from __future__ import annotations

from vigie.flow.retain import retain
from vigie.flow.terms import DAY_MS
from vigie.store.models import Case, CaseState, ItemContent


def test_text_stays_while_its_case_waits_and_goes_when_it_was_closed(door, fold_all, house, clock):
    door.propose()
    fold_all()
    clock.advance(DAY_MS)
    retain(house)
    assert ItemContent.objects.count() == 1
    Case.objects.update(state=CaseState.CANCELLED)
    retain(house)
    assert ItemContent.objects.count() == 0
