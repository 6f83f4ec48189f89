# SPDX-License-Identifier: Apache-2.0
"""The hash types that are installed, by name."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.metadata import entry_points
from types import MappingProxyType

from vigie.core.errors import InvalidInputError
from vigie.screening.matching.base import HashType

GROUP = "vigie.hash_types"


@cache
def hash_types() -> Mapping[str, HashType]:
    """Return every hash type found by entry point, built-in ones included."""
    return MappingProxyType({found.name: found.load() for found in entry_points(group=GROUP)})


def hash_type(name: str) -> HashType:
    """Return the hash type of this name; InvalidInputError for an unknown one."""
    kind = hash_types().get(name)
    if kind is None:
        raise InvalidInputError(
            "There is no hash type of this name.",
            code="unknown_hash_type",
            field="algorithm",
            fix="Use one of: " + ", ".join(sorted(hash_types())) + ".",
        )
    return kind
