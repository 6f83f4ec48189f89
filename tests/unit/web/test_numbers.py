# SPDX-License-Identifier: Apache-2.0
"""Whole numbers of forms and addresses."""

from __future__ import annotations

import pytest

from vigie.web.numbers import whole_number


@pytest.mark.parametrize(("text", "meant"), [("0", 0), ("007", 7), ("9" * 15, 10**15 - 1)])
def test_a_whole_number_is_read(text: str, meant: int) -> None:
    assert whole_number(text) == meant


@pytest.mark.parametrize("text", ["", "-1", "+1", " 1", "1.0", "²", "٣", "1" + "0" * 15])
def test_anything_else_is_none(text: str) -> None:
    assert whole_number(text) is None
