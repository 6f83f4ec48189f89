# SPDX-License-Identifier: Apache-2.0
"""Workers that decode for others: limits, deaths, full queues."""

from __future__ import annotations

import os
import signal
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.pictures import encode, gif_bomb, pattern, picture, png_bomb
from tests.support.probe import loaded_with
from tests.support.traces import find_traces
from vigie.core.errors import UnavailableError
from vigie.screening.media.facts import facts_of
from vigie.screening.media.pool import DecoderPool
from vigie.screening.media.process import WorkerLostError, WorkerProcess

PICTURES = [
    picture(1),
    picture(2, "PNG"),
    picture(3, "WEBP"),
    picture(4, "GIF"),
    encode(pattern(5).convert("CMYK")),
    encode(pattern(6).convert("P"), "PNG"),
    encode(pattern(7).convert("RGBA"), "WEBP"),
    encode(pattern(8, 2400, 1800)),
    encode(pattern(9).convert("P"), "GIF", save_all=True, append_images=[pattern(1)]),
    encode(pattern(9), "WEBP", save_all=True, append_images=[pattern(1)]),
    encode(pattern(9), "PNG", save_all=True, append_images=[pattern(1)]),
    picture(1)[:2000],
    b"no picture",
    b"",
    png_bomb(),
    gif_bomb(),
]
WAIT = 60


@pytest.fixture(scope="module")
def pool():
    with DecoderPool(workers=2) as running:
        yield running


@contextmanager
def stopped(pool):
    """Stop the workers, so that what they are given stays under way."""
    pids = pool.pids
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield pids
    finally:
        for pid in pids:
            try:
                os.kill(pid, signal.SIGCONT)
            except ProcessLookupError:
                continue


def started(pool):
    """Wait until every worker has answered once."""
    pool.start()
    deadline = time.monotonic() + WAIT
    while len(pool.pids) < pool._count and time.monotonic() < deadline:
        time.sleep(0.02)
    pool.submit(PICTURES[0]).result(WAIT)


def test_a_worker_says_what_the_same_code_says_here(pool):
    futures = [pool.submit(data) for data in PICTURES]
    for data, future in zip(PICTURES, futures, strict=True):
        assert future.result(WAIT) == facts_of(data)


def test_the_declared_type_travels_along(pool):
    assert pool.submit(PICTURES[0], "image/png").result(WAIT).problem == "mislabelled"
    assert pool.submit(PICTURES[0], "image/jpeg").result(WAIT).status == "ok"
    assert pool.submit(PICTURES[0], "x" * 5000 + "\ud800").result(WAIT).problem == "mislabelled"


def test_many_pictures_keep_their_own_answers(pool):
    data = [picture(seed) for seed in range(24)]
    futures = [pool.submit(each) for each in data]
    assert [f.result(WAIT) for f in futures] == [facts_of(each) for each in data]
    assert pool.waiting == 0


def test_a_killed_worker_is_replaced_and_its_picture_reported():
    with DecoderPool(workers=1) as pool:
        started(pool)
        with stopped(pool) as (pid,):
            future = pool.submit(PICTURES[0])
            time.sleep(0.2)
            os.kill(pid, signal.SIGKILL)
            found = future.result(WAIT)
        assert (found.status, found.problem) == ("failed", "worker_died")
        assert found.sha256 == facts_of(PICTURES[0]).sha256
        assert pool.submit(PICTURES[0]).result(WAIT).status == "ok"
        assert pool.pids != [pid]


def test_a_worker_that_hangs_is_ended_after_its_time():
    with DecoderPool(workers=1, seconds=0.5) as pool:
        started(pool)
        with stopped(pool) as (pid,):
            found = pool.submit(PICTURES[0]).result(WAIT)
        assert (found.status, found.problem) == ("failed", "timeout")
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
        assert pool.submit(PICTURES[0]).result(WAIT).status == "ok"


def test_a_worker_killed_while_idle_costs_one_picture_at_most():
    with DecoderPool(workers=1) as pool:
        started(pool)
        os.kill(pool.pids[0], signal.SIGKILL)
        time.sleep(0.2)
        pool.submit(PICTURES[0]).result(WAIT)
        assert pool.submit(PICTURES[0]).result(WAIT).status == "ok"


def test_a_full_queue_refuses_at_once_and_loses_nothing():
    with DecoderPool(workers=1, waiting=3) as pool:
        started(pool)
        taken = []
        with stopped(pool):
            first = pool.submit(PICTURES[0])
            while not first.running():
                time.sleep(0.01)
            taken = [first, *(pool.submit(PICTURES[0]) for _ in range(3))]
            with pytest.raises(UnavailableError) as caught:
                pool.submit(PICTURES[0])
            assert (caught.value.code, caught.value.http_status) == ("media_busy", 503)
            assert pool.waiting == 3
        assert [future.result(WAIT).status for future in taken] == ["ok"] * 4


def test_many_large_files_do_not_wait_in_memory(monkeypatch):
    monkeypatch.setattr("vigie.screening.media.pool.WAITING_BYTES", 10_000)
    with DecoderPool(workers=1) as pool:
        started(pool)
        with stopped(pool):
            first = pool.submit(bytes(9000))
            while not first.running():
                time.sleep(0.01)
            pool.submit(bytes(9000))
            with pytest.raises(UnavailableError):
                pool.submit(bytes(9000))


def test_a_picture_beyond_the_workers_memory_is_reported_and_the_worker_lives_on():
    # 36 million pixels take 144 MB; the libraries alone about 165 MB of addresses.
    large = encode(pattern(1).resize((6000, 6000)), "PNG", compress_level=1)
    with DecoderPool(workers=1, megabytes=240) as pool:
        assert pool.submit(large).result(WAIT).problem == "memory"
        assert pool.submit(PICTURES[0]).result(WAIT).status == "ok"
    with DecoderPool(workers=1) as pool:
        assert pool.submit(large).result(WAIT).status == "ok"


def test_a_worker_that_cannot_start_fails_the_picture_and_nothing_else(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")
    with DecoderPool(workers=1) as pool:
        found = pool.submit(PICTURES[0]).result(WAIT)
    assert (found.status, found.problem) == ("failed", "decoder_unavailable")


def test_a_file_too_large_to_decode_is_reported(monkeypatch):
    with DecoderPool(workers=1, max_bytes=100) as pool:
        assert pool.submit(PICTURES[0]).result(WAIT).problem == "too_large"


def test_closing_ends_the_workers_and_refuses_what_waits():
    pool = DecoderPool(workers=2)
    started(pool)
    pids = pool.pids
    pool.close()
    pool.close()
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
    with pytest.raises(UnavailableError):
        pool.submit(PICTURES[0])


def test_nothing_starts_before_the_first_picture():
    with DecoderPool() as pool:
        assert pool.pids == []


def test_a_match_near_the_threshold_is_decoded_again_in_full(pool):
    data = encode(pattern(8, 2400, 1800))
    asked = []

    def near(facts):
        asked.append(facts)
        return True

    assert pool.submit(data, recheck=near).result(WAIT) == facts_of(data, full=True)
    assert asked == [facts_of(data)]
    assert pool.submit(data, recheck=lambda _: False).result(WAIT).notes == ("scaled",)
    assert pool.submit(PICTURES[0], recheck=near).result(WAIT).status == "ok"
    assert len(asked) == 1


def test_a_recheck_that_fails_reaches_the_caller_and_stops_nobody():
    def broken(_facts):
        raise LookupError

    with DecoderPool(workers=1) as pool:
        with pytest.raises(LookupError):
            pool.submit(encode(pattern(8, 2400, 1800)), recheck=broken).result(WAIT)
        assert pool.submit(PICTURES[0]).result(WAIT).status == "ok"


def test_what_still_waits_at_the_end_is_refused_and_what_was_cancelled_is_left():
    pool = DecoderPool(workers=1)
    started(pool)
    with stopped(pool) as (pid,):
        first = pool.submit(PICTURES[0])
        while not first.running():
            time.sleep(0.01)
        waiting, cancelled = pool.submit(PICTURES[0]), pool.submit(PICTURES[0])
        assert cancelled.cancel()
        pool._refuse_waiting()
        assert isinstance(waiting.exception(WAIT), UnavailableError)
        os.kill(pid, signal.SIGKILL)
        assert first.result(WAIT).problem == "worker_died"
    pool.close()


def test_a_worker_talks_nonsense_and_is_given_up(monkeypatch):
    worker = WorkerProcess(1024, 5)
    monkeypatch.setattr(
        "vigie.screening.media.process.unpack_answer", lambda *_: (_ for _ in ()).throw(ValueError)
    )
    with pytest.raises(WorkerLostError):
        worker.ask(PICTURES[0], None, full=False, seconds=5)
    worker.kill()


def test_the_worker_brings_in_no_web_framework_and_no_compiler():
    loaded = loaded_with("vigie.screening.media.worker")
    assert not loaded & {"django", "numba", "starlette", "pyarrow", "duckdb", "asyncio"}
    assert {"numpy", "PIL"} <= loaded


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="only where /proc is there")
def test_a_worker_is_small_and_can_neither_open_nor_grow_a_file(pool):
    started(pool)
    limits = Path(f"/proc/{pool.pids[0]}/limits").read_text()
    soft = {line[:25].strip(): line[26:].split()[0] for line in limits.splitlines()[1:]}
    assert soft["Max file size"] == "0"
    assert soft["Max core file size"] == "0"
    assert soft["Max open files"] == "3"
    assert int(soft["Max address space"]) == 1024 << 20
    status = Path(f"/proc/{pool.pids[0]}/status").read_text()
    resident = next(int(x.split()[1]) for x in status.splitlines() if x.startswith("VmRSS"))
    assert resident < 120_000


def test_secrets_of_the_environment_do_not_reach_a_worker(monkeypatch):
    monkeypatch.setenv("VIGIE_PLANTED_SECRET", "x" * 20)
    worker = WorkerProcess(1024, 5)
    environ = Path(f"/proc/{worker.pid}/environ")
    if environ.exists():
        assert b"PLANTED" not in environ.read_bytes()
    worker.kill()


def test_no_byte_of_a_picture_reaches_a_file(tmp_path, monkeypatch):
    for name in ("TMPDIR", "HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.chdir(tmp_path)
    with DecoderPool(workers=1) as pool:
        for data in PICTURES:
            pool.submit(data).result(WAIT)
    assert find_traces(tmp_path, [data for data in PICTURES if len(data) > 64]) == []
    (tmp_path / "planted").write_bytes(b"..." + PICTURES[1][300:380])
    assert [trace.secret for trace in find_traces(tmp_path, PICTURES)] == [1]
