# SPDX-License-Identifier: Apache-2.0
"""The page of the search: what a person can write, made from the table of fields."""

from __future__ import annotations

import os
import tempfile
from typing import Final

TEXT: Final = """
# Search

Made from the program by `make docs`.

The console (`/console/search`), `vigie search`, saved searches and the rules of the queues \
read the same small language. Its names are those of the [policies](policy.md).

    item.language = fr and (policy = denial or score.denial >= 0.9) and not trusted = yes

## Grammar

| | |
|---|---|
| comparison | field, operator, value; one without an operator is refused |
| joined | `and` binds before `or`; `not` before both; parentheses; words of the grammar in \
any case |
| lists | `policy in (denial, incitement)`, `policy not in (denial)` |
| `~` | begins with; only where an index knows how values begin |
| texts | in double quotes where they hold spaces or signs; `\\"` and `\\\\` inside |
| dates | `2026-11-22` is the whole day in UTC, `2026-11-22T14:30` the minute; `-7d`, `-12h`, \
`+4h`, `-30m`, `-2w` count from now |
| scores | 0 to 1, kept with six decimals |
| nothing written | everything |

At most 2,000 characters, 20 levels of parentheses and `not`, 50 comparisons, 100 values. An \
expression that cannot be read is refused with its column and, for a field, with the nearest \
name.

## What it means

- What is not known fits no comparison, and so fits every opposite: `!=`, `not in` and `not`.
- A field with several values (policies, territories, labels) fits where one of them does.
- An action that holds everywhere fits every country; `territory = "*"` asks for everywhere alone.
- **decisions** are single decisions. **items** are those whose newest decision fits. \
**authors** are those of whom a decision fits. All stand newest first.
- Class child is never found, by nobody: neither its decisions nor any other about the same \
item. Queues and categories that are not a person's are left out for that person.
- The words of items cannot be searched. They are kept only as long as a case needs them and \
must be gone at once when they are erased; an index of words would keep parts of them longer, \
and twice.
- New decisions are found within seconds, when `jobs` has tagged them. Tags hold no author, \
item or word; hashes among them are erased with the decision's own.
- What a person decided is asked by role number, and for one's own number only, except by the \
quality lead.

## Fields
"""


def search() -> str:
    """Return the page."""
    load_django()
    from django.utils import translation

    from vigie.flow.search.fields import FIELDS, SCORE
    from vigie.flow.search.kinds import Field
    from vigie.flow.search.nodes import Operator

    def line(field: Field) -> str:
        says = str(field.says) + ("" if field.kept else " (routing rules only)")
        kind = f"{field.kind}: {', '.join(field.choices)}" if field.choices else str(field.kind)
        more = [one for one in Operator if one in field.operators and one not in _ALWAYS]
        signs = " ".join(f"`{one}`" for one in more)
        return f"| `{field.name}` | {kind} | {signs} | {says} | `{field.example}` |"

    head = "Every field knows `=` and `!=`; all but yes-or-no fields know `in` and `not in`."
    table = ["| field | type | also | what it is | example |", "|---|---|---|---|---|"]
    with translation.override("en"):
        lines = [TEXT.strip("\n"), "", head, "", *table, *map(line, (*FIELDS, SCORE))]
    return "\n".join(lines) + "\n"


_ALWAYS: Final = ("=", "!=", "in", "not in")


def load_django() -> None:
    """Load Django where nobody has, in a folder that is nobody's."""
    from django.apps import apps

    if apps.ready:
        return
    os.environ.setdefault("VIGIE_DATA_DIR", tempfile.mkdtemp(prefix="vigie-docs-"))
    import vigie.django_settings  # noqa: F401 - before Django: it chooses the SQLite library

    import django  # isort: skip

    django.setup()
