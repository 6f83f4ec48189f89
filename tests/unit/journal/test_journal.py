# SPDX-License-Identifier: Apache-2.0
"""The journal: groups, positions, deletion, one writer a file, failures that are told."""

from __future__ import annotations

import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vigie.core.errors import UnavailableError
from vigie.journal import writer as writing
from vigie.journal.file import connect, path_of
from vigie.journal.reader import Reader, is_alive, remove, writers
from vigie.journal.rows import (
    JournalAnswer,
    JournalEffect,
    JournalHourKey,
    JournalText,
    Kind,
    Row,
    decode,
    encode,
)
from vigie.journal.writer import DiskFullError, Journal, JournalFailedError
from vigie.sqlite_driver import pragmas, sqlite3


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    made = Journal(tmp_path)
    yield made
    if made._thread.is_alive():
        made.close()


@pytest.fixture
def reader(journal: Journal) -> Iterator[Reader]:
    made = Reader(journal.folder, journal.writer)
    yield made
    made.close()


def _text(decision_id: str = "w-1-0123456789", text: str = "hello") -> JournalText:
    return JournalText(
        decision_id=decision_id, text=text, links=("https://a.example",), author_id="a",
        author_country=None, url=None, created_at=None, language="fr", countries=("FR",),
    )  # fmt: skip


def _row(ordinal: int, kind: str = "text", t: int = 0, body: bytes = b"body") -> Row:
    return Row(ordinal, kind, t, body)


BODIES = [
    (Kind.TEXT, _text()),
    (Kind.EFFECT, JournalEffect(decision_id="w-1", applied_at="t", territories=("FR",))),
    (Kind.HOURKEY, JournalHourKey(hour=5, key=b"k" * 32)),
    (Kind.ANSWER, JournalAnswer(idempotency=b"i", fingerprint=b"f", decisions=(), note="n")),
]


@pytest.mark.parametrize(("kind", "body"), BODIES)
def test_a_body_reads_back_as_it_was_written(journal, reader, kind, body) -> None:
    journal.append_and_wait([Row(7, kind.value, 3, encode(body))])
    [row] = reader.read(0, 10)
    assert (row.ordinal, row.kind, row.t, row.seq) == (7, kind, 3, 1)
    assert decode(row) == body


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_survives_a_row(text: str) -> None:
    body = _text(text=text)
    assert decode(Row(1, "text", 0, encode(body))) == body


def test_an_effect_without_service_reads_as_one_for_any(journal) -> None:
    import msgspec

    older = msgspec.msgpack.encode(["w-1", "t", ["FR"]])
    assert decode(Row(0, "effect", 0, older)).service == ""


def test_rows_of_waiting_callers_become_one_group(journal, reader, monkeypatch) -> None:
    groups: list[int] = []
    hold = threading.Event()
    real = journal._commit

    def commit(rows):
        hold.wait(5)
        groups.append(len(rows))
        return real(rows)

    monkeypatch.setattr(journal, "_commit", commit)
    done = [threading.Event() for _ in range(20)]
    for number, one in enumerate(done):
        journal.append([_row(number)], lambda _problem, one=one: one.set())
    hold.set()
    assert all(one.wait(5) for one in done)
    assert sum(groups) == 20
    assert len(groups) <= 3
    assert [row.seq for row in reader.read(0, 100)] == list(range(1, 21))


def test_the_answer_follows_the_commit(journal, reader) -> None:
    seen = []
    finished = threading.Event()

    def done(problem) -> None:
        other = Reader(journal.folder, journal.writer)
        seen.append((problem, len(other.read(0, 10))))
        other.close()
        finished.set()

    journal.append([_row(1), _row(2)], done)
    assert finished.wait(5)
    assert seen == [(None, 2)]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
@given(st.lists(st.integers(1, 5), min_size=1, max_size=8), st.integers(1, 4))
def test_reading_by_position_misses_nothing_and_repeats_nothing(
    tmp_path_factory, sizes: list[int], limit: int
) -> None:
    journal = Journal(tmp_path_factory.mktemp("journal"))
    reader = Reader(journal.folder, journal.writer)
    for number, size in enumerate(sizes):
        # Ordinals run ahead of commits: a long batch commits behind later ones.
        journal.append_and_wait([_row(100 - number * 10 + n) for n in range(size)])
    found, at = [], 0
    while rows := reader.read(at, limit):
        found += rows
        at = rows[-1].seq
    assert [row.seq for row in found] == list(range(1, sum(sizes) + 1))
    assert reader.last() == sum(sizes)
    reader.close()
    journal.close()


def test_ordinals_are_given_once_and_never_again_after_a_restart(journal) -> None:
    assert (journal.allocate(3), journal.allocate(2)) == (1, 4)
    journal.append_and_wait([_row(9)])
    journal.close()
    again = Journal(journal.folder, journal.writer)
    assert again.allocate(1) == 10
    again.append_and_wait([_row(10)])
    reader = Reader(again.folder, again.writer)
    assert [row.seq for row in reader.read(0, 10)] == [1, 2]
    reader.close()
    again.close()


def test_only_one_process_writes_a_file(journal) -> None:
    with pytest.raises(UnavailableError, match="Another process"):
        Journal(journal.folder, journal.writer)
    assert is_alive(journal.folder, journal.writer)
    assert not remove(journal.folder, journal.writer)
    journal.close()
    assert not is_alive(journal.folder, journal.writer)


def test_a_dead_writers_file_can_be_removed(journal) -> None:
    journal.close()
    assert writers(journal.folder) == [journal.writer]
    assert remove(journal.folder, journal.writer)
    assert writers(journal.folder) == []
    assert list(journal.folder.iterdir()) == []
    with pytest.raises(FileNotFoundError):
        Reader(journal.folder, journal.writer)


def test_closing_commits_what_waits(journal) -> None:
    problems: list[Exception | None] = []
    for number in range(50):
        journal.append([_row(number)], problems.append)
    journal.close()
    assert problems == [None] * 50
    reader = Reader(journal.folder, journal.writer)
    assert len(reader.read(0, 100)) == 50
    reader.close()


def test_the_files_are_for_their_owner_alone(journal) -> None:
    journal.append_and_wait([_row(1)])
    path = path_of(journal.folder, journal.writer)
    for each in (path, path.with_name(f"{path.name}-wal")):
        assert stat.S_IMODE(each.stat().st_mode) == 0o600


def test_every_connection_keeps_the_rules_of_the_store(journal) -> None:
    connection = connect(path_of(journal.folder, journal.writer))
    ask = lambda name: connection.execute(f"PRAGMA {name}").fetchone()[0]  # noqa: E731
    assert (ask("journal_mode"), ask("synchronous"), ask("secure_delete")) == ("wal", 2, 1)
    assert ("PRAGMA wal_autocheckpoint=0" in pragmas()) == (ask("wal_autocheckpoint") == 0)
    connection.close()


def test_texts_go_as_soon_as_they_are_folded_and_the_rest_stays(journal, reader) -> None:
    rows = [_row(n, kind) for n in range(1, 4) for kind in ("decision", "text")]
    journal.append_and_wait(rows)
    assert reader.delete_texts(4) == 2
    assert [(row.seq, row.kind) for row in reader.read(0, 10)] == [
        (1, "decision"),
        (3, "decision"),
        (5, "decision"),
        (6, "text"),
    ]


def test_rows_go_when_they_are_old_and_every_consumer_has_passed(journal, reader) -> None:
    journal.append_and_wait([_row(n, "answer", t=n) for n in range(1, 7)])
    assert reader.delete_before(4, up_to=2) == 2
    assert reader.delete_before(4, up_to=6) == 1
    assert [row.t for row in reader.read(0, 10)] == [4, 5, 6]
    assert [row.t for row in reader.since(5)] == [5, 6]


def test_a_deleted_text_stands_in_no_file_any_more(journal, reader) -> None:
    secret = b"the third lantern at the harbour bridge"
    journal.append_and_wait([_row(1, "text", body=secret)])
    everything = lambda: b"".join(p.read_bytes() for p in journal.folder.iterdir())  # noqa: E731
    assert secret in everything()
    reader.delete_texts(1)
    assert reader.truncate_wal()
    assert secret not in everything()


def test_a_reader_in_the_way_is_told_when_the_wal_cannot_be_emptied(journal, reader) -> None:
    journal.append_and_wait([_row(1)])
    other = connect(path_of(journal.folder, journal.writer))
    other.execute("BEGIN")
    other.execute("SELECT * FROM journal").fetchall()
    reader._connection.execute("PRAGMA busy_timeout=1")
    journal.append_and_wait([_row(2)])
    assert not reader.truncate_wal()
    other.execute("ROLLBACK")
    assert reader.truncate_wal()
    other.close()


class Broken:
    """A connection whose commits fail: of a group, or of a statement by itself."""

    def __init__(self, inner, error: Exception) -> None:
        self._inner, self._error = inner, error
        self.in_transaction = True

    def execute(self, text: str, *given):
        if text == "COMMIT" or (text.startswith("INSERT") and not self._inner.in_transaction):
            raise self._error
        return self._inner.execute(text, *given)


@pytest.mark.parametrize(
    ("error", "kind", "status"),
    [
        (sqlite3.OperationalError("database or disk is full"), DiskFullError, 507),
        (sqlite3.OperationalError("disk I/O error"), JournalFailedError, 503),
        (OverflowError("a number"), JournalFailedError, 503),
    ],
)
@pytest.mark.parametrize("rows", [1, 100])
def test_a_failed_commit_is_told_leaves_nothing_and_the_next_one_works(
    journal, reader, monkeypatch, error, kind, status, rows
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(journal, "_connection", Broken(journal._connection, error))
        with pytest.raises(kind) as told:
            journal.append_and_wait([_row(n) for n in range(1, rows + 1)])
        assert told.value.http_status == status
        assert told.value.fix
    assert reader.read(0, 10) == []
    journal.append_and_wait([_row(2)])
    assert [row.seq for row in reader.read(0, 10)] == [1]


def test_an_error_without_room_is_a_full_disk(journal, monkeypatch) -> None:
    error = sqlite3.OperationalError("disk I/O error")
    assert isinstance(writing.as_error(error, journal.folder), JournalFailedError)
    monkeypatch.setattr(writing, "LEAST_ROOM", 2**80)
    assert isinstance(writing.as_error(error, journal.folder), DiskFullError)


def test_a_caller_that_is_gone_does_not_stop_the_journal(journal) -> None:
    def gone(_problem) -> None:
        raise RuntimeError("Event loop is closed")

    journal.append([_row(1)], gone)
    journal.append_and_wait([_row(2)])


def test_a_decision_is_deleted_with_its_text_and_every_answer_that_names_it(
    journal, reader
) -> None:
    name = f"{journal.writer}-1-0123456789"
    kept = JournalAnswer(idempotency=b"i", fingerprint=b"f", decisions=(name, ""), note="n")
    other = JournalAnswer(idempotency=b"j", fingerprint=b"f", decisions=("w-9",), note="n")
    journal.append_and_wait(
        [
            _row(1, "decision"),
            _row(1, "text"),
            _row(1, "answer", body=encode(kept)),
            _row(2, "decision"),
            _row(2, "answer", body=encode(other)),
        ]
    )
    assert reader.get(1) is not None
    assert reader.delete_decision(name) == 3
    assert reader.get(1) is None
    assert reader.answers(1) == []
    assert [row.ordinal for row in reader.read(0, 10)] == [2, 2]


@pytest.mark.parametrize("count", [1, 3, 5, 63, 64, 65, 200])
def test_groups_of_any_size_are_written_whole_and_in_order(journal, reader, count) -> None:
    journal.append_and_wait([_row(n) for n in range(1, count + 1)])
    rows = reader.read(0, 1000)
    assert [row.seq for row in rows] == list(range(1, count + 1))
    assert [row.ordinal for row in rows] == list(range(1, count + 1))
