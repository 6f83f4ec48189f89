# SPDX-License-Identifier: Apache-2.0
"""A repeated Idempotency-Key gets the first answer byte for byte, or is told why not."""

from __future__ import annotations

import asyncio
import json

import pytest

from tests.support.door import AGORA, item, opened
from vigie.core.errors import ConflictError
from vigie.intake import engine as engines
from vigie.intake.parse import parse
from vigie.journal.reader import Reader
from vigie.journal.rows import decode


def test_a_repeated_key_gets_the_first_answer_byte_for_byte(client, clock) -> None:
    first = client.post(item(), idempotency_key="k-1")
    clock.advance(60_000)
    again = client.post(item(), idempotency_key="k-1")
    assert again.content == first.content


def test_a_repeated_batch_with_errors_gets_its_first_answer(client) -> None:
    body = {"items": [item(id="p-1"), item(id="p-2", version=0)]}
    first = client.post(body, idempotency_key="k-1")
    assert client.post(body, idempotency_key="k-1").content == first.content


def test_another_body_under_the_same_key_is_refused(client) -> None:
    client.post(item(), idempotency_key="k-1")
    error = client.refused(item(id="p-2"), idempotency_key="k-1")
    assert (error["status"], error["code"]) == (422, "idempotency_key_reused")
    assert error["field"] == "Idempotency-Key"


def test_keys_of_different_callers_do_not_meet(client) -> None:
    client.post(item(service="agora"), idempotency_key="k-1")
    assert client.post(item(id="p-2", service="agora"), AGORA, idempotency_key="k-1").is_success


def test_a_refused_request_does_not_use_its_key_up(client) -> None:
    assert client.refused(item(version=0), idempotency_key="k-1")["status"] == 422
    assert client.post(item(), idempotency_key="k-1").is_success


def test_a_key_that_is_too_long_is_refused(client) -> None:
    error = client.refused(item(), idempotency_key="k" * 256)
    assert (error["status"], error["code"]) == (422, "bad_idempotency_key")


def test_a_key_whose_first_request_is_still_answered_is_a_conflict(client) -> None:
    engine = client.door.services.engine
    caller = engines.Caller("1", trusted=True)
    items = parse(json.dumps(item()).encode()).items

    def ask():
        return engine.answer(items, caller, is_batch=False, idempotency="k-1", body=b"body")

    async def both() -> ConflictError:
        first = asyncio.ensure_future(ask())
        await asyncio.sleep(0)
        with pytest.raises(ConflictError) as told:
            await ask()
        answer = await first
        assert await ask() == answer
        return told.value

    told = client.http.portal.call(both)
    assert (told.http_status, told.code) == (409, "idempotency_in_flight")


def test_a_key_is_forgotten_after_a_day(client, clock) -> None:
    first = client.post(item(), idempotency_key="k-1")
    clock.advance(engines.REMEMBERED_MS + 1)
    assert client.post(item(id="p-2"), idempotency_key="k-1").is_success
    assert first.is_success


def test_after_a_restart_a_repeated_key_gets_the_first_answer(settings, clock) -> None:
    with opened(settings, clock) as client:
        first = client.post(item(), idempotency_key="k-1")
    with opened(settings, clock) as client:
        assert client.post(item(), idempotency_key="k-1").content == first.content
        assert client.refused(item(id="x"), idempotency_key="k-1")["status"] == 422


def test_the_digest_of_the_key_travels_to_the_fold(client) -> None:
    client.post(item(), idempotency_key="k-1")
    journal = client.door.journal
    rows = Reader(journal.folder, journal.writer).read(0, 100)
    digests = {decode(row).idempotency for row in rows if row.kind in ("decision", "answer")}
    assert len(digests) == 1
    assert len(digests.pop()) == 16
