# SPDX-License-Identifier: Apache-2.0
"""Somebody without an account at the portal, without script: reports, contests, reads."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from demo.browser import Browser, words
from demo.errors import DemoError
from demo.forms import form_with

_CODE = re.compile(r"\b[0-9A-Z]{4}(?:-[0-9A-Z]{4}){4}\b")


class Hers(NamedTuple):
    """What somebody writes into the form for notices."""

    name: str
    email: str
    explanation: str


class Visitor(Browser):
    """A window of the portal; nobody is asked who they are."""

    def report_picture(self, hashes: Sequence[str], given: Hers) -> str:
        """Report an intimate picture by its hashes alone; return the code of the receipt."""
        self.open("/notice/what")
        self.go_on("category", category="intimate")
        form = form_with(self.page, "location")
        # With script the device computes these and the page writes them here.
        form.names.add("hash")
        self.send(form, hash=list(hashes), location=[])
        self.go_on("explanation", explanation=given.explanation)
        self.go_on("email", name=given.name, email=given.email)
        self.go_on("good_faith", good_faith="1")
        return self.code()

    def read_notice(self, code: str) -> str:
        """Return what the page of a notice says, by its code."""
        self.open("/notice/status")
        return words(self.go_on("code", code=code))

    def contest(self, statement: str, grounds: str) -> str:
        """Complain on the page of a statement; return the code of the receipt."""
        self.open(statement)
        self.go_on("grounds", grounds=grounds)
        return self.code()

    def read_complaint(self, code: str) -> str:
        """Return what the page of a complaint says, by its code."""
        self.open("/appeal")
        return words(self.go_on("code", code=code))

    def code(self) -> str:
        """Return the code that the page shows."""
        found = _CODE.search(words(self.page))
        if found is None:
            raise DemoError(f"{self.path} shows no code.")
        return found[0]
