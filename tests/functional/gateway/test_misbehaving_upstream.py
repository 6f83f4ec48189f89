# SPDX-License-Identifier: Apache-2.0
"""Upstreams that split, stall, break off, repeat, lie and fill: nothing unjudged leaves."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.support.dialects import CHAT, MESSAGES, RESPONSES
from tests.support.gateway import STOPPED, STRICT, TRUSTED, conf, serving
from tests.support.gateway_client import DIALECTS, ROUTES, Stream, asking, ended_well
from tests.support.upstream import Upstream
from tests.support.upstream_script import Script, call, fail, letters, pieces, say
from vigie.core.gateway import Ending
from vigie.core.gateway import Upstream as Known

PATHS = sorted(DIALECTS)
CALM = "Ein ruhiger Satz über Boote, été, 屋根 and 👩‍👩‍👧 potatoes. "
BAD = f"{CALM}And now {STOPPED}, as they say. {CALM}"

ODD: dict[str, dict[str, Any]] = {
    "every byte alone": {"piece": 1},
    "three bytes at a time": {"piece": 3},
    "CR LF": {"newline": "\r\n"},
    "CR LF, every byte alone": {"newline": "\r\n", "piece": 1},
    "CR": {"newline": "\r"},
    "comments": {"comments": True},
    "data over several lines": {"multiline": True},
    "escapes for all that is not ASCII": {"ascii": True},
    "probabilities": {"logprobs": True},
    "no [DONE]": {"done": False},
    "a slow head": {"wait": 0.05},
    "a pause within": {"stalls": {4: 0.05}},
}


EVERYDAY = ("every byte alone", "CR LF", "no [DONE]")
WIRES = [
    pytest.param(
        path,
        odd,
        id=f"{path}, {name}",
        marks=() if path in (CHAT, RESPONSES) or name in EVERYDAY else pytest.mark.whole,
    )
    for path in PATHS
    for name, odd in ODD.items()
]
"""`make test` runs every wire on two interfaces, and some on the others."""


@pytest.mark.parametrize(("path", "odd"), WIRES)
def test_what_was_said_arrives_whatever_the_wire_looks_like(gateway, upstream, path, odd):
    upstream.on("odd", letters(CALM, 5, **odd))
    with Stream(gateway, path, "odd") as stream:
        stream.read()
    assert (stream.status, stream.text) == (200, CALM)
    assert ended_well(path, stream.body)
    facts = gateway.recorded()
    assert facts.ending is Ending.RELEASED
    assert facts.judged_chars == facts.released_chars == len(CALM)


@pytest.mark.parametrize(("path", "odd"), WIRES)
def test_nothing_that_is_stopped_leaves_whatever_the_wire_looks_like(gateway, upstream, path, odd):
    upstream.on("odd", letters(BAD, 5, **odd))
    with Stream(gateway, path, "odd") as stream:
        stream.read()
    assert BAD.startswith(stream.text)
    assert b"zorb" not in stream.body
    assert ended_well(path, stream.body)
    facts = gateway.recorded()
    assert (facts.ending, facts.released_chars) == (Ending.CUT, len(stream.text))


@pytest.mark.parametrize("key", [TRUSTED, STRICT])
def test_what_came_before_a_stall_does_not_wait_for_its_end(gateway, upstream, key):
    upstream.on("stalls", say("A calm answer ", "about boats", " and more.", stalls={3: 2.0}))
    with Stream(gateway, CHAT, "stalls", key) as stream:
        began = time.monotonic()
        stream.until("A calm answer")
        assert time.monotonic() - began < 1.8


@pytest.mark.parametrize("path", PATHS)
def test_a_cut_closes_the_upstream_at_once(gateway, upstream, path):
    upstream.on("endless", say(f"{CALM} {STOPPED}. ", CALM, endless=True, gap=0.002))
    asked = len(upstream.requests)
    with Stream(gateway, path, "endless") as stream:
        stream.read()
    assert ended_well(path, stream.body)
    assert upstream.asked(asked + 1).closed.wait(5)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("how", ["cut_after", "close_after"])
def test_an_upstream_that_breaks_off_is_told_as_a_failure(gateway, upstream, path, how):
    upstream.on("broken", letters(CALM, 4, gap=0.005, **{how: 8}))
    with Stream(gateway, path, "broken") as stream:
        stream.read()
    assert stream.status == 200
    assert CALM.startswith(stream.text)
    assert ended_well(path, stream.body)
    assert b"error" in stream.body
    facts = gateway.recorded()
    assert facts.ending is Ending.FAILED
    assert facts.released_chars == len(stream.text) <= facts.judged_chars


@pytest.mark.parametrize("path", PATHS)
def test_what_was_released_before_a_break_was_judged_even_there(gateway, upstream, path):
    upstream.on("broken", letters(f"{CALM}{STOPPED}", 4, cut_after=400))
    with Stream(gateway, path, "broken", STRICT) as stream:
        stream.read()
    assert b"zorb" not in stream.body
    facts = gateway.recorded()
    assert facts.released_chars <= facts.judged_chars


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("stream", [False, True])
def test_an_upstream_that_only_fails_is_an_error_of_the_interface(gateway, upstream, path, stream):
    upstream.on("down", fail(500))
    answer = gateway.post(ROUTES[path], {**asking(path), "model": "down", "stream": stream})
    assert answer.status == 502
    assert ("type" in answer.json()) is (path == MESSAGES)
    assert answer.json()["error"]["code"] == "upstream_failed"
    assert gateway.recorded().ending is Ending.FAILED


@pytest.mark.parametrize("path", PATHS)
def test_an_upstream_that_refuses_our_key_does_not_show_what_it_says(gateway, upstream, path):
    upstream.on("locked", fail(401, "Incorrect API key provided: sk-of-the-upstream"))
    answer = gateway.post(ROUTES[path], {**asking(path), "model": "locked", "stream": False})
    assert answer.status == 502
    assert b"sk-of" not in answer.body


@pytest.mark.parametrize("path", PATHS)
def test_an_upstream_that_is_busy_says_so(gateway, upstream, path):
    upstream.on("busy", fail(429, headers=(("retry-after", "7"),)))
    answer = gateway.post(ROUTES[path], {**asking(path), "model": "busy", "stream": False})
    assert (answer.status, answer.headers["retry-after"]) == (429, "7")


SPOILT: dict[str, Script] = {
    "no JSON": Script(raw=b'{"choices": [', content_type="application/json"),
    "a page": Script(raw=b"<html>Hello</html>", content_type="text/html"),
    "a list": Script(raw=b"[]", content_type="application/json"),
    "nothing": Script(raw=b"", content_type="application/json"),
    "another interface": Script(raw=b'{"text": "Hello there"}', content_type="application/json"),
    "half a character": Script(raw=b'{"id": "\xc3"}', content_type="application/json"),
}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("script", SPOILT.values(), ids=SPOILT)
def test_an_answer_that_cannot_be_read_is_not_passed_on(gateway, upstream, path, script, stream):
    upstream.on("spoilt", script)
    answer = gateway.post(ROUTES[path], {**asking(path), "model": "spoilt", "stream": stream})
    assert b"Hello" not in answer.body
    assert answer.status == 502 or (stream and b"error" in answer.body)
    assert gateway.recorded().ending is Ending.FAILED


@pytest.mark.parametrize("path", PATHS)
def test_a_stream_of_something_else_is_not_passed_on(gateway, upstream, path):
    odd = (("", {"text": "Hello there"}), ("message", {"type": "odd", "content": "Hello there"}))
    upstream.on("spoilt", Script(events=odd))
    with Stream(gateway, path, "spoilt") as stream:
        stream.read()
    assert b"Hello" not in stream.body
    assert gateway.recorded().ending is Ending.FAILED


@pytest.mark.parametrize("path", [CHAT, MESSAGES])
def test_ten_megabytes_are_refused_and_not_held_back_in_memory(gateway, upstream, path):
    upstream.on("huge", say(CALM, pad=11 * 2**20))
    answer = gateway.post(ROUTES[path], {**asking(path), "model": "huge", "stream": False})
    assert answer.status == 502
    assert gateway.recorded().released_chars == 0


def test_an_event_of_megabytes_ends_the_stream(gateway, upstream):
    upstream.on("huge", say("x" * (3 * 2**20)))
    with Stream(gateway, CHAT, "huge") as stream:
        stream.read()
    assert b"xxxx" not in stream.body
    assert ended_well(CHAT, stream.body)


@pytest.mark.parametrize("path", PATHS)
def test_a_long_answer_in_small_pieces_arrives(gateway, upstream, path):
    long = CALM * 400
    upstream.on("long", say(*pieces(long, 200)))
    with Stream(gateway, path, "long") as stream:
        stream.read()
    assert stream.text == long


def test_a_field_with_text_that_nobody_knows_does_not_arrive(gateway, upstream):
    delta = {"thoughts": STOPPED, "content": "Hello."}
    choice = {"index": 0, "delta": delta, "finish_reason": None}
    event = {"id": "x", "object": "chat.completion.chunk", "created": 1, "choices": [choice]}
    end = {**event, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    upstream.on("odd", Script(events=(("", event), ("", end))))
    with Stream(gateway, CHAT, "odd") as stream:
        stream.read()
    assert stream.text == "Hello."
    assert STOPPED.encode() not in stream.body


@pytest.mark.parametrize("key", [TRUSTED, STRICT])
def test_arguments_in_halves_of_an_escape_arrive_as_they_came(gateway, upstream, key):
    upstream.on("halves", call("f", '{"q": "caf\\u', "00e", "9 \\ud83d", '\\ude00"}'))
    for path in (CHAT, RESPONSES, MESSAGES):
        with Stream(gateway, path, "halves", key) as stream:
            stream.read()
        assert stream.text == '{"q": "caf\\u00e9 \\ud83d\\ude00"}'


def test_of_two_upstreams_the_second_answers_where_the_first_fails(tmp_path):
    with Upstream() as first, Upstream() as second:
        first.on("calm", fail(500), say("From the first."))
        second.on("calm", say("From the second."))
        both = (
            Known(name="local", url=f"{first.url}/v1", private=True),
            Known(name="spare", url=f"{second.url}/v1", private=True, position=1),
        )
        with serving(tmp_path, first, gateway=conf(first, upstreams=both)) as pair:
            for text, upstream in (("From the second.", "spare"), ("From the first.", "local")):
                answer = pair.chat("Hello", "calm")
                assert answer.json()["choices"][0]["message"]["content"] == text
                assert pair.recorded().upstream == upstream
            assert "authorization" not in second.last.headers
