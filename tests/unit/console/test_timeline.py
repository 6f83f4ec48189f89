# SPDX-License-Identifier: Apache-2.0
"""The line of the time that is left: logarithmic, with a sentence that says the same."""

from __future__ import annotations

import pytest

from vigie.console.timeline import WIDTH, Point, draw, finding, place
from vigie.core.clock import DAY_MS, HOUR_MS, MINUTE_MS
from vigie.store.models import Order

NOW = 1_795_000_000_000


@pytest.mark.parametrize(
    ("left", "x"),
    [
        (22 * MINUTE_MS, 104.4),
        (HOUR_MS, 244.0),
        (8 * HOUR_MS, 533.3),
        (DAY_MS, 686.2),
        (2 * DAY_MS, 782.6),
        (10 * DAY_MS, 1006.6),
        (60 * DAY_MS, 1255.9),
        (0, 20.0),
        (-DAY_MS, 20.0),
        (1_000, 20.0),
        (900 * DAY_MS, 1276.0),
    ],
)
def test_a_time_has_its_place_and_what_is_beyond_stands_at_the_end(left: int, x: float) -> None:
    assert place(left) == pytest.approx(x, abs=0.06)


def test_every_order_has_its_dot_and_names_never_lie_over_each_other() -> None:
    orders = [
        (Order(number=n, form="referral"), NOW + 20 * MINUTE_MS + n * 1_000) for n in range(1, 60)
    ]
    drawn = draw(orders, NOW)
    assert drawn.count("<circle") == 59
    assert 1 <= drawn.count('class="name urgent"') <= 2


def test_a_name_at_the_end_stays_inside() -> None:
    drawn = draw([(Order(number=1, form="epoc_annex_i"), NOW - 5 * DAY_MS)], NOW)
    assert "EPOC late" in drawn
    assert 'x="32.4"' in drawn
    far = draw([(Order(number=987_654_321, form="x"), NOW + 900 * DAY_MS)], NOW)
    at = float(far.split('class="name" x="')[1].split('"')[0])
    assert at < WIDTH


def test_the_sentence_names_the_first_ones_alone() -> None:
    assert finding([]) == "No open order has a clock."
    many = [Point(20.0, f"O-{n} late", urgent=True) for n in range(50)]
    assert "O-7 late" in finding(many)
    assert "O-8 late" not in finding(many)


def test_the_last_hour_of_an_own_aim_is_no_alarm() -> None:
    order = Order(pk=7, number=7, form="dsa_art9_order")
    soon, late = [(order, NOW + MINUTE_MS)], [(order, NOW - MINUTE_MS)]
    assert "urgent" not in draw(soon, NOW, {7})
    assert "urgent" in draw(soon, NOW)
    assert "urgent" in draw(late, NOW, {7})
