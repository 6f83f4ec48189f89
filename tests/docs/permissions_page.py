# SPDX-License-Identifier: Apache-2.0
"""The page of roles and permissions, made from the table that every address is held against."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from tests.docs.search_page import load_django

TEXT: Final = """
# Permissions

Made from the program by `make docs`. The tests hold every address of the program against this \
table, role by role, looked at and sent to; an address that is missing here fails them.

Whatever is in no bundle of a role is refused. A permission is checked at the page and again in \
the act itself. It is narrowed further by what something is about:

- **Queues.** A restricted queue is its members'. What waits or waited there does not exist for \
others: no case, decision, notice, file, search result or list shows it.
- **Categories** that a person is not given do not exist for them either.
- **Class child** is seen with `console:child:read` alone, in its own room; it is in no other \
list, search or export for anybody.
- **Appeals** are heard by nobody who took part in what is contested.
- **A case** that somebody else has claimed is decided or escalated by others only after they \
say that they take it over, or by who may assign it.
- **Two persons.** Nobody confirms what they asked for themselves.
- **Own things.** Saved searches are changed by their owner, sessions ended by their person, a \
clear look is shown once, to the session that asked for it.
- **Words** of items need `console:content:read`; a clear picture or a sealed file \
`console:content:look` and a reason; who gave a notice `console:notifier:read` and a reason.

What is not theirs answers 404, a page that a role may not open 403, everything without a \
session leads to signing in.

## Roles
"""
PAGES: Final = """
## Pages of the console

*Look* is what opening asks for, *send* what a form asks for; — is not served.
"""
PORTAL: Final = """
## Portal

Every page is open. Statements, measures, notices and complaints stand behind an address or a \
code that nobody can guess; forms have [limits](../how-to/notices.md).
"""
API: Final = """
## Operations of the API

One of the scopes is enough. A key of one service sees and changes that service alone; where \
the whole operator is concerned it is refused.
"""


def permissions() -> str:
    """Return the page."""
    load_django()
    from tests.support import rights
    from vigie.store.permissions import ROLES, Permission, Role

    roles = list(Role)
    held = [
        [f"`{one}`", *("yes" if one in ROLES[role] else "" for role in roles)]
        for one in sorted(Permission)
    ]
    found = {one.name: one.prefix for one in rights.pages()}
    pages = [
        [f"`{found[name]}`", _asks(page.look), _asks(page.send)]
        for name, page in rights.CONSOLE.items()
    ]
    operations = [
        [f"`{name}`", " or ".join(sorted(one.scopes)), "yes" if one.service_key else "no"]
        for name, one in rights.API.items()
    ]
    parts = [
        TEXT,
        _table(["permission", *roles], held),
        PAGES,
        _table(["address", "look", "send"], sorted(pages)),
        PORTAL,
        API,
        _table(["operation", "scope", "key of one service"], operations),
    ]
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def _asks(what: str) -> str:
    return f"`{what}`" if ":" in what else str(what)


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = list(head)
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
