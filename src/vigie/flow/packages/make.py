# SPDX-License-Identifier: Apache-2.0
"""Making a package: gather, log, sign, check as an outsider would, encrypt.

The export stands in the log before a byte of it leaves. What the outsider's own
verifier would not accept is not handed out.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from django.utils.translation import gettext as _

import vigie
from vigie import keys
from vigie.core.errors import ConflictError, OutsideError, UnavailableError, VigieError
from vigie.evidence import outgoing, package
from vigie.evidence.contents import Contents, Piece
from vigie.evidence.outgoing import Recipient
from vigie.evidence.spool import Spool
from vigie.exchange import tsa
from vigie.flow import records
from vigie.flow.anchoring import parties
from vigie.flow.decided import by_number
from vigie.flow.house import House
from vigie.flow.packages import choose, gather, logged
from vigie.flow.packages.choose import Choice
from vigie.flow.transaction import writing
from vigie.flow.vault import access
from vigie.ledger.entry import record_salt
from vigie.ledger.note import Signer
from vigie.ledger.policy import of_key
from vigie.ledger.proof import LogProof, decision_proof
from vigie.ledger.verify.checkpoints import parse_checkpoint
from vigie.ledger.verify.findings import FAILED
from vigie.ledger.verify.notes import parse_note
from vigie.ledger.verify.package_form import EXPORT_KIND, Growth
from vigie.ledger.verify.packages import Asked, verify_package
from vigie.store.models import (
    Evidence,
    EvidenceKind,
    EvidencePackage,
    MatterLink,
    Order,
    SearchDay,
    User,
)

READING: Final = "reading"
WRITING: Final = "writing"
PLAIN: Final = "none"
"""Recipient of what holds nothing personal and is not encrypted."""
_SHOWN: Final = ("md5", "sha1", "pdq", "url", "published_at", "category", "account")
Note = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and of how much."""


class Made(NamedTuple):
    """A package that was made: its row, its file, what nobody outside has vouched for."""

    row: EvidencePackage
    file: Path
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Into which file, to whom, by whom; told of progress."""

    out: Path
    by: str
    recipient: Recipient | None = None
    note: Note = lambda _what, _done, _of: None


def build(
    house: House,
    *,
    user: User,
    recipient: Recipient,
    out: Path,
    order: Order | None = None,
    search: SearchDay | None = None,
    note: Note = lambda _what, _done, _of: None,
) -> Made:
    """Make the package of an order or of a search, encrypted to its recipient.

    Args:
        house: the installation.
        user: who makes it.
        recipient: to whom it is encrypted.
        out: the file to write; it appears whole or not at all.
        order: a proven order with a granted scope, or
        search: the day of a search.
        note: told of progress.

    Raises RefusedError, ConflictError and UnavailableError as `choose`, the vault
    and the log do; ConflictError `file_exists` where the file is there.
    """
    if order is not None and search is None:
        choice = choose.of_order(house, user, order)
    elif search is not None and order is None:
        choice = choose.of_search(house, user, search)
    else:
        raise ValueError("a package is about one order or one search")
    check_free(out)
    target = Target(out=out, by=by_number(user), recipient=recipient, note=note)
    with Spool(_folder(house)) as spool:
        return finish(house, spool, choice, _read(house, user, choice, spool, note), target)


def check_free(out: Path) -> None:
    """Raise ConflictError where a file is there already."""
    if out.exists():
        raise ConflictError(
            _("%(file)s is there already.") % {"file": out.name},
            code="file_exists",
            field="out",
            fix=_("Name a new file."),
        )


def _folder(house: House) -> Path:
    house.settings.run_dir.mkdir(parents=True, exist_ok=True)
    return house.settings.run_dir


def _read(house: House, user: User, choice: Choice, spool: Spool, note: Note) -> list[Piece]:
    """Copy each sealed record out of the vault; its bytes must be those of its row."""
    accounts = {one.evidence.evidence_id: one.account for one in choice.chosen}
    rows = [one.evidence for one in choice.chosen]
    pieces: list[Piece] = []
    taken = access.packaged(house, rows, user=user, order=choice.order, ticket=choice.subject)
    for row, data in taken:
        piece = _piece(row, accounts[row.evidence_id])
        if spool.put(piece.path, data).sha256 != row.sha256:
            raise UnavailableError(
                _("What the vault gave is not what was sealed."), code="vault_differs"
            )
        words = _words(row, data)
        if words:
            spool.put(f"{piece.folder}/rendition.txt", words)
        pieces.append(piece)
        note(READING, len(pieces), len(rows))
    return pieces


def _words(row: Evidence, data: bytes) -> bytes:
    """Return the text of a preserved item as a working copy; the original stays beside it."""
    if row.kind != EvidenceKind.CONTEXT:
        return b""
    try:
        text = json.loads(data)["item"]["text"]
    except (ValueError, KeyError, TypeError):
        return b""
    return text.encode() if isinstance(text, str) else b""


def _piece(row: Evidence, account: str) -> Piece:
    shown = {name: row.meta[name] for name in _SHOWN if isinstance(row.meta.get(name), str | int)}
    return Piece(
        evidence_id=row.evidence_id,
        number=row.number,
        kind=row.kind,
        mime=row.mime,
        size=row.size,
        sha256=row.sha256,
        is_account=row.kind == EvidenceKind.ACCOUNT,
        account=account,
        meta={**shown, "sealed_at": row.sealed_at},
    )


def finish(
    house: House, spool: Spool, choice: Choice, pieces: Sequence[Piece], target: Target
) -> Made:
    """Fill, log, sign, check and write what was gathered. Raises as `build`."""
    settings = house.settings
    seed = keys.read(settings.keys_dir, keys.KeyName.PACKAGE)
    signer = package.package_signer(settings.log_origin, seed)
    gathered = gather.contents(house, choice, pieces)
    digest = package.fill(spool, gathered, vigie.__version__)
    row, draft, index = _record(house, choice, gathered, spool, signer, digest, target)
    own = _own(house, gathered, draft, index, digest, signer)
    package.sign(spool, gathered.head, digest, own, signer)
    check(house, spool, gathered)
    _write(spool, row.package_id, target)
    return Made(row, target.out, tuple(gathered.missing))


def _record(
    house: House,
    choice: Choice,
    gathered: Contents,
    spool: Spool,
    signer: Signer,
    digest: str,
    target: Target,
) -> tuple[EvidencePackage, records.Draft, int]:
    """Record the export: from here on the log knows of this package."""
    now, name = house.now(), gathered.head.package_id
    plain = {
        "package": name,
        "digest": f"sha512:{digest}",
        "key": signer.vkey,
        "records": len(gathered.records),
    }
    recipient = target.recipient.text if target.recipient else PLAIN
    personal = {"subject": choice.subject, "recipient": recipient, "by": target.by}
    with writing():
        draft = records.draft(EXPORT_KIND, now, plain, personal)
        index = records.append_one(draft)
        row = EvidencePackage.objects.create(
            package_id=name,
            order=choice.order,
            search=choice.search.number if choice.search else None,
            recipient=recipient,
            tagmanifest_sha512=digest,
            records=len(gathered.records),
            size=sum(one.size for one in spool.measured.values()),
            made_by=target.by,
            at=now,
            record_id=draft.record_id,
        )
        matter = choice.order.matter if choice.order else None
        if matter is not None:
            MatterLink.objects.create(matter=matter, kind="package", target=name, at=now)
    return row, draft, index


def _own(
    house: House,
    gathered: Contents,
    draft: records.Draft,
    index: int,
    digest: str,
    signer: Signer,
) -> package.Own:
    """Return proof of the export, growth of the log up to it, and the stamp on the note."""
    note = logged.cover(house, index)
    before = _size(gathered.checkpoint)
    tree = logged.tree(house, _size(note))
    proof = LogProof(index, tuple(tree.inclusion(index)), note)
    own = package.note_of(gathered.head, digest, index, signer).encode()
    stamp, chain = _stamped(house, own)
    return package.Own(
        index=index,
        export=decision_proof(draft.content, record_salt(draft.key), proof),
        growth=Growth(before, tuple(tree.consistency(before)), note),
        stamp=stamp,
        stamp_chain=chain,
    )


def _size(note: str) -> int:
    return parse_checkpoint(parse_note(note).text).size


def _stamped(house: House, note: bytes) -> tuple[bytes, str]:
    """Have the package's note stamped by the first authority that answers, if there is one."""
    try:
        asked = parties.authorities(house.settings)
    except VigieError:
        return b"", ""
    for one in asked:
        try:
            got = tsa.stamp(one, note)
        except OutsideError:
            continue
        return got.response, got.chain
    return b"", ""


def check(house: House, spool: Spool, gathered: Contents) -> None:
    """Verify the package as an outsider would, with the log's key alone.

    Raises UnavailableError `package_unsound`: it must not leave then.
    """
    asked = Asked(policy=of_key(parties.log_vkey(house.settings)), now_ms=house.now())
    found = verify_package(spool.shelf(), gathered.head.package_id, "", asked)
    wrong = [one.words for one in found if one.state == FAILED]
    if wrong:
        raise UnavailableError(
            _("The package does not verify: nothing is handed out."),
            code="package_unsound",
            diagnostics="; ".join(wrong)[:500],
        )


def _write(spool: Spool, name: str, target: Target) -> None:
    size, done = outgoing.zip_size(spool, name), 0

    def moved(octets: int) -> None:
        nonlocal done
        done += octets
        target.note(WRITING, done, size)

    if target.recipient is None:
        outgoing.write_plain(spool, name, target.out, moved)
    else:
        outgoing.write_encrypted(spool, name, target.recipient, target.out, moved)
