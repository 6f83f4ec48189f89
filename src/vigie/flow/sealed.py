# SPDX-License-Identifier: Apache-2.0
"""Attachments of notices: matched against the lists, then sealed before anyone can open them.

Each file is encrypted under a key of its own (AES-256-GCM, NIST SP 800-38D),
which is sealed to the installation's X25519 key (RFC 7748, HKDF RFC 5869):
whoever erases the sealed key has erased the file, in backups too. The private
part lies in the keys folder until a vault of its own keeps it. What a list of
class `child` knows is never written at all.
"""

from __future__ import annotations

import base64
import hashlib
import os
import secrets
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.db.models import QuerySet
from django.utils.translation import gettext_noop as _

from vigie import keys
from vigie.core.errors import InvalidInputError, NotFoundError, UnavailableError
from vigie.flow import deletion, looks, search_day
from vigie.flow.house import House
from vigie.flow.pictures import child, decoders, known
from vigie.flow.queues import access
from vigie.screening.matching.base import BankClass
from vigie.screening.snapshot_files import write_durably
from vigie.store.models import (
    Case,
    LookKind,
    MatterDocument,
    Notice,
    NoticeState,
    OrderDocument,
    Queue,
    SealedFile,
    User,
)

MAX_BYTES: Final = 20_000_000
MAX_NAME: Final = 200
MAX_MIME: Final = 100
FOLDER: Final = "sealed"
HOUR_MS: Final = 3_600_000
ORPHAN_MS: Final = 24 * HOUR_MS
"""A file whose notice never came is deleted after so long."""
GROUP: Final = 200
_HEAD: Final = b"vigie-sealed/v1\n"
_INFO: Final = b"vigie/sealed-file/v1"
_NONCE: Final = 12
_KEY: Final = 32
_ITEMS: Final = "notice__items__item_id"
_BLANK: Final = {"name": "", "sha256": "", "wrapped_key": "", "file": ""}


def seal(
    house: House, data: bytes, name: str, mime: str, notice: Notice | None = None
) -> SealedFile:
    """Match a file, then encrypt it; returns its row, without the notice if none is given.

    Outside a transaction: it decodes, encrypts and writes. A match in class
    `child` keeps nothing but the row (`matched`): the bytes are dropped unseen.
    A match in another class is noted in `met`. Fails closed: without decoder,
    index or key nothing is kept (UnavailableError). Raises InvalidInputError
    for an empty or too large file.
    """
    if not data or len(data) > MAX_BYTES:
        raise InvalidInputError(
            _("An attachment has 1 byte to 20 MB."), code="attachment_size", field="file"
        )
    met = _classes(house, data)
    unseen = BankClass.CHILD in met
    made = SealedFile(
        notice=notice,
        name="" if unseen else name.strip()[:MAX_NAME],
        mime=mime.strip()[:MAX_MIME],
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        matched=unseen,
        met=",".join(sorted(met))[:64],
        at=house.now(),
    )
    if not unseen:
        made.file, made.wrapped_key = _write(house, data)
    made.save()
    return made


def _classes(house: House, data: bytes) -> set[str]:
    """Return the classes of the lists that know these bytes, picture or not."""
    return {one.cls for one in known.matches(house, decoders.facts_of(data))}


def find(user: User, number: int) -> SealedFile:
    """Return a file of a notice that this person may see; NotFoundError otherwise.

    They may where they may see a case that the notice is about. Of what went to
    the room of class `child` nobody sees a file.
    """
    file = SealedFile.objects.select_related("notice").filter(pk=number).first()
    found = Case.objects.filter(notice_items__notice=file.notice) if file and file.notice else []
    cases = list(found)
    hidden = any(case.queue == Queue.CHILD for case in cases)
    if file is None or hidden or not any(access.may_see(user, case) for case in cases):
        raise NotFoundError(_("There is no such file."), code="no_file")
    return file


def open_sealed(house: House, user: User, file: SealedFile, reason: str) -> bytes:
    """Return the bytes of a file for somebody who gave a reason; recorded and counted first.

    Whether the person may see the notice at all is for the caller to check
    (`find`). Raises as `looks.look` and `peek`.
    """
    looks.check_look(user, LookKind.FILE, reason)
    data = peek(house, file)
    category = file.notice.category if file.notice is not None else ""
    about: dict[str, int | str] = {"file": file.pk}
    looks.look(house, user, kind=LookKind.FILE, reason=reason, category=category, about=about)
    return data


def peek(house: House, file: SealedFile) -> bytes:
    """Return the bytes for a blurred derivative: for the decoder, never for a person.

    The lists are asked again: what class `child` has learned since is erased, or
    under a hold stays sealed for good.
    Raises NotFoundError where nothing is kept, UnavailableError where bytes or
    key do not open, RefusedError `known_child`.
    """
    if file.matched or not file.file or not file.wrapped_key:
        raise NotFoundError(
            _("The bytes of this file are not kept."), code="matched" if file.matched else "erased"
        )
    data = _read(house, file.file, file.wrapped_key)
    if BankClass.CHILD in _classes(house, data):
        SealedFile.objects.filter(pk=file.pk).update(matched=True)
        erase_sealed(house, SealedFile.objects.filter(pk=file.pk))
        raise child.refusal()
    return data


def erase_sealed(house: House, files: QuerySet[SealedFile]) -> int:
    """Erase files: first the sealed keys, then the bytes; the rows stay, blank.

    What a hold covers stays sealed. Returns how many went.
    """
    gone: list[SealedFile] = []
    rows = files.exclude(**_BLANK)
    done = deletion.expire(rows, _ITEMS, GROUP, blank=_BLANK, also=gone.extend)
    for one in gone:
        if one.file:
            (house.settings.data_dir / one.file).unlink(missing_ok=True)
    return done


def expire(house: House) -> int:
    """End of term: files of notices past the complaint window, and what belongs to no notice."""
    window = house.settings.statement_days * 24 * HOUR_MS
    over = SealedFile.objects.filter(notice__decided_at__lt=house.now() - window)
    rows = over.exclude(notice__state=NoticeState.RECEIVED).exclude(**_BLANK)
    done = deletion.expire(rows, _ITEMS, GROUP, blank=_BLANK)
    lost = SealedFile.objects.filter(notice=None, at__lt=house.now() - ORPHAN_MS)
    # About no item yet: no hold covers it.
    done += deletion.expire(lost, "", GROUP)
    return done + _sweep(house)


def _sweep(house: House) -> int:
    """Delete bytes that no row names any more; young ones may still get theirs."""
    folder = house.settings.data_dir / FOLDER
    if not folder.is_dir() or search_day.stops_deletion():
        return 0
    named = {
        file
        for rows in (SealedFile, OrderDocument, MatterDocument)
        for file in rows._default_manager.exclude(file="").values_list("file", flat=True)  # noqa: SLF001
    }
    gone = 0
    for path in folder.iterdir():
        old = path.stat().st_mtime * 1000 < house.now() - HOUR_MS
        if old and f"{FOLDER}/{path.name}" not in named:
            path.unlink(missing_ok=True)
            gone += 1
    return gone


def put(house: House, data: bytes) -> tuple[str, str]:
    """Seal bytes that another row names (`OrderDocument`, `MatterDocument`).

    Returns their path below the data folder and the sealed key. Outside a
    transaction; what no row names within an hour is swept away. Raises
    RefusedError `known_child` for what a list of class `child` knows.
    """
    if BankClass.CHILD in _classes(house, data):
        raise child.refusal()
    return _write(house, data)


def fetch(house: House, file: str, wrapped_key: str) -> bytes:
    """Return bytes that `put` sealed; whether somebody may read them is for the caller to check.

    Raises NotFoundError where nothing is kept, UnavailableError where it does not open.
    """
    if not file or not wrapped_key:
        raise NotFoundError(_("The bytes of this file are not kept."), code="erased")
    return _read(house, file, wrapped_key)


def _write(house: House, data: bytes) -> tuple[str, str]:
    """Write the encrypted bytes; return their path below the data folder and the sealed key."""
    name = secrets.token_hex(16)
    key, nonce = os.urandom(_KEY), os.urandom(_NONCE)
    public = X25519PrivateKey.from_private_bytes(_private(house)).public_key()
    wrapped = _wrap(public, key, name)
    body = _HEAD + nonce + AESGCM(key).encrypt(nonce, data, name.encode())
    write_durably(house.settings.data_dir / FOLDER / name, body, mode=0o600)
    return f"{FOLDER}/{name}", wrapped


def _read(house: House, file: str, wrapped_key: str) -> bytes:
    name = Path(file).name
    try:
        body = (house.settings.data_dir / FOLDER / name).read_bytes()
        key = _unwrap(_private(house), wrapped_key, name)
        start = len(_HEAD) + _NONCE
        return AESGCM(key).decrypt(body[len(_HEAD) : start], body[start:], name.encode())
    except (OSError, InvalidTag, ValueError) as problem:
        raise UnavailableError(
            _("The sealed file does not open."),
            code="seal_broken",
            diagnostics=type(problem).__name__,
        ) from problem


def _private(house: House) -> bytes:
    return keys.read(house.settings.keys_dir, keys.KeyName.SEAL)


def _wrap(public: X25519PublicKey, key: bytes, name: str) -> str:
    """Seal a file's key to the installation: a fresh key pair for each file."""
    once = X25519PrivateKey.generate()
    mine = once.public_key().public_bytes_raw()
    nonce = os.urandom(_NONCE)
    secret = _derived(once.exchange(public), mine, public.public_bytes_raw())
    return base64.b64encode(
        mine + nonce + AESGCM(secret).encrypt(nonce, key, name.encode())
    ).decode("ascii")


def _unwrap(private: bytes, wrapped: str, name: str) -> bytes:
    raw = base64.b64decode(wrapped, validate=True)
    theirs, nonce, body = raw[:_KEY], raw[_KEY : _KEY + _NONCE], raw[_KEY + _NONCE :]
    mine = X25519PrivateKey.from_private_bytes(private)
    shared = mine.exchange(X25519PublicKey.from_public_bytes(theirs))
    secret = _derived(shared, theirs, mine.public_key().public_bytes_raw())
    return AESGCM(secret).decrypt(nonce, body, name.encode())


def _derived(shared: bytes, once: bytes, public: bytes) -> bytes:
    return HKDF(SHA256(), _KEY, salt=once + public, info=_INFO).derive(shared)
