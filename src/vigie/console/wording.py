# SPDX-License-Identifier: Apache-2.0
"""Refusals of the verbs in the reader's language, and the fields of the form they belong to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from vigie.core.errors import VigieError

FIELDS: Final = {
    "territories": "territory",
    "grounds": "grounds",
    "confirmed": "grounds",
    "facts": "facts",
    "also": "also",
    "exemption": "exemption",
}
"""Field of a refusal to the part of the form at which it is said."""
_WORDS: Final[dict[str, _StrPromise]] = {
    "no_ground": gettext_lazy("A restriction rests on a ground: choose one."),
    "no_clause": gettext_lazy("No policy in force names this clause."),
    "no_offence": gettext_lazy("There is no such entry in the law data."),
    "not_a_ground": gettext_lazy("This entry is no ground for a decision."),
    "counsel_first": gettext_lazy("This provision needs local counsel before it is used."),
    "not_in_force": gettext_lazy("This provision is not in force today."),
    "no_territory": gettext_lazy("Choose at least one country."),
    "outside_ground": gettext_lazy("A chosen country has no ground here."),
    "ground_not_everywhere": gettext_lazy(
        "No chosen ground acts everywhere: disable access where a provision acts, "
        "or choose a clause of the terms."
    ),
    "unconfirmed": gettext_lazy(
        "An element of a chosen provision is not confirmed: confirm it, or leave the ground out."
    ),
    "names_notifier": gettext_lazy(
        "The facts name the person who gave notice: say what stands in the item, without them."
    ),
    "quotes_notice": gettext_lazy(
        "The facts quote the notice of the person concerned: use neutral words of your own."
    ),
    "claimed": gettext_lazy("Somebody else has this case."),
    "decided_meanwhile": gettext_lazy("It was decided meanwhile."),
    "no_proposal": gettext_lazy("Nothing waits here any more."),
    "not_your_queue": gettext_lazy("This case is not in your queues."),
    "hold_basis": gettext_lazy("Write the basis of the hold, in at most 2,000 characters."),
}


def of(problem: VigieError) -> str:
    """Say what stands in the way; what has no words of its own as it was said."""
    known = _WORDS.get(problem.code)
    return str(known) if known is not None else _(problem.message)
