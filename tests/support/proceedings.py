# SPDX-License-Identifier: Apache-2.0
"""A proceeding with its file, a search that is over, and one that stands for an officer."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.support.people import Agora
from vigie.evidence import age
from vigie.flow import records
from vigie.flow.matters import documents, files, privileged
from vigie.flow.orders import letters
from vigie.flow.search_day import days, officers
from vigie.flow.search_day.scope import ScopeGiven
from vigie.flow.transaction import writing
from vigie.store.models import (
    DecisionRecord,
    Matter,
    MatterDocument,
    Notice,
    OfficerAccess,
    Order,
    OrderChannel,
    PrivilegedNote,
    SearchDay,
    User,
)
from vigie.store.permissions import Role

COURT = "Tribunal judiciaire de Paris"
WARRANT = "JIRS 26/118 of 22 November 2026"
WORDS = "Posts of one account since 1 October, and what was decided about them."


@dataclass
class Proceeding:
    """What belongs to one proceeding."""

    matter: Matter
    search: SearchDay
    document: MatterDocument
    note: PrivilegedNote
    order: Order
    counsel: User
    secret: str = field(repr=False)
    """Counsel's private key."""


def of(agora: Agora, author: User, decided: DecisionRecord) -> Proceeding:
    """Make a file with a document and a note, and a search that was closed."""
    counsel = agora.person("the.counsel", Role.LEGAL, number=author.pk + 1_000)
    pair = age.generate()
    privileged.set_recipient(agora.house, pair.recipient)
    matter = files.open_matter(agora.house, counsel, "Preliminary inquiry", reference="26/118")
    document = documents.add_document(
        agora.house, counsel, matter.number, b"%PDF-1.4", "summons.pdf", "application/pdf"
    )
    note = privileged.add_note(agora.house, counsel, matter.number, "said in a sentence")
    search = opened(agora, decided)
    days.close_search(agora.house, "command line", search.number)
    search.refresh_from_db()
    return Proceeding(matter, search, document, note, order(agora), counsel, pair.secret)


def given(decided: DecisionRecord | None = None, **more: object) -> days.SearchGiven:
    """Return what is known when officers stand at the door."""
    items = (decided.item_id,) if decided is not None else ()
    service = decided.service if decided is not None else "default"
    named = ScopeGiven(service=service, items=items, **more)  # type: ignore[arg-type]
    return days.SearchGiven(
        authority_name=COURT, warrant=WARRANT, scope_text=WORDS, scope=named, counsel="Me Klein"
    )


def opened(agora: Agora, decided: DecisionRecord | None = None, **more: object) -> SearchDay:
    """Open a search that names an item."""
    return days.open_search(agora.house, "command line", given(decided, **more)).search


def order(agora: Agora) -> Order:
    """Record an order, as its first transaction does."""
    now = agora.clock.now_ms()
    number = (Order.objects.order_by("-number").values_list("number", flat=True).first() or 0) + 1
    with writing():
        draft = records.draft("order.received", now, {"order": number})
        records.append_one(draft)
        made = Order.objects.create(
            number=number,
            form="dsa_art9_order",
            channel=OrderChannel.DESK,
            sender=COURT,
            reference="26/118",
            received_at=now,
            record_id=draft.record_id,
        )
        letters.write(agora.house, made, "receipt", by="vigie")
        return made


def let_in(
    agora: Agora, officer: User, decided: DecisionRecord, notice: Notice, named: Order
) -> OfficerAccess:
    """Give an account that is there already access within a search that stands."""
    search = opened(agora, decided, orders=(named.number,), notices=(notice.number,))
    now = agora.clock.now_ms()
    return OfficerAccess.objects.create(
        search=search,
        user=officer,
        label="Cdt. A. Roux",
        begins_at=now,
        ends_at=now + officers.USUAL_HOURS * officers.HOUR_MS,
    )
