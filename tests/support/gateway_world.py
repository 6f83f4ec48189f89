# SPDX-License-Identifier: Apache-2.0
"""One of everything that the pages of the AI gateway show, made by the product's own verbs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from vigie.core.gateway import Upstream, day_of, week_of
from vigie.flow import records
from vigie.flow.gateway import alarms, brakes, profiles, upstreams
from vigie.flow.keys import create_key
from vigie.flow.transaction import writing
from vigie.flow.vault.seal import seal
from vigie.store.models import (
    ApiKey,
    DecisionRecord,
    Evidence,
    GatewayAlarm,
    GatewayBrake,
    GatewayCase,
    GatewayDay,
    GatewayStop,
)

if TYPE_CHECKING:
    from tests.support.people import Agora
    from vigie.store.models import User

DIGEST: Final = "5e" * 32
EXCERPT: Final = b"The deciding words, and a little around them."
WHY: Final = "Photos of real people are being looked into."
FIGURES: Final = (
    ("released", "", "chat", "FR", 1_204, 40),
    ("released", "", "chat", "DE", 903, 30),
    ("released", "", "image_edit", "FR", 118, 14),
    ("refused", "ncii_synthetic", "image_edit", "FR", 31, 12),
    ("refused", "ncii_synthetic", "image_edit", "DE", 27, 11),
    ("refused", "denial", "chat", "FR", 5, 3),
    ("refused", "hate", "chat", "FR", 64, 20),
    ("refused", "hate", "chat", "DE", 41, 15),
    ("cut", "denial", "chat", "DE", 44, 15),
    ("cut", "denial", "chat", "FR", 52, 16),
    ("braked", "", "image_edit", "FR", 73, 22),
)
"""Ending, category, feature, country, exchanges, people."""


@dataclass(frozen=True, slots=True)
class GatewayWorld:
    """An application, an upstream, a brake in force, an alarm, a case with an excerpt."""

    key: ApiKey
    brake: GatewayBrake
    alarm: GatewayAlarm
    case: GatewayCase
    decision: str
    """Id of a stop of the case of which something is kept."""


def made(agora: Agora, by: User) -> GatewayWorld:
    """Make it. The lanes of the vault are there; `by` may stop a feature."""
    house = agora.house
    key = create_key(house, "assistant", ["ai"])[0]
    upstreams.add(house, Upstream(name="main", url="https://api.example/v1"), "")
    profiles.publish(house, {"name": "open", "on_failure": {"image": "open"}})
    brake = brakes.stop(house, by, "image_edit", ["FR"], WHY)
    alarm = alarms.raise_alarm(house, "unregistered", key.pk, DIGEST)
    alarms.raise_alarm(house, "upstream", None, "main", count=3)
    figures(agora)
    case = opened(agora, key)
    evidence = excerpt(agora)
    decision = stopped(agora, case, "ncii_synthetic", evidence=evidence).decision.decision_id
    stopped(agora, case, "denial")
    return GatewayWorld(key, brake, alarm, case, decision)


def figures(agora: Agora, ago: int = 1, **more: Any) -> None:
    """Write the figures of a day."""
    day = day_of(agora.house.now()) - ago
    for ending, category, feature, country, exchanges, people in FIGURES:
        GatewayDay.objects.create(
            day=day, application="1", feature=feature, ending=ending, category=category,
            country=country, exchanges=exchanges, many=people >= 10,
            people=[] if people >= 10 else [f"{n:012x}" for n in range(people)], **more,
        )  # fmt: skip


def opened(agora: Agora, key: ApiKey, number: int = 1) -> GatewayCase:
    """Open a case of an application's user."""
    now = agora.house.now()
    draft = records.draft("gateway.case_opened", now, {"case": number})
    with writing():
        records.append_one(draft)
    return GatewayCase.objects.create(
        number=number, key=key, user=f"u{number}".ljust(20, "x"), period=week_of(now), stops=5,
        opened_at=now, last_at=now, record_id=draft.record_id,
    )  # fmt: skip


def excerpt(agora: Agora) -> Evidence:
    """Seal what is kept of a stop."""
    return seal(
        agora.house, data=EXCERPT, kind="excerpt", cls="intimate", rule="gateway_excerpt",
        basis="the gateway", service="default", item_id="x-1", author="a" * 32,
    )  # fmt: skip


def stopped(agora: Agora, case: GatewayCase, category: str, **more: Any) -> GatewayStop:
    """Stop something of the case's user."""
    number = agora.harmless(f"x-{agora.ordinal}")
    facts = {"prompt_chars": 812, "judged_chars": 400, "released_chars": 120}
    return GatewayStop.objects.create(
        decision=DecisionRecord.objects.get(number=number), key=case.key, at=agora.house.now(),
        stage="prompt", feature="chat", route="/v1/chat/completions", country="FR",
        language="fr", category=category, model="assistant-1", user=case.user, facts=facts,
        case=case, **more,
    )  # fmt: skip
