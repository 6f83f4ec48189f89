# SPDX-License-Identifier: Apache-2.0
"""The record of a decision: canonical JSON whose personal values are commitments.

What is said in clear can be shown to anyone: outcome, actions, policies and
grounds. The item and the signals stand behind salted commitments (`_c`), each
of which can be opened alone and erased.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Any, Final

from msgspec import to_builtins
from msgspec.structs import replace

from vigie.core import canonical
from vigie.core.decision import Action, Decision, Signal
from vigie.core.gateway import ExchangeFacts
from vigie.core.item import MediaFacts, Subject
from vigie.ledger.entry import field_commitment

SALT: Final = b"vigie/salt/v1\n"
FIELD: Final = b"vigie/field/v1\n"
RECORD_KIND: Final = "decision.made"
FACTS: Final = "facts"
"""The one field of a harmless decision's record."""
FACTS_PATH: Final = b"\nfacts"
_FACTS_FIELD: Final = FIELD + b"facts\n"

SaltOf = Callable[[str], bytes]


def salt_message(name: bytes, path: str) -> bytes:
    """Return what is keyed for a salt: the path, or the empty one for the entry.

    Where decisions share a key their name comes first: the entry's salt is then
    HMAC(key, "vigie/salt/v1" LF decision id).
    """
    if name and path:
        return SALT + name + b"\n" + path.encode()
    return SALT + (name or path.encode())


def fields_of(
    subject: Subject, decision: Decision, author: str, facts: ExchangeFacts | None = None
) -> dict[str, Any]:
    """Return the values behind the commitments, by path.

    `facts`: of an exchange with the AI gateway. What is counted only leaves no hash
    of its text or pictures either.
    """
    item = subject.item
    who: dict[str, Any] = {
        "id": item.id,
        "version": item.version,
        "service": item.service,
        "author": author,
    }
    counted = decision.counted_only
    if subject.media and not counted:
        who["media"] = media_hashes(subject.media)
    if item.text is not None and not counted:
        who["text"] = sha256(item.text.encode()).hexdigest()
    fields = {"item": who, "signals": [plain_signal(s) for s in decision.signals]}
    return fields if facts is None else {**fields, "exchange": plain_exchange(facts)}


def short_record(decision: Decision, fields: bytes, salt: bytes, name: str, t: int) -> bytes:
    """Return the record of a decision without verdicts, actions or past.

    The bytes are those of `canonical.encode`, written out because this is what
    almost every item gets. `salt`: of the one field.
    """
    committed = sha256(_FACTS_FIELD + salt + sha256(fields).digest()).hexdigest()
    return (
        f'{{"decision_id":"{decision.decision_id}","facts":{{"_c":"{committed}"}},'
        f'"id":"{name}","k":"{RECORD_KIND}","outcome":"{decision.outcome}",'
        f'"snapshot":{decision.snapshot},"t":{t},"v":1}}'
    ).encode()


def full_record(
    decision: Decision, fields: dict[str, Any], salt_of: SaltOf, name: str, t: int, copy: str = ""
) -> bytes:
    """Return the record of any decision, each field committed to by itself.

    `copy` says what became of the bytes of its media, where there were some.
    """
    record: dict[str, Any] = {
        "v": 1,
        "id": name,
        "k": RECORD_KIND,
        "t": t,
        "decision_id": decision.decision_id,
        "outcome": decision.outcome,
        "snapshot": decision.snapshot,
    }
    if decision.actions:
        record["actions"] = [plain_action(action) for action in decision.actions]
    if decision.verdicts:
        record["verdicts"] = [
            {"policy": v.policy, "version": v.version, "state": v.state, "ground": v.ground}
            for v in decision.verdicts
        ]
    if decision.supersedes:
        record["supersedes"] = decision.supersedes
    if copy:
        record["copy"] = copy
    for path, value in fields.items():
        record[path] = {"_c": field_commitment(path, salt_of(path), canonical.encode(value))}
    return canonical.encode(record)


def is_short(decision: Decision) -> bool:
    """Say whether the short form holds all there is to say."""
    return not (decision.actions or decision.verdicts or decision.supersedes)


def plain_action(action: Action) -> dict[str, Any]:
    """Return an action as a record holds it."""
    plain: dict[str, Any] = {
        "action": action.action,
        "by": action.by,
        "state": action.state,
        "territories": action.territories,
    }
    if action.until:
        plain["until"] = action.until
    return plain


def plain_signal(signal: Signal) -> list[Any]:
    """Return a signal as a record holds it: no floats, scores in millionths."""
    plain: list[Any] = [
        signal.detector,
        signal.version,
        signal.label,
        canonical.millionths(signal.value),
        signal.status,
    ]
    if signal.match is not None:
        plain.append([signal.match.cls, signal.match.basis, signal.match.distance])
    return plain


def plain_exchange(facts: ExchangeFacts) -> dict[str, Any]:
    """Return an exchange without its user and without its similarity fingerprint."""
    return dict(to_builtins(replace(facts, user="", fingerprint=0)))


def bare(decision: Decision) -> Decision:
    """Return a decision that says what was done and nothing of what was seen."""
    verdicts = tuple(replace(verdict, reasons=()) for verdict in decision.verdicts)
    return replace(decision, verdicts=verdicts, signals=(), pending=())


def media_hashes(media: tuple[MediaFacts, ...]) -> tuple[str, ...]:
    """Return `algorithm:hex` of each medium's hashes."""
    return tuple(
        f"{name}:{value}"
        for facts in media
        for name, value in (("sha256", facts.sha256), ("md5", facts.md5), ("pdq", facts.pdq))
        if value
    )
