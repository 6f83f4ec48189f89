# SPDX-License-Identifier: Apache-2.0
"""The second opinion on a time stamp: `openssl ts`, for replies in lenient DER.

OpenSSL's own authorities embed certificates in an order that strict readers
refuse; the stamp is good all the same.
"""

from __future__ import annotations

import calendar
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from vigie.core.errors import OutsideError

_SECONDS: Final = 10
_TIME: Final = re.compile(
    r"^Time stamp: (\w{3} +\d{1,2} \d\d:\d\d:\d\d)(?:\.(\d{1,9}))? (\d{4}) GMT$", re.MULTILINE
)


def is_there() -> bool:
    """Say whether `openssl` can be run."""
    return shutil.which("openssl") is not None


def verify(
    data: bytes,
    response: bytes,
    query: bytes | None,
    roots: Sequence[str],
    intermediates: Sequence[str] = (),
) -> int:
    """Return the time of a reply in milliseconds. Raises OutsideError where it does not verify.

    With the query the nonce is compared too. Certificates are judged at the
    time of the stamp, as a token outlives them.
    """
    with tempfile.TemporaryDirectory(prefix="vigie-ts-") as name:
        folder = Path(name)
        (folder / "reply").write_bytes(response)
        (folder / "roots").write_text("".join(roots))
        when = _gen_time(folder)
        (folder / "query" if query is not None else folder / "data").write_bytes(query or data)
        asked = ["-queryfile", "query"] if query is not None else ["-data", "data"]
        if intermediates:
            (folder / "between").write_text("".join(intermediates))
            asked += ["-untrusted", "between"]
        words = ["-verify", *asked, "-in", "reply", "-CAfile", "roots"]
        done = _run(folder, [*words, "-attime", str(when // 1000)])
    if done.returncode != 0 or "Verification: OK" not in done.stdout:
        raise OutsideError("The time stamp does not verify.", code="bad_token")
    return when


def _gen_time(folder: Path) -> int:
    found = _TIME.search(_run(folder, ["-reply", "-in", "reply", "-text"]).stdout)
    if found is None:
        raise OutsideError("The time stamp cannot be read.", code="bad_token")
    moment = time.strptime(f"{found[1]} {found[3]}", "%b %d %H:%M:%S %Y")
    return calendar.timegm(moment) * 1000 + int((found[2] or "0").ljust(3, "0")[:3])


def _run(folder: Path, words: Sequence[str]) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(  # noqa: S603 - fixed words; the files are ours
            ["openssl", "ts", *words],  # noqa: S607 - the system's own
            cwd=folder,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as problem:
        raise OutsideError("openssl did not answer.", code="bad_token") from problem
