# SPDX-License-Identifier: Apache-2.0
"""Records, salts and entries: verified as an outsider verifies them."""

from __future__ import annotations

import hmac
import json
from hashlib import sha256
from typing import Any, NamedTuple

import msgspec
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from vigie.core import canonical
from vigie.core.actions import ActionKind, Outcome
from vigie.core.decision import Action, Decision, Ground, Reason, Signal, Verdict
from vigie.core.ids import decision_id
from vigie.core.item import Author, Context, Item, MediaFacts, Subject, Surface
from vigie.journal.keyed import Keyed
from vigie.journal.record import FACTS, fields_of, full_record, is_short, short_record
from vigie.journal.rows import JournalDecision, JournalText, Kind, decode
from vigie.journal.seal import HOUR_MS, REMEMBERED, Sealed, Sealer
from vigie.ledger.entry import decision_salt, record_salt
from vigie.ledger.verify.entries import field_commitment, make_entry

NOW = 1_795_381_200_000
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


class Asked(NamedTuple):
    subject: Subject
    fingerprint: bytes = b"f" * 16
    idempotency: bytes = b""


def sealer(sample_rate: float = 0.0, **more: Any) -> Sealer:
    return Sealer(b"p" * 32, sample_rate=sample_rate, term_ms=5000, **more)


def item(**fields: Any) -> Item:
    given = {"id": "p-1", "surface": Surface.POST, "author": Author(id="a-9"), "text": "Hello."}
    return Item(**{**given, **fields})


def decision(ordinal: int = 1, bits: int = 2**40 - 1, **fields: Any) -> Decision:
    name = decision_id("w0123456789", ordinal, bits)
    given = {"decision_id": name, "item_id": "p-1", "version": 1, "outcome": Outcome.ALLOW}
    return Decision(**{**given, **fields})


ACTION = Action(
    action=ActionKind.DISABLED, territories=("DE", "FR"), by="proposal", state="proposed",
    grounds=(Ground(offence="fr_denial"),),
)  # fmt: skip
VERDICT = Verdict(
    policy="denial", version=3, state="live", ground=Ground(offence="fr_denial"),
    reasons=(Reason(clause="score", value=0.93, limit=0.85),),
)  # fmt: skip
SIGNAL = Signal(detector="d", version="1", label="x", value=0.93, span=(0, 2))


def seal(one: Decision, subject: Subject | None = None, by: Sealer | None = None) -> Sealed:
    asked = Asked(subject or Subject(item()))
    return (by or sealer()).seal_all([asked], [one], 1, NOW)[0]


def body_of(sealed: Sealed) -> JournalDecision:
    body: JournalDecision
    [body] = [decode(row) for row in sealed.rows if row.kind == Kind.DECISION]
    return body


@given(st.binary(max_size=64), st.binary(max_size=200))
def test_a_keyed_digest_is_the_hmac_of_the_standard(key: bytes, message: bytes) -> None:
    assert Keyed(key).digest(message) == hmac.digest(key, message, "sha256")


@given(TEXTS, st.sampled_from(Outcome), st.integers(0, 2**53 - 1))
def test_the_short_record_is_written_as_the_general_form_writes_it(
    text: str, outcome: Outcome, t: int
) -> None:
    one = decision(outcome=outcome, snapshot=12)
    values = {"item": text}
    fields = canonical.encode(values)
    salt = b"s" * 32
    short = short_record(one, fields, salt, "0" * 32, t)
    general = full_record(one, {FACTS: values}, lambda _path: salt, "0" * 32, t)
    assert short == general
    assert rfc8785.dumps(json.loads(short)) == short


@given(TEXTS, st.floats(0, 1), st.booleans())
def test_every_record_is_canonical_and_holds_no_float(text: str, score: float, keep: bool) -> None:
    signal = msgspec.structs.replace(SIGNAL, value=score)
    actions = (ACTION,) if keep else ()
    one = decision(signals=(signal,), actions=actions, verdicts=(VERDICT,), supersedes="w-0-0")
    sealed = seal(one, Subject(item(text=text or "a", id="p\u00e9")))
    record = json.loads(sealed.record)
    canonical.check(record)
    assert rfc8785.dumps(record) == sealed.record
    assert record["k"] == "decision.made"
    assert set(record) >= {"v", "id", "t", "decision_id", "outcome", "item", "signals"}


def test_a_record_holds_neither_text_nor_names_in_clear() -> None:
    sealed = seal(decision(actions=(ACTION,)), Subject(item(id="p-secret", text="secret words")))
    assert b"secret" not in sealed.record
    assert b"a-9" not in sealed.record


def test_the_entry_of_a_kept_decision_opens_with_its_own_key() -> None:
    sealed = seal(decision(actions=(ACTION,), verdicts=(VERDICT,), signals=(SIGNAL,)))
    body = body_of(sealed)
    assert len(body.key) == 32
    assert sealed.salt == record_salt(body.key)
    assert make_entry(sealed.record, sealed.salt) == sealed.entry == body.entry
    record = json.loads(sealed.record)
    for path, value in json.loads(body.fields).items():
        opened = field_commitment(path, record_salt(body.key, path), canonical.encode(value))
        assert record[path] == {"_c": opened}


def test_the_entry_of_a_harmless_decision_opens_with_the_hours_key() -> None:
    by = sealer()
    sealed = seal(decision(), by=by)
    body = body_of(sealed)
    [hour] = by.with_keys([])
    key = decode(hour).key
    assert body.key == b""
    assert sealed.salt == decision_salt(key, sealed.decision_id)
    assert make_entry(sealed.record, sealed.salt) == sealed.entry
    salt = hmac.digest(key, f"vigie/salt/v1\n{sealed.decision_id}\nfacts".encode(), "sha256")
    opened = field_commitment("facts", salt, body.fields)
    assert json.loads(sealed.record)["facts"] == {"_c": opened}


def test_a_changed_record_or_salt_has_another_entry() -> None:
    sealed = seal(decision())
    assert make_entry(sealed.record + b" ", sealed.salt) != sealed.entry
    assert make_entry(sealed.record, bytes(32)) != sealed.entry


def test_equal_decisions_have_different_entries() -> None:
    assert seal(decision()).entry != seal(decision()).entry


def test_the_hours_key_is_added_until_it_is_durable_and_changes_with_the_hour() -> None:
    by = sealer()
    asked = Asked(Subject(item()))
    rows = list(by.seal_all([asked], [decision()], 1, NOW)[0].rows)
    first = by.with_keys(rows)
    assert [row.kind for row in first] == ["hourkey", "decision"]
    again = by.with_keys(rows)
    assert again[0] == first[0]
    by.committed(again)
    assert by.with_keys(rows) == rows
    by.seal_all([asked], [decision(2)], 2, NOW + HOUR_MS)
    by.seal_all([asked], [decision(3)], 3, NOW + 2 * HOUR_MS)
    both = [decode(row) for row in by.with_keys([])]
    assert [key.hour for key in both] == [NOW // HOUR_MS + 1, NOW // HOUR_MS + 2]
    assert len({key.key for key in both}) == 2


def test_a_pseudonym_is_keyed_and_belongs_to_a_service() -> None:
    by = sealer()
    name = by.pseudonym("agora", "a-9")
    assert name == hmac.digest(b"p" * 32, b"agora\na-9", "sha256")[:16].hex()
    assert name != by.pseudonym("forum", "a-9")
    assert name != Sealer(b"q" * 32, sample_rate=0, term_ms=1).pseudonym("agora", "a-9")


def test_pseudonyms_are_remembered_in_bounded_memory() -> None:
    by = sealer()
    for number in range(REMEMBERED + 10):
        by.pseudonym("s", str(number))
    assert len(by._known) <= REMEMBERED
    assert by.pseudonym("s", "1") == by.pseudonym("s", "1")


@pytest.mark.parametrize(("rate", "share"), [(0.0, 0), (1.0, 1), (0.25, 0.25)])
def test_a_sample_of_harmless_decisions_is_kept_with_its_text(rate: float, share: float) -> None:
    by = sealer(rate)
    kept = sum(body_of(seal(decision(bits=n * 2**40 // 1000), by=by)).keep for n in range(1000))
    assert abs(kept - share * 1000) <= 1


def test_text_is_written_only_where_the_decision_needs_it() -> None:
    harmless = seal(decision())
    assert [row.kind for row in harmless.rows] == ["decision"]
    assert not any(b"Hello" in row.body or b"a-9" in row.body for row in harmless.rows)
    kept = seal(decision(actions=(ACTION,)))
    assert [row.kind for row in kept.rows] == ["decision", "text"]
    text: JournalText = decode(kept.rows[1])
    assert (text.text, text.author_id) == ("Hello.", "a-9")


@pytest.mark.parametrize("how", ["ground", "match"])
def test_of_class_child_only_location_time_and_account_are_written(how: str) -> None:
    from vigie.core.decision import Basis, Match

    by = sealer()
    by.child_offences = frozenset({"fr_csam"})
    match = Match(media=0, cls="child", basis=Basis.EXACT, algorithm="sha256", distance=0,
                  banks=("b",), owners=("o",))  # fmt: skip
    verdict = msgspec.structs.replace(VERDICT, ground=Ground(offence="fr_csam"))
    fields: dict[str, Any] = {"actions": (ACTION,)}
    if how == "ground":
        fields["verdicts"] = (verdict,)
    else:
        fields["signals"] = (msgspec.structs.replace(SIGNAL, match=match),)
    said = item(links=["https://l.example"], url="https://u.example", context=Context("p-0"))
    sealed = seal(decision(**fields), Subject(said), by)
    text: JournalText = decode(sealed.rows[-1])
    assert body_of(sealed).cls == "child"
    assert (text.text, text.links, text.in_reply_to) == (None, (), None)
    assert (text.url, text.author_id) == ("https://u.example", "a-9")


def test_a_row_keeps_hashes_of_media_and_never_their_bytes() -> None:
    media = (MediaFacts(status="ok", sha256="a" * 64, pdq="b" * 64), MediaFacts(status="pending"))
    said = item(media=[])
    values = fields_of(Subject(said, media), decision(), "author")
    assert values["item"]["media"] == (f"sha256:{'a' * 64}", f"pdq:{'b' * 64}")
    assert values["item"]["text"] == sha256(b"Hello.").hexdigest()
    assert body_of(seal(decision(), Subject(said, media))).media == values["item"]["media"]


def test_a_record_is_short_only_where_nothing_else_is_to_be_said() -> None:
    assert is_short(decision(signals=(SIGNAL,)))
    assert not is_short(decision(actions=(ACTION,)))
    assert not is_short(decision(verdicts=(VERDICT,)))
    assert not is_short(decision(supersedes="w-1-0123456789"))


def test_a_row_carries_fingerprint_key_of_the_request_and_end_of_the_promise() -> None:
    asked = Asked(Subject(item(), supersedes=None), b"F" * 16, b"I" * 16)
    [sealed] = sealer().seal_all([asked], [decision()], 1, NOW)
    body = body_of(sealed)
    assert (body.fingerprint, body.idempotency) == (b"F" * 16, b"I" * 16)
    assert body.not_after == NOW + 5000
    assert msgspec.json.decode(body.decision, type=Decision) == decision()
