# SPDX-License-Identifier: Apache-2.0
"""Pictures, policies and lists of the tests of image routes.

The image detector of these tests sees colours: red stands for `image_nudity`, green for
`image_person`. Pictures are patterns under one of them.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
from typing import Any

import openai
import pytest
from PIL import Image

from tests.support import door
from tests.support.gateway import (
    STOPPED,
    lexicon,
)
from tests.support.pictures import picture
from vigie.screening.matching.pdq import PDQ
from vigie.screening.media.facts import facts_of

c2pa = pytest.importorskip("c2pa")

INTENT = "brenzil hastorp"
"""Invented words that stand for undressing."""
LISTED = picture(77, "PNG")
"""A picture whose bytes are on a list of class child."""
NEAR = picture(78, "PNG")
"""One whose PDQ hash two lists hold."""
CALM = picture(1, "PNG")


MIRRORED = Image.Transpose.FLIP_LEFT_RIGHT


def long(*values: Any) -> Any:
    """Return a value of a test that `make test-e2e` runs alone."""
    return pytest.param(*values, marks=pytest.mark.whole)


def policies():
    """Stop intent with somebody's photo, uncovered results, and what is listed."""
    return door.live(
        door.shipped("known_child_material"),
        door.policy("planted_clause"),
        door.policy(
            "photo_and_intent",
            score="intent",
            when={"both": "score.intent >= limit.planted && score.image_person >= limit.planted"},
            tests=[
                {
                    "name": "both fire",
                    "given": {"score.intent": 0.9, "score.image_person": 0.9},
                    "expect": "fires",
                },
                {"name": "one is quiet", "given": {"score.intent": 0.9}, "expect": "quiet"},
            ],
        ),
        door.policy("uncovered", score="image_nudity"),
    )


def index():
    near = PDQ.validate(facts_of(NEAR).pdq or "")
    return [
        door.listed(hashlib.sha256(LISTED).digest()),
        door.listed(near, algorithm="pdq", n=1),
        door.listed(near, algorithm="pdq", n=2),
    ]


def parts(**more: Any) -> dict[str, Any]:
    lists = (lexicon("planted", STOPPED), lexicon("intent", INTENT))
    return {"policies": policies(), "lexicons": lists, "index": index(), **more}


def data_of(image: Any) -> bytes:
    return base64.b64decode(image.b64_json)


def signed(data: bytes, mime: str = "image/png") -> list[tuple[str, str]]:
    """Return the actions that a valid signature vouches for."""
    reader = c2pa.Reader(mime, io.BytesIO(data))
    assert reader.get_validation_state() == "Valid"
    said = json.loads(reader.json())
    manifest = said["manifests"][said["active_manifest"]]
    listed = [one for one in manifest["assertions"] if one["label"].startswith("c2pa.actions")]
    return [
        (one["action"], one.get("digitalSourceType", ""))
        for each in listed
        for one in each["data"]["actions"]
    ]


def refusal(problem: pytest.ExceptionInfo[openai.APIStatusError]) -> dict[str, Any]:
    found = problem.value.body
    assert isinstance(found, dict)
    return found
