# SPDX-License-Identifier: Apache-2.0
"""How fast known pictures are found: index and hashing, CPU seconds of one core.

    python -m benchmarks.matching [--hashes 1000000] [--tables 16] [--no-pictures]

Hashes are random; of 1,000 queries half are planted within 31 bits. What other
programs reach, on a machine of the same kind, stands beside (1 M hashes, batch
1 / 1000): threatexchange PDQIndex 893 / - queries per CPU second, 438 MB, build
9.2 s; faiss IndexBinaryFlat 738 / 783, 32 MB; faiss MultiHash (exact) 481 / 505,
335 MB; threatexchange hash of a picture 46 (1 MP) and 1.8 (12 MP) a second.
"""

from __future__ import annotations

import argparse
import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import hashlib
import io
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from vigie.core.item import MediaFacts
from vigie.screening.matching.base import BankClass, IndexRow, Ref
from vigie.screening.matching.index import HashIndex, build_index
from vigie.screening.matching.scan import Planes, scan
from vigie.screening.media.facts import facts_of
from vigie.screening.media.pool import DecoderPool

REF = Ref("bench", "nobody", BankClass.TERMS)


def cpu() -> float:
    """Return processor seconds of this process and its ended children."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + ended.ru_utime + ended.ru_stime


def calibrate() -> float:
    """Return SHA-256 of 1 KiB blocks per CPU second, to compare machines."""
    block = bytes(1024)
    start = cpu()
    for _ in range(100_000):
        hashlib.sha256(block).digest()
    return 100_000 / (cpu() - start)


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


def rate(work: Callable[[], object], count: int, rounds: int = 3) -> float:
    """Return how many a CPU second, the median of several rounds."""
    speeds = []
    for _ in range(rounds):
        start = cpu()
        work()
        speeds.append(count / (cpu() - start))
    return sorted(speeds)[rounds // 2]


def batches(index: HashIndex, asked: list[bytes], size: int) -> int:
    """Ask all questions in batches; return the number of hits."""
    return sum(
        found.total
        for start in range(0, len(asked), size)
        for found in index.query(asked[start : start + size])
    )


def measure_index(count: int, tables: int, folder: Path) -> None:
    """Build, map and ask an index; prove the answers against brute force."""
    rng = np.random.default_rng(1)
    values = rng.integers(0, 2**64, (count, 4), dtype=np.uint64)
    start = cpu()
    build_index(rows(values), folder / "base", tables)
    size = sum(path.stat().st_size for path in (folder / "base").iterdir())
    print(f"build   {cpu() - start:8.2f} CPU s   {size / 1e6:8.1f} MB on file, mapped and shared")
    start = cpu()
    index = HashIndex.open(folder / "base")
    print(f"open    {1000 * (cpu() - start):8.2f} CPU ms")
    asked = questions(values, rng)
    index.query(asked[:100])
    for batch in (1, 8, 32, 1000):
        speed = rate(lambda batch=batch: batches(index, asked, batch), len(asked))  # type: ignore[misc]
        print(f"query   {speed:8,.0f} per CPU s  batch {batch}")
    planes = Planes.of([value.tobytes() for value in values])
    few = asked[:100]
    oracle = len(scan(planes, Planes.of(few), 31).row)
    found = sum(each.total for each in index.query(few))
    print(f"recall  {found} of {oracle} pairs that brute force finds in 100 queries")
    speed = rate(lambda: scan(planes, Planes.of(few), 31), 100, 1)
    print(f"scan    {speed:8,.0f} per CPU s  batch 100 (brute force)")
    tailed = index.with_tail(rows(rng.integers(0, 2**64, (20_000, 4), dtype=np.uint64)))
    speed = rate(lambda: batches(tailed, asked, 8), len(asked))
    print(f"query   {speed:8,.0f} per CPU s  batch 8, with a tail of 20,000")
    digests = [("sha256", value) for value in asked]
    exact = HashIndex.of(IndexRow("sha256", value.tobytes(), REF) for value in values[:100_000])
    speed = rate(lambda: exact.lookup(digests), len(digests))
    print(f"digest  {speed:8,.0f} per CPU s  of 100,000")


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


def measure_pictures() -> None:
    """Hash synthetic photographs here and in the pool; print rates and memory."""
    for name, width, height in (("1 MP", 1152, 864), ("2 MP", 1632, 1224), ("12 MP", 4000, 3000)):
        data = photograph(width, height)
        repeats = max(2, 40_000_000 // (width * height))
        for full in (False, True):
            speed = rate(
                lambda data=data, full=full, repeats=repeats: [  # type: ignore[misc]
                    facts_of(data, full=full) for _ in range(repeats)
                ],
                repeats,
            )
            notes = facts_of(data, full=full).notes
            print(f"picture {speed:8.1f} per CPU s  {name} {len(data) // 1000} kB {notes}")
    small = photograph(1152, 864)
    start, began = cpu(), time.perf_counter()
    with DecoderPool() as pool:
        futures = [pool.submit(small) for _ in range(30)]
        answers: list[MediaFacts] = [future.result() for future in futures]
        resident = [_resident(pid) for pid in pool.pids]
    wall = time.perf_counter() - began
    print(f"pool    {30 / (cpu() - start):8.1f} per CPU s  1 MP, start included, wall {wall:.2f} s")
    print(f"workers {resident} MB resident; all ok: {all(a.status == 'ok' for a in answers)}")


def _resident(pid: int) -> int:
    """Return resident megabytes of a process, 0 where the system does not say."""
    path = Path(f"/proc/{pid}/status")
    if not path.exists():
        return 0
    lines = path.read_text().splitlines()
    return next(int(line.split()[1]) // 1000 for line in lines if line.startswith("VmRSS"))


def main() -> None:
    """Print all figures."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--hashes", type=int, default=1_000_000)
    parser.add_argument("--tables", type=int, default=16)
    parser.add_argument("--no-pictures", action="store_true")
    chosen = parser.parse_args()
    print(f"calibration {calibrate():,.0f} SHA-256 of 1 KiB per CPU s")
    print(f"{chosen.hashes:,} hashes, radius 31, {chosen.tables} tables")
    with tempfile.TemporaryDirectory() as folder:
        measure_index(chosen.hashes, chosen.tables, Path(folder))
    if not chosen.no_pictures:
        measure_pictures()


if __name__ == "__main__":
    main()
