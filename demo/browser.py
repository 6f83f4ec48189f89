# SPDX-License-Identifier: Apache-2.0
"""A browser without script: opens pages, sends their forms, keeps its cookies."""

from __future__ import annotations

import re
from html import unescape
from typing import Any, Self
from urllib.parse import urlsplit

import httpx2

from demo.errors import DemoError
from demo.forms import Fields, Form, filled, form_with

_TAG = re.compile(r"<[^>]*>")
_SPACE = re.compile(r"\s+")


class Browser:
    """One person's window; follows redirects as people's browsers do."""

    def __init__(self, base: str, language: str = "en") -> None:
        self._base = base
        self._http = httpx2.Client(
            base_url=base,
            headers={"Accept-Language": language},
            follow_redirects=True,
            timeout=60,
            trust_env=False,
        )
        self.page = ""
        """What is shown now."""
        self.path = ""
        """Where it stands."""

    def __enter__(self) -> Self:
        """Open the window."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Close the window and forget its cookies."""
        self._http.close()

    def open(self, path: str) -> str:
        """Open a page; raise where it is none."""
        return self._shown(self._http.get(path.removeprefix(self._base)), path)

    def picture(self, path: str) -> bytes:
        """Open a picture of the page."""
        answer = self._http.get(path)
        if not answer.is_success:
            raise DemoError(f"{path} answered {answer.status_code}: {answer.text}")
        return answer.content

    def send(self, form: Form, press: tuple[str, str] | None = None, /, **given: Any) -> str:
        """Fill in a form of the page and press a button; raise where it is refused."""
        fields = filled(form, **given) + ([press] if press else [])
        return self._shown(self._post(form, fields), form.action)

    def go_on(self, control: str, press: tuple[str, str] | None = None, /, **given: Any) -> str:
        """Send the form of this page that holds a control of that name."""
        return self.send(form_with(self.page, control), press, **given)

    def refused(self, form: Form, /, **given: Any) -> int:
        """Send a form that is to be refused; return the status."""
        answer = self._post(form, filled(form, **given))
        if answer.is_success:
            raise DemoError(f"{form.action} took what it must refuse.")
        return answer.status_code

    def _post(self, form: Form, fields: Fields) -> httpx2.Response:
        pairs: dict[str, list[str]] = {}
        for name, value in fields:
            pairs.setdefault(name, []).append(value)
        return self._http.post(form.action.partition("#")[0] or self.path, data=pairs)

    def _shown(self, answer: httpx2.Response, path: str) -> str:
        if not answer.is_success:
            raise DemoError(f"{path} answered {answer.status_code}: {words(answer.text)[:300]}")
        self.path = urlsplit(str(answer.url)).path
        self.page = answer.text
        return self.page


def words(page: str) -> str:
    """Return what a page says, without marks."""
    return _SPACE.sub(" ", unescape(_TAG.sub(" ", page))).strip()
