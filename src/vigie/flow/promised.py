# SPDX-License-Identifier: Apache-2.0
"""The receipt of a person's road: a signed promise that a record will be in the log.

The same receipt as the machines' door gives (`ledger.receipt`), so that the
same verifier checks it. Its opening shows the record with personal values as
commitments: it can be handed on without telling who wrote what.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from vigie import keys
from vigie.flow.house import House
from vigie.flow.records import Draft
from vigie.ledger.entry import record_salt
from vigie.ledger.receipt import ReceiptSigner, opening


def until(house: House, now: int) -> int:
    """Return until when a receipt given now promises inclusion (milliseconds)."""
    return now + house.settings.receipt_term * 1000


def promise(house: House, drafts: Sequence[Draft], now: int) -> dict[str, Any]:
    """Return the receipt of records that are appended with `promised_until=until(...)`.

    An opening of a record that is no decision names the record itself.
    Raises UnavailableError where the receipt key is missing (`vigie init`).
    """
    seed = keys.read(house.settings.keys_dir, keys.KeyName.RECEIPT)
    signer = ReceiptSigner(house.settings.log_origin, seed)
    note, paths = signer.sign([one.entry for one in drafts], now, until(house, now))
    openings = [
        opening(one.record_id, json.loads(one.content), record_salt(one.key), index, path)
        for index, (one, path) in enumerate(zip(drafts, paths, strict=True))
    ]
    return {"note": note, "openings": openings}
