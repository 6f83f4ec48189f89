# SPDX-License-Identifier: Apache-2.0
"""Bodies to items: any bytes are read or refused in the one error shape."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.core.errors import ErrorBody, VigieError
from vigie.core.item import Item
from vigie.intake.parse import MAX_ITEMS, Parsed, parse
from vigie.intake.rules import is_time

GOOD = {"id": "p-1", "surface": "post", "author": {"id": "a"}, "text": "t"}
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=8,
)


def read(body: bytes) -> Parsed:
    return parse(body)


def refusal(body: bytes) -> VigieError | None:
    """Return how a body is refused, None where it is read; nothing else may be raised."""
    try:
        read(body)
    except VigieError as problem:
        return problem
    return None


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    problem = refusal(body)
    if problem is not None:
        assert problem.code
        assert problem.fix
        assert 400 <= problem.http_status < 500


@given(st.sampled_from(sorted(Item.__struct_fields__)), JSON)
def test_any_value_in_any_field_is_read_or_refused_with_that_field(field: str, value: Any) -> None:
    body = json.dumps({**GOOD, field: value}).encode()
    problem = refusal(body)
    if problem is not None:
        assert problem.code
        assert problem.fix
        if problem.http_status != 400:
            assert (problem.field or "").split(".")[0].split("[")[0] == field, problem
    [one] = read(b'{"items":[' + body + b"]}").items
    assert isinstance(one, Item | ErrorBody)


@given(st.dictionaries(st.text(max_size=9), JSON, max_size=4))
def test_any_object_in_a_batch_takes_only_itself_away(value: dict[str, Any]) -> None:
    body = json.dumps({"items": [GOOD, value, GOOD]}).encode()
    first, middle, last = read(body).items
    assert isinstance(first, Item)
    assert isinstance(last, Item)
    if isinstance(middle, ErrorBody):
        assert (middle.field or "").startswith("items[1]")


def test_only_id_surface_and_author_are_required_with_something_to_screen() -> None:
    [made] = read(json.dumps(GOOD).encode()).items
    assert isinstance(made, Item)
    assert (made.version, made.visibility, made.stage, made.service) == (
        1,
        "public",
        "after",
        "default",
    )
    assert made.countries is None
    for name in ("id", "surface", "author", "text"):
        left = {key: value for key, value in GOOD.items() if key != name}
        with pytest.raises(VigieError) as told:
            read(json.dumps(left).encode())
        assert told.value.field == name


@pytest.mark.parametrize(
    "instead", [{"links": ["https://a.example"]}, {"media": [{"md5": "a" * 32}]}]
)
def test_links_or_media_stand_in_for_text(instead: dict[str, Any]) -> None:
    left = {key: value for key, value in GOOD.items() if key != "text"}
    assert isinstance(read(json.dumps({**left, **instead}).encode()).items[0], Item)


def test_the_whole_item_of_the_contract_is_read() -> None:
    body = {
        "id": "p-123", "version": 2, "service": "agora", "url": "https://agora.example/p/123",
        "surface": "post", "visibility": "limited", "stage": "before",
        "author": {"id": "a-9", "country": "FR", "account_age_days": 3, "strikes": 1},
        "text": "...", "language": "fr", "countries": ["FR", "DE"],
        "media": [
            {"base64": "AAAA", "mime": "image/jpeg"},
            {"sha256": "a" * 64, "pdq": "b" * 64},
            {"url": "https://agora.example/1.jpg"},
        ],
        "links": ["https://a.example"], "created_at": "2026-11-22T20:00:00Z",
        "context": {"in_reply_to": "p-100", "generated_by": "w1-1-0123456789"},
    }  # fmt: skip
    [made] = read(json.dumps(body).encode()).items
    assert isinstance(made, Item)
    assert len(made.media) == 3


def test_a_batch_of_a_thousand_is_read_and_one_more_is_not() -> None:
    assert len(read(json.dumps({"items": [GOOD] * MAX_ITEMS}).encode()).items) == MAX_ITEMS
    with pytest.raises(VigieError) as told:
        read(json.dumps({"items": [GOOD] * (MAX_ITEMS + 1)}).encode())
    assert told.value.http_status == 413


def test_a_text_that_speaks_of_items_is_no_batch() -> None:
    parsed = read(json.dumps({**GOOD, "text": '{"items": []} and "items"'}).encode())
    assert not parsed.is_batch


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("2026-11-22T20:00:00Z", True),
        ("2026-11-22T20:00:00.123456789+01:00", True),
        ("2026-11-22T20:00Z", True),
        ("2026-02-29T20:00:00Z", False),
        ("2026-11-22T24:30:00Z", False),
        ("2026-11-22T20:00:00", False),
        ("2026-11-22 20:00:00Z", False),
        ("2026-11-22T20:00:00Z\n", False),
    ],
)
def test_a_time_has_a_zone_and_exists(text: str, good: bool) -> None:
    assert is_time(text) is good
