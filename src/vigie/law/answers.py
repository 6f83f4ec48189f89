# SPDX-License-Identifier: Apache-2.0
"""The forms on which orders are answered, as data: Annexes II and III, and their like."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final

from vigie.law import orders
from vigie.law.order_form import OrderForm

FILE: Final = "answers.yaml"


@cache
def load() -> Mapping[str, OrderForm]:
    """Return every form of ours by id. Raises LawPackError for anything amiss."""
    folder = files("vigie.law")
    shared = folder.joinpath(orders.FIELDS_FILE).read_text(encoding="utf-8")
    return orders.read(FILE, folder.joinpath(FILE).read_text(encoding="utf-8"), shared)
