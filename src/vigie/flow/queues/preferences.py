# SPDX-License-Identifier: Apache-2.0
"""What a person reads and is not given: their own word, without a reason."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from django.utils.translation import gettext as _

from vigie.core.errors import InvalidInputError
from vigie.law.categories import load
from vigie.store.models import User

MOST: Final = 20
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8})?")


def set_preferences(user: User, languages: Iterable[str], barred: Iterable[str]) -> None:
    """Say which languages a person reads and which categories they are not given.

    Raises InvalidInputError for what is no language or no category.
    """
    read = list(dict.fromkeys(one.strip().lower() for one in languages if one.strip()))
    if len(read) > MOST or not all(_LANGUAGE.fullmatch(one) for one in read):
        raise InvalidInputError(
            _("These are no languages."), code="bad_languages", field="languages",
            fix=_("Write codes such as fr, de, ar; at most %(most)s.") % {"most": MOST},
        )  # fmt: skip
    known = load()
    left = [code for code in dict.fromkeys(barred) if code]
    if not set(left) <= set(known):
        raise InvalidInputError(_("There is no such category."), code="no_category", field="barred")
    user.languages, user.barred = read, left
    user.save(update_fields=["languages", "barred"])
