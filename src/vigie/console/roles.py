# SPDX-License-Identifier: Apache-2.0
"""What the roles are called, and what each may do in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

from vigie.store.permissions import Role

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

TITLES: Final[dict[str, _StrPromise]] = {
    Role.MODERATOR: _("Moderator"),
    Role.SENIOR: _("Senior moderator"),
    Role.CHILD_SAFETY: _("Child safety"),
    Role.LEGAL: _("Legal desk"),
    Role.POLICY_EDITOR: _("Policy editor"),
    Role.QUALITY: _("Quality lead"),
    Role.AUDITOR: _("Auditor"),
    Role.ADMIN: _("Administrator"),
}
OFFICER: Final = _("Officer of an authority")
"""Given by the record of a search alone: no account is made or changed into one."""
MAY: Final[dict[str, _StrPromise]] = {
    Role.MODERATOR: _("decides cases, looks clearly with a reason"),
    Role.SENIOR: _("also decides appeals and measures, assigns cases, confirms intimate pictures"),
    Role.CHILD_SAFETY: _("decides cases, and those of child safety"),
    Role.LEGAL: _("decides cases and appeals, answers people's requests, edits public texts"),
    Role.POLICY_EDITOR: _("writes and publishes policies"),
    Role.QUALITY: _("as a senior moderator; the only one who sees figures of single people"),
    Role.AUDITOR: _("reads, changes nothing, sees no content"),
    Role.ADMIN: _("changes accounts, queues, keys and settings"),
}


def title(role: str) -> str:
    """Return the name of a role in the language of the page; an unknown one as it is."""
    return str(OFFICER if role == Role.OFFICER else TITLES.get(role, role))
