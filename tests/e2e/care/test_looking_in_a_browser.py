# SPDX-License-Identifier: Apache-2.0
"""Looking with and without script: the veil comes back, nothing typed is lost, axe is content."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.people.conftest import Site
from tests.e2e.people.test_accessible_pages import findings

pytestmark = [pytest.mark.e2e, pytest.mark.whole]
BLUR = "data:image/png;base64,"
PAGES = {
    "picture": ("m.roth", "picture"),
    "sealed picture": ("m.roth", "sealed picture"),
    "sealed letter": ("m.roth", "sealed letter"),
    "shift": ("s.lang", "/console/shift"),
    "own figures": ("m.roth", "/console/shift/figures"),
    "quality": ("lead", "/console/quality"),
    "settings": ("root", "/console/settings"),
}


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    """A page in which M. Roth is signed in; a broken policy or script fails the test."""
    context = browser.new_context()
    opened = context.new_page()
    problems: list[str] = []
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.on(
        "console",
        lambda said: problems.append(said.text) if "Content Security" in said.text else None,
    )
    site.sign_in(opened, "m.roth")
    yield opened
    context.close()
    assert problems == []


def size_of(page: Page) -> list[int]:
    """Natural width and height of the first picture under a veil."""
    found: list[int] = page.evaluate(
        "() => { const i = document.querySelector('[data-veil-img]');"
        " return [i.naturalWidth, i.naturalHeight]; }"
    )
    return found


def expect_size(page: Page, wanted: list[int]) -> None:
    """Wait until the picture has this size; the content policy lets no function poll."""
    for _ in range(100):
        if size_of(page) == wanted:
            return
        page.wait_for_timeout(50)
    assert size_of(page) == wanted


def test_a_look_shows_a_clear_copy_in_place_and_the_veil_comes_back(page: Page, site: Site) -> None:
    page.clock.install()
    page.goto(site.address + site.paths["desk"])
    veiled = page.locator("#picture-1 [data-veil-img]")
    expect(veiled).to_have_attribute("src", _starts(BLUR))
    assert size_of(page) == [64, 48]
    expect(page.locator("#picture-1 [data-veil-words]")).to_contain_text("No hash was recorded")
    expect(page.locator("#picture-2")).to_contain_text("not fetched")
    expect(page.locator("#picture-3")).to_contain_text("VIGIE_MEDIA_HOSTS=cdn.example")
    typed = page.locator("#reason")
    typed.fill("what I began to write")
    page.locator("h1").click()
    page.keyboard.press("v")
    expect(page.locator("#why-1")).to_be_focused()
    page.select_option("#why-1", "context")
    page.select_option("#how-1", "grey")
    page.locator("#look-1 [data-veil-look]").click()
    expect(veiled).to_have_attribute("src", _starts("/console/cases/"))
    expect_size(page, [800, 600])
    expect(page.locator("#picture-1")).to_contain_text("of 25 used")
    page.clock.fast_forward(15_000)
    expect(veiled).to_have_attribute("src", _starts(BLUR))
    expect_size(page, [64, 48])
    expect(typed).to_have_value("what I began to write")


def test_a_look_without_a_reason_says_so_and_shows_nothing(page: Page, site: Site) -> None:
    page.goto(site.address + site.paths["desk"])
    page.locator("#picture-1 [data-veil-open] button").click()
    page.locator("#look-1 [data-veil-look]").click()
    expect(page.locator("#picture-1 [data-veil-words]")).to_contain_text("Choose why")
    assert size_of(page) == [64, 48]


def _starts(text: str) -> Any:
    return re.compile("^" + re.escape(text))


def test_without_script_a_tab_of_its_own_shows_it_and_leads_back(
    browser: Browser, site: Site
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    site.sign_in(page, "m.roth")
    page.goto(site.address + site.paths["desk"])
    link = page.locator("#picture-1 noscript a, #picture-1 a[target=_blank]").first
    expect(link).to_be_visible()
    assert link.get_attribute("target") == "_blank"
    page.goto(site.address + site.paths["picture"])
    page.select_option("#look_reason", "context")
    page.click("main button[type=submit]")
    expect(page.locator(".veil img")).to_have_attribute("src", _starts("/console/cases/"))
    refresh = page.locator("meta[http-equiv=refresh]").get_attribute("content")
    assert refresh == f"15;url={site.paths['picture']}"
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(
    browser: Browser, site: Site, axe: str, name: str, width: int, scheme: Any
) -> None:
    who, where = PAGES[name]
    size: Any = {"width": width, "height": 900}
    context = browser.new_context(bypass_csp=True, color_scheme=scheme, viewport=size)
    page = context.new_page()
    site.sign_in(page, who)
    page.goto(site.address + (where if where.startswith("/") else site.paths[where]))
    assert findings(page, axe) == []
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= width
    context.close()
