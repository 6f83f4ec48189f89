# SPDX-License-Identifier: Apache-2.0
"""The exact index: nothing within the radius is lost, who lists it is complete."""

from __future__ import annotations

import multiprocessing

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.core.errors import ConflictError, InvalidInputError
from vigie.core.item import MediaFacts
from vigie.screening.matching import mih
from vigie.screening.matching.base import BankClass, IndexRow, Opinion, Ref
from vigie.screening.matching.index import HashIndex, build_index, near_edge
from vigie.screening.matching.pdq import PDQ
from vigie.screening.matching.scan import Planes, scan
from vigie.screening.matching.shelf import collect

ONE = Ref("one", "owner-1", BankClass.CHILD)
TWO = Ref("two", "owner-2", BankClass.CHILD)
THREE = Ref("three", "owner-3", BankClass.TERRORIST, Opinion.DISPUTED)


def flipped(value, bits):
    number = int.from_bytes(value, "big")
    for bit in bits:
        number ^= 1 << int(bit)
    return number.to_bytes(32, "big")


def random_values(rng, count):
    return [rng.bytes(32) for _ in range(count)]


def planted(rng, count, distances):
    """Return hashes and queries with a neighbour at each distance."""
    values = random_values(rng, count)
    queries = [
        flipped(values[int(rng.integers(count))], rng.choice(256, distance, replace=False))
        for distance in distances
    ]
    return values, queries


def brute(values, queries, radius):
    return {
        (number, value, PDQ.distance(query, value))
        for number, query in enumerate(queries)
        for value in values
        if PDQ.distance(query, value) <= radius
    }


def as_set(planes, pairs):
    return {
        (int(query), planes.value(int(row)), int(distance))
        for query, row, distance in zip(*pairs, strict=True)
    }


@settings(max_examples=30)
@given(seed=st.integers(0, 2**32 - 1), m=st.sampled_from([13, 16]), radius=st.integers(0, 31))
def test_tables_find_what_brute_force_finds_at_any_radius(seed, m, radius):
    rng = np.random.default_rng(seed)
    values, queries = planted(rng, 60, range(34))
    planes = Planes.of(values)
    found = as_set(planes, mih.search(planes, mih.build(planes, m), Planes.of(queries), radius))
    assert found == brute(values, queries, radius)


@pytest.mark.parametrize("m", mih.TABLES)
def test_neighbours_at_every_distance_are_found_at_every_radius(m):
    values, queries = planted(np.random.default_rng(m), 300, list(range(34)) * 4)
    planes, asked = Planes.of(values), Planes.of(queries)
    tables = mih.build(planes, m)
    for radius in range(32):
        oracle = as_set(planes, scan(planes, asked, radius))
        assert as_set(planes, mih.search(planes, tables, asked, radius)) == oracle
        assert len(oracle) >= 4 * (radius + 1)


def test_tables_searched_one_bit_too_short_would_lose_neighbours(monkeypatch):
    values, queries = planted(np.random.default_rng(7), 300, [31] * 60)
    planes, asked = Planes.of(values), Planes.of(queries)
    tables = mih.build(planes, 16)
    assert len(mih.search(planes, tables, asked, 31).row) >= 60
    monkeypatch.setattr(mih, "radii", lambda m, _radius: [0] * m)
    mih.probes.cache_clear()
    assert len(mih.search(planes, tables, asked, 31).row) < 60
    mih.probes.cache_clear()


def test_clustered_hashes_are_found_by_comparing_all():
    rng = np.random.default_rng(3)
    centre = rng.bytes(32)
    cluster = {flipped(centre, rng.choice(256, 12, replace=False)) for _ in range(6000)}
    values = sorted(cluster) + random_values(rng, 500)
    planes = Planes.of(values)
    queries = Planes.of([centre, values[0], rng.bytes(32)])
    tables = mih.build(planes, 16)
    crowded = mih._buckets(tables, queries, 31).length.sum(axis=1)
    assert crowded[0] > len(values) // mih.SCAN_SHARE + mih.CHUNK or len(values) < mih.CHUNK * 10
    assert as_set(planes, mih.search(planes, tables, queries, 31)) == as_set(
        planes, scan(planes, queries, 31)
    )


def test_crowded_and_quiet_queries_share_a_group(monkeypatch):
    monkeypatch.setattr(mih, "CHUNK", 0)
    rng = np.random.default_rng(4)
    centre = rng.bytes(32)
    values = [flipped(centre, rng.choice(256, 5, replace=False)) for _ in range(400)]
    values += random_values(rng, 5000)
    planes = Planes.of(values)
    queries = Planes.of([values[4000], centre, values[10]])
    buckets = mih._buckets(mih.build(planes, 16), queries, 31).length.sum(axis=1)
    assert buckets[0] <= len(values) // 10 < buckets[1]
    monkeypatch.setattr(mih, "_group", mih._group)
    found = mih._group(planes, mih.build(planes, 16), queries, 31)
    assert as_set(planes, found) == as_set(planes, scan(planes, queries, 31))


def rows_of(values, ref=ONE, algorithm="pdq"):
    return [IndexRow(algorithm, value, ref) for value in values]


def test_everyone_who_lists_a_hash_is_named():
    value = np.random.default_rng(1).bytes(32)
    index = HashIndex.of([*rows_of([value], ONE), *rows_of([value], TWO), *rows_of([value], ONE)])
    (found,) = index.query([flipped(value, [3, 200])])
    assert found.total == 1
    assert found.hits[0].refs == (ONE, TWO)
    assert found.nearest == {ONE: 2, TWO: 2}
    assert len(index) == 1


def test_what_is_not_listed_is_not_found():
    rng = np.random.default_rng(2)
    index = HashIndex.of(rows_of(random_values(rng, 100)))
    (found,) = index.query([rng.bytes(32)])
    assert found.total == 0
    assert found.hits == ()
    assert not found.capped


def test_an_empty_index_answers():
    index = HashIndex.of([])
    assert index.query([bytes(32)])[0].total == 0
    assert index.lookup([("sha256", bytes(32))])[0].total == 0
    assert index.query([]) == []


def test_digests_are_found_exactly():
    rng = np.random.default_rng(5)
    values = [*random_values(rng, 200), bytes(32), b"a" * 31 + b"\0"]
    index = HashIndex.of([*rows_of(values, ONE, "sha256"), *rows_of([b"m" * 16], TWO, "md5")])
    asked = [("sha256", value) for value in values] + [("md5", b"m" * 16)]
    assert [found.total for found in index.lookup(asked)] == [1] * len(asked)
    changed = [("sha256", flipped(value, [0])) for value in values]
    assert [found.total for found in index.lookup(changed)] == [0] * len(changed)
    assert index.lookup([("md5", values[0][:16]), ("other", b"x")])[0].total == 0


def test_the_list_of_hits_is_capped_and_says_so_and_names_all_owners():
    rng = np.random.default_rng(6)
    centre = rng.bytes(32)
    near = [flipped(centre, rng.choice(256, 3, replace=False)) for _ in range(50)]
    far = flipped(centre, range(20))
    index = HashIndex.of([*rows_of(near, ONE), *rows_of([far], THREE)])
    (found,) = index.query([centre], cap=10)
    assert found.total == len(set(near)) + 1
    assert len(found.hits) == 10
    assert found.capped
    assert found.nearest == {ONE: 3, THREE: 20}
    assert [hit.distance for hit in found.hits] == sorted(hit.distance for hit in found.hits)


def test_a_tail_is_searched_beside_the_base():
    rng = np.random.default_rng(8)
    old, new = random_values(rng, 2)
    base = HashIndex.of([*rows_of([old]), *rows_of([b"s" * 32], ONE, "sha256")])
    index = base.with_tail(
        [*rows_of([new, old], TWO), *rows_of([b"t" * 32, b"s" * 32], TWO, "sha256")]
    )
    first, second = index.query([old, new])
    assert first.nearest == {ONE: 0, TWO: 0}
    assert first.total == 1
    assert first.hits[0].refs == (ONE, TWO)
    assert second.nearest == {TWO: 0}
    same, added = index.lookup([("sha256", b"s" * 32), ("sha256", b"t" * 32)])
    assert same.nearest == {ONE: 0, TWO: 0}
    assert added.nearest == {TWO: 0}
    assert base.query([new])[0].total == 0
    assert index.tail_length == 4


def test_removed_rows_no_longer_match():
    rng = np.random.default_rng(9)
    value = rng.bytes(32)
    rows = [*rows_of([value], ONE), *rows_of([value], TWO), *rows_of([b"s" * 32], ONE, "sha256")]
    base = HashIndex.of(rows)
    less = base.with_tail([], removed=[rows[0]])
    assert less.query([value])[0].nearest == {TWO: 0}
    none = base.with_tail([], removed=rows)
    assert none.query([value])[0].total == 0
    assert none.lookup([("sha256", b"s" * 32)])[0].total == 0
    again = base.with_tail([], removed=[*rows_of([rng.bytes(32)]), *rows_of([value], THREE)])
    assert again.query([value])[0].nearest == {ONE: 0, TWO: 0}


def _large(count=5000):
    rng = np.random.default_rng(10)
    values = random_values(rng, count)
    rows = [*rows_of(values), *rows_of(values[:50], TWO), *rows_of(values[:99], THREE, "sha256")]
    return values, rows


def test_an_index_on_file_answers_as_one_in_memory(tmp_path):
    values, rows = _large()
    build_index(rows, tmp_path / "base")
    opened = HashIndex.open(tmp_path / "base", verify=True)
    asked = [flipped(value, range(0, 250, 9)) for value in values[:40]]
    assert opened.query(asked) == HashIndex.of(rows).query(asked)
    digests = [("sha256", value) for value in values[90:110]]
    assert opened.lookup(digests) == HashIndex.of(rows).lookup(digests)
    assert opened._base.near is not None
    assert opened._base.near.tables is not None
    assert not opened._base.near.planes.front.flags.writeable


def test_the_same_rows_in_any_order_give_the_same_files(tmp_path):
    _, rows = _large(300)
    build_index(rows, tmp_path / "a")
    build_index([*rows, *rows[:5]], tmp_path / "b")
    first = {p.name: p.read_bytes() for p in (tmp_path / "a").iterdir()}
    assert first == {p.name: p.read_bytes() for p in (tmp_path / "b").iterdir()}


def test_a_built_index_is_never_overwritten(tmp_path):
    build_index([], tmp_path / "base")
    with pytest.raises(ConflictError):
        build_index([], tmp_path / "base")


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: (folder / "index.json").write_text("{"),
        lambda folder: (folder / "index.json").unlink(),
        lambda folder: (folder / "pdq.back.npy").unlink(),
        lambda folder: (folder / "pdq.front.npy").write_bytes(b"\x93NUMPY"),
        lambda folder: (folder / "pdq.ids.npy").write_bytes((folder / "pdq.back.npy").read_bytes()),
        lambda folder: (folder / "index.json").write_text(
            (folder / "index.json").read_text().replace("/1", "/2")
        ),
    ],
)
def test_a_damaged_index_is_refused(tmp_path, damage):
    _, rows = _large()
    build_index(rows, tmp_path / "base")
    HashIndex.open(tmp_path / "base")
    damage(tmp_path / "base")
    with pytest.raises(InvalidInputError) as caught:
        HashIndex.open(tmp_path / "base")
    assert caught.value.code == "bad_index"


def test_a_changed_byte_is_seen_when_asked_for(tmp_path):
    _, rows = _large()
    build_index(rows, tmp_path / "base")
    path = tmp_path / "base" / "pdq.front.npy"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(InvalidInputError):
        HashIndex.open(tmp_path / "base", verify=True)


def _answers(folder, queries, pipe):
    pipe.send([found.total for found in HashIndex.open(folder).query(queries)])


def test_several_processes_open_one_index(tmp_path):
    values, rows = _large()
    build_index(rows, tmp_path / "base")
    context = multiprocessing.get_context("spawn")
    mine, theirs = context.Pipe()
    process = context.Process(target=_answers, args=(tmp_path / "base", values[:3], theirs))
    process.start()
    assert mine.poll(60)
    assert mine.recv() == [1, 1, 1]
    process.join()


@pytest.mark.parametrize(("hashes", "radius"), [([b"short"], 31), ([bytes(32)], -1)])
def test_questions_that_make_no_sense_are_refused(hashes, radius):
    with pytest.raises(InvalidInputError):
        HashIndex.of([]).query(hashes, radius)


def test_hashes_of_one_algorithm_have_one_size():
    with pytest.raises(InvalidInputError):
        HashIndex.of(rows_of([bytes(16), bytes(32)], ONE, "sha256"))


def test_a_number_of_tables_that_was_not_proved_is_refused():
    with pytest.raises(InvalidInputError):
        collect([], m=10)


def test_a_match_near_the_threshold_asks_for_a_full_decode():
    value = np.random.default_rng(11).bytes(32)
    index = HashIndex.of(rows_of([value]))

    def edge(flips):
        near = flipped(value, range(flips)).hex()
        return near_edge(index, MediaFacts(status="ok", pdq=near, dihedral=(near,)))

    assert [flips for flips in range(60) if edge(flips)] == list(range(19, 44))
