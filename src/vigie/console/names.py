# SPDX-License-Identifier: Apache-2.0
"""How a page names the person who decided.

A record says a role number, and the account beside it only to that person and
to who leads people (accounts, figures of single persons). Who holds a case, who
looks at it now, who was first and who asks for a second person are colleagues
at work: they stand by name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _

from vigie.store.models import DecisionKind, User
from vigie.store.permissions import Permission

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vigie.store.models import DecisionRecord

LEADS: Final = (Permission.USER_MANAGE, Permission.QUALITY_READ)


class Names:
    """Names of those who decided, as one person reads them; asked of the store once."""

    def __init__(self, accounts: Iterable[str], reader: User) -> None:
        rows = User.objects.filter(username__in={one for one in accounts if one})
        self._numbers = dict(rows.values_list("username", "number"))
        self._own = reader.username
        self._leads = any(reader.has_perm(one) for one in LEADS)

    def of(self, account: str) -> str:
        """Name who decided: `Moderator 2`, with the account where the reader may know it."""
        number = self._numbers.get(account)
        words = _("Moderator %(number)s") % {"number": number} if number else _("a person")
        known = account and (self._leads or account == self._own)
        return f"{words} ({account})" if known else words

    def by(self, record: DecisionRecord) -> str:
        """Say who or what made a record."""
        if record.kind == DecisionKind.PERSON:
            return self.of(record.decided_by)
        if record.kind == DecisionKind.ORDER:
            return _("order of an authority")
        return _("notice") if record.kind == DecisionKind.NOTICE else _("program")


def name(account: str, reader: User) -> str:
    """Name one person who decided."""
    return Names([account], reader).of(account)


def names(records: Iterable[DecisionRecord], reader: User) -> Names:
    """Return the names for several records."""
    return Names([one.decided_by for one in records], reader)
