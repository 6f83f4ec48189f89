# SPDX-License-Identifier: Apache-2.0
"""What the bytes of a picture say, and what is refused."""

from __future__ import annotations

import hashlib
import io
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.support.pictures import encode, gif_bomb, pattern, picture, png_bomb
from vigie.screening.matching.pdq import DIHEDRAL, PDQ, RADIUS
from vigie.screening.media import facts as module
from vigie.screening.media.facts import facts_of

TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "GIF": "image/gif"}


def distance(one, other):
    return PDQ.distance(bytes.fromhex(one.pdq), bytes.fromhex(other.pdq))


@pytest.mark.parametrize(("decoder", "mime"), TYPES.items())
def test_each_format_is_read_and_gives_nearly_the_same_hash(decoder, mime):
    data = picture(1, decoder)
    found = facts_of(data, mime)
    assert (found.status, found.mime, found.width, found.height) == ("ok", mime, 320, 240)
    assert found.sha256 == hashlib.sha256(data).hexdigest()
    assert found.md5 == hashlib.md5(data).hexdigest()
    assert len(found.dihedral) == len(DIHEDRAL)
    assert found.dihedral[0] == found.pdq
    assert found.notes == ()
    assert distance(found, facts_of(picture(1, "PNG"))) <= 12


def test_another_picture_has_another_hash():
    assert distance(facts_of(picture(1)), facts_of(picture(2))) > RADIUS


@pytest.mark.parametrize("mode", ["RGBA", "LA", "L", "P", "CMYK", "1", "I;16"])
def test_every_mode_is_hashed_as_what_it_shows(mode):
    grey = pattern(3).convert("L")
    if mode == "I;16":
        image = Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)
    else:
        image = grey.convert("RGB").convert(mode)
    decoder = "JPEG" if mode == "CMYK" else "PNG"
    found = facts_of(encode(image, decoder))
    assert found.status == "ok"
    assert distance(found, facts_of(encode(grey, "PNG"))) <= (RADIUS if mode == "1" else 8)


def test_a_palette_with_transparency_is_hashed():
    image = pattern(3).convert("P")
    found = facts_of(encode(image, "PNG", transparency=bytes(range(256))))
    assert found.status == "ok"
    assert found.pdq is not None


def test_turned_pictures_meet_in_one_of_eight_hashes():
    turned = facts_of(encode(pattern(4).transpose(Image.Transpose.ROTATE_90), "PNG"))
    original = facts_of(picture(4, "PNG"))
    assert turned.pdq is not None
    apart = [PDQ.distance(bytes.fromhex(turned.pdq), bytes.fromhex(h)) for h in original.dihedral]
    assert min(apart) == apart[DIHEDRAL.index("rotate90")] <= 16 < RADIUS < apart[0]


def test_the_orientation_a_camera_wrote_is_noted_and_stored_pixels_are_hashed():
    exif = Image.Exif()
    exif[module.ORIENTATION] = 6
    found = facts_of(picture(5, exif=exif.tobytes()))
    assert found.notes == ("orientation:6",)
    assert found.pdq == facts_of(picture(5)).pdq


def test_of_an_animation_the_first_frame_is_hashed_and_that_is_noted():
    first, second = pattern(6).convert("P"), pattern(7).convert("P")
    found = facts_of(encode(first, "GIF", save_all=True, append_images=[second]))
    assert found.notes == ("animated",)
    assert found.pdq == facts_of(encode(first, "GIF")).pdq


def test_a_flat_picture_is_read_but_not_hashable():
    found = facts_of(encode(Image.new("RGB", (300, 300), (9, 9, 9)), "PNG"))
    assert (found.status, found.pdq, found.dihedral, found.quality) == ("ok", None, (), 0)
    assert found.notes == ("flat",)


@pytest.mark.parametrize("size", [(1, 1), (4, 400), (400, 4)])
def test_a_picture_too_small_to_hash_is_read(size):
    found = facts_of(encode(Image.new("RGB", size), "PNG"))
    assert (found.status, found.quality) == ("ok", 0)


def test_a_large_photograph_takes_the_shortcut_unless_told_otherwise():
    data = encode(pattern(8, 2400, 1800))
    fast, slow = facts_of(data), facts_of(data, full=True)
    assert fast.notes == ("scaled",)
    assert slow.notes == ()
    assert (fast.width, fast.height) == (slow.width, slow.height) == (2400, 1800)
    assert distance(fast, slow) <= 12


def test_a_large_flat_photograph_does_not_take_the_shortcut():
    assert facts_of(encode(Image.new("RGB", (1700, 1700), (200, 30, 30)))).notes == ("flat",)


def test_a_large_smooth_photograph_does_not_take_the_shortcut():
    smooth = pattern(8, 16, 12).resize((2400, 1800), Image.Resampling.BICUBIC)
    found = facts_of(encode(smooth))
    assert found.notes == ()
    assert found == facts_of(encode(smooth), full=True)


@pytest.mark.parametrize(
    ("data", "mime", "problem"),
    [
        (b"", None, "empty"),
        (b"", "image/png", "empty"),
        (b"plain text", None, "unsupported"),
        (b"plain text", "image/png", "mislabelled"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "application/postscript", "unsupported"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml", "unsupported"),
        (b"BM" + bytes(60), "image/bmp", "unsupported"),
        (b"\xff\xd8\xff", None, "broken"),
        (b"\x89PNG\r\n\x1a\n", None, "broken"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", None, "broken"),
    ],
)
def test_what_is_no_picture_is_refused_with_its_digests(data, mime, problem):
    found = facts_of(data, mime)
    assert (found.status, found.problem, found.pdq) == ("failed", problem, None)
    assert found.sha256 == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("decoder", TYPES)
@pytest.mark.parametrize("mime", [*TYPES.values(), "application/zip"])
def test_bytes_and_declared_type_must_agree(decoder, mime):
    found = facts_of(picture(1, decoder), mime)
    assert (found.problem == "mislabelled") == (mime != TYPES[decoder])


def test_usual_spellings_of_a_type_are_understood():
    assert facts_of(picture(1), "IMAGE/JPG; charset=x").status == "ok"


@pytest.mark.parametrize("decoder", TYPES)
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_truncated_picture_is_failed_and_not_half_hashed(decoder, share):
    data = picture(1, decoder)
    found = facts_of(data[: int(len(data) * share)])
    assert found.status == "failed"
    assert found.problem in {"truncated", "broken"}


def test_a_truncated_large_photograph_is_failed():
    data = encode(pattern(8, 2400, 1800))
    assert facts_of(data[: len(data) // 2]).problem == "truncated"


@pytest.mark.parametrize("decoder", TYPES)
def test_a_file_that_is_also_something_else_is_noted(decoder):
    data = picture(1, decoder)
    both = facts_of(data + b"PK\x03\x04 and an archive")
    assert both.status == "ok"
    assert both.notes == ("trailing_data",)
    assert both.pdq == facts_of(data).pdq
    assert both.sha256 != facts_of(data).sha256


def test_a_small_file_of_many_pixels_is_refused_before_it_is_decoded():
    bomb = png_bomb()
    assert len(bomb) < 30_000
    assert facts_of(bomb).problem == "too_many_pixels"


def test_the_bomb_would_open_without_the_limit(monkeypatch):
    bomb = png_bomb(7000)
    assert facts_of(bomb).problem == "too_many_pixels"
    monkeypatch.setattr(module, "MAX_PIXELS", 50_000_000)
    monkeypatch.setattr(module, "MAX_FRAME_PIXELS", 50_000_000)
    assert facts_of(bomb).status == "ok"


def test_pillows_own_alarm_is_an_error_and_not_a_warning(monkeypatch):
    monkeypatch.setattr(module, "MAX_PIXELS", 10**9)
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        assert facts_of(png_bomb()).problem == "too_many_pixels"


def test_a_long_strip_is_refused():
    assert facts_of(encode(Image.new("1", (16_385, 6)), "PNG")).problem == "too_many_pixels"


def test_an_animation_of_many_large_frames_is_refused():
    bomb = gif_bomb()
    with Image.open(io.BytesIO(bomb)) as image:
        assert getattr(image, "n_frames", 0) == 300
    assert facts_of(bomb).problem == "too_many_pixels"
    assert facts_of(gif_bomb(frames=3)).notes[:1] == ("animated",)


@settings(max_examples=150)
@given(
    decoder=st.sampled_from(sorted(TYPES)),
    changes=st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=6),
    cut=st.integers(0, 10**6),
)
def test_no_bytes_make_it_raise(decoder, changes, cut):
    data = bytearray(SMALL[decoder])
    for at, value in changes:
        data[at % len(data)] = value
    found = facts_of(bytes(data[: cut % (2 * len(data)) + 1]))
    assert found.status in {"ok", "failed"}
    assert (found.problem is None) == (found.status == "ok")


SMALL = {decoder: encode(pattern(1, 60, 40), decoder) for decoder in TYPES}
