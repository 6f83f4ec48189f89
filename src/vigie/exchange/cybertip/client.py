# SPDX-License-Identifier: Apache-2.0
"""The calls of the CyberTipline: submit, upload, file details, finish, retract.

HTTP Basic over HTTPS to the one host of the settings. No redirects, a cap on
answers, no retries inside: who calls keeps the state between two calls.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final, NamedTuple, Self
from urllib.parse import urlsplit

import httpx2
from lxml import etree

from vigie.core.errors import InvalidInputError, VigieError

MAX_ANSWER: Final = 2_000_000
TIMEOUT_S: Final = 60.0
OK: Final = 200
SUCCESS: Final = 0
GONE: Final = 5001
FINISHED: Final = 5102
_XML: Final = {"Content-Type": "text/xml; charset=utf-8"}


class Trouble(StrEnum):
    """Why a call failed, and what helps."""

    UNREACHED = "unreached"
    """Nothing came back: tried again."""
    SERVER = "server"
    """The other side failed: tried again."""
    ACCESS = "access"
    """Credentials: a person has to look."""
    INVALID = "invalid"
    """It refused what was sent: a person has to look."""
    STRANGE = "strange"
    """An answer that the interface does not know."""
    GONE = "gone"
    FINISHED = "finished"


class CybertipError(VigieError):
    """A call failed."""

    code = "cybertip"
    http_status = 502

    def __init__(self, trouble: Trouble, message: str) -> None:
        super().__init__(message)
        self.trouble = trouble

    @property
    def passes(self) -> bool:
        """True where trying again may help."""
        return self.trouble in {Trouble.UNREACHED, Trouble.SERVER}


class Uploaded(NamedTuple):
    """What the other side says of a file."""

    file_id: str
    md5: str


class Finished(NamedTuple):
    """The receipt of a report."""

    report_id: str
    files: tuple[str, ...]


class Client:
    """One session; closed by `with`."""

    def __init__(
        self,
        base: str,
        user: str,
        password: str,
        *,
        allow_private: bool = False,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        parts = urlsplit(base)
        if not parts.hostname or (parts.scheme != "https" and not allow_private):
            raise InvalidInputError(
                "The address of the CyberTipline begins with https://.",
                code="bad_address",
                field="VIGIE_CYBERTIP_URL",
            )
        self._base = base.rstrip("/")
        self._http = httpx2.Client(
            auth=httpx2.BasicAuth(user, password),
            timeout=TIMEOUT_S,
            follow_redirects=False,
            trust_env=False,
            transport=transport,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def status(self) -> None:
        """Raise CybertipError where credentials or connection do not work."""
        self._answer("GET", "/status")

    def xsd(self) -> bytes:
        """Return the schema in force."""
        return self._ask("GET", "/xsd")

    def submit(self, document: bytes) -> str:
        """Open a report; return its number: store it at once."""
        root = self._answer("POST", "/submit", content=document, headers=_XML)
        return _text(root, "reportId")

    def upload(self, report_id: str, name: str, data: bytes) -> Uploaded:
        """Send a file. Raises CybertipError where another file arrived."""
        root = self._answer("POST", "/upload", data={"id": report_id}, files={"file": (name, data)})
        made = Uploaded(_text(root, "fileId"), _text(root, "hash").lower())
        if made.md5 != hashlib.md5(data, usedforsecurity=False).hexdigest():
            raise CybertipError(Trouble.STRANGE, "The file that arrived is another one.")
        return made

    def describe(self, document: bytes) -> None:
        """Send the details of a file."""
        self._answer("POST", "/fileinfo", content=document, headers=_XML)

    def finish(self, report_id: str) -> Finished:
        """Finish a report; the answer is its receipt."""
        root = self._answer("POST", "/finish", data={"id": report_id})
        files = tuple(one.text or "" for one in root.iterfind(".//{*}fileId"))
        return Finished(_text(root, "reportId"), files)

    def retract(self, report_id: str) -> None:
        """Take an unfinished report back; FINISHED and GONE say what became of it."""
        self._answer("POST", "/retract", data={"id": report_id})

    def _answer(self, method: str, path: str, **given: Any) -> etree._Element:
        body = self._ask(method, path, **given)
        parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
        try:
            root = etree.fromstring(body, parser)
            code = int(_text(root, "responseCode"))
        except (etree.LxmlError, ValueError) as problem:
            raise CybertipError(Trouble.STRANGE, "The answer cannot be read.") from problem
        if code != SUCCESS:
            raise CybertipError(_TROUBLES.get(code, _by_range(code)), f"It answered {code}.")
        return root

    def _ask(self, method: str, path: str, **given: Any) -> bytes:
        try:
            with self._http.stream(method, self._base + path, **given) as answer:
                body = b""
                for piece in answer.iter_bytes():
                    body += piece
                    if len(body) > MAX_ANSWER:
                        raise CybertipError(Trouble.STRANGE, "The answer is too long.")
        except httpx2.TransportError as problem:
            raise CybertipError(Trouble.UNREACHED, "It could not be reached.") from problem
        if answer.status_code in {401, 403}:
            raise CybertipError(Trouble.ACCESS, "It refused the credentials.")
        # Refusals come with their code in the body, under whatever status.
        if answer.status_code != OK and b"responseCode" not in body:
            raise CybertipError(Trouble.SERVER, f"It answered HTTP {answer.status_code}.")
        return body


_TROUBLES: Final[Mapping[int, Trouble]] = {
    1000: Trouble.SERVER,
    2000: Trouble.ACCESS,
    3000: Trouble.ACCESS,
    3100: Trouble.ACCESS,
    4100: Trouble.INVALID,
    GONE: Trouble.GONE,
    FINISHED: Trouble.FINISHED,
}


def _by_range(code: int) -> Trouble:
    """Read a code that nobody wrote down by its thousands, as the known ones go."""
    thousands = {1: Trouble.SERVER, 2: Trouble.ACCESS, 3: Trouble.ACCESS, 4: Trouble.INVALID}
    return thousands.get(code // 1000, Trouble.STRANGE)


def _text(root: etree._Element, name: str) -> str:
    found = root.findtext(f"{{*}}{name}") or root.findtext(name) or ""
    if not found.strip():
        raise CybertipError(Trouble.STRANGE, f"The answer has no {name}.")
    return found.strip()
