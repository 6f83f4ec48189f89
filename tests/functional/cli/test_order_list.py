# SPDX-License-Identifier: Apache-2.0
"""`vigie order list` and `vigie order show`: what waits, in the order of its clocks."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

ROOT = Path(__file__).parents[3]

MADE = textwrap.dedent(
    """
    import sys
    from pathlib import Path
    from vigie.cli.context import open_house
    house = open_house(Path(sys.argv[1]))
    from tests.support.duties import order
    from vigie.core.clock import HOUR_MS, MINUTE_MS
    from vigie.flow.orders import clocks, silence
    now = house.now()
    for form, duty, ago in (
        ("epoc_annex_i", "eevidence_epoc", HOUR_MS),
        ("tco_removal_order_annex_i", "tco_removal", 38 * MINUTE_MS),
        ("fr_lcen_6_1_request", "fr_admin_removal", 30 * HOUR_MS),
        ("referral", "", 0),
    ):
        row = order(house, form, received_at=now - ago, sender="A <sender>", fields={"x": "secret"})
        if duty:
            clocks.start(
                house, duty=duty, subject="order", number=row.number, order=row, at=row.received_at
            )
    silence.begin(house, row, basis="a basis that is not shown")
    """
)


def filled(vigie) -> None:
    environment = {**vigie.environment(), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", MADE, str(vigie.folder)]
    subprocess.run(command, env=environment, check=True, timeout=120)


def test_orders_are_listed_by_what_is_due_first(vigie):
    filled(vigie)
    rows = vigie.json("order", "list")
    assert [row["form"] for row in rows] == [
        "fr_lcen_6_1_request", "tco_removal_order_annex_i", "epoc_annex_i", "referral",
    ]  # fmt: skip
    assert rows[0]["left"].endswith("over")
    assert rows[3]["due"] is None
    due = vigie.json("order", "list", "--due")
    assert [row["number"] for row in due] == [3, 2]
    one = vigie.json("order", "list", "--form", "referral")
    assert [row["number"] for row in one] == [4]
    assert vigie.json("order", "list", "--state", "closed") == []
    text = vigie.run("order", "list").stdout
    assert "O-2" in text
    assert "4 orders" in text
    assert vigie.run("order", "list", "--form", "nonsense").returncode == 1


def test_one_order_is_shown_without_a_word_of_it(vigie):
    filled(vigie)
    shown = vigie.json("order", "show", "4")
    assert shown["silent"] is True
    assert len(shown["silences"]) == 1
    assert [one["duty"] for one in shown["clocks"]] == ["silence_review"]
    text = vigie.run("order", "show", "2")
    assert "tco_removal" in text.stdout
    for words in (text.stdout, vigie.run("order", "show", "4").stdout, str(shown)):
        assert "secret" not in words
        assert "a basis" not in words
    assert vigie.run("order", "show", "99").returncode == 1
