# SPDX-License-Identifier: Apache-2.0
"""Trusted flaggers (Art. 22 DSA): who has the status, since when, and how precise they are.

The status is another authority's act: what stands here names its source. It is
stored with each notice as it was at receipt.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from vigie.core.errors import ConflictError, InvalidInputError, NotFoundError
from vigie.evals.intervals import share
from vigie.flow import keys, records
from vigie.flow.house import House
from vigie.flow.transaction import writing
from vigie.store.models import ApiKey, ApiScope, NoticeItem, TrustedFlagger

MAX_NAME: Final = 200
MAX_SOURCE: Final = 1_000


def of_key(key: ApiKey | None, now: int) -> TrustedFlagger | None:
    """Return who uses a key with the status now; None without one."""
    if key is None or ApiScope.FLAGGER not in key.scopes:
        return None
    rows = TrustedFlagger.objects.filter(key=key, valid_from__lte=now)
    return next((row for row in rows if row.valid_until is None or now < row.valid_until), None)


def add_flagger(
    house: House,
    name: str,
    source: str,
    by: str,
    *,
    valid_from: int | None = None,
    valid_until: int | None = None,
) -> tuple[TrustedFlagger, str]:
    """Add a flagger with a key of its own; returns the row and the key, shown once.

    Raises InvalidInputError for an empty name or source or a status that ends
    before it begins, ConflictError where the name is taken.
    """
    now = house.now()
    since = now if valid_from is None else valid_from
    _check(name, source, since, valid_until)
    with writing():
        key, secret = keys.create_key(house, name.strip(), [ApiScope.FLAGGER.value])
        row = TrustedFlagger.objects.create(
            name=name.strip(),
            key=key,
            source=source.strip(),
            valid_from=since,
            valid_until=valid_until,
            created_by=by,
        )
        plain = {"flagger": row.pk, "name": row.name, "from": since, "until": valid_until or 0}
        personal = {"by": by, "source": row.source}
        records.append_one(records.draft("flagger.added", now, plain, personal))
    return row, secret


def _check(name: str, source: str, since: int, until: int | None) -> None:
    if not name.strip() or len(name.strip()) > MAX_NAME:
        raise InvalidInputError(f"A name has 1 to {MAX_NAME} characters.", field="name")
    if not source.strip() or len(source) > MAX_SOURCE:
        raise InvalidInputError(
            "Name where the status stands.",
            field="source",
            fix="The decision of the Digital Services Coordinator, or the public list.",
        )
    if until is not None and until <= since:
        raise InvalidInputError("The status ends before it begins.", field="until")
    if TrustedFlagger.objects.filter(name=name.strip()).exists():
        raise ConflictError("There is a flagger of this name.", code="name_taken", field="name")


def end_flagger(house: House, name: str, by: str) -> TrustedFlagger:
    """End a status now and revoke its key. Raises NotFoundError; twice changes nothing."""
    now = house.now()
    with writing():
        row = TrustedFlagger.objects.select_related("key").filter(name=name.strip()).first()
        if row is None:
            raise NotFoundError("There is no such flagger.", code="no_flagger")
        if row.valid_until is None or row.valid_until > now:
            row.valid_until = now
            row.save(update_fields=["valid_until"])
            plain = {"flagger": row.pk, "until": now}
            records.append_one(records.draft("flagger.ended", now, plain, {"by": by}))
        keys.revoke_key(house, row.key_id)
    return row


class Precision(NamedTuple):
    """How many of the decided locations were restricted, with the 95 % interval."""

    upheld: int
    decided: int
    low: float
    high: float


def precision(flagger: TrustedFlagger) -> Precision:
    """Return how precise a flagger's notices are (Art. 22(6) DSA asks for it)."""
    rows = NoticeItem.objects.filter(
        notice__flagger=flagger, outcome__in=("restricted", "not_restricted")
    )
    decided = rows.count()
    return interval(rows.filter(outcome="restricted").count(), decided)


def interval(upheld: int, decided: int) -> Precision:
    """Return a share with its Wilson interval; from 0 to 1 where nothing was decided."""
    found = share(upheld, decided)
    if found is None:
        return Precision(0, 0, 0.0, 1.0)
    return Precision(upheld, decided, found.low, found.high)
