# SPDX-License-Identifier: Apache-2.0
"""The page of the API names every call, and no other."""

from __future__ import annotations

import re

from tests.support.tree import ROOT
from vigie.api.door import api
from vigie.flow.webhooks import EVENTS
from vigie.intake.services import Metrics

CALL = re.compile(r"^\| `(GET|POST|DELETE) (/api/v1/\S+)` \|", re.MULTILINE)


def _page(name):
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def test_the_page_lists_the_calls_of_the_description():
    described = {
        (method.upper(), path)
        for path, calls in api.get_openapi_schema()["paths"].items()
        for method in calls
    }
    assert set(CALL.findall(_page("reference/api.md"))) == described


def test_every_event_of_a_webhook_is_described():
    page = _page("how-to/connect-a-platform.md")
    assert [event for event in EVENTS if f"| `{event}` |" not in page] == []


def test_every_figure_is_described():
    page = _page("how-to/watch.md")
    names = {one.name for one in Metrics().registry.collect()} - {"vigie_jobs"}
    assert [name for name in names if f"`{name}" not in page] == []
