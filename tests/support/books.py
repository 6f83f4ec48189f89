# SPDX-License-Identifier: Apache-2.0
"""The books of a gateway's door without its door: judged, recorded, committed as there."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any, TypeVar

import msgspec

from tests.support.door import live, policy
from tests.support.screening import Says, signal, snapshot
from vigie.core.clock import Clock
from vigie.core.decision import Decision, Signal
from vigie.core.gateway import Ending, ExchangeFacts, Feature, GatewayConf, Profile, Stage, Trips
from vigie.core.item import Author, Item, Subject, Surface
from vigie.gateway.books import Books
from vigie.gateway.excerpt import Excerpts
from vigie.gateway.services import Judged
from vigie.journal.seal import Sealer
from vigie.journal.writer import Journal
from vigie.machine.commits import Commits
from vigie.machine.holder import Holder
from vigie.machine.sealing import Sealing
from vigie.screening.judge import judge
from vigie.screening.snapshot import Snapshot
from vigie.settings import Settings

STOPPED, COUNTED = "fenwickle", "drobbelin"
"""Words of no language: the one is refused, the other is refused and counted only."""
AI = ["ai_prompt", "ai_output"]
HARMLESS = "How long does bread have to rise in a cold kitchen?"
T = TypeVar("T")


def planted(item: Item) -> list[Signal]:
    """Say which planted words a text holds, and where."""
    text = item.text or ""
    found = []
    for word, label in ((STOPPED, "planted"), (COUNTED, "counted")):
        at = text.find(word)
        if at >= 0:
            found.append(signal(label, 0.9, span=(at, at + len(word))))
    return found


def guard(profile: Profile | None = None, **more: Any) -> Snapshot:
    """Return a Snapshot that knows the planted words."""
    title = {"en": "Counted", "fr": "Compté", "de": "Gezählt"}
    terms = {"clause": "house rule 8", "title": title}
    counted = policy("counted", score="counted", surfaces=AI, counted_only=True, terms=terms)
    policies = live(policy("words", surfaces=AI, **more), counted)
    made = snapshot(policies, Says("says", ["planted", "counted"], planted))
    # Tests stop often: no brake of its own unless a test asks for it.
    conf = GatewayConf(
        profiles=(profile or Profile(),), trips=Trips(stops_per_hundred=0, failures=0)
    )
    return replace(made, gateway=conf)


class Gate:
    """One door process: its journal, its books and its event loop."""

    def __init__(
        self,
        settings: Settings,
        key: bytes,
        clock: Clock,
        under: Snapshot | None = None,
        application: str = "1",
    ) -> None:
        self.application = application
        self.clock = clock
        self.holder = Holder(under or guard())
        self.journal = Journal(settings.journal_dir)
        self.runner = asyncio.Runner()
        self.books = Books(
            holder=self.holder,
            journal=self.journal,
            commits=Commits(self.journal),
            sealer=Sealer(key, sample_rate=1.0, term_ms=5_000),
            clock=clock,
            pseudonym_key=key,
            excerpts=Excerpts(Sealing(settings.evidence_dir, clock)),
        )

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run something in the door's loop."""
        return self.runner.run(work)

    def exchange(self, prompt: str = HARMLESS, answer: str = "", **facts: Any) -> ExchangeFacts:
        """Run one exchange to its end; return what was written of it."""
        return self.run(self.exchanged(prompt, answer, **facts))

    async def exchanged(
        self, prompt: str = HARMLESS, answer: str = "", user: str = "u-1", **facts: Any
    ) -> ExchangeFacts:
        """Judge a prompt, forward it, judge the answer, write both."""
        first, second = self.books.names(2)
        mine = self.books.user(self.application, user)
        asked = self.judged(prompt, Surface.AI_PROMPT, first, mine)
        told = self.facts(user=mine, prompt_decision=first, **facts)
        told = msgspec.structs.replace(
            told,
            fingerprint=self.books.fingerprint(self.application, prompt),
            prompt_chars=len(prompt),
        )
        if asked.decision.has_effect:
            told = _ended(told, Ending.REFUSED, Stage.PROMPT)
            await self.books.ended(told, [asked])
            return told
        await self.books.prompt(asked)
        given = self.judged(answer or "Two hours.", Surface.AI_OUTPUT, second, mine)
        told = msgspec.structs.replace(told, answer_decision=second)
        if given.decision.has_effect and told.ending is Ending.RELEASED:
            told = _ended(told, Ending.CUT, Stage.ANSWER)
        await self.books.ended(told, [given])
        return told

    def judged(self, text: str, surface: Surface, name: str, user: str) -> Judged:
        """Judge a text as the gateway does."""
        item = Item(
            id=name, surface=surface, author=Author(id=user or "vu_none"), text=text,
            language="en", countries=["FR"],
        )  # fmt: skip
        subject = Subject(item, gateway=True)
        return Judged(subject, self._judge(subject, name))

    def _judge(self, subject: Subject, name: str) -> Decision:
        now = self.clock.now_ms()
        return judge([subject], self.holder.snapshot, now, iter([name]))[0]

    def facts(self, **given: Any) -> ExchangeFacts:
        """Return the facts of an exchange that went well."""
        known: dict[str, Any] = {
            "application": self.application,
            "route": "/ai/v1/chat/completions",
            "feature": Feature.CHAT,
            "ending": Ending.RELEASED,
            "model": "marmot-1",
            "country": "FR",
            "language": "en",
            "began": self.clock.now_ms(),
            "input_tokens": 7,
            "output_tokens": 11,
        }
        return ExchangeFacts(**{**known, **given})

    def settle(self) -> None:
        """Settle what was used and what is alarming."""
        self.run(self.books.settle())

    def close(self) -> None:
        """Let go of the journal: from then on its writer is dead."""
        self.runner.close()
        self.journal.close()


def _ended(facts: ExchangeFacts, ending: Ending, stage: Stage) -> ExchangeFacts:
    return msgspec.structs.replace(facts, ending=ending, stage=stage, category="planted")
