# SPDX-License-Identifier: Apache-2.0
"""How a browser comes to each page; what is not named here is simply opened.

The list of addresses is the program's own (`tests.support.rights`), so a new
page is looked at without being named, and one that cannot be opened fails.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from playwright.sync_api import Page

from tests.e2e.people.conftest import PASSWORD, Site

Way = Callable[[Site, Page], None]
CONFIRM: Final = "/console/account/confirm"
"""Who changes how they sign in shows once more who they are."""
FILES: Final = {
    "console:beside",
    "console:gateway_digest_csv",
    "console:order_json",
    "console:order_letter_json",
    "console:order_letter_pdf",
    "console:order_pdf",
    "console:overview_days",
    "console:package_file",
    "console:picture",
    "console:picture_clear",
    "console:proof",
    "console:record",
    "console:report_document",
    "console:search_csv",
    "console:search_record",
    "mfa_login_webauthn",
    "portal:appeal-receipt",
    "portal:notice-receipt",
    "portal:order-receipt",
    "portal:register-csv",
    "portal:register-json",
    "portal:statement-proof",
    "portal:verifier",
    "portal:withheld-data",
}
"""What answers with no page: a file, a picture, a part of a page."""
LEADS: Final = {
    "console:next": "/console/decisions/",
    "console:start": "/console/",
    "portal:notice": "/notice/what",
}
"""What only leads on, and where to."""
OTHER_STATUS: Final = {"console:once": 410, "oidc_callback": 404}
"""Pages that say no, as they should: a link that is over, a provider that nobody set."""
LEAD: Final = {"console:quality"}
"""What the quality lead alone may open."""
OFFICER: Final = {
    "console:scope",
    "console:scope_decision",
    "console:scope_notice",
    "console:scope_order",
}
"""What an officer alone may open, while a search stands."""
COUNSEL: Final = {"console:custody", "console:privileged"}
"""What the legal role alone may open."""
WITH_APP: Final = {
    "account_reauthenticate",
    "mfa_deactivate_totp",
    "mfa_edit_webauthn",
    "mfa_generate_recovery_codes",
    "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn",
    "mfa_remove_webauthn",
    "mfa_view_recovery_codes",
}
"""What is about a second factor that is there."""


def opened(name: str) -> Way:
    """Open an address as it is."""

    def way(site: Site, page: Page) -> None:
        answer = page.goto(site.address + site.paths[name])
        assert answer is not None
        assert answer.status == OTHER_STATUS.get(name, 200), f"{name}: {answer.status}"
        wanted = site.paths[name].partition("?")[0]
        if CONFIRM in page.url and CONFIRM not in wanted:
            page.fill("#password", PASSWORD)
            page.locator("main form button.main").click()
            page.wait_for_url(f"**{wanted}")
        assert page.url.removeprefix(site.address).partition("?")[0] == wanted, page.url

    return way


def notice(*pressed: str) -> Way:
    """Fill in the form for notices, so far."""

    def way(site: Site, page: Page) -> None:
        page.goto(f"{site.address}/notice/what")
        for step in pressed:
            _fill(page, step)
            page.locator("main form button.main").click()

    return way


def _fill(page: Page, step: str) -> None:
    if step == "what":
        page.locator("#c-intimate").check()
    elif step == "where":
        page.locator("input[name=location]").first.fill("https://agora.example/p/p-1")
    elif step == "you":
        page.locator("#f-unnamed").check()


def later(site: Site, page: Page) -> None:
    """Interrupt the form."""
    notice("what")(site, page)
    page.locator("button[name=later]").click()


def by_code(path: str, code: str, where: str = "") -> Way:
    """Type the code of a receipt."""

    def way(site: Site, page: Page) -> None:
        page.goto(site.address + path)
        page.locator("input[name=code]").fill(site.paths[code])
        page.locator("main form button.main").click()
        page.wait_for_url("**/mine")
        if where:
            page.goto(site.address + where)

    return way


def second_factor(site: Site, page: Page) -> None:
    """Sign in as far as the second factor."""
    page.context.clear_cookies()
    page.goto(f"{site.address}/console/login")
    page.fill("#name", "with.app")
    page.fill("#password", PASSWORD)
    page.locator("main form button.main").click()
    page.wait_for_url("**/console/login/second**")


def recorded(site: Site, page: Page) -> None:
    """Record an order that came by post; its code is shown to who recorded it."""
    page.goto(f"{site.address}/console/orders/record/referral")
    page.locator("[name=documents]").set_input_files(
        {"name": "letter.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4"}
    )
    page.locator("main form button.main").click()
    page.wait_for_url("**/recorded")


WAYS: Final[dict[str, Way]] = {
    "console:order_recorded": recorded,
    "mfa_authenticate": second_factor,
    "portal:appeal": by_code("/notice/status", "code of the notice", "/notice/mine/appeal"),
    "portal:appeal-mine": by_code("/appeal", "code of the complaint"),
    "portal:notice-later": later,
    "portal:order-mine": by_code("/authorities/status", "code of the order"),
    "portal:notice-mine": by_code("/notice/status", "code of the notice"),
}
STEPS: Final[dict[str, Way]] = {
    "notice: where": notice("what"),
    "notice: why": notice("what", "where"),
    "notice: you": notice("what", "where", "why"),
    "notice: send": notice("what", "where", "why", "you"),
    "notice: problems": notice("nothing"),
}
"""Pages that stand at one address with others."""
