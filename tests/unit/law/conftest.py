# SPDX-License-Identifier: Apache-2.0
"""The shipped table, read once, and a folder for planted packs."""

from __future__ import annotations

import pytest

from vigie import law


@pytest.fixture(scope="session")
def table():
    return law.load()


ENTRY = {
    "id": "xx_test",
    "kind": "offence",
    "class": "hate",
    "speech": "true",
    "text_checked": "true",
    "provision": "Penal code 1",
    "what": "short restatement",
    "sor": "null",
    "src": "text",
    "confidence": "high",
}


@pytest.fixture
def plant(tmp_path):
    """Write an operator's pack of one entry and return its folder."""

    def write(jurisdiction="NO", name=None, **fields):
        merged = {key: value for key, value in (ENTRY | fields).items() if value is not None}
        lines = [f"    {key}: {value}" for key, value in merged.items()]
        text = (
            f'jurisdiction: "{jurisdiction}"\nversion: "1"\nas_of: 2026-11\nsource: null\n'
            "entries:\n  -\n" + "\n".join(lines) + "\n"
        )
        (tmp_path / (name or f"{jurisdiction.lower()}.yaml")).write_text(text, encoding="utf-8")
        return tmp_path

    return write
