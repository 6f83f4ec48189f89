# SPDX-License-Identifier: Apache-2.0
"""Nothing of a fetched picture is kept, and no answer without a look holds anything of it."""

from __future__ import annotations

import base64
import io
import json
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.functional.care.conftest import PICTURE, ask
from tests.support.pictures import encode
from tests.support.traces import find_traces
from vigie.console import veil
from vigie.flow import desk_settings
from vigie.flow.pictures import decoders
from vigie.screening.media.protocol import Drawn


def test_no_byte_of_a_fetched_picture_reaches_a_file(place, tmp_path):
    place.client.get(place.at)
    place.client.get(json.loads(ask(place, clarity="colour").content)["src"])
    assert find_traces(tmp_path, [PICTURE]) == []
    (tmp_path / "planted").write_bytes(b"..." + PICTURE[500:600])
    assert len(find_traces(tmp_path, [PICTURE])) == 1


def everything(place):
    """Every body that the pages about a picture answer with, a clear look left out."""
    desk_settings.set(place.agora.house, None, "look_budget", 2)
    answers = [
        place.client.get(place.at),
        place.client.get(f"{place.at}/page"),
        ask(place),
        ask(place, Accept="text/html"),
        ask(place),
        ask(place, Accept="text/html"),
        place.client.get(f"{place.at}/clear/forged"),
        place.client.get("/console/shift"),
    ]
    return [one.content for one in answers]


def leaks(bodies):
    """Say what of the original is in some bodies: its bytes, in base64 too, or more detail."""
    found = []
    needles = [PICTURE[at : at + 48] for at in range(0, len(PICTURE) - 48, 997)]
    original = np.asarray(Image.open(io.BytesIO(PICTURE)).convert("L").resize((256, 192)))
    for body in bodies:
        inside = [base64.b64decode(one) for one in re.findall(rb"base64,([A-Za-z0-9+/=]+)", body)]
        for one in (body, *inside):
            if any(needle in one for needle in needles):
                found.append("bytes")
            try:
                image = Image.open(io.BytesIO(one))
            except OSError:
                continue
            shown = np.asarray(image.convert("L").resize((256, 192)), dtype=int)
            detail = np.abs(np.diff(shown, axis=1)).mean()
            if max(image.size) > 64 or detail > np.abs(np.diff(original.astype(int))).mean() / 2:
                found.append("pixels")
    return found


def test_no_answer_without_a_look_holds_anything_of_the_original(place):
    assert leaks(everything(place)) == []


def _original(data, _clarity, _mark):
    return Drawn(data=data, mime="image/jpeg", width=800, height=600)


def _unblurred(data, _clarity, _mark):
    small = Image.open(io.BytesIO(data)).convert("RGB").resize((512, 384))
    return Drawn(data=encode(small, "PNG"), mime="image/png", width=512, height=384)


@pytest.mark.parametrize(("leaky", "kind"), [(_original, "bytes"), (_unblurred, "pixels")])
def test_control_a_server_that_leaks_is_found(place, monkeypatch, leaky, kind):
    monkeypatch.setattr(decoders, "draw", leaky)
    assert kind in leaks(everything(place))


def test_no_page_blurs_an_original_in_the_browser():
    static = Path(veil.__file__).parents[1] / "web" / "static" / "vigie"
    for sheet in static.glob("*.css"):
        assert "blur(" not in sheet.read_text(), sheet.name
    assert not re.search(r"\.style|blur\(|canvas|createObjectURL", (static / "veil.js").read_text())
