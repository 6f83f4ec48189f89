# SPDX-License-Identifier: Apache-2.0
"""Certificates of signers: valid at a time, chained to an anchor, qualified or not.

Qualified means: the certificate says so (QcCompliance), its key lies in a qualified
device (QcSSCD), it is for signatures or seals, and its chain ends at an anchor that
the operator took from a trusted list (Art. 22 Reg. (EU) 910/2014; ETSI EN 319 412-5).
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from asn1crypto import x509 as asn1
from pyhanko.sign.ades import qualified_asn1
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import PathBuildingError, ValidationError

from vigie.exchange.signed.report import Signer

QC_STATEMENTS: Final = "1.3.6.1.5.5.7.1.3"
COMPLIANCE: Final = "0.4.0.1862.1.1"
DEVICE: Final = "0.4.0.1862.1.4"
TYPE: Final = "0.4.0.1862.1.6"
FOR_PEOPLE: Final = frozenset({"0.4.0.1862.1.6.1", "0.4.0.1862.1.6.2"})
"""Signatures of persons, seals of bodies; not web sites."""
USAGES: Final = frozenset({"digital_signature", "non_repudiation"})


class UnreadableError(ValueError):
    """The document cannot be checked; its text is a code."""


@dataclass(frozen=True, slots=True)
class Anchors:
    """Certificates at which a chain may end."""

    plain: tuple[asn1.Certificate, ...] = ()
    qualified: tuple[asn1.Certificate, ...] = ()


def judged(
    certificate: asn1.Certificate,
    others: Sequence[asn1.Certificate],
    anchors: Anchors,
    at: int,
    *,
    valid: bool,
    whole: bool,
) -> Signer:
    """Say what is known of a signer."""
    current = is_current(certificate, at)
    qualified = (
        current
        and says_qualified(certificate)
        and reaches(certificate, others, anchors.qualified, at)
    )
    chained = qualified or (
        current and reaches(certificate, others, (*anchors.plain, *anchors.qualified), at)
    )
    return Signer(
        certificate=certificate.sha256.hex(),
        subject=certificate.subject.human_friendly[:300],
        valid=valid,
        whole=whole,
        current=current,
        chained=chained,
        qualified=qualified,
        problem=_problem(valid=valid, whole=whole, current=current),
    )


def _problem(*, valid: bool, whole: bool, current: bool) -> str:
    if not valid:
        return "broken"
    if not whole:
        return "not_whole"
    return "" if current else "expired"


def is_current(certificate: asn1.Certificate, at: int) -> bool:
    """Say whether a certificate was valid at a time and may sign documents at all."""
    moment = dt.datetime.fromtimestamp(at / 1000, dt.UTC)
    usage = certificate.key_usage_value
    may_sign = usage is None or bool(usage.native & USAGES)
    return may_sign and certificate.not_valid_before <= moment <= certificate.not_valid_after


def reaches(
    certificate: asn1.Certificate,
    others: Iterable[asn1.Certificate],
    roots: Sequence[asn1.Certificate],
    at: int,
) -> bool:
    """Say whether a chain leads from a certificate to one of the roots (RFC 5280)."""
    if not roots:
        return False
    context = ValidationContext(
        trust_roots=list(roots),
        other_certs=list(others),
        moment=dt.datetime.fromtimestamp(at / 1000, dt.UTC),
        allow_fetching=False,
    )
    validator = CertificateValidator(certificate, validation_context=context)
    try:
        asyncio.run(validator.async_validate_path())
    except (PathBuildingError, ValidationError, ValueError, TypeError, KeyError):
        return False
    return True


def says_qualified(certificate: asn1.Certificate) -> bool:
    """Say whether a certificate claims to be qualified, for a signature or a seal."""
    said = _statements(certificate)
    kinds = set(said.get(TYPE) or ["0.4.0.1862.1.6.1"])  # without a type: for signatures
    return COMPLIANCE in said and DEVICE in said and bool(kinds & FOR_PEOPLE)


def _statements(certificate: asn1.Certificate) -> dict[str, Any]:
    """Return the qualified-certificate statements by identifier."""
    for extension in certificate["tbs_certificate"]["extensions"]:
        if extension["extn_id"].dotted == QC_STATEMENTS:
            return _read(extension["extn_value"].contents)
    return {}


def _read(der: bytes) -> dict[str, Any]:
    found: dict[str, Any] = {}
    try:
        for one in qualified_asn1.QcStatements.load(der):
            name = one["statement_id"].dotted
            found[name] = [each.dotted for each in one["statement_info"]] if name == TYPE else None
    except (ValueError, TypeError, KeyError):
        return {}
    return found
