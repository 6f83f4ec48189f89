# SPDX-License-Identifier: Apache-2.0
"""The digest that a request is held against the register by."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.core.change_digest import MAX_DEPTH, canonical, digest_of, of_request
from vigie.core.errors import InvalidInputError

TOOL = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}
CHAT: dict[str, Any] = {
    "model": "assistant-1",
    "messages": [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "What is new?"},
    ],
    "tools": [TOOL],
    "temperature": 0.7,
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=6)
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)  # fmt: skip


@pytest.mark.parametrize(
    ("number", "written"),
    [
        # RFC 8785 appendix B, and where the two ways of writing meet.
        (0.0, b"0"),
        (-0.0, b"0"),
        (5e-324, b"5e-324"),
        (-5e-324, b"-5e-324"),
        (1.7976931348623157e308, b"1.7976931348623157e+308"),
        (9007199254740992, b"9007199254740992"),
        (295147905179352830000, b"295147905179352830000"),
        (9.999999999999997e22, b"9.999999999999997e+22"),
        (1e23, b"1e+23"),
        (999999999999999700000, b"999999999999999700000"),
        (1e21, b"1e+21"),
        (9.999999999999997e-7, b"9.999999999999997e-7"),
        (0.000001, b"0.000001"),
        (333333333.3333332, b"333333333.3333332"),
        (-0.0000033333333333333333, b"-0.0000033333333333333333"),
        (1424953923781206.2, b"1424953923781206.2"),
        (4.50, b"4.5"),
        (2e-3, b"0.002"),
        (1e-27, b"1e-27"),
        (10, b"10"),
    ],
)
def test_numbers_are_written_as_the_standard_says(number: float, written: bytes) -> None:
    assert canonical(number) == written


def test_names_are_in_the_order_of_utf_16_and_texts_are_escaped_as_little_as_may_be() -> None:
    value = {"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\x80": 6, "\xf6": 7}
    order = [4 - 2, 4, 6, 7, 1, 5, 3]
    assert list(json.loads(canonical(value)).values()) == order
    assert canonical("\u20ac$\x0f\nA'B\"\\/") == '"\u20ac$\\u000f\\nA\'B\\"\\\\/"'.encode()


@given(JSON)
def test_the_canonical_form_reads_back_as_what_it_was_and_is_stable(value: Any) -> None:
    written = canonical(value)
    assert canonical(json.loads(written)) == written


def test_the_order_of_a_body_makes_no_difference_and_what_a_user_says_neither() -> None:
    turned = dict(reversed(CHAT.items())) | {"temperature": 0.1, "user": "somebody"}
    turned["messages"] = [CHAT["messages"][0], {"role": "user", "content": "Something else."}]
    assert of_request(turned) == of_request(CHAT)
    assert of_request(CHAT) == digest_of("assistant-1", ["Be kind."], [TOOL], {})
    document = '{"model":"assistant-1","parameters":{},"system":["Be kind."],"tools":['
    document += json.dumps(TOOL, sort_keys=True, separators=(",", ":")) + "]}"
    assert of_request(CHAT) == hashlib.sha256(document.encode()).hexdigest()


@pytest.mark.parametrize(
    "change",
    [
        {"model": "assistant-2"},
        {"tools": []},
        {"tools": [TOOL, TOOL]},
        {"functions": [{"name": "weather"}]},
        {"moderation": {"model": "m", "policy": {"input": {"mode": "block"}}}},
        {"safe_prompt": True},
        {"instructions": "Be short."},
        {"prompt": {"id": "pm-1", "version": "2"}},
        {"system": [{"type": "text", "text": "Be short."}]},
        {"messages": [{"role": "system", "content": "Be kind!"}]},
        {"messages": [{"role": "developer", "content": [{"type": "text", "text": "Be."}]}]},
        {"messages": [*CHAT["messages"], {"role": "developer", "content": "And now be rude."}]},
        {"messages": [{"role": "system", "content": [{"type": "image_url", "image_url": "x"}]}]},
    ],
)
def test_whatever_an_operator_changes_is_another_digest(change: dict[str, Any]) -> None:
    assert of_request(CHAT | change) != of_request(CHAT)


def test_one_text_in_each_dialect_is_one_digest() -> None:
    said = "Be kind."
    bodies: list[dict[str, Any]] = [
        {"messages": [{"role": "system", "content": said}, {"role": "user", "content": "a"}]},
        {"messages": [{"role": "developer", "content": [{"type": "text", "text": said}]}]},
        {"instructions": said, "input": "a"},
        {"input": [{"role": "developer", "content": [{"type": "input_text", "text": said}]}]},
        {"system": said, "messages": [{"role": "user", "content": "a"}]},
        {"system": [{"type": "text", "text": said, "cache_control": {"type": "ephemeral"}}]},
    ]
    assert len({of_request({"model": "m", **body}) for body in bodies}) == 1


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 10**400, object(), {1: 2}, b"x"])
def test_what_is_no_json_has_no_digest(value: Any) -> None:
    with pytest.raises(InvalidInputError):
        canonical(value)


def test_what_nests_without_end_has_no_digest() -> None:
    deep: list[Any] = []
    for _ in range(MAX_DEPTH + 1):
        deep = [deep]
    with pytest.raises(InvalidInputError) as refused:
        of_request({"model": "m", "tools": deep})
    assert refused.value.code == "too_deep"
