# SPDX-License-Identifier: Apache-2.0
"""The way out for mails: Django's backends, named by one address.

What a server answered is the receipt. It says that the server took the mail,
never that a person has it. The password is read from a file, never from the
address; it goes over TLS or to this machine only.
"""

from __future__ import annotations

import smtplib
from collections.abc import Mapping, Sequence
from email.utils import format_datetime, formataddr, parseaddr
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import SplitResult, unquote, urlsplit

from django.core.mail import EmailMessage
from django.core.mail.backends import console, filebased, smtp
from django.core.mail.backends.base import BaseEmailBackend

from vigie.core.errors import InvalidInputError
from vigie.flow.house import House
from vigie.flow.letters.wording import Mail
from vigie.flow.statement_text import moment
from vigie.settings import Settings

TIMEOUT_S: Final = 20
MOST_RESPONSE: Final = 200
_PORTS: Final[Mapping[str, int]] = {"smtp": 25, "smtp+tls": 587, "smtps": 465}
_LOCAL: Final = ("localhost", "127.0.0.1", "::1")
UNREACHABLE: Final = "unreachable"
"""The server did not answer, or let nobody in: it concerns every mail alike."""
_PERMANENT: Final = 500


class Handed(NamedTuple):
    """What came of handing one mail over."""

    status: int
    """Reply code of the server; 0 without an answer."""
    delivered: bool
    """Accepted by the server."""
    gone: bool
    """Refused for good: trying again is of no use."""
    problem: str = ""
    response: str = ""
    """The server's words, without the address."""


class MailFile(NamedTuple):
    """A document that goes with a mail."""

    name: str
    data: bytes
    mime: str


class _Kept(smtplib.SMTP):
    """Keeps the server's answer to the last mail."""

    answer: tuple[int, bytes] = (0, b"")

    def data(self, msg: Any) -> tuple[int, bytes]:
        """Send the mail's text and keep what is answered."""
        self.answer = super().data(msg)
        return self.answer


class _KeptTls(_Kept, smtplib.SMTP_SSL):
    """The same over TLS from the start."""


class _Smtp(smtp.EmailBackend):
    """Django's backend over connections that keep the answer."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _KeptTls if self.use_ssl else _Kept


def is_configured(settings: Settings) -> bool:
    """Say whether mails leave at all."""
    return bool(settings.mail_url)


def check(settings: Settings) -> None:
    """Raise InvalidInputError where the mail settings cannot work; sends nothing."""
    if is_configured(settings):
        backend(settings)
        sender(settings)


def backend(settings: Settings) -> BaseEmailBackend:
    """Return the backend that the settings name. Raises InvalidInputError."""
    parts = urlsplit(settings.mail_url)
    if parts.scheme == "console":
        return console.EmailBackend()
    if parts.scheme == "file":
        Path(parts.path).mkdir(parents=True, exist_ok=True)
        return filebased.EmailBackend(file_path=parts.path)
    if parts.scheme in _PORTS and parts.hostname:
        return _over_smtp(settings, parts)
    raise _unusable(
        "VIGIE_MAIL_URL is not understood.", "Write it as smtp+tls://user@host:587.", "MAIL_URL"
    )


def _over_smtp(settings: Settings, parts: SplitResult) -> BaseEmailBackend:
    if parts.password is not None:
        raise _unusable(
            "VIGIE_MAIL_URL holds a password.",
            "Put it into a file and name that with VIGIE_MAIL_PASSWORD_FILE.",
            "MAIL_URL",
        )
    password = _password(settings)
    if password and parts.scheme == "smtp" and parts.hostname not in _LOCAL:
        raise _unusable(
            "The password would cross the network in the clear.",
            "Use smtp+tls:// or smtps://.",
            "MAIL_URL",
        )
    return _Smtp(
        host=parts.hostname,
        port=parts.port or _PORTS[parts.scheme],
        username=unquote(parts.username or ""),
        password=password,
        use_tls=parts.scheme == "smtp+tls",
        use_ssl=parts.scheme == "smtps",
        timeout=TIMEOUT_S,
    )


def _password(settings: Settings) -> str:
    if not settings.mail_password_file:
        return ""
    try:
        return Path(settings.mail_password_file).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as problem:
        raise _unusable(
            "The mail password cannot be read.",
            "Name a readable file with VIGIE_MAIL_PASSWORD_FILE.",
            "MAIL_PASSWORD_FILE",
        ) from problem


def sender(settings: Settings) -> str:
    """Return the From of mails: address and operator's name. Raises InvalidInputError."""
    host = urlsplit(settings.base_url).hostname or "localhost"
    name, address = parseaddr(settings.mail_from or f"noreply@{host}")
    named = name or settings.operator or "Vigie"
    if address.count("@") != 1 or not (address + named).isprintable():
        raise _unusable("VIGIE_MAIL_FROM is no address.", "Write name@example.org.", "MAIL_FROM")
    return formataddr((named, address), charset="utf-8")


def _unusable(message: str, fix: str, name: str) -> InvalidInputError:
    return InvalidInputError(message, code="mail_settings", field=f"VIGIE_{name}", fix=fix)


class Mailer:
    """Hands mails over, all of one round on one connection.

    Once the server was not to be reached, the rest of the round is not tried:
    one pause instead of one for each mail.
    """

    def __init__(self, house: House) -> None:
        self._backend = backend(house.settings)
        self._from = sender(house.settings)
        self._domain = parseaddr(self._from)[1].rpartition("@")[2]
        self._down: Handed | None = None

    def hand(
        self,
        message_id: str,
        to: str,
        mail: Mail,
        language: str,
        at: int,
        files: Sequence[MailFile] = (),
    ) -> Handed:
        """Hand one mail over and say what came of it; never raises for the other side."""
        if self._down is not None:
            return self._down
        message = self._message(message_id, to, mail, language, at)
        for one in files:
            message.attach(*one)
        try:
            self._backend.open()
            self._backend.send_messages([message])
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError) as problem:
            return _refused(problem, to)
        except (OSError, smtplib.SMTPException) as problem:
            self._down = _unreachable(problem)
            return self._down
        except ValueError:  # the mail cannot be written: none of ours, but it must not block
            return Handed(0, delivered=False, gone=True, problem="unusable")
        return self._accepted(to)

    def close(self) -> None:
        """End the connection; a server that is already gone is no failure."""
        try:
            self._backend.close()
        except (OSError, smtplib.SMTPException):
            return

    def _message(
        self, message_id: str, to: str, mail: Mail, language: str, at: int
    ) -> EmailMessage:
        return EmailMessage(
            subject=mail.subject,
            body=mail.body,
            from_email=self._from,
            to=[to],
            headers={
                "Message-ID": f"<{message_id}@{self._domain}>",
                "Date": format_datetime(moment(at)),
                # RFC 3834: no answering machine answers, no loop begins.
                "Auto-Submitted": "auto-generated",
                "X-Auto-Response-Suppress": "All",
                "Content-Language": language,
            },
        )

    def _accepted(self, to: str) -> Handed:
        connection = getattr(self._backend, "connection", None)
        if not isinstance(connection, _Kept):
            return Handed(250, delivered=True, gone=False, response="written for a trial")
        code, words = connection.answer
        return Handed(code, delivered=True, gone=False, response=_words(words, to))


def _refused(problem: smtplib.SMTPRecipientsRefused | smtplib.SMTPDataError, to: str) -> Handed:
    if isinstance(problem, smtplib.SMTPRecipientsRefused):
        first: tuple[int, bytes | str] = next(iter(problem.recipients.values()), (0, b""))
    else:
        first = problem.smtp_code, problem.smtp_error
    code, words = first
    gone = code >= _PERMANENT
    return Handed(code, delivered=False, gone=gone, problem="refused", response=_words(words, to))


def _unreachable(problem: Exception) -> Handed:
    code = getattr(problem, "smtp_code", 0)
    return Handed(
        code if isinstance(code, int) else 0,
        delivered=False,
        gone=False,
        problem=UNREACHABLE,
        response=type(problem).__name__,
    )


def _words(given: bytes | str, to: str) -> str:
    """Return what a server said, without the address that it may repeat."""
    text = given.decode("utf-8", "replace") if isinstance(given, bytes) else given
    plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return plain.replace(to, "(address)")[:MOST_RESPONSE]
