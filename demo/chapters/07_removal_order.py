# SPDX-License-Identifier: Apache-2.0
"""An authority orders a removal; who it is from is proven first; done within the hour."""

from __future__ import annotations

import re
from typing import Any

from demo import voice
from demo.browser import words
from demo.day import Day, expect
from demo.errors import DemoError
from demo.forms import form_with
from demo.platform import now, until
from demo.visitor import Visitor

TITLE = "A removal order is met within its hour"
AUTHORITY = "Police judiciaire, unit for removal orders"
PHONE = "+33 1 00 00 00 00"
POST: dict[str, Any] = {
    "id": "post-66",
    "surface": "post",
    "author": {"id": "a-660", "country": "FR", "account_age_days": 1},
    "url": "https://agora.example/p/66",
    "language": "fr",
    "text": "Ce que dit ce message n’est pas répété ici.",
}
ORDER: dict[str, str | list[str]] = {
    "issuing_state": "FR",
    "issued_at": "",
    "reference": "PJ-2026-0118",
    "content_locations": str(POST["url"]),
    "reasons": ["incites"],
    "detailed_reasons": "The post calls for an attack on a named place.",
    "legal_basis": "Regulation (EU) 2021/784, Article 3",
    "issuing_authority": AUTHORITY,
    "authority_contact": "Duty officer",
    "redress": "Tribunal administratif de Paris, within 48 hours",
    "language": "en",
}
_NUMBER = re.compile(r"\bO-(\d+)\b")


def play(day: Day) -> None:
    """File the order, prove its sender, carry it out, see the authority told."""
    day.prepared()
    posted = day.platform.post(POST)
    day.platform.record(posted["decision"]["decision_id"])
    contact = _directory(day)
    number, receipt = _filed(day)
    voice.say(
        "The authority files its order at Agora's page for authorities. It is in the log before "
        "anybody reads it. The receipt says that something came, and nothing about any account:"
    )
    voice.quote(receipt)
    _refused_unproven(day, number)
    day.noe.open(f"/console/orders/{number}/who")
    form = form_with(day.noe.page, "contact")
    note = "The duty officer confirmed reference and address."
    day.noe.send(form, ("do", "call"), contact=contact, note=note)
    voice.say(
        "A letterhead proves nothing, nor does an address that stands in the letter. Noé calls "
        "the number that was in the directory before the order came; only then can it be done."
    )
    _executed(day, number)
    told = until(lambda: _told(day, number), "The report of effect")
    voice.say(
        "In one act the context is sealed as evidence, the post is disabled in all 27 Member "
        "States, and Agora is told. When Agora has confirmed it, and not before, Annex II of the "
        "regulation is written for the authority. The author's page names the order."
    )
    voice.links([("the order", f"{day.base}/console/orders/{number}")])
    day.story["order"] = {"number": number, "clock": told}


def _directory(day: Day) -> str:
    """Enter the authority and its number; a second person checks it in its source."""
    authority = day.vigie("authority", "add", AUTHORITY, "--country", "FR", "--kind", "police")
    source = "https://www.interieur.example/contacts"
    contact = day.vigie(
        "authority", "contact", str(authority["id"]), "phone", PHONE,
        "--source", source, "--by", "lea",
    )  # fmt: skip
    day.noe.open(f"/console/authorities/{authority['id']}")
    day.noe.send(form_with(day.noe.page, "contact"), ("do", "check"))
    return str(contact["id"])


def _filed(day: Day) -> tuple[int, str]:
    """Fill in the public form; return the number of the order and what the page says."""
    with Visitor(day.base) as authority:
        authority.open("/authorities/tco_removal_order_annex_i")
        given = ORDER | {"issued_at": now()}
        authority.go_on("f-reference", **{f"f-{name}": value for name, value in given.items()})
        found = _NUMBER.search(words(authority.page))
        if found is None:
            raise DemoError("the order was not received.")
        said = words(authority.page)
        receipt = said[said.index("What this receipt says") :]
        return int(found[1]), receipt[: receipt.index(". ", 60) + 1]


def _refused_unproven(day: Day, number: int) -> None:
    day.lea.open(f"/console/orders/{number}")
    expect("not proven" in words(day.lea.page), True, "That nothing can be done unproven")


def _executed(day: Day, number: int) -> None:
    """Let Lea carry it out; where two are asked for, Noé agrees."""
    path = f"/console/orders/{number}"
    day.lea.open(path)
    form = form_with(day.lea.page, "number")
    press = "ask" if 'value="ask"' in day.lea.page else "execute"
    day.lea.send(form, ("do", press), number=f"O-{number}")
    if press == "ask":
        day.noe.open(path)
        day.noe.go_on("do", ("do", "agree"))


def _told(day: Day, number: int) -> dict[str, Any] | None:
    """Return the clock of the hour once Annex II is written, None before."""
    shown = day.vigie("order", "show", str(number))
    kinds = {one["kind"] for one in shown["letters"]}
    if "annex_ii" not in kinds:
        return None
    (hour,) = [one for one in shown["clocks"] if one["duty"] == "tco_removal"]
    expect(hour["state"], "met", "The clock of the hour")
    return dict(hour)
