# SPDX-License-Identifier: Apache-2.0
"""The letters that authorities get: what each says, on which form, and when it may be written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from vigie.flow.letters.known import Book, Template

HEAD: Final = frozenset("reference authority received form".split())
"""What every letter may name of the order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of letter."""

    text: Template
    form: str = ""
    """A form of `law.answers` that is filled in with it."""
    names_content: bool = False
    """It speaks of items or data here: only to a sender who was proven."""


def _kind(needs: str = "", may: str = "", *, form: str = "", names: bool = False) -> Kind:
    text = Template(needs=frozenset({"number", *needs.split()}), may=HEAD | set(may.split()))
    return Kind(text=text, form=form, names_content=names)


KINDS: Final[Mapping[str, Kind]] = {
    "receipt": _kind(),
    "clarification": _kind("missing", "reason"),
    "refusal": _kind("reason", "missing"),
    "narrowing": _kind("left_out", "reason", names=True),
    "impossible": _kind("reason", "missing"),
    "annex_ii": _kind("effect", "places reason", form="tco_feedback_annex_ii", names=True),
    "annex_iii": _kind("reason", "missing", form="tco_impossibility_annex_iii"),
    "eevidence_annex_iii": _kind("reason", "missing left_out", form="eevidence_annex_iii"),
    "effect": _kind("effect", "places reason", names=True),
    "disclosure": _kind("package", "digest left_out reason", names=True),
    "preservation": _kind("until", "places reason", names=True),
    "reinstated": _kind("reason", "places", names=True),
    "silence_end": _kind("until"),
    "assessment": _kind("effect", "places reason"),
}
"""By name; `<name>.<language>.txt` is the text that ships, `<data>/letters/orders/` the own."""

SAMPLE: Final[Mapping[str, str]] = {
    "operator": "Agora",
    "site": "https://vigie.agora.example",
    "number": "O-12",
    "reference": "ST 14-0915/26",
    "authority": "Bundeskriminalamt",
    "received": "23 November 2026, 09:14 (UTC)",
    "form": "(title of the form)",
    "missing": "– (an element of the form)",
    "reason": "(the reason, in the words of the person who decided)",
    "left_out": "– (what the legal basis does not cover)",
    "effect": "(one sentence: what was done, and whether it was confirmed)",
    "places": "– https://agora.example/p/1: access disabled",
    "package": "(its name)",
    "digest": "(its SHA-512)",
    "until": "22 May 2027",
}
BOOK: Final = Book(
    "vigie.flow.orders.letters", {name: one.text for name, one in KINDS.items()}, SAMPLE
)
FOLDER: Final = "orders"
"""Below the folder of the operator's own texts."""
