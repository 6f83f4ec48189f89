# SPDX-License-Identifier: Apache-2.0
"""The form of an evidence package: its names, its notes, its lists.

A package is a bag (RFC 8493) with generated names only. The manifests and every
other file but `signatures/` stand in the tag manifest; the digest of that stands
in the package's note and in the log's record of the export.
"""

from __future__ import annotations

import hashlib
import re
from typing import Dict, List, NamedTuple, Tuple

from vigie.ledger.verify.bags import BAGIT_TXT, PAYLOAD, Bag, manifest_text, verify_bag
from vigie.ledger.verify.errors import MalformedError, MissingError, ProofError
from vigie.ledger.verify.notes import ED25519, NoteVerifier, VerifierKey, open_note, parse_note
from vigie.ledger.verify.shelves import Shelf
from vigie.ledger.verify.text import decode_decimal, decode_hash, encode_base64

PACKAGE_VERSION = "vigie-package/v1"
SIGNATURES_VERSION = "vigie-signatures/v1"
PACKAGE_KEY_SUFFIX = "/package"
EXPORT_KIND = "package.exported"
SIGNATURES = "signatures/"
NOTE, SUMS, EXPORT = "package.note", "sums.note", "export.json"
STAMP, STAMP_CHAIN, GROWTH = "package.tsr", "package.chain.pem", "consistency.txt"
TAG_MANIFEST = "tagmanifest-sha512.txt"
MAIN_MANIFESTS = ("sha256", "sha512")
RECORDS, CHECKPOINT, CUSTODY = "log/records.jsonl", "log/checkpoint", "data/custody.jsonl"
DECISIONS, HANDLED = "data/decisions.jsonl", "data/handled.jsonl"
_PLAIN_NAME = re.compile(r"[A-Za-z0-9._/-]+\Z")
PACKAGE_ID = re.compile(r"[a-z0-9][a-z0-9-]{7,63}\Z")
ITEM_FILE = re.compile(
    r"data/items/([0-9a-f]{32})/(original\.bin|meta\.json|rendition\.(?:txt|png))\Z"
)
ACCOUNT_FILE = re.compile(r"data/accounts/([0-9a-f]{32})\.json\Z")
STAMP_FILE = re.compile(r"log/timestamps/([0-9]+)(?:-[0-9]+)?\.(tsr|chain\.pem|checkpoint)\Z")
GROWTH_FILE = re.compile(r"log/consistency/([0-9]+)-([0-9]+)\.txt\Z")
PROOF_FILE = re.compile(r"log/([0-9]+)\.tlog-proof\Z")
_FIXED = frozenset(
    (
        "bagit.txt", "bag-info.txt", "manifest-sha256.txt", "manifest-sha512.txt",
        TAG_MANIFEST, RECORDS, CHECKPOINT, CUSTODY, DECISIONS, HANDLED,
        "data/handled.csv", "data/case.jsonld", "data/README.txt", "data/index.html",
        "data/inventory.en.pdf", "data/inventory.fr.pdf",
        "policy.txt", "verify.py", "verify.sha256",
    )
)  # fmt: skip
_SIGNED = (NOTE, EXPORT, GROWTH, STAMP, STAMP_CHAIN)
_NEEDED = (
    "bag-info.txt", RECORDS, CHECKPOINT, CUSTODY, DECISIONS, "policy.txt", "verify.py",
    "verify.sha256", SIGNATURES + NOTE, SIGNATURES + SUMS, SIGNATURES + EXPORT,
)  # fmt: skip


class PackageFiles(NamedTuple):
    """A package whose files are all there and all listed."""

    shelf: Shelf
    bag: Bag
    package_id: str
    tag_digest: str
    """SHA-512 of the tag manifest, hexadecimal."""


def is_signature(name: str) -> bool:
    """Say whether a file stands outside the tag manifest."""
    return name.startswith(SIGNATURES)


def package_note_text(package_id: str, tag_digest: str, origin: str, index: int) -> str:
    """Return what the package key signs."""
    return "{}\n{}\nsha512:{}\nlog {} {}\n".format(
        PACKAGE_VERSION, package_id, tag_digest, origin, index
    )


def sums_note_text(package_id: str, digests: Dict[str, str]) -> str:
    """Return the list of what lies in `signatures/`, signed so that none of it can change."""
    return "{}\n{}\n{}".format(SIGNATURES_VERSION, package_id, manifest_text(digests))


def read_package(shelf: Shelf, top: str = "") -> PackageFiles:
    """Check names, manifests and sums of a package; `top` is its folder's name in a ZIP.

    Raises at the first thing that does not fit. Nothing is believed yet.
    """
    _check_names(shelf)
    bag = verify_bag(shelf)
    if shelf.read("bagit.txt") != BAGIT_TXT or bag.warnings:
        raise MalformedError("A package is a bag of version 1.0.", field="bagit.txt")
    _check_manifests(shelf, bag)
    stated = [value for label, value in bag.info if label == "External-Identifier"]
    if len(stated) != 1 or not PACKAGE_ID.match(stated[0]) or top not in ("", stated[0]):
        raise ProofError("The package does not bear one name.", field="bag-info.txt")
    digest = hashlib.sha512(shelf.read(TAG_MANIFEST)).hexdigest()
    return PackageFiles(shelf, bag, stated[0], digest)


def _check_names(shelf: Shelf) -> None:
    for name in shelf.names:
        if not _PLAIN_NAME.match(name) or not _belongs(name):
            raise MalformedError("This file belongs to no package.", field=ascii(name))
    for name in _NEEDED:
        if name not in shelf.sizes:
            raise MissingError("The package lacks this file.", field=name)


def _belongs(name: str) -> bool:
    if is_signature(name):
        return name[len(SIGNATURES) :] in (*_SIGNED, SUMS)
    patterns = (ITEM_FILE, ACCOUNT_FILE, STAMP_FILE, GROWTH_FILE, PROOF_FILE)
    return name in _FIXED or any(pattern.match(name) for pattern in patterns)


def _check_manifests(shelf: Shelf, bag: Bag) -> None:
    """Every manifest must be, byte for byte, what the files give."""
    payload = [name for name in shelf.names if name.startswith(PAYLOAD)]
    tags = [
        name
        for name in shelf.names
        if name != TAG_MANIFEST and name not in payload and not is_signature(name)
    ]
    wanted = {"manifest-{}.txt".format(kind): (kind, payload) for kind in MAIN_MANIFESTS}
    wanted[TAG_MANIFEST] = ("sha512", tags)
    for manifest, (kind, names) in wanted.items():
        found = {name: bag.digests.get(name, {}).get(kind, "") for name in names}
        if "" in found.values():
            missing = min(name for name in found if not found[name])
            raise MissingError("{} does not list this file.".format(manifest), field=missing)
        if shelf.read(manifest) != manifest_text(found).encode("ascii"):
            raise MalformedError("The manifest is not as we write it.", field=manifest)


def open_with(data: bytes, key: VerifierKey) -> str:
    """Return the text of a note that this key, and nobody else, has signed."""
    if key.kind != ED25519 or not key.name.endswith(PACKAGE_KEY_SUFFIX):
        raise MalformedError("A package's key is Ed25519 and named /package.", field="key")
    note = parse_note(data)
    open_note(note, [NoteVerifier(key)])
    if len(note.signatures) != 1:
        raise MalformedError("A package's note bears one signature.", field="note")
    return note.text


def signature_digests(shelf: Shelf) -> Dict[str, str]:
    """Return the SHA-512 of every file in `signatures/` but the list of them."""
    found = {}
    for name in shelf.names:
        if is_signature(name) and name != SIGNATURES + SUMS:
            found[name] = hashlib.sha512(shelf.read(name)).hexdigest()
    return found


class Growth(NamedTuple):
    """A consistency proof as `log/consistency/` holds it: the body of `add-checkpoint`."""

    first: int
    path: Tuple[bytes, ...]
    checkpoint: str

    def text(self) -> str:
        """Write the file (C2SP tlog-witness, request body)."""
        lines = ["old {}".format(self.first), *map(encode_base64, self.path)]
        return "\n".join(lines) + "\n\n" + self.checkpoint


def parse_growth(data: bytes, field: str) -> Growth:
    """Read a consistency proof."""
    try:
        head, blank, checkpoint = data.decode("utf-8").partition("\n\n")
    except UnicodeDecodeError:
        raise MalformedError("A consistency proof is valid UTF-8.", field=field) from None
    lines: List[str] = head.split("\n")
    if not blank or not lines[0].startswith("old "):
        raise MalformedError("This is no consistency proof.", field=field)
    first = decode_decimal(lines[0][len("old ") :], field)
    return Growth(first, tuple(decode_hash(line, field) for line in lines[1:]), checkpoint)
