# SPDX-License-Identifier: Apache-2.0
"""Documents of a matter: sealed as the attachments of notices are, opened for the desk alone."""

from __future__ import annotations

import hashlib
from typing import Final

from django.utils.translation import gettext as _

from vigie.core.errors import InvalidInputError, NotFoundError
from vigie.flow import records, sealed
from vigie.flow.decided import by_number
from vigie.flow.house import House
from vigie.flow.matters import files
from vigie.flow.transaction import writing
from vigie.store.models import MatterDocument, User

OPENED: Final = "matter.document_opened"


def add_document(
    house: House, user: User, number: int, data: bytes, name: str, mime: str
) -> MatterDocument:
    """Seal a document into a file.

    Raises RefusedError, NotFoundError, ConflictError for a closed file,
    InvalidInputError for an empty or too large one, RefusedError `known_child`.
    """
    files.check_edit(user)
    if not data or len(data) > sealed.MAX_BYTES:
        raise InvalidInputError(
            _("A document has 1 byte to 20 MB."), code="document_size", field="file"
        )
    files.check_length("name", name, 1, sealed.MAX_NAME)
    kept, key = sealed.put(house, data)
    with writing():
        return MatterDocument.objects.create(
            matter=files.held(number),
            name=name.strip(),
            mime=mime.strip()[: sealed.MAX_MIME],
            size=len(data),
            sha256=hashlib.sha256(data).hexdigest(),
            file=kept,
            wrapped_key=key,
            added_by=user,
            at=house.now(),
        )


def open_document(house: House, user: User, document: int) -> tuple[MatterDocument, bytes]:
    """Return a document's bytes; that somebody opened it is in the log first.

    Raises RefusedError, NotFoundError, UnavailableError where it does not open.
    """
    files.check_read(user)
    row = MatterDocument.objects.select_related("matter").filter(pk=document).first()
    if row is None:
        raise NotFoundError(_("There is no such document."), code="no_document")
    plain = {"matter": row.matter_id, "document": row.pk}
    with writing():
        draft = records.draft(OPENED, house.now(), plain, {"by": by_number(user)})
        records.append_one(draft)
    return row, sealed.fetch(house, row.file, row.wrapped_key)
