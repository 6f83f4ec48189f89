# SPDX-License-Identifier: Apache-2.0
"""The two lists of the victim's path, and how entries get in and out.

`intimate/claims`: what notifiers' devices computed; finds copies, decides nothing.
`intimate/notified`: the platform's own copies of pictures that a person
confirmed. Neither takes an import; their names cannot be given to another list.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Final

from vigie.flow import records
from vigie.flow.snapshot_parts import mark_dirty
from vigie.screening.matching.base import CLAIMS, NOTIFIED, BankClass
from vigie.screening.matching.pdq import PDQ
from vigie.store.models import (
    Bank,
    BankEntry,
    Notice,
    Opinion,
    PictureClaim,
    SnapshotPart,
    Stance,
)

NOTIFIERS: Final = "notifiers"
OPERATOR: Final = "operator"
_OWNERS: Final = {CLAIMS: NOTIFIERS, NOTIFIED: OPERATOR}
_WORDS: Final = {
    CLAIMS: "Hashes that notifiers' own devices computed. They find copies and decide nothing.",
    NOTIFIED: "The platform's own copies of intimate pictures that a person confirmed.",
}


def ensure(name: str, now: int) -> Bank:
    """Return one of the two lists, made when first needed. Inside `transaction.writing`."""
    bank, made = Bank.objects.get_or_create(
        name=name,
        defaults={
            "cls": BankClass.INTIMATE.value,
            "owner": _OWNERS[name],
            "description": _WORDS[name],
            "created_at": now,
        },
    )
    if made:
        plain = {"bank": name, "cls": bank.cls, "owner": bank.owner}
        records.append_one(records.draft("bank.created", now, plain))
    return bank


def add_claims(notice: Notice, claims: Sequence[PictureClaim], now: int) -> None:
    """List the hashes of a notice as what its notifier says of them."""
    bank = ensure(CLAIMS, now)
    for claim in claims:
        entry = _put(bank, PDQ.name, claim.pdq, now, quality=claim.quality, reference=notice.label)
        Opinion.objects.create(entry=entry, owner=notice.label, stance=Stance.POSITIVE, at=now)
    mark_dirty(SnapshotPart.INDEX, now)


def drop_claims(hashes: Collection[str], now: int) -> None:
    """Take hashes of notifiers out of the list; `jobs` deletes them some weeks later."""
    if not hashes:
        return
    rows = BankEntry.objects.filter(bank__name=CLAIMS, value__in=hashes)
    rows.update(active=False, reference="")
    mark_dirty(SnapshotPart.INDEX, now)


def add_notified(pairs: Iterable[tuple[str, str]], reference: str, now: int) -> list[BankEntry]:
    """List the platform's own hashes (algorithm, hexadecimal) of a confirmed picture."""
    bank = ensure(NOTIFIED, now)
    made = []
    for algorithm, value in pairs:
        entry = _put(bank, algorithm, value, now, reference=reference)
        Opinion.objects.create(entry=entry, owner=OPERATOR, stance=Stance.POSITIVE, at=now)
        made.append(entry)
    mark_dirty(SnapshotPart.INDEX, now)
    return made


def drop_notified(hashes: Collection[str], now: int) -> int:
    """Take confirmed pictures out of the index again; the entries stay as a record."""
    rows = BankEntry.objects.filter(bank__name=NOTIFIED, value__in=hashes, active=True)
    numbers = list(rows.values_list("pk", flat=True))
    if not numbers:
        return 0
    BankEntry.objects.filter(pk__in=numbers).update(active=False)
    for number in numbers:
        plain = {"bank": NOTIFIED, "entry": number}
        records.append_one(records.draft("bank.withdrawn", now, plain))
    mark_dirty(SnapshotPart.INDEX, now)
    return len(numbers)


def _put(
    bank: Bank, algorithm: str, value: str, now: int, *, reference: str, quality: int | None = None
) -> BankEntry:
    entry, made = BankEntry.objects.get_or_create(
        bank=bank,
        algorithm=algorithm,
        value=value,
        defaults={"quality": quality, "reference": reference, "added_at": now},
    )
    if not made:
        entry.active, entry.reference = True, reference
        entry.opinion = Stance.POSITIVE
        entry.save(update_fields=["active", "reference", "opinion"])
    return entry
