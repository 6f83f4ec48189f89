# SPDX-License-Identifier: Apache-2.0
"""A shelf as a folder of flat arrays that several processes map and share.

`index.json` names the references and every array with its SHA-256, so the
digest of that one file stands for all. Arrays are `.npy` files, little-endian.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt

from vigie.core.errors import ConflictError, InvalidInputError
from vigie.screening.matching import mih
from vigie.screening.matching.base import BankClass, Opinion, Ref
from vigie.screening.matching.scan import Planes
from vigie.screening.matching.shelf import NEAR, Exact, Near, References, Shelf

Arrays = dict[str, npt.NDArray[Any]]

FORMAT: Final = "vigie-hash-index/1"
MANIFEST: Final = "index.json"


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What `index.json` holds."""

    format: str
    m: int | None
    refs: list[tuple[str, str, BankClass, Opinion]]
    counts: dict[str, int]
    files: dict[str, str]
    """SHA-256 of each array file."""


def _arrays(shelf: Shelf) -> Arrays:
    parts: Arrays = {}
    if shelf.near:
        parts |= {"pdq.front": shelf.near.planes.front, "pdq.back": shelf.near.planes.back}
        if shelf.near.tables:
            parts |= {
                "pdq.starts": shelf.near.tables.starts,
                "pdq.ids": shelf.near.tables.ids,
            }
        parts |= _reference_arrays(NEAR, shelf.near.references)
    for algorithm, listed in shelf.exact.items():
        parts[f"{algorithm}.values"] = listed.values
        parts |= _reference_arrays(algorithm, listed.references)
    return parts


def _reference_arrays(algorithm: str, references: References) -> Arrays:
    return {
        f"{algorithm}.ref-starts": references.starts,
        f"{algorithm}.ref-ids": references.ids,
    }


def _write_file(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _write_array(path: Path, values: npt.NDArray[Any]) -> str:
    """Write one array through to the disk; return its SHA-256."""
    with path.open("wb") as file:
        np.save(file, values, allow_pickle=False)
        file.flush()
        os.fsync(file.fileno())
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _counts(shelf: Shelf) -> dict[str, int]:
    counts = {name: len(listed.values) for name, listed in shelf.exact.items()}
    return counts | ({NEAR: len(shelf.near.planes)} if shelf.near else {})


def write(shelf: Shelf, folder: Path) -> None:
    """Write a shelf as a new folder, which appears whole or not at all."""
    if folder.exists():
        raise ConflictError("This folder is there already.", code="index_exists")
    fresh = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    files = {
        f"{name}.npy": _write_array(fresh / f"{name}.npy", values)
        for name, values in _arrays(shelf).items()
    }
    manifest = Manifest(
        format=FORMAT,
        m=shelf.near.tables.m if shelf.near and shelf.near.tables else None,
        refs=[(ref.bank, ref.owner, ref.cls, ref.opinion) for ref in shelf.refs],
        counts=_counts(shelf),
        files=files,
    )
    _write_file(fresh / MANIFEST, msgspec.json.format(msgspec.json.encode(manifest), indent=1))
    fresh.rename(folder)


def _refuse(what: str) -> InvalidInputError:
    return InvalidInputError(
        f"The hash index cannot be used: {what}.",
        code="bad_index",
        fix="Build it again from the banks.",
    )


def _load(folder: Path, manifest: Manifest, *, verify: bool) -> Arrays:
    parts: Arrays = {}
    for name, digest in manifest.files.items():
        path = folder / Path(name).name
        try:
            if verify:
                with path.open("rb") as file:
                    if hashlib.file_digest(file, "sha256").hexdigest() != digest:
                        raise _refuse(f"{path.name} is not what was built")
            # asarray drops the slow memmap class; the mapping stays open behind it.
            parts[name.removesuffix(".npy")] = np.asarray(
                np.load(path, mmap_mode="r", allow_pickle=False)
            )
        except (OSError, ValueError, EOFError) as problem:
            raise _refuse(f"{path.name} does not load") from problem
    return parts


def _references(parts: Arrays, algorithm: str, count: int) -> References:
    found = References(parts[f"{algorithm}.ref-starts"], parts[f"{algorithm}.ref-ids"])
    if len(found.starts) != count + 1 or int(found.starts[-1]) != len(found.ids):
        raise _refuse(f"references of {algorithm} do not fit")
    return found


def _near(parts: Arrays, manifest: Manifest) -> Near | None:
    count = manifest.counts.get(NEAR)
    if count is None:
        return None
    planes = Planes(parts["pdq.front"], parts["pdq.back"])
    if planes.front.shape != (count, 2) or planes.back.shape != (count, 2):
        raise _refuse("its hashes do not fit")
    tables = None
    if manifest.m is not None:
        tables = mih.Tables(manifest.m, parts["pdq.starts"], parts["pdq.ids"])
        size = sum((1 << width) + 1 for width in mih.widths(manifest.m))
        if len(tables.starts) != size or len(tables.ids) != count * manifest.m:
            raise _refuse("its tables do not fit")
    return Near(planes, tables, _references(parts, NEAR, count))


def _exact(parts: Arrays, algorithm: str, count: int) -> Exact:
    values = parts[f"{algorithm}.values"]
    if len(values) != count or values.dtype.kind != "S":
        raise _refuse(f"values of {algorithm} do not fit")
    return Exact(values, _references(parts, algorithm, count))


def read(folder: Path, *, verify: bool = False) -> Shelf:
    """Map a shelf read-only; `verify` also compares every file with its SHA-256."""
    try:
        manifest = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except (OSError, msgspec.DecodeError) as problem:
        raise _refuse(f"{MANIFEST} does not load") from problem
    if manifest.format != FORMAT or manifest.m not in (None, *mih.TABLES):
        raise _refuse("its format is unknown")
    parts = _load(folder, manifest, verify=verify)
    try:
        exact = {
            name: _exact(parts, name, count)
            for name, count in manifest.counts.items()
            if name != NEAR
        }
        near = _near(parts, manifest)
    except KeyError as problem:
        raise _refuse("a file is missing") from problem
    return Shelf(tuple(Ref(*ref) for ref in manifest.refs), near, exact)
