# SPDX-License-Identifier: Apache-2.0
"""What is said of a complaint, in the person's language; never the item's content."""

from __future__ import annotations

from typing import Any, Final

from django.utils import translation
from django.utils.translation import gettext as _

from vigie.law import categories
from vigie.law.wording import wording
from vigie.store.models import Appeal, AppealBy, AppealState

TOOK_BACK: Final = ("visibility", "restricted", "strikes", "measures", "media", "entries")
"""What a reversal can name, in the order in which it is told."""


def is_discreet(appeal: Appeal) -> bool:
    """Say whether a mail must not tell a third person what it is about."""
    if appeal.notice_item is None:
        return False
    notice = appeal.notice_item.notice
    known = categories.load().get(notice.category)
    return notice.on_behalf or (known is not None and known.discreet)


def outcome_words(appeal: Appeal) -> str:
    """Return one sentence with the outcome, in the language of the appeal."""
    with translation.override(appeal.language):
        return outcome_of(appeal)


def outcome_of(appeal: Appeal) -> str:
    """Return one sentence with the outcome, in the language of the page."""
    if appeal.state == AppealState.GRANTED:
        if appeal.by == AppealBy.NOTIFIER and appeal.measure_id is None:
            return _("Your complaint was upheld: the content is now restricted.")
        return _("Your complaint was upheld: the first decision no longer stands.")
    if appeal.state == AppealState.PARTLY:
        return _("Your complaint was upheld in part.")
    if appeal.state == AppealState.REFUSED:
        return _("Your complaint was not upheld: the first decision stands.")
    if appeal.state == AppealState.WITHDRAWN:
        return _("You took your complaint back.")
    return _("Your complaint is being looked at.")


def taken_back(reversed_: dict[str, Any], language: str) -> list[str]:
    """Return a sentence for everything that a reversal took back."""
    words = wording(language)
    said = []
    for key in TOOK_BACK:
        found = reversed_.get(key)
        if found:
            said.append(_sentence(key, found, words.country_list))
    return said


def _sentence(key: str, found: Any, country_list: Any) -> str:
    if key in ("visibility", "restricted"):
        places = country_list(found) or _("all countries")
        if key == "visibility":
            return _("Visible again in: %(countries)s.") % {"countries": places}
        return _("Now restricted in: %(countries)s.") % {"countries": places}
    if key == "strikes":
        return _("The counted warning (strike) was taken back.")
    if key == "measures":
        return _("The warning or suspension that rested on it was lifted.")
    if key == "media":
        return _("The picture or file is no longer matched.")
    return _("Its entry in our list of known content was withdrawn.")
