# SPDX-License-Identifier: Apache-2.0
"""The review page in a browser: refreshed as one chooses, decided by keys, nothing typed lost."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.people.conftest import Site

pytestmark = [pytest.mark.e2e, pytest.mark.whole]


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    """A page in which C. Vidal is signed in; a broken policy or script fails the test."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    opened = context.new_page()
    problems: list[str] = []
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.on(
        "console",
        lambda said: problems.append(said.text) if _is_fault(said.type, said.text) else None,
    )
    site.sign_in(opened, "c.vidal")
    yield opened
    context.close()
    assert problems == []


def _is_fault(kind: str, text: str) -> bool:
    """Chromium calls a form that came back (422, 409) an error of the network."""
    return kind == "error" and "Failed to load resource" not in text


def desk(page: Page, site: Site) -> None:
    page.goto(site.address + site.paths["desk"])
    expect(page.locator("main h1")).to_contain_text("Case D-")


def test_the_statement_follows_the_choice(page: Page, site: Site) -> None:
    desk(page, site)
    expect(page.locator("#preview")).to_contain_text("2 Ländern")
    page.get_by_role("checkbox", name="France: law applies").uncheck()
    expect(page.locator("#preview")).not_to_contain_text("2 Ländern")
    page.fill("#facts", "Es wird als eigene Aussage behauptet.")
    expect(page.locator("#preview")).to_contain_text("Es wird als eigene Aussage behauptet.")
    page.keyboard.press("Tab")
    page.locator("main h1").click()
    page.keyboard.press("1")
    expect(page.locator("#preview")).to_contain_text("nothing would be restricted")
    expect(page.locator("#happens")).to_contain_text("stays as it is")


def test_words_come_back_in_the_same_tab(page: Page, site: Site) -> None:
    desk(page, site)
    page.fill("#reason", "half a sentence")
    page.goto(f"{site.address}/console/overview")
    desk(page, site)
    expect(page.locator("#reason")).to_have_value("half a sentence")
    page.fill("#reason", "")


def test_keys_are_listed_and_lead_to_their_places(page: Page, site: Site) -> None:
    desk(page, site)
    page.keyboard.press("?")
    listed = page.locator("#key-list")
    expect(listed).to_be_visible()
    for words in ("Disable access in chosen countries", "Decide and open the next", "Skip"):
        expect(listed).to_contain_text(words)
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    expect(page.locator("#territory input").first).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#territory input").nth(1)).to_be_focused()
    page.locator("main h1").click()
    page.keyboard.press("p")
    expect(page.locator("#grounds input").first).to_be_focused()
    page.locator("main h1").click()
    page.keyboard.press("f")
    expect(page.locator("#facts")).to_be_focused()
    expect(page.locator(".key-bar")).to_contain_text("Ctrl ⏎")


def test_esc_leaves_a_field_and_the_next_letter_is_a_key(page: Page, site: Site) -> None:
    desk(page, site)
    page.fill("#facts", "")
    page.fill("#reason", "")
    page.locator("main h1").click()
    for key in ("f", "Escape", "r"):
        page.keyboard.press(key)
    page.keyboard.type("Only for the record.")
    expect(page.locator("#facts")).to_have_value("")
    expect(page.locator("#reason")).to_have_value("Only for the record.")
    page.fill("#reason", "")


def test_deciding_without_a_reason_leads_to_the_reason(page: Page, site: Site) -> None:
    desk(page, site)
    page.fill("#reason", "")
    page.locator("main h1").click()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#reason")).to_be_focused()
    page.keyboard.type("now there is one")
    expect(page.locator("#reason")).to_have_value("now there is one")
    page.fill("#reason", "")


def test_the_palette_goes_anywhere(page: Page, site: Site) -> None:
    desk(page, site)
    page.keyboard.press("Control+k")
    expect(page.locator("#goto input")).to_be_focused()
    page.keyboard.type("D-1")
    expect(page.locator("#goto-list a").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#goto-list a").first).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/console/decisions/1*")


def test_a_decision_opens_the_next_case_and_the_focus_is_on_its_heading(
    page: Page, site: Site
) -> None:
    page.goto(f"{site.address}/console/decisions?waiting=1&item=p-105")
    page.locator("table a").first.click()
    page.keyboard.press("d")
    page.wait_for_url("**/decide")
    path = page.url
    page.keyboard.press("4")
    page.get_by_role("checkbox", name="Germany: law applies").uncheck()
    page.fill("#reason", "denies in its own voice")
    expect(page.locator("#preview")).not_to_contain_text("2 Ländern")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(lambda url: url != path)
    expect(page.get_by_text("It takes effect in")).to_be_visible()
    expect(page.locator("main h1")).to_be_focused()
    expect(page.locator("main h1")).to_contain_text("Case D-")


def test_a_case_is_skipped_by_a_key(page: Page, site: Site) -> None:
    desk(page, site)
    path = page.url
    page.locator("main h1").click()
    page.keyboard.press("s")
    page.wait_for_url(lambda url: url != path)


def test_holding_and_escalating_open_by_their_keys_and_close_again(page: Page, site: Site) -> None:
    desk(page, site)
    for key, name in (("e", "Escalate this case"), ("h", "Hold this item")):
        page.locator("main h1").click()
        page.keyboard.press(key)
        expect(page.get_by_role("heading", name=name)).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.get_by_role("heading", name=name)).not_to_be_visible()


def test_what_is_missing_is_said_and_nothing_is_lost(page: Page, site: Site) -> None:
    desk(page, site)
    page.fill("#facts", "Es wird behauptet.")
    page.fill("#reason", "x y")
    page.get_by_role("checkbox", name="France: law applies").uncheck()
    page.get_by_role("checkbox", name="Germany: law applies").uncheck()
    page.get_by_role("button", name="Decide and open the next").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose at least one country.")
    expect(page.locator("#facts")).to_have_value("Es wird behauptet.")
    page.fill("#facts", "")
    page.fill("#reason", "")


def test_single_letters_switched_off_leave_those_with_control(page: Page, site: Site) -> None:
    page.goto(f"{site.address}{site.paths['desk']}?keys=off")
    page.locator("main h1").click()
    page.keyboard.press("1")
    expect(page.get_by_role("radio", name="No restriction")).not_to_be_checked()
    page.keyboard.press("Control+k")
    expect(page.locator("#goto input")).to_be_focused()
    page.goto(f"{site.address}{site.paths['desk']}?keys=on")
