# SPDX-License-Identifier: Apache-2.0
"""A passkey in a real browser: the only part of signing in that needs a script."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.people.conftest import PASSWORD, Site

pytestmark = [pytest.mark.e2e, pytest.mark.whole]


@pytest.fixture
def at_home(browser: Browser, site: Site) -> Iterator[Page]:
    """A page whose browser carries a key, at an address that browsers trust with one."""
    context = browser.new_context()
    page = context.new_page()
    tools = context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    tools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    yield page
    context.close()


def test_a_passkey_is_set_up_and_signs_in_alone(at_home: Page, site: Site) -> None:
    page, here = at_home, site.address.replace("127.0.0.1", "localhost")
    page.goto(f"{here}/console/login")
    page.fill("#name", "p.asskey")
    page.fill("#password", PASSWORD)
    page.click("main button[type=submit]")
    page.goto(f"{here}/console/account/factors/passkeys/add")
    page.click("[data-passkey-go]")
    page.wait_for_url(f"{here}/console/account/factors/codes")
    assert page.locator("main .mono li").count() == 10
    page.goto(f"{here}/console/account/factors")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(f"{here}/console/login**")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(f"{here}/console/queues**")


def test_without_a_passkey_the_page_says_so_and_sends_nothing(browser: Browser, site: Site) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(site.address.replace("127.0.0.1", "localhost") + "/console/login")
    sent: list[str] = []
    page.on("request", lambda one: sent.append(one.method))
    page.evaluate(
        "() => { navigator.credentials.get = () => Promise.reject(new DOMException('', 'x')); }"
    )
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.get_by_text("The browser gave no passkey. Nothing was sent.").wait_for()
    assert "POST" not in sent
    context.close()


def test_where_there_is_no_script_nothing_is_offered_that_needs_one(
    browser: Browser, site: Site
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site.address}/console/login")
    assert page.get_by_role("button", name="Sign in with a passkey").count() == 0
    page.fill("#name", "c.vidal")
    page.fill("#password", PASSWORD)
    page.click("main button[type=submit]")
    page.goto(f"{site.address}/console/account/factors")
    assert page.get_by_role("link", name="Set up an app").is_visible()
    context.close()
