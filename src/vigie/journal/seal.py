# SPDX-License-Identifier: Apache-2.0
"""From decisions to what is committed: record, salt, entry and journal rows.

The entry is made when the record is made: the fold adds exactly these 33 bytes
to the log, alone or in a segment.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, Protocol

import msgspec

from vigie.core import canonical
from vigie.core.decision import Decision
from vigie.core.gateway import ExchangeFacts
from vigie.core.ids import parse_decision_id
from vigie.core.item import Subject
from vigie.journal.keyed import Keyed, pseudonym_of
from vigie.journal.record import (
    FACTS_PATH,
    SALT,
    bare,
    fields_of,
    full_record,
    is_short,
    media_hashes,
    salt_message,
    short_record,
)
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
REMEMBERED: Final = 20_000
"""Authors whose pseudonyms are remembered."""
_JSON: Final = msgspec.json.Encoder()


class Asked(Protocol):
    """What was judged, with 16 bytes over its content and of its Idempotency-Key."""

    @property
    def subject(self) -> Subject:
        """The item with what is known of its media."""
        ...

    @property
    def fingerprint(self) -> bytes:
        """16 bytes over all that the item says."""
        ...

    @property
    def idempotency(self) -> bytes:
        """Digest of the request's Idempotency-Key, empty without."""
        ...


class Sealed(NamedTuple):
    """A decision as it is answered, promised and committed."""

    decision_id: str
    decision: bytes
    """The decision as JSON, all fields."""
    record: bytes
    salt: bytes
    entry: bytes
    rows: tuple[Row, ...] = ()


class Sealer:
    """Makes records and entries for one journal writer.

    Harmless decisions share one random key per hour, which the journal holds
    and the fold moves to the store; a decision with effect, a proposal, a sampled
    one or one near a notifier's hash has a key of its own, so that it can be erased
    alone.
    """

    def __init__(
        self,
        pseudonym_key: bytes,
        *,
        sample_rate: float,
        term_ms: int,
        random_bytes: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self._pseudonyms = Keyed(pseudonym_key)
        self._known: dict[tuple[str, str], str] = {}
        self._sample_below = int(sample_rate * 2**40)
        self._term_ms = term_ms
        self._random = random_bytes
        self._hour = -1
        self._hour_key = Keyed(b"")
        self._pending: list[Row] = []
        self.child_offences: frozenset[str] = frozenset()

    def pseudonym(self, service: str, author: str) -> str:
        """Return the author's keyed pseudonym, 32 hexadecimal digits."""
        key = (service, author)
        known = self._known.get(key)
        if known is None:
            known = pseudonym_of(self._pseudonyms, service, author)
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            self._known[key] = known
        return known

    def seal_all(
        self,
        asked: Sequence[Asked],
        decisions: Sequence[Decision],
        first: int,
        now_ms: int,
        copies: Sequence[str] = (),
    ) -> list[Sealed]:
        """Seal decisions of one judging; `with_keys` adds what must be committed with them.

        Args:
            asked: what was judged.
            decisions: what was decided, in the same order.
            first: ordinal of the first decision; the others follow.
            now_ms: time of the decisions, milliseconds since 1970 UTC.
            copies: what each record says of the bytes of its media; none: nothing.
        """
        self._turn_hour(now_ms)
        names = self._random(16 * len(decisions)).hex()
        return [
            self._seal(
                one,
                decision,
                first + n,
                names[32 * n : 32 * n + 32],
                now_ms,
                copies[n] if copies else "",
            )
            for n, (one, decision) in enumerate(zip(asked, decisions, strict=True))
        ]

    def seal_exchange(
        self,
        asked: Asked,
        decision: Decision,
        now_ms: int,
        facts: ExchangeFacts | None = None,
        copy: str = "",
    ) -> Sealed:
        """Seal one decision of the AI gateway, whose name was given out before.

        `facts`: on the decision that ends the exchange.
        """
        self._turn_hour(now_ms)
        ordinal = parse_decision_id(decision.decision_id).ordinal
        name = self._random(16).hex()
        return self._seal(asked, decision, ordinal, name, now_ms, copy, facts)

    def _turn_hour(self, now_ms: int) -> None:
        """Start a new shared key where the hour has changed."""
        hour = now_ms // HOUR_MS
        if hour != self._hour:
            key = self._random(32)
            self._hour, self._hour_key = hour, Keyed(key)
            body = encode(JournalHourKey(hour=hour, key=key))
            self._pending.append(Row(0, Kind.HOURKEY.value, now_ms, body))

    def with_keys(self, rows: list[Row]) -> list[Row]:
        """Return rows with every hour's key that is not known to be durable.

        A key that a failed commit lost must not salt what a later one keeps.
        """
        return [*self._pending, *rows] if self._pending else rows

    def committed(self, rows: Sequence[Row]) -> None:
        """Note that rows are durable: the keys among them need not be sent again."""
        if self._pending:
            self._pending = [row for row in self._pending if row not in rows]

    def _seal(
        self,
        asked: Asked,
        decision: Decision,
        ordinal: int,
        name: str,
        now_ms: int,
        copy: str,
        facts: ExchangeFacts | None = None,
    ) -> Sealed:
        subject = asked.subject
        item = subject.item
        cls = self._cls(decision) if decision.verdicts or decision.signals else ""
        counted = decision.counted_only
        if counted:
            decision = bare(decision)
        author = "" if counted else self.pseudonym(item.service, item.author.id)
        values = fields_of(subject, decision, author, facts)
        fields = canonical.encode(values)
        keep = self._is_kept(subject, decision)
        own = self._random(32) if keep else b""
        keyed = Keyed(own) if keep else self._hour_key
        shared = b"" if keep else decision.decision_id.encode()
        salt = keyed.digest(SALT + shared)
        if keep or not is_short(decision):

            def salt_of(path: str) -> bytes:
                return keyed.digest(salt_message(shared, path))

            record = full_record(decision, values, salt_of, name, now_ms, copy)
        else:
            facts_salt = keyed.digest(SALT + shared + FACTS_PATH)
            record = short_record(decision, fields, facts_salt, name, now_ms)
        entry = make_entry(record, salt)
        encoded = _JSON.encode(decision)
        body = JournalDecision(
            decision_id=decision.decision_id,
            decision=encoded,
            record=record,
            salt=salt,
            entry=entry,
            key=own,
            effect=decision.has_effect,
            keep=keep,
            outcome=decision.outcome,
            service=item.service,
            item_id=item.id,
            version=item.version,
            surface=item.surface,
            author=author,
            fingerprint=asked.fingerprint,
            fields=fields,
            media=media_hashes(subject.media) if keep or not subject.gateway else (),
            idempotency=asked.idempotency,
            not_after=now_ms + self._term_ms,
            snapshot=decision.snapshot,
            stale=decision.stale,
            cls=cls,
            exchange=_JSON.encode(facts) if facts is not None else b"",
        )
        row = Row(ordinal, "decision", now_ms, encode(body))
        rows: tuple[Row, ...] = (row,)
        if keep and not subject.gateway:
            rows = (row, _text_row(subject, decision, row, bare_only=cls == "child"))
        return Sealed(decision.decision_id, encoded, record, salt, entry, rows)

    def _is_kept(self, subject: Subject, decision: Decision) -> bool:
        """Say whether a record of its own is wanted.

        Of the gateway's only what was stopped: there is no text that a person could
        look at.
        """
        if decision.counted_only:
            return False
        if decision.actions or subject.gateway:
            return bool(decision.actions)
        return decision.claimed or self._is_sampled(decision)

    def _is_sampled(self, decision: Decision) -> bool:
        return int(decision.decision_id[-10:], 16) < self._sample_below

    def _cls(self, decision: Decision) -> str:
        child = any(v.ground.offence in self.child_offences for v in decision.verdicts)
        matched = any(s.match is not None and s.match.cls == "child" for s in decision.signals)
        return "child" if child or matched else ""


def _text_row(subject: Subject, decision: Decision, row: Row, *, bare_only: bool) -> Row:
    """Return what the decision needs of the content; `bare_only`: location and account only."""
    item = subject.item
    context = None if bare_only else item.context
    body = JournalText(
        decision_id=decision.decision_id,
        text=None if bare_only else item.text,
        links=() if bare_only else tuple(item.links),
        author_id=item.author.id,
        author_country=item.author.country,
        url=item.url,
        created_at=item.created_at,
        language=decision.language,
        countries=tuple(item.countries) if item.countries is not None else None,
        in_reply_to=context.in_reply_to if context else None,
        generated_by=context.generated_by if context else None,
        media_urls=() if bare_only else tuple(one.url for one in item.media if one.url),
    )
    return Row(row.ordinal, Kind.TEXT.value, row.t, encode(body))
