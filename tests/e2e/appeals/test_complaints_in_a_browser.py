# SPDX-License-Identifier: Apache-2.0
"""Complaints, strikes, disputes, dead letters: accessible, and by keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.people.conftest import Site
from tests.e2e.people.test_accessible_pages import findings

pytestmark = [pytest.mark.e2e, pytest.mark.whole]
CONSOLE = {
    "complaints": "/console/appeals",
    "answered": "/console/appeals?answered=1",
    "complaint": "complaint",
    "answered complaint": "answered complaint",
    "strikes": "/console/strikes",
    "proposal": "proposal",
    "warning": "warning",
    "disputes": "/console/disputes",
    "dead letters": "/console/dead-letters",
}
PORTAL = {
    "statement": "statement",
    "contested statement": "contested statement",
    "measure in German": "measure?lang=de",
    "code": "/appeal",
}
SIZES = {"wide": (1440, 900), "narrow": (390, 844)}
Scheme = Literal["light", "dark"]


def path_of(site: Site, wanted: str) -> str:
    """The path of a page; seeded ones by their name."""
    if wanted.startswith("/"):
        return wanted
    seeded, mark, query = wanted.partition("?")
    return f"{site.paths[seeded]}{mark}{query}"


@pytest.fixture(scope="module", params=["light", "dark"])
def page(browser: Browser, site: Site, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page in which the administrator is signed in."""
    scheme: Scheme = "light" if request.param == "light" else "dark"
    context = browser.new_context(bypass_csp=True, color_scheme=scheme)
    opened = context.new_page()
    site.sign_in(opened, "root")
    yield opened
    context.close()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", [*CONSOLE, *PORTAL])
def test_axe_finds_nothing(page: Page, site: Site, axe: str, name: str, size: str) -> None:
    width, height = SIZES[size]
    page.set_viewport_size({"width": width, "height": height})
    page.goto(site.address + path_of(site, (CONSOLE | PORTAL)[name]))
    assert findings(page, axe) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_complaint_is_answered_by_keyboard_alone(browser: Browser, site: Site) -> None:
    context = browser.new_context()
    opened = context.new_page()
    site.sign_in(opened)
    opened.goto(site.address + "/console/appeals")
    opened.keyboard.press("j")
    opened.keyboard.press("Enter")
    expect(opened.locator("h1")).to_contain_text("A-1")
    opened.keyboard.press("3")
    expect(opened.locator("input[value=refused]")).to_be_checked()
    opened.keyboard.press("f")
    opened.keyboard.type("The words deny; the context changes nothing.")
    opened.fill("#heard", "in writing")
    opened.fill("#reason", "no quotation")
    opened.keyboard.press("Control+Enter")
    expect(opened.locator("h1")).to_contain_text("not upheld")
    context.close()


def test_author_contests_without_script_and_reads_where_it_stands(
    browser: Browser, site: Site
) -> None:
    context = browser.new_context(java_script_enabled=False)
    opened = context.new_page()
    opened.goto(site.address + site.paths["statement"])
    opened.fill("#grounds", "I quoted it to refute it.")
    opened.click("text=Send the complaint")
    expect(opened.locator("h1")).to_contain_text("We have received your complaint")
    opened.goto(site.address + "/appeal")
    opened.fill("#code", site.paths["code"])
    opened.click("text=Show it")
    expect(opened.locator("h1")).to_contain_text("being looked at")
    context.close()
