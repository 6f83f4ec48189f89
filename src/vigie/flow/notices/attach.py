# SPDX-License-Identifier: Apache-2.0
"""Attachments of a notice: a few small files of known kinds, sealed before anybody opens one.

Told by their first bytes, never by name or declaration. Not taken in the
category `child` nor on the victim's path: nobody is asked for such a picture.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final
from unicodedata import category, normalize

from vigie.core.errors import InvalidInputError
from vigie.flow import records, sealed
from vigie.flow.house import House
from vigie.law.categories import Category
from vigie.screening.media.formats import sniff
from vigie.store.models import Notice, SealedFile

MAX_FILES: Final = 5
MAX_FILE: Final = 10_000_000
MAX_NAME: Final = 100
PDF: Final = "application/pdf"
ATTACHED: Final = "notice.attached"
_PDF_MAGIC: Final = b"%PDF-"
_PATH: Final = re.compile(r"[\\/:]")


def takes_files(about: Category | None) -> bool:
    """Say whether a notice of this category may have attachments."""
    return about is not None and not about.anonymous and about.code != "intimate"


def attach(house: House, data: bytes, name: str, held: int) -> SealedFile:
    """Match and seal one file; the notice comes later (`bind`). Outside a transaction.

    `held`: how many the notice has already. Raises InvalidInputError for one too
    many, too large, empty or of another kind, UnavailableError where it cannot
    be matched or sealed: then nothing is kept.
    """
    kind = check_file(data, held)
    return sealed.seal(house, data, clean_name(name, kind), kind)


def check_file(data: bytes, held: int) -> str:
    """Return the kind of a file by its first bytes; InvalidInputError otherwise."""
    if held >= MAX_FILES:
        raise _refused("too_many_files", f"At most {MAX_FILES} files.")
    if not data or len(data) > MAX_FILE:
        raise _refused("file_size", f"A file has 1 byte to {MAX_FILE // 1_000_000} MB.")
    kind = PDF if data.startswith(_PDF_MAGIC) else sniff(data)
    if kind is None:
        raise _refused("file_kind", "Pictures (JPEG, PNG, WebP, GIF) and PDF are taken.")
    return kind


def clean_name(name: str, kind: str) -> str:
    """Return a name without path, control signs or direction marks, with the kind's own ending."""
    last = _PATH.split(normalize("NFC", name.encode("utf-8", "ignore").decode()))[-1]
    plain = "".join(one for one in last if category(one)[0] in "LNPZ" or category(one) == "So")
    stem = plain.rpartition(".")[0] or plain
    stem = stem.strip(". ")[:MAX_NAME] or "file"
    return f"{stem}.{kind.partition('/')[2].replace('jpeg', 'jpg')}"


def bind(house: House, notice: Notice, numbers: Sequence[int]) -> int:
    """Give sealed files to the notice that they came with. Inside `transaction.writing`.

    What was erased meanwhile, or belongs to another notice, is left out.
    """
    mine = SealedFile.objects.filter(pk__in=list(numbers)[:MAX_FILES], notice=None)
    rows = list(mine.order_by("pk"))
    if not rows:
        return 0
    SealedFile.objects.filter(pk__in=[row.pk for row in rows]).update(notice=notice)
    plain = {"notice": notice.number, "files": len(rows)}
    personal = {"sha256": [row.sha256 for row in rows]}
    records.append_one(records.draft(ATTACHED, house.now(), plain, personal))
    return len(rows)


def _refused(code: str, words: str) -> InvalidInputError:
    return InvalidInputError(words, code=code, field="file")
