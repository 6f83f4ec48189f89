# SPDX-License-Identifier: Apache-2.0
"""A victim's picture is hashed on her device; one blurred copy is confirmed; copies stop."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Request, expect

from demo import pictures
from tests.e2e.stories.conftest import Installation, Open, sign_in

pytestmark = [pytest.mark.e2e, pytest.mark.whole]
PICTURE = pictures.waves(29)
PARTS = [PICTURE[at : at + 48] for at in range(64, len(PICTURE) - 48, 48)]
NAMED = ("Noor", "Haddad", "noor@mail.example", "foulard")


def _sent(page: Page) -> list[bytes]:
    """Everything that the page's requests carry from now on."""
    sent: list[bytes] = []

    def note(one: Request) -> None:
        sent.append(one.url.encode() + b" " + (one.post_data_buffer or b""))

    page.on("request", note)
    return sent


def test_from_the_device_to_the_copy_that_is_stopped(
    vigie: Installation, window: Open, tmp_path: Path
) -> None:
    password = vigie.account("s.lang", "senior")
    device = window(locale="fr-FR", viewport={"width": 390, "height": 844})
    code = _report(vigie, device, tmp_path)
    vigie.prepared()
    first = vigie.platform.post(_post(vigie, "v-1", PICTURE, "image/png"))["decision"]
    assert first["outcome"] == "allow", "a notifier's hash decides nothing"
    desk = window()
    sign_in(desk, vigie.base, "s.lang", password)
    seen = _confirm(vigie, desk)
    assert not any(part in seen for part in PARTS), "the original never reaches the browser"
    again = pictures.saved_anew(PICTURE)
    assert 0 < pictures.bits_apart(PICTURE, again) <= 10
    vigie.prepared()
    copy = vigie.platform.post(_post(vigie, "v-2", again, "image/jpeg"))["decision"]
    assert copy["outcome"] == "withhold"
    assert {one["by"] for one in copy["actions"]} == {"rule b"}
    desk.goto(f"{vigie.base}/console/next?queue=intimate")
    assert desk.url.endswith("none=1") or "/queues" in desk.url, "nobody has to look again"
    _answers(vigie, window, code, first["decision_id"])


def _report(vigie: Installation, page: Page, folder: Path) -> str:
    """Fill in the form with script; no request carries the picture. Return the code."""
    sent = _sent(page)
    page.goto(f"{vigie.base}/notice/what")
    page.locator("#c-intimate").check()
    page.locator("main form button.main").click()
    expect(page.locator("#pictures")).to_be_visible()
    folder.joinpath("vacances.png").write_bytes(PICTURE)
    page.set_input_files("#pictures", str(folder / "vacances.png"))
    expect(page.locator("[data-list] code")).to_have_count(1)
    kept = page.locator("[data-list] input[name=hash]").get_attribute("value")
    assert kept == pictures.hash_of(PICTURE), "the browser's hash is the server's"
    page.locator("main form button.main").click()
    page.locator("#f-explanation").fill("Le foulard jaune, c'est un montage.")
    page.locator("main form button.main").click()
    page.locator("#f-name").fill("Noor Haddad")
    page.locator("#f-email").fill("noor@mail.example")
    page.locator("main form button.main").click()
    page.locator("#f-good_faith").check()
    page.locator("main form button.main").click()
    expect(page.locator("h1")).to_have_text("Nous avons reçu votre notification")
    _carries_nothing(sent, kept)
    return page.locator(".code").inner_text()


def _carries_nothing(sent: list[bytes], kept: str) -> None:
    words = base64.b64encode(PICTURE)[64:128]
    for one in sent:
        assert not any(part in one for part in PARTS)
        assert words not in one
        assert b"vacances" not in one
    assert max(map(len, sent)) < 4_000 < len(PICTURE)
    told = kept.rsplit(",", maxsplit=1)[-1].encode()
    assert any(told in one for one in sent), "the hash itself is sent: the watch sees bodies"


def _post(vigie: Installation, name: str, data: bytes, mime: str) -> dict[str, Any]:
    url = vigie.gallery.put(name, data, mime)
    return {
        "id": name,
        "surface": "post",
        "author": {"id": f"a-{name}"},
        "url": f"https://agora.example/p/{name}",
        "media": [{"base64": base64.b64encode(data).decode(), "mime": mime, "url": url}],
    }


def _confirm(vigie: Installation, page: Page) -> bytes:
    """Take the case and confirm on the blurred copy, by keys; return all that was loaded."""
    loaded: list[bytes] = []
    page.on(
        "response",
        lambda one: loaded.append(one.body()) if "/pictures/" in one.url else None,
    )
    for _ in range(50):
        page.goto(f"{vigie.base}/console/next?queue=intimate")
        if page.url.endswith("/decide"):
            break
        page.wait_for_timeout(300)
    expect(page.get_by_text("This case is on the victim’s path.")).to_be_visible()
    for word in NAMED[:3]:
        assert word not in page.content()
    page.keyboard.press("i")
    page.wait_for_url(re.compile(r"/console/intimate/\d+"))
    blurred = page.locator("#picture-1 [data-veil-img]")
    expect(blurred).to_have_attribute("src", re.compile("^data:image/png;base64,"))
    size = blurred.evaluate("(one) => Math.max(one.naturalWidth, one.naturalHeight)")
    assert 0 < size <= 64
    expect(page.locator(".clock").first).to_contain_text("h")
    page.keyboard.press("1")
    page.keyboard.press("2")
    page.focus("#reason")
    page.keyboard.type("one blurred copy was enough")
    at = page.url
    page.keyboard.press("Control+Enter")
    page.wait_for_url(lambda url: url != at)
    return b"".join(loaded)


def _answers(vigie: Installation, window: Open, code: str, first: str) -> None:
    """She reads the answer by her code; the author's statement says nothing of her."""
    hers = window(locale="fr-FR", java_script_enabled=False)
    hers.goto(f"{vigie.base}/notice/status")
    hers.fill("#f-code", code)
    hers.locator("button.main").click()
    expect(hers.locator("h1")).to_have_text("Notre décision")
    expect(hers.locator("main .state[data-is=done]")).to_have_text("restreint")
    noticed = vigie.platform.record(first)["superseded_by"]
    decided = vigie.platform.record(noticed)["superseded_by"]
    statement = vigie.statement(decided)
    for language in ("en", "fr", "de"):
        hers.goto(f"{statement}?lang={language}")
        for word in NAMED:
            assert word not in hers.content()
