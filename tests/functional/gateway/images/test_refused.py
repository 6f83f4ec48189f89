# SPDX-License-Identifier: Apache-2.0
"""What the image routes refuse or cannot judge, and pictures of conversations."""

from __future__ import annotations

import base64
import contextlib
import os
import socket
import sys
import threading
from pathlib import Path
from typing import Any

import openai
import pytest

from tests.support.gateway import (
    PUBLIC,
    STOPPED,
    TRUSTED,
    conf,
    serving,
)
from tests.support.gateway_pictures import CALM, INTENT, LISTED, long, parts, refusal
from tests.support.image_detectors import BLUE, GREEN, RED, tinted, tinted_file
from tests.support.pictures import encode, pattern, picture, png_bomb
from tests.support.traces import find_traces
from tests.support.upstream_script import Script, fail
from vigie.core.gateway import Brake, Ending, Feature, OnFailure, Profile, Stage
from vigie.gateway.images import route
from vigie.gateway.images.form import Part, write
from vigie.screening.media import looks


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


def test_a_body_that_does_not_arrive_keeps_no_turn(gateway, monkeypatch):
    monkeypatch.setattr(route, "BODY_SECONDS", 0.2)
    head = (
        "POST /ai/v1/images/generations HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n"
        f"authorization: Bearer {TRUSTED}\r\n\r\n{{"
    )
    with contextlib.ExitStack() as stack:
        slow = []
        for _ in range(route.TOGETHER):
            one = socket.create_connection(("127.0.0.1", gateway.port), timeout=10)
            slow.append(stack.enter_context(one))
            one.sendall(head.encode())
        assert {one.recv(4_096)[:12] for one in slow} == {b"HTTP/1.1 408"}


def test_a_brake_does_not_wait_for_a_picture_under_way(gateway, upstream):
    upstream.on("slow", Script(wait=30.0))
    brakes = [Brake(number=1, feature=Feature.IMAGE_GENERATION, reason="An exercise.")]
    pulled = threading.Timer(0.3, gateway.publish, kwargs={"brakes": brakes, **parts()})
    pulled.start()
    answer = gateway.post("/ai/v1/images/generations", {"model": "slow", "prompt": "A hat."})
    pulled.join()
    gateway.publish(**parts())
    assert answer.status == 403
    assert gateway.recorded().ending is Ending.BRAKED


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
