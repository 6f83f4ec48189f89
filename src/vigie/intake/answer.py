# SPDX-License-Identifier: Apache-2.0
"""What the door answers: decisions as the key may see them, and the receipt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from vigie.core.decision import Decision
from vigie.core.errors import ErrorBody
from vigie.journal.seal import Sealed
from vigie.law import LawTable
from vigie.ledger.receipt import ReceiptSigner, opening

_JSON: Final = msgspec.json.Encoder()
_DECISION: Final = msgspec.json.Decoder(Decision)
PUBLIC_FIELDS: Final = (
    "decision_id",
    "item_id",
    "version",
    "outcome",
    "pending",
    "snapshot",
    "statement_url",
    "at",
)


def answer_of(
    results: Sequence[Sealed | ErrorBody],
    *,
    is_batch: bool,
    trusted: bool,
    law: LawTable,
    signer: ReceiptSigner,
    now_ms: int,
    term_ms: int,
) -> bytes:
    """Return the JSON of a 200 answer: results in order and one receipt for all."""
    made = [one for one in results if isinstance(one, Sealed)]
    receipt = _receipt(made, signer, now_ms, term_ms, trusted=trusted) if made else None
    shown = [_shown(one, law, trusted=trusted) for one in results]
    if is_batch:
        return _JSON.encode({"results": shown, "receipt": receipt})
    return _JSON.encode({**shown[0], "receipt": receipt})


def _shown(one: Sealed | ErrorBody, law: LawTable, *, trusted: bool) -> dict[str, Any]:
    if isinstance(one, ErrorBody):
        return {"error": one}
    if trusted:
        return {"decision": msgspec.Raw(one.decision)}
    return {"decision": public_view(one.decision, law)}


def _receipt(
    made: Sequence[Sealed], signer: ReceiptSigner, now_ms: int, term_ms: int, *, trusted: bool
) -> dict[str, Any]:
    note, paths = signer.sign([one.entry for one in made], now_ms, now_ms + term_ms)
    openings = [
        opening(one.decision_id, msgspec.Raw(one.record), one.salt, index, path)
        if trusted
        else {
            "decision_id": one.decision_id,
            "entry": one.entry.hex(),
            "index": index,
            "path": path,
        }
        for index, (one, path) in enumerate(zip(made, paths, strict=True))
    ]
    return {"note": note, "openings": openings}


def public_view(decision: bytes, law: LawTable) -> dict[str, Any]:
    """Return outcome and category only: no scores, spans, policies or lists."""
    full = _DECISION.decode(decision)
    view: dict[str, Any] = {name: getattr(full, name) for name in PUBLIC_FIELDS}
    view["category"] = category_of(full, law)
    return view


def category_of(decision: Decision, law: LawTable) -> str | None:
    """Return the statement category of what was done or proposed, if any."""
    for action in decision.actions:
        for ground in action.grounds:
            if ground.terms:
                return "STATEMENT_CATEGORY_OTHER_VIOLATION_TC"
            entry = law.entries.get(ground.offence or "")
            codes = entry.codes() if entry else None
            if codes is not None:
                return codes.category
    return None
