# SPDX-License-Identifier: Apache-2.0
"""What follows from a person's decision, in the same transaction.

Notices about the item are answered, strikes counted or taken back, hashes of
confirmed pictures entered; an item of class `child` goes whole. Each
consequence lives in a room of its own; here stands only the order.
"""

from __future__ import annotations

from vigie.flow import child_items
from vigie.flow.decided import Choice
from vigie.flow.house import House
from vigie.flow.intimate import follow as intimate
from vigie.flow.notices.answer import answer_notices
from vigie.flow.strikes import count as strikes
from vigie.flow.vault import follow as preservation
from vigie.store.models import Case, DecisionRecord


def follow(
    house: House, row: DecisionRecord, head: DecisionRecord, choice: Choice, case: Case | None
) -> None:
    """Carry out what follows from `row`, which stands in the place of `head`.

    Inside `transaction.writing`, after everything of the decision was written.
    """
    # Before anything is taken away here, too.
    preservation.follow(house, row, head, choice)
    answer_notices(house, row, case)
    strikes.count(house, row, head, choice)
    intimate.follow(house, row, head, choice, case)
    child_items.follow(row)
