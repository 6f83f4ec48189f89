# SPDX-License-Identifier: Apache-2.0
"""Texts of mails: those that ship, and the operator's own in `<data>/letters/`.

A text is plain: its first line is the subject, `$name` is replaced, nothing is
ever run. One that cannot be used is named by `vigie letter check`; the mail is
then sent with the text that ships, so that nobody waits for a typing error.
"""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import Final, NamedTuple
from unicodedata import category

from vigie.core.errors import InvalidInputError, NotFoundError
from vigie.flow.letters.known import MAILS, Book
from vigie.law.wording import LANGUAGES

MOST: Final = 20_000
"""Characters of a text."""
SUBJECT: Final = 150


class Mail(NamedTuple):
    """What a person reads."""

    subject: str
    body: str


class Checked(NamedTuple):
    """One text and what is wrong with it."""

    template: str
    language: str
    own: bool
    """True: the operator's."""
    problem: str
    """Empty: it is used."""


def file_name(template: str, language: str) -> str:
    """Return the name of a text, here and in the operator's folder."""
    return f"{template}.{language}.txt"


def known_language(language: str) -> str:
    """Return a language that has texts: the one asked for, or English."""
    short = language.split("-", maxsplit=1)[0].lower()
    return short if short in LANGUAGES else "en"


def shipped(template: str, language: str, book: Book = MAILS) -> str:
    """Return the text that ships. Raises NotFoundError for an unknown template."""
    if template not in book.templates or language not in LANGUAGES:
        raise NotFoundError(
            f"There is no mail {template!r}.",
            code="no_template",
            fix=f"Choose from: {', '.join(book.templates)}.",
        )
    return resources.files(book.package).joinpath(file_name(template, language)).read_text("utf-8")


def own(folder: Path, template: str, language: str, book: Book = MAILS) -> str | None:
    """Return the operator's text, None where there is none.

    Raises InvalidInputError where it cannot be used, naming file and reason.
    """
    path = folder / file_name(template, language)
    try:
        raw = path.read_bytes() if path.is_file() else None
    except OSError as problem:
        raise _unusable(path.name, "it cannot be read") from problem
    if raw is None:
        return None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise _unusable(path.name, "it is not UTF-8") from problem
    check(path.name, template, text, book)
    return text


def check(name: str, template: str, text: str, book: Book = MAILS) -> None:
    """Raise InvalidInputError where a text cannot stand for a template."""
    known = book.templates[template]
    if len(text) > MOST:
        raise _unusable(name, f"it has more than {MOST} characters")
    parsed = string.Template(text)
    if not parsed.is_valid():
        raise _unusable(name, "a $ stands alone", fix="Write $$ for the sign itself.")
    used = set(parsed.get_identifiers())
    for strange in sorted(used - known.names):
        fix = f"Choose from: {', '.join(f'${one}' for one in sorted(known.names))}."
        raise _unusable(name, f"there is no ${strange}", fix=fix)
    for missing in sorted(known.needs - used):
        raise _unusable(name, f"${missing} is missing", fix=f"Write ${missing} into it.")
    subject, body = _parts(text)
    if not subject.strip() or not body.strip():
        raise _unusable(name, "subject or text is empty", fix="The first line is the subject.")


def _unusable(name: str, why: str, fix: str | None = None) -> InvalidInputError:
    return InvalidInputError(
        f"{name} is not used: {why}.", code="bad_template", field=name, fix=fix
    )


def _parts(text: str) -> tuple[str, str]:
    subject, _, body = text.partition("\n")
    return subject, body.strip("\r\n") + "\n"


def checked(folder: Path, book: Book = MAILS) -> Iterator[Checked]:
    """Look at every text that would be used, and at files that stand for none."""
    for template in book.templates:
        for language in LANGUAGES:
            try:
                there = own(folder, template, language, book) is not None
            except InvalidInputError as problem:
                words = f"{problem.message} {problem.fix or ''}".strip()
                yield Checked(template, language, own=True, problem=words)
            else:
                yield Checked(template, language, own=there, problem="")
    known = {file_name(one, language) for one in book.templates for language in LANGUAGES}
    for path in sorted(folder.glob("*")) if folder.is_dir() else ():
        if path.name not in known and not path.is_dir():
            yield Checked(path.name, "", own=True, problem=f"{path.name} stands for no mail.")


def render(
    folder: Path, template: str, language: str, values: Mapping[str, str], book: Book = MAILS
) -> Mail:
    """Return the mail in a language, by the operator's text if it can be used.

    Raises NotFoundError for a template that does not exist. A value that is
    not given is empty.
    """
    spoken = known_language(language)
    ships = shipped(template, spoken, book)
    try:
        text = own(folder, template, spoken, book) or ships
    except InvalidInputError:
        text = ships
    named = {name: values.get(name, "") for name in book.templates[template].names}
    subject, body = _parts(text)
    filled = string.Template(subject).substitute(named)
    return Mail(
        " ".join(_plain(filled).split())[:SUBJECT],
        _tidy(string.Template(body).substitute(named)),
    )


def _plain(text: str) -> str:
    """Put a space in the place of every control sign: none ends a header or hides words."""
    return "".join(" " if category(one) == "Cc" and one != "\n" else one for one in text)


def _tidy(body: str) -> str:
    """Close the gaps that empty values leave, drop signs that no text needs."""
    lines = [line.rstrip() for line in _plain(body).split("\n")]
    kept = [line for n, line in enumerate(lines) if line or (n and lines[n - 1])]
    return "\n".join(kept).strip() + "\n"


def preview(folder: Path, template: str, language: str, book: Book = MAILS) -> Mail:
    """Return a mail filled with sample values."""
    return render(folder, template, language, book.sample, book)
