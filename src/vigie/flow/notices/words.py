# SPDX-License-Identifier: Apache-2.0
"""What a decision letter says, in the notifier's language; never the item's content."""

from __future__ import annotations

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from vigie.store.models import DisputeBody, Notice


def outcome_words(notice: Notice) -> str:
    """Return one sentence for each outcome: what a person decided about how many locations."""
    with translation.override(notice.language):
        return " ".join(sentences(notice))


def sentences(notice: Notice) -> list[str]:
    """Return the sentences in the language of the page."""
    found = [item.outcome for item in notice.items.all()]
    counts = {outcome: found.count(outcome) for outcome in set(found) if outcome}
    said = []
    if number := counts.get("restricted"):
        said.append(
            ngettext(
                "We have decided to restrict the content at %(number)s address that you named.",
                "We have decided to restrict the content at %(number)s addresses that you named.",
                number,
            )
            % {"number": number}
        )
    if number := counts.get("not_restricted"):
        said.append(
            ngettext(
                "We have not restricted the content at %(number)s address that you named.",
                "We have not restricted the content at %(number)s addresses that you named.",
                number,
            )
            % {"number": number}
        )
    if number := counts.get("gone"):
        said.append(
            ngettext(
                "At %(number)s address there is nothing any more.",
                "At %(number)s addresses there is nothing any more.",
                number,
            )
            % {"number": number}
        )
    if set(counts) - {"gone"}:
        said.append(_("A person decided; no automated means were used to decide."))
    return said


def redress_words(language: str) -> str:
    """Return the out-of-court bodies that the operator names; empty where there are none."""
    bodies = list(DisputeBody.objects.filter(active=True).order_by("name"))
    if not bodies:
        return ""
    with translation.override(language):
        head = _("Out-of-court dispute settlement bodies:")
    return "\n".join([head, *(f"- {one.name}: {one.url}" for one in bodies)])
