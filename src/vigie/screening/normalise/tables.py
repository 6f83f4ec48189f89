# SPDX-License-Identifier: Apache-2.0
"""What looks alike and what cannot be seen: the tables of the normaliser.

Own selection from the shapes of the letters; Unicode's confusables (UTS 39) is
far wider, and maps much that is ordinary writing.
"""

from __future__ import annotations

INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""Soft hyphen, joiners, fillers, direction marks, variation selectors, tags."""

OVERLAYS = "\u0300-\u036f\u0483-\u0489\u1dc0-\u1dff\u20d0-\u20f0\ufe20-\ufe2f"
"""Marks that no letter absorbed in NFKC: strike-through and stacked accents."""

_CYRILLIC = "аa вb гr еe ёe зe кk мm нh оo рp сc тt уy хx ьb ѕs іi їi јj һh ԁd ԛq ԝw ҽe ӏl ѵv"
_GREEK = "αa βb γy εe ιi κk νv οo ρp τt υu χx ωw ϲc ϳj"

TO_LATIN = str.maketrans({pair[0]: pair[1] for pair in f"{_CYRILLIC} {_GREEK}".split()})
"""Folded Cyrillic and Greek letters by the Latin letter that they resemble."""

TO_CYRILLIC = str.maketrans("abcehijkmoprstxy", "авсеһіјкморгѕтху")
"""The way back, for Cyrillic words with a few Latin letters slipped in."""

TO_GREEK = str.maketrans("abeiknoptuvxyw", "αβεικηορτυνχγω")
"""The same for Greek words."""

LEET = str.maketrans("013457@$!€+|", "oieastasietl")
"""Digits and signs by the letter for which they stand."""
