# SPDX-License-Identifier: Apache-2.0
"""How a policy is refused: file, line, column, field and what to write instead."""

from __future__ import annotations

from difflib import get_close_matches

from vigie.core.errors import InvalidInputError


class PolicyError(InvalidInputError):
    """A policy document cannot be used; points at the place in its own file.

    Never at the expression that the engine sees: authors did not write it.
    """

    code = "policy_invalid"

    def __init__(
        self,
        message: str,
        *,
        source: str,
        line: int = 1,
        column: int = 1,
        field: str | None = None,
        fix: str | None = None,
    ) -> None:
        super().__init__(f"{source}:{line}:{column}: {message}", field=field, fix=fix)
        self.source = source
        self.line = line
        self.column = column


def did_you_mean(name: str, known: list[str] | tuple[str, ...]) -> str:
    """Return the nearest known name and the list of all, as the fix of an error."""
    near = get_close_matches(name, known, n=1, cutoff=0.6)
    hint = f"did you mean {near[0]}? " if near else ""
    return f"{hint}known: {', '.join(sorted(known)) or 'none'}"
