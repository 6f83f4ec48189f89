# SPDX-License-Identifier: Apache-2.0
"""Account data for a granted order: what the platform looked up is sealed, for the package.

The house holds no accounts. After the grant somebody of the desk gets the data from the
platform and gives it here; nothing that was not granted can be given. JSON stays as it
is, byte for byte; anything else is wrapped in JSON with its name.
"""

from __future__ import annotations

import base64
import json
from typing import Final

from django.utils.translation import gettext as _

from vigie.core import canonical
from vigie.core.errors import ConflictError, InvalidInputError
from vigie.flow import records
from vigie.flow.decided import by_number
from vigie.flow.house import House
from vigie.flow.orders import answering, coverage, disclose
from vigie.flow.orders.scope import ScopeLine
from vigie.flow.transaction import writing
from vigie.flow.vault.seal import seal
from vigie.store.models import Evidence, EvidenceKind, Order, OrderData, User

SUPPLIED: Final = "order.supplied"
MAX_BYTES: Final = 20 << 20
MAX_NAME: Final = 100
MIME: Final = "application/json"
CLASS: Final = "account"
_EVIDENCE_LAW: Final = "epoc_annex_i"


def supply(
    house: House, user: User, order: Order, row: OrderData, data: bytes, name: str
) -> Evidence:
    """Seal the data of one granted row of an order; returns what was sealed.

    Args:
        house: the installation.
        user: who got it from the platform; not who called back.
        order: a proven order with a grant.
        row: the granted row that the data answers; all of it lies within its period.
        data: a file of at most 20 MB.
        name: its name.

    Raises RefusedError without permission or proof, ConflictError where the row is not
    granted or nothing may leave on the order, InvalidInputError for a file of no size or
    too large, UnavailableError before `vigie vault init`.
    """
    disclose.check_granter(user, order)
    if not data or len(data) > MAX_BYTES:
        raise InvalidInputError(
            _("A file has 1 byte to 20 MB."), code="document_size", field="file"
        )
    with writing():
        held = answering.held(order)
        line = _line(held, row)
        made = _seal(house, held, line, in_json(data, clean_name(name)))
        plain = {
            "order": held.number,
            "by": by_number(user),
            "evidence": made.evidence_id,
            "category": line.category,
        }
        personal = {"account": line.account, "file": clean_name(name)}
        records.append_one(records.draft(SUPPLIED, house.now(), plain, personal))
    return made


def _line(order: Order, row: OrderData) -> ScopeLine:
    """Return the line of the scope that a row is. Raises ConflictError where it is none."""
    lines = disclose.scope_of(order).lines
    granted = [one.row.pk for one in coverage.asked(order) if one.covered and one.row.granted]
    if row.pk not in granted:
        raise ConflictError(
            _("This was not granted."),
            code="not_granted",
            field="row",
            fix=_("Tick what its legal basis covers, then grant it."),
        )
    return lines[granted.index(row.pk)]


def _seal(house: House, order: Order, line: ScopeLine, data: bytes) -> Evidence:
    """Seal it as of the end of its row's period: the latest that it may speak of."""
    evidence_law = order.form == _EVIDENCE_LAW
    return seal(
        house,
        data=data,
        kind=EvidenceKind.ACCOUNT,
        cls=CLASS,
        rule="eevidence_production" if evidence_law else "order",
        basis=f"{answering.form_of(order).law}, O-{order.number}",
        service=line.service,
        author=house.pseudonym(line.service, line.account),
        order=order,
        mime=MIME,
        meta={"category": line.category, "at": line.until or order.received_at},
        start=order.received_at if evidence_law else None,
    )


def in_json(data: bytes, name: str) -> bytes:
    """Return JSON as it is; other text, and bytes in base64, with their name in JSON."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return canonical.encode({"name": name, "base64": base64.b64encode(data).decode()})
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return canonical.encode({"name": name, "text": text})
    return data


def clean_name(name: str) -> str:
    """Return a file's name without path and control signs."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(one for one in last if one.isprintable())[:MAX_NAME] or "file"


def supplied(order: Order) -> list[Evidence]:
    """Return the account data that was sealed for an order, the oldest first."""
    rows = Evidence.objects.filter(order=order, kind=EvidenceKind.ACCOUNT, shredded_at=None)
    return list(rows.order_by("number"))
