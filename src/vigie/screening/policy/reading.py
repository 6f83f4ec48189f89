# SPDX-License-Identifier: Apache-2.0
"""Which failures a policy must care about: those of what it reads.

A score depends on its label. `matched` depends on the classes that are asked
for by name, or on the hash detector where a bank is. `marks` are made by the
detectors that read text.
"""

from __future__ import annotations

from typing import Final

from vigie.screening.policy.compile import CompiledPolicy

HASH_DETECTOR: Final = "detector:hash"
LEXICON_DETECTOR: Final = "detector:lexicon"
_PREFIXES: Final = {"bank": HASH_DETECTOR, "lexicon": LEXICON_DETECTOR}


def watched(compiled: CompiledPolicy) -> frozenset[str]:
    """Return the names in `Facts.failed` that leave this policy half blind."""
    names = set(compiled.labels)
    if "matched" in compiled.reads:
        names |= _classes(compiled.texts)
    if "marks" in compiled.reads:
        names.add(LEXICON_DETECTOR)
    return frozenset(names)


def _classes(texts: frozenset[str]) -> set[str]:
    """Read `child:exact` as class `child`, `bank:x` as the detector of banks."""
    heads = {text.partition(":")[0] for text in texts if text}
    return {_PREFIXES.get(head, head) for head in heads} or {HASH_DETECTOR}
