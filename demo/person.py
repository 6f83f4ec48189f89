# SPDX-License-Identifier: Apache-2.0
"""Somebody of the operator at the console, without script: claims, looks, decides."""

from __future__ import annotations

import re

from demo.browser import Browser, words
from demo.errors import DemoError
from demo.forms import Form, form_with
from demo.platform import until

DECIDE = "/console/decisions/{}/decide"
_CASE = re.compile(r"/console/decisions/(\d+)/decide")
_PATH = re.compile(r'href="(/console/intimate/\d+)"')
_AUTHOR = re.compile(r'href="(/console/authors/[0-9a-f]+)')
_VEIL = re.compile(r'data-veil="([^"]+)"')


class Person(Browser):
    """A signed-in person of the operator."""

    def sign_in(self, name: str, password: str) -> str:
        """Sign in with the password that was given, choose an own one if asked; return it."""
        self.open("/console/login")
        self.go_on("password", name=name, password=password)
        if 'name="again"' not in self.page:
            return password
        own = f"{password}-changed"
        self.go_on("again", new=own, again=own)
        return own

    def next_case(self, queue: str) -> int:
        """Take the next case of a queue; return the number of what it is about."""

        def look() -> int:
            self.open(f"/console/next?queue={queue}")
            found = _CASE.fullmatch(self.path)
            return int(found[1]) if found else 0

        # A case is in its queue within a second of its record.
        number: int = until(look, f"A case in the queue {queue!r}")
        return number

    def withhold(self, number: int, places: list[str], facts: str, reason: str) -> str:
        """Follow a proposal in some countries; see the author's statement first."""
        if self.path != DECIDE.format(number):
            self.open(DECIDE.format(number))
        form = form_with(self.page, "territory")
        chosen: dict[str, str | list[str]] = {"territory": places, "facts": facts, "reason": reason}
        if "confirmed" in form.offered:  # what a provision asks for, point by point
            chosen["confirmed"] = form.offered["confirmed"]
        self.send(form, ("show", "en"), **chosen)
        if facts not in words(self.page):
            raise DemoError("the preview does not show the statement.")
        return self.send(form_with(self.page, "territory"), ("go", "1"))

    def to_victims_path(self) -> None:
        """Go from the review page to the page on which such a picture is confirmed."""
        found = _PATH.search(self.page)
        if found is None:
            raise DemoError(f"{self.path} is not about the victim's path.")
        self.open(found[1])

    def look_blurred(self) -> bytes:
        """Look at the first picture of the page as the server draws it: grey, 64 pixels."""
        found = _VEIL.search(self.page)
        if found is None:
            raise DemoError("the page shows no picture under a veil.")
        return self.picture(found[1])

    def confirm_picture(self, reason: str) -> str:
        """Say on the victim's path that a picture is intimate and fits the notice."""
        return self.go_on("fits", ("confirm", "1"), intimate="1", fits="1", reason=reason)

    def author_of(self, number: int) -> str:
        """Open a case; return the page of its author: a pseudonym, no name."""
        found = _AUTHOR.search(self.open(DECIDE.format(number)))
        if found is None:
            raise DemoError(f"D-{number} leads to no author.")
        return found[1]

    def complaint(self, number: int) -> Form | None:
        """Open a complaint; return the form of the answer, None for who may not answer."""
        self.open(f"/console/appeals/{number}")
        return form_with(self.page, "answer") if 'name="answer"' in self.page else None

    def uphold(self, form: Form, answer: str, reason: str) -> str:
        """Answer a complaint: the first decision no longer stands."""
        return self.send(form, outcome="granted", answer=answer, reason=reason)
