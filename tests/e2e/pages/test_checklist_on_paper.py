# SPDX-License-Identifier: Apache-2.0
"""The checklist of a search day prints on one page, in every language."""

from __future__ import annotations

import io

import pypdf
import pytest
from playwright.sync_api import Browser

from tests.e2e.people.conftest import Site

pytestmark = [pytest.mark.e2e, pytest.mark.whole]


@pytest.mark.parametrize("language", ["en", "fr", "de"])
def test_the_checklist_prints_on_one_page(browser: Browser, site: Site, language: str) -> None:
    page = browser.new_context().new_page()
    site.sign_in(page, "root")
    page.wait_for_url(lambda url: "/login" not in url)
    page.goto(f"{site.address}/console/search-days/checklist?lang={language}")
    paper = pypdf.PdfReader(io.BytesIO(page.pdf(format="A4", prefer_css_page_size=True)))
    page.context.close()
    assert len(paper.pages) == 1
    assert "vigie order search open" in " ".join(paper.pages[0].extract_text().split())
