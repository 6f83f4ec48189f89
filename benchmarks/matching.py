# SPDX-License-Identifier: Apache-2.0
"""How fast known pictures are found: index and hashing, CPU seconds of one core.

Hashes are random; of 1,000 queries half are planted within 31 bits. What other
programs reach, on a machine of the same kind, stands beside (1 M hashes, batch
1 / 1000): threatexchange PDQIndex 893 / - queries per CPU second, 438 MB, build
9.2 s; faiss IndexBinaryFlat 738 / 783, 32 MB; faiss MultiHash (exact) 481 / 505,
335 MB; threatexchange hash of a picture 46 (1 MP) and 1.8 (12 MP) a second.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.common import Figure, cpu_seconds, rate
from vigie.screening.matching.base import BankClass, IndexRow, Ref
from vigie.screening.matching.index import HashIndex, build_index
from vigie.screening.matching.scan import Planes, scan
from vigie.screening.media.facts import facts_of

COUNT = 1_000_000
PICTURES = (("1 MP", 1152, 864), ("2 MP", 1632, 1224), ("12 MP", 4000, 3000))
REF = Ref("bench", "nobody", BankClass.TERMS)


def rows(values: np.ndarray) -> Iterator[IndexRow]:
    """Yield index rows of random words."""
    for value in values:
        yield IndexRow("pdq", value.tobytes(), REF)


def questions(values: np.ndarray, rng: np.random.Generator) -> list[bytes]:
    """Return 500 planted near-duplicates and 500 fresh hashes, mixed."""
    asked = []
    for number in range(1000):
        bits = np.unpackbits(values[rng.integers(len(values))].view(np.uint8))
        bits[rng.choice(256, int(rng.integers(0, 32)), replace=False)] ^= 1
        asked.append(np.packbits(bits).tobytes() if number % 2 else rng.bytes(32))
    return asked


def batches(index: HashIndex, asked: list[bytes], size: int) -> int:
    """Ask all questions in batches; return the number of hits."""
    return sum(
        found.total
        for start in range(0, len(asked), size)
        for found in index.query(asked[start : start + size])
    )


def measure() -> list[Figure]:
    """Return the rates of the index and of hashing pictures."""
    with tempfile.TemporaryDirectory() as folder:
        return [*index_figures(Path(folder) / "base"), *picture_figures()]


def index_figures(folder: Path) -> Iterator[Figure]:
    """Build, map and ask an index; stop where brute force finds something else."""
    rng = np.random.default_rng(1)
    values = rng.integers(0, 2**64, (COUNT, 4), dtype=np.uint64)
    start = cpu_seconds()
    build_index(rows(values), folder)
    yield Figure("index of 1 million hashes, built", cpu_seconds() - start, "CPU s")
    size = sum(path.stat().st_size for path in folder.iterdir())
    yield Figure("its size, mapped and shared", size / 1e6, "MB")
    index = HashIndex.open(folder)
    asked = questions(values, rng)
    planes, few = Planes.of([value.tobytes() for value in values]), asked[:100]
    oracle = len(scan(planes, Planes.of(few), 31).row)
    if oracle != sum(each.total for each in index.query(few)):
        raise SystemExit("the index does not find what brute force finds")
    alone = 0.0
    for batch in (1000, 8, 1):
        alone = rate(lambda batch=batch: _asked(index, asked, batch))  # type: ignore[misc]
        yield Figure(f"queries of it, radius 31, in batches of {batch}", alone, "/CPU s")
    yield from peer_figures(values, asked, alone)
    tailed = index.with_tail(rows(rng.integers(0, 2**64, (20_000, 4), dtype=np.uint64)))
    yield Figure(
        "the same with 20,000 new hashes, 8", rate(lambda: _asked(tailed, asked, 8)), "/CPU s"
    )


def peer_figures(values: np.ndarray, asked: list[bytes], alone: float) -> Iterator[Figure]:
    """Ask the peers that are installed (`pip install faiss-cpu threatexchange`) the same."""
    if find_spec("faiss"):
        faiss = import_module("faiss")
        faiss.omp_set_num_threads(1)
        flat = faiss.IndexBinaryFlat(256)
        flat.add(values.view(np.uint8).reshape(len(values), 32))
        words = [np.frombuffer(one, np.uint8).reshape(1, 32) for one in asked[:200]]
        speed = rate(lambda: len([flat.range_search(one, 32) for one in words]))
        yield Figure("faiss IndexBinaryFlat, one by one", speed, "/CPU s")
        yield Figure("ours against it", alone / speed, "times")
    if find_spec("threatexchange"):
        pdq = import_module("threatexchange.signal_type.pdq.pdq_index").PDQIndex
        start = cpu_seconds()
        index = pdq.build([(value.tobytes().hex(), None) for value in values])
        yield Figure("threatexchange PDQIndex, built", cpu_seconds() - start, "CPU s")
        texts = [one.hex() for one in asked[:200]]
        speed = rate(lambda: len([index.query(one) for one in texts]))
        yield Figure("threatexchange PDQIndex, one by one", speed, "/CPU s")
        yield Figure("ours against it", alone / speed, "times")


def _asked(index: HashIndex, asked: list[bytes], size: int) -> int:
    batches(index, asked, size)
    return len(asked)


def picture_figures() -> Iterator[Figure]:
    """Hash synthetic photographs as a decoder does."""
    for name, width, height in PICTURES:
        data = photograph(width, height)
        repeats = max(2, 20_000_000 // (width * height))
        speed = rate(lambda data=data, repeats=repeats: _hashed(data, repeats))  # type: ignore[misc]
        yield Figure(f"pictures of {name} decoded and hashed", speed, "/CPU s")
        if find_spec("pdqhash"):
            peer = rate(lambda data=data: _peer_hashed(data), 1)  # type: ignore[misc]
            yield Figure("ours against Pillow and pdqhash", speed / peer, "times")


def _hashed(data: bytes, repeats: int) -> int:
    return sum(facts_of(data).status == "ok" for _ in range(repeats))


def _peer_hashed(data: bytes) -> int:
    compute = import_module("pdqhash").compute
    for _ in range(2):
        with Image.open(io.BytesIO(data)) as picture:
            compute(np.asarray(picture.convert("RGB")))
    return 2


def photograph(width: int, height: int) -> bytes:
    """Return a synthetic JPEG file with the detail of a photograph."""
    rng = np.random.default_rng(2)
    total = np.full((height, width, 3), 128.0, dtype=np.float32)
    for cells in (8, 16, 32, 64, 256, 1024):
        noise = rng.integers(0, 256, (cells, cells, 3), dtype=np.uint8)
        layer = Image.fromarray(noise).resize((width, height), Image.Resampling.BICUBIC)
        total += (np.asarray(layer, dtype=np.float32) - 128) * (4 / cells**0.5)
    file = io.BytesIO()
    Image.fromarray(total.clip(0, 255).astype(np.uint8)).save(file, "JPEG", quality=90)
    return file.getvalue()
