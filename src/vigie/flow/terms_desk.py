# SPDX-License-Identifier: Apache-2.0
"""Terms of the desk: orders, reports, matters, searches.

Where a law names no term, the operator's own interest in showing what it did
does (Art. 17(3)(e) GDPR): three years for orders, ten for proceedings. These are
choices of this program, not readings of a statute.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any, Final

from django.db.models import Q, QuerySet

from vigie.flow import deletion
from vigie.flow.house import House
from vigie.flow.terms import DAY_MS, GROUP
from vigie.store.models import (
    AuthorityContact,
    AuthorityReport,
    EmergencyRelease,
    Hold,
    Matter,
    MatterDocument,
    MatterEntry,
    MatterText,
    OfficerAccess,
    Order,
    OrderData,
    OrderDocument,
    OrderLetter,
    OrderLocation,
    OrderProof,
    PrivilegedNote,
    ReportFile,
    ReportKind,
    ReportState,
    SearchDay,
    SearchEntry,
    Unreached,
    VaultGrant,
)

ORDER_DAYS: Final = 3 * 365
REPORT_DAYS: Final = {ReportKind.CYBERTIP: 365, ReportKind.ART18: ORDER_DAYS}
"""Of a CyberTipline report: a year (18 U.S.C. 2258A(h))."""
MATTER_DAYS: Final = 10 * 365
CONTACT_DAYS: Final = ORDER_DAYS
GRANT_DAYS: Final = 90
_ITEMS: Final = "locations__item_id"
_ORDER_ITEMS: Final = "order__locations__item_id"
_REPORTED: Final = (ReportState.REPORTED, ReportState.RETRACTED)


def orders(house: House) -> int:
    """Blank what orders said, three years after they were closed."""
    over = _over_orders(house)
    mine = {"order__in": over.values("pk")}
    # The parts first: whose they are is found through the order.
    gone = _blank(OrderData.objects.filter(**mine), _ORDER_ITEMS, {"account": "", "why": ""})
    gone += _blank(OrderLetter.objects.filter(**mine), _ORDER_ITEMS, {"data": {}})
    read = {"text": ""}
    gone += _blank(OrderDocument.objects.filter(**mine), _ORDER_ITEMS, read)
    gone += _files(house, OrderDocument.objects.filter(**mine), _ORDER_ITEMS)
    noted = {"detail": {}, "note": "", "withdrawn_why": ""}
    gone += _blank(OrderProof.objects.filter(**mine), _ORDER_ITEMS, noted)
    why = {"reason": "", "review_note": ""}
    gone += _blank(EmergencyRelease.objects.filter(**mine), _ORDER_ITEMS, why)
    said = {"sender": "", "reply_to": "", "fields": {}, "proof_note": "", "reason": ""}
    gone += _blank(over, _ITEMS, {**said, "code_digest": ""})
    # The places last: by them the holds are found.
    places = OrderLocation.objects.filter(order__in=over.filter(**said).values("pk"))
    return gone + _blank(places, _ORDER_ITEMS, {"url": "", "item_id": ""})


def _over_orders(house: House) -> QuerySet[Order]:
    """Return closed orders past their term about nobody whose content is under a hold."""
    limit = house.now() - ORDER_DAYS * DAY_MS
    rows = Order.objects.filter(closed_at__lt=limit)
    held = Hold.objects.filter(lifted_at__isnull=True).exclude(author="")
    authors = set(held.values_list("service", "author"))
    if not authors:
        return rows
    named = OrderData.objects.filter(order__in=rows.values("pk")).exclude(account="")
    stay = [
        one.order_id
        for one in named.only("order_id", "service", "account")
        if (one.service, house.pseudonym(one.service, one.account)) in authors
    ]
    return rows.exclude(pk__in=stay)


def reports(house: House) -> int:
    """Blank the words and hashes of reports when their term has passed since the receipt."""
    over = Q(pk__in=())
    for kind, days in REPORT_DAYS.items():
        over |= Q(kind=kind, reported_at__lt=house.now() - days * DAY_MS)
    rows = AuthorityReport.objects.filter(over, state__in=_REPORTED)
    files = ReportFile.objects.filter(report__in=rows.values("pk"))
    blank = {"hashes": {}, "url": "", "details": {}}
    gone = _blank(files, "report__decision__item_id", blank)
    return gone + _blank(rows, deletion.OF_DECISION, {"fields": {}})


def matters(house: House) -> int:
    """Delete the papers of proceedings ten years after they were closed."""
    limit = house.now() - MATTER_DAYS * DAY_MS
    mine = {"matter__in": Matter.objects.filter(closed_at__lt=limit).values("pk")}
    gone = _files(house, MatterDocument.objects.filter(**mine), "")
    gone += _blank(MatterText.objects.filter(**mine), "", {"text": ""})
    gone += _blank(MatterEntry.objects.filter(**mine), "", {"title": "", "text": ""})
    return gone + deletion.expire(PrivilegedNote.objects.filter(**mine), "", GROUP)


def searches(house: House) -> int:
    """Blank names in the record of a search, ten years after it was closed."""
    limit = house.now() - MATTER_DAYS * DAY_MS
    days = SearchDay.objects.filter(closed_at__lt=limit)
    mine = {"search__in": days.values("pk")}
    gone = _blank(SearchEntry.objects.filter(**mine), "", {"label": "", "note": ""})
    gone += _blank(OfficerAccess.objects.filter(**mine), "", {"label": ""})
    return gone + _blank(days, "", {"persons": [], "counsel": "", "scope": {}, "scope_text": ""})


def contacts(house: House) -> int:
    """Forget contacts of authorities three years after they were withdrawn."""
    limit = house.now() - CONTACT_DAYS * DAY_MS
    rows = AuthorityContact.objects.filter(withdrawn_at__lt=limit)
    return _blank(rows, "", {"value": "", "source": ""})


def grants(house: House) -> int:
    """Delete leaves to open evidence that ended long ago; custody events stay."""
    limit = house.now() - GRANT_DAYS * DAY_MS
    return deletion.expire(VaultGrant.objects.filter(expires_at__lt=limit), "", GROUP)


def unreached(house: House) -> int:
    """Delete notes on outside parties that nobody has tried for a year."""
    limit = house.now() - 365 * DAY_MS
    return deletion.expire(Unreached.objects.filter(next_try__lt=limit), "", GROUP)


def _blank(rows: QuerySet[Any], whose: deletion.Whose | str, values: dict[str, Any]) -> int:
    return deletion.expire(rows.exclude(**values), whose, GROUP, blank=values)


def _files(house: House, rows: QuerySet[Any], whose: str) -> int:
    """Blank sealed documents: first their keys, after the commit the bytes."""
    gone: list[Any] = []
    values = {"name": "", "sha256": "", "wrapped_key": "", "file": ""}
    left = rows.exclude(**values)
    done = deletion.expire(left, whose, GROUP, blank=values, also=gone.extend)
    for one in gone:
        if one.file and ".." not in PurePosixPath(one.file).parts:
            (house.settings.data_dir / one.file).unlink(missing_ok=True)
    return done
