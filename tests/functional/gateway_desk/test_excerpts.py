# SPDX-License-Identifier: Apache-2.0
"""Excerpts: a case, a reason, the permission; logged first, capped, for nothing else."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.support.vaults import SECRET, Vault
from vigie.core.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    RefusedError,
    UnavailableError,
)
from vigie.flow import desk_settings, records
from vigie.flow.gateway import excerpts
from vigie.flow.house import House
from vigie.flow.keys import create_key
from vigie.flow.transaction import writing
from vigie.flow.vault import access, client, leaves
from vigie.store.models import (
    CustodyEvent,
    CustodyKind,
    DecisionRecord,
    Evidence,
    GatewayCase,
    GatewayStop,
    Record,
    VaultGrant,
)

if TYPE_CHECKING:
    from tests.support.people import Agora
    from vigie.store.models import User

WHY = "The application asks whether this was a mistake."


@dataclass
class Kept:
    """A case with one stop of which something is kept."""

    vault: Vault
    case: GatewayCase
    stop: GatewayStop
    evidence: Evidence

    def open(self, user: User, reason: str = WHY) -> str:
        """Open it."""
        return excerpts.open_excerpt(self.vault.house, user, 1, self.decision, reason)

    @property
    def decision(self) -> str:
        """The decision's id."""
        return self.stop.decision.decision_id


@pytest.fixture
def kept(agora: Agora, monkeypatch: pytest.MonkeyPatch) -> Kept:
    """One application, one user stopped, one excerpt sealed; and another stop with nothing."""
    house = agora.house
    vault = Vault(house).install(monkeypatch)
    vault.set_up()
    key = create_key(house, "assistant", ["ai"])[0]
    opened = records.draft("gateway.case_opened", house.now(), {"case": 1})
    with writing():
        records.append_one(opened)
    case = GatewayCase.objects.create(
        number=1, key=key, user="u" * 20, period=2_900, stops=2, opened_at=house.now(),
        last_at=house.now(), record_id=opened.record_id,
    )  # fmt: skip
    evidence = vault.seal(kind="excerpt", cls="intimate", rule="gateway_excerpt")
    stops = [stopped(agora, case, one) for one in (evidence, None)]
    return Kept(vault, case, stops[0], evidence)


def stopped(agora: Agora, case: GatewayCase, evidence: Evidence | None) -> GatewayStop:
    number = agora.harmless(f"x-{agora.ordinal}")
    return GatewayStop.objects.create(
        decision=DecisionRecord.objects.get(number=number), key=case.key, at=agora.house.now(),
        stage="prompt", feature="chat", route="/v1/chat/completions", category="nudify",
        user=case.user, evidence=evidence, case=case,
    )  # fmt: skip


def test_the_access_is_in_the_log_before_the_vault_is_asked(
    kept: Kept, vidal: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    asked = client.open_record

    def watched(settings: object, grant: int) -> bytes:
        seen.append(Record.objects.filter(kind="excerpt.opened", entry__isnull=False).count())
        return asked(settings, grant)  # type: ignore[arg-type]

    monkeypatch.setattr(client, "open_record", watched)
    assert kept.open(vidal) == SECRET.decode()
    assert seen == [1]
    said = json.loads(Record.objects.get(kind="excerpt.opened").canonical)
    assert said["evidence"] == kept.evidence.evidence_id
    assert WHY not in json.dumps(said)
    event = CustodyEvent.objects.get(kind=CustodyKind.OPENED)
    assert (event.user, event.ticket, event.reason) == (vidal, "G-1", WHY)


def test_who_may_not_opens_nothing_and_nothing_is_asked(
    kept: Kept, agora: Agora, moderator: User, anders: User
) -> None:
    admin = agora.person("a.one", "admin")
    for user in (moderator, anders, admin):
        with pytest.raises(RefusedError) as refused:
            kept.open(user)
        assert refused.value.code == "no_permission"
    assert kept.vault.asked == []
    assert not VaultGrant.objects.exists()


def test_it_needs_a_reason_an_open_case_and_a_stop_of_that_case(
    kept: Kept, agora: Agora, vidal: User
) -> None:
    with pytest.raises(InvalidInputError) as unsaid:
        kept.open(vidal, "  ")
    assert unsaid.value.field == "reason"
    with pytest.raises(NotFoundError):
        excerpts.open_excerpt(agora.house, vidal, 7, kept.decision, WHY)
    for decision, code in (("no-such", "no_stop"), (other(kept), "no_excerpt")):
        with pytest.raises(NotFoundError) as nothing:
            excerpts.open_excerpt(agora.house, vidal, 1, decision, WHY)
        assert nothing.value.code == code
    excerpts.close_case(agora.house, vidal, 1, "The application blocked the account.")
    with pytest.raises(ConflictError) as closed:
        kept.open(vidal)
    assert closed.value.code == "case_closed"
    assert kept.vault.asked == []


def other(kept: Kept) -> str:
    stop = GatewayStop.objects.exclude(pk=kept.stop.pk).get()
    return stop.decision.decision_id


def test_a_day_has_a_number_of_openings_for_each_person(
    kept: Kept, agora: Agora, vidal: User
) -> None:
    desk_settings.set(agora.house, None, "excerpts_per_day", 2)
    for _ in range(2):
        assert kept.open(vidal)
    with pytest.raises(RefusedError) as spent:
        kept.open(vidal)
    assert spent.value.code == "day_spent"
    assert kept.open(agora.person("c.roth", "senior", number=9))
    agora.clock.ms += 86_400_000
    assert kept.open(vidal)


def test_nothing_else_opens_it_and_it_opens_nothing_else(
    kept: Kept, house: House, anders: User, vidal: User
) -> None:
    with pytest.raises(RefusedError) as looked:
        access.read(house, anders, kept.evidence, "order O-7", stepped_at=house.now())
    assert looked.value.code == "case_only"
    GatewayStop.objects.filter(pk=kept.stop.pk).update(evidence=kept.vault.seal())
    with pytest.raises(RefusedError) as strange:
        kept.open(vidal)
    assert strange.value.code == "case_only"


@pytest.mark.parametrize("wrong", ["case", "purpose", "cap", "role", "child"])
def test_the_vault_looks_it_all_up_again(kept: Kept, house: House, vidal: User, wrong: str) -> None:
    """A leave that somebody wrote past the verb opens nothing."""
    asking = leaves.Asking(user=vidal, reason=WHY, ticket="G-1", purpose=leaves.EXCERPT)
    with writing():
        leave = leaves.grant(house, kept.evidence, asking)
        leaves.log_all(house, [leave], CustodyKind.OPENED)
    if wrong == "case":
        GatewayCase.objects.update(state="closed")
    elif wrong == "purpose":
        VaultGrant.objects.update(purpose="look")
    elif wrong == "cap":
        desk_settings.set(house, None, "excerpts_per_day", 1)
        with writing():
            leave = leaves.grant(house, kept.evidence, asking)
            leaves.log_all(house, [leave], CustodyKind.OPENED)
    elif wrong == "role":
        type(vidal).objects.filter(pk=vidal.pk).update(role="moderator")
    else:
        Evidence.objects.filter(pk=kept.evidence.pk).update(lane="child")
    with pytest.raises(RefusedError) as refused:
        client.open_record(house.settings, leave.pk)
    codes = {"case": "no_case", "purpose": "no_permission", "cap": "day_spent",
             "role": "no_permission", "child": "report_only"}  # fmt: skip
    assert refused.value.code == codes[wrong]


def test_a_vault_that_is_down_opens_nothing(kept: Kept, vidal: User) -> None:
    kept.vault.up = False
    with pytest.raises(UnavailableError):
        kept.open(vidal)


def test_a_case_is_closed_once_with_a_note_that_stays_out_of_the_log(
    kept: Kept, house: House, vidal: User, moderator: User
) -> None:
    with pytest.raises(RefusedError):
        excerpts.close_case(house, moderator, 1, "Seen.")
    row = excerpts.close_case(house, vidal, 1, "The application blocked the account.")
    assert (row.closed_by, row.note) == ("c.vidal", "The application blocked the account.")
    assert "blocked" not in Record.objects.get(kind="gateway.case_closed").canonical.decode()
    with pytest.raises(ConflictError):
        excerpts.close_case(house, vidal, 1, "Again.")
    assert [one.pk for one in excerpts.stops_of(row)][-1] == kept.stop.pk
