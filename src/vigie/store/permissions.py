# SPDX-License-Identifier: Apache-2.0
"""Who may do what: roles are bundles of `scope:resource:action`, in code.

Deny by default: what stands in no bundle is refused. A new permission needs no
migration. Which queues and categories a person is given narrows it further
(`flow.queues.access`).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Permission(StrEnum):
    """One thing that a person may do (alphabetical)."""

    KEY_MANAGE = "admin:key:manage"
    QUEUE_MANAGE = "admin:queue:manage"
    SETTING_MANAGE = "admin:setting:manage"
    TASK_RETRY = "admin:task:retry"
    """Send again what could not be delivered."""
    USER_MANAGE = "admin:user:manage"
    WEBHOOK_MANAGE = "admin:webhook:manage"
    APPEAL_DECIDE = "console:appeal:decide"
    BANK_EDIT = "console:bank:edit"
    BANK_READ = "console:bank:read"
    CASE_ASSIGN = "console:case:assign"
    CASE_DECIDE = "console:case:decide"
    CASE_READ = "console:case:read"
    CHILD_READ = "console:child:read"
    CONTENT_LOOK = "console:content:look"
    """Look at a picture or a sealed file clearly, with a reason."""
    CONTENT_READ = "console:content:read"
    DECISION_READ = "console:decision:read"
    INTIMATE_CONFIRM = "console:intimate:confirm"
    MEASURE_DECIDE = "console:measure:decide"
    """Confirm or refuse what the ladder of strikes proposes."""
    NOTIFIER_READ = "console:notifier:read"
    """Name and mail of somebody who gave notice: asked with a reason, recorded."""
    OVERVIEW_READ = "console:overview:read"
    POLICY_PUBLISH = "console:policy:publish"
    POLICY_READ = "console:policy:read"
    QUALITY_READ = "console:quality:read"
    """Figures of single persons."""
    SEARCH_USE = "console:search:use"
    STATEMENT_READ = "console:statement:read"
    AUTHORITY_EDIT = "desk:authority:edit"
    """Keep the sender directory."""
    DISCLOSURE_EDIT = "desk:disclosure:edit"
    DISPUTE_EDIT = "desk:dispute:edit"
    ITEM_ERASE = "desk:item:erase"
    MATTER_EDIT = "desk:matter:edit"
    MATTER_PRIVILEGED = "desk:matter:privileged"
    """Notes between counsel and client: the legal role alone."""
    MATTER_READ = "desk:matter:read"
    ORDER_EXECUTE = "desk:order:execute"
    """Carry out, answer or refuse an order."""
    ORDER_PROVE = "desk:order:prove"
    """Note a call-back or another proof of the sender."""
    ORDER_READ = "desk:order:read"
    ORDER_RECORD = "desk:order:record"
    """Record an order that came by post, mail or telephone."""
    REPORT_SEND = "desk:report:send"
    """Approve a report to an authority."""
    SEARCH_MANAGE = "desk:search:manage"
    """Open and close the record of a search; give officers their access."""
    SUBJECT_ANSWER = "desk:subject:answer"
    """Answer a person's request for access or erasure."""
    GATEWAY_START = "gateway:brake:release"
    """Ask for a feature to start again, or agree to it as the second person."""
    GATEWAY_STOP = "gateway:brake:stop"
    """Stop a feature; note and close what belongs to it."""
    GATEWAY_EXCERPT = "gateway:excerpt:open"
    """Open what is kept of something the gateway stopped: a case and a reason, capped per day."""
    GATEWAY_READ = "gateway:figures:read"
    GATEWAY_MANAGE = "gateway:profile:manage"
    """Upstreams, profiles and when a brake trips by itself."""
    PROOF_READ = "ledger:proof:read"
    OFFICER_READ = "search:scope:read"
    """What a warrant names, read-only: officers alone."""
    CUSTODY_RECORD = "vault:custody:record"
    """Record why bytes of class `child` may be kept: counsel."""
    EVIDENCE_OPEN = "vault:evidence:open"
    EVIDENCE_PACKAGE = "vault:evidence:package"
    EVIDENCE_READ = "vault:evidence:read"
    """The list of what is sealed and its custody, no content."""


class Role(StrEnum):
    """What a person is at this operator."""

    ADMIN = "admin"
    AUDITOR = "auditor"
    """Reads, changes nothing."""
    CHILD_SAFETY = "child_safety"
    LEGAL = "legal"
    MODERATOR = "moderator"
    OFFICER = "officer"
    """A person of an authority during a search: sees the scope, changes nothing."""
    POLICY_EDITOR = "policy_editor"
    QUALITY = "quality"
    """The quality lead: the only one who sees figures of single persons."""
    SENIOR = "senior"


_READ: Final = frozenset(
    {
        Permission.BANK_READ,
        Permission.CASE_READ,
        Permission.DECISION_READ,
        Permission.GATEWAY_READ,
        Permission.OVERVIEW_READ,
        Permission.POLICY_READ,
        Permission.PROOF_READ,
        Permission.SEARCH_USE,
        Permission.STATEMENT_READ,
    }
)
_MODERATE: Final = _READ | {
    Permission.CASE_DECIDE,
    Permission.CONTENT_LOOK,
    Permission.CONTENT_READ,
}
_SENIOR: Final = _MODERATE | {
    Permission.APPEAL_DECIDE,
    Permission.BANK_EDIT,
    Permission.CASE_ASSIGN,
    Permission.GATEWAY_EXCERPT,
    Permission.GATEWAY_START,
    Permission.GATEWAY_STOP,
    Permission.INTIMATE_CONFIRM,
    Permission.ITEM_ERASE,
    Permission.MEASURE_DECIDE,
    Permission.NOTIFIER_READ,
}

ROLES: Final[dict[Role, frozenset[Permission]]] = {
    Role.AUDITOR: _READ | {Permission.EVIDENCE_READ, Permission.MATTER_READ, Permission.ORDER_READ},
    Role.MODERATOR: _MODERATE,
    Role.SENIOR: _SENIOR,
    Role.CHILD_SAFETY: _MODERATE
    | {
        Permission.CHILD_READ,
        Permission.EVIDENCE_OPEN,
        Permission.EVIDENCE_READ,
        Permission.GATEWAY_STOP,
        Permission.REPORT_SEND,
    },
    Role.OFFICER: frozenset({Permission.OFFICER_READ}),
    Role.LEGAL: _READ
    | {
        Permission.APPEAL_DECIDE,
        Permission.CASE_DECIDE,
        Permission.CONTENT_READ,
        Permission.DISCLOSURE_EDIT,
        Permission.DISPUTE_EDIT,
        Permission.GATEWAY_START,
        Permission.GATEWAY_STOP,
        Permission.ITEM_ERASE,
        Permission.MEASURE_DECIDE,
        Permission.NOTIFIER_READ,
        Permission.SUBJECT_ANSWER,
        Permission.AUTHORITY_EDIT,
        Permission.CUSTODY_RECORD,
        Permission.EVIDENCE_OPEN,
        Permission.EVIDENCE_PACKAGE,
        Permission.EVIDENCE_READ,
        Permission.MATTER_EDIT,
        Permission.MATTER_PRIVILEGED,
        Permission.MATTER_READ,
        Permission.ORDER_EXECUTE,
        Permission.ORDER_PROVE,
        Permission.ORDER_READ,
        Permission.ORDER_RECORD,
        Permission.REPORT_SEND,
        Permission.SEARCH_MANAGE,
    },
    Role.POLICY_EDITOR: _READ
    | {Permission.BANK_EDIT, Permission.DISCLOSURE_EDIT, Permission.POLICY_PUBLISH},
    Role.QUALITY: _SENIOR | {Permission.QUALITY_READ},
    Role.ADMIN: frozenset(Permission)
    - {
        # Keeping the house running needs no look at evidence, at counsel's notes or at persons.
        Permission.CUSTODY_RECORD,
        Permission.EVIDENCE_OPEN,
        Permission.GATEWAY_EXCERPT,
        Permission.MATTER_PRIVILEGED,
        Permission.OFFICER_READ,
        Permission.QUALITY_READ,
    },
}


ERASING: Final = frozenset({Permission.ITEM_ERASE})
"""Taken from every role while a search by an authority stands."""


def permissions_of(role: str) -> frozenset[Permission]:
    """Return what a role may do; an unknown role may do nothing."""
    try:
        return ROLES[Role(role)]
    except ValueError:
        return frozenset()
