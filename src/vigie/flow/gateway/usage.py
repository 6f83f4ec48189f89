# SPDX-License-Identifier: Apache-2.0
"""What keys used today, settled over all doors: `run/gateway.usage.json`, once a second.

A door adds to it what it counted since `at` itself. What other doors let through since
their last settling it does not know: with N doors a budget can be overshot by what N - 1
doors admit between two settlements, about two seconds. What a door counted within the
last seconds before `at` may be in both: near the end of a budget it refuses a little
early, never late.
"""

from __future__ import annotations

import os
from typing import Any, Final

import msgspec
from django.db.models import Q, Sum

from vigie.core.gateway import Ending, day_of
from vigie.flow.house import House
from vigie.store.models import GatewayDay, GatewayUsage

SETTLING_MS: Final = 3_000
"""What a door counted longer ago than this is in its journal: it settles every second."""
FILE: Final = "gateway.usage.json"
_STOPPED: Final = Q(ending__in=(Ending.REFUSED, Ending.CUT))


def write(house: House, folded_until: int) -> None:
    """Write the file; readers see the old or the new one.

    `folded_until`: every row that a door wrote before it is in the sums.
    """
    folder = house.settings.run_dir
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f".{FILE}.{os.getpid()}"
    draft.write_bytes(msgspec.json.encode(settled(house, folded_until)))
    draft.replace(folder / FILE)


def settled(house: House, folded_until: int) -> dict[str, Any]:
    """Return today's sums by key, and yesterday's exchanges and stops by feature."""
    day = day_of(house.now())
    keys = {
        str(row.key_id): {
            "requests": row.requests,
            "input_tokens": row.input_tokens,
            "output_tokens": row.output_tokens,
            "tokens": row.input_tokens + row.output_tokens,
            "images": row.images,
        }
        for row in GatewayUsage.objects.filter(day=day)
    }
    before = GatewayDay.objects.filter(day=day - 1).values("feature").order_by("feature")
    shares = before.annotate(all=Sum("exchanges"), stopped=Sum("exchanges", filter=_STOPPED))
    yesterday = {one["feature"]: (one["all"], one["stopped"] or 0) for one in shares}
    return {"at": folded_until - SETTLING_MS, "day": day, "keys": keys, "yesterday": yesterday}
