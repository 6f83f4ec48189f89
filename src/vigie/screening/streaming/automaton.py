# SPDX-License-Identifier: Apache-2.0
"""Many strings found at once, and how much of the end of a text may still become one.

Aho and Corasick, "Efficient string matching" (1975). Its own tables, since what holds
a stream back is the state between two characters, which finished libraries keep to
themselves.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence


class Automaton:
    """The tables; a state is a whole number, 0 the start.

    Each string says whether it must begin at the edge of a word: only those that
    need not (`loose`) are begun inside one.
    """

    __slots__ = ("depth", "fail", "goto", "longest", "loose", "outs", "stem")

    def __init__(self, keys: Sequence[tuple[str, bool]]) -> None:
        self.goto: list[dict[str, int]] = [{}]
        self.depth: list[int] = [0]
        self.loose: list[bool] = [False]
        """A string that goes through the state may begin inside a word."""
        self.outs: list[tuple[int, ...]] = [()]
        """Numbers of the strings that end in the state, longest first."""
        self.longest = max((len(text) for text, _ in keys), default=0)
        for number, (text, left) in enumerate(keys):
            self._insert(number, text, left=left)
        self.fail = [0] * len(self.goto)
        self.stem = list(range(len(self.goto)))
        """The longest end of the state that can still grow."""
        self._link()

    def _insert(self, number: int, text: str, *, left: bool) -> None:
        node = 0
        for symbol in text:
            after = self.goto[node].get(symbol)
            if after is None:
                after = len(self.goto)
                self.goto.append({})
                self.depth.append(self.depth[node] + 1)
                self.loose.append(False)
                self.outs.append(())
                self.goto[node][symbol] = after
            node = after
            self.loose[node] |= not left
        self.outs[node] = (*self.outs[node], number)

    def _link(self) -> None:
        waiting = deque(self.goto[0].values())
        while waiting:
            node = waiting.popleft()
            self._settle(node)
            for symbol, after in self.goto[node].items():
                self.fail[after] = self.step(self.fail[node], symbol)
                waiting.append(after)

    def _settle(self, node: int) -> None:
        """Complete a state; those of shorter strings are complete already."""
        shorter = self.fail[node]
        self.outs[node] += self.outs[shorter]
        if not self.goto[node]:
            self.stem[node] = self.stem[shorter]

    def step(self, node: int, symbol: str, edge: bool = True) -> int:
        """Return the state after one more symbol; `edge`: a word may begin with it."""
        goto = self.goto
        while node and symbol not in goto[node]:
            node = self.fail[node]
        after = goto[node].get(symbol, 0)
        return after if node or edge or self.loose[after] else 0
