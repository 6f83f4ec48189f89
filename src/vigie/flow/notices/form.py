# SPDX-License-Identifier: Apache-2.0
"""A notice as somebody gives it, and what is checked before anything is written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final
from unicodedata import category as sign_class

from vigie.core import locations
from vigie.core.errors import InvalidInputError
from vigie.flow.intimate.hashes import from_documents
from vigie.flow.letters import check_address
from vigie.flow.notices.locate import locate
from vigie.law import categories
from vigie.law.categories import Category
from vigie.store.models import ApiKey, NoticeKind

MAX_LOCATIONS: Final = 100
MAX_LOCATION: Final = 2_000
MAX_EXPLANATION: Final = 10_000
MAX_NAME: Final = 200
MAX_HASHES: Final = 20
CHILD: Final = "child"
INTIMATE: Final = "intimate"
_LANGUAGE: Final = ("en", "fr", "de")
_COUNTRY: Final = re.compile(r"[A-Z]{2}\Z")


class Channel(StrEnum):
    """Through which door it came."""

    PORTAL = "portal"
    API = "api"
    """The platform's own button."""
    FLAGGER = "flagger"
    """A key of scope `flagger`; trusted only while the status of Art. 22 DSA holds."""


class ChildChoice(StrEnum):
    """What there is, in the category `child`: a choice takes the place of words."""

    PICTURE = "picture"
    ACCOUNT = "account"
    CONTACT = "contact"
    UNSURE = "unsure"


class Missing(StrEnum):
    """Elements of Art. 16(2) DSA; the location and good faith are never missing."""

    EXPLANATION = "explanation"
    NAME = "name"
    EMAIL = "email"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeForm:
    """What is given; `check_notice` returns it cleaned."""

    channel: Channel
    category: str
    locations: tuple[str, ...]
    kind: NoticeKind = NoticeKind.ILLEGAL
    explanation: str = ""
    """In the category `child` a word of `ChildChoice`, or nothing."""
    good_faith: bool = False
    name: str = ""
    email: str = ""
    on_behalf: bool = False
    under_age: bool = False
    language: str = "en"
    country: str = ""
    service: str = ""
    """The product; empty: whichever the location names, else `default`."""
    hashes: tuple[Mapping[str, Any], ...] = ()
    """Made by the notifier's browser; they find, they decide nothing."""
    user: str = ""
    """The platform's own name of the notifier; kept as a pseudonym only."""
    files: tuple[int, ...] = ()
    """Sealed attachments, by number (`flow.notices.attach`)."""
    key: ApiKey | None = None
    token: str = ""
    """Of this very form: sent again, it is the same notice."""

    @property
    def about(self) -> Category:
        """The category's rules; InvalidInputError for an unknown one."""
        return category_of(self.category)


def category_of(code: str) -> Category:
    """Return a category. Raises InvalidInputError, naming the codes."""
    found = categories.load().get(code)
    if found is None:
        raise InvalidInputError(
            "Choose what the notice is about.",
            code="no_category",
            field="category",
            fix=f"Choose from: {', '.join(categories.load())}.",
        )
    return found


def check_notice(given: NoticeForm) -> NoticeForm:
    """Return the notice cleaned; raises InvalidInputError for the first thing that does not fit.

    Incomplete notices are taken all the same (`missing_elements`).
    """
    about = given.about
    if given.under_age and about.code == INTIMATE:
        # A picture of somebody under 18 follows the rules of the category `child`.
        given = replace(given, category=CHILD)
        about = given.about
    hashes = check_hashes(given, about)
    cleaned = replace(
        given,
        locations=_locations(given, only_hashes=bool(hashes)),
        hashes=hashes,
        explanation=check_explanation(given.explanation),
        name=check_name(given.name),
        email=check_address(given.email) if given.email.strip() else "",
        language=given.language if given.language in _LANGUAGE else "en",
        country=given.country if _COUNTRY.match(given.country) else "",
    )
    if cleaned.kind is NoticeKind.TERMS and not about.terms:
        raise InvalidInputError(
            "This is a matter of law, not of the terms alone.",
            code="not_terms",
            field="kind",
            fix="Give it as a notice of illegal content.",
        )
    if cleaned.kind is NoticeKind.ILLEGAL and not cleaned.good_faith:
        raise InvalidInputError(
            "Say that you believe in good faith that what you state is right and complete.",
            code="no_good_faith",
            field="good_faith",
            fix="Article 16(2)(d) of Regulation (EU) 2022/2065 asks for it.",
        )
    if about.anonymous:
        _check_anonymous(cleaned)
    return cleaned


def _check_anonymous(given: NoticeForm) -> None:
    """Raise where more was given than is taken: it would only be kept for nothing."""
    for field, value in (("name", given.name), ("email", given.email), ("user", given.user)):
        if value:
            raise InvalidInputError(
                "Here nobody is asked who they are, and no name is taken.",
                code="not_taken",
                field=field,
                fix="Leave it out.",
            )
    if given.explanation and given.explanation not in set(ChildChoice):
        raise InvalidInputError(
            "Here no words are taken, only addresses and a choice.",
            code="not_taken",
            field="explanation",
            fix=f"Choose from: {', '.join(ChildChoice)}; or leave it out.",
        )


def check_hashes(given: NoticeForm, about: Category) -> tuple[dict[str, Any], ...]:
    """Return the hashes of a person's own device, cleaned; of the category `intimate` alone."""
    if about.code != INTIMATE:
        return ()
    return tuple(one.plain() for one in from_documents(given.hashes))


def _locations(given: NoticeForm, *, only_hashes: bool) -> tuple[str, ...]:
    """Return the addresses; who has hashes of a picture need not know where it is."""
    named = any(one.strip() for one in given.locations)
    return () if only_hashes and not named else check_locations(given.locations)


def missing_elements(given: NoticeForm) -> list[str]:
    """Return which elements of Art. 16(2) DSA are not there; none where the law waives them."""
    if given.kind is NoticeKind.TERMS:
        return []
    found = {Missing.EXPLANATION: given.explanation}
    if not given.about.anonymous:
        found |= {Missing.NAME: given.name, Missing.EMAIL: given.email}
    return [element.value for element, value in found.items() if not value]


def check_locations(given: Iterable[str]) -> tuple[str, ...]:
    """Return the addresses once each; two spellings of one are one.

    Raises InvalidInputError for none, for more than 100, and for what cannot
    name anything: the fix says how an address looks.
    """
    found: dict[str, str] = {}
    for one in given:
        text = clean_line(one)
        if text:
            found.setdefault(locations.canonical(text), text)
    if not found:
        raise InvalidInputError(
            "Say where it is.",
            code="no_location",
            field="locations",
            fix="Copy the address of the page, such as https://example.org/p/123.",
        )
    if len(found) > MAX_LOCATIONS:
        raise InvalidInputError(
            f"At most {MAX_LOCATIONS} addresses in one notice; these are {len(found)}.",
            code="too_many",
            field="locations",
            fix="Send the others in a second notice. Nothing of them is lost here.",
        )
    for text in found.values():
        _check_location(text)
    return tuple(found.values())


def _check_location(text: str) -> None:
    written = len(text) <= MAX_LOCATION and not any(sign.isspace() for sign in text)
    # A platform may number its items with a scheme of its own.
    if not written or not (locations.is_plausible(text) or locate(text).known):
        raise InvalidInputError(
            "This is no address of a page.",
            code="no_address",
            field="locations",
            fix="Copy the address of the page, such as https://example.org/p/123.",
        )


def check_explanation(text: str) -> str:
    """Return the words without what no database takes; InvalidInputError beyond 10,000 signs."""
    cleaned = _storable(text).strip()
    if len(cleaned) > MAX_EXPLANATION:
        raise InvalidInputError(
            f"At most {MAX_EXPLANATION:,} characters; these are {len(cleaned):,}.",
            code="text_too_long",
            field="explanation",
            fix="Keep what shows why it is illegal; the rest can follow later.",
        )
    return cleaned


def check_name(text: str) -> str:
    """Return a name on one line; InvalidInputError beyond 200 signs."""
    cleaned = clean_line(text)
    if len(cleaned) > MAX_NAME:
        raise InvalidInputError(
            f"At most {MAX_NAME} characters.", code="text_too_long", field="name"
        )
    return cleaned


def clean_line(text: str) -> str:
    """Return text on one line: control signs are spaces, spaces at the ends go."""
    return "".join(" " if sign_class(one) == "Cc" else one for one in _storable(text)).strip()


def _storable(text: str) -> str:
    """Drop halves of surrogate pairs and NUL, which no database keeps."""
    return text.encode("utf-8", "ignore").decode().replace("\0", "").replace("\r\n", "\n")
