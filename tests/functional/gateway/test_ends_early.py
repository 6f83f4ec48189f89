# SPDX-License-Identifier: Apache-2.0
"""Streams that end because of us: a brake in flight, a judge that fails, a failing record."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.dialects import CHAT, MESSAGES, RESPONSES
from tests.support.gateway import STRICT, TRUSTED, Gateway, conf, keys, serving
from tests.support.gateway_client import DIALECTS, ROUTES, Stream, asking, ended_well, events
from tests.support.upstream import Upstream
from tests.support.upstream_script import say
from vigie.core.gateway import Brake, Ending, Feature, Mode, OnFailure, Profile, Stage
from vigie.core.gateway import Upstream as Known
from vigie.gateway import judging
from vigie.gateway import upstream as upstream_door

PATHS = sorted(DIALECTS)
BRAKE = Brake(number=1, feature=Feature.CHAT, reason="An exercise.")
WORDS = tuple(f"{word} " for word in "A calm sentence about boats and potatoes".split())


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway whose Snapshot these tests change."""
    folder = tmp_path_factory.mktemp("own")
    with Upstream(say(*WORDS)) as upstream, serving(folder, upstream) as one:
        yield one


@pytest.fixture
def own(changed: Gateway) -> Iterator[Gateway]:
    """The gateway of these tests, as it began."""
    changed.exchanges = len(changed.facts())
    yield changed
    changed.publish()


def break_judge(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError("the judge is ill")

    monkeypatch.setattr(judging, "judge", broken)


@pytest.mark.parametrize("streams", [False, True])
def test_a_brake_does_not_wait_for_an_upstream_that_is_slow(own, streams):
    own.upstream.on("slow", say(*WORDS, wait=30.0))
    asked = len(own.upstream.requests)
    pulled = threading.Timer(0.3, own.publish, kwargs={"brakes": [BRAKE]})
    pulled.start()
    answer = own.chat("Hi", "slow", stream=streams)
    pulled.join()
    assert answer.status == 403
    assert BRAKE.reason in answer.json()["error"]["message"]
    assert own.recorded().ending is Ending.BRAKED
    assert own.upstream.asked(asked + 1).closed.wait(5)


@contextlib.contextmanager
def stalling(head: str) -> Iterator[str]:
    """Serve one answer whose head comes, and of whose body nothing more ever does."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65_536)
                connection.sendall(f"HTTP/1.1 {head}\r\ncontent-length: 100\r\n\r\n".encode())
                while connection.recv(65_536):
                    """Until the other side goes away."""

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        thread.join(5)
        assert not thread.is_alive(), "the connection was never closed"


@pytest.mark.parametrize(
    ("head", "limit"),
    [("200 OK", "BODY_SECONDS"), ("400 No", "REFUSAL_SECONDS"), ("429 No", "REFUSAL_SECONDS")],
)
def test_an_answer_that_stalls_after_its_head_has_an_end(own, monkeypatch, head, limit):
    monkeypatch.setattr(upstream_door, limit, 0.3)
    with stalling(head) as url:
        asked = (Known(name="local", url=f"{url}/v1", private=True),)
        own.publish(gateway=conf(own.upstream, upstreams=asked))
        assert own.chat("Hi").status == 502
    assert own.recorded().ending is Ending.FAILED


def test_a_revoked_key_ends_what_is_in_flight(own):
    own.upstream.on("endless", say(*WORDS, "More. ", endless=True, gap=0.01))
    asked = len(own.upstream.requests)
    with Stream(own, CHAT, "endless", STRICT) as stream:
        stream.until("boats")
        own.publish(access=tuple(one for one in keys() if one.profile != "strict"))
        stream.read()
    assert b"invalid_api_key" in stream.body
    assert own.recorded().ending is Ending.FAILED
    assert own.upstream.asked(asked + 1).closed.wait(5)


@pytest.mark.parametrize("path", PATHS)
def test_a_brake_cuts_streams_in_flight(own, path):
    own.upstream.on("endless", say(*WORDS, "More. ", endless=True, gap=0.01))
    asked = len(own.upstream.requests)
    with Stream(own, path, "endless") as stream:
        stream.until("boats")
        own.publish(brakes=[Brake(number=1, feature=Feature.CHAT, reason="An exercise.")])
        stream.read()
    assert ended_well(path, stream.body)
    assert b"An exercise." in stream.body
    facts = own.recorded()
    assert facts.ending is Ending.BRAKED
    assert facts.judged_chars >= facts.released_chars > 0
    assert own.upstream.asked(asked + 1).closed.wait(5)
    last = events(stream.body)[-1]
    if path == RESPONSES:
        assert last["response"]["incomplete_details"] == {"reason": "content_filter"}
    elif path == CHAT:
        assert last["choices"][0]["finish_reason"] == "content_filter"


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("stream", [False, True])
def test_a_prompt_that_cannot_be_judged_is_not_forwarded(own, monkeypatch, path, stream):
    break_judge(monkeypatch)
    asked = len(own.upstream.requests)
    answer = own.post(ROUTES[path], {**asking(path), "stream": stream})
    assert answer.status == 503
    assert answer.headers["retry-after"]
    error = answer.json()["error"]
    assert error["code"] == "screening_unavailable"
    assert error["type"] == ("overloaded_error" if path == MESSAGES else "server_error")
    assert len(own.upstream.requests) == asked
    facts = own.recorded()
    assert (facts.ending, facts.stage) == (Ending.FAILED, Stage.PROMPT)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("key", [TRUSTED, STRICT])
def test_a_judge_that_fails_in_a_stream_ends_it(own, monkeypatch, path, key):
    own.upstream.on("long", say(*WORDS * 200, gap=0.001))
    with Stream(own, path, "long", key) as stream:
        stream.until("boats") if key == TRUSTED else stream.head()
        break_judge(monkeypatch)
        stream.read()
    assert ended_well(path, stream.body)
    assert b"screening_unavailable" in stream.body
    facts = own.recorded()
    assert (facts.ending, facts.stage) == (Ending.FAILED, Stage.ANSWER)
    assert facts.failures
    lead = 0 if key == STRICT else 300
    assert facts.released_chars <= facts.judged_chars + lead


def test_what_the_operator_lets_pass_unjudged_is_recorded(own, monkeypatch):
    opened = dict.fromkeys((Stage.PROMPT, Stage.ANSWER), OnFailure.OPEN)
    loose = Profile(country="FR", on_failure=opened)
    own.publish(gateway=conf(own.upstream, profiles=(loose,)))
    break_judge(monkeypatch)
    for stream in (False, True):
        answer = own.post(ROUTES[CHAT], {**asking(CHAT), "stream": stream})
        assert answer.status == 200
        facts = own.recorded()
        assert facts.ending is Ending.RELEASED
        assert set(facts.opened) == {Stage.PROMPT.value, Stage.ANSWER.value}


def test_a_mode_that_only_observes_is_recorded_as_such(own):
    watched = Profile(country="FR", mode=Mode.OBSERVE)
    own.publish(gateway=conf(own.upstream, profiles=(watched,)))
    own.upstream.on("bad", say("Now ", "zorblax quendor", ". And so on."))
    with Stream(own, CHAT, "bad") as stream:
        stream.read()
    assert stream.text == "Now zorblax quendor. And so on."
    facts = own.recorded()
    assert facts.mode is Mode.OBSERVE
    assert facts.stage is Stage.ANSWER
    assert facts.judged_chars == facts.released_chars
