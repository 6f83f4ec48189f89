# SPDX-License-Identifier: Apache-2.0
"""One key pair per record, wrapped to a lane's recipients; who seals holds no secret.

`recipients.json` holds public keys only: every process that seals reads it. A
record's content is age to a key of its own; that key is age to the recipients of
its epoch. Deleting the small blob shreds the record (evidence 6.1). Lane `child`
has recipients of its own; its epoch's private half exists only encrypted twice,
to two officers of a pair (2 of n, n at most `MAX_OFFICERS`).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Final

import msgspec

from vigie.core.errors import InvalidInputError, UnavailableError
from vigie.evidence import age

GENERAL: Final = "general"
CHILD: Final = "child"
MAX_OFFICERS: Final = 5
FILE: Final = "recipients.json"


class Lane(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """To whom a lane's records are wrapped now."""

    epoch: int
    recipients: tuple[str, ...]


class CustodyLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A recorded basis for keeping bytes of class `child`: where, and until when."""

    basis: int
    country: str
    ends_at: int


class Recipients(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every sealing process may know."""

    v: int = 1
    general: Lane | None = None
    child: Lane | None = None
    custody: tuple[CustodyLine, ...] = ()

    def lane(self, name: str) -> Lane:
        """Return a lane. Raises UnavailableError where it was never set up."""
        found = self.child if name == CHILD else self.general
        if found is None:
            raise UnavailableError(
                f"The vault has no recipients of lane {name}.",
                code="no_vault",
                fix="Run `vigie vault init`.",
            )
        return found


def load(folder: Path) -> Recipients:
    """Return the public keys; an empty set before `vigie vault init`.

    Raises UnavailableError where the file is there and cannot be read: nothing
    is sealed to nobody.
    """
    try:
        return msgspec.json.decode((folder / FILE).read_bytes(), type=Recipients)
    except FileNotFoundError:
        return Recipients()
    except (OSError, msgspec.MsgspecError) as problem:
        raise UnavailableError(
            "The recipients of the vault cannot be read.",
            code="recipients_broken",
            fix="Run `vigie vault check`.",
            diagnostics=type(problem).__name__,
        ) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A record as it is kept: nothing of it opens without the lane's identity."""

    evidence_id: str
    ciphertext: bytes
    recipient: str
    wrapped: str
    epoch: int
    sha256: str
    size: int


def seal(data: bytes, lane: Lane) -> Sealed:
    """Encrypt bytes under a key of their own and wrap that key; the key is forgotten here."""
    own = age.generate()
    return Sealed(
        evidence_id=secrets.token_hex(16),
        ciphertext=age.encrypt(data, [own.recipient]),
        recipient=own.recipient,
        wrapped=wrap(own.secret, lane.recipients),
        epoch=lane.epoch,
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
    )


def wrap(secret: str, recipients: Sequence[str]) -> str:
    """Return an identity encrypted to recipients, as text."""
    return base64.b64encode(age.encrypt(secret.encode("ascii"), recipients)).decode("ascii")


def unwrap(wrapped: str, identities: Sequence[str]) -> str:
    """Return the identity inside. Raises UnavailableError `age_refused`."""
    return age.decrypt(_raw(wrapped), identities).decode("ascii", "replace")


def check_digest(data: bytes, sha256: str) -> bytes:
    """Return opened bytes where they are what was sealed.

    Raises UnavailableError `not_what_was_sealed` where another file stands in its place.
    """
    if not secrets.compare_digest(hashlib.sha256(data).hexdigest(), sha256):
        raise UnavailableError(
            "The file is not what was sealed.",
            code="not_what_was_sealed",
            fix="Run `vigie vault check`.",
        )
    return data


def pairs(officers: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return every pair of officers by name, each in order of names.

    Raises InvalidInputError for fewer than two, more than `MAX_OFFICERS`, or
    one key that stands for two people: then one could open alone.
    """
    keys = {age.check_recipient(one) for one in officers.values()}
    if not 2 <= len(officers) <= MAX_OFFICERS or len(keys) != len(officers):
        raise InvalidInputError(
            "Two to five officers open together, each with a key of their own.",
            code="officers",
            field="officers",
            fix="Name 2 to 5 people with different keys.",
        )
    return list(combinations(sorted(officers), 2))


def split(secret: str, officers: Mapping[str, str]) -> dict[str, bytes]:
    """Return an epoch's identity as age(age(., A), B) for each pair, by name of the pair."""
    made = {}
    for first, second in pairs(officers):
        inner = age.encrypt(secret.encode("ascii"), [officers[first]])
        made[f"{first}+{second}"] = age.encrypt(inner, [officers[second]])
    return made


def join(blob: bytes, first: str, second: str) -> str:
    """Return the epoch's identity from a pair's blob and both secrets, in either order.

    Raises UnavailableError `age_refused` where they are not the two of the pair.
    """
    for inner, outer in ((first, second), (second, first)):
        try:
            return age.decrypt(age.decrypt(blob, [outer]), [inner]).decode("ascii")
        except UnavailableError:
            continue
    raise UnavailableError("These two keys do not open it together.", code="age_refused")


def _raw(wrapped: str) -> bytes:
    try:
        return base64.b64decode(wrapped, validate=True)
    except binascii.Error:
        raise UnavailableError("The wrapped key is damaged.", code="age_refused") from None
