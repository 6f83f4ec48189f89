# SPDX-License-Identifier: Apache-2.0
"""A vault in the process of a test: the same checks, without the socket."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import pytest

from vigie.core.errors import RefusedError, UnavailableError
from vigie.evidence import age, protocol
from vigie.flow.house import House
from vigie.flow.vault import access, client, seal
from vigie.settings import Settings
from vigie.store.models import Evidence, SecondPersonRequest
from vigie.vault import epochs, server

if TYPE_CHECKING:
    from tests.support.people import Agora

SECRET = b"the words that only the vault may give back"


@dataclass
class Vault:
    """A house with a vault that answers; `asked` counts the questions, `up` unplugs it."""

    house: House
    up: bool = True
    asked: list[protocol.Question] = field(default_factory=list)
    officers: dict[str, age.Pair] = field(default_factory=dict)
    process: server.Vault = field(init=False)

    def __post_init__(self) -> None:
        self.process = server.Vault(self.house)

    def install(self, monkeypatch: pytest.MonkeyPatch) -> Vault:
        """Put this process in the place of the one behind the socket."""
        monkeypatch.setattr(client, "open_record", self.open_record)
        monkeypatch.setattr(client, "prepare", self.prepare)
        return self

    def open_record(self, _: Settings, grant: int, identities: Sequence[str] = ()) -> bytes:
        """Stand in for the client."""
        answer, data = self._ask(protocol.Open(grant=grant, identities=tuple(identities)))
        assert isinstance(answer, protocol.Opened)
        assert answer.size == len(data)
        return data

    def prepare(self, _: Settings, grant: int, identities: Sequence[str]) -> int:
        """Stand in for the client."""
        answer, _none = self._ask(protocol.Prepare(grant=grant, identities=tuple(identities)))
        assert isinstance(answer, protocol.Prepared)
        return answer.until

    def _ask(self, question: protocol.Question) -> tuple[protocol.Answer, bytes]:
        if not self.up:
            raise UnavailableError("down", code="vault_down")
        self.asked.append(question)
        answer, data = self.process.answer(question)
        if isinstance(answer, protocol.Refused):
            raise RefusedError(answer.text, code=answer.code)
        return answer, data

    def set_up(self, escrow: str = "", people: Sequence[str] = ()) -> None:
        """Make the lanes: `general`, and `child` where people are named."""
        self.officers = {one: age.generate() for one in people}
        keys = {name: pair.recipient for name, pair in self.officers.items()}
        epochs.init(self.house, escrow=escrow, officers=keys or None)

    def seal(self, data: bytes = SECRET, **more: object) -> Evidence:
        """Seal something harmless."""
        given = {
            "kind": "media",
            "cls": "hate",
            "rule": "complaint",
            "basis": "Art. 20",
            "service": "default",
            "item_id": "p-1",
            "author": "a" * 32,
        }
        return seal.seal(self.house, data=data, **{**given, **more})  # type: ignore[arg-type]


class Asked(NamedTuple):
    """A sealed record that two people are to open together."""

    row: Evidence
    request: SecondPersonRequest


def asked_for(agora: Agora) -> Asked:
    """Seal something of a marked class; somebody of the legal desk asks for it."""
    vault = Vault(agora.house)
    vault.set_up()
    row = vault.seal(cls="intimate")
    asks = agora.person("l.asks", "legal")
    now = agora.house.now()
    made = access.ask(agora.house, asks, row, "order O-7", "O-7", stepped_at=now)
    assert isinstance(made, SecondPersonRequest)
    return Asked(row, made)
