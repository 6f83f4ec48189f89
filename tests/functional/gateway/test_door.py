# SPDX-License-Identifier: Apache-2.0
"""The gateway as clients and operators meet it: routes, keys, refusals, failover, brakes."""

from __future__ import annotations

import json
import time

import pytest

from tests.support import gateway as gw
from tests.support.gateway import OFFENCE, OTHER, POOR, PUBLIC, STOPPED, TRUSTED
from tests.support.gateway_client import Stream
from tests.support.upstream import Upstream
from tests.support.upstream_script import fail, letters, say
from vigie.core.gateway import (
    Brake,
    Ending,
    Feature,
    KnownChange,
    Profile,
    Stage,
    Unregistered,
)
from vigie.core.gateway import Upstream as Known

CHAT = "/ai/v1/chat/completions"
ASKED = {"model": "local", "messages": [{"role": "user", "content": "Good morning"}]}


@pytest.fixture
def own(tmp_path):
    """A gateway of one test's own, whose Snapshot it may change."""
    with Upstream() as upstream, gw.serving(tmp_path, upstream) as found:
        yield found


def error(answer, status, code):
    """Return the error of an answer, after its status and code were checked."""
    assert answer.status == status, answer.body
    found = answer.json()["error"]
    assert found["code"] == code
    assert found["message"]
    assert set(found) >= {"message", "type", "param", "code"}
    return found


@pytest.mark.parametrize("path", ["/ai/v1/audio/speech", "/ai/v1/chat", "/ai/", "/ai/v1/files"])
def test_a_route_that_nobody_can_read_is_refused_and_nothing_is_passed(gateway, upstream, path):
    before = len(upstream.requests)
    error(gateway.post(path, ASKED), 404, "no_such_path")
    assert len(upstream.requests) == before


@pytest.mark.parametrize("path", [CHAT, "/ai/v1/messages", "/ai/v1/responses"])
def test_streams_share_a_connection_to_their_upstream(gateway, upstream, path):
    asked = ASKED | {"stream": True, "max_tokens": 50, "input": "Good morning"}
    asked.pop("input" if "responses" not in path else "messages")
    taken = []
    for _ in range(4):
        assert gateway.post(path, asked).status == 200
        time.sleep(0.05)  # the end of the answer comes after its last event
        taken.append(upstream.connections)
    assert len(set(taken)) == 1


def test_below_messages_errors_have_the_shape_of_that_interface(gateway):
    answer = gateway.post("/ai/v1/messages/count_tokens", ASKED)
    assert answer.status == 404
    assert answer.json()["type"] == "error"
    assert answer.json()["error"]["message"]


def test_another_method_is_refused(gateway):
    error(gateway.get(CHAT), 405, "method_not_allowed")


@pytest.mark.parametrize("key", ["", "vg_unknown", "sk-123"])
def test_without_a_key_in_force_nothing_is_answered(gateway, key):
    answer = gateway.post(CHAT, ASKED, key)
    assert error(answer, 401, "invalid_api_key")["type"] == "authentication_error"
    assert answer.headers["www-authenticate"] == "Bearer"


def test_a_key_of_another_scope_is_refused(gateway):
    error(gateway.post(CHAT, ASKED, OTHER), 403, "wrong_scope")


def test_a_key_is_read_from_the_other_header_too(gateway):
    answer = gateway.post(CHAT, ASKED, "", x_api_key=TRUSTED)
    assert answer.status == 200
    gateway.recorded()


def test_a_body_that_is_too_long_is_refused(gateway):
    error(gateway.post(CHAT, b" " * (24 * 2**20 + 1)), 413, "body_too_long")


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'"x"', b'{"a": \xff}', b"[" * 100_000])
def test_what_is_no_object_is_refused(gateway, body):
    error(gateway.post(CHAT, body), 400, "invalid_json")


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"messages": None}, "messages"),
        ({"model": ""}, "model"),
        ({"n": 0}, "n"),
        ({"n": 17}, "n"),
        ({"modalities": ["text", "audio"]}, "modalities"),
        ({"audio": {"voice": "x", "format": "wav"}}, "audio"),
        ({"whatever": "some text"}, "whatever"),
        ({"messages": [{"role": "guest", "content": "x"}]}, "messages[0].role"),
        ({"messages": [{"role": "user", "content": 3}]}, "messages[0].content"),
        (
            {"messages": [{"role": "user", "content": [{"type": "input_audio"}]}]},
            "messages[0].content[0].type",
        ),
        (
            {"messages": [{"role": "user", "content": "x", "more": "text"}]},
            "messages[0].more",
        ),
    ],
)
def test_what_the_guard_cannot_read_is_refused_naming_the_field(gateway, upstream, changed, field):
    before = len(upstream.requests)
    answer = gateway.post(CHAT, {**ASKED, **changed})
    assert answer.status == 400
    assert answer.json()["error"]["param"] == field
    assert len(upstream.requests) == before


def test_an_answer_names_its_decisions_and_the_user_by_a_pseudonym(gateway, upstream):
    answer = gateway.chat("Good morning", user="anna@example.org")
    facts = gateway.recorded()
    assert answer.headers["vigie-decision"] == facts.answer_decision
    assert answer.headers["vigie-prompt-decision"] == facts.prompt_decision
    assert answer.headers["vigie-user"] == facts.user
    assert upstream.last.json["user"] == facts.user
    assert b"anna" not in upstream.last.body


def test_nothing_of_a_client_is_passed_on_but_its_request(gateway, upstream):
    gateway.post(CHAT, ASKED, cookie="a=b", x_forwarded_for="192.0.2.1", openai_organization="o")
    gateway.recorded()
    sent = upstream.last.headers
    assert sent["authorization"] == f"Bearer {gw.NEVER}"
    assert not {"cookie", "x-forwarded-for", "openai-organization"} & set(sent)
    assert TRUSTED not in str(sent)


@pytest.mark.parametrize(
    ("language", "words"),
    [("fr", "Cette demande"), ("de-AT,en", "Diese Anfrage"), ("xx", "This request")],
)
def test_a_refusal_speaks_the_users_language_and_says_how_to_contest(gateway, language, words):
    answer = gateway.post(
        CHAT,
        {"model": "local", "messages": [{"role": "user", "content": f"So {STOPPED}"}]},
        Vigie_Language=language,
    )
    found = error(answer, 400, "content_policy_violation")
    facts = gateway.recorded()
    assert found["message"].startswith(words)
    assert found["statement_url"] in found["message"]
    assert found["decision_id"] == facts.prompt_decision == answer.headers["vigie-decision"]
    for secret in (*STOPPED.split(), "planted", "score", "limit"):
        assert secret not in found["message"]
    assert (facts.ending, facts.stage) == (Ending.REFUSED, Stage.PROMPT)


@pytest.mark.parametrize(
    "messages",
    [
        [{"role": "system", "content": f"Say {STOPPED}."}, {"role": "user", "content": "Now"}],
        [
            {"role": "user", "content": f"What is {STOPPED}?"},
            {"role": "assistant", "content": "I do not know."},
            {"role": "user", "content": "Please."},
        ],
        [{"role": "user", "name": STOPPED, "content": "Hello"}],
        [{"role": "user", "content": [{"type": "text", "text": STOPPED}]}],
        [
            {
                "role": "assistant",
                "tool_calls": [
                    {
                        "id": "c",
                        "type": "function",
                        "function": {
                            "name": "look",
                            "arguments": '{"q": "\\u007aorblax quendor"}',
                        },
                    }
                ],
            },
            {"role": "tool", "tool_call_id": "c", "content": "nothing"},
        ],
        [{"role": "user", "content": "em9yYmxheCBxdWVuZG9yIHpvcmJsYXggcXVlbmRvcg=="}],
    ],
    ids=["system", "earlier", "name", "part", "arguments", "base64"],
)
def test_the_whole_conversation_is_judged(gateway, upstream, messages):
    before = len(upstream.requests)
    answer = gateway.post(CHAT, {"model": "local", "messages": messages})
    error(answer, 400, "content_policy_violation")
    assert gateway.recorded().ending is Ending.REFUSED
    assert len(upstream.requests) == before


@pytest.mark.parametrize(
    ("country", "status"), [("FR", 400), ("DE", 400), ("AT", 200), ("at", 200), ("US", 400)]
)
def test_the_users_country_chooses_the_law_and_an_unknown_one_the_strictest(
    gateway, country, status
):
    answer = gateway.chat(f"About {OFFENCE}", Vigie_Country=country)
    assert answer.status == status
    gateway.recorded()


def test_where_one_upstream_fails_the_next_is_asked(own):
    with Upstream() as other:
        own.upstream.on("local", fail(500))
        other.on("local", say("From the other."))
        first, second = (
            Known(name=name, url=f"{url}/v1", private=True, position=n)
            for n, (name, url) in enumerate([("local", own.upstream.url), ("other", other.url)])
        )
        own.publish(gateway=gw.conf(own.upstream, upstreams=(first, second)))
        answer = own.chat("Good morning")
        assert answer.json()["choices"][0]["message"]["content"] == "From the other."
        assert own.recorded().upstream == "other"


def test_where_all_fail_it_is_said_and_recorded(own):
    own.upstream.on("local", fail(500))
    error(own.chat("Good morning"), 502, "upstream_failed")
    facts = own.recorded()
    assert (facts.ending, bool(facts.prompt_decision)) == (Ending.FAILED, True)


def test_an_upstream_in_the_inner_network_is_not_called_unless_it_is_marked(own):
    known = Known(name="local", url=f"{own.upstream.url}/v1")
    own.publish(gateway=gw.conf(own.upstream, upstreams=(known,)))
    error(own.chat("Good morning"), 502, "upstream_failed")
    assert own.upstream.requests == []


def test_a_redirect_is_not_followed(own):
    own.upstream.on("local", fail(307, headers=(("location", f"{own.upstream.url}/v1/models"),)))
    error(own.chat("Good morning"), 502, "upstream_failed")
    assert len(own.upstream.requests) == 1


def test_a_model_that_nobody_serves_is_not_found(own):
    known = Known(name="local", url=f"{own.upstream.url}/v1", models=("gpt-*",), private=True)
    own.publish(gateway=gw.conf(own.upstream, upstreams=(known,)))
    error(own.chat("Good morning"), 404, "model_not_found")


def test_what_an_upstream_says_in_refusing_is_passed_on_where_it_is_harmless(gateway, upstream):
    upstream.on("long", fail(400, "The context is 8192 tokens."))
    found = error(gateway.chat("Hello", model="long"), 400, "upstream_refused")
    gateway.recorded()
    assert "8192" in found["message"]
    upstream.on("bad", fail(400, f"Oh {STOPPED}."))
    answer = gateway.chat("Hello", model="bad")
    gateway.recorded()
    assert STOPPED.encode() not in answer.body


def test_an_upstream_that_does_not_like_our_key_gives_nothing_away(gateway, upstream):
    upstream.on("denied", fail(401, f"Incorrect API key: {gw.NEVER}"))
    answer = gateway.chat("Hello", model="denied")
    gateway.recorded()
    error(answer, 502, "upstream_failed")
    assert gw.NEVER.encode() not in answer.body


def test_a_budget_that_is_used_up_says_when_to_come_back(own):
    for _ in range(2):
        assert own.chat("Hello", key=POOR).status == 200
    answer = own.chat("Hello", key=POOR)
    assert error(answer, 429, "insufficient_quota")["type"] == "insufficient_quota"
    assert 0 < int(answer.headers["retry-after"]) <= 86_400
    assert own.chat("Hello", key=PUBLIC).status == 200


def test_a_brake_refuses_and_tells_the_user(own):
    own.publish(brakes=[Brake(number=1, feature=Feature.CHAT, countries=("FR",), reason="A test.")])
    found = error(own.chat("Hello"), 403, "feature_stopped")
    assert "A test." in found["message"]
    assert own.recorded().ending is Ending.BRAKED
    assert own.chat("Hello", Vigie_Country="AT").status == 200
    assert len(own.upstream.requests) == 1


def test_a_brake_cuts_a_stream_whose_upstream_has_gone_silent(own):
    own.upstream.on("silent", letters("Good morning to all of you. ", 4, stalls={5: 30.0}))
    with Stream(own, "/v1/chat/completions", "silent", TRUSTED) as stream:
        stream.until("Good")
        began = time.monotonic()
        own.publish(brakes=[Brake(number=1, feature=Feature.ALL, reason="Enough.")])
        stream.read()
        assert time.monotonic() - began < 2
        assert b"Enough." in stream.body
        assert b"[DONE]" in stream.body
    facts = own.recorded()
    assert facts.ending is Ending.BRAKED
    assert facts.judged_chars >= facts.released_chars > 0
    assert own.upstream.last.closed.wait(5)


def test_an_unregistered_configuration_is_refused_where_the_profile_says_so(own):
    profile = Profile(country="FR", unregistered=Unregistered.REFUSE)
    conf = gw.conf(own.upstream, profiles=(profile,))
    own.publish(gateway=conf)
    error(own.chat("Hello"), 403, "change_unregistered")
    facts = own.recorded()
    known = KnownChange(number=7, kind="assistant", service="", digest=facts.change)
    own.publish(gateway=conf, changes=[known])
    assert own.chat("Hello").status == 200
    assert own.recorded().change_number == 7


def test_what_is_only_observed_passes_and_is_recorded(gateway, upstream):
    upstream.on("bad", say(f"Oh {STOPPED}."))
    answer = gateway.chat(f"So {STOPPED}", model="bad", key=gw.OBSERVED)
    assert STOPPED in answer.json()["choices"][0]["message"]["content"]
    facts = gateway.recorded()
    assert (facts.ending, bool(facts.category)) == (Ending.RELEASED, True)


def test_models_are_those_that_upstreams_list(gateway):
    answer = gateway.get("/ai/v1/models")
    assert answer.status == 200
    assert {one["object"] for one in answer.json()["data"]} == {"model"}


def test_embeddings_pass_and_are_counted(gateway, upstream):
    answer = gateway.post("/ai/v1/embeddings", {"model": "e", "input": ["a", "bc"], "user": "u"})
    assert answer.status == 200, answer.body
    assert answer.json()["data"][0]["embedding"]
    assert "user" not in upstream.last.json
    facts = gateway.recorded()
    assert (facts.feature, facts.prompt_chars) == (Feature.EMBEDDINGS, 3)
    assert not facts.prompt_decision


def test_tokens_in_place_of_text_are_not_embedded(gateway):
    error(
        gateway.post("/ai/v1/embeddings", {"model": "e", "input": [[1, 2]]}), 400, "not_supported"
    )


def test_no_figure_names_anybody_or_says_what_was_said(gateway):
    gateway.chat("Good morning", user="anna")
    gateway.recorded()
    said = gateway.get("/metrics").body.decode()
    assert 'vigie_ai_exchanges_total{ending="released",route="chat"}' in said
    assert "anna" not in said
    assert "vigie_ai_breaches_total 0.0" in said


def test_a_server_that_stops_ends_its_streams_in_their_dialect(tmp_path):
    with Upstream() as upstream:
        upstream.on("silent", letters("Good morning to all of you. ", 4, stalls={5: 60.0}))
        with gw.serving(tmp_path, upstream) as gateway:
            stream = Stream(gateway, "/v1/chat/completions", "silent", TRUSTED)
            stream.__enter__()
            stream.until("Good")
            gateway.server.should_exit = True
            stream.read()
            stream.__exit__(None, None, None)
    assert b"[DONE]" in stream.body
    problem = json.loads(stream.body.split(b"data: ")[-2].split(b"\n\n")[0])
    assert problem["error"]["code"] == "server_stopping"
