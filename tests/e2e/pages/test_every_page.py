# SPDX-License-Identifier: Apache-2.0
"""axe on every page there is: light and dark, wide and narrow; nothing scrolls sideways.

The pages are the addresses that the program itself knows: a new one is looked
at here without being named, or fails until `ways` says how a browser comes to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal

import httpx2
import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.pages.ways import (
    COUNSEL,
    FILES,
    LEAD,
    LEADS,
    OFFICER,
    STEPS,
    WAYS,
    WITH_APP,
    Way,
    opened,
)
from tests.e2e.people.conftest import PASSWORD, Site
from tests.e2e.people.test_accessible_pages import SIZES, findings
from tests.support.rights import ANYONE, CONSOLE, NOBODY, PORTAL, pages

pytestmark = [pytest.mark.e2e, pytest.mark.whole]
LOOKED_AT: Final = [one.name for one in pages() if (CONSOLE | PORTAL)[one.name].look is not NOBODY]
PAGES: Final[dict[str, Way]] = {
    name: WAYS.get(name, opened(name)) for name in LOOKED_AT if name not in FILES | set(LEADS)
} | STEPS
PERSONS: Final = {
    "lead": LEAD,
    "with.app": WITH_APP,
    "officer": OFFICER,
    "the.counsel": COUNSEL,
}
"""Who opens what is not for an administrator."""
SCHEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")


class Windows:
    """One window for each person; those whom a page needs signed out have a new one."""

    def __init__(self, browser: Browser, site: Site) -> None:
        self.browser, self.site = browser, site
        self.kept: dict[str, Page] = {}

    def of(self, name: str) -> Page:
        """Return the window of who opens this page."""
        who = next((one for one, names in PERSONS.items() if name in names), "root")
        if name in STEPS or name in PORTAL or CONSOLE[name].look is ANYONE:
            return self._new()
        if who not in self.kept:
            self.kept[who] = self._new()
            self._enter(self.kept[who], who)
        return self.kept[who]

    def _new(self) -> Page:
        # axe needs a way past the content policy.
        return self.browser.new_context(bypass_csp=True).new_page()

    def _enter(self, page: Page, who: str) -> None:
        self.site.sign_in(page, who)
        if who == "with.app":
            page.wait_for_url("**/login/second**")
            page.fill("#code", _recovery(self.site))
            page.locator("main form button.main").click()
        page.wait_for_url(lambda url: "/login" not in url)


def _recovery(site: Site) -> str:
    return site.paths["recovery code"]


@pytest.fixture(scope="module")
def windows(browser: Browser, site: Site) -> Iterator[Windows]:
    """Windows that stay open from page to page."""
    made = Windows(browser, site)
    yield made
    for page in made.kept.values():
        page.context.close()


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(windows: Windows, site: Site, axe: str, name: str) -> None:
    page = windows.of(name)
    page.set_viewport_size({"width": 1440, "height": 900})
    PAGES[name](site, page)
    assert page.locator("main, [role=main]").count(), f"{name} has a main part"
    found = []
    for size, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        for scheme in SCHEMES:
            # Without movement, so that no colour is met on its way to another.
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            found += [f"{size}, {scheme}: {one}" for one in findings(page, axe)]
    assert found == []
    page.set_viewport_size({"width": 320, "height": 800})
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 320, f"{name} scrolls sideways at 320 pixels: {wide}"
    page.emulate_media(color_scheme="light")


def test_what_is_called_no_page_is_none(site: Site) -> None:
    with httpx2.Client(base_url=site.address, trust_env=False, timeout=30) as client:
        login = client.get("/console/login").text
        token = login.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
        sent = {"csrfmiddlewaretoken": token, "name": "root", "password": PASSWORD}
        assert client.post("/console/login", data=sent).status_code == 302
        for name in sorted(FILES & set(LOOKED_AT)):
            answer = client.get(site.paths[name])
            kind = answer.headers.get("content-type", "")
            assert "<html" not in answer.text or "text/html" not in kind, name
        for name, where in LEADS.items():
            answer = client.get(site.paths[name])
            assert answer.status_code == 302, name
            assert answer.headers["location"].startswith(where), (name, answer.headers["location"])


def test_every_name_stands_for_an_address() -> None:
    named = FILES | set(LEADS) | set(WAYS) | set().union(*PERSONS.values())
    assert named <= set(LOOKED_AT), "an address is gone: take it off the list"
