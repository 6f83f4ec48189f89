# SPDX-License-Identifier: Apache-2.0
"""The forms of a page as a browser reads them, and how it would send each filled with words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any, Final

TYPED: Final = frozenset({"text", "search", "email", "url", "tel", "password", "number", "date"})
FIELDS: Final = frozenset({"input", "textarea", "select", "button"})


@dataclass
class Field:
    """One control of a form."""

    name: str
    kind: str
    """`text`, `hidden`, `checkbox`, `radio`, `select`, `submit`..."""
    value: str = ""
    options: list[str] = field(default_factory=list)

    @property
    def typed(self) -> bool:
        """True where a person writes."""
        return self.kind in TYPED or self.kind == "textarea"


@dataclass
class PageForm:
    """One form: where it goes, and its controls."""

    action: str
    method: str
    name: str = ""
    fields: list[Field] = field(default_factory=list)

    def filled(self, words: str) -> Iterator[dict[str, Any]]:
        """Yield what is sent by each of its buttons, with words in every field for text."""
        made: dict[str, list[str]] = {}
        buttons: list[tuple[str, str]] = []
        for one in self.fields:
            if one.kind == "submit":
                buttons.append((one.name, one.value))
            elif one.kind == "radio" and one.name in made:
                continue
            elif one.kind == "select":
                made.setdefault(one.name, []).append(next((v for v in one.options if v), ""))
            elif one.kind not in {"file", "reset", "button", "image"}:
                made.setdefault(one.name, []).append(words if one.typed else one.value or "1")
        for name, value in buttons or [("", "")]:
            yield made | ({name: [value]} if name else {})


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[PageForm] = []
        self.open: PageForm | None = None
        self.select: Field | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        got = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.open = PageForm(got.get("action", ""), got.get("method", "get").lower())
            self.open.name = got.get("id", "")
            self.forms.append(self.open)
        elif tag in FIELDS:
            self._field(tag, got)
        elif tag == "option" and self.select is not None:
            self.select.options.append(got.get("value", ""))

    def _field(self, tag: str, got: dict[str, str]) -> None:
        usual = {"textarea": "textarea", "select": "select", "button": "submit"}.get(tag, "text")
        kind = got.get("type", usual) if tag in {"input", "button"} else usual
        made = Field(got.get("name", ""), kind, got.get("value", ""))
        self.select = made if kind == "select" else self.select
        form = next((one for one in self.forms if one.name and one.name == got.get("form")), None)
        form = form or self.open
        if form is not None and (made.name or kind == "submit"):
            form.fields.append(made)

    def handle_endtag(self, tag: str) -> None:
        self.open = None if tag == "form" else self.open
        self.select = None if tag == "select" else self.select


def forms_of(page: str) -> list[PageForm]:
    """Return the forms of a page."""
    reader = _Reader()
    reader.feed(page)
    return reader.forms
