# SPDX-License-Identifier: Apache-2.0
"""Signatures of an order's documents, against the anchors and certificates of this house.

`<data>/trust/*.pem` are anchors for removal orders; `<data>/trust/qualified/*.pem` those of
qualified signatures, taken from a trusted list (Art. 22 Reg. (EU) 910/2014).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from asn1crypto import pem
from asn1crypto import x509 as asn1

from vigie.core.errors import UnavailableError
from vigie.exchange.signed.ask import ask
from vigie.exchange.signed.report import Question, Report
from vigie.flow.house import House

TRUST: Final = "trust"
QUALIFIED: Final = "qualified"


def check(house: House, data: bytes, at: int) -> Report:
    """Check the signatures of a document; certificates must be valid at `at`.

    Raises UnavailableError where an anchor cannot be read or too many documents wait.
    """
    return ask(data, question(house.settings.data_dir, at))


def question(data_dir: Path, at: int) -> Question:
    """Read the anchors. Half a list is none: a file that is no certificate raises."""
    folder = data_dir / TRUST
    return Question(
        at=at,
        plain=tuple(_certificates(sorted(folder.glob("*.pem")))),
        qualified=tuple(_certificates(sorted((folder / QUALIFIED).glob("*.pem")))),
    )


def _certificates(paths: Iterable[Path]) -> Iterator[bytes]:
    for path in paths:
        try:
            for _kind, _headers, der in pem.unarmor(path.read_bytes(), multiple=True):
                yield parsed(der)
        except (OSError, ValueError) as problem:
            raise UnavailableError(
                "An anchor of the signatures cannot be read.",
                code="anchor_unreadable",
                fix=f"Correct or remove {path}.",
            ) from problem


def parsed(der: bytes) -> bytes:
    """Return a certificate that could be read whole. Raises ValueError."""
    try:
        asn1.Certificate.load(der, strict=True).native  # noqa: B018 - parses all of it
    except (ValueError, TypeError, KeyError) as problem:
        raise ValueError("this is no certificate") from problem
    return der


def fingerprint(certificate: bytes) -> str:
    """Return the SHA-256 by which the directory knows a certificate (PEM or DER).

    Raises ValueError where it is none.
    """
    der = pem.unarmor(certificate)[2] if pem.detect(certificate) else certificate
    return hashlib.sha256(parsed(der)).hexdigest()
