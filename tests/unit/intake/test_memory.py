# SPDX-License-Identifier: Apache-2.0
"""What a door remembers, how much a key may send, how the bench shares."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.core.item import Author, Item, Subject, Surface
from vigie.intake.asked import Asked
from vigie.intake.memory import Memory, Place, digest16, item_key_of, version_key_of
from vigie.machine.bench import SLICE, Bench
from vigie.machine.limits import BURST_SECONDS, Limits, RateError
from vigie.screening.access import AccessKey

KEY = item_key_of("agora", "p-1")


def place(version: int, ordinal: int = 1, writer: str = "w1") -> Place:
    return Place(b"f" * 16, version, writer, ordinal)


@given(st.integers(0, 2**53 - 1), st.integers(0, 2**52), st.sampled_from(["w1", "w2", "w3"]))
def test_a_place_reads_back_as_it_was_put(version: int, ordinal: int, writer: str) -> None:
    memory = Memory(10)
    memory.put(KEY, place(version, ordinal, writer))
    assert memory.get(KEY) == place(version, ordinal, writer)
    assert memory.get(digest16(b"other")) is None


def test_memory_is_bounded_and_the_oldest_go_first() -> None:
    memory = Memory(100)
    for number in range(250):
        memory.put(digest16(b"%d" % number), place(1, number))
    assert len(memory) == 100
    assert next(iter(memory)) == digest16(b"150")
    assert memory.get(digest16(b"149")) is None
    assert memory.get(digest16(b"249")) == place(1, 249)


def test_a_key_that_is_put_again_is_young_again() -> None:
    memory = Memory(2)
    memory.put(b"a" * 16, place(1))
    memory.put(b"b" * 16, place(1))
    memory.put(b"a" * 16, place(2))
    memory.put(b"c" * 16, place(1))
    assert memory.get(b"b" * 16) is None
    assert memory.get(b"a" * 16) == place(2)


def test_a_remembered_version_costs_little_memory() -> None:
    memory = Memory(10_000)
    for number in range(10_000):
        memory.put(digest16(b"%d" % number), place(1, number))
    [packed] = {len(value) for value in memory._places.values()}
    held = sys.getsizeof(memory._places) / 10_000 + sys.getsizeof(bytes(packed)) + 49
    assert held < 220, "a million keys must fit beside everything else"


@given(st.lists(st.integers(1, 6), min_size=1, max_size=10))
def test_every_version_is_found_and_the_newest_under_the_items_own_key(
    versions: list[int],
) -> None:
    memory = Memory(100)
    for ordinal, version in enumerate(versions):
        if ordinal == versions.index(version):
            memory.put_version(KEY, place(version, ordinal))
    newest = max(versions)
    assert memory.get(KEY) == place(newest, versions.index(newest))
    for version in set(versions) - {newest}:
        found = memory.get(version_key_of(KEY, version))
        assert found == place(version, versions.index(version))


def test_keys_of_items_of_two_services_and_of_versions_never_meet() -> None:
    keys = {
        item_key_of("a", "b"),
        item_key_of("b", "a"),
        item_key_of("ab", ""),
        version_key_of(KEY, 1),
        version_key_of(KEY, 2),
        KEY,
    }
    assert len(keys) == 6


def _key(per_second: int) -> AccessKey:
    return AccessKey(id="k", sha256="", scopes=("trusted",), per_second=per_second)


def test_a_key_without_limit_sends_what_it_likes() -> None:
    Limits().check(_key(0), 10**9, 0)


def test_a_burst_is_taken_then_the_rate_holds() -> None:
    limits = Limits()
    limits.check(_key(10), 10 * BURST_SECONDS, 0)
    with pytest.raises(RateError) as told:
        limits.check(_key(10), 1, 0)
    assert told.value.http_status == 429
    limits.check(_key(10), 10, 1000)
    with pytest.raises(RateError):
        limits.check(_key(10), 1, 1000)


def test_a_batch_longer_than_a_burst_is_taken_whole_and_paid_for_afterwards() -> None:
    limits = Limits()
    limits.check(_key(10), 1000, 0)
    with pytest.raises(RateError):
        limits.check(_key(10), 1, 90_000)
    limits.check(_key(10), 1, 96_000)


@given(st.lists(st.tuples(st.integers(0, 2000), st.integers(1, 20)), max_size=60))
def test_over_any_time_a_key_gets_no_more_than_burst_and_rate(calls) -> None:
    limits, now, taken = Limits(), 0, 0
    for pause, items in calls:
        now += pause
        try:
            limits.check(_key(10), items, now)
        except RateError:
            continue
        taken += items
    assert taken <= 10 * BURST_SECONDS + now / 1000 * 10 + 0.001


def _asked(count: int, name: str = "p") -> list[Asked]:
    author = Author(id="a")
    items = [Item(id=f"{name}-{n}", surface=Surface.POST, author=author) for n in range(count)]
    return [Asked(Subject(item), b"f" * 16) for item in items]


class Court:
    """Stands in for judge and sealer: notes what was judged together."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, list[str]]] = []
        self.poison = ""

    def __call__(self, asked: Sequence[Asked], snapshot: Any) -> list[Any]:
        ids = [one.subject.item.id for one in asked]
        self.calls.append((snapshot, ids))
        if self.poison in ids:
            raise ValueError(self.poison)
        return ids


def _run(work) -> Any:
    return asyncio.run(work())


def test_requests_of_one_turn_share_a_slice() -> None:
    court = Court()
    bench: Any = Bench(court)

    async def work():
        return await asyncio.gather(*(bench.judged(_asked(1, f"r{n}"), "s") for n in range(10)))

    assert _run(work) == [[f"r{n}-0"] for n in range(10)]
    assert len(court.calls) == 1


def test_no_slice_is_longer_than_the_rule_and_answers_keep_their_order() -> None:
    court = Court()
    bench: Any = Bench(court)
    made = _run(lambda: bench.judged(_asked(1000), "s"))
    assert made == [f"p-{n}" for n in range(1000)]
    assert max(len(ids) for _, ids in court.calls) <= SLICE <= 32


def test_single_posts_go_before_the_slices_of_a_batch() -> None:
    court = Court()
    bench: Any = Bench(court)
    done: list[str] = []

    async def one(name: str, count: int) -> None:
        await bench.judged(_asked(count, name), "s")
        done.append(name)

    async def work() -> None:
        batch = asyncio.create_task(one("batch", 1000))
        for _ in range(4):
            await asyncio.sleep(0)
        singles = [asyncio.create_task(one(f"single{n}", 1)) for n in range(3)]
        await asyncio.gather(batch, *singles)

    _run(work)
    assert done[-1] == "batch"
    place = next(n for n, (_, ids) in enumerate(court.calls) if "single0-0" in ids)
    assert place < 10, "a single post waits for a slice or two, not for the batch"


def test_a_slice_has_one_snapshot() -> None:
    court = Court()
    bench: Any = Bench(court)

    async def work():
        return await asyncio.gather(
            *(bench.judged(_asked(1, f"r{n}"), "old" if n < 3 else "new") for n in range(6))
        )

    _run(work)
    assert {snapshot for snapshot, _ in court.calls} == {"old", "new"}
    for snapshot, ids in court.calls:
        assert all((int(one[1]) < 3) == (snapshot == "old") for one in ids)


def test_one_requests_fault_is_not_the_others() -> None:
    court = Court()
    court.poison = "r2-0"
    bench: Any = Bench(court)

    async def work():
        return await asyncio.gather(
            *(bench.judged(_asked(1, f"r{n}"), "s") for n in range(5)), return_exceptions=True
        )

    made = _run(work)
    assert [isinstance(one, ValueError) for one in made] == [False, False, True, False, False]


def test_the_bench_goes_on_after_a_fault() -> None:
    court = Court()
    court.poison = "bad-0"
    bench: Any = Bench(court)

    async def work():
        with pytest.raises(ValueError, match="bad"):
            await bench.judged(_asked(1, "bad"), "s")
        return await bench.judged(_asked(2, "good"), "s")

    assert _run(work) == ["good-0", "good-1"]
