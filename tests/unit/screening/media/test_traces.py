# SPDX-License-Identifier: Apache-2.0
"""The search for leftovers finds what was planted, in every form, and nothing else."""

from __future__ import annotations

import base64

import numpy as np
import pytest

from tests.support.pictures import encode, pattern, picture
from tests.support.traces import find_pictures, find_traces

RNG = np.random.default_rng(12)
SECRETS = [RNG.bytes(3000), picture(1), b"a sentence of forty-four characters, no more"]
NOISE = RNG.bytes(20_000)


@pytest.mark.parametrize("start", [0, 1, 31, 77, 2936])
def test_any_64_bytes_are_found(tmp_path, start):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "file").write_bytes(NOISE + SECRETS[0][start : start + 64] + NOISE)
    assert [(t.secret, t.form) for t in find_traces(tmp_path, SECRETS)] == [(0, "bytes")]


def test_fewer_bytes_prove_nothing(tmp_path):
    (tmp_path / "file").write_bytes(NOISE + SECRETS[0][100:163] + NOISE)
    assert find_traces(tmp_path, SECRETS) == []


@pytest.mark.parametrize("shift", [0, 1, 2])
def test_base64_is_found_at_every_alignment(tmp_path, shift):
    text = base64.b64encode(b"x" * shift + SECRETS[1])
    (tmp_path / "log").write_bytes(b'{"body": "' + text[40:200] + b'"}')
    assert [(t.secret, t.form) for t in find_traces(tmp_path, SECRETS)] == [(1, "base64")]


@pytest.mark.parametrize("text", [SECRETS[0].hex(), SECRETS[0].hex().upper()])
def test_hexadecimal_is_found(tmp_path, text):
    (tmp_path / "log").write_text("at " + text[200:400])
    assert [(t.secret, t.form) for t in find_traces(tmp_path, SECRETS)] == [(0, "hex")]


def test_a_short_secret_is_looked_for_whole(tmp_path):
    (tmp_path / "log").write_bytes(b"<" + SECRETS[2] + b">")
    assert [(t.secret, t.form) for t in find_traces(tmp_path, SECRETS)] == [(2, "bytes")]


def test_a_clean_folder_is_clean(tmp_path):
    (tmp_path / "noise").write_bytes(NOISE * 20)
    (tmp_path / "empty").touch()
    assert find_traces(tmp_path, SECRETS) == []


def test_what_every_file_of_a_format_shares_proves_nothing(tmp_path):
    (tmp_path / "other").write_bytes(picture(2))
    assert [t.secret for t in find_traces(tmp_path, SECRETS)] == [1]
    assert find_traces(tmp_path, SECRETS, common=[picture(3)]) == []
    (tmp_path / "left").write_bytes(picture(1))
    assert [t.path.name for t in find_traces(tmp_path, SECRETS, common=[picture(3)])] == ["left"]


def test_a_smaller_copy_of_a_picture_is_found_by_its_pixels(tmp_path):
    from vigie.screening.media.facts import facts_of

    listed = [bytes.fromhex(facts_of(picture(seed)).dihedral[0]) for seed in (1, 2)]
    small = encode(pattern(2).resize((160, 120)), "WEBP")
    (tmp_path / "store").write_bytes(NOISE + small + NOISE)
    (tmp_path / "other").write_bytes(picture(5))
    assert find_traces(tmp_path, [picture(2)], common=[picture(3)]) == []
    assert [(t.secret, t.form) for t in find_pictures(tmp_path, listed)] == [(1, "pixels")]
