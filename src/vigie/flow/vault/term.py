# SPDX-License-Identifier: Apache-2.0
"""The term of a sealed record begins anew with its event, or is renewed by an authority."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_noop as _

from vigie.core.errors import ConflictError, InvalidInputError
from vigie.evidence import terms
from vigie.flow import records
from vigie.flow.decided import by_number
from vigie.flow.house import House
from vigie.flow.transaction import writing
from vigie.store.models import CustodyEvent, CustodyKind, Evidence, User

HELD: Final = "evidence.held"
MAX_BASIS: Final = 2_000
BY: Final = "vigie"


def begin(house: House, evidence: Evidence, at: int) -> Evidence:
    """Let the term run from its event: the removal's confirmation, the finished report.

    It never ends earlier than it would have; an end by a basis of custody stands.
    """
    term = terms.find(evidence.rule)
    if "custody" in evidence.meta:
        return evidence
    until = max(evidence.keep_until, term.keep_until(at))
    purge = max(evidence.purge_at, term.purge_at(at))
    return _move(house, evidence, until, purge, basis=evidence.basis, by=BY)


def renew(house: House, evidence: Evidence, *, basis: str, user: User) -> Evidence:
    """Renew a preservation by an authority's request, by the rule's own period.

    Raises ConflictError `shredded` or `no_renewal`, InvalidInputError without a basis.
    """
    term = terms.find(evidence.rule)
    if evidence.shredded_at is not None:
        raise ConflictError(_("This was shredded before."), code="shredded")
    if not term.extension_days:
        raise ConflictError(
            _("This term is not renewed; a hold keeps it longer."),
            code="no_renewal",
            fix=_("Place a hold with its basis."),
        )
    if not basis.strip() or len(basis) > MAX_BASIS:
        raise InvalidInputError(_("A renewal names the request."), code="no_basis", field="basis")
    more = term.extension_days * terms.DAY_MS
    until, purge = evidence.keep_until + more, evidence.purge_at + more
    return _move(house, evidence, until, purge, basis=basis.strip(), by=by_number(user))


def _move(
    house: House, evidence: Evidence, until: int, purge: int, *, basis: str, by: str
) -> Evidence:
    if (until, purge) == (evidence.keep_until, evidence.purge_at):
        return evidence
    now = house.now()
    with writing():
        plain = {"evidence": evidence.evidence_id, "keep_until": until, "purge_at": purge}
        draft = records.draft(HELD, now, plain, {"basis": basis, "by": by})
        records.append_one(draft)
        evidence.keep_until, evidence.purge_at = until, purge
        evidence.save(update_fields=["keep_until", "purge_at"])
        CustodyEvent.objects.create(
            evidence=evidence,
            kind=CustodyKind.HELD,
            by=by[:64],
            reason=basis,
            at=now,
            record_id=draft.record_id,
        )
    return evidence
