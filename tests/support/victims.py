# SPDX-License-Identifier: Apache-2.0
"""The victim's path as it runs: notices with hashes, items judged, folded and archived.

Pictures are synthetic patterns; nothing else ever stands for one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tests.support.made import Asked
from tests.support.pictures import encode, pattern
from vigie.core import ids
from vigie.core.clock import FixedClock
from vigie.core.decision import Decision
from vigie.core.item import Author, Item, Media, MediaFacts, Subject, Surface
from vigie.flow.house import House
from vigie.flow.intimate.confirm import Confirmation
from vigie.flow.notices.form import Channel, NoticeForm
from vigie.flow.notices.receive import NoticeReceipt, receive_notice
from vigie.flow.policies import publish_starter_set
from vigie.flow.snapshots import publish_snapshot
from vigie.jobs.folding import Folding
from vigie.journal.seal import Sealer
from vigie.journal.writer import Journal
from vigie.screening.judge import judge
from vigie.screening.media.facts import facts_of
from vigie.screening.snapshot import load
from vigie.store.models import Case, ContentLook, DecisionRecord, LookKind, User

PASSWORD = "correct horse battery staple"


def seen(seed: int, **turned: Any) -> MediaFacts:
    """Return what a decoder says of a pattern, optionally as another file."""
    image = pattern(seed)
    if "turn" in turned:
        image = image.transpose(turned["turn"])
    if "size" in turned:
        image = image.resize(turned["size"])
    return facts_of(encode(image, turned.get("decoder", "JPEG"), quality=turned.get("quality", 88)))


def off(facts: MediaFacts, bits: int) -> MediaFacts:
    """Return another picture's facts, so many bits away: a platform's own hash."""
    value = int.from_bytes(bytes.fromhex(facts.pdq or ""), "big") ^ ((1 << bits) - 1)
    return MediaFacts(status="hashes", pdq=value.to_bytes(32, "big").hex())


def hashes(*media: MediaFacts) -> tuple[dict[str, Any], ...]:
    """Return what a notifier's browser would send of these pictures."""
    return tuple(
        {"pdq": one.pdq, "quality": one.quality or 100, "turns": list(one.dihedral[1:])}
        for one in media
    )


@dataclass
class Road:
    """Door, jobs and portal of one installation, each as the product has it."""

    house: House
    clock: FixedClock
    detectors: Sequence[Any] = ()
    count: int = 0
    journal: Journal = field(init=False)
    sealer: Sealer = field(init=False)

    def __post_init__(self) -> None:
        publish_starter_set(self.house, "vigie init")
        self.journal = Journal(self.house.settings.journal_dir)
        self.sealer = Sealer(self.house.pseudonym_key, sample_rate=0.0, term_ms=86_400_000)
        self.folding = Folding(self.house, pause=lambda _: None)
        publish_snapshot(self.house)

    def close(self) -> None:
        """Let go of journal and readers."""
        self.folding.close()
        self.journal.close()

    def screen(
        self,
        *media: MediaFacts,
        name: str = "",
        author: str = "",
        others: Sequence[Any] = (),
        **more: Any,
    ) -> Decision:
        """Judge one item under the Snapshot in force, commit, fold and archive it."""
        [made] = self.screen_all([media], name=name, author=author, others=others, **more)
        return made

    def screen_all(
        self,
        items: Sequence[tuple[MediaFacts, ...]],
        *,
        name: str = "",
        author: str = "",
        others: Sequence[Any] = (),
        kept: bool = False,
        **more: Any,
    ) -> list[Decision]:
        """Judge items, each with its media; only what further detectors say is made up.

        `kept`: drawn into the sample, so that the store knows the item.
        """
        self.sealer._sample_below = 2**40 if kept else 0
        publish_snapshot(self.house)
        under = load(self.house.settings.snapshots_dir)
        if others:
            under = replace(under, detectors=(*under.detectors, *others))
        subjects = [self._subject(media, name, author, more) for media in items]
        now = self.clock.now_ms()
        first = self.journal.allocate(len(subjects))
        names = iter(
            [ids.decision_id(self.journal.writer, first + n, 2**40 - 1) for n in range(len(items))]
        )
        made = judge(subjects, under, now, names)
        asked = [Asked(one) for one in subjects]
        sealed = self.sealer.seal_all(asked, made, first, now)
        rows = self.sealer.with_keys([row for one in sealed for row in one.rows])
        self.journal.append_and_wait(rows)
        self.sealer.committed(rows)
        self.folding.drain()
        return made

    def _subject(
        self, media: tuple[MediaFacts, ...], name: str, author: str, more: dict[str, Any]
    ) -> Subject:
        self.count += 1
        known = name or f"p-{self.count}"
        item = Item(
            id=known,
            surface=Surface.POST,
            author=Author(id=author or f"a-{self.count}"),
            service="agora",
            text=more.pop("text", None),
            url=f"https://agora.example/p/{known}",
            media=[Media(url=f"https://agora.example/m/{known}/{n}") for n in range(len(media))],
            language="en",
            **more,
        )
        return Subject(item, media)

    def notice(self, *locations: str, **more: Any) -> NoticeReceipt:
        """Give notice on the victim's path."""
        given: dict[str, Any] = {
            "channel": Channel.PORTAL,
            "category": "intimate",
            "locations": tuple(f"https://agora.example/p/{one}" for one in locations),
            "good_faith": True,
            "name": "R. Lind",
            "email": "r.lind@example.org",
            "language": "en",
        }
        return receive_notice(self.house, NoticeForm(**(given | more)))

    def person(self, name: str = "c.vidal", role: str = "senior") -> User:
        """Return an account, made when first asked for."""
        known = User.objects.filter(username=name).first()
        return known or User.objects.create_user(name, PASSWORD, role=role)

    def look(self, user: User, case: Case) -> None:
        """Let a person see the blurred copy."""
        ContentLook.objects.create(
            user=user,
            kind=LookKind.BLURRED,
            case=case,
            decision=case.decision,
            at=self.house.now(),
        )

    def confirmation(self, case: Case, **more: Any) -> Confirmation:
        """Say that the picture is intimate and fits."""
        given: dict[str, Any] = {
            "on": head(case).number,
            "intimate": True,
            "fits": True,
            "reason": "seen on one blurred copy",
        }
        return Confirmation(**(given | more))


def head(case: Case) -> DecisionRecord:
    """Return the last word about a case's item."""
    found = case.decision
    while found.superseded_by is not None:
        found = DecisionRecord.objects.get(number=found.superseded_by)
    return found
