# SPDX-License-Identifier: Apache-2.0
"""Time stamps (RFC 3161): what one says, and whether a believed authority said it.

What a response says is read here, strictly; who signed it is asked of `openssl
ts -verify`, where that is installed, with roots that the reader gives. Without
either the answer is "not checked", never "verified".
"""

from __future__ import annotations

import calendar
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
import time
from typing import List, NamedTuple, Optional, Tuple

from vigie.ledger.verify.errors import MalformedError, ProofError

_SEQUENCE, _INTEGER, _OID, _OCTETS, _GENERALIZED_TIME = 0x30, 0x02, 0x06, 0x04, 0x18
_INSIDE = 0xA0
_GRANTED = (b"\x00", b"\x01")
_SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
_TST_INFO = bytes.fromhex("2a864886f70d0109100104")
_HASHES = {
    bytes.fromhex("608648016503040201"): "sha256",
    bytes.fromhex("608648016503040202"): "sha384",
    bytes.fromhex("608648016503040203"): "sha512",
}
_WHEN = re.compile(rb"(\d{14})(?:\.(\d{1,9}))?Z\Z")
_SECONDS_FOR_OPENSSL = 60
_MAX_RESPONSE = 1_000_000


class TimeStamp(NamedTuple):
    """What a response says: a digest of something, and when it was there (ms since 1970)."""

    algorithm: str
    digest: bytes
    time_ms: int


def parse_time_stamp(data: bytes) -> TimeStamp:
    """Read a response; who signed it is not looked at."""
    if len(data) > _MAX_RESPONSE:
        raise _not_granted()
    [(kind, response)] = _der_items(data, 1)
    parts = _der_items(response) if kind == _SEQUENCE else []
    if len(parts) != 2 or _inside_of(parts[0][1], _INTEGER) not in _GRANTED:
        raise _not_granted()
    content = _der_items(parts[1][1])
    if len(content) != 2 or content[0] != (_OID, _SIGNED_DATA) or content[1][0] != _INSIDE:
        raise _not_granted()
    signed = _der_items(_inside_of(content[1][1], _SEQUENCE))
    inner = _der_items(signed[2][1]) if len(signed) > 2 else []
    if len(inner) != 2 or inner[0] != (_OID, _TST_INFO) or inner[1][0] != _INSIDE:
        raise _not_granted()
    return _stated(_der_items(_inside_of(_inside_of(inner[1][1], _OCTETS), _SEQUENCE)))


def _stated(info: List[Tuple[int, bytes]]) -> TimeStamp:
    if [kind for kind, _ in info[:5]] != [_INTEGER, _OID, _SEQUENCE, _INTEGER, _GENERALIZED_TIME]:
        raise _not_granted()
    imprint = _der_items(info[2][1])
    if [kind for kind, _ in imprint] != [_SEQUENCE, _OCTETS]:
        raise _not_granted()
    algorithm = _HASHES.get(_inside_of(imprint[0][1], _OID))
    found = _WHEN.match(info[4][1])
    if algorithm is None or found is None:
        raise _not_granted()
    try:
        parsed = time.strptime(found.group(1).decode("ascii"), "%Y%m%d%H%M%S")
    except ValueError:
        raise _not_granted() from None
    fraction = int(((found.group(2) or b"") + b"000")[:3])
    return TimeStamp(algorithm, imprint[1][1], calendar.timegm(parsed) * 1000 + fraction)


def _inside_of(data: bytes, wanted: int) -> bytes:
    """Return the content of the first element, which must be of this kind."""
    found = _der_items(data)
    if not found or found[0][0] != wanted:
        raise _not_granted()
    return found[0][1]


def _der_items(data: bytes, exactly: Optional[int] = None) -> List[Tuple[int, bytes]]:
    """Take DER elements apart: tag and content, definite lengths only."""
    found, at = [], 0
    while at < len(data):
        if at + 2 > len(data):
            raise _not_granted()
        kind, length, at = data[at], data[at + 1], at + 2
        if length >= 0x80:
            octets = length & 0x7F
            length = int.from_bytes(data[at : at + octets], "big")
            at += octets
            if not 1 <= octets <= 4:
                raise _not_granted()
        at += length
        if at > len(data):
            raise _not_granted()
        found.append((kind, data[at - length : at]))
    if exactly is not None and len(found) != exactly:
        raise _not_granted()
    return found


def _not_granted() -> MalformedError:
    return MalformedError("This is no time stamp that was granted.", field="tsr")


def check_imprint(stamp: TimeStamp, stamped: bytes) -> None:
    """Refuse a time stamp on something else."""
    if hashlib.new(stamp.algorithm, stamped).digest() != stamp.digest:
        raise ProofError("The time stamp is on something else.", field="tsr")


def find_openssl() -> Optional[str]:
    """Return where `openssl` is, if it is installed."""
    return shutil.which("openssl")


def check_signer(
    openssl: str, response: bytes, stamped: bytes, chain: bytes, roots: bytes, stamp: TimeStamp
) -> None:
    """Ask openssl whether a believed authority signed. Raises ProofError where it did not.

    Certificates are judged at the time that the stamp names: a stamp outlives
    its certificates. Nothing is looked up; revocation is not asked.
    """
    with tempfile.TemporaryDirectory(prefix="vigie-verify-") as folder:
        files = {"response": response, "data": stamped, "roots": roots, "chain": chain}
        paths = {name: os.path.join(folder, name) for name in files}
        for name, content in files.items():
            with open(paths[name], "wb") as file:
                file.write(content)
        command = [openssl, "ts", "-verify", "-in", paths["response"], "-data", paths["data"]]
        command += ["-CAfile", paths["roots"], "-attime", str(stamp.time_ms // 1000)]
        command += ["-untrusted", paths["chain"]] if chain.strip() else []
        if not _runs(command):
            raise ProofError("No authority that you believe has signed it.", field="tsr")


def _runs(command: List[str]) -> bool:
    try:
        ran = subprocess.run(  # noqa: S603 - fixed arguments, no shell, files of our own
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_SECONDS_FOR_OPENSSL,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return ran.returncode == 0
