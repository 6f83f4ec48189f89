# SPDX-License-Identifier: Apache-2.0
"""Judging of prompts, answers and windows: `screening.judge`, many at a time.

Windows and prompts that come in together share one call. A verdict needs nothing but
the request and the Snapshot: scores of earlier turns are remembered by what was said
and under which Snapshot, and may be lost at any time.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from itertools import groupby
from operator import attrgetter
from typing import Final, NamedTuple

import msgspec

from vigie.core.actions import Outcome
from vigie.core.clock import Clock
from vigie.core.decision import Decision
from vigie.core.item import Author, Context, Item, Media, MediaFacts, Subject, Surface
from vigie.gateway.dialects.base import Part
from vigie.machine.bench import Bench
from vigie.machine.turns import Turns
from vigie.screening.decode import decode
from vigie.screening.judge import judge
from vigie.screening.snapshot import Snapshot

STOPS: Final = (Outcome.WITHHOLD, Outcome.REMOVE)
LONGEST: Final = 4_000
"""Characters that are judged as one text; longer ones in parts that overlap."""
OVERLAP: Final = 200
MOST_CHARS: Final = 1_000_000
"""Of a whole conversation."""
GROUP: Final = 32
"""Texts of one call of the judge, where they are short."""
UNIT: Final = 400
"""Characters that count as one more text where a call of the judge is filled."""
DECODED: Final = 16
"""Parts of a long text whose encodings are looked for before others have their turn."""
REMEMBERED: Final = 20_000
CONJUNCT: Final = frozenset({"minor_reference", "sexual"})
"""Labels of which two meet over a whole exchange, however far apart."""
LATE_TURNS: Final = 32
"""Turns whose every score is carried on; of older ones the conjunction alone."""

_ESCAPE: Final = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_MARKS: Final = {"n": "\n", "t": "\t", "r": "\r", "b": " ", "f": " "}

_TURN: Final = attrgetter("turn")

Scores = tuple[tuple[str, float], ...]


class Ask(NamedTuple):
    """What is to be judged, and the name of the decision."""

    subject: Subject
    name: str


class Who(NamedTuple):
    """On whose behalf: what every item of an exchange says."""

    service: str
    user: str
    country: str
    """Empty: unknown, so every country served."""
    model: str


class Verdict(NamedTuple):
    """What was decided about one side of an exchange."""

    subject: Subject
    """What the decision is about: where something stops, that part of the text."""
    decision: Decision
    scores: Scores
    """Labels and values of everything that was judged."""

    @property
    def stops(self) -> bool:
        """Say whether it may not pass."""
        return stops(self.decision)


def stops(decision: Decision) -> bool:
    """Say whether what was judged may not pass."""
    return decision.outcome in STOPS


class Judge:
    """The judge of one process, with what it remembers of earlier turns."""

    def __init__(self, clock: Clock, turns: Turns | None = None) -> None:
        self._clock = clock
        self._remembered: dict[bytes, Scores] = {}
        self._under = -1
        self.bench: Bench[Ask, Decision] = Bench(self._judge, turns, weight)

    def _judge(self, asked: Sequence[Ask], snapshot: Snapshot) -> list[Decision]:
        subjects = [one.subject for one in asked]
        names = iter([one.name for one in asked])
        return judge(subjects, snapshot, self._clock.now_ms(), names)

    async def all_of(self, asked: Sequence[Ask], snapshot: Snapshot) -> list[Decision]:
        """Return a decision for each; long lists in groups, so that others go on."""
        made: list[Decision] = []
        for group in _groups(asked):
            if made:
                await asyncio.sleep(0)
            made += await self.bench.ask(group, snapshot)
        return made

    async def prompt(
        self,
        parts: Sequence[Part],
        media: tuple[MediaFacts, ...],
        who: Who,
        name: str,
        snapshot: Snapshot,
    ) -> Verdict:
        """Judge a whole conversation; the decision is about its newest turn, or what stops."""
        turns = _turns(parts) or [""]
        earlier = await self._earlier(turns[:-1], who, name, snapshot)
        if isinstance(earlier, Verdict):
            return earlier
        made = await self._text(
            turns[-1], Surface.AI_PROMPT, who, name, snapshot, earlier, media=media
        )
        if not (earlier or media or made.stops or made.decision.blind):
            # What came of pictures or of other turns says nothing about these words.
            self._remember(_key(turns[-1], who, snapshot), made.scores)
        return made

    async def answer(
        self,
        text: str,
        who: Who,
        name: str,
        snapshot: Snapshot,
        earlier: Scores,
        media: tuple[MediaFacts, ...] = (),
    ) -> Verdict:
        """Judge a whole answer, or one picture with the words that came with it."""
        return await self._text(text, Surface.AI_OUTPUT, who, name, snapshot, earlier, media=media)

    async def _earlier(
        self, turns: Sequence[str], who: Who, name: str, snapshot: Snapshot
    ) -> Scores | Verdict:
        """Return what earlier turns said, oldest first; a verdict where one of them stops."""
        if self._under != snapshot.number:
            self._remembered.clear()
            self._under = snapshot.number
        keys = [_key(text, who, snapshot) for text in turns]
        said = zip(keys, turns, strict=True)
        new = {key: text for key, text in said if key not in self._remembered}
        stopped = await self._new_turns(new, who, name, snapshot)
        if stopped is not None:
            return stopped
        return _carried([self._remembered.get(key, ()) for key in keys])

    async def _new_turns(
        self, turns: Mapping[bytes, str], who: Who, name: str, snapshot: Snapshot
    ) -> Verdict | None:
        """Judge turns that are not remembered, together; return what stops, if something does."""
        pieces = [(key, one) for key, text in turns.items() for one in await _readings(text)]
        subjects = [subject(one, Surface.AI_PROMPT, who, name, ()) for _, one in pieces]
        made = await self.all_of([Ask(one, name) for one in subjects], snapshot)
        by_turn: dict[bytes, list[Decision]] = {}
        for (key, _), about, decision in zip(pieces, subjects, made, strict=True):
            if stops(decision) or decision.blind:
                return Verdict(about, decision, scores_of(made))
            by_turn.setdefault(key, []).append(decision)
        for key, decisions in by_turn.items():
            self._remember(key, scores_of(decisions))
        return None

    async def _text(
        self,
        text: str,
        surface: Surface,
        who: Who,
        name: str,
        snapshot: Snapshot,
        earlier: Scores,
        media: tuple[MediaFacts, ...] = (),
    ) -> Verdict:
        pieces = await _readings(text)
        subjects = [subject(piece, surface, who, name, earlier) for piece in pieces]
        if media:
            # With each part of a long text: what it asks for may stand far from its start.
            subjects = [with_media(one, media) for one in subjects]
        asked = [Ask(one, name) for one in subjects]
        made = await self.all_of(asked, snapshot)
        if len(made) > 1 and not any(stops(one) for one in made):
            # What stands in one part may meet what stands in another.
            beside = tuple(one for one in scores_of(made) if one[0] in CONJUNCT)
            last = msgspec.structs.replace(subjects[0], earlier=(*earlier, *beside))
            subjects.append(last)
            made += await self.all_of([Ask(last, name)], snapshot)
        at = next((n for n, one in enumerate(made) if stops(one)), None)
        if at is None:
            at = next((n for n, one in enumerate(made) if one.blind), len(made) - 1)
        return Verdict(subjects[at], made[at], scores_of(made))

    def _remember(self, key: bytes, scores: Scores) -> None:
        if len(self._remembered) >= REMEMBERED:
            for old in [*self._remembered][: REMEMBERED // 2]:
                del self._remembered[old]
        self._remembered[key] = scores


def subject(
    text: str, surface: Surface, who: Who, name: str, earlier: Scores, stretch: str = ""
) -> Subject:
    """Return one text of an exchange as an item that the gateway asks about."""
    item = Item(
        id=name + stretch,
        surface=surface,
        author=Author(id=who.user),
        service=who.service,
        text=text,
        countries=[who.country] if who.country else None,
        context=Context(generated_by=who.model) if surface is Surface.AI_OUTPUT else None,
    )
    return Subject(item, gateway=True, earlier=earlier)


def with_media(of: Subject, media: tuple[MediaFacts, ...]) -> Subject:
    """Return a text with pictures as an item that the gateway asks about: hashes, no bytes."""
    named = [Media(sha256=one.sha256, mime=one.mime) for one in media]
    item = msgspec.structs.replace(of.item, media=named)
    return msgspec.structs.replace(of, item=item, media=media)


def newest(parts: Sequence[Part]) -> str:
    """Return the text of the newest turn."""
    turns = _turns(parts)
    return turns[-1] if turns else ""


def _turns(parts: Sequence[Part]) -> list[str]:
    return [
        "\n".join([part.text for part in group])
        for _, group in groupby(sorted(parts, key=_TURN), key=_TURN)
    ]


def variants(text: str) -> list[str]:
    """Return a stretch of an answer in every form in which it may be read."""
    found = [text]
    if "\\" in text:
        unescaped = _unescaped(text)
        if unescaped != text:
            found.append(unescaped)
    found += [one.text for one in decode(text).texts]
    return found


def _unescaped(text: str) -> str:
    """Return the arguments of a call as they will be read: escapes of JSON undone."""
    return _ESCAPE.sub(_plain, text)


def _plain(found: re.Match[str]) -> str:
    code, mark = found.groups()
    if code is None:
        return _MARKS.get(mark, mark)
    value = int(code, 16)
    return " " if 0xD800 <= value < 0xE000 else chr(value)


def scores_of(decisions: Iterable[Decision]) -> Scores:
    """Return the highest value of every label, in the order in which they were found."""
    found: dict[str, float] = {}
    for decision in decisions:
        for one in decision.signals:
            if one.status == "ok" and one.value > found.get(one.label, 0.0):
                found[one.label] = one.value
    return tuple(found.items())


def _carried(turns: Sequence[Scores]) -> Scores:
    late = len(turns) - LATE_TURNS
    return tuple(
        one for n, scores in enumerate(turns) for one in scores if n >= late or one[0] in CONJUNCT
    )


async def _readings(text: str) -> list[str]:
    """Return a text in parts, and what its parts say once their encodings are taken off."""
    pieces = [*_pieces(text)]
    found = list(pieces)
    for number, piece in enumerate(pieces, 1):
        found += [one.text for one in decode(piece).texts]
        if not number % DECODED:
            await asyncio.sleep(0)
    return found


def weight(asked: Ask) -> int:
    """Return how much of a call of the judge a text takes: long ones must not hold the loop."""
    return 1 + len(asked.subject.item.text or "") // UNIT


def _groups(asked: Sequence[Ask]) -> Iterator[list[Ask]]:
    """Yield what is judged in one call."""
    group: list[Ask] = []
    size = 0
    for one in asked:
        mine = weight(one)
        if group and size + mine > GROUP:
            yield group
            group, size = [], 0
        group.append(one)
        size += mine
    if group:
        yield group


def _pieces(text: str) -> Iterator[str]:
    if len(text) <= LONGEST:
        yield text
        return
    for at in range(0, len(text) - OVERLAP, LONGEST - OVERLAP):
        yield text[at : at + LONGEST]


def _key(text: str, who: Who, snapshot: Snapshot) -> bytes:
    """Return the name of what was said under one Snapshot, in one service and country."""
    said = f"{snapshot.number}\n{who.service}\n{who.country}\n{text}"
    return blake2b(said.encode("utf-8", "surrogatepass"), digest_size=16).digest()
