# SPDX-License-Identifier: Apache-2.0
"""Addresses that somebody else gave us never lead into our own network."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from vigie.core.errors import InvalidInputError, OutsideError
from vigie.exchange import outbound

PUBLIC = "93.184.216.34"


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a00:1",
        "2002:7f00:1::",
        "2002:a00:1::",
        "nonsense",
    ],
)
def test_address_of_an_inner_network_is_not_public(address):
    assert not outbound.is_public(address)


@pytest.mark.parametrize(
    "address", [PUBLIC, "2606:2800:220:1:248:1893:25c8:1946", "64:ff9b::5db8:d822"]
)
def test_address_of_the_open_internet_is_public(address):
    assert outbound.is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://agora.example/",
        "ftp://agora.example/",
        "https://agora.example:8443/",
        "https://agora.example:99999/",
        "https://user:secret@agora.example/",
        "https://agora.example/#part",
        "https:///path",
        "//agora.example/",
        "agora.example",
        "https://[::1",
        "",
    ],
)
def test_address_that_breaks_a_rule_is_refused_by_name(url):
    with pytest.raises(InvalidInputError) as refused:
        outbound.check_url(url)
    assert refused.value.field == "url"
    assert refused.value.fix


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "10.0.0.8",
        "169.254.169.254",
        "[::1]",
        "[fe80::1]",
        "[::ffff:10.0.0.1]",
        "localhost",
        "vigie.localhost",
    ],
)
def test_inner_address_is_refused_before_any_name_is_resolved(host):
    with pytest.raises(InvalidInputError) as refused:
        outbound.check_url(f"https://{host}/x")
    assert refused.value.field == "url"
    assert "VIGIE_WEBHOOK_PRIVATE" in (refused.value.fix or "")
    assert outbound.check_url(f"https://{host}/x", allow_private=True).hostname


@pytest.mark.parametrize("host", [PUBLIC, "[2606:2800:220:1:248:1893:25c8:1946]", "10.example"])
def test_outer_address_and_any_name_may_be_added(host):
    assert outbound.check_url(f"https://{host}/x").hostname


def test_name_is_resolved_once_and_the_connection_goes_to_that_address():
    asked = []

    def resolver(host, port):
        asked.append((host, port))
        return [PUBLIC]

    found = outbound.target("https://agora.example/in?x=1", resolver=resolver)
    assert found == (f"https://{PUBLIC}:443/in?x=1", "agora.example", "agora.example")
    assert asked == [("agora.example", 443)]


def test_rebinding_name_with_one_inner_address_is_refused():
    with pytest.raises(InvalidInputError):
        outbound.target("https://agora.example/", resolver=lambda *_: [PUBLIC, "127.0.0.1"])


def test_name_without_address_is_an_outside_error():
    with pytest.raises(OutsideError):
        outbound.target("https://agora.example/", resolver=lambda *_: [])


def test_inner_address_written_as_such_is_refused():
    for host in ("127.0.0.1", "[::1]", "2130706433", "0x7f000001", "127.1"):
        with pytest.raises((InvalidInputError, OutsideError)):
            outbound.target(f"https://{host}/", resolver=outbound.resolve)


class Handler(BaseHTTPRequestHandler):
    answer: tuple[int, bytes, dict[str, str]] = (200, b"ok", {})
    seen: dict[str, str] = {}

    def do_POST(self):
        Handler.seen = {"host": self.headers["Host"], "path": self.path}
        self.rfile.read(int(self.headers["Content-Length"]))
        status, body, more = self.answer
        self.send_response(status)
        for name, value in more.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args):
        pass


@pytest.fixture
def server():
    with HTTPServer(("127.0.0.1", 0), Handler) as made:
        thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield made
        made.shutdown()
        thread.join()


def call(server, **answer):
    Handler.answer = (answer.get("status", 200), answer.get("body", b"ok"), answer.get("more", {}))
    port = server.server_port
    to = outbound.target(
        f"http://agora.example:{port}/in", allow_private=True, resolver=lambda *_: ["127.0.0.1"]
    )
    return outbound.post(to, b"{}", {"Content-Type": "application/json"})


def test_host_header_names_the_name_and_not_the_address(server):
    assert call(server) == (200, b"ok", "")
    assert Handler.seen == {"host": f"agora.example:{server.server_port}", "path": "/in"}


def test_the_content_type_of_an_answer_is_kept(server):
    answer = call(server, more={"Content-Type": "text/x.tlog.size"})
    assert answer.content_type == "text/x.tlog.size"


def test_redirect_is_an_answer_and_not_followed(server):
    answer = call(server, status=302, more={"Location": "http://127.0.0.1/secret"})
    assert answer.status == 302


def test_answer_is_read_up_to_its_cap(server):
    assert len(call(server, body=bytes(200_000)).body) == outbound.MAX_ANSWER


def test_proxy_of_the_environment_is_not_asked(server, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert call(server).status == 200


def test_nobody_at_the_address_is_an_outside_error():
    to = outbound.target(
        "http://agora.example:1/", allow_private=True, resolver=lambda *_: ["127.0.0.1"]
    )
    with pytest.raises(OutsideError):
        outbound.post(to, b"{}", {})
