# SPDX-License-Identifier: Apache-2.0
"""The image routes with the official client: what goes in and comes out is judged and signed.

The image detector of these tests sees colours: red stands for `image_nudity`, green for
`image_person`. Pictures are patterns under one of them.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import sys
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openai
import pytest
from PIL import Image

from tests.support import door
from tests.support.gateway import (
    PUBLIC,
    STOPPED,
    TRUSTED,
    Gateway,
    conf,
    exchanges,
    lexicon,
    serving,
)
from tests.support.image_detectors import BLUE, GREEN, RED, colours, tinted, tinted_file
from tests.support.pictures import encode, pattern, picture, png_bomb
from tests.support.traces import find_traces
from tests.support.upstream import Upstream
from tests.support.upstream_script import Script, fail
from vigie.core.gateway import Brake, Ending, Feature, OnFailure, Profile, Stage
from vigie.gateway.images.form import Part, write
from vigie.gateway.images.xmp import EDITED, GENERATED
from vigie.screening.matching.pdq import PDQ
from vigie.screening.media import looks
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


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, upstream: Upstream) -> Iterator[Gateway]:
    with (
        colours(tmp_path_factory.mktemp("colours")),
        serving(tmp_path_factory.mktemp("gateway"), upstream, **parts()) as one,
    ):
        yield one


@pytest.fixture
def gateway(served: Gateway) -> Gateway:
    served.exchanges = len(exchanges(served.settings.journal_dir))
    return served


@pytest.fixture
def client(gateway: Gateway) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=gateway.v1, api_key=TRUSTED, max_retries=0) as one:
        yield one


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


# --- what passes ------------------------------------------------------------------


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


# --- what is stopped --------------------------------------------------------------


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


# --- what is refused or fails -----------------------------------------------------


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><text>x</text></svg>", 400),
        (png_bomb(), 400),
        (CALM[: len(CALM) // 2], 400),
        (b"", 400),
    ],
    ids=["svg", "bomb", "cut", "empty"],
)
def test_what_cannot_be_read_is_not_forwarded(gateway, upstream, data, status):
    before = len(upstream.requests)
    words = [Part("model", b"painter"), Part("prompt", b"A hat.")]
    body, kind = write([*words, Part("image", data, is_file=True, mime="image/png")])
    answer = gateway.post("/ai/v1/images/edits", body, content_type=kind)
    assert (answer.status, answer.json()["error"]["code"]) == (status, "invalid_image")
    assert len(upstream.requests) == before


def test_a_detector_that_fails_stops_everything(gateway, client, upstream):
    before = len(upstream.requests)
    photo = ("a.png", tinted_file(BLUE, share=1.0))
    with pytest.raises(openai.APIStatusError) as failed:
        client.images.edit(model="painter", image=photo, prompt="A hat.")
    assert failed.value.status_code == 503
    assert len(upstream.requests) == before
    facts = gateway.recorded()
    assert (facts.ending, facts.stage, facts.failures) == (Ending.FAILED, Stage.IMAGE, 1)
    upstream.on("painter", Script(pictures=(tinted_file(BLUE, share=1.0),)))
    with pytest.raises(openai.APIStatusError) as failed:
        client.images.generate(model="painter", prompt="A boat.")
    assert failed.value.status_code == 503
    assert gateway.recorded().images == 0


@pytest.mark.whole
def test_a_profile_may_open_and_the_record_says_so(gateway, upstream):
    opened = Profile(name="default", country="FR", on_failure={Stage.IMAGE: OnFailure.OPEN})
    upstream.on("painter", Script(pictures=(tinted_file(BLUE, share=1.0),)))
    gateway.publish(**parts(gateway=conf(upstream, profiles=(opened,))))
    try:
        body = {"model": "painter", "prompt": "A boat."}
        answer = gateway.post("/ai/v1/images/generations", body)
        assert answer.status == 200
        facts = gateway.recorded()
        assert (facts.opened, facts.failures) == (("image",), 1)
    finally:
        gateway.publish(**parts())


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data",
        long("https://[::1]/x.png"),
        long("https://2130706433/x.png"),
        long("https://127.0.0.1/x.png"),
        long("http://localhost/x.png"),
        long("file:///etc/passwd"),
    ],
)
def test_addresses_of_results_that_lead_inside_are_not_called(client, upstream, gateway, url):
    upstream.on("painter", Script(urls=(url,)))
    with pytest.raises(openai.APIStatusError) as failed:
        client.images.generate(model="painter", prompt="A boat.")
    assert failed.value.status_code == 502
    assert url not in str(failed.value)
    assert gateway.recorded().ending is Ending.FAILED


@pytest.mark.parametrize(
    "script",
    [
        long(Script(raw=b"not json")),
        long(Script(raw=b'{"data": []}')),
        Script(pictures=(b"<svg/>",)),
        long(Script(pictures=(CALM, CALM))),
        fail(500),
    ],
    ids=["no json", "nothing", "svg", "more than asked for", "500"],
)
def test_upstreams_that_misbehave_are_a_bad_gateway(client, upstream, gateway, script):
    upstream.on("painter", script)
    with pytest.raises(openai.APIStatusError) as failed:
        client.images.generate(model="painter", prompt="A boat.")
    assert failed.value.status_code == 502
    assert gateway.recorded().ending is Ending.FAILED


def test_words_of_a_refusing_upstream_are_judged(client, upstream, gateway):
    upstream.on("painter", fail(400, "No boats today."), fail(400, f"No {STOPPED}."))
    for heard in (True, False):
        with pytest.raises(openai.BadRequestError) as refused:
            client.images.generate(model="painter", prompt="A boat.")
        assert ("No boats today" in str(refused.value)) is heard
        assert STOPPED not in str(refused.value)


def test_the_brake_stops_edits_and_leaves_the_rest(client, upstream, gateway):
    upstream.on("painter", Script(pictures=(CALM,)))
    brake = Brake(number=1, feature=Feature.IMAGE_EDIT, reason="Too many stops.")
    gateway.publish(**parts(brakes=(brake,)))
    try:
        with pytest.raises(openai.PermissionDeniedError) as braked:
            client.images.edit(model="painter", image=("a.png", CALM), prompt="A hat.")
        assert "Too many stops." in str(braked.value)
        assert gateway.recorded().ending is Ending.BRAKED
        assert client.images.generate(model="painter", prompt="A boat.").data
    finally:
        gateway.publish(**parts())


def test_keys_and_fields_are_checked_in_the_shape_of_the_interface(gateway):
    body = {"model": "painter", "prompt": "A boat."}
    assert gateway.post("/ai/v1/images/generations", body, key="vg_none").status == 401
    assert gateway.post("/ai/v1/images/generations", b"{").status == 400
    answer = gateway.post("/ai/v1/images/generations", {**body, "negative_prompt": "words"})
    assert (answer.status, answer.json()["error"]["param"]) == (400, "negative_prompt")
    svg = gateway.post("/ai/v1/images/generations", {**body, "output_format": "svg"})
    assert svg.json()["error"]["param"] == "output_format"
    assert gateway.post("/ai/v1/images/edits", body).status == 400


def test_without_an_image_detector_the_routes_say_so(tmp_path, upstream, monkeypatch):
    monkeypatch.setattr(looks, "installed", lambda: ())
    with serving(tmp_path, upstream) as gateway:
        for path in ("generations", "edits", "variations"):
            answer = gateway.post(f"/ai/v1/images/{path}", {"model": "m", "prompt": "p"})
            assert answer.status == 501
            said = answer.json()["error"]
            assert said["code"] == "image_screening_missing"
            assert "pip install 'vigie[images]'" in said["message"]


# --- attached to a conversation ---------------------------------------------------


def asked(client: openai.OpenAI, text: str, url: str) -> Any:
    content: list[Any] = [
        {"type": "text", "text": text},
        {"type": "image_url", "image_url": {"url": url}},
    ]
    messages: list[Any] = [{"role": "user", "content": content}]
    return client.chat.completions.create(model="say:Fine.", messages=messages)


def data_url(data: bytes, mime: str = "image/png") -> str:
    return f"data:{mime};base64,{base64.b64encode(data).decode()}"


def test_a_picture_in_a_conversation_is_judged_with_it(client, upstream, gateway):
    assert asked(client, "What is this?", data_url(tinted_file(GREEN))).choices
    for text, data in ((INTENT, tinted_file(GREEN)), ("What is this?", LISTED)):
        before = len(upstream.requests)
        with pytest.raises(openai.BadRequestError):
            asked(client, text, data_url(data))
        assert len(upstream.requests) == before


def test_a_picture_by_address_is_refused(client, upstream):
    upstream.files["/own.png"] = CALM
    with pytest.raises(openai.BadRequestError) as refused:
        asked(client, "What is this?", f"{upstream.url}/own.png")
    assert refusal(refused)["code"] == "image_url_not_supported"


# --- nothing is left behind -------------------------------------------------------


def small(colour: tuple[int, int, int], seed: int) -> bytes:
    return encode(tinted(colour, seed=seed).resize((96, 72)), "JPEG")


def test_no_record_of_a_picture_holds_pixels_or_words(client, upstream, gateway):
    secret, result = small(GREEN, 41), small(RED, 42)
    words = "Nobody else ever writes this sentence about a lighthouse keeper."
    upstream.on("painter", Script(pictures=(result,), revised=words + " Twice."))
    with pytest.raises(openai.BadRequestError):
        client.images.edit(model="painter", image=("a.png", secret), prompt=words)
    assert gateway.recorded().ending is Ending.CUT
    folder = Path(gateway.settings.data_dir)
    common = [picture(3), small(GREEN, 5), small(RED, 6)]
    assert find_traces(folder, [secret, result, words.encode()], common=common) == []


_WRITTEN: list[str] = []
_WATCHED = threading.Event()


def _watch(event: str, args: Any) -> None:
    """Note every file that this process opens for writing, and every temporary one."""
    if not _WATCHED.is_set():
        return
    if event.startswith("tempfile."):
        _WRITTEN.append(f"{event} {args}")
    elif event == "open" and (args[2] or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
        _WRITTEN.append(str(args[0]))


@pytest.mark.whole
def test_an_exchange_about_pictures_opens_no_file_for_writing(client, upstream, gateway, tmp_path):
    sys.addaudithook(_watch)
    upstream.on("painter", Script(pictures=(CALM, tinted_file(RED))))
    photo = ("a.png", encode(pattern(9, 1600, 1200), "PNG"))
    assert len(photo[1]) > 1 << 20
    client.images.edit(model="painter", image=("a.png", CALM), prompt="A hat.", n=2)
    gateway.recorded()
    _WATCHED.set()
    try:
        client.images.edit(model="painter", image=photo, prompt="A hat.", n=2)
        gateway.recorded()
    finally:
        _WATCHED.clear()
    assert _WRITTEN == []
    _WATCHED.set()
    (tmp_path / "x").write_text("The watch sees what is written.")
    _WATCHED.clear()
    assert [str(tmp_path / "x")] == _WRITTEN


def test_a_public_key_is_told_no_score(upstream, gateway):
    del upstream
    with (
        openai.OpenAI(base_url=gateway.v1, api_key=PUBLIC, max_retries=0) as client,
        pytest.raises(openai.BadRequestError) as stopped,
    ):
        client.images.generate(model="painter", prompt=STOPPED)
    assert not {"score", "scores", "span", "value"} & set(refusal(stopped))
