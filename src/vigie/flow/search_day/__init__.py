# SPDX-License-Identifier: Apache-2.0
"""The day of a search: while one stands, nothing is deleted by anybody or anything.

A search freezes the whole house, not only what its warrant names: whether a row
lies within a scope would have to be judged under pressure, and a wrong answer
could not be undone. Nothing here hides, locks or destroys; there is no such
function, and none may be added.
"""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext as _

from vigie.core.errors import ConflictError
from vigie.store.models import SearchDay

STANDS: Final = "search_stands"
"""Code of every refusal to delete while a search stands."""


def standing() -> SearchDay | None:
    """Return the search that stands, the oldest of several; None where none does.

    Inside `transaction.writing` the answer holds until the commit: a search is
    opened in such a transaction too.
    """
    return SearchDay.objects.filter(closed_at=None).order_by("number").first()


def stops_deletion() -> bool:
    """Say whether deletion stands still: asked by every term, job and verb that deletes."""
    return SearchDay.objects.filter(closed_at=None).exists()


def check_deletion() -> None:
    """Raise ConflictError, naming the search, where deletion stands still."""
    found = standing()
    if found is not None:
        raise ConflictError(
            _("Search S-%(number)s stands: nothing is deleted until it is closed.")
            % {"number": found.number},
            code=STANDS,
            fix=_("Ask the legal desk when it will be closed."),
        )
