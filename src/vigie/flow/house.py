# SPDX-License-Identifier: Apache-2.0
"""What every verb is given: settings, law, clock and the keyed pseudonyms.

Built once per process from Django's settings; tests build their own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

from vigie import keys
from vigie.core import addresses
from vigie.core.clock import Clock, SystemClock
from vigie.core.errors import UnavailableError
from vigie.core.territory import everywhere
from vigie.journal.keyed import Keyed, pseudonym_of
from vigie.law import LawTable, load
from vigie.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """The operator's installation as verbs see it."""

    settings: Settings
    law: LawTable
    clock: Clock = field(default_factory=SystemClock)
    pseudonym_key: bytes = b""

    def now(self) -> int:
        """Return the time in milliseconds since 1970 UTC."""
        return self.clock.now_ms()

    @property
    def everywhere(self) -> tuple[str, ...]:
        """The countries served and `*`."""
        return everywhere(self.settings.countries)

    def statement_token(self, decision_id: str, expires_at: int) -> str:
        """Return the unguessable part of a statement's address.

        Derived, not stored: the address can be shown again, and a copy of the
        store alone opens no page.
        """
        return addresses.statement_token(self.pseudonym_key, decision_id, expires_at)

    def pseudonym(self, service: str, author: str) -> str:
        """Return the keyed pseudonym of an author, as the doors make it.

        Raises UnavailableError where the key is not there (`vigie init`).
        """
        if not self.pseudonym_key:
            raise UnavailableError(
                "The key of the pseudonyms is missing.", code="no_key", fix="Run `vigie init`."
            )
        return pseudonym_of(Keyed(self.pseudonym_key), service, author)


def build(settings: Settings, clock: Clock | None = None) -> House:
    """Build the house of a data folder, with the law packs of the operator's own in it.

    Raises LawPackError, naming file and field, where one of these cannot be read.
    """
    name = keys.KeyName.PSEUDONYM
    own = settings.law_dir
    there = (settings.keys_dir / name).exists()
    return House(
        settings=settings,
        law=load(own if own.is_dir() else None),
        clock=clock or SystemClock(),
        pseudonym_key=keys.read(settings.keys_dir, name) if there else b"",
    )


@cache
def current() -> House:
    """Return the house that Django's settings name; doors pass it to verbs."""
    from django.conf import settings  # noqa: PLC0415 - read when a door first asks

    return build(settings.VIGIE)
