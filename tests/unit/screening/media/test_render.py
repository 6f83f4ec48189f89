# SPDX-License-Identifier: Apache-2.0
"""What reaches a person's eyes: small, grey and blurred, or marked with whose look it was."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from tests.support.pictures import encode, pattern, picture, png_bomb
from vigie.screening.media.pool import DecoderPool
from vigie.screening.media.protocol import Clarity
from vigie.screening.media.render import draw

WAIT = 60
MARK = "Moderator 7"


def opened(drawn):
    assert drawn.problem == ""
    return Image.open(io.BytesIO(drawn.data))


def detail(image):
    """How much two neighbouring pixels differ on average, at 512 pixels."""
    grey = np.asarray(image.convert("L").resize((512, 384)), dtype=np.float32)
    return float(np.abs(np.diff(grey, axis=1)).mean())


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_the_veiled_picture_is_small_grey_and_without_detail(kind):
    source = pattern(1, 800, 600)
    veiled = opened(draw(encode(source, kind), None, Clarity.VEILED, MARK))
    assert veiled.format == "PNG"
    assert veiled.mode == "L"
    assert max(veiled.size) == 64
    assert detail(veiled) < detail(source) / 4
    # A control: the same measure sees the detail where it was not taken away.
    assert detail(source.resize((256, 192))) > detail(source) / 4


def test_a_small_picture_loses_as_much_as_a_large_one():
    veiled = opened(draw(encode(pattern(1, 60, 40)), None, Clarity.VEILED, MARK))
    assert veiled.size == (30, 20)


def test_half_grey_and_colour_differ_in_what_they_show():
    data = encode(pattern(2, 3000, 2000))
    half, grey, colour = (
        opened(draw(data, None, one, MARK)) for one in (Clarity.HALF, Clarity.GREY, Clarity.COLOUR)
    )
    assert (half.size[0], grey.size[0], colour.size[0]) == (384, 1024, 1024)
    assert detail(half) < detail(grey)
    # WebP rounds its colours by one step.
    assert np.ptp(np.asarray(grey.convert("RGB"), dtype=int), axis=2).max() <= 2
    assert np.ptp(np.asarray(colour.convert("RGB"), dtype=int), axis=2).max() > 20


def test_a_clear_copy_carries_the_mark_everywhere_and_no_metadata():
    exif = Image.Exif()
    exif[0x010E] = "a remark of the camera"
    plain = Image.new("RGB", (900, 700), (90, 90, 90))
    shown = opened(draw(encode(plain, exif=exif.tobytes()), None, Clarity.COLOUR, MARK))
    assert not shown.getexif()
    assert "exif" not in shown.info
    pixels = np.asarray(shown.convert("L"), dtype=int)
    for top in range(0, 560, 140):
        for left in range(0, 720, 180):
            assert np.ptp(pixels[top : top + 140, left : left + 180]) > 100
    assert np.ptp(np.asarray(plain.convert("L"))) == 0


def test_the_mark_differs_by_person():
    data = picture(3)
    one, other = (draw(data, None, Clarity.GREY, mark) for mark in ("Moderator 7", "Moderator 8"))
    assert one.data != other.data


def test_a_turned_picture_is_shown_upright():
    exif = Image.Exif()
    exif[0x0112] = 6
    data = encode(pattern(4, 400, 200), exif=exif.tobytes())
    assert opened(draw(data, None, Clarity.GREY, MARK)).size == (200, 400)


def test_hidden_pixels_of_a_transparent_picture_stay_hidden():
    hidden = np.zeros((100, 100, 4), dtype=np.uint8)
    hidden[..., 0] = 255
    shown = opened(draw(encode(Image.fromarray(hidden), "PNG"), None, Clarity.VEILED, MARK))
    assert set(np.asarray(shown).ravel()) == {128}


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGBA", "I;16", "CMYK", "LA"])
def test_every_mode_is_drawn(mode):
    if mode == "I;16":
        image = Image.fromarray(np.asarray(pattern(5).convert("L")).astype(np.uint16) * 257)
    else:
        image = pattern(5).convert(mode)
    data = encode(image, "JPEG" if mode == "CMYK" else "PNG")
    for clarity in Clarity:
        assert opened(draw(data, None, clarity, MARK)).size


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "empty"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "unsupported"),
        (picture(1)[:900], "truncated"),
        (png_bomb(), "too_many_pixels"),
    ],
)
def test_bytes_that_are_no_picture_are_named_and_never_shown(data, problem):
    drawn = draw(data, None, Clarity.COLOUR, MARK)
    assert (drawn.problem, drawn.data) == (problem, b"")


def test_a_worker_draws_what_the_same_code_draws_here():
    with DecoderPool(workers=1) as pool:
        data = picture(6)
        assert pool.submit(data).result(WAIT).status == "ok"
        for clarity in Clarity:
            assert pool.draw(data, clarity, MARK).result(WAIT) == draw(data, None, clarity, MARK)
        assert pool.draw(b"x", Clarity.GREY).result(WAIT).problem == "unsupported"
        assert pool.submit(data).result(WAIT).status == "ok"


def test_what_no_worker_can_draw_is_reported(monkeypatch):
    with DecoderPool(workers=1, max_bytes=100) as pool:
        assert pool.draw(picture(1), Clarity.GREY).result(WAIT).problem == "too_large"
