# SPDX-License-Identifier: Apache-2.0
"""The cache that all processes share: limits of signing in, codes already used."""

from __future__ import annotations

import pytest

from vigie.store.models import CacheEntry
from vigie.web.shared_cache import SharedCache

pytestmark = pytest.mark.django_db


@pytest.fixture
def cache():
    return SharedCache("", {})


@pytest.fixture
def another():
    """The cache of another process."""
    return SharedCache("", {})


def test_what_one_process_writes_another_reads(cache, another):
    cache.set("tries", [1.5, 2.5], 60)
    assert another.get("tries") == [1.5, 2.5]


def test_of_two_who_use_the_same_code_one_wins(cache, another):
    assert cache.add("code", "y", 60)
    assert not another.add("code", "y", 60)


def test_what_expired_is_not_there_and_may_be_written_again(cache):
    cache.set("code", "y", 0)
    assert cache.get("code", "none") == "none"
    assert cache.add("code", "z", 60)
    assert cache.get("code") == "z"


def test_writing_takes_what_expired_away(cache):
    cache.set("old", 1, 0)
    cache.add("new", 1, 60)
    assert [row.pk.rpartition(":")[2] for row in CacheEntry.objects.all()] == ["new"]


def test_a_value_can_be_forgotten_kept_longer_and_all_cleared(cache):
    cache.set("tries", 1, 60)
    assert cache.touch("tries", 600)
    assert cache.delete("tries")
    assert not cache.delete("tries")
    assert not cache.touch("tries", 600)
    cache.set("tries", 1, None)
    cache.clear()
    assert cache.get("tries") is None


def test_a_value_that_is_no_json_is_refused(cache):
    with pytest.raises(TypeError):
        cache.set("tries", object(), 60)
