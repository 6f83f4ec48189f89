# SPDX-License-Identifier: Apache-2.0
"""A platform of 1 million users on one machine, every door and job on.

300,000 posts and 60,000 pictures a day, at the peak of 20 a second: what an item
waits for its verdict, how much memory all processes hold, how long a cold start
takes. Pictures are made here, of 0.3 to 2 megapixels, and sent inline.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import io
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from benchmarks.common import Figure, tree_cpu, tree_rss
from benchmarks.intake import Client, free_port, percentile
from benchmarks.server import wait_for

SECONDS = int(os.environ.get("VIGIE_BENCH_SECONDS", "30"))
PER_SECOND = 20
PICTURES = 1 / 6
SIZES = ((640, 480), (1024, 768), (1280, 960), (1632, 1224))


def picture(rng: random.Random, size: tuple[int, int]) -> str:
    """Return a made-up photograph as base64: soft shapes under fine noise."""
    width, height = size
    seed = np.random.default_rng(rng.getrandbits(32))
    coarse = seed.integers(0, 255, (height // 80 + 2, width // 80 + 2, 3), dtype=np.uint8)
    soft = Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC)
    noise = seed.integers(0, 24, (height, width, 3), dtype=np.uint8)
    pixels = np.clip(np.asarray(soft).astype(np.int16) + noise - 12, 0, 255).astype(np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=85)
    return base64.b64encode(out.getvalue()).decode()


def vigie(folder: Path, *words: str) -> dict[str, Any]:
    """Run one command of the program and return its JSON."""
    wanted = [sys.executable, "-m", "vigie", *words, "--data-dir", str(folder), "--json"]
    done = subprocess.run(wanted, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@contextlib.contextmanager
def served(folder: Path, port: int) -> Iterator[tuple[int, float]]:
    """Run the whole server; yield its process number and the seconds of its start."""
    began = time.perf_counter()
    wanted = [sys.executable, "-m", "vigie", "serve", "--data-dir", str(folder)]
    process = subprocess.Popen([*wanted, "--port", str(port)])
    try:
        wait_for(f"http://127.0.0.1:{port}/readyz")
        yield process.pid, time.perf_counter() - began
    finally:
        process.terminate()
        process.wait(30)


class Platform(Client):
    """Posts texts and pictures at a steady pace, whatever the answers take."""

    def __init__(self, port: int, key: str) -> None:
        super().__init__(port, 77, key)
        rng = random.Random(7)
        self._pictures = [picture(rng, size) for size in SIZES for _ in range(6)]
        self._rng = rng
        self.with_pictures: list[float] = []

    async def pace(self, seconds: int) -> None:
        """Send `PER_SECOND` items a second, each on a connection of its own."""
        tasks = []
        for _ in range(seconds * PER_SECOND):
            tasks.append(asyncio.create_task(self._send()))
            await asyncio.sleep(1 / PER_SECOND)
        await asyncio.gather(*tasks)

    async def _send(self) -> None:
        item = self.item()
        shown = self._rng.random() < PICTURES
        if shown:
            medium = {"base64": self._rng.choice(self._pictures), "mime": "image/jpeg"}
            item["media"] = [medium]
        before = len(self.seconds)
        await self.send_one(json.dumps(item).encode())
        if shown:
            self.with_pictures.append(self.seconds[before])


def measure() -> list[Figure]:
    """Return what the yardstick asks for."""
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name) / "data", free_port()
        vigie(folder, "init")
        key = vigie(folder, "key", "create", "bench", "--scope", "trusted")["key"]
        with served(folder, port) as (pid, started):
            time.sleep(2)
            platform = Platform(port, key)
            asyncio.run(platform.pace(3))
            platform.seconds.clear()
            platform.with_pictures.clear()
            before = tree_cpu(pid)
            asyncio.run(platform.pace(SECONDS))
            busy = (tree_cpu(pid) - before) / SECONDS
            memory = tree_rss(pid) / 2**20
    return [
        Figure("cold start of vigie serve", started, "s", 5, at_least=False),
        Figure("verdict at 20 items/s, p50", percentile(platform.seconds, 0.5), "ms"),
        Figure("verdict at 20 items/s, p95", percentile(platform.seconds, 0.95), "ms", 100, False),
        Figure("of those with a picture, p95", percentile(platform.with_pictures, 0.95), "ms"),
        Figure("resident memory of all processes", memory, "MiB", 600, at_least=False),
        Figure("processor time used", busy * 100, "% of one core"),
    ]
