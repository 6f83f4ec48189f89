# SPDX-License-Identifier: Apache-2.0
"""Every refusal is one JSON error with a code, the field's path and the fix."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.door import AGORA, NOW, PUBLIC, RECORDS, SLOW, Client, item, opened, set_up
from vigie.core.clock import FixedClock

BASE = b'{"id":"p-1","surface":"post","author":{"id":"a-9"},"text":%s}'
DEEP = b"[" * 100_000 + b"]" * 100_000

UNREADABLE = {
    "nothing": b"",
    "half an object": b'{"id": "p-1"',
    "no JSON": b"id=p-1&text=hello",
    "not UTF-8": BASE % b'"\xff\xfe"',
    "a lone surrogate": BASE % rb'"\ud800 x"',
    "half a pair": BASE % rb'"x \udc00"',
    "a surrogate in bytes": BASE % b'"\xed\xa0\x80"',
    "nested too deep": b'{"zzz":' + DEEP + b',"items":[]}',
    "nested too deep in an item": b'{"items":[{"id":' + DEEP + b"}]}",
}
WRONG = [
    ({"id": 7}, "wrong_type", "id"),
    ({"id": None}, "missing_field", "id"),
    ({"id": ""}, "bad_name", "id"),
    ({"id": "p-1\n"}, "bad_name", "id"),
    ({"id": "x" * 513}, "bad_name", "id"),
    ({"surface": None}, "missing_field", "surface"),
    ({"surface": "billboard"}, "wrong_type", "surface"),
    ({"author": {}}, "missing_field", "author.id"),
    ({"author": {"id": "a", "name": "A"}}, "unknown_field", "author.name"),
    ({"author": {"id": "a", "strikes": -1}}, "bad_number", "author"),
    ({"author": {"id": "a", "strikes": 10**30}}, "bad_number", "author"),
    ({"author": {"id": "a", "country": "FRA"}}, "bad_country", "author.country"),
    ({"author": {"id": "a", "country": "FR\n"}}, "bad_country", "author.country"),
    ({"text": ["a"]}, "wrong_type", "text"),
    ({"text": None}, "empty_item", "text"),
    ({"text": "a\x00b"}, "nul_character", "text"),
    ({"text": "a" * 100_001}, "text_too_long", "text"),
    ({"version": 0}, "bad_version", "version"),
    ({"version": 2**53}, "bad_version", "version"),
    ({"version": "2"}, "wrong_type", "version"),
    ({"version": 1.5}, "wrong_type", "version"),
    ({"language": "fr\n"}, "bad_language", "language"),
    ({"countries": []}, "bad_countries", "countries"),
    ({"countries": ["FR", "de"]}, "bad_country", "countries[1]"),
    ({"countries": ["FR", 3]}, "wrong_type", "countries[1]"),
    ({"created_at": "2026-13-01T00:00:00Z"}, "bad_time", "created_at"),
    ({"created_at": "2026-11-22T20:00:00"}, "bad_time", "created_at"),
    ({"created_at": "٢٠٢٦-11-22T20:00:00Z"}, "bad_time", "created_at"),
    ({"url": "https://a.example/\n"}, "bad_link", "url"),
    ({"links": ["https://a.example", "x" * 9000]}, "bad_link", "links[1]"),
    ({"links": ["a"] * 201}, "too_many_links", "links"),
    ({"media": [{"sha256": "ab"}]}, "bad_hash", "media[0].sha256"),
    ({"media": [{"sha256": "a" * 64 + "\n"}]}, "bad_hash", "media[0].sha256"),
    ({"media": [{"sha256": "a" * 64}, {}]}, "empty_media", "media[1]"),
    ({"media": [{"sha256": "a" * 64}, {"base64": 3}]}, "wrong_type", "media[1].base64"),
    ({"media": [{"sha256": "a" * 64}] * 21}, "too_many_media", "media"),
    ({"media": [{"pdq": "a" * 64, "pdq_quality": 101}]}, "bad_number", "media[0].pdq_quality"),
    ({"context": {"in_reply_to": "p\n"}}, "bad_name", "context.in_reply_to"),
    ({"visibility": "private"}, "private_screening_off", "visibility"),
    ({"color": "red"}, "unknown_field", "color"),
]


@pytest.fixture(scope="module")
def client(tmp_path_factory) -> Iterator[Client]:
    """One door for all of them: what is refused leaves nothing behind."""
    folder = tmp_path_factory.mktemp("door") / "data"
    with opened(set_up(folder), FixedClock(NOW)) as made:
        yield made


@pytest.mark.parametrize("what", UNREADABLE)
def test_a_body_that_does_not_read_is_refused_as_a_whole(client, what: str) -> None:
    error = client.refused(UNREADABLE[what])
    assert (error["status"], error["code"]) == (400, "malformed_json")
    assert error["fix"]


@pytest.mark.parametrize(("fields", "code", "field"), WRONG)
def test_an_item_that_breaks_the_contract_is_refused_with_its_field(
    client, fields, code: str, field: str
) -> None:
    error = client.refused(item(**fields))
    assert (error["status"], error["code"], error["field"]) == (422, code, field)
    assert error["message"]
    assert error["fix"]
    assert error["request_id"]


@pytest.mark.parametrize(("fields", "code", "field"), WRONG)
def test_in_a_batch_the_same_error_stands_in_place_of_the_result(
    client, fields, code: str, field: str
) -> None:
    answer = client.post({"items": [item(id="good"), item(**fields), item(id="fine")]})
    assert answer.status_code == 200
    first, error, last = answer.json()["results"]
    assert (error["error"]["code"], error["error"]["field"]) == (code, f"items[1].{field}")
    assert [one["decision"]["item_id"] for one in (first, last)] == ["good", "fine"]


def test_a_text_of_ten_megabytes_is_refused(client) -> None:
    error = client.refused(item(text="a" * 10_000_000))
    assert (error["status"], error["code"], error["field"]) == (422, "text_too_long", "text")


def test_an_item_of_a_batch_that_is_not_utf8_loses_only_itself(client) -> None:
    good = b'{"id":"g","surface":"post","author":{"id":"a"},"text":"t"}'
    answer = client.post(b'{"items":[' + good + b"," + BASE % b'"\xff"' + b"]}")
    results = answer.json()["results"]
    assert "decision" in results[0]
    assert results[1]["error"]["code"] == "malformed_json"
    assert results[1]["error"]["field"] == "items[1]"


def test_more_than_a_thousand_items_are_refused(client) -> None:
    error = client.refused({"items": [item(id=f"p-{n}") for n in range(1001)]})
    assert (error["status"], error["code"], error["field"]) == (413, "batch_too_long", "items")


def test_an_empty_batch_is_refused(client) -> None:
    assert client.refused({"items": []})["code"] == "empty_batch"


def test_items_that_are_no_list_are_refused(client) -> None:
    error = client.refused({"items": {"id": "p-1"}})
    assert (error["code"], error["field"]) == ("wrong_type", "items")


def test_a_body_beyond_the_limit_is_refused_before_it_is_read(client) -> None:
    error = client.refused(b"{}", content_length=str(2**31))
    assert (error["status"], error["code"]) == (413, "body_too_long")


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer vg_wrong", "Basic dmdfdA==", "Bearer t", "vg_t"]
)
def test_without_a_key_in_force_nothing_is_answered(client, header: str) -> None:
    answer = client.http.post("/v1/items", json=item(), headers={"authorization": header})
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "unauthorised"
    assert answer.headers["www-authenticate"] == "Bearer"


def test_a_key_of_another_scope_may_not_send_items(client) -> None:
    error = client.refused(item(), RECORDS)
    assert (error["status"], error["code"]) == (403, "wrong_scope")


def test_a_key_may_not_speak_for_another_service(client) -> None:
    error = client.refused(item(service="forum"), AGORA)
    assert (error["status"], error["code"], error["field"]) == (403, "wrong_service", "service")
    results = client.post({"items": [item(service="agora"), item(service="forum")]}, AGORA).json()
    assert "decision" in results["results"][0]
    assert results["results"][1]["error"]["field"] == "items[1].service"


def test_a_key_that_sends_too_much_is_told_when_to_try_again(client) -> None:
    answers = [client.post(item(id=f"p-{n}"), SLOW) for n in range(11)]
    assert [one.status_code for one in answers] == [200] * 10 + [429]
    assert answers[-1].headers["retry-after"] == "1"
    assert answers[-1].json()["error"]["code"] == "rate_limited"


@pytest.mark.parametrize(
    "path", ["/v1", "/v1/", "/v1/items/", "/v1/nothing", "/v1/decisions", "/v1/decisions/a/b/c"]
)
def test_a_machine_path_that_nobody_knows_is_refused_in_json(client, path: str) -> None:
    answer = client.http.get(path, follow_redirects=False)
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "no_such_path"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/v1/items", "POST"),
        ("DELETE", "/v1/items", "POST"),
        ("POST", "/healthz", "GET"),
        ("GET", "/v1/decisions/a-1-0000000000/effect", "POST"),
    ],
)
def test_a_method_that_a_path_does_not_take_is_refused_in_json(
    client, method: str, path: str, allowed: str
) -> None:
    answer = client.http.request(method, path)
    assert answer.status_code == 405
    assert answer.json()["error"]["code"] == "method_not_allowed"
    assert allowed in answer.headers["allow"]


def test_the_public_view_shows_outcome_and_category_and_nothing_else(client) -> None:
    answer = client.decide(
        PUBLIC, id="seen", text="Here is zorblax quendor again.", countries=["FR"]
    )
    assert set(answer["decision"]) == {
        "decision_id",
        "item_id",
        "version",
        "outcome",
        "pending",
        "snapshot",
        "at",
        "category",
    }
    assert answer["decision"]["outcome"] == "review"
    assert answer["decision"]["category"].startswith("STATEMENT_CATEGORY_")
    assert "planted" not in str(answer)
    name = answer["decision"]["decision_id"]
    assert client.get(f"/v1/decisions/{name}", PUBLIC).json()["decision"] == answer["decision"]
    assert "verdicts" in client.get(f"/v1/decisions/{name}").json()["decision"]
