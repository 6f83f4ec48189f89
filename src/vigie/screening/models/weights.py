# SPDX-License-Identifier: Apache-2.0
"""Weight files: 8-bit codes with what is needed to read them, no pickle.

A code q stands for ``sign(q) * q**2``, in units of the file's `unit`: small
weights keep more steps than large ones. Sums are made in integers, so that a
score is the same on every machine.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from vigie.core.errors import UnavailableError
from vigie.screening.models.features import SCHEME

Table = npt.NDArray[np.int16]
_TOP = 127


class WeightsError(UnavailableError):
    """A weight file that does not read, or was made for other features."""

    code = "weights_unusable"


@dataclass(frozen=True, slots=True)
class Weights:
    """Tables of integer weights by name, and the facts that travel with them."""

    tables: dict[str, Table]
    facts: dict[str, Any]

    @property
    def digest(self) -> str:
        """SHA-256 over facts and codes: names what a score was made with."""
        return str(self.facts["digest"])


def encode(values: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.int8], float]:
    """Return the codes of weights and their unit."""
    top = float(np.abs(values).max()) or 1.0
    codes = np.rint(np.sign(values) * np.sqrt(np.abs(values) / top) * _TOP)
    return codes.astype(np.int8), top / _TOP**2


def decode(codes: npt.NDArray[np.int8]) -> Table:
    """Return the integer weights of codes."""
    wide = codes.astype(np.int16)
    return np.asarray(np.sign(wide) * wide * wide, dtype=np.int16)


def digest_of(codes: dict[str, npt.NDArray[np.int8]], facts: dict[str, Any]) -> str:
    """Return the SHA-256 over everything in a weight file but the digest itself."""
    total = hashlib.sha256(msgspec.json.encode(facts, order="deterministic"))
    for name in sorted(codes):
        total.update(f"{name}{codes[name].shape}".encode())
        total.update(np.ascontiguousarray(codes[name]).tobytes())
    return total.hexdigest()


def save(path: Path, codes: dict[str, npt.NDArray[np.int8]], facts: dict[str, Any]) -> str:
    """Write a weight file; return its digest."""
    facts = {"scheme": SCHEME, **facts}
    digest = digest_of(codes, facts)
    text = msgspec.json.encode({**facts, "digest": digest}, order="deterministic")
    arrays: dict[str, Any] = {"facts": np.frombuffer(text, dtype=np.uint8), **codes}
    np.savez_compressed(path, **arrays)
    return digest


def load(content: bytes, name: str) -> Weights:
    """Read a weight file. Raises WeightsError where it is damaged or of another kind."""
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            codes = {key: arrays[key] for key in arrays.files if key != "facts"}
            facts = msgspec.json.decode(arrays["facts"].tobytes(), type=dict[str, Any])
    except Exception as problem:
        raise WeightsError(f"Weights {name} do not read.", diagnostics=repr(problem)) from problem
    if facts.get("scheme") != SCHEME:
        raise WeightsError(f"Weights {name} were made for other features.", field="scheme")
    named = facts.pop("digest", None)
    if named != digest_of(codes, facts):
        raise WeightsError(f"Weights {name} are damaged.", field="digest")
    return Weights({key: decode(value) for key, value in codes.items()}, {**facts, "digest": named})
