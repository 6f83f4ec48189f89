# SPDX-License-Identifier: Apache-2.0
"""Bytes are offered to the vault only where the law asks; the record says what came of it."""

from __future__ import annotations

import msgspec
import pytest

from vigie.core.actions import ActionKind, Outcome
from vigie.core.decision import Action, Decision, Ground
from vigie.core.item import Author, Item, Media, MediaFacts, Subject, Surface
from vigie.intake.preserve import FETCH, NO_VAULT, NoVault, copy_note
from vigie.journal.seal import Sealer
from vigie.law import Confidence, Custody, load

LAW = load().entries
ENTRY = LAW["fr_csam"]


class Vault:
    """Stands in for the vault: notes what it was given."""

    def __init__(self):
        self.given = []

    def allowed(self, entry):
        return None

    def seal(self, media, subject, decision, entry, basis):
        self.given += media
        self.asked = (subject.item.id, decision.decision_id, entry.id, basis)
        return "sealed"


def subject(*media: Media) -> Subject:
    item = Item(id="p", surface=Surface.POST, author=Author(id="a"), media=list(media))
    return Subject(item, tuple(MediaFacts(status="ok", sha256="0" * 64) for _ in media))


def decision(state: str = "sent") -> Decision:
    action = Action(
        action=ActionKind.REMOVED,
        territories=("*",),
        by="rule a",
        state=state,
        grounds=(Ground(offence=ENTRY.id),),
    )
    return Decision(
        decision_id="w1-1-0000000000",
        item_id="p",
        version=1,
        outcome=Outcome.REMOVE,
        actions=(action,),
    )


def law(custody: Custody, confidence: Confidence = Confidence.HIGH):
    entry = msgspec.structs.replace(ENTRY, custody=custody, confidence=confidence)
    return {entry.id: entry}


BYTES = Media(base64="AAAA")


def test_without_a_vault_the_record_says_that_nothing_was_preserved():
    found = copy_note(subject(BYTES), decision(), law(Custody.REQUIRED), NoVault())
    assert found == NO_VAULT == "not preserved: no vault"


def test_a_vault_gets_the_bytes_where_the_law_requires_them():
    vault = Vault()
    given = subject(BYTES, Media(sha256="0" * 64))
    assert copy_note(given, decision(), law(Custody.REQUIRED), vault) == "sealed"
    assert vault.given == [BYTES]
    assert vault.asked == ("p", "w1-1-0000000000", ENTRY.id, None)


@pytest.mark.parametrize(
    ("custody", "confidence"),
    [(one, Confidence.HIGH) for one in Custody if one is not Custody.REQUIRED]
    + [(Custody.REQUIRED, Confidence.MEDIUM), (Custody.REQUIRED, Confidence.LOW)],
)
def test_anything_but_required_with_high_confidence_keeps_no_bytes(custody, confidence):
    vault = Vault()
    assert copy_note(subject(BYTES), decision(), law(custody, confidence), vault) == FETCH
    assert vault.given == []


def test_no_shipped_entry_gives_bytes_to_anybody():
    vault = Vault()
    assert copy_note(subject(BYTES), decision(), LAW, vault) == FETCH
    assert vault.given == []


@pytest.mark.parametrize(
    ("given", "made"),
    [(subject(BYTES), decision("proposed")), (subject(Media(url="https://a.example")), decision())],
)
def test_without_an_effect_or_without_bytes_nothing_is_said(given, made):
    assert copy_note(given, made, law(Custody.REQUIRED), Vault()) == ""


def test_the_record_says_it_in_the_open():
    class Asked:
        subject = subject(BYTES)
        fingerprint = b"f" * 16
        idempotency = b""

    sealer = Sealer(b"k" * 32, sample_rate=0.0, term_ms=1)
    [made] = sealer.seal_all([Asked()], [decision()], 1, 1, [NO_VAULT])
    assert msgspec.json.decode(made.record)["copy"] == NO_VAULT
    [silent] = sealer.seal_all([Asked()], [decision()], 2, 1)
    assert "copy" not in msgspec.json.decode(silent.record)
