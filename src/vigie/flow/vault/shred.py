# SPDX-License-Identifier: Apache-2.0
"""Shredding: the small wrapped key is deleted, and with it what the file said.

Through the one deletion function, which asks the holds in the transaction that
deletes. The file goes after the commit; what a crash leaves over says nothing and
goes at the next run. That it was sealed and shredded stays in the log, and every
proof of the log stays valid.
"""

from __future__ import annotations

from typing import Any, Final

from django.db.models import QuerySet
from django.utils.translation import gettext_noop as _

from vigie.core.errors import ConflictError, InvalidInputError, RefusedError
from vigie.flow import deletion, records, search_day
from vigie.flow.decided import by_number
from vigie.flow.house import House
from vigie.flow.vault import layout
from vigie.store.models import CustodyEvent, CustodyKind, Evidence, RecordKey, User
from vigie.store.permissions import Permission

SHREDDED: Final = "evidence.shredded"
MAX_REASON: Final = 2_000
GROUP: Final = 200
BY_TERM: Final = "vigie"
_DAYS: Final = 7
_DAY_MS: Final = 86_400_000


def shred(house: House, evidence: Evidence, *, user: User, reason: str) -> None:
    """Shred one record after its minimum, before its maximum, for a reason.

    Raises RefusedError without the permission, InvalidInputError without a
    reason, ConflictError `too_early`, `shredded`, `held` or `search_stands`.
    """
    if not user.has_perm(Permission.EVIDENCE_OPEN):
        raise RefusedError(_("Your role may not shred evidence."), code="no_permission")
    said = reason.strip()
    if not said or len(said) > MAX_REASON:
        raise InvalidInputError(_("Shredding needs a reason."), code="no_reason", field="reason")
    check_over(house, evidence)
    search_day.check_deletion()
    if not run(house, Evidence.objects.filter(pk=evidence.pk), by=by_number(user), reason=said):
        raise ConflictError(
            _("A duty to keep covers this."), code="held", fix=_("Ask the owner of the hold.")
        )


def check_over(house: House, evidence: Evidence) -> None:
    """Raise ConflictError where a record is shredded already, or its minimum has not passed."""
    if evidence.shredded_at is not None:
        raise ConflictError(_("This was shredded before."), code="shredded")
    if house.now() < evidence.keep_until:
        raise ConflictError(
            _("The law asks to keep this for now."),
            code="too_early",
            fix=_("Wait for the end of its minimum term."),
        )


def expire(house: House) -> int:
    """Shred what has reached its maximum and is under no hold; finish what a crash left over."""
    over = Evidence.objects.filter(purge_at__lte=house.now())
    done = run(house, over, by=BY_TERM, reason="term")
    # A person's erasure has deleted the key; the record of it and the file follow.
    done += run(house, Evidence.objects.filter(wrapped=[]), by=BY_TERM, reason="erasure")
    if search_day.stops_deletion():
        return done
    recent = Evidence.objects.filter(shredded_at__gte=house.now() - _DAYS * _DAY_MS)
    _remove(house, list(recent))
    return done


def run(house: House, rows: QuerySet[Evidence], *, by: str, reason: str) -> int:
    """Shred rows that no hold covers; return how many went. Asks no term: callers did."""
    now = house.now()
    blank: dict[str, Any] = {
        "wrapped": [],
        "sha256": "",
        "meta": {},
        "author": "",
        "shredded_at": now,
    }

    def record(gone: list[Evidence]) -> None:
        drafts = [_draft(one, now, by, reason) for one in gone]
        records.append(drafts)
        for one, draft in zip(gone, drafts, strict=True):
            CustodyEvent.objects.create(
                evidence=one,
                kind=CustodyKind.SHREDDED,
                by=by,
                reason=reason,
                at=now,
                record_id=draft.record_id,
            )
        sealed = RecordKey.objects.filter(record__in=[one.record_id for one in gone])
        deletion.expire(sealed, "", len(gone))

    kept = rows.filter(shredded_at=None)
    done: list[Evidence] = []

    def also(gone: list[Evidence]) -> None:
        record(gone)
        done.extend(gone)

    count = deletion.expire(kept, deletion.OWN, GROUP, blank=blank, also=also)
    _remove(house, done)
    return count


def _draft(one: Evidence, now: int, by: str, reason: str) -> records.Draft:
    plain = {"evidence": one.evidence_id, "rule": one.rule}
    return records.draft(SHREDDED, now, plain, {"by": by, "reason": reason})


def _remove(house: House, gone: list[Evidence]) -> None:
    for one in gone:
        layout.path_of(house.settings, one.file).unlink(missing_ok=True)
