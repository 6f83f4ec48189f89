# SPDX-License-Identifier: Apache-2.0
"""Secrets of second factors: sealed anew each time, opened by the same key alone."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.console.identity import crypt
from vigie.core.errors import UnavailableError


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_what_is_sealed_is_opened(text: str) -> None:
    assert crypt.unseal(crypt.seal(text)) == text


def test_the_same_secret_is_sealed_differently_each_time() -> None:
    assert crypt.seal("secret") != crypt.seal("secret")


def test_another_key_opens_nothing_and_says_what_to_do(settings: Any) -> None:
    sealed = crypt.seal("secret")
    settings.SECRET_KEY = "another key altogether"
    with pytest.raises(UnavailableError) as refused:
        crypt.unseal(sealed)
    assert "vigie account reset-mfa" in str(refused.value.fix)


@pytest.mark.parametrize("wrong", ["", "x", "AAAA", "é", "A" * 80])
def test_what_was_never_sealed_is_refused(wrong: str) -> None:
    with pytest.raises(UnavailableError):
        crypt.unseal(wrong)


def test_one_changed_letter_is_noticed() -> None:
    sealed = crypt.seal("secret")
    changed = ("B" if sealed[20] == "A" else "A").join((sealed[:20], sealed[21:]))
    with pytest.raises(UnavailableError):
        crypt.unseal(changed)
