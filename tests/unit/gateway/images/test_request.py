# SPDX-License-Identifier: Apache-2.0
"""Every word and picture of an image request is read, or the request is refused."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.pictures import picture
from vigie.core.errors import InvalidInputError
from vigie.core.gateway import Feature
from vigie.gateway.images import form
from vigie.gateway.images.form import Part
from vigie.gateway.images.request import ImageRoute, read

PHOTO, MASK = picture(1), picture(2, "PNG")


def generation(**fields):
    body = {"model": "image-1", "prompt": "A red boat.", **fields}
    return read(ImageRoute.GENERATION, json.dumps(body).encode(), "application/json")


def files(*more, **texts):
    parts = [Part(name, value.encode()) for name, value in texts.items()]
    return form.write([*parts, *more])


def edit(*more, route=ImageRoute.EDIT, **texts):
    texts = {
        "model": "image-1",
        **({"prompt": "A hat."} if route is ImageRoute.EDIT else {}),
        **texts,
    }
    return read(route, *files(*more, **texts))


def file(name, data=PHOTO, mime="image/jpeg"):
    return Part(name, data, is_file=True, mime=mime)


def test_a_generation_is_written_anew_from_what_was_read():
    request = generation(n=2, size="1024x1024", user="somebody", quality="high")
    assert (request.model, request.prompt, request.count) == ("image-1", "A red boat.", 2)
    assert request.user == "somebody"
    body, kind = request.forwarded("vu_1")
    assert kind == "application/json"
    assert json.loads(body) == {
        "model": "image-1",
        "prompt": "A red boat.",
        "n": 2,
        "size": "1024x1024",
        "quality": "high",
        "user": "vu_1",
    }
    assert b"somebody" not in request.forwarded("")[0]


def test_a_picture_wanted_by_address_is_asked_for_as_data():
    request = generation(response_format="url")
    assert request.wants_url
    assert json.loads(request.forwarded("")[0])["response_format"] == "b64_json"
    assert "response_format" not in json.loads(generation().forwarded("")[0])


def test_the_filter_of_the_upstream_is_never_loosened():
    assert json.loads(generation(moderation="low").forwarded("")[0])["moderation"] == "auto"
    assert "moderation" not in json.loads(generation().forwarded("")[0])


def test_streams_and_partial_pictures_are_not_asked_for():
    request = generation(stream=True, partial_images=3)
    assert request.stream
    sent = json.loads(request.forwarded("")[0])
    assert not {"stream", "partial_images"} & set(sent)


def test_an_edit_holds_photos_mask_and_markup_for_one_judgement():
    request = edit(file("mask", MASK, "image/png"), file("markup", MASK), file("image"), n="2")
    assert [one.at for one in request.sources] == ["image", "mask", "markup"]
    assert [one.data for one in request.sources] == [PHOTO, MASK, MASK]
    assert (request.photos, request.count) == (1, 2)
    sent = form.parse(*request.forwarded(""))
    assert [(one.name, one.mime) for one in sent if one.is_file] == [
        ("image", "image/jpeg"),
        ("mask", "image/png"),
        ("markup", "image/png"),
    ]
    assert {one.name: one.data for one in sent}["mask"] == MASK
    assert {one.name: one.data for one in sent}["n"] == b"2"


def test_several_photos_keep_their_order():
    request = edit(file("image[]"), file("image[]", MASK))
    assert [one.data for one in request.sources] == [PHOTO, MASK]
    assert request.photos == 2


def test_a_variation_takes_one_photo_and_no_prompt():
    request = edit(file("image"), route=ImageRoute.VARIATION, size="256x256")
    assert (request.prompt, len(request.sources)) == ("", 1)
    for more in ([file("image"), file("image")], [file("mask")], []):
        with pytest.raises(InvalidInputError):
            edit(*more, route=ImageRoute.VARIATION)
    with pytest.raises(InvalidInputError, match="none"):
        edit(file("image"), route=ImageRoute.VARIATION, prompt="words")


@pytest.mark.parametrize(
    "fields",
    [
        {"output_format": "svg"},
        {"svg": {"model": "x"}},
        {"reasoning": "high"},
        {"negative_prompt": "words"},
        {"extra": {"prompt": "words"}},
        {"n": 0},
        {"n": 17},
        {"n": True},
        {"n": "2"},
        {"size": "words of a second prompt"},
        {"size": ["1024x1024"]},
        {"quality": 4},
        {"stream": "yes"},
        {"response_format": "file"},
        {"prompt": ""},
        {"prompt": ["a", "b"]},
        {"prompt": "x" * 32_001},
        {"model": "a model; of words"},
        {"model": None},
    ],
    ids=str,
)
def test_what_the_guard_does_not_know_is_refused(fields):
    with pytest.raises(InvalidInputError) as refused:
        generation(**fields)
    assert refused.value.http_status == 400
    assert refused.value.field


@pytest.mark.parametrize(
    ("parts", "texts"),
    [
        ([file("image"), file("photo")], {}),
        ([file("image"), file("mask"), file("mask")], {}),
        ([file("mask")], {}),
        ([], {}),
        ([file("image")], {"mask": "words"}),
        ([file("image")], {"svg[model]": "x"}),
        ([file("image")], {"prompt2": "words"}),
        ([file("image")] * 17, {}),
    ],
)
def test_forms_with_other_files_or_fields_are_refused(parts, texts):
    with pytest.raises(InvalidInputError):
        edit(*parts, **texts)


def test_a_second_prompt_is_refused():
    parts = [Part("model", b"m"), Part("prompt", b"one"), Part("prompt", b"two"), file("image")]
    with pytest.raises(InvalidInputError, match="twice"):
        read(ImageRoute.EDIT, *form.write(parts))


def test_a_file_without_a_picture_keeps_no_type_of_its_own():
    request = edit(file("image", b"<svg/>", "image/png"))
    assert request.files[0].mime == "application/octet-stream"


def test_routes_have_features_that_brakes_know():
    assert [one.feature for one in ImageRoute] == [
        Feature.IMAGE_GENERATION,
        Feature.IMAGE_EDIT,
        Feature.IMAGE_EDIT,
    ]
    assert [one.path for one in ImageRoute] == [
        "/images/generations",
        "/images/edits",
        "/images/variations",
    ]


# --- forms ------------------------------------------------------------------------

NAMES = st.text("abcdefghij_[]", min_size=1, max_size=12)
PARTS = st.builds(
    Part,
    NAMES,
    st.binary(max_size=300),
    st.booleans(),
    st.sampled_from(["image/png", "image/jpeg"]),
)


@given(st.lists(PARTS, min_size=1, max_size=6))
def test_a_form_reads_back_as_it_was_written(parts):
    parts = [one if one.is_file else one._replace(mime="") for one in parts]
    assert form.parse(*form.write(parts)) == parts


@given(st.binary(max_size=400), st.integers(0, 300))
def test_broken_forms_are_refused_and_nothing_else_is_raised(noise, at):
    body, kind = files(file("image"), prompt="words")
    for broken in (noise, body[:at], body[:at] + noise + body[at:]):
        with contextlib.suppress(InvalidInputError):
            assert form.parse(broken, kind)


def test_names_of_files_and_other_heads_do_not_pass():
    body, kind = files(file("image"))
    named = body.replace(b"file-1.jpeg", b"alphaquill.jpeg")
    (part,) = form.parse(named, kind)
    assert b"alphaquill" not in form.write([part])[0]
    odd = body.replace(b"Content-Type:", b"Content-Transfer-Encoding: base64\r\nContent-Type:")
    with pytest.raises(InvalidInputError, match="not known"):
        form.parse(odd, kind)


@pytest.mark.parametrize(
    "kind",
    ["multipart/form-data", "multipart/mixed; boundary=x", "application/json", "x" * 5000, ""],
)
def test_other_content_types_are_refused(kind):
    with pytest.raises(InvalidInputError):
        form.parse(b"--x\r\n", kind)
