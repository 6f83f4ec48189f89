# SPDX-License-Identifier: Apache-2.0
"""Results come as data or by an address that may be called; short-lived addresses of ours."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.support.pictures import picture
from vigie.core.errors import InvalidInputError, VigieError
from vigie.core.gateway import Upstream
from vigie.gateway.images import results
from vigie.gateway.images.held import MINUTES, PATH, Held
from vigie.gateway.images.provenance import Made

PHOTO = picture(1, "PNG")
DATA = base64.b64encode(PHOTO).decode()
PUBLIC = Upstream(name="public", url="https://api.example/v1")


def read(body, upstream=PUBLIC, most=4, **more):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return asyncio.run(results.read(raw, upstream, most, **more))


def nowhere(host, port):
    raise AssertionError(f"{host}:{port} was asked for")


@contextlib.contextmanager
def serving(answer) -> Iterator[tuple[str, list[str]]]:
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            with contextlib.suppress(OSError):
                answer(self)

        def log_message(self, *_):
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()


def say(data, kind="image/png", status=200, **headers):
    def answer(handler):
        handler.send_response(status)
        handler.send_header("Content-Type", kind)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(data)

    return answer


def test_data_and_what_was_made_of_the_prompt_are_read():
    found = read(
        {
            "created": 7,
            "data": [{"b64_json": DATA, "revised_prompt": "A red boat."}],
            "size": "1024x1024",
            "quality": "words " * 40,
            "usage": {"input_tokens": 3, "output_tokens": 4, "total_tokens": 7},
            "remark": "words",
        }
    )
    assert found.results == (results.Result(PHOTO, "A red boat."),)
    assert (found.created, found.said) == (7, {"size": "1024x1024"})
    assert found.usage == {"input_tokens": 3, "output_tokens": 4, "total_tokens": 7}
    assert tuple(found.tokens) == (3, 4)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[" * 5000,
        {"data": []},
        {"data": [{}]},
        {"data": [{"b64_json": "%%"}]},
        {"data": [{"b64_json": DATA}] * 5},
        {"data": [{"b64_json": 4}]},
    ],
    ids=lambda body: str(body)[:20],
)
def test_other_answers_are_a_failure_of_the_upstream(body):
    with pytest.raises(VigieError) as failed:
        read(body)
    assert failed.value.code == "upstream_invalid"
    assert failed.value.http_status == 502


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/x.png",
        "https://127.0.0.1/x.png",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/x.png",
        "https://[::ffff:127.0.0.1]/x.png",
        "https://2130706433/x.png",
        "https://0x7f000001/x.png",
        "https://127.1/x.png",
        "https://localhost/x.png",
        "https://10.0.0.7/x.png",
        "https://api.example:8443/x.png",
        "https://user:secret@api.example/x.png",
        "http://api.example/x.png",
        "file:///etc/passwd",
        "ftp://api.example/x.png",
        "https://",
        "data:text/html,x",
    ],
)
def test_addresses_that_lead_inside_are_not_called(url):
    with pytest.raises(InvalidInputError):
        results.fetch(url, PUBLIC, resolver=nowhere)
    with pytest.raises(VigieError, match="not to be had"):
        read({"data": [{"url": url}]}, resolver=nowhere)


def test_a_name_that_resolves_inside_is_not_called():
    for inside in ("127.0.0.1", "169.254.169.254", "::1", "fd00::1"):
        with pytest.raises(InvalidInputError):
            results.fetch("https://pictures.example/x", PUBLIC, resolver=lambda *_, a=inside: [a])


def test_an_upstream_marked_private_is_fetched_from_on_its_own_host_alone():
    with serving(say(PHOTO)) as (url, asked):
        private = Upstream(name="own", url=f"{url}/v1", private=True)
        assert results.fetch(f"{url}/x.png", private) == PHOTO
        assert asked == ["/x.png"]
        open_one = Upstream(name="open", url=f"{url}/v1")
        for upstream, address in (
            (open_one, f"{url}/x.png"),
            (private, "http://169.254.169.254/latest/meta-data"),
            (private, url.replace("127.0.0.1", "localhost") + "/x.png"),
            (private, url.replace("127.0.0.1", "[::1]") + "/x.png"),
        ):
            with pytest.raises(InvalidInputError):
                results.fetch(address, upstream)
        assert asked == ["/x.png"]


def test_redirects_errors_and_other_types_are_not_followed():
    with serving(say(PHOTO)) as (target, asked):
        for answer in (
            say(b"", status=302, Location=f"{target}/y.png"),
            say(PHOTO, status=404),
            say(PHOTO, kind="text/html"),
            say(PHOTO, kind="video/mp4"),
        ):
            with serving(answer) as (url, _):
                private = Upstream(name="own", url=url, private=True)
                with pytest.raises(VigieError):
                    results.fetch(f"{url}/x.png", private)
        assert asked == []


def test_size_and_time_have_limits(monkeypatch):
    monkeypatch.setattr(results, "MAX_BYTES", 1000)
    monkeypatch.setattr(results, "FETCH_SECONDS", 0.4)

    def drip(handler):
        say(b"")(handler)
        for _ in range(50):
            handler.wfile.write(b"x")
            time.sleep(0.1)

    for answer in (say(b"x" * 1001), drip):
        with serving(answer) as (url, _):
            began = time.monotonic()
            with pytest.raises(VigieError):
                results.fetch(f"{url}/x", Upstream(name="own", url=url, private=True))
            assert time.monotonic() - began < 3


# --- addresses of ours ------------------------------------------------------------


class Clock:
    now = 1_000

    def now_ms(self):
        return self.now


def test_a_held_picture_is_there_for_minutes_and_then_gone():
    clock = Clock()
    held = Held("https://vigie.example/", clock)
    made = Made(PHOTO, "image/png")
    urls = {held.keep(made) for _ in range(3)}
    assert len(urls) == 3
    url = urls.pop()
    assert url.startswith(f"https://vigie.example{PATH}")
    token = url.rpartition("?t=")[2]
    assert len(token) >= 43
    assert held.find(token) == made
    assert held.find(token[:-1]) is None
    clock.now += MINUTES * 60_000
    assert held.find(token) is None
    assert held._size == 0


def test_what_is_held_has_a_bound():
    held = Held("https://vigie.example", Clock(), most=2_500)
    tokens = [held.keep(Made(bytes(1_000), "image/png")).rpartition("?t=")[2] for _ in range(4)]
    assert [held.find(one) is not None for one in tokens] == [False, False, True, True]
