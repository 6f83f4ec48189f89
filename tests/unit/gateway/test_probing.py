# SPDX-License-Identifier: Apache-2.0
"""Probing: variants count, repetitions do not; one user is slowed and no other."""

from __future__ import annotations

from vigie.gateway.probing import (
    MOST_DELAY_S,
    NAMELESS,
    PDQ_BITS,
    USERS,
    WINDOW_MS,
    Probing,
)

LIMIT = 4
TEXT = 0xDEAD_BEEF_0123_4567


def near(number: int, value: int = TEXT) -> int:
    """Return another fingerprint that differs in a bit or two."""
    return value ^ (1 << (number % 64))


def send(probing: Probing, count: int, user: str = "vu_a", begin: int = 0, at: int = 0):
    return [
        probing.see("1", user, near(number), (), LIMIT, at)
        for number in range(begin, begin + count)
    ]


def test_variants_are_slowed_from_the_limit_on_more_and_more():
    found = send(Probing(), 12)
    assert [one.variants for one in found] == list(range(1, 13))
    assert [one.delay for one in found[: LIMIT - 1]] == [0.0] * (LIMIT - 1)
    assert [one.delay for one in found[LIMIT - 1 :]] == sorted(
        one.delay for one in found[LIMIT - 1 :]
    )
    assert found[-1].delay == MOST_DELAY_S


def test_there_is_one_alarm_for_one_user_in_ten_minutes():
    probing = Probing()
    assert sum(one.alarm for one in send(probing, 20)) == 1
    assert not any(one.alarm for one in send(probing, 20, begin=20, at=WINDOW_MS - 1))
    assert sum(one.alarm for one in send(probing, 20, begin=40, at=WINDOW_MS)) == 1


def test_the_same_text_again_is_no_variant():
    probing = Probing()
    found = [probing.see("1", "vu_a", TEXT, (), LIMIT, 0) for _ in range(50)]
    assert {one.variants for one in found} == {1}


def test_what_was_sent_long_ago_counts_no_more():
    probing = Probing()
    send(probing, LIMIT - 1)
    [late] = send(probing, 1, begin=30, at=WINDOW_MS)
    assert late.variants == 1


def test_one_users_variants_are_not_anothers():
    probing = Probing()
    send(probing, 20)
    assert probing.see("1", "vu_b", near(21), (), LIMIT, 0).variants == 1
    assert probing.see("2", "vu_a", near(21), (), LIMIT, 0).variants == 1


def test_without_a_user_id_nobody_is_slowed_and_more_is_asked_for():
    found = send(Probing(), LIMIT * NAMELESS, user="")
    assert not any(one.delay for one in found)
    assert [one.alarm for one in found].index(True) == LIMIT * NAMELESS - 1


def test_pictures_count_by_their_own_hashes():
    probing = Probing()
    first = (1 << 255) | 12345
    found = [
        probing.see("1", "vu_a", 0, (first ^ ((1 << n) - 1),), LIMIT, 0) for n in range(PDQ_BITS)
    ]
    assert found[LIMIT - 1].delay > 0
    assert probing.see("1", "vu_a", 0, (first ^ ((1 << 200) - 1),), LIMIT, 0).variants < 3


def test_a_text_is_never_near_a_picture():
    probing = Probing()
    for number in range(20):
        probing.see("1", "vu_a", near(number), (), LIMIT, 0)
    assert probing.see("1", "vu_a", 0, (TEXT,), LIMIT, 0).variants == 1


def test_memory_is_bounded():
    probing = Probing()
    for number in range(USERS + 50):
        probing.see("1", f"vu_{number}", TEXT, (), LIMIT, 0)
    assert len(probing._users) == USERS
    send(probing, 1_000)
    assert all(len(one.seen) <= 128 for one in probing._users.values())
