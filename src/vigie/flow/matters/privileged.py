# SPDX-License-Identifier: Apache-2.0
"""Notes between counsel and client: encrypted before they are stored, readable by counsel alone.

The server holds the public half of the legal role's age key and nothing else.
The private half never lies here, not in the vault either: whoever seizes the
machines, or their backups, cannot be made to read what nobody on them can. It
is counsel's file, kept apart, given for one reading and forgotten again.

A note has no record, no entry of the log, no search row and no place in any
export. Of it only that it exists may be listed: ciphertexts are padded, so that
not even a length says more. Losing the private half loses the notes.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.utils.translation import gettext as _

from vigie.core.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    RefusedError,
    UnavailableError,
)
from vigie.evidence import age
from vigie.flow.house import House
from vigie.flow.matters import files
from vigie.flow.transaction import writing
from vigie.screening.snapshot_files import write_durably
from vigie.store.models import PrivilegedNote, User
from vigie.store.permissions import Permission

KEY_FILE: Final = "legal-role.pub"
"""In the keys folder: the public half."""
MAX_TEXT: Final = 100_000
BLOCK: Final = 4_096
"""Notes are padded to a multiple of so many bytes."""


@dataclass(frozen=True, slots=True)
class Existing:
    """That a note exists, and since when."""

    pk: int
    at: int


def set_recipient(house: House, recipient: str) -> str:
    """Name the public key that notes are encrypted to from now on; returns it.

    Older notes stay with the key they were written to. Raises InvalidInputError.
    """
    known = age.check_recipient(recipient)
    path = _path(house)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_durably(path, f"{known}\n".encode(), mode=0o600)
    return known


def create_key(house: House, out: Path) -> str:
    """Make a key pair: the private half into a file of counsel's, the public half here.

    Raises ConflictError where the file exists, InvalidInputError for a place within
    the data folder: backups would carry it, and a seizure of the machine take it.
    """
    folder, place = house.settings.data_dir.resolve(), out.resolve()
    if place == folder or folder in place.parents:
        raise InvalidInputError(
            "The private half must not lie in the data folder.",
            code="legal_key_place",
            field="--out",
            fix="Name a place of counsel's own, such as a removable medium.",
        )
    if out.exists():
        raise ConflictError(f"{out} is there already.", code="legal_key_exists", field="--out")
    made = age.generate()
    write_durably(out, f"# public key: {made.recipient}\n{made.secret}\n".encode(), mode=0o600)
    return set_recipient(house, made.recipient)


def recipient(house: House) -> str:
    """Return the public key of the legal role. Raises UnavailableError where none is set."""
    try:
        return age.check_recipient(_path(house).read_text(encoding="ascii"))
    except (OSError, ValueError, InvalidInputError):
        raise UnavailableError(
            _("The legal role has no key yet."),
            code="no_legal_key",
            fix=_("On the server: `vigie matter key create --out` with a file of counsel's own."),
        ) from None


def has_recipient(house: House) -> bool:
    """Say whether notes can be written."""
    return _path(house).exists()


def _path(house: House) -> Path:
    return house.settings.keys_dir / KEY_FILE


def check_right(user: User) -> None:
    """Raise RefusedError for everybody but the legal role."""
    if not user.has_perm(Permission.MATTER_PRIVILEGED):
        raise RefusedError(_("Privileged notes are for the legal role alone."))


def add_note(house: House, user: User, number: int, text: str) -> PrivilegedNote:
    """Encrypt a note to the legal role and keep the ciphertext alone.

    Raises RefusedError, NotFoundError, ConflictError for a closed file,
    InvalidInputError, UnavailableError without a key: then nothing is kept.
    """
    check_right(user)
    files.check_length("note", text, 1, MAX_TEXT)
    sealed = age.encrypt(_padded(text), [recipient(house)])
    with writing():
        return PrivilegedNote.objects.create(
            matter=files.held(number), ciphertext=sealed, written_by=user, at=house.now()
        )


def _padded(text: str) -> bytes:
    """Return the text with line ends up to the next whole block."""
    said = text.strip().encode()
    return said + b"\n" * (BLOCK - len(said) % BLOCK)


def existing(matter: int) -> list[Existing]:
    """Return that notes exist, in order; nothing of what they say."""
    rows = PrivilegedNote.objects.filter(matter=matter).order_by("pk")
    return [Existing(*one) for one in rows.values_list("pk", "at")]


def ciphertext(user: User, note: int) -> bytes:
    """Return a note as it is kept: an age file that counsel's own key opens anywhere.

    Raises RefusedError, NotFoundError.
    """
    check_right(user)
    row = PrivilegedNote.objects.filter(pk=note).first()
    if row is None:
        raise NotFoundError(_("There is no such note."), code="no_note")
    return bytes(row.ciphertext)


def read_note(user: User, note: int, identity: str) -> str:
    """Return what a note says, opened with counsel's private key, which is kept nowhere.

    Raises RefusedError, NotFoundError, InvalidInputError for what is no key,
    UnavailableError where it does not open this note.
    """
    data = ciphertext(user, note)
    return age.decrypt(data, [secret_of(identity)]).decode().rstrip("\n")


def secret_of(text: str) -> str:
    """Return the identity of a key file: the line that is no comment."""
    lines = [one.strip() for one in text.splitlines()]
    return next((one for one in lines if one and not one.startswith("#")), "")
