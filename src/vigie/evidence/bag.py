# SPDX-License-Identifier: Apache-2.0
"""Writing bags (BagIt 1.0, RFC 8493): generated names, every file listed, nothing to fetch.

Reading and refusing is `ledger.verify.bags`, which the outsider uses too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from vigie.evidence.spool import Spool, digests
from vigie.ledger.verify.bags import BAGIT_TXT, PAYLOAD, check_name, manifest_text
from vigie.ledger.verify.package_form import MAIN_MANIFESTS, TAG_MANIFEST, is_signature

MAX_VALUE: Final = 500


def info_text(rows: Sequence[tuple[str, str]]) -> str:
    """Write `bag-info.txt`; a value is one line, whatever is in it."""
    return "".join(f"{label}: {one_line(value)}\n" for label, value in rows if value)


def one_line(value: str) -> str:
    """Return a value as one line of at most 500 signs: it can begin no line of its own."""
    kept = "".join(sign if sign.isprintable() else " " for sign in value)
    return " ".join(kept.split())[:MAX_VALUE]


def close_bag(spool: Spool, info: Sequence[tuple[str, str]]) -> str:
    """Add declaration, info and manifests to the files; return the SHA-512 of the tag manifest.

    After this nothing may be added but what lies in `signatures/`.
    Raises MalformedError for a name that may not stand in a bag.
    """
    payload = {n: m for n, m in spool.measured.items() if n.startswith(PAYLOAD)}
    for name in payload:
        check_name(name, name)
    oxum = f"{sum(one.size for one in payload.values())}.{len(payload)}"
    spool.put("bagit.txt", BAGIT_TXT)
    spool.put("bag-info.txt", info_text([*info, ("Payload-Oxum", oxum)]).encode())
    for kind in MAIN_MANIFESTS:
        spool.put(f"manifest-{kind}.txt", manifest_text(digests(payload, kind)).encode())
    tags = {n: m for n, m in spool.measured.items() if n not in payload and not is_signature(n)}
    made = spool.put(TAG_MANIFEST, manifest_text(digests(tags, "sha512")).encode())
    return made.sha512
