# SPDX-License-Identifier: Apache-2.0
"""Helplines that the operator names: `helplines.yaml` in the data folder.

Vigie ships no number: one that is wrong or closed does harm. Each entry names
where it stands and since when somebody checked it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

import msgspec
import yaml

from vigie.core.errors import InvalidInputError

FILE: Final = "helplines.yaml"
Audience = Literal["minors", "victims", "anybody"]


class Helpline(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One service that helps people."""

    country: str
    name: str
    source: str
    """Where the number or address stands, for whoever checks it."""
    checked: str
    """Day on which somebody checked it, `YYYY-MM-DD`."""
    phone: str = ""
    url: str = ""
    audience: Audience = "anybody"


class _Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    helplines: list[Helpline]


def load(folder: Path) -> tuple[Helpline, ...]:
    """Return the helplines of a data folder; none where the operator names none.

    Raises InvalidInputError naming the field where the file does not fit.
    """
    path = folder / FILE
    if not path.is_file():
        return ()
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
        found = tuple(msgspec.convert(raw, _Document).helplines)
    except (OSError, ValueError, yaml.YAMLError, msgspec.ValidationError) as problem:
        raise InvalidInputError(
            f"{FILE} is not used: {type(problem).__name__}.", code="helplines", field=FILE
        ) from problem
    for one in found:
        if not (one.phone or one.url.startswith("https://")):
            raise InvalidInputError(
                f"{one.name} has neither a number nor an address that begins with https://.",
                code="helplines",
                field=FILE,
            )
    return found


def for_people(
    found: tuple[Helpline, ...], countries: tuple[str, ...], audience: Audience
) -> list[Helpline]:
    """Return those for an audience in the countries served: its own first, then all others."""
    fit = [one for one in found if one.country in (*countries, "*")]
    mine = [one for one in fit if one.audience == audience]
    return mine + [one for one in fit if one.audience == "anybody" and one not in mine]
