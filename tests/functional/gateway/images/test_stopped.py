# SPDX-License-Identifier: Apache-2.0
"""What the image routes stop, in photos, masks, prompts and results."""

from __future__ import annotations

import json

import openai
import pytest
from PIL import Image

from tests.support import door
from tests.support.gateway import (
    STOPPED,
)
from tests.support.gateway_pictures import (
    CALM,
    INTENT,
    LISTED,
    MIRRORED,
    long,
    parts,
    refusal,
)
from tests.support.image_detectors import GREEN, RED, tinted, tinted_file
from tests.support.pictures import encode, pattern, picture
from tests.support.upstream_script import Script
from vigie.core.gateway import Ending, Stage
from vigie.gateway.images.form import Part, write


def test_a_prompt_is_judged_before_anything_is_forwarded(client, upstream, gateway):
    before = len(upstream.requests)
    with pytest.raises(openai.BadRequestError) as stopped:
        client.images.generate(model="painter", prompt=f"Paint {STOPPED} now.")
    said = refusal(stopped)
    assert said["code"] == "content_policy_violation"
    assert STOPPED not in json.dumps(said)
    assert said["decision_id"]
    assert len(upstream.requests) == before
    facts = gateway.recorded()
    assert (facts.ending, facts.stage, facts.images) == (Ending.REFUSED, Stage.PROMPT, 0)


@pytest.mark.parametrize("place", ["image", long("image[]"), "mask", long("markup")])
def test_intent_with_a_photo_of_a_person_is_refused_wherever_the_photo_is(gateway, upstream, place):
    calm = Part("image", CALM, is_file=True, mime="image/png")
    photo = Part(place, tinted_file(GREEN), is_file=True, mime="image/png")
    first = [calm] if place != "image" else []
    words = [Part("model", b"painter"), Part("prompt", f"{INTENT}, please".encode())]
    before = len(upstream.requests)
    body, kind = write([*words, *first, photo])
    answer = gateway.post("/ai/v1/images/edits", body, content_type=kind)
    assert answer.status == 400
    assert answer.json()["error"]["code"] == "content_policy_violation"
    assert len(upstream.requests) == before
    assert gateway.recorded().ending is Ending.REFUSED


def test_intent_far_behind_in_a_long_prompt_still_meets_the_photo(client, gateway):
    long = "A calm picture of boats and hats. " * 200 + INTENT
    with pytest.raises(openai.BadRequestError):
        client.images.edit(model="painter", image=("a.png", tinted_file(GREEN)), prompt=long)
    assert gateway.recorded().ending is Ending.REFUSED


@pytest.mark.whole
def test_either_alone_passes(client, upstream):
    upstream.on("painter", Script(pictures=(CALM,)))
    photo = ("a.png", tinted_file(GREEN))
    assert client.images.edit(model="painter", image=photo, prompt="A hat.").data
    calm = ("a.png", CALM)
    assert client.images.edit(model="painter", image=calm, prompt=f"{INTENT}").data


def animation(*frames: Image.Image) -> bytes:
    return encode(frames[0], "GIF", save_all=True, append_images=frames[1:])


@pytest.mark.parametrize(
    ("name", "data"),
    [
        long("the same bytes", LISTED),
        long("a smaller copy", encode(pattern(78).resize((240, 180)), "JPEG")),
        long("a mirrored copy", encode(pattern(78).transpose(MIRRORED), "PNG")),
        ("the last frame", animation(pattern(1), pattern(2), pattern(78))),
    ],
)
@pytest.mark.parametrize("place", [long("image"), "mask"])
def test_listed_pictures_are_found_in_every_input(client, gateway, name, data, place):
    given = {"image": ("a", CALM), place: ("b", data)}
    with pytest.raises(openai.BadRequestError) as stopped:
        client.images.edit(model="painter", prompt="A hat.", **given)
    assert refusal(stopped)["code"] == "content_policy_violation", name
    assert gateway.recorded().ending is Ending.REFUSED


@pytest.mark.parametrize(
    "data",
    [
        long(LISTED),
        long(encode(pattern(78).resize((240, 180)), "JPEG")),
        animation(pattern(1), pattern(78)),
        long(tinted_file(RED)),
        animation(pattern(1), pattern(2), tinted(RED)),
    ],
    ids=["listed", "near", "frame", "uncovered", "uncovered frame"],
)
def test_results_are_judged_every_frame_of_them(client, upstream, gateway, data):
    upstream.on("painter", Script(pictures=(data,)))
    with pytest.raises(openai.BadRequestError) as stopped:
        client.images.generate(model="painter", prompt="A boat.")
    assert refusal(stopped)["code"] == "content_policy_violation"
    facts = gateway.recorded()
    assert (facts.ending, facts.stage, facts.images) == (Ending.CUT, Stage.IMAGE, 0)


def test_a_photo_of_a_person_that_comes_back_uncovered_is_stopped(client, upstream, gateway):
    """Whatever the words said: the shipped policy, with what the prompt's photo showed."""
    upstream.on("painter", Script(pictures=(tinted_file(RED),)))
    gateway.publish(**parts(policies=door.live(door.shipped("ai_undressed_pictures"))))
    try:
        calm = ("a.png", CALM)
        assert client.images.edit(model="painter", image=calm, prompt="A hat.").data[0].b64_json
        assert gateway.recorded().ending is Ending.RELEASED
        photo = ("a.png", tinted_file(GREEN))
        with pytest.raises(openai.BadRequestError) as stopped:
            client.images.edit(model="painter", image=photo, prompt="A hat.")
        assert refusal(stopped)["statement_url"]
        facts = gateway.recorded()
        assert (facts.ending, facts.stage) == (Ending.CUT, Stage.IMAGE)
    finally:
        gateway.publish(**parts())


def test_of_several_results_a_stopped_one_is_left_out(client, upstream, gateway):
    upstream.on("painter", Script(pictures=(CALM, tinted_file(RED), picture(2, "PNG"))))
    answer = client.images.generate(model="painter", prompt="Boats.", n=3)
    assert [bool(one.b64_json) for one in answer.data] == [True, False, True]
    why = answer.data[1].model_extra["error"]
    assert why["code"] == "content_policy_violation"
    assert why["decision_id"]
    facts = gateway.recorded()
    assert (facts.ending, facts.images) == (Ending.CUT, 2)
    assert facts.answer_decision == why["decision_id"]


def test_what_the_upstream_made_of_the_prompt_is_judged(client, upstream, gateway):
    upstream.on("painter", Script(pictures=(CALM,), revised=f"A boat, {STOPPED}."))
    with pytest.raises(openai.BadRequestError) as stopped:
        client.images.generate(model="painter", prompt="A boat.")
    assert STOPPED not in json.dumps(refusal(stopped))
    assert gateway.recorded().ending is Ending.CUT
