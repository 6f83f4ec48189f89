# SPDX-License-Identifier: Apache-2.0
"""History of other tools is taken over as asserted, once, and acts on nobody."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.people import Agora
from vigie.core.errors import InvalidInputError, NotFoundError
from vigie.flow import banks, history
from vigie.flow.history import Assertion, Problem, Source, read_row
from vigie.store.models import (
    BankEntry,
    Case,
    DecisionRecord,
    HistoryKind,
    ImportedRecord,
    LogEntry,
    OutgoingTask,
    Record,
    Strike,
)

ROW = {"id": "17", "item_id": "p-1", "author": "a-9", "at": "2025-03-01", "outcome": "removed"}


def source(kind: HistoryKind, **more: Any) -> Source:
    return Source(kind=kind, tool="old console", service="agora", digest="d" * 64, by="me", **more)


def take(agora: Agora, kind: HistoryKind, *rows: dict[str, str], **more: Any) -> history.Imported:
    read = [read_row(n, row, kind) for n, row in enumerate(rows, start=2)]
    given = source(kind, **more)
    return history.import_history(agora.house, given, read, pause=lambda _: None)


def test_a_decision_of_another_tool_is_asserted_and_changes_nothing(agora: Agora) -> None:
    done = take(agora, HistoryKind.DECISION, ROW)
    assert (done.taken, done.known, done.problems) == (1, 0, ())
    kept = ImportedRecord.objects.get()
    assert (kept.item_id, kept.data) == ("p-1", {"outcome": "removed"})
    assert kept.author == agora.house.pseudonym("agora", "a-9")
    told = Record.objects.get(kind="history.imported")
    assert b'"asserted":true' in told.canonical
    assert b"p-1" not in told.canonical
    for table in (DecisionRecord, Case, OutgoingTask, Strike):
        assert not table.objects.exists()


def test_the_same_file_again_takes_nothing_twice(agora: Agora) -> None:
    take(agora, HistoryKind.DECISION, ROW)
    again = take(agora, HistoryKind.DECISION, ROW, ROW | {"id": "18"})
    assert (again.taken, again.known) == (1, 1)
    assert ImportedRecord.objects.count() == 2


def test_a_strike_of_another_tool_says_so(agora: Agora) -> None:
    row = {"id": "1", "author": "a-9", "at": "2026-11-01", "weight": "2", "policy": "spam"}
    take(agora, HistoryKind.STRIKE, row)
    strike = Strike.objects.get()
    assert (strike.asserted, strike.weight, strike.policy) == (True, 2, "spam")
    assert strike.expires_at - strike.at == 180 * 86_400_000


def test_hashes_of_a_blocklist_go_into_the_named_bank(agora: Agora) -> None:
    banks.create_bank(agora.house, "old-list", "terms", "old.example")
    rows = [
        {"id": "1", "at": "2025-01-01", "algorithm": "sha256", "value": "ab" * 32},
        {"id": "2", "at": "2025-01-01", "author": "a-9", "reason": "spam"},
    ]
    assert take(agora, HistoryKind.BLOCKLIST, *rows, bank="old-list").taken == 2
    assert BankEntry.objects.get().value == "ab" * 32
    with pytest.raises(NotFoundError):
        take(agora, HistoryKind.BLOCKLIST, *rows, bank="nowhere")


@pytest.mark.parametrize(
    ("kind", "change", "field"),
    [
        (HistoryKind.DECISION, {"id": ""}, "id"),
        (HistoryKind.DECISION, {"at": "yesterday"}, "at"),
        (HistoryKind.DECISION, {"outcome": " "}, "outcome"),
        (HistoryKind.DECISION, {"item_id": "x" * 513}, "item_id"),
        (HistoryKind.DECISION, {"at": "0001-01-01"}, ""),
        (HistoryKind.STRIKE, {"weight": "many"}, "weight"),
        (HistoryKind.STRIKE, {"weight": "101"}, "weight"),
        (HistoryKind.STRIKE, {"expires_at": "soon"}, "expires_at"),
        (HistoryKind.BLOCKLIST, {"author": ""}, "value"),
        (HistoryKind.BLOCKLIST, {"value": "ab" * 32}, "value"),
        (HistoryKind.BLOCKLIST, {"author": "", "algorithm": "md5", "value": "zz"}, "value"),
    ],
)
def test_a_bad_row_names_its_field(kind: HistoryKind, change: dict[str, str], field: str) -> None:
    read = read_row(2, ROW | change, kind)
    assert (read.field if isinstance(read, Problem) else "") == field


def test_bad_rows_stop_no_others(agora: Agora) -> None:
    done = take(agora, HistoryKind.DECISION, ROW, ROW | {"id": ""}, ROW | {"id": "19"})
    assert (done.taken, [p.line for p in done.problems]) == (2, [3])
    assert LogEntry.objects.count() == 1


def test_a_tool_has_a_name(agora: Agora) -> None:
    nameless = Source(kind=HistoryKind.NOTICE, tool=" ", service="agora", digest="", by="me")
    with pytest.raises(InvalidInputError) as refused:
        history.import_history(agora.house, nameless, [Assertion(external_id="1", at=0)])
    assert refused.value.field == "source"
