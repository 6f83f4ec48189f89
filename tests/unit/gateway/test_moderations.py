# SPDX-License-Identifier: Apache-2.0
"""What a request for a judgement asks about, and where its pictures come from."""

from __future__ import annotations

import asyncio
import json
from concurrent.futures import Future
from itertools import pairwise
from typing import Any

import pytest

from tests.support.pictures import picture
from tests.support.screening import NOW, planted, snapshot
from vigie.core.decision import Signal
from vigie.core.errors import InvalidInputError, OutsideError
from vigie.core.item import MediaFacts, Surface
from vigie.gateway import moderations
from vigie.gateway.judging import LONGEST, OVERLAP, Judge, Who
from vigie.gateway.moderations import Input, Moderations, Terms, read, surface_of
from vigie.gateway.pictures import Pictures
from vigie.screening.detectors.image import NUDITY
from vigie.screening.media.protocol import Looked

URL = "https://pictures.example/x.png"


class Clock:
    def now_ms(self):
        return NOW


class Looks:
    """Looks at everything at once and sees nothing in it."""

    loaded = True

    def __init__(self):
        self.seen: list[bytes] = []

    def look(self, data, mime=None):
        self.seen.append(data)
        signal = Signal(detector="d", version="1", label=NUDITY, value=0.0)
        future: Future[Looked] = Future()
        future.set_result(Looked(frames=(MediaFacts(status="ok", seen=(signal,)),)))
        return future


def asked(value):
    return read(json.dumps({"input": value}).encode())


def by_address(url=URL):
    return asked([{"type": "image_url", "image_url": {"url": url}}])


def answer(inputs: list[Input], *hosts: str, looks: Any = None) -> dict[str, Any]:
    terms = Terms(
        snapshot([], planted()), Who("default", "", "", ""), Surface.AI_PROMPT, True, 5_000
    )
    fake: Any = looks or Looks()
    pictures = Pictures(fake)

    async def ask() -> dict[str, Any]:
        return await Moderations(Judge(Clock()), pictures, hosts).answer(inputs, terms)

    return asyncio.run(ask())


def test_texts_arrays_and_parts_are_told_apart():
    assert asked("a") == [Input("a")]
    assert asked(["a", "b"]) == [Input("a"), Input("b")]
    (joint,) = asked([{"type": "text", "text": "a"}, {"type": "text", "text": "b"}])
    assert joint == Input("a\nb")
    assert by_address()[0].pictures[0].at == "input[0]"


def test_a_picture_is_fetched_from_a_host_that_the_operator_named(monkeypatch):
    fetched: list[str] = []

    def fetch(url, *, hosts):
        assert hosts == (".example",)
        fetched.append(url)
        return picture(1)

    monkeypatch.setattr(moderations, "fetch_picture", fetch)
    looks = Looks()
    (result,) = answer(by_address(), ".example", looks=looks)["results"]
    assert result["flagged"] is False
    assert (fetched, looks.seen) == ([URL], [picture(1)])
    with pytest.raises(InvalidInputError) as refused:
        answer(by_address("https://elsewhere.invalid/x.png"), ".example")
    assert refused.value.code == "image_url_not_allowed"
    assert fetched == [URL]


def test_what_is_not_to_be_had_is_the_askers_to_mend(monkeypatch):
    def fetch(url, *, hosts):
        raise OutsideError("Gone.", code="gone")

    monkeypatch.setattr(moderations, "fetch_picture", fetch)
    with pytest.raises(InvalidInputError) as refused:
        answer(by_address(), "pictures.example")
    assert refused.value.code == "image_url_failed"


@pytest.mark.parametrize("length", [0, 1, LONGEST, LONGEST + 1, 3 * LONGEST, 3 * LONGEST + 17])
def test_every_character_is_in_a_piece_and_pieces_overlap(length):
    text = "".join(chr(97 + n % 26) for n in range(length))
    pieces = [(at, one) for at, one in moderations._pieces(text) if at is not None]
    covered: set[int] = set()
    for at, one in pieces:
        assert text[at : at + len(one)] == one
        covered |= set(range(at, at + len(one)))
    assert covered == set(range(length))
    for (at, one), (after, _) in pairwise(pieces):
        assert at + len(one) - after >= OVERLAP


def test_surfaces_are_named_or_refused():
    assert surface_of("") is Surface.AI_PROMPT
    assert surface_of("post") is Surface.POST
    with pytest.raises(InvalidInputError):
        surface_of("message")
