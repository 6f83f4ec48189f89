# SPDX-License-Identifier: Apache-2.0
"""Column types that every subject of the store shares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    # The type plugin knows Django's own fields, null or not.
    MomentField = models.BigIntegerField
    IdField = models.CharField
    CodeField = models.CharField
else:

    class MomentField(models.BigIntegerField):
        """A moment: milliseconds since 1970 in UTC, as `core.clock` gives them.

        One integer on both databases: no time zone to lose, and raw inserts of
        the fold need no conversion. Templates write it with `core.clock.iso`.
        """

    class IdField(models.CharField):
        """An identifier given by Vigie or by the platform: opaque text.

        As long as the doors accept (512 characters): PostgreSQL refuses longer
        ones, and a row that the fold cannot write would stop it.
        """

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            kwargs.setdefault("max_length", 512)
            super().__init__(*args, **kwargs)

    class CodeField(models.CharField):
        """A word of a closed list: the value of a `StrEnum`, never a table."""

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            kwargs.setdefault("max_length", 64)
            super().__init__(*args, **kwargs)
