# SPDX-License-Identifier: Apache-2.0
"""Limits of the public forms: a first one asks for a moment, a second one refuses."""

from __future__ import annotations

import hashlib
from itertools import count

import pytest
from django.test import RequestFactory

from tests.support.people import Agora
from vigie.store.models import RateBucket
from vigie.web import limits, work
from vigie.web.limits import LIMITS, RateLimitedError, allow, allow_sender, prefix_of

BUCKET = "notice"
HERE = ("127.0.0.0/8", "::1/128")


def solve(challenge: str) -> str:
    for number in count():
        digest = hashlib.sha256(f"{challenge}:{number}".encode()).digest()
        if int.from_bytes(digest, "big") >> (256 - work.BITS) == 0:
            return f"{challenge}:{number}"
    raise AssertionError


def refused(agora: Agora, sender: str = "192.0.2.0/24", answer: str = "") -> RateLimitedError:
    with pytest.raises(RateLimitedError) as caught:
        allow_sender(agora.house, sender, BUCKET, answer)
    return caught.value


def use_up_what_is_free(agora: Agora, sender: str = "192.0.2.0/24") -> None:
    for _ in range(LIMITS[BUCKET].free):
        allow_sender(agora.house, sender, BUCKET)


def test_what_is_free_asks_for_nothing_and_the_next_one_for_work(agora: Agora) -> None:
    use_up_what_is_free(agora)
    problem = refused(agora)
    assert problem.http_status == 429
    assert problem.challenge
    assert problem.retry_after == work.WAIT_S


def test_work_opens_the_door_once(agora: Agora) -> None:
    use_up_what_is_free(agora)
    answer = solve(refused(agora).challenge)
    allow_sender(agora.house, "192.0.2.0/24", BUCKET, answer)
    assert refused(agora, answer=answer).challenge, "the same answer was taken twice"


def test_waiting_does_the_same_as_work(agora: Agora) -> None:
    use_up_what_is_free(agora)
    challenge = refused(agora).challenge
    agora.clock.advance(work.WAIT_S * 1000 - 1)
    assert refused(agora, answer=f"{challenge}:").challenge
    agora.clock.advance(1)
    allow_sender(agora.house, "192.0.2.0/24", BUCKET, f"{challenge}:")


@pytest.mark.parametrize("forged", ["", ":", "x", "1.2.3:4", "0.0." + "0" * 32 + ":1", "é.é.é:1"])
def test_a_forged_answer_opens_nothing(agora: Agora, forged: str) -> None:
    use_up_what_is_free(agora)
    assert refused(agora, answer=forged).challenge


def test_a_challenge_belongs_to_one_network_and_ends_after_an_hour(agora: Agora) -> None:
    use_up_what_is_free(agora)
    use_up_what_is_free(agora, "198.51.100.0/24")
    answer = solve(refused(agora).challenge)
    assert refused(agora, "198.51.100.0/24", answer).challenge
    agora.clock.ms = (agora.clock.ms // limits.DAY_MS + 1) * limits.DAY_MS
    use_up_what_is_free(agora)
    answer = solve(refused(agora).challenge)
    agora.clock.advance(work.LASTS_S * 1000 + 1)
    use_up_what_is_free(agora)
    assert refused(agora, answer=answer).challenge


def test_over_the_second_limit_only_time_helps(agora: Agora) -> None:
    limit = LIMITS[BUCKET]
    use_up_what_is_free(agora)
    for _ in range(limit.most - limit.free):
        allow_sender(agora.house, "192.0.2.0/24", BUCKET, solve(refused(agora).challenge))
    problem = refused(agora)
    assert problem.challenge == ""
    assert problem.retry_after == 3600 // limit.per_hour
    agora.clock.advance(problem.retry_after * 1000)
    assert refused(agora).challenge, "after the stated time it is taken again, with work"


def test_one_network_does_not_use_up_what_another_has(agora: Agora) -> None:
    use_up_what_is_free(agora)
    refused(agora)
    allow_sender(agora.house, "198.51.100.0/24", BUCKET)


def test_a_flood_from_many_networks_makes_everybody_work_and_stops_nobody(
    agora: Agora, monkeypatch: pytest.MonkeyPatch
) -> None:
    calm = limits.Limit(free=5, most=30, per_hour=30, all_free=3)
    monkeypatch.setitem(LIMITS, BUCKET, calm)
    for n in range(3):
        allow_sender(agora.house, f"10.0.{n}.0/24", BUCKET)
    problem = refused(agora, "203.0.113.0/24")
    allow_sender(agora.house, "203.0.113.0/24", BUCKET, solve(problem.challenge))


def test_no_address_is_stored_and_the_key_changes_every_day(agora: Agora) -> None:
    allow_sender(agora.house, "192.0.2.0/24", BUCKET)
    before = set(RateBucket.objects.values_list("key", flat=True))
    assert all(len(key) == 64 and "192" not in key.split(":") for key in before)
    assert hashlib.sha256(b"192.0.2.0/24").hexdigest() not in before
    agora.clock.advance(limits.DAY_MS)
    allow_sender(agora.house, "192.0.2.0/24", BUCKET)
    assert len(set(RateBucket.objects.values_list("key", flat=True)) - before) == 2


def test_refusals_are_counted_for_the_metrics(agora: Agora) -> None:
    use_up_what_is_free(agora)
    refused(agora)
    refused(agora)
    assert limits.counted() == {"limits_refused_notice_work": 2.0}


@pytest.mark.parametrize(
    ("peer", "forwarded", "prefix"),
    [
        ("192.0.2.77", "", "192.0.2.0/24"),
        ("192.0.2.77", "203.0.113.9", "192.0.2.0/24"),
        ("127.0.0.1", "203.0.113.9", "203.0.113.0/24"),
        ("127.0.0.1", "1.2.3.4, 203.0.113.9", "203.0.113.0/24"),
        ("127.0.0.1", "1.2.3.4, 203.0.113.9, 127.0.0.1", "203.0.113.0/24"),
        ("127.0.0.1", "nonsense", "127.0.0.0/24"),
        ("::1", "2001:db8:1:2ff:3::4", "2001:db8:1:200::/56"),
        ("::ffff:192.0.2.77", "", "192.0.2.0/24"),
        ("", "", "unknown"),
    ],
)
def test_the_caller_is_named_by_our_own_proxies_only(
    rf: RequestFactory, peer: str, forwarded: str, prefix: str
) -> None:
    request = rf.get("/", REMOTE_ADDR=peer, HTTP_X_FORWARDED_FOR=forwarded)
    assert prefix_of(request, HERE) == prefix


def test_a_request_brings_its_answer_in_the_form(agora: Agora, rf: RequestFactory) -> None:
    for _ in range(LIMITS[BUCKET].free):
        allow(agora.house, rf.post("/", REMOTE_ADDR="192.0.2.1"), BUCKET)
    with pytest.raises(RateLimitedError) as caught:
        allow(agora.house, rf.post("/", REMOTE_ADDR="192.0.2.200"), BUCKET)
    form = {work.FIELD: solve(caught.value.challenge)}
    allow(agora.house, rf.post("/", form, REMOTE_ADDR="192.0.2.3"), BUCKET)
