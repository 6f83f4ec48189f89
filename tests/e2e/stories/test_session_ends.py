# SPDX-License-Identifier: Apache-2.0
"""A session ends in the middle of a decision: nothing that was typed is lost."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.stories.conftest import RECORDED, Installation, Open, sign_in
from tests.support.tree import ROOT

pytestmark = [pytest.mark.e2e, pytest.mark.whole]
TEXT = "They repeat it every year, but the Holocaust never happened."
FACTS = "What the post says in its own voice."
REASON = "half a sentence that matters"


class Desk:
    """Somebody who writes a decision, on a case of their own."""

    def __init__(self, vigie: Installation, page: Page, name: str) -> None:
        self.vigie, self.page, self.name = vigie, page, name
        self.password = vigie.account(name, "moderator")
        item = {"id": name, "surface": "post", "author": {"id": name}, "language": "en"}
        made = vigie.platform.post(item | {"text": TEXT})["decision"]
        self.decision = str(made["decision_id"])
        number = self.record()["label"].removeprefix("D-")
        self.path = f"/console/decisions/{number}/decide"
        sign_in(page, vigie.base, name, self.password)
        page.goto(vigie.base + self.path)
        page.get_by_role("checkbox", name="Germany").uncheck()
        page.fill("#facts", FACTS)
        page.fill("#reason", REASON)

    def record(self) -> dict[str, Any]:
        return self.vigie.platform.record(self.decision)

    def decide(self) -> None:
        self.page.get_by_role("button", name="Decide and open the next").click()

    def sign_in_again(self) -> None:
        self.page.fill("#name", self.name)
        self.page.fill("#password", self.password)
        self.page.locator("main form button.main").first.click()
        self.page.wait_for_url(f"**{self.path}")
        assert self.record()["superseded_by"] is None, "nothing was decided meanwhile"
        expect(self.page.locator("#reason")).to_have_value(REASON)
        expect(self.page.locator("#facts")).to_have_value(FACTS)

    def finish(self) -> dict[str, Any]:
        """Decide, after a look at the statement; return what was decided."""
        self.decide()
        done = self.page.get_by_text(RECORDED).first
        look = self.page.get_by_text("This is the statement for what you chose.")
        expect(done.or_(look).first).to_be_visible()
        if look.count():
            self.decide()
        expect(done).to_be_visible()
        return self.vigie.platform.record(str(self.record()["superseded_by"]))


def rest(vigie: Installation, _desk: Desk, _window: Open) -> None:
    """An hour goes by."""
    command = [sys.executable, "-m", "tests.e2e.stories.rest", str(vigie.server.data)]
    subprocess.run(command, cwd=ROOT, check=True)


def elsewhere(vigie: Installation, desk: Desk, window: Open) -> None:
    """The person ends their other sessions in another browser."""
    page = window()
    sign_in(page, vigie.base, desk.name, desk.password)
    page.goto(f"{vigie.base}/console/account")
    page.get_by_role("button", name="End all other sessions").click()
    page.wait_for_url("**ended=*")


@pytest.mark.parametrize("script", [True, False])
@pytest.mark.parametrize("end", [rest, elsewhere])
def test_after_signing_in_again_everything_is_there(
    vigie: Installation, window: Open, script: bool, end: Any
) -> None:
    name = f"{end.__name__}.{script}".lower()
    desk = Desk(vigie, window(java_script_enabled=script), name)
    end(vigie, desk, window)
    desk.decide()
    expect(desk.page.get_by_text("Nothing that you wrote was sent or lost.")).to_be_visible()
    desk.sign_in_again()
    expect(desk.page.get_by_role("checkbox", name="Germany")).not_to_be_checked()
    expect(desk.page.get_by_role("checkbox", name="France")).to_be_checked()
    assert desk.finish()["territories"] == ["FR"]
    if script:
        keys = desk.page.evaluate("Object.keys(sessionStorage)")
        assert not [one for one in keys if one.startswith("vigie:")], "kept in the tab no longer"
