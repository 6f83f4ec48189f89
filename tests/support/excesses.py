# SPDX-License-Identifier: Apache-2.0
"""Genuine authorities that ask for too much: proven, and not covered."""

from __future__ import annotations

from typing import Any, Final

from tests.support.forgeries import ALL, Case
from tests.support.forgers import Forger
from tests.support.order_papers import REMOVAL
from tests.support.people import NOW
from tests.support.senders import ACCOUNT, TCO
from vigie.core.clock import DAY_MS, iso
from vigie.store.models import Order

BEYOND: Final = frozenset({"traffic", "content"})
PAST: Final = {"period_from": iso(NOW - 9 * DAY_MS), "period_until": iso(NOW - DAY_MS)}
EXCESSIVE: Final[dict[str, Case]] = {}


def excessive(case: Case) -> Case:
    """Name a case."""
    EXCESSIVE[case.__name__] = case
    return case


def _asked(f: Forger, **values: Any) -> Order:
    f.wanted = BEYOND
    fields: dict[str, Any] = {"data_categories": ALL, **PAST, **values}
    return f.genuine(f.form(**fields))


@excessive
def content_asked_by_a_prosecutor_who_calls_itself_a_court(f: Forger) -> Order:
    return _asked(f, issuing_authority_type="court", traffic_content_condition="three_years")


@excessive
def content_without_an_offence_that_carries_it(f: Forger) -> Order:
    f.senders.office.kind = "court"
    f.senders.office.save(update_fields=["kind"])
    return _asked(f, issuing_authority_type="court")


@excessive
def content_of_days_to_come(f: Forger) -> Order:
    f.senders.office.kind = "court"
    f.senders.office.save(update_fields=["kind"])
    until = {"period_until": iso(NOW + 30 * DAY_MS)}
    return _asked(f, traffic_content_condition="three_years", **until)


@excessive
def content_without_a_period(f: Forger) -> Order:
    f.senders.office.kind = "court"
    f.senders.office.save(update_fields=["kind"])
    none = {"period_from": "", "period_until": ""}
    return _asked(f, traffic_content_condition="three_years", **none)


@excessive
def content_in_an_emergency(f: Forger) -> Order:
    return _asked(f, time_limit="emergency")


@excessive
def data_by_a_preservation_order(f: Forger) -> Order:
    order = f.form("epocpr_annex_ii", data_categories=ALL)
    return f.genuine(order)


@excessive
def data_by_a_removal_order(f: Forger) -> Order:
    fields = {**REMOVAL, "issuing_state": "DE", "issuing_authority": f.senders.office.name}
    order = f.form(TCO, typed=False, **fields)
    order.data.create(category="subscriber", account=ACCOUNT)
    return f.genuine(order)


@excessive
def a_category_that_no_law_knows(f: Forger) -> Order:
    order = f.form()
    order.data.all().delete()
    order.data.create(category="everything", account=ACCOUNT)
    return f.genuine(order)
