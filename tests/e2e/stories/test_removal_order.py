# SPDX-License-Identifier: Apache-2.0
"""A removal order by the public form without script, carried out by keys alone, by two."""

from __future__ import annotations

import io
import re
from typing import Any

import pypdf
import pytest
from playwright.sync_api import Page, expect

from demo.platform import now, until
from tests.e2e.stories.conftest import Installation, Open, sign_in
from tests.e2e.stories.test_notice_to_appeal import leave_field, printed

pytestmark = [pytest.mark.e2e, pytest.mark.whole]
WHERE = "https://agora.example/p/bridge"
SAID = "Somebody wrote on the bridge that the Holocaust never happened."
"""Waits for a person, restricted nowhere; the page of an order never shows it."""
ITEM: dict[str, Any] = {
    "id": "bridge",
    "surface": "post",
    "author": {"id": "a-bridge", "country": "FR"},
    "url": WHERE,
    "language": "en",
    "text": SAID,
}
AUTHORITY = "Office central, Paris"
PHONE = "+33140978000"
LINES = {
    "issuing_state": "FR",
    "reference": "PJ-2026-0404",
    "content_locations": WHERE,
    "detailed_reasons": "The post calls for an attack on a named place.",
    "legal_basis": "Regulation (EU) 2021/784, Article 3",
    "issuing_authority": AUTHORITY,
    "authority_contact": "Duty officer",
    "redress": "Tribunal administratif de Paris, within 48 hours",
    "language": "en",
}
TAPS = "addEventListener('pointerdown', () => sessionStorage.setItem('pointer', '1'), true)"


@pytest.fixture(scope="module")
def people(vigie: Installation) -> dict[str, str]:
    """Two of the legal desk."""
    return {name: vigie.account(name, "legal") for name in ("l.ea", "n.oe")}


def test_from_the_form_to_annex_ii(
    vigie: Installation, window: Open, people: dict[str, str]
) -> None:
    first = vigie.platform.post(ITEM)["decision"]["decision_id"]
    vigie.platform.record(first)
    entry = _directory(vigie)
    noe = window()
    sign_in(noe, vigie.base, "n.oe", people["n.oe"])
    _checked(noe, f"{vigie.base}/console/authorities/{entry}")
    sender = window(java_script_enabled=False, locale="en-GB")
    number, code = _filed(vigie, sender)
    _called_back(noe, f"{vigie.base}/console/orders/{number}")
    lea = window()
    lea.add_init_script(TAPS)
    sign_in(lea, vigie.base, "l.ea", people["l.ea"])
    _asked(lea, vigie, number)
    _agreed(noe, f"{vigie.base}/console/orders/{number}")
    made = _decided(vigie, first)
    assert made["kind"] == "order"
    assert len(made["territories"]) == 27
    expect(lea.locator("main")).not_to_contain_text("Annex II")
    assert _letters(vigie, number) == set(), "nothing is reported before the platform confirmed"
    vigie.platform.confirm(made["decision_id"], made["territories"])
    until(lambda: "annex_ii" in _letters(vigie, number), "Annex II")
    _read(lea, f"{vigie.base}/console/orders/{number}")
    assert lea.evaluate("sessionStorage.getItem('pointer')") is None, "no pointer was used"
    _followed(vigie, sender, code)


def _directory(vigie: Installation) -> int:
    """Enter the authority and its number, from a public source, before it writes."""
    made = vigie.server.vigie("authority", "add", AUTHORITY, "--country", "FR", "--kind", "police")
    source = "https://www.interieur.example/contacts"
    vigie.server.vigie(
        "authority", "contact", str(made["id"]), "phone", PHONE, "--source", source, "--by", "l.ea"
    )
    return int(made["id"])


def _checked(page: Page, address: str) -> None:
    """A second person finds the number in its source."""
    page.goto(address)
    page.locator("button[value=check]").click()
    expect(page.locator("article header .state")).to_have_attribute("data-is", "done")


def _filed(vigie: Installation, page: Page) -> tuple[int, str]:
    """Fill in the public form, without script; return number and code of the receipt."""
    page.goto(f"{vigie.base}/authorities")
    page.locator('a[href$="/tco_removal_order_annex_i"]').click()
    page.locator("button.main").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was received yet.")
    for name, value in LINES.items():
        page.locator(f"#f-{name}").fill(value)
    page.locator("#f-issued_at").fill(now())
    page.locator("#f-reasons-incites").check()
    page.locator("button.main").click()
    expect(page.locator("h1")).to_have_text("We have received it")
    main = page.locator("main").inner_text()
    assert WHERE not in main, "the receipt names nothing of the order"
    found = re.search(r"\bO-(\d+)\b", main)
    assert found is not None
    return int(found[1]), page.locator(".code").inner_text()


def _called_back(page: Page, address: str) -> None:
    """Note that the number of the directory was called; before, nothing can be done."""
    page.goto(address)
    expect(page.locator("main")).to_contain_text("not proven")
    expect(page.locator("button[value=ask], button[value=execute]")).to_have_count(0)
    printed(page, "p")
    page.locator("input[name=contact]").check()
    page.locator("#call-note").fill("The duty officer confirmed reference and address.")
    page.locator("button[value=call]").click()
    expect(page.locator("section[aria-labelledby=who-h] .state").first).to_have_text("proven")


def _asked(page: Page, vigie: Installation, number: int) -> None:
    """From the list to the question to a second person, by keys that the pages print."""
    page.goto(f"{vigie.base}/console/orders")
    expect(page.locator(".clock").first).to_have_attribute("data-kind", "hard")
    printed(page, "j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/console/orders/{number}")
    expect(page.locator("main")).to_contain_text("27 countries")
    expect(page.locator("main")).not_to_contain_text(SAID)
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "number":
            break
    expect(page.locator("#number")).to_be_focused()
    page.keyboard.type(f"O-{number}")
    leave_field(page)
    printed(page, "Control+Enter")
    expect(page.locator("main")).to_contain_text("A second person must agree.")


def _agreed(page: Page, address: str) -> None:
    """The second person reads who asked, and agrees by a key."""
    page.goto(address)
    expect(page.locator("main")).to_contain_text("l.ea asked to carry it out")
    printed(page, "Control+Enter")
    expect(page.locator("#will-h")).to_have_text("What was done")


def _decided(vigie: Installation, first: str) -> dict[str, Any]:
    """Return the decision that the order made in the place of the first one."""
    name = until(lambda: vigie.platform.record(first)["superseded_by"], "The order's decision")
    return vigie.platform.record(name)


def _letters(vigie: Installation, number: int) -> set[str]:
    return {one["kind"] for one in vigie.server.vigie("order", "show", str(number))["letters"]}


def _read(page: Page, address: str) -> None:
    """Annex II stands on the page of the order, and says what was done when."""
    page.goto(address)
    letters = page.locator("section[aria-labelledby=letters-h]")
    link = letters.locator('a[href$=".pdf"]').first.get_attribute("href")
    answer = page.request.get(page.url.partition("/console")[0] + str(link))
    text = " ".join(one.extract_text() for one in pypdf.PdfReader(io.BytesIO(answer.body())).pages)
    assert "disabled in all Member States" in " ".join(text.split())
    assert LINES["reference"] in text


def _followed(vigie: Installation, page: Page, code: str) -> None:
    """With its code the authority reads that it was carried out; nothing of any account."""
    page.goto(f"{vigie.base}/authorities/status")
    page.locator("input[name=code]").fill(code)
    page.locator("button.main").click()
    expect(page.locator("h1")).to_have_text("Where it stands")
    assert WHERE not in page.locator("main").inner_text()
