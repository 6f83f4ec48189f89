# SPDX-License-Identifier: Apache-2.0
"""What types cannot say about an item: lengths, formats, and that it is not private."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from vigie.core.errors import InvalidInputError
from vigie.core.item import Item, Visibility

MAX_TEXT: Final = 100_000
"""Code points of one text."""
MAX_MEDIA: Final = 20
MAX_MEDIA_BASE64: Final = 28 * 2**20
MAX_LINKS: Final = 200
MAX_NAME: Final = 512
MAX_URL: Final = 8_192
MAX_INT: Final = 2**53 - 1

MAX_COUNTRIES: Final = 300

# `\Z`, never `$`: a line feed at the end is part of the value.
_COUNTRY: Final = re.compile(r"[A-Z]{2}\Z")
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*\Z")
_TIME: Final = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)\Z", re.ASCII
)
_DIGESTS: Final = {
    "sha256": re.compile(r"[0-9a-f]{64}\Z"),
    "md5": re.compile(r"[0-9a-f]{32}\Z"),
    "pdq": re.compile(r"[0-9a-f]{64}\Z"),
}
CONTROL: Final = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


def check_item(item: Item, at: str = "") -> None:
    """Raise InvalidInputError where an item breaks a rule that types cannot say."""
    if item.visibility is Visibility.PRIVATE:
        raise _bad(
            at,
            "visibility",
            "private_screening_off",
            "Private items are not screened; nothing of it was kept.",
            "Do not send private messages: a signed authorisation is needed first.",
        )
    if item.text is None and not item.media and not item.links:
        raise _bad(
            at, "text", "empty_item", "There is nothing to screen.", "Send text, media or links"
        )
    _check_names(item, at)
    _check_text(item, at)
    _check_places(item, at)
    _check_media(item, at)


def _check_names(item: Item, at: str) -> None:
    names = [("id", item.id), ("author.id", item.author.id), ("service", item.service)]
    if item.context is not None:
        names.append(("context.in_reply_to", item.context.in_reply_to or "-"))
        names.append(("context.generated_by", item.context.generated_by or "-"))
    for field, value in names:
        if not value or len(value) > MAX_NAME or CONTROL.search(value):
            raise _bad(
                at,
                field,
                "bad_name",
                f"{field} is empty, too long or holds control characters.",
                f"Send 1 to {MAX_NAME} characters.",
            )
    if not 1 <= item.version <= MAX_INT:
        raise _bad(at, "version", "bad_version", "The version is out of range.", "Count from 1.")
    if not (
        0 <= item.author.strikes <= MAX_INT and 0 <= (item.author.account_age_days or 0) <= MAX_INT
    ):
        raise _bad(
            at,
            "author",
            "bad_number",
            "account_age_days or strikes is out of range.",
            "Count from 0.",
        )


def _check_text(item: Item, at: str) -> None:
    text = item.text
    if text is None:
        return
    if len(text) > MAX_TEXT:
        raise _bad(
            at,
            "text",
            "text_too_long",
            f"The text has {len(text)} characters.",
            f"Send at most {MAX_TEXT} characters; cut longer texts into several items.",
        )
    if "\x00" in text:
        raise _bad(at, "text", "nul_character", "The text holds NUL.", "Remove U+0000.")
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise _bad(
                at,
                "text",
                "lone_surrogate",
                "The text has a lone surrogate.",
                "Send valid UTF-8.",
            ) from None


def _check_places(item: Item, at: str) -> None:
    if item.countries is not None and not 0 < len(item.countries) <= MAX_COUNTRIES:
        raise _bad(
            at,
            "countries",
            "bad_countries",
            "The list of countries is empty or too long.",
            "Name the countries where it can be seen, or leave the field out for everywhere.",
        )
    for number, country in enumerate(item.countries or ()):
        if not _COUNTRY.match(country):
            raise _bad(
                at,
                f"countries[{number}]",
                "bad_country",
                "The country is no ISO 3166 code.",
                "Send two capital letters, such as FR.",
            )
    if item.author.country is not None and not _COUNTRY.match(item.author.country):
        raise _bad(
            at,
            "author.country",
            "bad_country",
            "The country is no ISO 3166 code.",
            "Send FR, DE, ...",
        )
    if item.language is not None and not _LANGUAGE.match(item.language):
        raise _bad(
            at,
            "language",
            "bad_language",
            "The language is no BCP 47 tag.",
            "Send fr, de, pt-BR, ...",
        )
    if item.created_at is not None and not is_time(item.created_at):
        raise _bad(
            at,
            "created_at",
            "bad_time",
            "The time is not RFC 3339 with a zone.",
            "Send 2026-11-22T20:00:00Z.",
        )
    if len(item.links) > MAX_LINKS:
        raise _bad(at, "links", "too_many_links", "There are too many links.", f"Send {MAX_LINKS}.")
    _check_link(item.url, at, "url")
    for number, link in enumerate(item.links):
        _check_link(link, at, f"links[{number}]")


def _check_link(link: str | None, at: str, field: str) -> None:
    if link is not None and (not link or len(link) > MAX_URL or CONTROL.search(link)):
        raise _bad(at, field, "bad_link", "The address does not read.", "Send one URL.")


def _check_media(item: Item, at: str) -> None:
    if len(item.media) > MAX_MEDIA:
        raise _bad(at, "media", "too_many_media", "There are too many media.", f"Send {MAX_MEDIA}.")
    for number, one in enumerate(item.media):
        where = f"media[{number}]"
        if one.base64 is None and one.url is None and not (one.sha256 or one.md5 or one.pdq):
            raise _bad(
                at, where, "empty_media", "The medium is empty.", "Send base64, hashes or url."
            )
        if one.base64 is not None and len(one.base64) > MAX_MEDIA_BASE64:
            raise _bad(
                at,
                f"{where}.base64",
                "media_too_large",
                "The file is too large.",
                f"Send at most {MAX_MEDIA_BASE64 // 2**20 * 3 // 4} MB, or hashes only.",
            )
        _check_link(one.url, at, f"{where}.url")
        if one.pdq_quality is not None and not 0 <= one.pdq_quality <= 100:
            raise _bad(
                at, f"{where}.pdq_quality", "bad_number", "A quality is 0 to 100.", "Leave it out."
            )
        for name, pattern in _DIGESTS.items():
            value = getattr(one, name)
            if value is not None and not pattern.match(value):
                raise _bad(
                    at,
                    f"{where}.{name}",
                    "bad_hash",
                    f"{name} is not lower-case hexadecimal of the right length.",
                    "Send the digest in lower case.",
                )


def is_time(text: str) -> bool:
    """Say whether a text is a time of RFC 3339 with a zone, one that exists."""
    if not _TIME.match(text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _bad(at: str, field: str, code: str, message: str, fix: str) -> InvalidInputError:
    path = f"{at}.{field}" if at else field
    return InvalidInputError(message, code=code, field=path, fix=fix)
