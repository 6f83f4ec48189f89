# SPDX-License-Identifier: Apache-2.0
"""The files of the repository, as git knows them, else as they lie there."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
_SKIPPED = {".git", ".venv", "__pycache__", "node_modules", "vigie-data", "build", "dist"}


def tracked() -> list[Path]:
    """Return every tracked file that exists; without git, every file that is not made."""
    if (ROOT / ".git").exists():
        names = subprocess.run(
            ["git", "-C", str(ROOT), "ls-files", "-z"], capture_output=True, check=True
        ).stdout
        found = [ROOT / name.decode() for name in names.split(b"\0") if name]
    else:
        found = [p for p in ROOT.rglob("*") if not _SKIPPED & set(p.relative_to(ROOT).parts)]
    return [path for path in found if path.is_file() and not path.is_symlink()]


def python_files(*folders: str) -> Iterator[Path]:
    """Yield Python files below folders, without Django's migrations."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def text_of(path: Path) -> str | None:
    """Return a file's text, or None where it is no text."""
    data = path.read_bytes()
    if b"\0" in data[:8192]:
        return None
    return data.decode("utf-8", errors="replace")
