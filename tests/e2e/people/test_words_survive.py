# SPDX-License-Identifier: Apache-2.0
"""A session is gone in the middle of a decision: what was typed is there after the sign-in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.people.conftest import PASSWORD, Site

pytestmark = pytest.mark.e2e
REASON = "half a sentence that matters"
FACTS = "Es wird als eigene Aussage behauptet."


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def page(browser: Browser, site: Site, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page in which C. Vidal is signed in, with script and without."""
    context = browser.new_context(java_script_enabled=request.param)
    opened = context.new_page()
    site.sign_in(opened)
    yield opened
    context.close()


@pytest.mark.parametrize("lost", ["vigie-session", None], ids=["session", "all cookies"])
def test_a_decision_goes_on_where_it_was(page: Page, site: Site, lost: str | None) -> None:
    desk = site.address + site.paths["desk"]
    page.goto(desk)
    page.get_by_role("radio", name="Disable access").check()
    page.get_by_role("checkbox", name="Germany: law applies").uncheck()
    page.fill("#facts", FACTS)
    page.fill("#reason", REASON)
    page.context.clear_cookies(name=lost) if lost else page.context.clear_cookies()
    page.get_by_role("button", name="Decide and open the next").click()
    expect(page.get_by_text("Nothing that you wrote was sent or lost.")).to_be_visible()
    assert "half" not in page.url
    page.fill("#name", "c.vidal")
    page.fill("#password", PASSWORD)
    page.locator("main form button.main").first.click()
    page.wait_for_url(desk)
    expect(page.locator("#reason")).to_have_value(REASON)
    expect(page.locator("#facts")).to_have_value(FACTS)
    expect(page.get_by_role("checkbox", name="Germany: law applies")).not_to_be_checked()
    expect(page.get_by_role("checkbox", name="France: law applies")).to_be_checked()
    expect(page.get_by_text("What you wrote is here again.")).to_be_visible()


def test_words_leave_the_tab_with_the_decision_and_not_before(browser: Browser, site: Site) -> None:
    context = browser.new_context()
    page = context.new_page()
    site.sign_in(page)
    page.goto(f"{site.address}/console/decisions?item=p-102")
    page.locator("table a").first.click()
    page.wait_for_url(lambda url: "?" not in url)
    path = f"{page.url}/decide"
    page.goto(path)
    page.keyboard.press("1")
    page.fill("#reason", REASON)
    kept = "() => Object.keys(sessionStorage).filter((one) => one.endsWith('#reason')).length"
    page.route("**/decide", lambda one: one.abort(), times=1)
    page.get_by_role("button", name="Decide and open the next").click()
    page.wait_for_timeout(300)
    assert page.evaluate(kept) == 1, "the server was not reached: the words stay"
    page.unroute_all()
    page.get_by_role("button", name="Decide and open the next").click()
    page.wait_for_url(lambda url: url != path)
    page.wait_for_function(f"() => ({kept})() === 0")
    context.close()
