# SPDX-License-Identifier: Apache-2.0
"""Asking a time-stamp authority: what is pinned counts, and nothing else."""

from __future__ import annotations

import time

import pytest
from rfc3161_client import decode_timestamp_response

from tests.support.tsa import LocalAuthority
from vigie.core.errors import OutsideError
from vigie.exchange import tsa, tsa_openssl

DATA = b"demo.invalid/log/1\n1\nAAAA\n"


@pytest.fixture(scope="module")
def local(tmp_path_factory):
    return LocalAuthority(tmp_path_factory.mktemp("tsa"))


@pytest.fixture(scope="module")
def other(tmp_path_factory):
    return LocalAuthority(tmp_path_factory.mktemp("other"), "Other")


@pytest.fixture(autouse=True)
def _plain(local):
    local.chained = False


def _trust(local, *more):
    pem = b"".join([local.root.read_bytes(), *more])
    return tsa.authority("local", "http://127.0.0.1:1/", pem)


def _stamp(one, by):
    return tsa.stamp(one, DATA, send=lambda _, query: by.reply(query))


def test_a_stamp_over_http_verifies_and_keeps_the_bytes_as_they_came(local):
    with local.serving() as url:
        got = tsa.stamp(_trust(local)._replace(url=url), DATA)
    assert abs(got.gen_time - time.time() * 1000) < 5_000
    assert decode_timestamp_response(got.response).as_bytes() == got.response
    assert got.chain.count("BEGIN CERTIFICATE") == 2


def test_another_authority_with_another_root_is_refused(local, other):
    with pytest.raises(OutsideError) as caught:
        _stamp(_trust(local), other)
    assert caught.value.code == "bad_token"


def test_a_pinned_signer_is_the_only_one(local, other):
    own = (local.folder / "tsa.pem").read_bytes()
    assert _stamp(_trust(local, own), local).gen_time
    stranger = (other.folder / "tsa.pem").read_bytes()
    with pytest.raises(OutsideError):
        _stamp(_trust(local, stranger), local)


def test_an_answer_to_another_question_is_refused(local):
    earlier = _stamp(_trust(local), local).response
    with pytest.raises(OutsideError) as caught:
        tsa.stamp(_trust(local), DATA, send=lambda *_: earlier)
    assert "Nonce" in (caught.value.diagnostics or "")


def test_every_flipped_byte_of_a_reply_is_refused_or_says_the_same(local):
    got = _stamp(_trust(local), local)
    said = set()
    for at in range(0, len(got.response), 7):
        changed = bytearray(got.response)
        changed[at] ^= 1
        try:
            said.add(tsa.verify(_trust(local), DATA, bytes(changed)))
        except OutsideError:
            continue
    assert said <= {got.gen_time}


@pytest.mark.parametrize("reply", [b"", b"\x30\x03\x02\x01\x00", b"<html>", b"\x30" * 70_000])
def test_what_is_no_reply_is_refused(local, reply):
    with pytest.raises(OutsideError):
        tsa.stamp(_trust(local), DATA, send=lambda *_: reply)


def test_lenient_der_gets_the_second_opinion_of_openssl(local, monkeypatch):
    local.chained = True
    got = _stamp(_trust(local), local)
    with pytest.raises(ValueError, match="Ordering"):
        decode_timestamp_response(got.response)
    assert abs(got.gen_time - time.time() * 1000) < 5_000
    with pytest.raises(OutsideError):
        tsa.verify(_trust(local), b"other", got.response)
    monkeypatch.setattr(tsa_openssl, "is_there", lambda: False)
    with pytest.raises(OutsideError):
        tsa.verify(_trust(local), DATA, got.response)


def test_a_pinned_signer_has_no_second_opinion(local):
    local.chained = True
    with pytest.raises(OutsideError):
        _stamp(_trust(local, (local.folder / "tsa.pem").read_bytes()), local)


def test_openssl_refuses_another_root_and_another_query(local, other):
    local.chained = True
    query: list[bytes] = []

    def send(_, body):
        query.append(body)
        return local.reply(body)

    got = tsa.stamp(_trust(local), DATA, send=send)
    assert tsa_openssl.verify(DATA, got.response, query[0], [local.root.read_text()])
    with pytest.raises(OutsideError):
        tsa_openssl.verify(DATA, got.response, query[0], [other.root.read_text()])
    tsa.stamp(_trust(local), DATA, send=send)
    with pytest.raises(OutsideError):
        tsa_openssl.verify(DATA, got.response, query[1], [local.root.read_text()])


def test_who_answers_something_else_is_named_by_status(local):
    with local.serving() as url:
        local.reply, real = lambda _: b"busy", local.reply
        try:
            with pytest.raises(OutsideError):
                tsa.stamp(_trust(local)._replace(url=url), DATA)
        finally:
            local.reply = real
    with pytest.raises(OutsideError) as caught:
        tsa.stamp(_trust(local), DATA)
    assert caught.value.code == "no_answer"


def test_the_file_of_authorities_is_read_in_order(local, tmp_path):
    (tmp_path / "root.pem").write_bytes(local.root.read_bytes())
    text = (
        "# ours\n\nauthority one https://one.example/tsr root.pem\n"
        "authority two http://two.example/ root.pem\n"
    )
    assert [(a.name, a.url) for a in tsa.parse_authorities(text, tmp_path)] == [
        ("one", "https://one.example/tsr"),
        ("two", "http://two.example/"),
    ]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("authority one https://one.example/", "line 1"),
        ("tsa one https://one.example/ root.pem", "line 1"),
        ("authority one https://one.example/ absent.pem", "cannot be read"),
        ("authority one https://one.example/ leaf.pem", "root"),
        (
            "authority a https://a.example/ root.pem\nauthority a https://b.example/ root.pem",
            "twice",
        ),
    ],
)
def test_a_line_that_cannot_be_used_says_so(local, tmp_path, line, words):
    (tmp_path / "root.pem").write_bytes(local.root.read_bytes())
    (tmp_path / "leaf.pem").write_bytes((local.folder / "tsa.pem").read_bytes())
    with pytest.raises(ValueError, match=words):
        tsa.parse_authorities(line, tmp_path)
