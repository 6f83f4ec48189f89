# SPDX-License-Identifier: Apache-2.0
"""The deciding span with two hundred characters around it, and when nothing is kept."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.books import COUNTED, STOPPED, guard
from tests.support.screening import law
from vigie.core.actions import ActionKind, Outcome
from vigie.core.clock import FixedClock
from vigie.core.decision import Action, Decision, Ground, Reason, Signal, Verdict
from vigie.core.item import Author, Item, Subject, Surface
from vigie.evidence import age, incoming, keys
from vigie.gateway import excerpt
from vigie.gateway.excerpt import AROUND, MAX_SPAN, Excerpts
from vigie.law import Cls
from vigie.machine.sealing import Sealing
from vigie.screening.judge import judge

NOW = 1_795_000_000_000
DAY = 86_400_000


def judged(text: str, name: str = "w0-1-ffffffffff") -> tuple[Subject, Decision]:
    item = Item(
        id=name, surface=Surface.AI_PROMPT, author=Author(id="vu_a"), text=text, countries=["FR"]
    )
    subject = Subject(item, gateway=True)
    return subject, judge([subject], guard(), NOW, iter([name]))[0]


def decision(*signals: Signal, label: str = "planted", **more) -> Decision:
    ground = more.pop("ground", Ground(terms="rule"))
    given = {
        "decision_id": "w0-1-ffffffffff",
        "item_id": "p",
        "version": 1,
        "outcome": Outcome.WITHHOLD,
        "signals": signals,
        "actions": (
            Action(
                action=ActionKind.DISABLED, territories=("FR",), by="rule e", state="sent",
                grounds=(ground,),
            ),
        ),
        "verdicts": (
            Verdict(
                policy="p", version=1, state="live", ground=ground,
                reasons=(Reason(clause="score", signal=f"says/{label}", value=0.9),),
            ),
        ),
    }  # fmt: skip
    return Decision(**{**given, **more})


def said(label: str, value: float, span: tuple[int, int] | None) -> Signal:
    return Signal(detector="says", version="1", label=label, value=value, span=span)


@given(st.integers(0, 900), st.integers(0, 900))
def test_two_hundred_characters_stand_on_either_side(before, after):
    text = "b" * before + STOPPED + "a" * after
    _, made = judged(text)
    found = excerpt.of(text, made)
    assert found == "b" * min(before, AROUND) + STOPPED + "a" * min(after, AROUND)


def test_the_strongest_observation_that_decided_is_the_span():
    made = decision(
        said("planted", 0.5, (0, 3)),
        said("planted", 0.9, (10, 12)),
        said("other", 1.0, (40, 50)),
        said("planted", 1.0, None),
    )
    assert excerpt.span(made) == (10, 12)


def test_without_a_span_the_newest_words_are_kept_and_no_more():
    text = "x" * 5_000 + "the end"
    assert excerpt.of(text, decision()) == text[-MAX_SPAN:]


def test_a_span_that_is_everything_is_cut():
    text = "x" * 50_000
    found = excerpt.of(text, decision(said("planted", 1.0, (0, 50_000))))
    assert len(found) == MAX_SPAN + AROUND


@pytest.fixture
def vault(tmp_path):
    """A folder with recipients, and the identity that opens."""
    own = age.generate()
    lane = keys.Lane(epoch=1, recipients=(own.recipient,))
    known = msgspec.json.encode(keys.Recipients(general=lane))
    tmp_path.joinpath(keys.FILE).write_bytes(known)
    return tmp_path, own


def keep(folder, text: str, made: tuple[Subject, Decision], days: int = 30) -> str:
    excerpts = Excerpts(Sealing(folder, FixedClock(NOW)))
    return excerpts.keep(text, *made, law(), days, NOW)


def test_it_is_sealed_at_once_and_opens_for_the_vault_alone(vault):
    folder, own = vault
    text = "before " * 60 + STOPPED + " after" * 60
    name = keep(folder, text, judged(text))
    [path] = incoming.waiting(folder)
    found = incoming.read(path)
    assert found.header.evidence_id == name
    assert (found.header.kind, found.header.rule) == ("excerpt", "gateway_excerpt")
    assert found.header.ends_at == NOW + 30 * DAY
    assert STOPPED.encode() not in path.read_bytes()
    record = keys.unwrap(found.header.wrapped, [own.secret])
    opened = age.decrypt(found.ciphertext, [record]).decode()
    assert STOPPED in opened
    assert len(opened) == len(STOPPED) + 2 * AROUND


def test_without_a_vault_nothing_is_kept_and_it_says_so(tmp_path):
    assert keep(tmp_path, STOPPED, judged(STOPPED)) == "not kept: no vault"
    assert list(tmp_path.rglob("*.sealed")) == []


def test_of_what_is_counted_only_nothing_is_kept_ever(vault):
    folder, _ = vault
    assert keep(folder, COUNTED, judged(COUNTED)) == "not kept: counted only"
    assert list(incoming.waiting(folder)) == []


def test_of_class_child_nothing_is_kept_ever(vault):
    folder, _ = vault
    entry = next(e.id for e in law().entries.values() if e.cls is Cls.CHILD)
    other = next(e.id for e in law().entries.values() if e.cls is Cls.DENIAL)
    grounds = (Ground(offence=other), Ground(offence=entry))
    made = decision(said("planted", 1.0, (0, 4)))
    action = made.actions[0]
    made = msgspec.structs.replace(
        made, actions=(msgspec.structs.replace(action, grounds=grounds),)
    )
    assert keep(folder, "text", (judged("text")[0], made)) == "not kept: counted only"
    assert list(incoming.waiting(folder)) == []


@pytest.mark.parametrize(
    ("days", "text", "why"), [(0, STOPPED, "the profile keeps none"), (30, "", "no text")]
)
def test_a_profile_can_keep_none(vault, days, text, why):
    assert keep(vault[0], text, judged(STOPPED), days) == f"not kept: {why}"


def test_a_broken_folder_is_said_and_stops_no_answer(vault, monkeypatch):
    folder, _ = vault
    folder.joinpath(keys.FILE).write_bytes(b"{")
    assert keep(folder, STOPPED, judged(STOPPED)) == "not kept: recipients_broken"
