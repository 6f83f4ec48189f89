# SPDX-License-Identifier: Apache-2.0
"""Packages that were made: the list, their files, and how each was handed over."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Final

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from vigie.core.errors import ConflictError, InvalidInputError, NotFoundError, RefusedError
from vigie.evidence.outgoing import Recipient
from vigie.flow import records, search_day
from vigie.flow.decided import by_number
from vigie.flow.house import House
from vigie.flow.orders import disclosed
from vigie.flow.packages import choose
from vigie.flow.packages.choose import Choice
from vigie.flow.packages.make import Made, build
from vigie.flow.transaction import writing
from vigie.store.models import EvidencePackage, Order, SearchDay, User
from vigie.store.permissions import Permission

HANDED: Final = "package.handed"
MAX_NOTE: Final = 300
MOST_IN_CONSOLE: Final = 500
"""So many sealed records a page packs while somebody waits; more: the command line."""
MOST_BYTES: Final = 128 << 20
"""And so many bytes of them."""


def folder(house: House) -> Path:
    """Return where packages made in the console wait, encrypted, until they are handed over."""
    return house.settings.data_dir / "packages"


def file_of(house: House, row: EvidencePackage) -> Path:
    """Return where the file of a package made in the console lies, if it still does."""
    return folder(house) / f"{row.package_id}.zip.age"


def is_long(choice: Choice) -> bool:
    """Say whether a package is too large to be made while a page waits."""
    size = sum(one.evidence.size for one in choice.chosen)
    return len(choice.chosen) > MOST_IN_CONSOLE or size > MOST_BYTES


def make_here(house: House, user: User, recipient: Recipient, subject: Order | SearchDay) -> Made:
    """Make a package whose encrypted file waits in the house. Raises as `build`."""
    folder(house).mkdir(mode=0o700, parents=True, exist_ok=True)
    waiting = folder(house) / f"{secrets.token_hex(16)}.new"
    if isinstance(subject, Order):
        made = build(house, user=user, recipient=recipient, out=waiting, order=subject)
    else:
        made = build(house, user=user, recipient=recipient, out=waiting, search=subject)
    target = file_of(house, made.row)
    waiting.replace(target)
    return made._replace(file=target)


def listing(user: User) -> QuerySet[EvidencePackage]:
    """Return the packages, the newest first. Raises RefusedError without permission."""
    if not user.has_perm(Permission.EVIDENCE_READ):
        raise RefusedError(_("Your role may not see what was handed over."), code="no_permission")
    return EvidencePackage.objects.select_related("order").order_by("-at", "-package_id")


def find(user: User, package_id: str) -> EvidencePackage:
    """Return one package. Raises as `listing`, NotFoundError."""
    row = listing(user).filter(pk=package_id).first()
    if row is None:
        raise NotFoundError(_("There is no such package."), code="no_package")
    return row


def hand_over(house: House, user: User, package_id: str, note: str) -> EvidencePackage:
    """Note how a package reached its recipient; the waiting file is deleted then.

    An order is answered by it in the same step: letter, clocks, end (`orders.disclosed`).
    While a search stands the file stays.

    Raises RefusedError, NotFoundError, InvalidInputError without a note,
    ConflictError where that was noted before.
    """
    choose.check_right(user)
    said = " ".join(note.split())
    if not said or len(said) > MAX_NOTE:
        raise InvalidInputError(
            _("Say how and to whom it was handed over."), code="no_note", field="note"
        )
    with writing():
        row = EvidencePackage.objects.select_for_update().filter(pk=package_id).first()
        if row is None:
            raise NotFoundError(_("There is no such package."), code="no_package")
        if row.handed_at is not None:
            raise ConflictError(_("This was noted already."), code="handed_already")
        row.handed_at, row.handed_note = house.now(), said
        row.save(update_fields=["handed_at", "handed_note"])
        plain = {"package": row.package_id}
        personal = {"note": said, "by": by_number(user)}
        records.append_one(records.draft(HANDED, row.handed_at, plain, personal))
        disclosed.follow(house, user, row)
    if not search_day.stops_deletion():
        file_of(house, row).unlink(missing_ok=True)
    return row
