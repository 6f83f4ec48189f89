# SPDX-License-Identifier: Apache-2.0
"""When bytes of class `child` may be kept at all: a duty of law, or counsel's recorded basis.

Without one nothing enters the vault: what remains is a report with hash, address,
time, account reference and receipt. A basis names its country, its holder and its
end; what was kept by it is shredded then.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from django.db.models import QuerySet
from django.utils.translation import gettext_noop as _

from vigie.core.errors import InvalidInputError, NotFoundError, RefusedError
from vigie.evidence import keys, terms
from vigie.flow import records
from vigie.flow.house import House
from vigie.flow.transaction import writing
from vigie.flow.vault import recipients
from vigie.store.models import CustodyBasis, DecisionRecord, Evidence, User
from vigie.store.permissions import Permission

RECORDED: Final = "custody.recorded"
ENDED: Final = "custody.ended"
MAX_TEXT: Final = 4_000
MAX_HOLDER: Final = 200
MAX_DAYS: Final = 366
BASIS_RULE: Final = "custody_basis"


class Allowed(NamedTuple):
    """By what bytes of class `child` may be kept."""

    rule: str
    """Retention rule; empty: the caller's, a duty of law asks for them."""
    ends_at: int | None = None
    basis: int | None = None


def standing(house: House) -> QuerySet[CustodyBasis]:
    """Return the bases that hold now, the first to end first."""
    rows = CustodyBasis.objects.filter(ended_at=None, ends_at__gt=house.now())
    return rows.order_by("ends_at", "pk")


def check(house: House, decision: DecisionRecord | None) -> Allowed:
    """Return by what bytes of a decision's item may be kept.

    Raises RefusedError `no_custody` where neither a duty nor a basis allows it.
    """
    named = offences_of(decision)
    entries = [house.law.entries[one] for one in named if one in house.law.entries]
    if any(one.keeps_bytes for one in entries):
        return Allowed("")
    countries = {one.jurisdiction for one in entries}
    found = [one for one in standing(house) if one.country in countries]
    if not found:
        raise RefusedError(
            _("Nothing allows to keep these bytes."),
            code="no_custody",
            fix=_("Report with the hash. Counsel can record a basis with holder and end."),
        )
    last = found[-1]
    return Allowed(BASIS_RULE, last.ends_at, last.pk)


def offences_of(decision: DecisionRecord | None) -> list[str]:
    """Return the offences that a decision names."""
    return [] if decision is None else [str(one) for one in decision.offences]


def record(
    house: House, user: User, *, basis: str, holder: str, country: str, ends_at: int
) -> CustodyBasis:
    """Record counsel's basis. Raises RefusedError, InvalidInputError."""
    _check(house, user, basis, holder, country, ends_at)
    now = house.now()
    with writing():
        plain = {"country": country, "ends_at": ends_at}
        personal = {"basis": basis.strip(), "holder": holder.strip(), "by": user.username}
        draft = records.draft(RECORDED, now, plain, personal)
        records.append_one(draft)
        row = CustodyBasis.objects.create(
            basis=basis.strip(),
            holder=holder.strip(),
            country=country,
            ends_at=ends_at,
            entered_by=user,
            entered_at=now,
            record_id=draft.record_id,
        )
    publish(house)
    return row


def end(house: House, user: User, number: int) -> CustodyBasis:
    """End a basis before its time; what was kept by it goes at the next run of retention.

    Raises RefusedError, NotFoundError.
    """
    _check_permission(user)
    now = house.now()
    with writing():
        row = CustodyBasis.objects.filter(pk=number, ended_at=None).first()
        if row is None:
            raise NotFoundError(_("There is no such basis."), code="no_basis")
        row.ended_at = now
        row.save(update_fields=["ended_at"])
        kept = Evidence.objects.filter(rule=BASIS_RULE, meta__custody=row.pk, shredded_at=None)
        kept.update(keep_until=now, purge_at=now)
        draft = records.draft(ENDED, now, {"basis": row.pk}, {"by": user.username})
        records.append_one(draft)
    publish(house)
    return row


def publish(house: House) -> None:
    """Tell the sealing processes, which ask no database, what holds now."""
    lines = tuple(
        keys.CustodyLine(basis=one.pk, country=one.country, ends_at=one.ends_at)
        for one in standing(house)
    )
    recipients.change(house.settings, custody=lines)


def _check(house: House, user: User, basis: str, holder: str, country: str, ends_at: int) -> None:
    _check_permission(user)
    for name, text, most in (("basis", basis, MAX_TEXT), ("holder", holder, MAX_HOLDER)):
        if not text.strip() or len(text) > most:
            raise InvalidInputError(
                _("Say on what basis, and who holds the bytes."), code="no_text", field=name
            )
    known = {one.jurisdiction for one in house.law.entries.values()}
    if country not in known:
        raise InvalidInputError(_("There is no law of this country here."), field="country")
    if not house.now() < ends_at <= house.now() + MAX_DAYS * terms.DAY_MS:
        raise InvalidInputError(_("A basis ends within a year."), code="no_end", field="ends_at")


def _check_permission(user: User) -> None:
    if not user.has_perm(Permission.CUSTODY_RECORD):
        raise RefusedError(_("Only counsel records a basis of custody."), code="no_permission")
