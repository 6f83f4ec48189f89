# SPDX-License-Identifier: Apache-2.0
"""Mara at her browser, without JavaScript: opens pages, fills in forms, sends them."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import httpx2

from demo.errors import DemoError

Fields = list[tuple[str, str]]


@dataclass
class Form:
    """A form as a browser would send it: what is filled in and chosen."""

    action: str
    fields: Fields = field(default_factory=list)
    names: set[str] = field(default_factory=set)


class _Forms(HTMLParser):
    """Collects the forms of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []
        self._open: Form | None = None
        self._area = ""
        self._text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and given.get("method", "").lower() == "post":
            self._open = Form(given.get("action", ""))
            self.found.append(self._open)
        elif self._open is not None and given.get("name"):
            self._control(self._open, tag, given)

    def _control(self, form: Form, tag: str, given: dict[str, str]) -> None:
        form.names.add(given["name"])
        if tag == "textarea":
            self._area, self._text = given["name"], []
        elif tag == "input":
            chosen = given.get("type") not in {"radio", "checkbox"} or "checked" in given
            if chosen:
                form.fields.append((given["name"], given.get("value", "")))

    def handle_data(self, data: str) -> None:
        if self._area:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._open is not None:
            self._open.fields.append((self._area, "".join(self._text)))
            self._area = ""
        elif tag == "form":
            self._open = None


def form_with(page: str, name: str) -> Form:
    """Return the form of a page that holds a control of this name."""
    reader = _Forms()
    reader.feed(page)
    for one in reader.found:
        if name in one.names:
            return one
    raise DemoError(f"the page has no form with {name!r}.")


def filled(form: Form, **given: str | list[str]) -> Fields:
    """Return a form's fields with some of them filled in anew."""
    kept = [(name, value) for name, value in form.fields if name not in given]
    for name, value in given.items():
        kept += [(name, one) for one in ([value] if isinstance(value, str) else value)]
    return kept


class Person:
    """A signed-in person of the operator."""

    def __init__(self, base: str) -> None:
        self._http = httpx2.Client(
            base_url=base, follow_redirects=True, timeout=30, trust_env=False
        )

    def close(self) -> None:
        """Close the browser."""
        self._http.close()

    def open(self, path: str) -> str:
        """Open a page."""
        answer = self._http.get(path)
        answer.raise_for_status()
        return answer.text

    def sign_in(self, name: str, password: str) -> None:
        """Sign in with the password that was given, and choose an own one if asked."""
        form = form_with(self.open("/console/login"), "password")
        page = self._send("/console/login", filled(form, name=name, password=password))
        if 'name="again"' in page:
            own = f"{password}-changed"
            form = form_with(page, "again")
            self._send("/console/account", filled(form, new=own, again=own))

    def withhold(self, number: int, places: list[str], facts: str, reason: str) -> str:
        """Follow a proposal in some countries; see the author's statement first."""
        path = f"/console/decisions/{number}/decide"
        chosen: dict[str, Any] = {
            "action": "withhold",
            "territory": places,
            "facts": facts,
            "reason": reason,
        }
        form = form_with(self.open(path), "territory")
        shown = self._send(path, [*filled(form, **chosen), ("show", "en")])
        form = form_with(shown, "territory")
        return self._send(path, [*filled(form, **chosen), ("go", "1")])

    def _send(self, path: str, fields: Fields) -> str:
        pairs: dict[str, list[str]] = {}
        for name, value in fields:
            pairs.setdefault(name, []).append(value)
        answer = self._http.post(path, data=pairs)
        if answer.status_code >= httpx2.codes.BAD_REQUEST:
            raise DemoError(f"{path} answered {answer.status_code} to a form.")
        return answer.text
