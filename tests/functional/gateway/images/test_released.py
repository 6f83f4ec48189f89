# SPDX-License-Identifier: Apache-2.0
"""What passes the image routes with the official client: judged, marked and signed."""

from __future__ import annotations

import base64
import io
import urllib.request

import openai
import pytest
from PIL import Image

from tests.support.gateway_pictures import CALM, LISTED, data_of, signed
from tests.support.image_detectors import GREEN, tinted_file
from tests.support.pictures import picture
from tests.support.upstream_script import Script
from vigie.core.gateway import Ending, Feature
from vigie.gateway.images.xmp import EDITED, GENERATED


def test_a_generated_picture_is_signed_marked_and_counted(client, upstream, gateway):
    upstream.on("painter", Script(pictures=(CALM,), revised="A boat at sea."))
    answer = client.images.generate(model="painter", prompt="A boat.", size="1024x1024")
    (image,) = answer.data
    made = data_of(image)
    assert signed(made) == [("c2pa.created", GENERATED)]
    assert GENERATED.encode() in made
    assert Image.open(io.BytesIO(made)).tobytes() == Image.open(io.BytesIO(CALM)).tobytes()
    assert image.revised_prompt == "A boat at sea."
    facts = gateway.recorded()
    assert (facts.route, facts.feature) == ("images_generations", Feature.IMAGE_GENERATION)
    assert (facts.ending, facts.images, facts.upstream) == (Ending.RELEASED, 1, "local")
    assert facts.judged_chars == facts.released_chars == len("A boat at sea.")
    assert facts.prompt_decision
    assert facts.answer_decision


def test_an_edit_names_its_photo_as_source(client, upstream, gateway):
    upstream.on("painter", Script(pictures=(picture(3),)))
    answer = client.images.edit(
        model="painter",
        image=("me.png", tinted_file(GREEN)),
        mask=("mask.png", picture(2, "PNG")),
        prompt="Add a hat.",
        input_fidelity="high",
    )
    made = data_of(answer.data[0])
    assert signed(made, "image/jpeg") == [("c2pa.opened", ""), ("c2pa.edited", EDITED)]
    sent = dict(upstream.last.form)
    assert sent["image"] == tinted_file(GREEN)
    assert sent["mask"] == picture(2, "PNG")
    assert (sent["prompt"], sent["input_fidelity"]) == (b"Add a hat.", b"high")
    assert b"me.png" not in upstream.last.body
    facts = gateway.recorded()
    assert (facts.feature, facts.ending) == (Feature.IMAGE_EDIT, Ending.RELEASED)


def test_a_variation_has_no_prompt_and_is_judged_all_the_same(client, upstream, gateway):
    upstream.on("painter", Script(pictures=(CALM,)))
    with pytest.deprecated_call():  # by the client's authors; the route is still spoken
        answer = client.images.create_variation(model="painter", image=("a.png", CALM), n=1)
    assert signed(data_of(answer.data[0]))[1] == ("c2pa.edited", EDITED)
    assert gateway.recorded().route == "images_variations"
    with pytest.deprecated_call(), pytest.raises(openai.BadRequestError):
        client.images.create_variation(model="painter", image=("a.png", LISTED))
    assert gateway.recorded().ending is Ending.REFUSED


def test_several_results_keep_their_order(client, upstream):
    seeds = [4, 5, 6]
    upstream.on("painter", Script(pictures=tuple(picture(n, "PNG") for n in seeds)))
    answer = client.images.generate(model="painter", prompt="Boats.", n=3)
    for seed, image in zip(seeds, answer.data, strict=True):
        pixels = Image.open(io.BytesIO(data_of(image))).tobytes()
        assert pixels == Image.open(io.BytesIO(picture(seed, "PNG"))).tobytes()


def test_a_picture_wanted_by_address_is_held_under_one_of_ours(client, upstream, gateway):
    upstream.on("painter", Script(pictures=(CALM,)))
    answer = client.images.generate(model="painter", prompt="A boat.", response_format="url")
    url = answer.data[0].url
    assert upstream.last.json["response_format"] == "b64_json"
    assert url.startswith(f"{gateway.settings.base_url}/ai/v1/images/held?t=")
    path = url.removeprefix(gateway.settings.base_url)
    with urllib.request.urlopen(gateway.url + path) as got:
        assert got.headers["content-type"] == "image/png"
        assert got.headers["x-content-type-options"] == "nosniff"
        assert signed(got.read()) == [("c2pa.created", GENERATED)]
    assert gateway.get(path[:-1]).status == 404


def test_an_upstream_that_answers_addresses_is_fetched_from(client, upstream):
    upstream.on("painter", Script(urls=(f"{upstream.url}/own.png",)))
    upstream.files["/own.png"] = CALM
    answer = client.images.generate(model="painter", prompt="A boat.")
    assert signed(data_of(answer.data[0])) == [("c2pa.created", GENERATED)]


def test_a_stream_ends_with_the_whole_picture_and_has_no_partial_ones(client, upstream):
    upstream.on("painter", Script(pictures=(CALM,)))
    stream = client.images.generate(
        model="painter", prompt="A boat.", stream=True, partial_images=3
    )
    (event,) = list(stream)
    assert event.type == "image_generation.completed"
    assert signed(base64.b64decode(event.b64_json)) == [("c2pa.created", GENERATED)]
    sent = upstream.last.json
    assert not {"stream", "partial_images"} & set(sent)
