# SPDX-License-Identifier: Apache-2.0
"""The notice form in a browser: a picture is hashed on the device and never leaves it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.people.conftest import Site
from tests.support.pictures import encode, pattern
from vigie.screening.media.facts import facts_of

pytestmark = [pytest.mark.e2e, pytest.mark.whole]
HERS = encode(pattern(71), quality=90)
FLAT = encode(pattern(71).point(lambda _: 128), "PNG")
NARROW = {"width": 390, "height": 844}


@pytest.fixture
def sent() -> list[bytes]:
    """What every request of the page carried."""
    return []


@pytest.fixture
def page(browser: Any, sent: list[bytes]) -> Iterator[Page]:
    """A telephone's window on the form, every request watched."""
    context = browser.new_context(viewport=NARROW, locale="en")
    page = context.new_page()
    page.on("request", lambda one: sent.append(one.post_data_buffer or one.url.encode()))
    yield page
    context.close()


def begin(page: Page, site: Site) -> None:
    page.goto(f"{site.address}/notice/what")
    page.check("#c-intimate")
    page.click("main form button.main")
    page.wait_for_url("**/notice/where")


def choose(page: Page, folder: Path, *files: tuple[str, bytes]) -> None:
    for name, data in files:
        folder.joinpath(name).write_bytes(data)
    page.set_input_files("#pictures", [str(folder / name) for name, _ in files])


def test_the_hash_is_the_servers_and_no_request_carries_the_picture(
    page: Page, site: Site, sent: list[bytes], tmp_path: Path
) -> None:
    begin(page, site)
    choose(page, tmp_path, ("holiday.jpg", HERS))
    expect(page.locator("[data-list] code")).to_have_count(1)
    expect(page.locator("[data-pictures] [role=status]")).to_contain_text("Nothing was sent")
    expected = facts_of(HERS)
    assert page.locator("[data-list] code").inner_text() == expected.pdq
    kept = page.locator("[data-list] input[name=hash]").get_attribute("value") or ""
    assert kept == f"{expected.quality}:{','.join(expected.dihedral)}"
    assert page.locator("#pictures").evaluate("(field) => field.files.length") == 0
    page.fill("#l-1", "https://agora.example/p/its")
    page.click("main form button.main")
    page.wait_for_url("**/notice/why")
    assert any((expected.pdq or "").encode() in one for one in sent)
    part = HERS[200:260]
    assert not any(part in one or b"holiday.jpg" in one or b"multipart" in one for one in sent)
    assert max(map(len, sent)) < 4_000 < len(HERS)
    page.goto(f"{site.address}/notice/where")
    expect(page.locator("[data-list] code")).to_have_count(1)
    page.click("[data-list] button")
    expect(page.locator("[data-list] code")).to_have_count(0)


def test_what_gives_no_hash_is_said_kindly_with_what_else_to_do(
    page: Page, site: Site, tmp_path: Path
) -> None:
    begin(page, site)
    status = page.locator("[data-pictures] [role=status]")
    choose(page, tmp_path, ("flat.png", FLAT))
    expect(status).to_contain_text("too little in it")
    expect(status).to_contain_text("Give the address")
    choose(page, tmp_path, ("film.mp4", b"\0\0\0\x18ftypmp42" + b"x" * 5_000))
    expect(status).to_contain_text("cannot read this file as a picture")
    choose(page, tmp_path, ("one.jpg", HERS), ("same.jpg", HERS))
    expect(status).to_contain_text("on the list already")
    expect(page.locator("[data-list] code")).to_have_count(1)


def test_without_script_the_form_asks_for_the_address_alone(browser: Any, site: Site) -> None:
    context = browser.new_context(viewport=NARROW, locale="en", java_script_enabled=False)
    page = context.new_page()
    begin(page, site)
    assert not page.locator("#pictures").is_visible()
    expect(page.locator("[data-without-script]")).to_be_visible()
    page.fill("#l-1", "https://agora.example/p/its")
    page.click("main form button.main")
    page.wait_for_url("**/notice/why")
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/notice/where", "/pictures"])
def test_the_pages_are_accessible(
    page: Page, site: Site, axe: str, tmp_path: Path, path: str, scheme: Any
) -> None:
    page.emulate_media(color_scheme=scheme)
    begin(page, site)
    page.goto(f"{site.address}{path}")
    if path == "/notice/where":
        choose(page, tmp_path, ("one.jpg", HERS))
        expect(page.locator("[data-list] code")).to_have_count(1)
    page.evaluate(axe)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    assert [one["id"] for one in found["violations"]] == []
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= NARROW["width"]


def file_notice(page: Page, site: Site) -> None:
    begin(page, site)
    page.fill("#l-1", "https://agora.example/p/noticed-in-a-browser")
    page.click("main form button.main")
    page.wait_for_url("**/notice/why")
    page.click("main form button.main")
    page.wait_for_url("**/notice/you")
    page.fill("#f-name", "R. Lind")
    page.fill("#f-email", "r.lind@example.org")
    page.click("main form button.main")
    page.wait_for_url("**/notice/send")
    page.check("#f-good_faith")
    page.click("main form button.main")
    page.wait_for_url("**/notice/mine")


def open_case(page: Page, site: Site) -> None:
    """Find the case of the notice that was just filed."""
    for number in range(200, 0, -1):
        answer = page.goto(f"{site.address}/console/intimate/{number}")
        if answer is not None and answer.status == 200:
            return
    pytest.fail("the notice has no case")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_the_desk_of_the_path_and_the_lists_are_accessible(
    page: Page, site: Site, axe: str, scheme: Any, width: int
) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    file_notice(page, site)
    site.sign_in(page)
    open_case(page, site)
    for path in (page.url, f"{site.address}/console/banks"):
        page.goto(path)
        for one in page.locator("details:not(.menu)").all():
            one.evaluate("(part) => { part.open = true; }")
        page.evaluate(axe)
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        assert [(one["id"], one["nodes"][0]["html"]) for one in found["violations"]] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
