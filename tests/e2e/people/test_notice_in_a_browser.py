# SPDX-License-Identifier: Apache-2.0
"""The form for notices in a browser: accessible, without script, left quickly, worked for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.people.conftest import Site
from tests.e2e.people.test_accessible_pages import SIZES, Scheme, findings

pytestmark = [pytest.mark.e2e, pytest.mark.whole]
WHERE = "https://agora.example/p/p-102"


@pytest.fixture(params=["light", "dark"])
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page in which nobody is signed in. axe needs a way past the content policy."""
    scheme: Scheme = "light" if request.param == "light" else "dark"
    context = browser.new_context(bypass_csp=True, color_scheme=scheme)
    yield context.new_page()
    context.close()


def looked_at(page: Page, axe: str) -> None:
    for width, height in SIZES.values():
        page.set_viewport_size({"width": width, "height": height})
        assert findings(page, axe) == [], page.url
    page.set_viewport_size({"width": 320, "height": 700})
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(wide) <= 0, f"{page.url} scrolls sideways at 320 px"


def go_on(page: Page) -> None:
    page.locator("button.main").click()


def test_axe_finds_nothing_on_the_way_through(page: Page, site: Site, axe: str) -> None:
    page.goto(f"{site.address}/notice/status")
    looked_at(page, axe)
    page.goto(f"{site.address}/notice/continue")
    looked_at(page, axe)
    page.goto(f"{site.address}/notice")
    looked_at(page, axe)
    go_on(page)
    expect(page.locator("#errors")).to_be_focused()
    looked_at(page, axe)
    page.locator("#c-stalking").check()
    go_on(page)
    page.locator("input[name=location]").first.fill(WHERE)
    looked_at(page, axe)
    go_on(page)
    looked_at(page, axe)
    go_on(page)
    looked_at(page, axe)
    page.locator("#f-unnamed").check()
    page.get_by_role("button", name="Continue later").click()
    looked_at(page, axe)
    page.get_by_role("link", name="Go on now").click()
    looked_at(page, axe)
    page.locator("#f-good_faith").check()
    go_on(page)
    expect(page.locator("h1")).to_have_text("We have received your notice")
    looked_at(page, axe)


def test_a_notice_is_given_without_script(browser: Browser, site: Site) -> None:
    context = browser.new_context(java_script_enabled=False, locale="fr-FR")
    page = context.new_page()
    page.goto(f"{site.address}/notice")
    page.locator("#c-hate").check()
    go_on(page)
    page.locator("button[name=add]").click()
    page.locator("input[name=location]").first.fill(WHERE)
    go_on(page)
    page.locator("#f-explanation").fill("Appel à la violence.")
    go_on(page)
    page.locator("#f-name").fill("Ana Lima")
    page.locator("#f-email").fill("ana@example.org")
    go_on(page)
    page.locator("#f-good_faith").check()
    go_on(page)
    assert page.url.endswith("/notice/mine")
    assert len(page.locator(".code").inner_text()) == 24
    context.close()


def test_leaving_quickly_does_not_come_back(page: Page, site: Site) -> None:
    page.route("**/wikipedia.org/**", lambda route: route.fulfill(body="elsewhere"))
    page.route("https://www.wikipedia.org/", lambda route: route.fulfill(body="elsewhere"))
    page.goto(f"{site.address}/")
    page.goto(f"{site.address}/notice/what")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.wait_for_url("https://www.wikipedia.org/")
    page.go_back()
    assert page.url == f"{site.address}/", "the form is still in the history"


def test_over_the_limit_the_browser_works_and_sends_the_form_itself(page: Page, site: Site) -> None:
    for _ in range(11):
        page.goto(f"{site.address}/notice/status")
        page.locator("#f-code").fill("0000-0000-0000-0000-0000")
        go_on(page)
    expect(page.locator("#f-code")).to_be_visible(timeout=20_000)
    assert page.locator(".err").count() == 1, "the form was not sent again"
