# SPDX-License-Identifier: Apache-2.0
"""What becomes of a medium's bytes where the law asks to keep them.

Bytes live in the request alone and are gone with it. Where an offence's duty
asks for them and its custody is `required` with high confidence, they are
offered to the vault first. There is no vault yet: the record says that they
were not preserved, and of everything else that the platform's copy must be
fetched again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol

from vigie.core.decision import Decision
from vigie.core.item import Media, Subject
from vigie.law import Entry

NO_VAULT: Final = "not preserved: no vault"
FETCH: Final = "not kept: fetch the platform's copy again"


class Preserver(Protocol):
    """Seals bytes to the vault before they are dropped."""

    def seal(self, media: list[Media]) -> str:
        """Keep the bytes, encrypted for the vault; return what the record says."""
        ...


class NoVault:
    """Keeps nothing, and says so."""

    def seal(self, media: list[Media]) -> str:  # noqa: ARG002 - nothing of it is looked at
        """Return that nothing was preserved."""
        return NO_VAULT


def copy_note(
    subject: Subject, decision: Decision, law: Mapping[str, Entry], preserver: Preserver
) -> str:
    """Return what the record of a decision says of the bytes; empty where there were none."""
    media = [one for one in subject.item.media if one.base64 is not None]
    if not media or not decision.has_effect:
        return ""
    grounds = {g.offence for a in decision.actions if a.state != "proposed" for g in a.grounds}
    required = any(law[name].keeps_bytes for name in grounds if name and name in law)
    return preserver.seal(media) if required else FETCH
