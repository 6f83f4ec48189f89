# SPDX-License-Identifier: Apache-2.0
"""PDQ against the reference: its own pictures, its published hashes, its program."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.support.pictures import encode
from vigie.screening.matching import pdq
from vigie.screening.media.facts import facts_of

VECTORS = Path(__file__).parents[2] / "vectors" / "pdq"
BIT_EXACT = 2
PUBLISHED = 16
SHORTCUT = 12


def table(name):
    with (VECTORS / name).open(encoding="utf-8") as file:
        return {row["file"]: row for row in csv.DictReader(file)}


COMPUTED = table("computed_pdqhash.csv")
PUBLISHED_HASHES = table("hashes.csv")
CARRIED = sorted(
    str(path.relative_to(VECTORS / "images")) for path in (VECTORS / "images").rglob("*.*g")
)


def bits(text):
    return bytes.fromhex(text)


def apart(one, other):
    return pdq.PDQ.distance(one, bits(other))


def hashed(path):
    with Image.open(path) as image:
        return pdq.hash_all(pdq.luma_of(np.asarray(image.convert("RGB"))))


def check_file(folder, name):
    """Return the distances of one file: to the reference's output, to the published hash."""
    found = hashed(folder / name)
    row = COMPUTED[name]
    turned = [
        apart(turn, row[column]) for turn, column in zip(found.dihedral, pdq.DIHEDRAL, strict=True)
    ]
    assert max(turned) <= BIT_EXACT, (name, turned)
    assert apart(found.bits, row["hash"]) <= BIT_EXACT
    assert found.quality == int(row["quality"])
    published = apart(found.bits, PUBLISHED_HASHES[name]["hash"])
    assert published <= PUBLISHED, name
    return max(turned), published


@pytest.mark.parametrize("name", CARRIED)
def test_a_reference_picture_has_the_reference_hash(name):
    check_file(VECTORS / "images", name)


def test_all_thirty_reference_pictures_have_the_reference_hash(test_data):
    folder = test_data / "vectors" / "pdq" / "images"
    assert len(COMPUTED) == 30
    distances = [check_file(folder, name) for name in COMPUTED]
    print("bits from the reference", sorted(d for d, _ in distances)[-5:])
    assert sum(turned for turned, _ in distances) <= BIT_EXACT


def test_dihedral_hashes_meet_the_published_hashes_of_turned_files(test_data):
    folder = test_data / "vectors" / "pdq" / "images" / "reg-test-input" / "dih"
    found = hashed(folder / "bridge-1-original.jpg").dihedral
    files = sorted(folder.iterdir())
    row = PUBLISHED_HASHES["reg-test-input/dih/bridge-1-original.jpg"]
    for turn, name, file in zip(found, pdq.DIHEDRAL, files, strict=True):
        assert apart(turn, row[f"dihedral_{name}"]) <= PUBLISHED
        assert apart(turn, PUBLISHED_HASHES[f"reg-test-input/dih/{file.name}"]["hash"]) <= PUBLISHED


def test_large_photographs_hash_nearly_the_same_at_a_fraction_of_their_size(test_data):
    folder = test_data / "vectors" / "pdq" / "images"
    distances = []
    for name in COMPUTED:
        with Image.open(folder / name) as image:
            side = 2300 / max(image.size)
            size = (round(image.width * side), round(image.height * side))
            data = encode(image.convert("RGB").resize(size, Image.Resampling.BICUBIC), quality=90)
        fast = facts_of(data)
        if "scaled" in fast.notes:
            distances.append(apart(bits(fast.pdq), facts_of(data, full=True).pdq))
    print("bits off by the shortcut", sorted(distances))
    assert len(distances) >= 15
    assert max(distances) <= SHORTCUT


def test_flat_reference_pictures_are_not_hashable():
    for name in CARRIED:
        found = facts_of((VECTORS / "images" / name).read_bytes())
        flat = int(COMPUTED[name]["quality"]) < pdq.MIN_QUALITY
        assert (found.pdq is None) == flat
        assert ("flat" in found.notes) == flat


# Under 64 pixels a side the 64 samples repeat pixels, and coefficients tie at the
# median: which way a tie falls is the rounding of each program, up to 22 bits apart.
@settings(max_examples=60)
@given(
    height=st.integers(64, 400),
    width=st.integers(64, 400),
    seed=st.integers(0, 2**32 - 1),
    grain=st.integers(1, 40),
)
def test_any_picture_hashes_as_the_reference_program_does(height, width, seed, grain):
    pdqhash = pytest.importorskip("pdqhash", reason="pdqhash is not installed")
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (height // grain + 1, width // grain + 1, 3), dtype=np.uint8)
    blocks = coarse.repeat(grain, axis=0).repeat(grain, axis=1)[:height, :width]
    # Noise, as in any photograph: coefficients that are all zero would tie at the median.
    noise = rng.integers(0, 33, (height, width, 3), dtype=np.uint8)
    rgb = (blocks // 8 * 7) + noise
    found = pdq.hash_all(pdq.luma_of(rgb))
    expected, quality = pdqhash.compute_dihedral(rgb)
    assert found.quality == quality
    if quality >= pdq.MIN_QUALITY:
        for turn, vector in zip(found.dihedral, expected, strict=True):
            assert pdq.PDQ.distance(turn, np.packbits(vector).tobytes()) <= BIT_EXACT


def test_a_wrong_weight_of_one_colour_would_be_seen():
    image = Image.open(VECTORS / "images" / "bridge-mods/square-512x512.jpg").convert("RGB")
    swapped = np.asarray(image)[:, :, ::-1].copy()
    found = pdq.hash_all(pdq.luma_of(swapped))
    assert apart(found.bits, COMPUTED["bridge-mods/square-512x512.jpg"]["hash"]) > BIT_EXACT
