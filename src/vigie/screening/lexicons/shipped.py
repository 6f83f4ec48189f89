# SPDX-License-Identifier: Apache-2.0
"""Reads the lists that ship with the package."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import yaml


def load_shipped() -> tuple[dict[str, Any], ...]:
    """Return every shipped list as a plain document, ordered by file name.

    Plain data, ready for `Parts.lexicons` and for JSON; `read_lexicon` checks it.
    """
    folder = files("vigie.screening.lexicons")
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".yaml"))
    return tuple(
        document
        for name in names
        for document in yaml.safe_load_all((folder / name).read_text(encoding="utf-8"))
    )
