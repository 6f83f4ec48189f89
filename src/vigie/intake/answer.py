# SPDX-License-Identifier: Apache-2.0
"""What the door answers: decisions as the key may see them, and the receipt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import msgspec

from vigie.core.addresses import StatementAddresses
from vigie.core.clock import from_iso
from vigie.core.decision import CLAIMED, Decision, without_claims
from vigie.core.errors import ErrorBody
from vigie.journal.seal import Sealed
from vigie.law import LawTable
from vigie.ledger.receipt import ReceiptSigner, opening
from vigie.machine.turns import Turns

_JSON: Final = msgspec.json.Encoder()
ACTED: Final = b'"by":"rule '
_CLAIMS: Final = f'"{CLAIMED}'.encode()
TURN: Final = 100
"""Results written before others get a turn."""
_DECISION: Final = msgspec.json.Decoder(Decision)
PUBLIC_FIELDS: Final = (
    "decision_id",
    "item_id",
    "version",
    "outcome",
    "pending",
    "snapshot",
    "at",
)


class Promise(NamedTuple):
    """A receipt's signed note, and each entry's path to the root in it."""

    note: str
    paths: list[list[str]]


class Answer(NamedTuple):
    """How one request is answered: to whom, in which shape, under which law."""

    is_batch: bool
    trusted: bool
    law: LawTable
    signer: ReceiptSigner
    now_ms: int
    term_ms: int
    turns: Turns
    addresses: StatementAddresses

    def promise(self, results: Sequence[Sealed | ErrorBody]) -> Promise | None:
        """Sign the receipt of all decisions; None where every item was refused."""
        entries = [one.entry for one in results if isinstance(one, Sealed)]
        if not entries:
            return None
        note, paths = self.signer.sign(entries, self.now_ms, self.now_ms + self.term_ms)
        return Promise(note, paths)

    async def body(self, results: Sequence[Sealed | ErrorBody], promise: Promise | None) -> bytes:
        """Return the JSON of a 200 answer: results in order and one receipt for all.

        Long batches are written in turns, so that others are answered meanwhile.
        """
        shown = await self._in_turns(self._shown, list(enumerate(results)))
        made = [one for one in results if isinstance(one, Sealed)]
        receipt = await self._receipt(made, promise) if promise else b"null"
        if self.is_batch:
            return b'{"results":[%b],"receipt":%b}' % (shown, receipt)
        return b'%b,"receipt":%b}' % (shown[:-1], receipt)

    async def _receipt(self, made: Sequence[Sealed], promise: Promise) -> bytes:
        openings = await self._in_turns(
            self._opening, list(enumerate(zip(made, promise.paths, strict=True)))
        )
        return b'{"note":%b,"openings":[%b]}' % (_JSON.encode(promise.note), openings)

    async def _in_turns(self, write: Callable[[Any], Any], things: Sequence[Any]) -> bytes:
        """Return the things as JSON, separated by commas, without brackets."""
        parts = []
        for at in range(0, len(things), TURN):
            parts.append(_JSON.encode([write(one) for one in things[at : at + TURN]])[1:-1])
            if at + TURN < len(things):
                await self.turns.give_way()
        return b",".join(parts)

    def _shown(self, numbered: tuple[int, Sealed | ErrorBody]) -> dict[str, Any]:
        one = numbered[1]
        if isinstance(one, ErrorBody):
            return {"error": one}
        if self.trusted:
            return {"decision": msgspec.Raw(trusted_view(one.decision, self.addresses))}
        return {"decision": public_view(one.decision, self.law)}

    def _opening(self, numbered: tuple[int, tuple[Sealed, list[str]]]) -> dict[str, Any]:
        index, (one, path) = numbered
        if self.trusted:
            return opening(one.decision_id, msgspec.Raw(one.record), one.salt, index, path)
        return {
            "decision_id": one.decision_id,
            "entry": one.entry.hex(),
            "index": index,
            "path": path,
        }


def trusted_view(decision: bytes, addresses: StatementAddresses) -> bytes:
    """Return a decision as a trusted key sees it: as made, but nobody's claims.

    What a notifier's device computed is no word to act on: it stands in the
    record, and never in what the platform is told.
    """
    if _CLAIMS in decision:
        decision = _JSON.encode(without_claims(_DECISION.decode(decision)))
    return with_address(decision, addresses)


def with_address(decision: bytes, addresses: StatementAddresses) -> bytes:
    """Return a decision with the address of its statement, where it took effect.

    The address is derived here and kept nowhere; the page opens when the
    statement is issued.
    """
    if ACTED not in decision:
        return decision
    full = _DECISION.decode(decision)
    if not full.has_effect:
        return decision
    address = addresses.of(full.decision_id, from_iso(full.at))
    return _JSON.encode(msgspec.structs.replace(full, statement_url=address))


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
