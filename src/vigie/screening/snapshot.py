# SPDX-License-Identifier: Apache-2.0
"""The Snapshot: everything that a decision may depend on, under one number.

Immutable. A door loads it in a thread, judges one probe item and swaps one
reference; a request ends on the Snapshot it began with.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import entry_points
from operator import attrgetter
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from vigie.core.decision import Ground
from vigie.core.errors import VigieError
from vigie.core.gateway import Brake, GatewayConf, KnownChange
from vigie.core.item import Author, Item, Subject, Surface
from vigie.core.territory import DEFAULT_COUNTRIES
from vigie.law import Cls, LawTable, from_document
from vigie.screening.access import AccessKey, AccessTable
from vigie.screening.detectors.base import Detector, Parts
from vigie.screening.judge import judge
from vigie.screening.matching.base import IndexRow
from vigie.screening.matching.index import HashIndex
from vigie.screening.policy import ActivePolicy, PolicySet
from vigie.screening.snapshot_files import (
    INDEX,
    SnapshotError,
    check_folder,
    current_number,
    read_manifest,
    read_part,
    read_parts,
)
from vigie.screening.streaming.terms import LazyTerms

DETECTORS: Final = "vigie.detectors"
REQUESTS: Final = frozenset({"jailbreak", "nudify_term"})
"""Labels of what prompts ask: answers are not held for them, though they are judged."""
T = TypeVar("T")
INDEX_TAIL: Final = "index_tail"
LIGHT: Final = ("brakes", "changes", "gateway", "keys")
"""Parts that no detector, policy or list reads."""


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    """Media that a person has decided: the same bytes meet the same action (rule b)."""

    sha256: str
    """Empty where only `pdq` is known of the confirmed copy."""
    decision_id: str
    action: str
    territories: tuple[str, ...]
    policy: str
    version: int
    ground: Ground
    pdq: str = ""
    """Of a picture of class intimate that a person confirmed: near copies meet it too."""


class Evaluation(msgspec.Struct, frozen=True, kw_only=True):
    """The operator's labelled sample for one clause of the terms (rule d)."""

    policy: str
    language: str
    low: float
    """Lower 95 % bound of precision."""


class Operator(msgspec.Struct, frozen=True, kw_only=True):
    """What the operator set: countries served and evaluations on file."""

    served: tuple[str, ...] = DEFAULT_COUNTRIES
    evaluations: tuple[Evaluation, ...] = ()

    def precision(self, policy: str, language: str | None) -> float | None:
        """Return the lower bound of precision for a policy and language, or None."""
        for one in self.evaluations:
            if one.policy == policy and one.language == language:
                return one.low
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What `judge` is given."""

    number: int
    policies: PolicySet
    law: LawTable
    detectors: Sequence[Detector]
    access: AccessTable
    operator: Operator = field(default_factory=Operator)
    decided: Mapping[str, tuple[Decided, ...]] = field(default_factory=dict)
    """What persons decided about media, by SHA-256: one for each ground."""
    index: HashIndex | None = None
    """Hashes of all banks; None: no list is loaded."""
    confirmed: Mapping[str, tuple[Decided, ...]] = field(default_factory=dict)
    """What was decided about confirmed pictures of class intimate, by PDQ hash."""
    child_offences: frozenset[str] = frozenset()
    terms: LazyTerms = field(default_factory=LazyTerms)
    """What streams are watched for: `terms.get()`."""
    gateway: GatewayConf = field(default_factory=GatewayConf)
    """Whom the AI gateway asks, and how its exchanges are guarded."""
    brakes: tuple[Brake, ...] = ()
    """Features of the gateway that stand still."""
    changes: Mapping[str, tuple[KnownChange, ...]] = field(default_factory=dict)
    """Registered changes by the digest of what was changed to."""

    @property
    def served(self) -> tuple[str, ...]:
        """The countries that "everywhere" stands for."""
        return self.operator.served

    def precision(self, policy: str, language: str | None) -> float | None:
        """Return the lower bound of precision on file (rule d), or None."""
        return self.operator.precision(policy, language)


def load(folder: Path, number: int | None = None) -> Snapshot:
    """Load a Snapshot and judge one probe item with it.

    Raises SnapshotError where a part is missing, damaged or does not work; the
    caller keeps the one it has.
    """
    manifest = read_manifest(folder, current_number(folder) if number is None else number)
    parts = read_parts(folder, manifest)
    base = folder / "parts" / manifest.parts[INDEX] if INDEX in manifest.parts else None
    if base is not None:
        check_folder(base)
    try:
        snapshot = assemble(manifest.number, parts, base)
        probe(snapshot)
    except SnapshotError:
        raise
    except (VigieError, msgspec.MsgspecError, OSError, KeyError, ValueError) as problem:
        raise SnapshotError(
            f"Snapshot {manifest.number} does not work.", diagnostics=repr(problem)
        ) from problem
    return snapshot


def load_next(folder: Path, number: int, held: Snapshot) -> Snapshot:
    """Load a Snapshot; what it shares with the one that is held is taken from there.

    Where nothing but small parts differ, a brake above all, it takes no longer
    with a million hashes than with none. Raises as `load`.
    """
    manifest = read_manifest(folder, number)
    try:
        before = read_manifest(folder, held.number).parts
    except SnapshotError:
        return load(folder, number)
    names = {*before, *manifest.parts}
    changed = {name for name in names if before.get(name) != manifest.parts.get(name)}
    if not changed <= set(LIGHT):
        return load(folder, number)
    there = [name for name in manifest.parts if name in LIGHT]
    parts = {name: read_part(folder, manifest, name) for name in there}
    try:
        return replace(held, number=number, **_light(parts))
    except (msgspec.MsgspecError, ValueError) as problem:
        raise SnapshotError(
            f"Snapshot {number} does not work.", diagnostics=repr(problem)
        ) from problem


def load_index(folder: Path, number: int) -> HashIndex | None:
    """Load the hash index of a Snapshot alone: memory-mapped, shared by all processes.

    For who must know whether bytes are listed and decides nothing. None: no
    list is loaded. Raises SnapshotError where a part is missing or damaged.
    """
    manifest = read_manifest(folder, number)
    base = folder / "parts" / manifest.parts[INDEX] if INDEX in manifest.parts else None
    if base is not None:
        check_folder(base)
    tail = read_part(folder, manifest, INDEX_TAIL) if INDEX_TAIL in manifest.parts else b"[]"
    try:
        return _index(base, msgspec.json.decode(tail, type=list[IndexRow]))
    except (msgspec.MsgspecError, OSError, ValueError) as problem:
        raise SnapshotError(
            f"The index of snapshot {number} does not work.", diagnostics=repr(problem)
        ) from problem


def _index(base: Path | None, tail: list[IndexRow]) -> HashIndex | None:
    index = HashIndex.open(base) if base else None
    if not tail:
        return index
    return index.with_tail(tail) if index else HashIndex.of(tail)


def assemble(number: int, parts: Mapping[str, bytes], base: Path | None = None) -> Snapshot:
    """Build a Snapshot from the bytes of its parts; absent parts are empty."""
    law = from_document(parts["law"])
    read = _reader(parts)
    index = _index(base, read(INDEX_TAIL, list[IndexRow]))
    lexicons = tuple(read("lexicons", list[dict[str, Any]]))
    detectors = build_detectors(
        Parts(
            lexicons=lexicons,
            domains=tuple(read("domains", list[dict[str, Any]])),
            index=index,
        )
    )
    labels = sorted({label for one in detectors for label in one.labels})
    decided = read("decided", list[Decided])
    return Snapshot(
        number=number,
        policies=PolicySet(read("policies", list[ActivePolicy]), labels, law),
        law=law,
        detectors=detectors,
        operator=(
            msgspec.json.decode(parts["operator"], type=Operator)
            if "operator" in parts
            else Operator()
        ),
        decided=by_key(decided, attrgetter("sha256")),
        confirmed=by_key(decided, attrgetter("pdq")),
        index=index,
        child_offences=frozenset(e.id for e in law.entries.values() if e.cls is Cls.CHILD),
        terms=LazyTerms([one for one in lexicons if one.get("label") not in REQUESTS]),
        **_light(parts),
    )


def _light(parts: Mapping[str, bytes]) -> dict[str, Any]:
    """Return what the parts `LIGHT` are in a Snapshot."""
    read = _reader(parts)
    return {
        "access": AccessTable(read("keys", list[AccessKey])),
        "brakes": tuple(read("brakes", list[Brake])),
        "changes": by_key(read("changes", list[KnownChange]), attrgetter("digest")),
        "gateway": msgspec.json.decode(parts.get("gateway", b"{}"), type=GatewayConf),
    }


def by_key(things: Sequence[T], key: Callable[[T], str]) -> dict[str, tuple[T, ...]]:
    """Return things by a hash of theirs; what has none is left out."""
    found: dict[str, tuple[T, ...]] = {}
    for one in things:
        if key(one):
            found[key(one)] = (*found.get(key(one), ()), one)
    return found


def build_detectors(parts: Parts) -> tuple[Detector, ...]:
    """Build every detector found by entry point, built-in ones by the same door."""
    found = sorted(entry_points(group=DETECTORS), key=lambda point: point.name)
    return tuple(point.load().from_parts(parts) for point in found)


def probe(snapshot: Snapshot) -> None:
    """Judge one harmless item; raises what is wrong with the Snapshot."""
    item = Item(id="probe", surface=Surface.POST, author=Author(id="probe"), text="A probe.")
    decision = judge([Subject(item)], snapshot, 0, iter(["probe-0-0000000000"]))[0]
    failed = sorted({s.detector for s in decision.signals if s.status == "failed"})
    if failed:
        raise SnapshotError(f"Detectors fail: {', '.join(failed)}.", field=failed[0])


def _reader(parts: Mapping[str, bytes]) -> Callable[[str, Any], Any]:
    def read(name: str, kind: Any) -> Any:
        return msgspec.json.decode(parts.get(name, b"[]"), type=kind)

    return read
