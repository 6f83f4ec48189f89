# SPDX-License-Identifier: Apache-2.0
"""The desk with the keyboard alone, the portal without script, statements on paper."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.people.conftest import Site

pytestmark = pytest.mark.e2e


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


def test_a_case_is_decided_and_undone_with_the_keyboard_alone(page: Page, site: Site) -> None:
    page.goto(f"{site.address}/console/decisions?waiting=1&item=p-102")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/console/decisions/*")
    page.keyboard.press("d")
    page.wait_for_url("**/decide")
    path = page.url
    page.keyboard.press("1")
    expect(page.get_by_role("radio", name="No restriction")).to_be_checked()
    page.focus("#reason")
    page.keyboard.type("quotes to refute; m and k are only letters here")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(lambda url: url != path)
    expect(page.get_by_text("It takes effect in")).to_be_visible()
    page.locator("h1").click()
    page.keyboard.press("u")
    page.wait_for_url("**/console/decisions/*")
    expect(page.locator(".summary")).to_contain_text("waits for a person")


def test_keys_can_be_switched_off(page: Page, site: Site) -> None:
    page.goto(f"{site.address}{site.paths['open']}?keys=off")
    page.keyboard.press("m")
    assert "mask=1" not in page.url
    page.goto(f"{site.address}{site.paths['open']}?keys=on")
    page.keyboard.press("m")
    page.wait_for_url("**mask=1**")


def test_the_desk_works_without_script(browser: Browser, site: Site) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    site.sign_in(page, "c.vidal")
    page.goto(site.address + site.paths["desk"])
    page.get_by_role("checkbox", name="France").uncheck()
    page.fill("#reason", "as the law says")
    page.get_by_role("button", name="Decide and open the next").click()
    expect(page.get_by_text("This is the statement for what you chose.")).to_be_visible()
    expect(page.get_by_text("1 country chosen")).to_be_visible()
    assert page.input_value("#reason") == "as the law says"
    context.close()


def test_the_portal_works_without_script_and_carries_none(browser: Browser, site: Site) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site.address + site.paths["statement"])
    page.get_by_role("link", name="Deutsch").click()
    expect(page.locator("h1")).to_contain_text("nicht mehr abrufbar")
    page.get_by_role("link", name="So wird geprüft").first.click()
    expect(page.locator("h1")).to_contain_text("wie Sie es prüfen")
    context.close()


def test_a_statement_prints_map_and_checkpoint_on_three_pages_at_most(
    browser: Browser, site: Site, tmp_path: Path
) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{site.address}{site.paths['statement']}?lang=de")
    page.emulate_media(media="print")
    assert page.locator(".tiles").first.is_visible()
    assert page.locator("pre.block").last.is_visible()
    assert not page.locator("header nav").is_visible()
    paper = tmp_path / "statement.pdf"
    page.pdf(path=paper, format="A4")
    sheets = paper.read_bytes().count(b"/Type /Page\n") or paper.read_bytes().count(b"/Type /Page/")
    assert 1 <= sheets <= 3
    context.close()


def test_hostile_words_run_nowhere(page: Page, site: Site) -> None:
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    page.goto(f"{site.address}/console/decisions?item=p-101")
    page.locator("table a").first.click()
    page.wait_for_url("**/console/decisions/*")
    assert dialogs == []
    assert page.locator("main script").count() == 0


def test_the_focus_can_be_seen_and_nothing_covers_it(page: Page, site: Site) -> None:
    page.goto(f"{site.address}/console/decisions")
    page.keyboard.press("Tab")
    skip = page.locator(".skip")
    expect(skip).to_be_focused()
    expect(skip).to_be_visible()
    page.keyboard.press("Tab")
    width = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
    assert width == "3px"
