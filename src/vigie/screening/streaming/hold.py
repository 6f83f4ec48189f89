# SPDX-License-Identifier: Apache-2.0
"""Which text of one channel may still be, or is, part of what the lists name.

Follows the coarse form of the text through the automaton. Where a string is met in
that form, the normaliser reads the place once enough has followed to be sure of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from vigie.screening.normalise import Normalised, normalise
from vigie.screening.streaming.forms import FORMS
from vigie.screening.streaming.reading import LOOK, Found, read
from vigie.screening.streaming.tail import Tail
from vigie.screening.streaming.terms import Group, StreamTerms

REACH: Final = 2_048
"""Characters over which one term, disguised or not, is followed."""
_PIECE: Final = 256
"""Characters followed before places are read: a place is read with little behind it."""
_AGAIN: Final = 12
"""Signs after which a pattern that waits for more words is read again."""

_WORDS = re.compile(r"(?!([a-z])\1*(?![a-z]))(?:[a-z]{2,}[\s,;:.?-]+)+", re.ASCII | re.IGNORECASE)
"""Plain words that have ended. Not where one letter alone begins: a run of one letter
may begin before the word that counts."""
_CLOSING = frozenset(" \t\n.,;:?-")


@dataclass(slots=True, eq=False)
class Place:
    """Where a string was met in its coarse form."""

    group: Group
    start: int
    end: int
    due: int
    """Number of signs of the text after which it is read."""
    sure: int
    """Number of signs after which reading is final."""
    plain: bool = False
    """Written as the list writes it, and read so when little had followed."""


@dataclass(slots=True, eq=False)
class Match:
    """A term, or a pattern that is met, until a judge has seen it."""

    start: int
    end: int
    context: int


class Hold:
    """State of one channel. Memory: the longest string, and what no window has shown."""

    __slots__ = (
        "_dropped",
        "_edge",
        "_edges",
        "_last",
        "_node",
        "_places",
        "_shown",
        "_starts",
        "_tail",
        "_terms",
        "followed",
        "matches",
    )

    def __init__(self, terms: StreamTerms, tail: Tail) -> None:
        self._terms = terms
        self._tail = tail
        self._node = 0
        self._last = ""
        self._edge = True
        """The next sign may begin a word."""
        self._dropped = 0
        """Signs whose places are no longer kept."""
        self._starts: list[int] = []
        """Where the last signs began; as ``~place`` where no word may begin there."""
        self._edges = 0
        """End of the last sign that was no separator."""
        self._places: list[Place] = []
        self.matches: list[Match] = []
        """What no window has shown yet."""
        self._shown: dict[int, int] = {}
        """Where the first match begins that a window shows, by its serial number."""
        self.followed = 0
        """Place up to which the text was followed; nothing after it is released."""

    def follow(self, upto: int) -> None:
        """Follow the text of the tail up to a place, or to its end."""
        while self.followed < min(upto, self._tail.end):
            at = self.followed
            piece = self._tail.slice(at, at + _PIECE)
            self._scan(piece, at)
            self.followed = at + len(piece)
            if self._places:
                self._read(self.followed, final=False)

    def finish(self) -> None:
        """All was followed, nothing more comes: read every place, hold no beginnings."""
        if self._places:
            self._read(self.followed, final=True)
        self._node = 0
        self._edges = self.followed

    def open_from(self, reach: int | None = None) -> int:
        """Return where text begins that cannot be judged yet, else where following ended.

        With `reach`, beginnings are followed that many characters back and no further.
        """
        start = self.live()
        if reach is not None:
            start = max(start, self.followed - reach)
        if self._places:
            start = min(start, *[place.start for place in self._places])
        return start

    def held_from(self, reach: int | None = None) -> int:
        """Return where text begins that may not be released, else where following ended."""
        start = self.open_from(reach)
        if self.matches:
            start = min(start, *[match.start for match in self.matches])
        if self._shown:
            start = min(start, *self._shown.values())
        return start

    def show(self, end: int, serial: int, *, final: bool) -> list[Match]:
        """Count as shown, by the window of this number, what is met up to a place.

        Not what ends just before it: there the last signs may be read otherwise.
        """
        clear = end if final else end - 4 * LOOK
        shown = [m for m in self.matches if m.end == end or m.end <= clear]
        if shown:
            self.matches = [m for m in self.matches if m not in shown]
            self._shown[serial] = min(match.start for match in shown)
        return shown

    def judged(self, serial: int) -> None:
        """Let go of what the window of this number has shown to a judge."""
        self._shown.pop(serial, None)

    def live(self) -> int:
        """Return where the longest beginning of a string starts, else where following ended."""
        automaton = self._terms.automaton
        node = automaton.stem[self._node]
        while node:
            start = self._starts[-automaton.depth[node]]
            if start >= 0 or automaton.loose[node]:
                start = max(start, ~start)
                if self._possible(start, self.followed):
                    return start
            node = automaton.stem[automaton.fail[node]]
        return self._edges if self._terms.begins else self.followed

    def _signs(self) -> int:
        """Return how many signs there were, runs counted once."""
        return self._dropped + len(self._starts)

    def _scan(self, text: str, at: int) -> None:
        """One step for each sign of the coarse form: the hot loop of the stream."""
        step, outs = self._terms.automaton.step, self._terms.automaton.outs
        begins, starts, forms = self._terms.begins, self._starts, FORMS
        node, last, edge = self._node, self._last, self._edge
        for place, char in enumerate(text, at):
            signs, goes_on = forms[char]
            for sign in signs:
                if sign != last:
                    last = sign
                    start = self._edges if begins else place
                    starts.append(start if edge else ~start)
                    node = step(node, sign, edge)
                    if outs[node]:
                        self._meet(outs[node], char, place)
                elif edge or outs[node]:
                    node = self._again(node, sign, place, edge=edge)
                    self._meet(outs[node], char, place)
                edge = True
            if begins:
                self._passed(char, place, signs)
            edge = not goes_on
        self._node, self._last, self._edge = node, last, edge
        longest = self._terms.automaton.longest + 1
        if len(starts) > 4 * longest + _PIECE:
            self._dropped += len(starts) - longest
            del starts[: len(starts) - longest]

    def _passed(self, char: str, at: int, signs: str) -> None:
        if signs:
            self._edges = at + 1
        elif self._terms.blank and not char.isspace():
            self._blank(at)

    def _again(self, node: int, sign: str, at: int, *, edge: bool) -> int:
        """Go on in a run of one sign, in which a word may begin; returns the state."""
        start = self._starts[-1]
        if edge and start < 0:
            self._starts[-1] = ~start
            return node or self._terms.automaton.step(0, sign)
        if at - max(start, ~start) > REACH:  # a run without end: its place moves on
            self._starts[-1] = at if edge else ~at
        return node

    def _meet(self, numbers: tuple[int, ...], char: str, at: int) -> None:
        """Note the strings that end here."""
        for number in numbers:
            group = self._terms.groups[number]
            start = self._starts[-self._terms.lengths[number]]
            if start < 0 and group.left:
                continue
            if group.at_sign and char not in "@\uff20\ufe6b":
                continue
            self._note(group, max(start, ~start), at + 1)

    def _note(self, group: Group, start: int, end: int) -> None:
        """Note a string; in a run that goes on it takes the place of itself."""
        if end - start > REACH or not self._possible(start, end):
            return
        self._places = [p for p in self._places if p.start != start or p.group is not group]
        due = sure = self._signs() + LOOK + group.spread
        short = end - start <= group.longest
        plain = short and self._tail.slice(start, end).casefold() in group.plain
        if plain:
            due = self._signs() + any(key.right for _, key in group.keys)
        self._places.append(Place(group, start, end, due, sure, plain))

    def _possible(self, start: int, end: int) -> bool:
        """Say whether plain words from a place on are how some string begins.

        Words of two letters and more are read as they stand, once they have ended.
        """
        if not self._terms.literal:
            return True
        words = _WORDS.match(self._tail.slice(start, min(end, start + REACH)))
        return words is None or self._terms.begun(words.group())

    def _blank(self, at: int) -> None:
        """Note a row of separators, once for each row."""
        if at - self._edges > REACH:
            self._edges = at
        group = self._terms.blank
        last = self._places[-1] if self._places else None
        if last and last.group is group and last.start >= self._edges:
            last.end = at + 1
        elif group:
            after = self._signs() + 1
            self._places.append(Place(group, self._edges, at + 1, after, after))

    def _read(self, upto: int, *, final: bool) -> None:
        """Read the places for which enough has followed."""
        ready = [p for p in self._places if final or self._is_ready(p, upto)]
        if not ready:
            return
        low = max(min(p.start - p.group.context for p in ready), self._tail.base)
        normal = normalise(self._tail.slice(low, upto))
        done = [p for p in ready if not self._stays_open(p, normal, low, upto, final=final)]
        self._places = [p for p in self._places if p not in done]

    def _is_ready(self, place: Place, upto: int) -> bool:
        late = self._signs() >= place.due or upto - place.start > REACH
        return late or self._closed(place)

    def _stays_open(
        self, place: Place, normal: Normalised, low: int, upto: int, *, final: bool
    ) -> bool:
        """Read a place; return whether what follows may still decide it."""
        group = place.group
        if group.whole and not final and self._word_goes_on(place):
            return False
        found = read(group, normal, (place.start - low, place.end - low), final=final)
        sure = self._signs() >= place.sure
        if found is Found.MET or upto - place.start > REACH:  # too long: a judge looks at it
            # The judge reads exactly as much: one sign more may change the reading.
            self.matches.append(Match(place.start, upto, group.context))
            return False
        if found is Found.WAITING:
            place.due = self._signs() + _AGAIN
            return True
        place.due = max(place.sure, self._signs() + 1)
        place.plain = False
        return not (final or (sure and self._ended(place, upto)))

    def _closed(self, place: Place) -> bool:
        """Say whether a plain word has ended, though only a separator followed it so far."""
        if not place.plain or place.due > place.sure:
            return False
        text = self._tail.slice(place.end - 2, place.end + 1)
        return len(text) == 3 and text[:2].isalpha() and text[2] in _CLOSING

    def _word_goes_on(self, place: Place) -> bool:
        """Say whether a word met as it is written goes on in plain letters."""
        text = self._tail.slice(place.start, place.end + 1)
        if len(text) <= place.end - place.start or not text.isascii():
            return False
        return text[-1].isalnum() and text[:-1].lower() in place.group.plain

    def _ended(self, place: Place, upto: int) -> bool:
        """Say whether nothing that follows can change how the place is read.

        A word of mixed scripts is read whole, an address ends at a space.
        """
        after = self._tail.slice(place.end, upto)
        if place.group.spread:
            address = after.split(maxsplit=1)
            return len(address) > 1 and len(address[1]) > place.group.spread + LOOK
        if self._tail.slice(place.start, upto).isascii():
            return True
        return any(not FORMS[char][1] and not char.isalnum() for char in after)
