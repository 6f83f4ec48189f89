# SPDX-License-Identifier: Apache-2.0
"""What the signatures of one document say, as plain values that cross a process."""

from __future__ import annotations

import msgspec


class Signer(msgspec.Struct, frozen=True, kw_only=True):
    """One signature as it was found."""

    certificate: str
    """SHA-256 of the signing certificate."""
    subject: str
    valid: bool = False
    """The bytes it covers are those that were signed."""
    whole: bool = False
    """It covers the whole document as it came."""
    current: bool = False
    """Its certificate was valid when the document came."""
    chained: bool = False
    """Its chain ends at an anchor."""
    qualified: bool = False
    problem: str = ""
    """A code, where something does not hold."""

    @property
    def holds(self) -> bool:
        """True where the signature itself is sound; whose it is says the directory."""
        return self.valid and self.whole and self.current


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What was found in one document."""

    kind: str = ""
    """`pdf`, `xml`, or empty: nothing that can carry a signature here."""
    signers: tuple[Signer, ...] = ()
    problem: str = ""
    """A code, where the document could not be checked at all."""

    @property
    def whole(self) -> tuple[Signer, ...]:
        """The signatures that hold and cover all of it."""
        return tuple(one for one in self.signers if one.holds)


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What the process is asked, before the document itself."""

    at: int
    """Milliseconds: certificates must be valid then."""
    plain: tuple[bytes, ...] = ()
    """Anchors in DER, for removal orders."""
    qualified: tuple[bytes, ...] = ()
    """Anchors of qualified signatures."""
