# SPDX-License-Identifier: Apache-2.0
"""What must be kept from the finished report on (18 U.S.C. 2258A(h): one year)."""

from __future__ import annotations

from typing import Final

from vigie.flow.house import House
from vigie.flow.orders import clocks
from vigie.flow.vault import term
from vigie.store.models import AuthorityReport, Evidence, ReportKind

DUTY: Final = "us_cybertip_preserve"


def begin(house: House, report: AuthorityReport, at: int) -> None:
    """Let the term of the report's evidence run from now, and its clock."""
    if report.kind != ReportKind.CYBERTIP:
        return
    for one in _evidence(report):
        term.begin(house, one, at)
    clocks.start(house, duty=DUTY, subject="report", number=report.number, at=at)


def _evidence(report: AuthorityReport) -> list[Evidence]:
    named = Evidence.objects.filter(pk__in=report.files.values("evidence"))
    if report.decision_id is not None:
        named = named | Evidence.objects.filter(decision=report.decision_id, rule="cybertip")
    return list(named.filter(shredded_at=None).distinct())
