# SPDX-License-Identifier: Apache-2.0
"""Who is asked: the operator's files of witnesses and time-stamp authorities."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from vigie import keys
from vigie.core.errors import InvalidInputError, UnavailableError, VigieError
from vigie.exchange.tsa import Authority, parse_authorities
from vigie.exchange.witness import Witness
from vigie.ledger.note import Signer, verifier_of
from vigie.ledger.policy import TrustPolicy, parse_policy
from vigie.ledger.verify.errors import LedgerError, MalformedError
from vigie.settings import Settings

WITNESSES: Final = "VIGIE_WITNESSES"
AUTHORITIES: Final = "VIGIE_TIME_AUTHORITIES"
MOST: Final = 32
"""Witnesses, and authorities, that one installation asks."""


def log_vkey(settings: Settings) -> str:
    """Return the public key of the log, as a policy names it."""
    return Signer(settings.log_origin, keys.read(settings.keys_dir, keys.KeyName.LOG)).vkey


def policy(settings: Settings) -> TrustPolicy:
    """Return the policy of the witness file, with the log's own key in it.

    Without a file: the log's key alone, no quorum. Raises InvalidInputError
    where the file cannot be read.
    """
    try:
        if not settings.witnesses:
            return TrustPolicy.of_key(log_vkey(settings), verifier_of)
        read = parse_policy(_read(settings.witnesses, WITNESSES))
        if all(key.vkey() != log_vkey(settings) for key in read.logs):
            read.add_log(Signer(settings.log_origin, _seed(settings)).key)
    except LedgerError as problem:
        raise InvalidInputError(
            f"The witness file cannot be used: {problem.message}",
            code="bad_policy",
            field=WITNESSES,
            fix=f"Correct {settings.witnesses}: see how-to/run-a-witness.",
        ) from problem
    return read


def policy_text(settings: Settings) -> str:
    """Return the policy file that an outsider takes: the log's key and the witnesses."""
    own = log_vkey(settings)
    if not settings.witnesses:
        return f"log {own}\nquorum none\n"
    text = _read(settings.witnesses, WITNESSES).decode(errors="strict")
    named = any(key.vkey() == own for key in parse_policy(text).logs)
    return text if named else f"log {own}\n{text}"


def witnesses(settings: Settings) -> list[Witness]:
    """Return the witnesses that have an address."""
    found = policy(settings)
    return [
        Witness(name, found.urls[name].rstrip("/"), verifier_of(key))
        for name, key in found.witnesses.items()
        if name in found.urls
    ][:MOST]


def authorities(settings: Settings) -> list[Authority]:
    """Return the time-stamp authorities in the order in which they are asked."""
    if not settings.time_authorities:
        return []
    path = Path(settings.time_authorities)
    try:
        text = _read(settings.time_authorities, AUTHORITIES).decode()
        return parse_authorities(text, path.parent)[:MOST]
    except (MalformedError, ValueError) as problem:
        raise InvalidInputError(
            f"The file of time-stamp authorities cannot be used: {problem}",
            code="bad_authorities",
            field=AUTHORITIES,
            fix=f"Correct {path}: `authority NAME URL CERTIFICATES.pem`, one line each.",
        ) from problem


def problems(settings: Settings) -> list[VigieError]:
    """Return what is wrong with the two files, for a person."""
    found: list[VigieError] = []
    for read in (policy, authorities):
        try:
            read(settings)
        except VigieError as problem:
            found.append(problem)
    return found


def _seed(settings: Settings) -> bytes:
    return keys.read(settings.keys_dir, keys.KeyName.LOG)


def _read(name: str, field: str) -> bytes:
    try:
        return Path(name).read_bytes()
    except OSError as problem:
        raise UnavailableError(
            f"{name} cannot be read.", code="no_file", field=field, fix="Correct the setting."
        ) from problem
