# SPDX-License-Identifier: Apache-2.0
"""A log keeps its name."""

from __future__ import annotations

import stat

import pytest

from vigie import origin
from vigie.core.errors import ConflictError, InvalidInputError

NAME = "agora.example/log/1"


@pytest.mark.parametrize(
    "name",
    ["", "agora.example", "agora.example/log/0", "agora.example/log/x", "a b/log/1", "a+b/log/1",
     "/log/1", "agora.example/other/1", "agora.example/log/1\n", "ägora.example/log/1"],
)  # fmt: skip
def test_a_name_that_no_log_can_bear_is_refused(tmp_path, name):
    with pytest.raises(InvalidInputError) as caught:
        origin.fix(tmp_path / "keys", name)
    assert caught.value.field == "VIGIE_LOG_ORIGIN"
    assert not (tmp_path / "keys").exists()


def test_the_first_name_stays(tmp_path):
    assert origin.stored(tmp_path) is None
    assert origin.fix(tmp_path, NAME) == NAME
    assert origin.fix(tmp_path, "other.example/log/1") == NAME
    assert stat.S_IMODE((tmp_path / "origin").stat().st_mode) == 0o600


def test_the_environment_may_repeat_the_name_and_not_change_it(tmp_path):
    assert origin.settled(tmp_path, "b.example/log/1") == "b.example/log/1"
    origin.fix(tmp_path, NAME)
    assert origin.settled(tmp_path, None) == NAME
    assert origin.settled(tmp_path, NAME) == NAME
    with pytest.raises(ConflictError, match="belongs to the log agora"):
        origin.settled(tmp_path, "agora.example/log/2")
