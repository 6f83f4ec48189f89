# SPDX-License-Identifier: Apache-2.0
"""How heavy a case weighs in its queue: one documented table, by what it is about.

First what can cost a life or cannot be taken back from a person, then what
harms persons or groups, then property. The priority of a case is 0 to 9; a
routing rule can raise it, nothing lowers it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from vigie.law import LawTable
from vigie.law.categories import load
from vigie.law.entry import Cls
from vigie.store.models import Queue

CHILD: Final = "child"
SEVERITY: Final[Mapping[str, int]] = {
    CHILD: 9,
    "terrorist": 8,
    "threat": 8,
    "self_harm": 8,
    "intimate": 8,
    "minors": 7,
    "stalking": 7,
    "hate": 5,
    "denial": 5,
    "personality": 4,
    "fraud": 4,
    "goods": 3,
    "ip": 2,
    "other": 1,
}
"""Category of `law.categories` to priority; an unknown one weighs as `other`."""
_OF_CLASS: Final[Mapping[Cls, str]] = {
    Cls.CHILD: CHILD,
    Cls.INTIMATE: "intimate",
    Cls.DENIAL: "denial",
    Cls.HATE: "hate",
    Cls.SYMBOLS: "hate",
    Cls.TERRORIST: "terrorist",
    Cls.MINORS_EXPOSURE: "minors",
    Cls.HARASSMENT: "stalking",
    Cls.VIOLENCE: "threat",
}
"""For an offence that no category of notices names."""


def severity(category: str) -> int:
    """Return the priority of a category; 0 where nothing is known."""
    return SEVERITY.get(category, SEVERITY["other"]) if category else 0


def category_of_ground(ground: Mapping[str, Any], law: LawTable) -> str:
    """Return the category of what a proposal rests on; terms alone say `other`."""
    offence = ground.get("offence")
    if not offence:
        return "other" if ground.get("terms") else ""
    named = _by_offence().get(str(offence))
    if named is not None:
        return named
    entry = law.entries.get(str(offence))
    return _OF_CLASS.get(entry.cls, "other") if entry is not None else "other"


@cache
def _by_offence() -> Mapping[str, str]:
    """Return the first category that names an offence."""
    found: dict[str, str] = {}
    for code, category in load().items():
        for entries in category.offences.values():
            for entry in entries:
                found.setdefault(entry, code)
    return found


def is_child(cls: str, category: str) -> bool:
    """Say whether a case belongs to the queue `child`, and to no other."""
    return cls == Queue.CHILD or category == CHILD
