# SPDX-License-Identifier: Apache-2.0
"""What else follows from a notice, in the same transaction; here stands only the order."""

from __future__ import annotations

from vigie.flow.house import House
from vigie.flow.intimate.request import open_request
from vigie.store.models import Notice


def follow(house: House, notice: Notice) -> None:
    """Carry out what follows from a notice that was just received and put before a person.

    Inside `transaction.writing`.
    """
    open_request(house, notice)
