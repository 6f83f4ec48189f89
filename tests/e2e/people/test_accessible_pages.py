# SPDX-License-Identifier: Apache-2.0
"""All WCAG 2.2 A and AA rules of axe on every page: light and dark, wide and narrow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.people.conftest import Site

pytestmark = [pytest.mark.e2e, pytest.mark.whole]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
PAGES = {
    "waiting": "/console/decisions?waiting=1",
    "decisions": "/console/decisions",
    "nothing fits": "/console/decisions?territory=AT",
    "decision": "open",
    "decision masked": "open?mask=1",
    "decision by a person": "withheld",
    "class child": "child",
    "desk": "desk",
    "desk of a notice": "noticed",
    "desk masked": "desk?mask=1",
    "lift": "lift",
    "overview": "/console/overview",
    "search": "/console/search",
    "search with results": "/console/search?q=decision.outcome+%21%3D+allow+and+at+%3E+-9000d",
    "search for authors": "/console/search?target=authors&q=",
    "search refused": "/console/search?q=polcy+%3D+x",
    "go to": "/console/goto?q=D-1+x",
    "policies": "/console/policies",
    "log": "/console/log",
    "child safety": "/console/child-safety",
    "account": "/console/account",
    "second factors": "/console/account/factors",
    "app with codes": "/console/account/factors/app",
    "passkey": "/console/account/factors/passkeys/add",
    "team": "/console/team",
    "second person": "/console/second",
    "portal": "/",
    "statement": "statement",
    "statement in German": "statement?lang=de",
    "nothing there": "/nothing",
    "forbidden": "/console/decisions/999999",
}
SIZES = {"wide": (1440, 900), "narrow": (390, 844)}
Scheme = Literal["light", "dark"]


def path_of(site: Site, name: str) -> str:
    """The path of a page; seeded ones by their name."""
    wanted = PAGES[name]
    if wanted.startswith("/"):
        return wanted
    seeded, mark, query = wanted.partition("?")
    return f"{site.paths[seeded]}{mark}{query}"


def findings(page: Page, axe: str) -> list[str]:
    """What axe finds on the page, one line each."""
    page.evaluate(axe)
    found: dict[str, Any] = page.evaluate(
        "rules => axe.run(document, {runOnly: {type: 'tag', values: rules}})", RULES
    )
    assert len(found["passes"]) > 5, "axe has looked"
    return [
        f"{one['id']}: {node['target']} {node['html'][:120]}"
        for one in found["violations"]
        for node in one["nodes"]
    ]


@pytest.fixture(scope="module", params=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> Scheme:
    """Light and dark."""
    return "light" if request.param == "light" else "dark"


@pytest.fixture(scope="module")
def page(browser: Browser, site: Site, scheme: Scheme) -> Iterator[Page]:
    """A page in which C. Vidal is signed in. axe needs a way past the content policy."""
    context = browser.new_context(bypass_csp=True, color_scheme=scheme)
    opened = context.new_page()
    site.sign_in(opened)
    yield opened
    context.close()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(page: Page, site: Site, axe: str, name: str, size: str) -> None:
    width, height = SIZES[size]
    page.set_viewport_size({"width": width, "height": height})
    page.goto(site.address + path_of(site, name))
    assert findings(page, axe) == []


def test_axe_finds_nothing_where_nobody_is_signed_in(
    browser: Browser, site: Site, axe: str, scheme: Scheme
) -> None:
    context = browser.new_context(bypass_csp=True, color_scheme=scheme)
    opened = context.new_page()
    for path in ("/console/login", "/console/login?ended=1", "/console/login/once/x"):
        opened.goto(site.address + path)
        assert findings(opened, axe) == []
    opened.goto(f"{site.address}/console/login")
    opened.fill("#name", "nobody")
    opened.fill("#password", "wrong")
    opened.click("main button[type=submit]")
    assert findings(opened, axe) == []
    context.close()


@pytest.mark.parametrize("size", SIZES)
def test_axe_finds_nothing_in_what_opens_on_the_desk(
    page: Page, site: Site, axe: str, size: str
) -> None:
    width, height = SIZES[size]
    page.set_viewport_size({"width": width, "height": height})
    for keys in (["e"], ["h"], ["?"], ["Control+k"]):
        page.goto(site.address + site.paths["desk"])
        for key in keys:
            page.keyboard.press(key)
        page.wait_for_timeout(200)
        assert findings(page, axe) == [], keys
        page.keyboard.press("Escape")
    page.goto(site.address + site.paths["desk"])
    page.get_by_role("button", name="kind on the list").click()
    page.wait_for_load_state()
    assert findings(page, axe) == []
    page.fill("#reason", "x y")
    for country in ("France", "Germany"):
        page.get_by_role("checkbox", name=f"{country}: law applies").uncheck()
    page.get_by_role("button", name="Decide and open the next").click()
    page.get_by_role("alert").wait_for()
    assert findings(page, axe) == []
    page.fill("#reason", "")


def test_a_planted_fault_is_found(page: Page, site: Site, axe: str) -> None:
    page.goto(f"{site.address}/")
    page.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<img src=x>')")
    page.evaluate("document.querySelector('h1').style.color = '#ccc'")
    found = findings(page, axe)
    assert any(one.startswith("image-alt") for one in found)


@pytest.mark.parametrize("name", PAGES)
def test_nothing_scrolls_sideways_at_320_pixels(page: Page, site: Site, name: str) -> None:
    page.set_viewport_size({"width": 320, "height": 800})
    for language in ("en", "de"):
        path = path_of(site, name)
        page.goto(f"{site.address}{path}{'&' if '?' in path else '?'}lang={language}")
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 320, f"{name} in {language}: {wide}"
    page.goto(f"{site.address}/?lang=en")


@pytest.mark.parametrize("size", SIZES)
def test_axe_finds_nothing_where_people_are_changed(
    browser: Browser, site: Site, axe: str, scheme: Scheme, size: str
) -> None:
    width, height = SIZES[size]
    context = browser.new_context(
        bypass_csp=True, color_scheme=scheme, viewport={"width": width, "height": height}
    )
    opened = context.new_page()
    site.sign_in(opened, "a.dmin")
    for path in ("/console/team", "/console/second"):
        opened.goto(site.address + path)
        assert findings(opened, axe) == []
    opened.goto(f"{site.address}/console/team")
    opened.get_by_role("link", name="m.roth").click()
    assert findings(opened, axe) == []
    opened.locator("summary", has_text="More").click()
    assert findings(opened, axe) == []
    context.close()


def test_axe_finds_nothing_on_the_first_steps(
    browser: Browser, site: Site, axe: str, scheme: Scheme
) -> None:
    context = browser.new_context(bypass_csp=True, color_scheme=scheme)
    opened = context.new_page()
    site.sign_in(opened, "new")
    opened.get_by_text("1. Your language").wait_for()
    assert findings(opened, axe) == []
    context.close()
