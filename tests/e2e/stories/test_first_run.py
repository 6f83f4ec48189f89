# SPDX-License-Identifier: Apache-2.0
"""The first account: its password is changed, a second factor is set up, and asked for."""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct
import time
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.people.test_accessible_pages import findings
from tests.e2e.stories.conftest import Installation, Open

pytestmark = [pytest.mark.e2e, pytest.mark.whole]
STEP = 30
OWN = "a sentence that only the administrator knows"


def code_of(secret: str, at: float) -> str:
    """What an app on a phone shows (RFC 6238: SHA-1, 30 s, six digits)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.digest(key, struct.pack(">Q", int(at) // STEP), hashlib.sha1)
    start = digest[-1] & 15
    number = struct.unpack(">I", digest[start : start + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"


def test_the_code_is_that_of_the_standard() -> None:
    secret = base64.b32encode(b"12345678901234567890").decode()
    assert code_of(secret, 1_111_111_109) == "081804"


def seen(page: Page, axe: str) -> None:
    assert findings(page, axe) == [], page.url


def test_first_run_password_second_factor_and_signing_in_with_a_code(
    vigie: Installation, window: Open, axe: str, tmp_path: Path
) -> None:
    page = window(bypass_csp=True)
    first = vigie.server.facts
    page.goto(f"{vigie.base}/console/login")
    page.fill("#name", first["account"])
    page.fill("#password", first["password"])
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Choose your own password")
    seen(page, axe)
    page.goto(f"{vigie.base}/console/queues")
    expect(page.locator("h1")).to_have_text("Choose your own password")
    page.fill("#new", OWN)
    page.fill("#again", OWN)
    page.keyboard.press("Enter")
    page.wait_for_url("**changed=1")
    page.goto(f"{vigie.base}/console/team")
    expect(page.locator("h1")).to_have_text("Set up a second factor")
    seen(page, axe)
    page.get_by_role("link", name="Set up an app").click()
    seen(page, axe)
    secret = page.locator("dd.mono").inner_text().strip()
    page.fill("#code", "000000" if code_of(secret, time.time()) != "000000" else "111111")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    used = time.time()
    page.fill("#code", code_of(page.locator("dd.mono").inner_text().strip(), used))
    secret = page.locator("dd.mono").inner_text().strip()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Recovery codes")
    seen(page, axe)
    recovery = page.locator("main .mono li").all_inner_texts()
    assert len(recovery) == 10
    page.get_by_role("link", name="I have kept them").click()
    page.goto(f"{vigie.base}/console/team")
    expect(page.locator("h1")).to_have_text("Team")
    page.get_by_role("button", name="Sign out").click()
    _come_back(page, vigie, axe, secret, used)
    page.get_by_role("button", name="Sign out").click()
    _password(page, vigie, first["account"])
    page.fill("#code", recovery[0])
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/login" not in url)
    page.get_by_role("button", name="Sign out").click()
    _password(page, vigie, first["account"])
    page.fill("#code", recovery[0])
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()


def _password(page: Page, vigie: Installation, name: str) -> None:
    page.goto(f"{vigie.base}/console/login")
    page.fill("#name", name)
    page.fill("#password", OWN)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Second factor")


def _come_back(page: Page, vigie: Installation, axe: str, secret: str, used: float) -> None:
    """Sign in with password and code; a code that was used is refused."""
    _password(page, vigie, "admin")
    seen(page, axe)
    page.goto(f"{vigie.base}/console/team")
    expect(page.locator("h1")).to_have_text("Sign in")
    _password(page, vigie, "admin")
    left = (int(used) // STEP + 1) * STEP - time.time()
    page.wait_for_timeout(max(0.0, left + 0.5) * 1000)
    page.fill("#code", code_of(secret, time.time()))
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/login" not in url)
    page.goto(f"{vigie.base}/console/team")
    expect(page.locator("h1")).to_have_text("Team")
