# SPDX-License-Identifier: Apache-2.0
"""Write the law packs as a page of the reference (`docs/reference/law.md`).

Made by ``python -m vigie.law.reference > docs/reference/law.md``; a test keeps
the page and the packs together.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator

from vigie.law.check import gaps
from vigie.law.entry import Entry
from vigie.law.listing import month
from vigie.law.loader import load
from vigie.law.table import DenialMatrix, LawTable

_HEAD = """\
# Law packs

<!-- Made by `python -m vigie.law.reference`; a test compares it with the packs. -->

Short restatements of public law, as of {as_of}; an engineering reference, not legal advice.
What the data does not hold is unknown and listed by `vigie law check` ({gaps} gaps). Only an
*offence* can be the ground of a decision. A provision acts where *acts in* says: `*` is
everywhere, nothing is nowhere. *Offered as*: `one_click` ready for a person to confirm, `confirm`
with the elements to be confirmed, `counsel` shown only, `none` never a ground.

A pack is one file `<country>.yaml`: `jurisdiction`, `version`, `as_of`, `source` and `entries`.
An operator's own packs lie in the folder `law` of the data folder; the next start, or
`vigie init`, puts them in force. They are shown as the operator's own, keep within the denial
matrix, and their ids differ from the shipped ones.
"""
_ROWS = """\
| id | kind | class | provision | maximum | acts in | offered as | confidence | source |
|---|---|---|---|---|---|---|---|---|
"""


def page(table: LawTable) -> str:
    """Return the page in Markdown."""
    entries = list(table.entries.values())
    as_of = month(max(entry.as_of for entry in entries))
    parts = [_HEAD.format(as_of=as_of, gaps=len(gaps(table))), *_matrix(table.matrix)]
    for jurisdiction in sorted({entry.jurisdiction for entry in entries}):
        own = [entry for entry in entries if entry.jurisdiction == jurisdiction]
        parts.append(f"\n## {jurisdiction}\n\n{_ROWS}" + "".join(_row(entry) for entry in own))
    counted = Counter(gap.kind.value for gap in gaps(table))
    rows = "".join(f"| {kind} | {number} |\n" for kind, number in sorted(counted.items()))
    parts.append(f"\n## Gaps\n\n| what is unknown or open | entries |\n|---|---|\n{rows}")
    return "".join(parts)


def _matrix(matrix: DenialMatrix) -> Iterator[str]:
    yield "\n## Denial of crimes against humanity: upper bound\n\n"
    yield "| group | countries |\n|---|---|\n"
    for name, countries in (
        ("a provision exists: may be proposed there", matrix.provision_exists),
        ("of these, a person confirms further elements", matrix.elements_to_confirm),
        ("a person with counsel first", matrix.human_review_first),
        ("lawful: never on a legal ground", matrix.lawful),
        ("no entry yet: as counsel first", matrix.no_entry_yet),
    ):
        yield f"| {name} | {' '.join(sorted(countries))} |\n"


def _row(entry: Entry) -> str:
    cells = (
        f"`{entry.id}`",
        entry.kind.value,
        entry.cls.value,
        entry.provision,
        entry.max or "unknown",
        " ".join(entry.territories),
        entry.proposal.value,
        entry.confidence.value,
        entry.src,
    )
    return (
        "| " + " | ".join(cell.replace("|", "\\|").replace("*", "\\*") for cell in cells) + " |\n"
    )


def main() -> int:
    """Print the page."""
    sys.stdout.write(page(load()))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
