# SPDX-License-Identifier: Apache-2.0
"""`/ai/v1/moderations`: our judgement of texts and pictures, in OpenAI's words.

A text is one result, an array of texts one each, an array of parts one for all of it.
Trusted keys see scores and spans; with public keys a score only repeats its flag. The
call is counted and nothing of it is recorded: nothing was published, nothing stopped.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import msgspec
from starlette.types import Receive, Send
from starlette.types import Scope as AsgiScope

from vigie.core.decision import Decision
from vigie.core.errors import InvalidInputError, RefusedError, VigieError
from vigie.core.gateway import Feature
from vigie.core.item import MediaFacts, Surface
from vigie.exchange.fetch import fetch_picture, is_allowed
from vigie.gateway.call import Call
from vigie.gateway.caller import Caller
from vigie.gateway.dialects.base import Picture
from vigie.gateway.dialects.openai import read_object
from vigie.gateway.inline import combined, model_name
from vigie.gateway.judging import (
    CONJUNCT,
    LONGEST,
    MOST_CHARS,
    OVERLAP,
    Ask,
    Judge,
    Who,
    scores_of,
    stops,
    subject,
    variants,
)
from vigie.gateway.labels import Findings
from vigie.gateway.pictures import INLINE, MAX_PICTURES, Pictures, Source, not_judged, source
from vigie.gateway.services import Gateway
from vigie.machine.http import read_body, send_json
from vigie.screening.snapshot import Snapshot

PATH: Final = "/ai/v1/moderations"
MAX_BODY: Final = 24 << 20
MAX_TEXTS: Final = 256
SURFACE: Final = b"vigie-surface"
SURFACES: Final = {one.value: one for one in (Surface.AI_PROMPT, Surface.AI_OUTPUT, Surface.POST)}
_KNOWN: Final = frozenset({"input", "model"})
_WEB: Final = ("https://", "http://")
_OURS: Final = "vigie"


class Input(NamedTuple):
    """What is to be judged together."""

    text: str
    pictures: tuple[Picture, ...] = ()


class Terms(NamedTuple):
    """Under what is judged, and how much is told."""

    snapshot: Snapshot
    who: Who
    surface: Surface
    trusted: bool
    budget_ms: int


class _Verdicts(NamedTuple):
    """Decisions on the pieces of one input, and where each piece begins in it."""

    decisions: Sequence[Decision]
    starts: Sequence[int | None]


def read(raw: bytes) -> list[Input]:
    """Return what a request asks about. Raises InvalidInputError (400) naming the field."""
    body = read_object(raw)
    if unknown := sorted(set(body) - _KNOWN):
        raise _wrong(unknown[0], "This field is not known.")
    found = _inputs(body.get("input"))
    if sum(len(one.text) for one in found) > MOST_CHARS:
        raise _wrong("input", f"It has more than {MOST_CHARS:,} characters.")
    return found


def surface_of(header: str) -> Surface:
    """Return as what something is judged: a prompt, unless the header says otherwise."""
    known = SURFACES.get(header or Surface.AI_PROMPT.value)
    if known is None:
        raise InvalidInputError(
            "This surface is not known.",
            code="invalid_value",
            field="Vigie-Surface",
            fix=f"Send one of {', '.join(SURFACES)}.",
            http_status=400,
        )
    return known


def _inputs(value: Any) -> list[Input]:
    if isinstance(value, str):
        return [Input(value)]
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_TEXTS:
        raise _wrong("input", f"It must be a text or a list of 1 to {MAX_TEXTS} of them.")
    if all(isinstance(one, str) for one in value):
        return [Input(one) for one in value]
    return [_joint(value)]


def _joint(parts: Sequence[Any]) -> Input:
    texts: list[str] = []
    pictures: list[Picture] = []
    for number, part in enumerate(parts):
        at = f"input[{number}]"
        match part:
            case {"type": "text", "text": str() as text}:
                texts.append(text)
            case {"type": "image_url", "image_url": {"url": str() as url}}:
                pictures.append(Picture(url, at))
            case _:
                raise _wrong(at, "It must be a part of type text or image_url.")
    if len(pictures) > MAX_PICTURES:
        raise _wrong("input", f"It holds more than {MAX_PICTURES} pictures.")
    return Input("\n".join(texts), tuple(pictures))


class Moderations:
    """Answers requests for judgements. One per process."""

    def __init__(self, judge: Judge, pictures: Pictures, media_hosts: Sequence[str] = ()) -> None:
        self._judge = judge
        self._pictures = pictures
        self._hosts = tuple(media_hosts)

    async def answer(self, inputs: Sequence[Input], terms: Terms) -> dict[str, Any]:
        """Return the answer's body.

        Raises InvalidInputError where a picture is none or lies where the operator
        does not fetch from, UnavailableError where something could not be judged.
        """
        media = [await self._facts(one.pictures, terms.budget_ms) for one in inputs]
        found = await self._judged(inputs, media, terms)
        return {
            "id": f"modr-{secrets.token_hex(12)}",
            "model": model_name(terms.snapshot),
            "results": [_result(one, each, terms) for one, each in zip(inputs, found, strict=True)],
        }

    async def endpoint(
        self, gateway: Gateway, scope: AsgiScope, receive: Receive, send: Send
    ) -> None:
        """Answer one request; counted with the key, recorded without content."""
        caller = Caller.of(gateway, scope)
        raw = await read_body(receive, caller.headers, MAX_BODY)
        inputs = await asyncio.to_thread(read, raw) if len(raw) > INLINE else read(raw)
        surface = surface_of(caller.headers.text(SURFACE))
        country, chars = caller.country(""), sum(len(one.text) for one in inputs)
        call = Call(gateway, caller, Feature.MODERATION, "moderations")
        pictures = sum(len(one.pictures) for one in inputs)
        call.note(country=country, prompt_chars=chars, images=pictures)
        trusted, budget = caller.key.trusted, caller.profile.image_ms
        terms = Terms(caller.snapshot, caller.who("", country, ""), surface, trusted, budget)
        async with call.counted():
            body = await self.answer(inputs, terms)
            call.note(judged_chars=chars)
        await send_json(send, 200, msgspec.json.encode(body))

    async def _facts(self, pictures: Sequence[Picture], budget_ms: int) -> tuple[MediaFacts, ...]:
        if not pictures:
            return ()
        self._pictures.check()
        sources = [await self._source(one) for one in pictures]
        return await self._pictures.look(sources, budget_ms)

    async def _source(self, picture: Picture) -> Source:
        if not picture.url.lower().startswith(_WEB):
            return await source(picture)
        if not is_allowed(picture.url, self._hosts):
            raise InvalidInputError(
                "Pictures are not fetched from this host.",
                code="image_url_not_allowed",
                field=picture.at,
                fix="Send the picture as a data URL, or have its host named in VIGIE_MEDIA_HOSTS.",
                http_status=400,
            )
        try:
            data = await asyncio.to_thread(fetch_picture, picture.url, hosts=self._hosts)
        except (RefusedError, VigieError) as problem:
            raise InvalidInputError(
                "The picture is not to be had at its address.",
                code="image_url_failed",
                field=picture.at,
                fix="Send the picture as a data URL.",
                http_status=400,
                diagnostics=problem.code,
            ) from problem
        return Source(data, picture.at)

    async def _judged(
        self, inputs: Sequence[Input], media: Sequence[tuple[MediaFacts, ...]], terms: Terms
    ) -> list[_Verdicts]:
        """Judge every piece of every input, many in one call."""
        asked: list[Ask] = []
        owners: list[int] = []
        starts: list[int | None] = []
        for number, one in enumerate(inputs):
            for n, (start, text) in enumerate(_pieces(one.text)):
                made = subject(text, terms.surface, terms.who, f"moderation-{number}", ())
                if media[number] and not n:
                    made = msgspec.structs.replace(made, media=media[number])
                asked.append(Ask(made, _name()))
                owners.append(number)
                starts.append(start)
        decisions = await self._judge.all_of(asked, terms.snapshot)
        found = [_Verdicts([], []) for _ in inputs]
        for owner, start, decision in zip(owners, starts, decisions, strict=True):
            found[owner] = _Verdicts(
                [*found[owner].decisions, decision], [*found[owner].starts, start]
            )
        return [
            await self._met(each, asked[owners.index(number)], terms.snapshot)
            for number, each in enumerate(found)
        ]

    async def _met(self, found: _Verdicts, first: Ask, snapshot: Snapshot) -> _Verdicts:
        """Add what pieces of one input say together, where none of them says it alone."""
        if len(found.decisions) < 2 or any(stops(one) for one in found.decisions):
            return found
        beside = tuple(one for one in scores_of(found.decisions) if one[0] in CONJUNCT)
        if len(beside) < len(CONJUNCT):
            return found
        last = msgspec.structs.replace(first.subject, earlier=beside)
        made = await self._judge.bench.ask([Ask(last, _name())], snapshot)
        return _Verdicts([*found.decisions, *made], [*found.starts, None])


def _name() -> str:
    """Return a name for a decision that nothing records."""
    return f"{_OURS}-0-{secrets.token_hex(5)}"


def _pieces(text: str) -> list[tuple[int | None, str]]:
    """Return a text in parts, with their places, and what they say decoded, without."""
    found: list[tuple[int | None, str]] = []
    for at in range(0, max(1, len(text) - OVERLAP), LONGEST - OVERLAP):
        part, *others = variants(text[at : at + LONGEST])
        found.append((at, part))
        found += [(None, other) for other in others]
    return found


def _result(asked: Input, found: _Verdicts, terms: Terms) -> dict[str, Any]:
    if any(one.blind for one in found.decisions):
        raise not_judged("detector_failed")
    said = combined(found.decisions, terms.snapshot, trusted=terms.trusted, surface=terms.surface)
    result = _written(said, _kinds(asked))
    if terms.trusted:
        result[_OURS] = {"flagged": list(said.flagged), "spans": _spans(found)}
    else:
        result[_OURS] = {"flagged": list(said.flagged)}
    return result


def _kinds(asked: Input) -> frozenset[str]:
    text = {"text"} if asked.text else set()
    return frozenset(text | ({"image"} if asked.pictures else set()))


def _written(said: Findings, kinds: frozenset[str]) -> dict[str, Any]:
    """Return findings as the interface has them; kinds of input that were not sent left out.

    The official client wants a number for every score: a category for which nothing
    looks is null as a flag, 0 as a score.
    """
    return {
        "flagged": bool(said.flagged),
        "categories": said.categories,
        "category_scores": {name: score or 0.0 for name, score in said.scores.items()},
        "category_applied_input_types": {
            name: [kind for kind in found if kind in kinds] for name, found in said.inputs.items()
        },
    }


def _spans(found: _Verdicts) -> list[dict[str, Any]]:
    """Return where in the text as sent something was found; counted in code points."""
    spans = {
        (signal.label, signal.span[0] + start, signal.span[1] + start)
        for decision, start in zip(found.decisions, found.starts, strict=True)
        for signal in decision.signals
        if signal.span is not None and start is not None
    }
    return [{"label": label, "start": low, "end": high} for label, low, high in sorted(spans)]


def _wrong(name: str, message: str) -> InvalidInputError:
    return InvalidInputError(
        message,
        code="invalid_value",
        field=name,
        fix="Send input: a text, a list of texts, or a list of parts.",
        http_status=400,
    )
