# SPDX-License-Identifier: Apache-2.0
"""A small operator for tests of the people's doors: decisions as the fold writes them.

Decisions are sealed and folded by the product's own code, the log is signed and
published by it; only what detectors saw is made up.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vigie import keys
from vigie.core.actions import ActionKind, Outcome
from vigie.core.clock import FixedClock, iso
from vigie.core.decision import Action, Basis, Decision, Ground, Match, Reason, Signal, Verdict
from vigie.core.ids import decision_id
from vigie.core.item import Author, Item, MediaFacts, Subject, Surface
from vigie.core.territory import everywhere
from vigie.exchange.webhook import Receipt
from vigie.flow import house as houses
from vigie.flow.checkpoints import open_log, publish_checkpoint
from vigie.flow.deliver import deliver
from vigie.flow.fold import write
from vigie.flow.fold.incoming import sort_rows
from vigie.flow.house import House
from vigie.flow.transaction import writing
from vigie.intake.asked import Asked
from vigie.journal.rows import JournalEffect
from vigie.journal.seal import Sealer
from vigie.ledger.note import Signer
from vigie.ledger.policy import format_policy
from vigie.settings import Settings
from vigie.store.models import DecisionRecord, User

ORIGIN = "demo.invalid/log/1"
NOW = 1_795_381_200_000  # 22 November 2026, 21:00 UTC
DENIAL = ("fr_denial", "de_130_denial")
SAID = "Was hier steht, ist nie bewiesen worden, und nun wird es wieder behauptet."


@dataclass
class Agora:
    """A fictional platform's Vigie on a folder of its own."""

    folder: Path
    clock: FixedClock = field(default_factory=lambda: FixedClock(NOW))
    settings: Settings = field(init=False)
    house: House = field(init=False)
    ordinal: int = 0
    seq: int = 0

    def __post_init__(self) -> None:
        # Tests of second factors ask for them; in all others people sign in with a password.
        self.settings = Settings(
            data_dir=self.folder, log_origin=ORIGIN, operator="Agora", require_mfa="none"
        )
        keys.create_missing(self.settings.keys_dir)
        self.house = houses.build(self.settings, self.clock)
        self.sealer = Sealer(
            self.house.pseudonym_key,
            sample_rate=1.0,
            term_ms=86_400_000,
        )

    def person(self, name: str = "c.vidal", role: str = "senior", **more: Any) -> User:
        """Create an account."""
        password = more.pop("password", "correct horse battery staple")
        return User.objects.create_user(name, password, role=role, **more)

    def record(self, item: Item, decision: Decision, media: tuple[MediaFacts, ...] = ()) -> int:
        """Seal a decision, fold it and return its number."""
        now = self.clock.now_ms()
        subject = Subject(item, media)
        asked = Asked(subject, bytes(16))
        [sealed] = self.sealer.seal_all([asked], [decision], self.ordinal, now)
        rows = []
        for row in sealed.rows:
            self.seq += 1
            rows.append(row._replace(seq=self.seq))
        batch = sort_rows("wtest", self.seq - len(rows), rows, more=False)
        drafts = write.make_ready(batch, self.house)
        with writing():
            write.write(batch, drafts, self.house, now)
        return DecisionRecord.objects.get(decision_id=decision.decision_id).number

    def new_id(self) -> str:
        """Name the next decision."""
        self.ordinal += 1
        return decision_id("wtest", self.ordinal, self.ordinal)

    def proposal(self, item_id: str = "p-100", text: str = SAID, **more: Any) -> int:
        """Record a post that a policy proposes to withhold in France and Germany."""
        grounds = tuple(Ground(offence=one) for one in DENIAL)
        decision = Decision(
            decision_id=self.new_id(),
            item_id=item_id,
            version=more.get("version", 1),
            outcome=Outcome.REVIEW,
            actions=(
                Action(
                    action=ActionKind.DISABLED,
                    territories=("DE", "FR"),
                    by="proposal",
                    state="proposed",
                    grounds=grounds,
                ),
            ),
            verdicts=tuple(self._verdict(ground) for ground in grounds),
            signals=_denial_signals(text),
            snapshot=12,
            language=more.get("language", "de"),
            at=iso(self.clock.now_ms()),
        )
        return self.record(self.item(item_id, text, **more), decision, more.get("media", ()))

    def removal(self, item_id: str = "p-200") -> int:
        """Record a synthetic picture of class child, removed everywhere by rule a."""
        ground = Ground(offence="fr_csam")
        match = Match(
            media=0,
            cls="child",
            basis=Basis.EXACT,
            algorithm="sha256",
            distance=0,
            banks=("synthetic-list",),
            owners=("test",),
        )
        decision = Decision(
            decision_id=self.new_id(),
            item_id=item_id,
            version=1,
            outcome=Outcome.REMOVE,
            actions=(
                Action(
                    action=ActionKind.REMOVED,
                    territories=everywhere(self.settings.countries),
                    by="rule a",
                    state="sent",
                    grounds=(ground,),
                ),
            ),
            verdicts=(self._verdict(ground, policy="child-known"),),
            signals=(Signal(detector="hash", version="1", label="child", value=1.0, match=match),),
            snapshot=12,
            at=iso(self.clock.now_ms()),
        )
        media = (MediaFacts(status="ok", sha256="ab" * 32),)
        return self.record(self.item(item_id, "a caption that nobody may see"), decision, media)

    def harmless(self, item_id: str = "p-300", text: str = "Good morning.") -> int:
        """Record a harmless post, kept as part of the sample."""
        decision = Decision(
            decision_id=self.new_id(),
            item_id=item_id,
            version=1,
            outcome=Outcome.ALLOW,
            snapshot=12,
            language="en",
            at=iso(self.clock.now_ms()),
        )
        return self.record(self.item(item_id, text), decision)

    def item(self, item_id: str, text: str, **more: Any) -> Item:
        """Return an item as the platform sends it."""
        return Item(
            id=item_id,
            surface=Surface(more.get("surface", "post")),
            author=Author(id=more.get("author", "a-9"), country="DE"),
            version=more.get("version", 1),
            service=more.get("service", "agora"),
            text=text,
            links=more.get("links", []),
            url=f"https://agora.example/p/{item_id}",
            created_at="2026-11-22T19:12:00Z",
        )

    def confirm(self, number: int, *territories: str) -> None:
        """Let the platform confirm an effect."""
        from vigie.flow.confirm_effect import apply_confirmation

        wanted = DecisionRecord.objects.get(number=number).decision_id
        said = JournalEffect(wanted, iso(self.clock.now_ms()), territories)
        self.seq += 1
        with writing():
            apply_confirmation(said, self.clock.now_ms(), source=f"wtest:{self.seq}")

    def deliver(self) -> None:
        """Send what is due to a platform that takes everything."""

        def taken(*_args: Any, **_more: Any) -> Receipt:
            return Receipt(status=204, delivered=True, gone=False, digest="")

        deliver(self.house, send=taken)

    def publish(self) -> None:
        """Sign and publish a checkpoint over all entries, with the trust policy beside it."""
        log = open_log(self.settings)
        log.start(self.clock.now_ms())
        publish_checkpoint(log, self.house)
        self.publish_trust()

    def publish_trust(self) -> None:
        """Write the trust policy beside the log, as `vigie init` does."""
        seed = keys.read(self.settings.keys_dir, keys.KeyName.LOG)
        vkey = Signer(ORIGIN, seed).vkey
        self.settings.log_dir.mkdir(parents=True, exist_ok=True)
        self.settings.log_dir.joinpath("policy.txt").write_text(format_policy([vkey], {}))

    @staticmethod
    def _verdict(ground: Ground, policy: str = "denial") -> Verdict:
        return Verdict(
            policy=policy,
            version=3,
            state="live",
            ground=ground,
            reasons=(
                Reason(clause="score", signal="text.linear/denial", value=0.93, limit=0.85),
                Reason(clause="not_quoting", expression="!('quotation' in marks)"),
            ),
        )


def _denial_signals(text: str) -> tuple[Signal, ...]:
    end = min(len(text), 45)
    return (
        Signal(detector="lexicon", version="14", label="denial", value=1.0, span=(20, end)),
        Signal(detector="text.linear", version="1", label="denial", value=0.93, span=(4, end)),
        Signal(detector="link", version="9", label="domain", status="failed", problem="timeout"),
    )
