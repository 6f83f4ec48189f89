# SPDX-License-Identifier: Apache-2.0
"""A machine door in a process of its own, over a folder made for the benchmark."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from benchmarks import judge as judge_bench
from benchmarks.policy import policies as bench_policies
from benchmarks.workload import share_of_common_words
from vigie import keys
from vigie.core.decision import Decision
from vigie.core.item import Subject
from vigie.law import load, to_document
from vigie.screening.access import AccessKey, digest_of
from vigie.screening.snapshot import Snapshot
from vigie.screening.snapshot_files import Manifest, write_manifest, write_part
from vigie.settings import Settings

SECRET = "vg_benchmark"
NULL = "VIGIE_BENCH_NULL"


def make_folder(folder: Path) -> Settings:
    """Write keys and a Snapshot with 20 policies and 10,000 terms."""
    settings = Settings.from_env({}, data_dir=folder)
    keys.create_missing(settings.keys_dir)
    key = AccessKey(id="bench", sha256=digest_of(SECRET), scopes=("trusted",))
    parts = {
        "law": to_document(load()),
        "policies": msgspec.json.encode(bench_policies()),
        "lexicons": msgspec.json.encode(judge_bench.lexicons(share_of_common_words(10_000))),
        "keys": msgspec.json.encode([key]),
    }
    digests = {name: write_part(settings.snapshots_dir, part) for name, part in parts.items()}
    write_manifest(settings.snapshots_dir, Manifest(number=1, at="", parts=digests))
    return settings


@contextlib.contextmanager
def door(folder: Path, port: int, *, null: bool = False) -> Iterator[int]:
    """Run the machine door and yield its process number."""
    env = {**os.environ, "VIGIE_DATA_DIR": str(folder), NULL: "1" if null else ""}
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.server", str(port)], env=env)
    try:
        wait_for(f"http://127.0.0.1:{port}/healthz")
        yield process.pid
    finally:
        process.terminate()
        process.wait(20)


def wait_for(url: str, seconds: float = 20) -> None:
    """Wait until an address answers. Raises TimeoutError."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=1):
            return
        time.sleep(0.05)
    raise TimeoutError(url)


def _null_judge(
    subjects: Sequence[Subject], snapshot: Snapshot, now_ms: int, names: Iterator[str]
) -> list[Decision]:
    return [
        Decision(
            decision_id=next(names),
            item_id=one.item.id,
            version=one.item.version,
            outcome="allow",  # type: ignore[arg-type]
            snapshot=snapshot.number,
            at=str(now_ms),
        )
        for one in subjects
    ]


def main() -> None:
    """Serve until terminated; with the Null screener where asked."""
    import uvicorn

    if os.environ.get(NULL):
        from vigie.intake import engine

        engine.judge = _null_judge  # type: ignore[attr-defined]
    uvicorn.run(
        "vigie.asgi:create_intake",
        factory=True,
        port=int(sys.argv[1]),
        loop="uvloop",
        http="httptools",
        ws="none",
        log_level="error",
        access_log=False,
        server_header=False,
        proxy_headers=False,
    )


if __name__ == "__main__":
    main()
