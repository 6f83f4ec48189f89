# SPDX-License-Identifier: Apache-2.0
"""Sentences that letters are put together from, in three languages, as data (`words.yaml`)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

import yaml

FILE: Final = "words.yaml"


@cache
def _load() -> Mapping[str, Mapping[str, str]]:
    text = files("vigie.flow.orders.letters").joinpath(FILE).read_text(encoding="utf-8")
    found: dict[str, dict[str, str]] = yaml.safe_load(text)
    return found


def say(name: str, language: str, **values: Any) -> str:
    """Return a sentence in a language, or in English. Raises KeyError for none: a defect."""
    words = _load()[name]
    return (words.get(language) or words["en"]).format(**values)
