# SPDX-License-Identifier: Apache-2.0
"""Preserve before removal: context at once, the platform's copy before it goes.

What stands in the store is sealed in the transaction of the decision. Pictures are
fetched from the platform: at once where the caller can wait (an order), otherwise by
`jobs` while the decision still waits to leave. What could not be had is said, never
claimed. Of class `child` nothing is preserved here: its bytes enter by the machine
door alone, and only with a basis of custody.
"""

from __future__ import annotations

from typing import Any, Final

from vigie.core import canonical
from vigie.core.errors import VigieError
from vigie.exchange import fetch
from vigie.flow import child_items
from vigie.flow.house import House
from vigie.flow.pictures import decoders, known
from vigie.flow.transaction import writing
from vigie.flow.vault import layout
from vigie.flow.vault.seal import seal
from vigie.screening.matching.base import BankClass
from vigie.store.models import DecisionRecord, Evidence, EvidenceKind, ItemContent, Order

CHILD: Final = "child"
WAITING: Final = "waiting"
SEALED: Final = "sealed"
NOT_HAD: Final = "not preserved: "


def is_ready(house: House) -> bool:
    """Say whether there is a vault to preserve in."""
    return layout.recipients(house.settings).general is not None


def preserve(
    house: House,
    decision: DecisionRecord,
    *,
    order: Order | None = None,
    rule: str,
    basis: str,
) -> list[Evidence]:
    """Seal what is there of a decision's item: context, then the platform's pictures.

    Calls the platform: outside a transaction where pictures are to be had. Returns
    what was sealed; a picture that could not be had is named in the context's
    `meta`. Raises UnavailableError `no_vault` before `vigie vault init`.
    """
    if decision.cls == CHILD:
        return []
    made = context(house, decision, order=order, rule=rule, basis=basis)
    return [made, *pictures(house, made)]


def context(
    house: House, decision: DecisionRecord, *, order: Order | None, rule: str, basis: str
) -> Evidence:
    """Seal item and decisions as they stand in the store; asks nobody outside."""
    kept = _content(decision)
    urls = list(kept.media_urls) if kept is not None else []
    return seal(
        house,
        data=canonical.encode(_document(decision, kept)),
        kind=EvidenceKind.CONTEXT,
        cls=decision.cls,
        rule=rule,
        basis=basis,
        service=decision.service,
        item_id=decision.item_id,
        author=decision.author,
        decision=decision,
        order=order,
        mime="application/json",
        meta=_told(house, urls),
    )


def _told(house: House, urls: list[str]) -> dict[str, Any]:
    """Say that pictures are still to be fetched, or why none will be."""
    if not urls:
        return {}
    hosts = house.settings.media_hosts
    if any(fetch.is_allowed(one, hosts) for one in urls):
        return {"pictures": WAITING, "urls": urls}
    return {"pictures": [NOT_HAD + "host_not_allowed" for _ in urls], "urls": urls}


def pictures(house: House, made: Evidence) -> list[Evidence]:
    """Fetch and seal the pictures that a context names; say of each what became of it."""
    urls = made.meta.get("urls", []) if made.meta.get("pictures") == WAITING else []
    done = [_picture(house, made, url) for url in urls]
    sealed = [one for one in done if isinstance(one, Evidence)]
    said = [SEALED if isinstance(one, Evidence) else NOT_HAD + one for one in done]
    if urls:
        made.meta = {**made.meta, "pictures": said}
        made.save(update_fields=["meta"])
    return sealed


def _picture(house: House, made: Evidence, url: str) -> Evidence | str:
    """Seal one picture; a code where it could not be had."""
    try:
        data = fetch.fetch_picture(
            url, hosts=house.settings.media_hosts, allow_private=house.settings.webhook_private
        )
        facts = decoders.facts_of(data)
        if known.of_class(known.matches(house, facts), BankClass.CHILD):
            return "known_child"
        with writing():
            return seal(
                house,
                data=data,
                kind=EvidenceKind.MEDIA,
                cls=made.cls,
                rule=made.rule,
                basis=made.basis,
                service=made.service,
                item_id=made.item_id,
                author=made.author,
                decision=made.decision,
                order=made.order,
                mime=facts.mime or "",
                meta={"url": url, "pdq": facts.pdq or "", "of": made.evidence_id},
            )
    except VigieError as problem:
        return problem.code


def _content(decision: DecisionRecord) -> ItemContent | None:
    return (
        child_items.shown()
        .filter(service=decision.service, item_id=decision.item_id, version=decision.version)
        .first()
    )


def _document(decision: DecisionRecord, kept: ItemContent | None) -> dict[str, Any]:
    same = DecisionRecord.objects.filter(
        service=decision.service, item_id=decision.item_id, version=decision.version
    )
    return {
        "v": 1,
        "item": _item(decision, kept),
        "hashes": sorted(
            {value for media in same.values_list("media", flat=True) for value in media}
        ),
        "decisions": [
            {"id": one.decision_id, "at": one.at, "outcome": one.outcome, "log": one.log_index}
            for one in same.order_by("number")
        ],
    }


def _item(decision: DecisionRecord, kept: ItemContent | None) -> dict[str, Any]:
    named = {
        "service": decision.service,
        "id": decision.item_id,
        "version": decision.version,
        "surface": decision.surface,
    }
    if kept is None:
        return named
    return {
        **named,
        "text": kept.text,
        "published_at": kept.published_at,
        "url": kept.url,
        "media_urls": list(kept.media_urls),
        "author": kept.author,
    }
