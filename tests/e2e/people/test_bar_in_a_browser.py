# SPDX-License-Identifier: Apache-2.0
"""The bar of the console in three languages: no entry is cut; the palette begins with rows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.people.conftest import Site

pytestmark = [pytest.mark.e2e, pytest.mark.whole]
CUT = """() => {
  const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  const nav = document.querySelector("header.top > nav");
  const end = document.querySelector("header.top > .end").getBoundingClientRect();
  const rows = document.querySelector("header.top").clientHeight > 60 ? 2 : 1;
  return [nav.scrollWidth - nav.clientWidth, wide, Math.max(0, end.right - innerWidth), rows];
}"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of a window of its own."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("name", ["c.vidal", "a.dmin", "m.roth", "s.afe"])
@pytest.mark.parametrize("language", ["en", "fr", "de"])
def test_no_room_is_cut(page: Page, site: Site, name: str, language: str) -> None:
    site.sign_in(page, name)
    page.wait_for_url(lambda url: "/login" not in url)
    page.goto(f"{site.address}/console/overview?lang={language}")
    rows = 0
    for width in (1120, 1280, 1366, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        *cut, rows = page.evaluate(CUT)
        assert cut == [0, 0, 0], width
    assert rows == 1, "one row at 1440"


def test_the_palette_begins_with_rows(page: Page, site: Site) -> None:
    site.sign_in(page)
    page.wait_for_url(lambda url: "/login" not in url)
    page.goto(f"{site.address}/console/overview")
    page.keyboard.press("Control+k")
    rows = page.locator("#goto-list a")
    expect(rows.filter(has_text="D-").first).to_be_visible()
    expect(page.locator("#goto-list")).to_contain_text("Queues")
    page.keyboard.press("ArrowDown")
    expect(rows.first).to_be_focused()
    page.fill("#goto input", "D-1")
    expect(page.locator("#goto-list")).not_to_contain_text("Queues")
    page.fill("#goto input", "")
    expect(page.locator("#goto-list")).to_contain_text("Queues")


def test_without_script_it_is_a_page(browser: Browser, site: Site) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    site.sign_in(page)
    page.goto(f"{site.address}/console/overview")
    page.locator("header.top a[data-key='ctrl+k']").click()
    page.locator("main").get_by_role("link", name="Queues").click()
    page.wait_for_url("**/console/queues")
    context.close()
