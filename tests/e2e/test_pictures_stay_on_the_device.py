# SPDX-License-Identifier: Apache-2.0
"""PDQ in the browser against the server's: the same pixels, and the same files."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest
from PIL import Image, ImageCms

from tests.support.pictures import encode, pattern
from tests.support.tree import ROOT
from vigie.screening.matching import pdq
from vigie.screening.media.facts import facts_of

STATIC = ROOT / "src" / "vigie" / "web" / "static" / "vigie"
VECTORS = ROOT / "tests" / "vectors" / "pdq" / "images"
SAME_FILE = 10
HOST = "http://vigie.test"
PAGE = """<!doctype html><meta charset="utf-8"><title>t</title>
<script type="module">
import * as pdq from "/static/vigie/pdq.js";
const worker = new Worker("/static/vigie/hasher.js", { type: "module" });
const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
window.pixels = (text, w, h) => pdq.hashPixels(bytes(text), w, h);
window.file = (text) => new Promise((answer) => {
  worker.onmessage = ({ data }) => answer(data);
  worker.postMessage({ id: 1, file: new Blob([bytes(text)]) });
});
window.ready = true;
</script>"""


@pytest.fixture(scope="module")
def page(browser: Any) -> Iterator[Any]:
    """A page with the product's own files and no server behind it."""
    context = browser.new_context()
    context.route("**/*", _answer)
    page = context.new_page()
    page.goto(f"{HOST}/")
    page.wait_for_function("window.ready === true")
    yield page
    context.close()


def _answer(route: Any) -> None:
    path = urlsplit(route.request.url).path
    if path.startswith("/static/vigie/"):
        file = STATIC / Path(path).name
        route.fulfill(body=file.read_text(encoding="utf-8"), content_type="text/javascript")
    else:
        route.fulfill(body=PAGE, content_type="text/html")


def hashed_pixels(page: Any, rgba: Any) -> Any:
    text = base64.b64encode(rgba.tobytes()).decode()
    height, width = rgba.shape[:2]
    return page.evaluate(f"pixels({json.dumps(text)}, {width}, {height})")


def hashed_file(page: Any, data: bytes) -> Any:
    return page.evaluate(f"file({json.dumps(base64.b64encode(data).decode())})")


def any_pixels() -> Iterator[Any]:
    """Noise, blocks that tie at the median, smooth patterns, flat and tiny pictures."""
    rng = np.random.default_rng(20261122)
    for _ in range(30):
        width, height = rng.integers(5, 400, 2)
        grain = int(rng.integers(1, 24))
        coarse = rng.integers(0, 256, (height // grain + 1, width // grain + 1, 4), dtype=np.uint8)
        yield coarse.repeat(grain, axis=0).repeat(grain, axis=1)[:height, :width]
    for seed in range(20):
        yield np.asarray(pattern(seed, 200 + 13 * seed, 150 + 7 * seed).convert("RGBA"))
    yield np.full((100, 120, 4), 77, dtype=np.uint8)
    yield np.zeros((4, 90, 4), dtype=np.uint8)
    for path in sorted(VECTORS.rglob("*.jpg")):
        with Image.open(path) as image:
            yield np.asarray(image.convert("RGBA"))


def test_the_same_pixels_have_the_same_bits_and_quality_as_on_the_server(page: Any) -> None:
    count = 0
    for rgba in map(np.ascontiguousarray, any_pixels()):
        expected = pdq.hash_all(pdq.luma_of(rgba[:, :, :3]))
        found = hashed_pixels(page, rgba)
        assert found["pdq"] == expected.bits.hex()
        assert found["quality"] == expected.quality
        assert found["fragile"] == expected.fragile
        assert found["turns"] == [turn.hex() for turn in expected.dihedral]
        count += 1
    print(f"{count} pictures, all bits equal")
    assert count >= 60


def with_profile(image: Image.Image, decoder: str = "JPEG") -> bytes:
    """Return a file whose colour profile swaps red and blue, where it is applied."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = profile.replace(b"rXYZ", b"____").replace(b"bXYZ", b"rXYZ").replace(b"____", b"bXYZ")
    assert swapped != profile
    return encode(image, decoder, icc_profile=swapped)


def turned(image: Image.Image, orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return encode(image, quality=88, exif=exif)


def files() -> Iterator[tuple[str, bytes]]:
    """Files as people have them; none shows anybody."""
    for path in sorted(VECTORS.rglob("*.*g")):
        yield path.name, path.read_bytes()
    for seed, quality in enumerate((95, 80, 60, 40)):
        yield f"jpeg {quality}", encode(pattern(seed, 900, 600), quality=quality)
    for seed in range(4, 8):
        yield f"png {seed}", encode(pattern(seed, 640, 480), "PNG")
    for seed in range(8, 11):
        yield f"webp {seed}", encode(pattern(seed, 700, 500), "WEBP", quality=80)
    yield "gif", encode(pattern(11, 400, 300).convert("P"), "GIF")
    yield "grey", encode(pattern(12, 500, 500).convert("L"), quality=85)
    yield "see-through", encode(_see_through(), "PNG")
    for decoder in ("JPEG", "PNG", "WEBP"):
        yield f"profile in {decoder}", with_profile(coloured(), decoder)
    for orientation in (3, 6, 8):
        yield f"turned {orientation}", turned(pattern(14 + orientation, 600, 400), orientation)
    for scale, seed in ((1.3, 30), (2.0, 31), (3.0, 32)):
        size = (round(1500 * scale), round(1100 * scale))
        yield f"large jpeg {size}", encode(pattern(seed, *size), quality=88)
    yield "large png", encode(pattern(33, 2300, 1600), "PNG")


def coloured() -> Image.Image:
    """Return a picture whose colours carry it: with red and blue swapped, another hash."""
    red, _, blue = (pattern(seed, 600, 400).convert("L") for seed in (51, 52, 53))
    return Image.merge("RGB", (red, Image.new("L", red.size, 90), blue))


def _see_through() -> Image.Image:
    image = pattern(40, 400, 300).convert("RGBA")
    image.putalpha(Image.linear_gradient("L").resize(image.size).point(lambda v: 128 + v // 2))
    return image


@pytest.mark.whole
def test_thirty_files_are_within_ten_bits_of_the_server(page: Any) -> None:
    distances: dict[str, int] = {}
    flat = 0
    for name, data in files():
        expected, found = facts_of(data), hashed_file(page, data)
        assert expected.status == "ok", name
        if expected.pdq is None:
            assert found["quality"] < pdq.MIN_QUALITY, name
            flat += 1
            continue
        assert found.get("quality", 0) >= pdq.MIN_QUALITY, (name, found)
        distances[name] = pdq.PDQ.distance(bytes.fromhex(found["pdq"]), bytes.fromhex(expected.pdq))
    print("bits apart:", distances, "flat:", flat)
    assert len(distances) >= 30
    assert max(distances.values()) <= SAME_FILE


def test_all_thirty_reference_files_are_within_ten_bits(page: Any, test_data: Path) -> None:
    distances: dict[str, int] = {}
    for path in sorted((test_data / "vectors" / "pdq" / "images").rglob("*.*g")):
        expected, found = facts_of(path.read_bytes()), hashed_file(page, path.read_bytes())
        if expected.pdq is not None:
            one, other = bytes.fromhex(found["pdq"]), bytes.fromhex(expected.pdq)
            distances[path.name] = pdq.PDQ.distance(one, other)
    print("bits apart:", distances)
    assert max(distances.values()) <= SAME_FILE


def test_what_cannot_be_hashed_is_said_in_a_word(page: Any) -> None:
    assert hashed_file(page, b"this is no picture")["problem"] == "unreadable"
    wide = io.BytesIO()
    Image.new("L", (16_385, 8)).save(wide, "PNG")
    assert hashed_file(page, wide.getvalue())["problem"] in {"large", "unreadable"}
    assert hashed_file(page, encode(Image.new("RGB", (300, 300), "white")))["quality"] == 0
