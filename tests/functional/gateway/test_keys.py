# SPDX-License-Identifier: Apache-2.0
"""Keys, budgets, sizes, brakes: each refusal is the SDK's own typed error."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import anthropic
import openai
import pytest

from tests.support.gateway import (
    OTHER,
    POOR,
    TRUSTED,
    Gateway,
    conf,
    serving,
)
from tests.support.upstream import Upstream
from tests.support.upstream_script import say
from vigie.core.gateway import Brake, Ending, Feature, Profile, Unregistered
from vigie.core.gateway import Upstream as Known
from vigie.exchange.upstream import FOLDER
from vigie.gateway.upstream import Upstreams

Refused = Callable[..., tuple[Any, Any]]


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway whose Snapshot these tests change."""
    folder = tmp_path_factory.mktemp("own")
    with Upstream(say("A calm answer.")) as upstream, serving(folder, upstream) as one:
        yield one


@pytest.fixture
def own(changed: Gateway) -> Iterator[Gateway]:
    """The gateway of these tests, as it began."""
    changed.exchanges = len(changed.facts())
    yield changed
    changed.publish()


@pytest.fixture(scope="module")
def refused(openai_http: Any, anthropic_http: Any) -> Refused:
    """Ask with both clients; return what they raise."""

    def ask(gateway: Gateway, key: str, text: str = "Hello") -> tuple[Any, Any]:
        messages: Any = [{"role": "user", "content": text}]
        given: dict[str, Any] = {"api_key": key, "max_retries": 0}
        one = openai.OpenAI(base_url=gateway.v1, http_client=openai_http, **given)
        address = f"{gateway.url}/ai"
        other = anthropic.Anthropic(base_url=address, http_client=anthropic_http, **given)
        with pytest.raises(openai.APIStatusError) as first:
            one.chat.completions.create(model="m", messages=messages)
        with pytest.raises(anthropic.APIStatusError) as second:
            other.messages.create(model="m", messages=messages, max_tokens=8)
        return first.value, second.value

    return ask


@pytest.mark.parametrize("key", ["vg_unknown", "sk-not-ours", "x"])
def test_a_wrong_key_is_an_authentication_error(gateway, upstream, refused, key):
    before = len(upstream.requests)
    one, other = refused(gateway, key)
    assert isinstance(one, openai.AuthenticationError)
    assert one.type == "authentication_error"
    assert isinstance(other, anthropic.AuthenticationError)
    assert len(upstream.requests) == before


def test_a_key_of_another_door_may_not_ask(gateway, refused):
    one, other = refused(gateway, OTHER)
    assert isinstance(one, openai.PermissionDeniedError)
    assert one.code == "wrong_scope"
    assert isinstance(other, anthropic.PermissionDeniedError)


def test_a_budget_that_is_used_up_is_a_rate_limit_error(own, refused):
    assert own.chat("Hello", key=POOR).status == 200
    assert own.chat("Hello", key=POOR).status == 200
    one, other = refused(own, POOR)
    assert isinstance(one, openai.RateLimitError)
    assert one.code == "insufficient_quota"
    assert isinstance(other, anthropic.RateLimitError)
    assert own.chat("Hello", key=TRUSTED).status == 200


def test_a_body_that_is_too_long_is_refused_before_it_is_read(gateway, upstream, refused):
    before = len(upstream.requests)
    one, other = refused(gateway, TRUSTED, "x" * (34 * 2**20))
    assert one.status_code == other.status_code == 413
    assert other.body["error"]["type"] == "request_too_large"
    assert len(upstream.requests) == before


def test_the_brake_stops_both_interfaces_and_says_why(own, refused):
    own.publish(brakes=[Brake(number=1, feature=Feature.CHAT, reason="An exercise.")])
    one, other = refused(own, TRUSTED)
    assert isinstance(one, openai.PermissionDeniedError)
    assert one.code == "feature_stopped"
    assert "An exercise." in one.message
    assert isinstance(other, anthropic.PermissionDeniedError)
    assert own.ended(own.exchanges + 2)[-1].ending is Ending.BRAKED
    own.publish()
    assert own.chat("Hello").status == 200


def test_a_brake_for_one_country_leaves_the_others(own):
    own.publish(brakes=[Brake(number=1, feature=Feature.CHAT, countries=("FR",))])
    assert own.chat("Hello", Vigie_Country="FR").status == 403
    assert own.chat("Hello", Vigie_Country="DE").status == 200


def test_a_configuration_that_is_not_registered_is_refused_where_the_profile_says_so(own, refused):
    strict = Profile(unregistered=Unregistered.REFUSE, country="FR")
    own.publish(gateway=conf(own.upstream, profiles=(strict,)))
    before = len(own.upstream.requests)
    one, other = refused(own, TRUSTED)
    assert one.status_code == other.status_code == 403
    assert one.code == "change_unregistered"
    assert len(own.upstream.requests) == before


@pytest.mark.parametrize(
    ("body", "param"),
    [
        (b"no JSON", None),
        (b"[]", None),
        (b'{"model": "\xc3"}', None),
        (b'{"messages": []}', "model"),
        (b'{"model": "m", "messages": "Hello"}', "messages"),
        (b'{"model": "m", "messages": [], "n": 99}', "n"),
        (b'{"model": "m", "messages": [], "audio": {"voice": "x"}}', "audio"),
    ],
)
def test_a_request_that_cannot_be_read_is_refused_by_name(gateway, body, param):
    answer = gateway.post("/ai/v1/chat/completions", body)
    error = answer.json()["error"]
    assert (answer.status, error["param"]) == (400, param)
    assert error["type"] == "invalid_request_error"


@pytest.mark.parametrize("path", ["/ai/", "/ai/v1/files", "/ai/v1/assistants", "/ai/v2/messages"])
def test_a_path_that_nobody_knows_is_refused_with_and_without_a_key(gateway, path):
    for key in (TRUSTED, "vg_unknown"):
        answer = gateway.post(path, {}, key)
        assert answer.status in (401, 404)
        assert set(answer.json()) <= {"error", "type", "request_id"}


def test_a_model_that_no_upstream_serves_is_not_found(own, refused):
    own.publish(gateway=conf(own.upstream, upstreams=()))
    one, other = refused(own, TRUSTED)
    assert isinstance(one, openai.NotFoundError)
    assert isinstance(other, anthropic.NotFoundError)


def test_a_new_server_never_gets_the_key_of_the_one_before(tmp_path):
    folder = tmp_path / FOLDER
    folder.mkdir()
    (folder / "main").write_text("sk-first\n")
    upstreams = Upstreams(tmp_path)
    before = Known(name="main", url="https://one.example/v1")
    assert upstreams._headers(before, {})["Authorization"] == "Bearer sk-first"
    (folder / "main").write_text("sk-second\n")
    after = Known(name="main", url="https://two.example/v1")
    assert upstreams._headers(after, {})["Authorization"] == "Bearer sk-second"
