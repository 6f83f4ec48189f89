# SPDX-License-Identifier: Apache-2.0
"""Small evidence packages from fixed seeds: the product's own writer on a log of its own."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.ledger import NOW, ORIGIN, open_log, seed
from vigie.evidence import outgoing, package
from vigie.evidence.contents import Contents, Head, LogRecord, Piece, Stamp
from vigie.evidence.spool import Spool
from vigie.ledger.entry import field_commitment, make_entry, record_salt
from vigie.ledger.log import ListSource, Log
from vigie.ledger.note import Cosigner, Signer
from vigie.ledger.policy import format_policy, of_key
from vigie.ledger.proof import FieldOpening, decision_proof, log_proof
from vigie.ledger.tiles import TileTree
from vigie.ledger.verify import bundle
from vigie.ledger.verify.canonical import canonical_json
from vigie.ledger.verify.handled import handled_line
from vigie.ledger.verify.package_form import Growth
from vigie.ledger.verify.packages import Asked, verify_package
from vigie.ledger.verify.shelves import Shelf
from vigie.ledger.verify.views import parse_records

PACKAGE_ID = "vp-o17-1-0123abcd"
OPENED = ("sha256", "size", "item", "by", "reason", "ticket")


@dataclass
class Maker:
    """A log and what was recorded in it."""

    home: Path
    log: Log = field(init=False)
    source: ListSource = field(default_factory=ListSource)
    signer: Signer = field(init=False)
    now: int = NOW
    records: list[LogRecord] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.log = open_log(self.home, self.source)
        self.log.start(NOW)
        self.signer = package.package_signer(ORIGIN, seed("package key"))

    def record(self, kind: str, plain: dict[str, Any], **personal: Any) -> LogRecord:
        """Append a record; its personal values are opened where a package opens them."""
        index = len(self.source.entries)
        key = seed(f"record {index}")
        value = {"v": 1, "id": f"{index:032x}", "k": kind, "t": self.now, **plain}
        self.now += 1000
        fields = []
        for path, said in personal.items():
            salt = record_salt(key, path)
            value[path] = {"_c": field_commitment(path, salt, canonical_json(said))}
            if path in OPENED:
                fields.append(FieldOpening(path, salt, said))
        content, salt = canonical_json(value), record_salt(key)
        self.source.entries.append(make_entry(content, salt))
        made = LogRecord(index=index, content=content, salt=salt, fields=tuple(fields))
        self.records.append(made)
        return made

    def publish(self) -> str:
        """Sign a checkpoint over all there is."""
        self.log.publish(self.now)
        return (self.log.note or b"").decode()

    @property
    def vkey(self) -> str:
        """The log's key."""
        return Signer(ORIGIN, seed("log key")).vkey


@dataclass
class MadePackage:
    """A finished package."""

    spool: Spool
    contents: Contents
    maker: Maker

    def files(self) -> dict[str, bytes]:
        """Return every file by name."""
        return {name: self.spool.get(name) for name in self.spool.measured}

    def zip(self) -> bytes:
        """Return the ZIP in the clear."""
        return b"".join(outgoing.zip_chunks(self.spool, self.contents.head.package_id))

    def unpack(self, folder: Path) -> Path:
        """Write the package as a folder."""
        return write_files(folder / self.contents.head.package_id, self.files())


def write_files(folder: Path, files: dict[str, bytes]) -> Path:
    """Write files by name below a folder."""
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def memory_shelf(files: dict[str, bytes]) -> Shelf:
    """Return files in memory as the verifier reads them."""
    return Shelf({n: len(d) for n, d in files.items()}, lambda name: iter([files[name]]))


def states(files: dict[str, bytes], vkey: str = "", **asked: Any) -> dict[str, str]:
    """Verify files in memory; return the state of each step."""
    policy = of_key(vkey) if vkey else None
    given = Asked(policy=policy, now_ms=asked.pop("now_ms", NOW + 10**9), **asked)
    found = verify_package(memory_shelf(files), "p", "", given)
    return {one.name.split()[1]: one.state for one in found[:10]}


def head(**more: Any) -> Head:
    """Return the head of a package."""
    said: dict[str, Any] = {
        "package_id": PACKAGE_ID,
        "made_at": NOW + 500_000,
        "subject": "O-17",
        "operator": "Agora",
        "origin": ORIGIN,
        "authority": "Parquet de Démonstration",
        "reference": "REF 2026/17",
        "basis": "Reg. (EU) 2023/1543",
        "scope": ("content: a-9 at agora, until 2026-11-22",),
    }
    return Head(**{**said, **more})


def piece(maker: Maker, spool: Spool, number: int, data: bytes, **more: Any) -> Piece:
    """Seal a piece, record its custody, and put its bytes into the spool."""
    name = f"{number:032x}"
    from hashlib import sha256

    digest = sha256(data).hexdigest()
    made = Piece(
        evidence_id=name,
        number=number,
        kind=more.get("kind", "media"),
        mime=more.get("mime", "application/octet-stream"),
        size=len(data),
        sha256=digest,
        is_account=more.get("is_account", False),
        account=more.get("account", "a-9"),
        meta={"url": f"https://agora.example/p/{number}"} if not more.get("is_account") else {},
    )
    maker.record(
        "evidence.sealed",
        {"evidence": name, "epoch": 1, "kind": made.kind, "rule": "order"},
        item={"service": "agora", "id": f"p-{number}", "author": "ab" * 16},
        sha256=digest,
        size=len(data),
        basis="order O-17",
    )
    spool.put(made.path, data)
    return made


def copied(maker: Maker, made: Piece) -> None:
    """Record that a piece went into the package."""
    maker.record(
        "evidence.copied",
        {"evidence": made.evidence_id, "purpose": "package"},
        by="legal-1",
        reason="package",
        ticket="O-17",
    )


def make_package(home: Path, pieces: int = 3, *, held: int = 1 << 26, **more: Any) -> MadePackage:
    """Make a package of so many pieces, an account file among them, and a compliance list."""
    maker, spool = Maker(home), Spool(home, held=held)
    received = maker.record(
        "notice.received", {"notice": 4, "channel": "form"}, words="never shown"
    )
    decided = maker.record(
        "decision.made", {"decision_id": "s-1", "outcome": "withhold"}, by="sen-2"
    )
    found = [piece(maker, spool, n, b"piece %d " % n * 40) for n in range(1, pieces + 1)]
    account = json.dumps({"account": "a-9"}).encode()
    found.append(
        piece(
            maker,
            spool,
            pieces + 1,
            account,
            kind="account",
            is_account=True,
            mime="application/json",
        )
    )
    early = maker.publish()
    early_size = len(maker.source.entries)
    for one in found:
        copied(maker, one)
    note = maker.publish()
    folder = maker.log.folder
    tree = TileTree(folder, len(maker.source.entries))
    stamps = (
        [
            Stamp(
                size=early_size,
                checkpoint=early,
                growth=tuple(tree.consistency(early_size)),
                **more["stamp"](early),
            )
        ]
        if "stamp" in more
        else []
    )
    proofs = {
        one.index: log_proof(folder, one.index, note.encode()).text() for one in maker.records
    }
    shown = {one.position: one for one in parse_records(_lines(maker.records))}
    lines = [handled_line("notice", "N-4", shown[received.index], shown[decided.index])]
    contents = Contents(
        head=head(),
        checkpoint=note,
        policy=format_policy([maker.vkey], {}),
        verifier=bundle.build().encode(),
        pieces=found,
        records=list(maker.records),
        proofs=proofs,
        stamps=stamps,
        missing=["No witness is configured: nobody outside has cosigned this log."],
        handled=lines,
    )
    finish(maker, spool, contents)
    return MadePackage(spool, contents, maker)


def _lines(records: list[LogRecord]) -> bytes:
    return b"".join(package._record_line(one) for one in records)


def finish(maker: Maker, spool: Spool, contents: Contents) -> None:
    """Record the export, publish, sign."""
    digest = package.fill(spool, contents, "0.1.0")
    before = len(maker.source.entries)
    export = maker.record(
        "package.exported",
        {
            "package": contents.head.package_id,
            "digest": f"sha512:{digest}",
            "key": maker.signer.vkey,
        },
    )
    maker.records.pop()
    note = maker.publish()
    proof = log_proof(maker.log.folder, export.index, note.encode())
    tree = TileTree(maker.log.folder, before + 1)
    own = package.Own(
        index=export.index,
        export=decision_proof(export.content, export.salt, proof),
        growth=Growth(before, tuple(tree.consistency(before)), note),
    )
    package.sign(spool, contents.head, digest, own, maker.signer)


def cosigner(label: str) -> Cosigner:
    """Return a witness with a fixed key."""
    return Cosigner(f"{label}.example", seed(label))
