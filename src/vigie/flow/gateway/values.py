# SPDX-License-Identifier: Apache-2.0
"""Documents that people write, read as the values of `core.gateway`."""

from __future__ import annotations

import re
from typing import Final, TypeVar

import msgspec
from django.utils.translation import gettext as _

from vigie.core.errors import InvalidInputError

T = TypeVar("T")
_AT: Final = re.compile(r" - at `\$\.?(?P<path>[^`]*)`")


def convert(document: object, kind: type[T]) -> T:
    """Return a document as a value. Raises InvalidInputError naming field and fix."""
    try:
        return msgspec.convert(document, kind)
    except msgspec.ValidationError as problem:
        said = str(problem)
        found = _AT.search(said)
        raise InvalidInputError(
            _("This does not fit."),
            field=(found["path"] if found else "") or None,
            fix=_AT.sub("", said) + ".",
        ) from None
