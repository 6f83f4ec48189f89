# SPDX-License-Identifier: Apache-2.0
"""A week of orders at the desk of a made-up operator, for the pictures of the docs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from tests.support.people import Agora
    from vigie.store.models import Order, User

MINUTE: Final = 60_000
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
COURT: Final = "Tribunal judiciaire de Paris"
OFFICE: Final[dict[str, Any]] = {
    "issuing_authority": "Office central, Paris",
    "authority_contact": "Duty officer",
}
BERLIN: Final = {"issuing_authority": "Staatsanwaltschaft Berlin", "issuing_state": "DE"}
VIENNA: Final = {"issuing_authority": "Staatsanwaltschaft Wien", "issuing_state": "AT"}
EARLIER: Final[tuple[tuple[int, str, dict[str, Any]], ...]] = (
    (6 * DAY, "epoc_annex_i", BERLIN | {"time_limit": "days_10"}),
    (5 * DAY, "epocpr_annex_ii", VIENNA),
    (3 * DAY, "preservation_request", {"regime": "us", "issuing_authority": "District Court"}),
    (5 * HOUR, "epoc_annex_i", BERLIN | {"time_limit": "emergency"}),
    (4 * HOUR, "referral", {"issuing_authority": "Referral unit of Example Town"}),
    (2 * MINUTE, "dsa_art9_order", {"issuing_authority": COURT}),
)
"""How long ago, what, and with which fields."""


def seed(folder: Path) -> dict[str, str]:
    """Let orders come, one be carried out, a search begin; return the addresses."""
    from tests.e2e.people.server import Wall
    from tests.support.order_papers import filled, receive
    from tests.support.orders import NOTE, Desk
    from tests.support.people import Agora
    from tests.support.vaults import Vault
    from vigie.flow import house
    from vigie.flow.orders import prove

    agora, now = Agora(folder), Wall().now_ms()
    house.current = lambda: agora.house  # type: ignore[assignment]
    agora.person("l.berger", "legal", number=9)
    agora.clock.ms = now - 8 * DAY
    Vault(agora.house).set_up()
    desk = Desk(agora)
    for ago, form, fields in EARLIER:
        agora.clock.ms = now - ago
        receive(agora, form, filled(form) | fields)
        agora.publish()
    agora.clock.ms = now - 50 * MINUTE
    done = desk.order(reference="FR-2026-0006", **OFFICE)
    agora.clock.ms = now - 40 * MINUTE
    desk.execute(done, unpreserved="")
    desk.confirm(done)
    agora.publish()
    for n in range(3):
        agora.harmless(f"p-30{n + 2}", "Good afternoon.")
    agora.clock.ms = now - 17 * MINUTE
    places = [f"https://agora.example/p/p-30{n + 2}" for n in range(3)]
    order = desk.order(proven=False, content_locations=places, **OFFICE)
    agora.clock.ms = now - 9 * MINUTE
    agora.publish()
    prove.by_call_back(agora.house, desk.senders.calls, order, desk.phone, NOTE)
    search = _search(agora, desk.first, order, now)
    agora.clock.ms = now - MINUTE
    agora.publish()
    object.__setattr__(agora.house, "clock", Wall())
    return {
        "orders": "/console/orders",
        "order": f"/console/orders/{order.number}",
        "search-day": search,
    }


def _search(agora: Agora, who: User, order: Order, now: int) -> str:
    """Open a search and write some lines of its record; return its address."""
    from vigie.flow.search_day import days, entries
    from vigie.flow.search_day.scope import ScopeGiven

    agora.clock.ms = now - 8 * MINUTE
    given = days.SearchGiven(
        authority_name=COURT,
        warrant="JIRS 26/118 of 22 November 2026",
        scope_text="Posts p-300 to p-304, and what was decided about them.",
        scope=ScopeGiven(service="agora", items=("p-300", "p-301"), orders=(order.number,)),
        persons=("Cdt. A. Roux, Office central",),
        counsel="Maître A. Berger",
    )
    number = days.open_search(agora.house, who, given).search.pk
    lines: tuple[dict[str, Any], ...] = (
        {"kind": "person", "label": "Maître A. Berger, counsel, came"},
        {"kind": "object", "label": "Notebook of the desk", "serial": "SN-77", "seal": "S-4411"},
        {"kind": "event", "label": "Asked where the vault stands", "note": "Left to counsel."},
    )
    for one in lines:
        agora.clock.advance(2 * MINUTE)
        entries.add_entry(agora.house, who, number, entries.EntryGiven(**one))
    return f"/console/search-days/{number}"


if __name__ == "__main__":
    from tests.e2e.people.server import main

    main(Path(sys.argv[1]), seed)
