# SPDX-License-Identifier: Apache-2.0
"""How the demo speaks: short lines, one link each, no colours but bold headings."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterable

WIDTH = 88


def say(*lines: str) -> None:
    """Say sentences, wrapped, at once."""
    for line in lines:
        print(textwrap.fill(line, WIDTH) if line else "", flush=True)


def title(number: int, text: str) -> None:
    """Begin a chapter."""
    bold, plain = ("\033[1m", "\033[0m") if sys.stdout.isatty() else ("", "")
    print(f"\n{bold}{number}. {text}{plain}", flush=True)


def links(pairs: Iterable[tuple[str, str]]) -> None:
    """Say where something can be opened."""
    rows = list(pairs)
    width = max(len(name) for name, _ in rows)
    for name, address in rows:
        print(f"   {name.ljust(width)}  {address}", flush=True)


def quote(text: str) -> None:
    """Show what a program printed."""
    for line in text.strip().splitlines():
        print(f"   | {line}", flush=True)


def ending(base: str) -> None:
    """Say what can be looked at."""
    say("", "That was the day. Everything above stays open:")
    links(
        [
            ("for everybody", f"{base}/"),
            ("what was decided", f"{base}/console/decisions"),
            ("what waits for you", f"{base}/console/queues"),
            ("at a glance", f"{base}/console/overview"),
            ("the log", f"{base}/console/log"),
        ]
    )
    say("Every page speaks English, French and German, in light and dark.", "")


def trouble(text: str) -> None:
    """Say why the demo ends."""
    print(f"\nThe demo cannot go on: {text}", file=sys.stderr, flush=True)
