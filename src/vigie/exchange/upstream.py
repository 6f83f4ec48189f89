# SPDX-License-Identifier: Apache-2.0
"""How an upstream of the gateway is called: its address, its key, its headers.

Its key is a file of the keys folder alone. Pure but for reading that file; who calls
and how long it waits is the caller's.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from vigie.core.gateway import Upstream, UpstreamKind

FOLDER: Final = "upstreams"
ANTHROPIC_VERSION: Final = "2023-06-01"


def key_file(keys_dir: Path, name: str) -> Path:
    """Return where an upstream's key lies; without a file it has none."""
    return keys_dir / FOLDER / name


def read_key(path: Path) -> str:
    """Return a key, empty where there is none that reads."""
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""


def address(upstream: Upstream, path: str) -> str:
    """Return the address of a path; the base of Anthropic's kind may lack its version."""
    base = upstream.url.rstrip("/")
    if upstream.kind is UpstreamKind.ANTHROPIC and not base.endswith("/v1"):
        base += "/v1"
    return base + path


def headers(upstream: Upstream, key: str) -> dict[str, str]:
    """Return what the interface asks for, with the key where there is one."""
    found = {"Accept-Encoding": "identity"}
    if upstream.kind is UpstreamKind.ANTHROPIC:
        found["anthropic-version"] = ANTHROPIC_VERSION
        if key:
            found["x-api-key"] = key
    elif key:
        found["Authorization"] = f"Bearer {key}"
    return found
