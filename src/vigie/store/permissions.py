# SPDX-License-Identifier: Apache-2.0
"""Who may do what: roles are bundles of `scope:resource:action`, in code.

Deny by default: what stands in no bundle is refused. A new permission needs no
migration.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Permission(StrEnum):
    """One thing that a person may do (alphabetical)."""

    KEY_MANAGE = "admin:key:manage"
    USER_MANAGE = "admin:user:manage"
    WEBHOOK_MANAGE = "admin:webhook:manage"
    BANK_EDIT = "console:bank:edit"
    BANK_READ = "console:bank:read"
    CASE_DECIDE = "console:case:decide"
    CASE_READ = "console:case:read"
    CHILD_READ = "console:child:read"
    CONTENT_READ = "console:content:read"
    DECISION_READ = "console:decision:read"
    POLICY_PUBLISH = "console:policy:publish"
    POLICY_READ = "console:policy:read"
    STATEMENT_READ = "console:statement:read"
    ITEM_ERASE = "desk:item:erase"
    PROOF_READ = "ledger:proof:read"


class Role(StrEnum):
    """What a person is at this operator."""

    ADMIN = "admin"
    LEAD = "lead"
    MODERATOR = "moderator"
    AUDITOR = "auditor"


_READ: Final = frozenset(
    {
        Permission.BANK_READ,
        Permission.CASE_READ,
        Permission.DECISION_READ,
        Permission.POLICY_READ,
        Permission.PROOF_READ,
        Permission.STATEMENT_READ,
    }
)
_MODERATE: Final = _READ | {Permission.CASE_DECIDE, Permission.CONTENT_READ}

ROLES: Final[dict[Role, frozenset[Permission]]] = {
    Role.AUDITOR: _READ,
    Role.MODERATOR: _MODERATE,
    Role.LEAD: _MODERATE
    | {
        Permission.BANK_EDIT,
        Permission.CHILD_READ,
        Permission.ITEM_ERASE,
        Permission.POLICY_PUBLISH,
    },
    Role.ADMIN: frozenset(Permission),
}


def permissions_of(role: str) -> frozenset[Permission]:
    """Return what a role may do; an unknown role may do nothing."""
    try:
        return ROLES[Role(role)]
    except ValueError:
        return frozenset()
