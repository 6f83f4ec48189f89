# SPDX-License-Identifier: Apache-2.0
"""Requests to the image routes, read: every word and every picture, or refused.

Fields are known one by one; what is not known is refused, never passed. The
upstream is sent a request written anew from what was read here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, Final

import msgspec

from vigie.core.errors import InvalidInputError
from vigie.core.gateway import Feature
from vigie.gateway.dialects.openai import MOST_CHOICES, country_of, read_object, user_of
from vigie.gateway.images import form
from vigie.gateway.images.form import Part
from vigie.gateway.pictures import MAX_PICTURES, Source, check_count
from vigie.screening.media.formats import sniff

MAX_PROMPT: Final = 32_000
"""Characters, as the interface has it for its newest models."""
FILES: Final = ("image", "image[]", "mask", "markup")
TOKENS: Final = frozenset(
    "background complexity input_fidelity output_format quality response_format size style".split()
)
NUMBERS: Final = frozenset(("frame_count", "frame_duration_ms", "n", "output_compression"))
OURS: Final = frozenset(
    "metadata moderation model partial_images prompt safety_identifier stream user".split()
)
PHOTO_FIRST: Final = ("image", "image[]")
_TOKEN: Final = re.compile(r"[A-Za-z0-9_.:-]{1,64}", re.ASCII)
_MODEL: Final = re.compile(r"[A-Za-z0-9_.:/@+-]{1,256}", re.ASCII)
_YES: Final = {"true": True, "false": False}


class ImageRoute(StrEnum):
    """The three routes, as records name them."""

    GENERATION = "images_generations"
    EDIT = "images_edits"
    VARIATION = "images_variations"

    @property
    def path(self) -> str:
        """Behind the upstream's base address."""
        return "/" + self.value.replace("_", "/")

    @property
    def feature(self) -> Feature:
        """What a brake stops it as."""
        return Feature.IMAGE_GENERATION if self is ImageRoute.GENERATION else Feature.IMAGE_EDIT

    @property
    def event(self) -> str:
        """The event of a stream that carries a finished picture."""
        kind = "generation" if self is ImageRoute.GENERATION else "edit"
        return f"image_{kind}.completed"


class ImageRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request, read."""

    route: ImageRoute
    model: str
    prompt: str = ""
    sources: tuple[Source, ...] = ()
    """Every picture: photos first, then mask and markup."""
    photos: int = 0
    """How many of the pictures are photos."""
    count: int = 1
    wants_url: bool = False
    stream: bool = False
    user: str = ""
    country: str = ""
    fields: Mapping[str, str | int] = {}
    """What is forwarded beside model, prompt and pictures."""
    files: tuple[Part, ...] = ()

    def forwarded(self, user: str) -> tuple[bytes, str]:
        """Return body and content type for the upstream; `user`: a pseudonym, or empty."""
        said: dict[str, str | int] = {"model": self.model, **self.fields}
        if self.prompt:
            said["prompt"] = self.prompt
        if user and self.user:
            said["user"] = user
        if self.route is ImageRoute.GENERATION:
            return msgspec.json.encode(said), "application/json"
        texts = [Part(name, str(value).encode()) for name, value in said.items()]
        return form.write([*texts, *self.files])


def read(route: ImageRoute, body: bytes, content_type: str) -> ImageRequest:
    """Read a request. Raises InvalidInputError (400) naming the field."""
    if route is ImageRoute.GENERATION:
        return _request(route, read_object(body), ())
    parts = form.parse(body, content_type)
    return _request(route, _texts(parts), [one for one in parts if one.is_file])


def _texts(parts: Iterable[Part]) -> dict[str, Any]:
    """Return the fields of text of a form, numbers and switches as such."""
    found: dict[str, Any] = {}
    for part in parts:
        if part.is_file:
            continue
        if part.name in found:
            raise _wrong(part.name, "It is there twice.")
        if part.name in FILES:
            raise _wrong(part.name, "It must be a file.")
        found[part.name] = _value(part)
    return found


def _value(part: Part) -> Any:
    text = part.text
    if part.name in NUMBERS or part.name == "partial_images":
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else text
    if part.name == "stream":
        return _YES.get(text, text)
    return text


def _request(route: ImageRoute, body: Mapping[str, Any], files: Iterable[Part]) -> ImageRequest:
    fields = {name: value for name, value in body.items() if value is not None}
    for name in fields:
        _check_known(name)
    sources, kept = _pictures(route, files)
    return ImageRequest(
        route=route,
        model=_model(fields.get("model")),
        prompt=_prompt(route, fields.get("prompt")),
        sources=sources,
        photos=sum(one.name in PHOTO_FIRST for one in kept),
        count=_count(fields.get("n", 1)),
        wants_url=fields.get("response_format") == "url",
        stream=_switch("stream", fields.get("stream", False)),
        user=user_of(fields),
        country=country_of(fields),
        fields=_forwarded(fields),
        files=kept,
    )


def _check_known(name: str) -> None:
    if name == "svg" or name.startswith(("svg[", "reasoning")):
        raise _wrong(name, "Pictures made of commands (SVG) are not screened.")
    if name not in TOKENS | NUMBERS | OURS:
        raise _wrong(name, "This field is not known to the guard.")


def _model(value: Any) -> str:
    if not isinstance(value, str) or _MODEL.fullmatch(value) is None:
        raise _wrong("model", "It must be the name of a model.")
    return value


def _prompt(route: ImageRoute, value: Any) -> str:
    if route is ImageRoute.VARIATION:
        if value:
            raise _wrong("prompt", "This route takes none.")
        return ""
    if not isinstance(value, str) or not value.strip() or len(value) > MAX_PROMPT:
        raise _wrong("prompt", f"It must be a text of 1 to {MAX_PROMPT} characters.")
    return value


def _count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST_CHOICES:
        raise _wrong("n", f"It must be a whole number from 1 to {MOST_CHOICES}.")
    return value


def _switch(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise _wrong(name, "It must be true or false.")
    return value


def _forwarded(fields: Mapping[str, Any]) -> dict[str, str | int]:
    """Return what goes along; a picture that a client wants by address is asked for as data.

    `moderation` becomes `auto`: the upstream's own filter is never loosened.
    """
    found: dict[str, str | int] = {}
    for name, value in fields.items():
        if name in TOKENS:
            found[name] = _token(name, value)
        elif name in NUMBERS:
            found[name] = _number(name, value)
    if "response_format" in found:
        if found["response_format"] not in ("url", "b64_json"):
            raise _wrong("response_format", "It must be url or b64_json.")
        found["response_format"] = "b64_json"
    if found.get("output_format") == "svg":
        raise _wrong("output_format", "Pictures made of commands (SVG) are not screened.")
    if "moderation" in fields:
        found["moderation"] = "auto"
    return found


def _token(name: str, value: Any) -> str:
    if not isinstance(value, str) or _TOKEN.fullmatch(value) is None:
        raise _wrong(name, "It must be a short name.")
    return value


def _number(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 1_000_000:
        raise _wrong(name, "It must be a whole number.")
    return value


def _pictures(
    route: ImageRoute, files: Iterable[Part]
) -> tuple[tuple[Source, ...], tuple[Part, ...]]:
    """Return the pictures to be looked at, photos first, and their fields for the upstream."""
    found = sorted(files, key=lambda one: one.name not in PHOTO_FIRST)
    check_count(len(found), "image")
    names = [one.name for one in found]
    wanted = FILES if route is ImageRoute.EDIT else ("image",)
    for name in names:
        if name not in wanted or (name in ("mask", "markup") and names.count(name) > 1):
            raise _wrong(name, "This file is not known to the guard.")
    if route is not ImageRoute.GENERATION and not set(names) & set(PHOTO_FIRST):
        raise _wrong("image", "It is missing.")
    if route is ImageRoute.VARIATION and len(names) > 1:
        raise _wrong("image", f"This route takes one, not {len(names)}.")
    # The type is what the first bytes say: what is judged is what is forwarded.
    kept = [one._replace(mime=sniff(one.data) or "application/octet-stream") for one in found]
    return tuple(Source(one.data, one.name) for one in found), tuple(kept)


def _wrong(name: str, message: str) -> InvalidInputError:
    return InvalidInputError(
        message,
        code="invalid_value",
        field=name,
        fix=f"See the reference of the image routes; at most {MAX_PICTURES} pictures.",
        http_status=400,
    )
