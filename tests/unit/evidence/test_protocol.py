# SPDX-License-Identifier: Apache-2.0
"""The vault's protocol: typed, short, refusing everything else; no secret in a repr."""

from __future__ import annotations

import socket
import struct

import pytest

from vigie.core.errors import InvalidInputError, UnavailableError
from vigie.evidence import age, keys, protocol


@pytest.fixture
def line():
    one, other = socket.socketpair()
    with one, other:
        yield one, other


@pytest.mark.parametrize(
    "question",
    [
        protocol.Open(grant=3),
        protocol.Open(grant=3, identities=("a", "b")),
        protocol.Prepare(grant=4, identities=("a", "b")),
        protocol.State(),
    ],
)
def test_a_question_arrives_as_it_was_asked(line, question):
    protocol.write_frame(line[0], question)
    assert protocol.read_question(line[1]) == question


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x00",
        b"\xff" * 40,
        b"\x81\xa4type\xa4Dump",
        b"\x83\xa4type\xa4Open\xa5grant\x01\xa4more\x01",
        b"\x82\xa4type\xa4Open\xa5grant\xa11",
    ],
)
def test_anything_else_is_refused(line, body):
    line[0].sendall(struct.pack(">I", len(body)) + body)
    with pytest.raises(UnavailableError):
        protocol.read_question(line[1])


def test_a_frame_that_claims_to_be_long_is_not_read(line):
    line[0].sendall(struct.pack(">I", protocol.MAX_FRAME + 1))
    with pytest.raises(UnavailableError):
        protocol.read_question(line[1])


def test_an_answer_that_breaks_off_is_no_answer(line):
    protocol.write_frame(line[0], protocol.Opened(size=10))
    line[0].sendall(b"only 7.")
    line[0].close()
    assert protocol.read_answer(line[1]) == protocol.Opened(size=10)
    with pytest.raises(UnavailableError):
        protocol.read_bytes(line[1], 10)


def test_no_secret_stands_in_a_repr_or_in_an_error():
    pair = age.generate()
    shown = [
        repr(pair),
        repr(protocol.Open(grant=1, identities=(pair.secret,))),
        repr(protocol.Prepare(grant=1, identities=(pair.secret,))),
    ]
    with pytest.raises(InvalidInputError) as told:
        age.recipient_of(pair.secret[:-1])
    shown.append(repr(told.value) + str(told.value))
    assert not any(pair.secret[:30] in one for one in shown)


def test_every_bit_of_a_sealed_file_counts_and_so_does_its_end():
    pair = age.generate()
    whole = age.encrypt(b"x" * 100, [pair.recipient])
    assert age.decrypt(whole, [pair.secret]) == b"x" * 100
    for at in range(len(whole) * 8):
        flipped = bytearray(whole)
        flipped[at // 8] ^= 1 << at % 8
        with pytest.raises(UnavailableError):
            age.decrypt(bytes(flipped), [pair.secret])
    for end in range(len(whole)):
        with pytest.raises(UnavailableError):
            age.decrypt(whole[:end], [pair.secret])


def test_recipients_that_cannot_be_read_seal_to_nobody(tmp_path):
    assert keys.load(tmp_path) == keys.Recipients()
    (tmp_path / keys.FILE).write_bytes(b'{"general": 1}')
    with pytest.raises(UnavailableError):
        keys.load(tmp_path)
