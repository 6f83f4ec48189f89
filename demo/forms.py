# SPDX-License-Identifier: Apache-2.0
"""Forms of a page, read as a browser reads them: what is filled in, chosen, offered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

from demo.errors import DemoError

Fields = list[tuple[str, str]]
TICKED = frozenset({"radio", "checkbox"})


@dataclass
class Form:
    """A form as a browser would send it, before a button is pressed."""

    action: str
    fields: Fields = field(default_factory=list)
    offered: dict[str, list[str]] = field(default_factory=dict)
    """Every value that a box or a circle of this name could have."""
    names: set[str] = field(default_factory=set)
    """Every named control, buttons too."""


class _Forms(HTMLParser):
    """Collects the forms of a page that are sent by POST."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []
        self._open: Form | None = None
        self._area = ""
        self._text: list[str] = []
        self._list = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and given.get("method", "").lower() == "post":
            self._open = Form(given.get("action", ""))
            self.found.append(self._open)
        elif self._open is not None and tag == "option" and self._list:
            self._option(self._open, given)
        elif self._open is not None and given.get("name") and "disabled" not in given:
            self._control(self._open, tag, given)

    def _control(self, form: Form, tag: str, given: Mapping[str, str]) -> None:
        name = given["name"]
        form.names.add(name)
        if tag == "textarea":
            self._area, self._text = name, []
        elif tag == "select":
            self._list = name
        elif tag == "input":
            _input(form, name, given)

    def _option(self, form: Form, given: Mapping[str, str]) -> None:
        """Of a list the first option counts, until a later one is marked."""
        there = [pair for pair in form.fields if pair[0] == self._list]
        if "selected" in given:
            form.fields = [pair for pair in form.fields if pair not in there]
        if "selected" in given or not there:
            form.fields.append((self._list, given.get("value", "")))

    def handle_data(self, data: str) -> None:
        if self._area:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._open is not None and self._area:
            self._open.fields.append((self._area, "".join(self._text)))
            self._area = ""
        elif tag == "select":
            self._list = ""
        elif tag == "form":
            self._open = None


def _input(form: Form, name: str, given: Mapping[str, str]) -> None:
    value, kind = given.get("value", ""), given.get("type", "")
    if kind in TICKED:
        value = given.get("value", "on")
        form.offered.setdefault(name, []).append(value)
    if kind not in {*TICKED, "submit", "button"} or (kind in TICKED and "checked" in given):
        form.fields.append((name, value))


def forms_of(page: str) -> Iterator[Form]:
    """Yield the forms of a page."""
    reader = _Forms()
    reader.feed(page)
    yield from reader.found


def form_with(page: str, name: str) -> Form:
    """Return the form of a page that holds a control of this name."""
    for one in forms_of(page):
        if name in one.names:
            return one
    raise DemoError(f"the page has no form with {name!r}.")


def filled(form: Form, /, **given: str | list[str]) -> Fields:
    """Return a form's fields with some of them filled in anew; no value: left empty."""
    for name in given:
        if name not in form.names:
            raise DemoError(f"the form has no {name!r}.")
    kept = [(name, value) for name, value in form.fields if name not in given]
    for name, value in given.items():
        kept += [(name, one) for one in ([value] if isinstance(value, str) else value)]
    return kept
