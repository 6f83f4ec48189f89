# SPDX-License-Identifier: Apache-2.0
"""From a decision to what is committed: record, salt, entry and journal rows.

The entry is made when the record is made: the fold adds exactly these 33 bytes
to the log. Personal and sensitive values stand in the record as salted
commitments (`_c`), so that content and salts can be erased and proofs hold.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from typing import Any, Final, NamedTuple

import msgspec

from vigie.core import canonical
from vigie.core.decision import Action, Decision, Signal
from vigie.core.item import Item, MediaFacts, Subject
from vigie.journal.rows import (
    JournalDecision,
    JournalHourKey,
    JournalText,
    Kind,
    Row,
    encode,
)
from vigie.ledger.entry import make_entry

HOUR_MS: Final = 3_600_000
SALT: Final = b"vigie/salt/v1\n"
FIELD: Final = b"vigie/field/v1\n"
RECORD_KIND: Final = "decision.made"
_JSON: Final = msgspec.json.Encoder()


class Sealed(NamedTuple):
    """A decision ready to be committed and promised."""

    decision_id: str
    rows: list[Row]
    decision: bytes
    """The decision as JSON, all fields."""
    record: bytes
    salt: bytes
    entry: bytes


class Sealer:
    """Makes records and entries for one journal writer.

    Harmless decisions share one random key per hour, which the journal holds
    and the fold moves to the store; a decision with effect, a proposal or a
    sampled one has a key of its own, so that it can be erased alone.
    """

    def __init__(
        self,
        pseudonym_key: bytes,
        *,
        sample_rate: float,
        term_ms: int,
        random_bytes: Callable[[int], bytes] = secrets.token_bytes,
        child_offences: frozenset[str] = frozenset(),
    ) -> None:
        self._pseudonym_key = pseudonym_key
        self._sample_below = int(sample_rate * 2**40)
        self._term_ms = term_ms
        self._random = random_bytes
        self._hour = -1
        self._hour_key = b""
        self.child_offences = child_offences

    def pseudonym(self, service: str, author: str) -> str:
        """Return the author's keyed pseudonym, 32 hexadecimal digits."""
        message = f"{service}\n{author}".encode()
        return hmac.digest(self._pseudonym_key, message, "sha256")[:16].hex()

    def hour_row(self, now_ms: int) -> list[Row]:
        """Start a new shared key where the hour has changed; the row to commit."""
        hour = now_ms // HOUR_MS
        if hour == self._hour:
            return []
        self._hour, self._hour_key = hour, self._random(32)
        body = encode(JournalHourKey(hour=hour, key=self._hour_key))
        return [Row(0, Kind.HOURKEY.value, now_ms, body)]

    def seal(
        self, subject: Subject, decision: Decision, ordinal: int, now_ms: int, **door: Any
    ) -> Sealed:
        """Make the record, its entry and the rows of one decision.

        `door` holds what only the door knows: `fingerprint`, `idempotency`.
        """
        item = subject.item
        keep = self._is_kept(decision)
        key = self._random(32) if keep else b""
        author = self.pseudonym(item.service, item.author.id)
        fields = _fields(subject, decision, author)
        salts = _Salts(key or self._hour_key, b"" if keep else decision.decision_id.encode())
        record = _record(decision, fields, salts, self._random(16).hex(), now_ms)
        salt = salts.of("")
        entry = make_entry(record, salt)
        encoded = _JSON.encode(decision)
        rows = [Row(ordinal, Kind.DECISION.value, now_ms, b"")]
        body = JournalDecision(
            decision_id=decision.decision_id,
            decision=encoded,
            record=record,
            salt=salt,
            entry=entry,
            key=key,
            effect=decision.has_effect,
            keep=keep,
            outcome=decision.outcome,
            service=item.service,
            item_id=item.id,
            version=item.version,
            surface=item.surface,
            author=author,
            fields=canonical.encode(fields),
            media=_media_hashes(subject.media),
            not_after=now_ms + self._term_ms,
            snapshot=decision.snapshot,
            stale=decision.stale,
            cls=self._cls(decision),
            **door,
        )
        rows[0] = rows[0]._replace(body=encode(body))
        if keep:
            rows.append(_text_row(item, decision, ordinal, now_ms, bare=body.cls == "child"))
        return Sealed(decision.decision_id, rows, encoded, record, salt, entry)

    def _is_kept(self, decision: Decision) -> bool:
        if decision.actions:
            return True
        return int(decision.decision_id[-10:], 16) < self._sample_below

    def _cls(self, decision: Decision) -> str:
        child = any(v.ground.offence in self.child_offences for v in decision.verdicts)
        matched = any(s.match is not None and s.match.cls == "child" for s in decision.signals)
        return "child" if child or matched else ""


class _Salts:
    """Salts of one record: by its own key, or by the hour's key and its name."""

    __slots__ = ("_key", "_name")

    def __init__(self, key: bytes, name: bytes) -> None:
        self._key = key
        self._name = name

    def of(self, path: str) -> bytes:
        """Return the salt of a field, or of the entry for the empty path."""
        return hmac.digest(self._key, salt_message(self._name, path), "sha256")


def salt_message(name: bytes, path: str) -> bytes:
    """Return what is keyed: the path, after the decision's name where a key is shared."""
    if name and path:
        return SALT + name + b"\n" + path.encode()
    return SALT + (name or path.encode())


def commit(path: str, salt: bytes, value: Any) -> dict[str, str]:
    """Return the salted commitment to one value of a record."""
    inner = hashlib.sha256(canonical.encode(value)).digest()
    outer = hashlib.sha256(FIELD + path.encode() + b"\n" + salt + inner)
    return {"_c": outer.hexdigest()}


def _record(
    decision: Decision, fields: dict[str, Any], salts: _Salts, name: str, now_ms: int
) -> bytes:
    record: dict[str, Any] = {
        "v": 1,
        "id": name,
        "k": RECORD_KIND,
        "t": now_ms,
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
    for path, value in fields.items():
        record[path] = commit(path, salts.of(path), value)
    return canonical.encode(record)


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


def _fields(subject: Subject, decision: Decision, author: str) -> dict[str, Any]:
    item = subject.item
    who: dict[str, Any] = {
        "id": item.id,
        "version": item.version,
        "service": item.service,
        "author": author,
        "media": _media_hashes(subject.media),
    }
    if item.text is not None:
        who["text"] = hashlib.sha256(item.text.encode()).hexdigest()
    return {"item": who, "signals": [plain_signal(s) for s in decision.signals]}


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


def _media_hashes(media: tuple[MediaFacts, ...]) -> tuple[str, ...]:
    return tuple(
        f"{name}:{value}"
        for facts in media
        for name, value in (("sha256", facts.sha256), ("md5", facts.md5), ("pdq", facts.pdq))
        if value
    )


def _text_row(item: Item, decision: Decision, ordinal: int, now_ms: int, *, bare: bool) -> Row:
    """Return what the decision needs of the content; `bare`: location and account only."""
    context = item.context
    body = JournalText(
        decision_id=decision.decision_id,
        text=None if bare else item.text,
        links=() if bare else tuple(item.links),
        author_id=item.author.id,
        author_country=item.author.country,
        url=item.url,
        created_at=item.created_at,
        language=decision.language,
        countries=tuple(item.countries) if item.countries is not None else None,
        in_reply_to=context.in_reply_to if context else None,
        generated_by=context.generated_by if context else None,
    )
    return Row(ordinal, Kind.TEXT.value, now_ms, encode(body))
