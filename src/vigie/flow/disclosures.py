# SPDX-License-Identifier: Apache-2.0
"""Public texts that the law asks for, each version kept: contact points, terms, recommender.

Art. 11 to 14 and 27 DSA. A new version never erases the one before: the page
shows the history, the log proves it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Final

from django.db.models import Max

from vigie.core.errors import InvalidInputError
from vigie.flow import records
from vigie.flow.house import House
from vigie.flow.transaction import writing
from vigie.store.models import Disclosure, DisclosureKind

PUBLISHED: Final = "disclosure.published"
LANGUAGES: Final = ("en", "fr", "de")
MAX_TEXT: Final = 20_000


def publish_disclosure(house: House, kind: str, texts: Mapping[str, str], by: str) -> Disclosure:
    """Publish a public text as its next version; languages left out show another one.

    Raises InvalidInputError for an unknown kind, no text, or one that is too long.
    """
    meant, said = check_disclosure(kind, texts)
    now = house.now()
    with writing():
        same = Disclosure.objects.filter(kind=meant.value)
        version = (same.aggregate(last=Max("version"))["last"] or 0) + 1
        plain = {"disclosure": meant.value, "version": version, "sha256": _digests(said)}
        draft = records.draft(PUBLISHED, now, plain, {"by": by})
        records.append_one(draft)
        return Disclosure.objects.create(
            kind=meant.value,
            version=version,
            texts=said,
            published_by=by,
            published_at=now,
            record_id=draft.record_id,
        )


def check_disclosure(kind: str, texts: Mapping[str, str]) -> tuple[DisclosureKind, dict[str, str]]:
    """Return kind and texts, or raise InvalidInputError naming the field."""
    if kind not in set(DisclosureKind):
        raise InvalidInputError(
            f"There is no public text {kind!r}.",
            field="kind",
            fix=f"Choose from: {', '.join(DisclosureKind)}.",
        )
    unknown = sorted(set(texts) - set(LANGUAGES))
    if unknown:
        raise InvalidInputError("The languages are en, fr and de.", field=unknown[0])
    said = {name: text.strip() for name, text in texts.items() if text.strip()}
    if not said:
        raise InvalidInputError(
            "There is no text.", field="en", fix="Write it in one language at least."
        )
    for name, text in said.items():
        if len(text) > MAX_TEXT:
            raise InvalidInputError(f"At most {MAX_TEXT:,} characters.", field=name)
    return DisclosureKind(kind), said


def in_force() -> dict[str, Disclosure]:
    """Return the newest version of every public text."""
    return {row.kind: row for row in Disclosure.objects.order_by("version")}


def text_in(row: Disclosure, language: str) -> tuple[str, str]:
    """Return a text and the language it is in: the reader's, else English, else any."""
    for name in (language, *LANGUAGES):
        if row.texts.get(name):
            return row.texts[name], name
    return "", language


def _digests(texts: Mapping[str, str]) -> dict[str, str]:
    return {name: hashlib.sha256(text.encode()).hexdigest() for name, text in texts.items()}
