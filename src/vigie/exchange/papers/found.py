# SPDX-License-Identifier: Apache-2.0
"""What was found in a document, and why it could not be read where it could not."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Final

import msgspec

MAX_TEXT: Final = 400_000
"""Characters of running text that are kept; more is cut and said."""
MAX_VALUES: Final = 2_000
"""Values that one document may hold."""
MAX_LINKS: Final = 500


class Problem(StrEnum):
    """Why a document could not be read, or not wholly."""

    UNKNOWN_KIND = "unknown_kind"
    """Neither XML, PDF nor JSON: a person opens it."""
    MALFORMED = "malformed"
    FORBIDDEN_XML = "forbidden_xml"
    """It declares a document type or entities: nothing of it was expanded."""
    UNKNOWN_XML = "unknown_xml"
    """Well-formed, of a kind that is not known here."""
    INTERCEPTION = "interception"
    """A task of lawful interception: not answered by this desk."""
    ENCRYPTED = "encrypted"
    TOO_MANY_PAGES = "too_many_pages"
    TOO_MUCH = "too_much"
    """More text or values than are kept."""
    TOO_LONG = "too_long"
    """The reader ran out of time."""
    TOO_LARGE = "too_large"
    """Small outside, too large inside: the reader ran out of memory."""
    CRASHED = "crashed"
    """The reader died."""


class UnreadableError(Exception):
    """A document cannot be read; the text is a word of `Problem`."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.value)
        self.problem = problem


class Found(msgspec.Struct, kw_only=True):
    """What one document says, as plain values."""

    kind: str = ""
    """`xml`, `etsi`, `pdf`, `json`, or empty."""
    form: str = ""
    """The form that it names itself."""
    values: dict[str, Any] = {}
    """By field name as written; texts, lists of texts, or yes and no."""
    text: str = ""
    """Running text, for a person."""
    links: list[str] = []
    """Addresses found in running text: hints for a person, never values."""
    problem: str = ""

    def add(self, name: str, value: str) -> None:
        """Add a value; what comes twice is a list. Raises UnreadableError for too many."""
        here = self.values.get(name)
        if here is None:
            self.values[name] = value
        else:
            self.values[name] = [*(here if isinstance(here, list) else [here]), value]
        if sum(len(one) if isinstance(one, list) else 1 for one in self.values.values()) > (
            MAX_VALUES
        ):
            raise UnreadableError(Problem.TOO_MUCH)

    def take(self, inner: Found) -> None:
        """Let what an enclosed document says go before what its envelope says."""
        self.values |= inner.values
        self.form = inner.form or self.form
        self.text = (self.text + "\n" + inner.text).strip()[:MAX_TEXT]
        self.links = list(dict.fromkeys([*self.links, *inner.links]))[:MAX_LINKS]
        self.problem = self.problem or inner.problem
