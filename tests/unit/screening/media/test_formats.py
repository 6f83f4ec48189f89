# SPDX-License-Identifier: Apache-2.0
"""Types told by first bytes, and what follows a picture's end."""

from __future__ import annotations

import pytest

from tests.support.pictures import picture
from vigie.screening.media.formats import has_trailing_data, plain_type, sniff

TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "GIF": "image/gif"}


@pytest.mark.parametrize(("decoder", "mime"), TYPES.items())
def test_the_first_bytes_name_the_type(decoder, mime):
    data = picture(1, decoder)
    assert sniff(data) == mime
    assert not has_trailing_data(data, mime)
    assert has_trailing_data(data + b"PK\x03\x04", mime)


@pytest.mark.parametrize("data", [b"", b"RIFF\0\0\0\0WAVE", b"\xff\xd8", b"GIF90a", b"BM"])
def test_other_first_bytes_name_nothing(data):
    assert sniff(data) is None


def test_declared_types_lose_parameters_and_odd_spellings():
    assert plain_type(" Image/PJPEG ; q=1") == "image/jpeg"
    assert plain_type("image/avif") == "image/avif"
