# SPDX-License-Identifier: Apache-2.0
"""Pictures are fetched from where the operator says and from nowhere else."""

from __future__ import annotations

import socket
import time

import pytest

from tests.support.pictures import picture
from tests.support.site import answer, site
from vigie.core.errors import InvalidInputError, OutsideError, RefusedError
from vigie.exchange import fetch, outbound
from vigie.exchange.fetch import fetch_picture, is_allowed, is_film

PUBLIC = "93.184.216.34"
NAME = "cdn.example"
PICTURE = picture(1)


def take(port, path="/a.jpg", **more):
    return fetch_picture(
        f"http://{NAME}:{port}{path}",
        hosts=[NAME],
        allow_private=True,
        resolver=lambda *_: ["127.0.0.1"],
        **more,
    )


def test_the_bytes_that_stand_there_come_back():
    with site(answer(PICTURE)) as (port, asked):
        assert take(port) == PICTURE
    assert asked[0].startswith("GET /a.jpg HTTP/1.1\r\n")
    assert f"Host: {NAME}:{port}\r\n".lower() in asked[0].lower()
    assert "cookie" not in asked[0].lower()
    assert "referer" not in asked[0].lower()


@pytest.mark.parametrize(
    ("url", "hosts", "allowed"),
    [
        ("https://cdn.example/a", ["cdn.example"], True),
        ("https://CDN.example./a", ["cdn.example"], True),
        ("https://x.cdn.example/a", ["cdn.example"], False),
        ("https://x.cdn.example/a", [".cdn.example"], True),
        ("https://cdn.example/a", [".cdn.example"], False),
        ("https://evilcdn.example/a", [".cdn.example"], False),
        ("https://evilcdn.example/a", ["cdn.example"], False),
        ("https://cdn.example.evil.test/a", ["cdn.example", ".cdn.example"], False),
        ("https://cdn.example@evil.test/a", ["cdn.example"], False),
        ("https://evil.test/cdn.example", ["cdn.example"], False),
        ("https://cdn.example/a", [], False),
        ("https://cdn.example/a", [""], False),
        ("https://[::1", ["[::1"], False),
        ("", [""], False),
    ],
)
def test_only_hosts_that_the_operator_names_are_asked(url, hosts, allowed):
    assert is_allowed(url, hosts) is allowed


def test_a_host_that_is_not_named_is_not_even_resolved():
    def resolver(*_):
        raise AssertionError

    with pytest.raises(RefusedError) as refused:
        fetch_picture("https://evil.test/a.jpg", hosts=[NAME], resolver=resolver)
    assert refused.value.code == "host_not_allowed"
    assert "VIGIE_MEDIA_HOSTS" in (refused.value.fix or "")


@pytest.mark.parametrize(
    "inner",
    ["127.0.0.1", "10.0.0.8", "169.254.169.254", "::1", "::ffff:127.0.0.1", "64:ff9b::a00:1"],
)
def test_a_name_that_leads_inside_is_refused(inner):
    for found in ([inner], [PUBLIC, inner], [inner, PUBLIC]):
        with pytest.raises(InvalidInputError):
            fetch_picture(f"https://{NAME}/a.jpg", hosts=[NAME], resolver=lambda *_, f=found: f)


def test_a_name_that_changes_its_address_is_asked_once_and_called_where_it_pointed(monkeypatch):
    answers = [[PUBLIC], ["127.0.0.1"], ["127.0.0.1"]]
    called = []

    def resolver(_host, _port):
        return answers.pop(0)

    def get(to, *_args, **_more):
        called.append(to.url)
        return outbound.Fetched(200, "image/jpeg", PICTURE)

    monkeypatch.setattr(outbound, "get", get)
    assert fetch_picture(f"https://{NAME}/a.jpg", hosts=[NAME], resolver=resolver) == PICTURE
    assert called == [f"https://{PUBLIC}:443/a.jpg"]
    assert len(answers) == 2
    with pytest.raises(InvalidInputError):
        fetch_picture(f"https://{NAME}/a.jpg", hosts=[NAME], resolver=resolver)


def test_the_client_itself_resolves_no_name(monkeypatch):
    with site(answer(PICTURE)) as (port, _):
        real = socket.getaddrinfo

        def watched(host, *args, **more):
            assert host == "127.0.0.1"
            return real(host, *args, **more)

        monkeypatch.setattr(socket, "getaddrinfo", watched)
        assert take(port) == PICTURE


@pytest.mark.parametrize(
    "url",
    [
        f"http://{NAME}/a.jpg",
        f"https://{NAME}:8443/a.jpg",
        f"https://user@{NAME}/a.jpg",
        f"ftp://{NAME}/a.jpg",
        f"file://{NAME}/etc/passwd",
    ],
)
def test_plain_http_and_other_ports_are_refused(url):
    with pytest.raises(InvalidInputError):
        fetch_picture(url, hosts=[NAME], resolver=lambda *_: [PUBLIC])


def test_a_redirect_is_not_followed():
    away = answer(b"", "302 Found", more="Location: http://127.0.0.1/secret\r\n")
    with site(away) as (port, asked), pytest.raises(OutsideError) as refused:
        take(port)
    assert refused.value.code == "refused"
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("status", "code"), [("404 No", "gone"), ("410 No", "gone"), ("500 No", "refused")]
)
def test_what_is_not_there_is_said(status, code):
    page = answer(b"<html>", status, "text/html")
    with site(page) as (port, _), pytest.raises(OutsideError) as refused:
        take(port)
    assert refused.value.code == code


def test_a_file_beyond_the_cap_is_given_up(monkeypatch):
    monkeypatch.setattr(fetch, "MAX_BYTES", len(PICTURE) - 1)
    with site(answer(PICTURE)) as (port, _):
        with pytest.raises(OutsideError) as refused:
            take(port)
        monkeypatch.setattr(fetch, "MAX_BYTES", len(PICTURE))
        assert take(port) == PICTURE
    assert refused.value.code == "too_large"


@pytest.mark.parametrize("path", ["/a.mp4", "/a.WEBM?x=.jpg", "/live.m3u8", "/song.mp3"])
def test_video_and_sound_are_not_asked_for(path):
    assert is_film(f"https://{NAME}{path}")
    with site(answer(PICTURE)) as (port, asked), pytest.raises(RefusedError) as refused:
        take(port, path)
    assert (refused.value.code, asked) == ("film", [])


@pytest.mark.parametrize("path", ["/a.jpg", "/a", "/a.mp4.png", "/mp4"])
def test_a_picture_is_no_film(path):
    assert not is_film(f"https://{NAME}{path}")


def test_a_film_under_another_name_is_left_unread():
    film = answer(b"x" * 10, kind="Video/mp4")
    with site(film) as (port, _), pytest.raises(RefusedError) as refused:
        take(port)
    assert refused.value.code == "film"


@pytest.mark.parametrize(
    "head", [b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n"]
)
def test_who_drips_is_cut_off_after_the_time_over_all(monkeypatch, head):
    monkeypatch.setattr(fetch, "TIMEOUT_S", 0.6)
    dripping = [head, *([b"X-A: b\r\n" if not head.endswith(b"\r\n\r\n") else b"x"] * 60)]
    with site(*dripping, pause=0.1) as (port, _):
        began = time.monotonic()
        with pytest.raises(OutsideError) as refused:
            take(port)
        assert time.monotonic() - began < 2
    assert refused.value.code == "no_answer"


def test_a_proxy_of_the_environment_is_not_asked(monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with site(answer(PICTURE)) as (port, _):
        assert take(port) == PICTURE
