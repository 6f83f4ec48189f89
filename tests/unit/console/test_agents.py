# SPDX-License-Identifier: Apache-2.0
"""A browser is named in a few words, whatever it sends."""

from __future__ import annotations

import pytest

from vigie.console.agents import name_of

HEAD = "Mozilla/5.0 "
NAMES = {
    HEAD + "(X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0": "Firefox, Linux",
    HEAD + "(Windows NT 10.0; Win64; x64) Chrome/142.0 Safari/537.36 Edg/142.0": "Edge, Windows",
    HEAD + "(Linux; Android 16) Chrome/142.0 Mobile Safari/537.36": "Chrome, Android",
    HEAD + "(Macintosh; Intel Mac OS X 10_15_7) Version/19.0 Safari/605.1": "Safari, macOS",
    HEAD + "(iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1": "Safari, iPhone",
    "curl/8.9": "",
    "": "",
    "<script>alert(1)</script>" * 1_000: "",
}


@pytest.mark.parametrize(("header", "name"), NAMES.items())
def test_browser_and_system_are_named_and_nothing_else(header: str, name: str) -> None:
    assert name_of(header) == name
