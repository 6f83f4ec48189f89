# SPDX-License-Identifier: Apache-2.0
"""A notice in French without script, decided by keys alone, contested, granted by another."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from demo.platform import until
from tests.e2e.stories.conftest import RECORDED, Installation, Open, sign_in

pytestmark = [pytest.mark.e2e, pytest.mark.whole]
WHERE = "https://agora.example/p/wall"
ITEM: dict[str, Any] = {
    "id": "wall",
    "surface": "post",
    "author": {"id": "a-wall", "country": "FR"},
    "url": WHERE,
    "language": "en",
    "text": "Somebody wrote on our school wall that the Holocaust never happened.",
}
FACTS = "The post repeats that it never happened."
GROUNDS = "Je cite le mur de mon école pour dire que c'est faux."
ANSWER = "Vous avez raison : vous citez pour contredire."


@pytest.fixture(scope="module")
def people(vigie: Installation) -> dict[str, str]:
    """Two who may hear complaints."""
    return {name: vigie.account(name, "senior") for name in ("m.roth", "l.stern")}


def test_from_the_notice_to_the_strike_that_is_reversed(
    vigie: Installation, window: Open, people: dict[str, str]
) -> None:
    proposed = vigie.platform.post(ITEM)["decision"]
    assert proposed["outcome"] == "review"
    vigie.platform.record(proposed["decision_id"])
    code = _notice(vigie, window(java_script_enabled=False, locale="fr-FR"))
    first = window()
    _decide(vigie, first, people["m.roth"])
    head = _after(vigie, proposed["decision_id"])
    statement = vigie.statement(head["decision_id"])
    appeal = _contest(window(java_script_enabled=False, locale="fr-FR"), statement)
    author = _strike(first, vigie, head, "counts")
    _refused(first, vigie)
    _granted(vigie, window(), people["l.stern"])
    after = _after(vigie, head["decision_id"])
    assert after["territories"] == []
    _strike(first, vigie, head, "reversed", author)
    reader = window(java_script_enabled=False, locale="fr-FR")
    _read(reader, f"{vigie.base}/appeal", appeal)
    expect(reader.locator("main")).to_contain_text(ANSWER)
    _read(reader, f"{vigie.base}/notice/status", code)
    expect(reader.locator("h1")).to_have_text("Notre décision")


def _notice(vigie: Installation, page: Page) -> str:
    """Give notice in French, without script; return the code."""
    page.goto(f"{vigie.base}/notice")
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    page.locator("#c-denial").check()
    page.locator("button.main").click()
    page.locator("input[name=location]").first.fill(f"{WHERE}/#top")
    page.locator("button.main").click()
    page.locator("#f-explanation").fill("Cette publication nie l'Holocauste.")
    page.locator("button.main").click()
    page.locator("#f-name").fill("Ana Lima")
    page.locator("#f-email").fill("ana@mail.example")
    page.locator("button.main").click()
    page.locator("#f-good_faith").check()
    page.locator("button.main").click()
    expect(page.locator("h1")).to_have_text("Nous avons reçu votre notification")
    expect(page.locator(".events li").first).to_be_visible()
    return page.locator(".code").inner_text()


def printed(page: Page, *keys: str) -> None:
    """Press keys that the page prints; one that it does not print fails."""
    shown = {one.strip().lower() for one in page.locator("kbd").all_inner_texts()}
    for key in keys:
        name = key.lower().replace("control+enter", "ctrl ⏎")
        assert name in shown, f"{name} is printed nowhere: {sorted(shown)}"
        page.keyboard.press(key)


def leave_field(page: Page) -> None:
    """Go on with Tab until the focus is in no field of text, where letters are keys again."""
    for _ in range(20):
        page.keyboard.press("Tab")
        if not page.evaluate("document.activeElement.matches('input, textarea, select')"):
            return
    pytest.fail("the field is left by no Tab")


def _decide(vigie: Installation, page: Page, password: str) -> None:
    """Take the case and decide it by keys alone; no pointer is ever used."""
    page.add_init_script(
        "addEventListener('pointerdown', () => sessionStorage.setItem('pointer', '1'), true)"
    )
    sign_in(page, vigie.base, "m.roth", password)
    page.goto(f"{vigie.base}/console/queues?queue=general")
    printed(page, "n")
    page.wait_for_url(re.compile(r"/console/decisions/\d+/decide"))
    expect(page.locator("main")).to_contain_text("school wall")
    expect(page.locator("main, aside").filter(has_text="Ana")).to_have_count(0)
    printed(page, "p")
    expect(page.locator("#grounds input").first).to_be_focused()
    printed(page, "f")
    page.keyboard.type(FACTS)
    expect(page.locator("#preview")).to_contain_text(FACTS)
    leave_field(page)
    printed(page, "r")
    page.keyboard.type("said in the author's own voice")
    at = page.url
    printed(page, "Control+Enter")
    if page.get_by_text("Read it, then decide.").count():
        printed(page, "Control+Enter")
    page.wait_for_url(lambda url: url != at)
    expect(page.get_by_text(RECORDED).first).to_be_visible()
    assert page.evaluate("sessionStorage.getItem('pointer')") is None


def _after(vigie: Installation, decision_id: str) -> dict[str, Any]:
    """Return the last word that stands in the place of a decision."""

    def look() -> str:
        name = vigie.platform.record(decision_id)["superseded_by"]
        found = vigie.platform.record(name) if name else {}
        if found.get("superseded_by"):
            return str(found["superseded_by"])
        return str(name) if found.get("kind") == "person" else ""

    return vigie.platform.record(str(until(look, "The decision of a person")))


def _contest(page: Page, statement: str) -> str:
    """Read the statement and complain, without script; return the code."""
    page.goto(statement)
    expect(page.locator("main")).to_contain_text(FACTS)
    page.fill("#grounds", GROUNDS)
    page.locator("#appeal button.main").click()
    expect(page.locator("h1")).to_have_text("Nous avons reçu votre réclamation")
    return page.locator("p.num strong").inner_text()


def _strike(
    page: Page, vigie: Installation, head: dict[str, Any], state: str, author: str = ""
) -> str:
    """See on the author's page that the one strike is in this state; return the page."""
    if not author:
        number = head["label"].removeprefix("D-")
        page.goto(f"{vigie.base}/console/decisions/{number}")
        author = str(page.locator("a[href*='/console/authors/']").first.get_attribute("href"))
    page.goto(f"{vigie.base}{author}")
    expect(page.locator("#strikes td .state")).to_have_text(state)
    return author


def _refused(page: Page, vigie: Installation) -> None:
    """Who decided first reads the complaint and is given no way to answer it."""
    page.goto(f"{vigie.base}/console/appeals")
    page.goto(f"{vigie.base}/console/appeals/1")
    expect(page.get_by_text("You took part in what is contested.")).to_be_visible()
    expect(page.locator("#answer")).to_have_count(0)
    token = page.locator("input[name=csrfmiddlewaretoken]").first.get_attribute("value")
    sent = page.request.post(
        f"{vigie.base}/console/appeals/1",
        form={
            "csrfmiddlewaretoken": str(token),
            "outcome": "granted",
            "answer": "a",
            "reason": "r",
        },
        headers={"Referer": vigie.base, "Origin": vigie.base},
    )
    assert sent.status == 403


def _granted(vigie: Installation, page: Page, password: str) -> None:
    """Somebody else takes it as the next case and grants it, by keys."""
    sign_in(page, vigie.base, "l.stern", password)
    page.goto(f"{vigie.base}/console/queues?queue=appeals")
    printed(page, "n")
    page.wait_for_url("**/console/appeals/1")
    expect(page.get_by_text("What upholding it changes")).to_be_visible()
    printed(page, "1", "f")
    page.keyboard.type(ANSWER)
    page.keyboard.press("Tab")
    page.keyboard.type("quotes to contradict")
    printed(page, "Control+Enter")
    expect(page.get_by_text("What was taken back")).to_be_visible()


def _read(page: Page, where: str, code: str) -> None:
    page.goto(where)
    page.locator("input[name=code]").fill(code)
    page.locator("button.main").click()
