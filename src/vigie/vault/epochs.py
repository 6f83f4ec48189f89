# SPDX-License-Identifier: Apache-2.0
"""Epochs of the vault's keys: set up, followed by the next, destroyed.

A new epoch wraps every live record's small key anew; its content is not touched.
The epoch before is destroyed when nothing is left to it: then a backup of the
store opens nothing that was shredded since, but for who holds the escrow.
Run under the account that owns the folder of identities.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from django.db.models import Max

from vigie.core.errors import ConflictError, InvalidInputError, NotFoundError, UnavailableError
from vigie.evidence import age, incoming, keys
from vigie.flow import records, search_day
from vigie.flow.house import House
from vigie.flow.transaction import writing
from vigie.flow.vault import layout, recipients
from vigie.store.models import Evidence, VaultEpoch
from vigie.vault import identities

CREATED: Final = "epoch.created"
DESTROYED: Final = "epoch.destroyed"
GROUP: Final = 200


def current(lane: str) -> VaultEpoch | None:
    """Return the epoch to which a lane seals now."""
    rows = VaultEpoch.objects.filter(lane=lane, rotated_at=None, destroyed_at=None)
    return rows.order_by("-number").first()


def init(house: House, *, escrow: str = "", officers: Mapping[str, str] | None = None) -> list[int]:
    """Set up the lanes that are missing; return the numbers of new epochs.

    Args:
        house: the installation.
        escrow: public key of the escrow of lane `general`; its private half lies
            outside, offline.
        officers: public key by account number, two to five: lane `child`.

    Raises InvalidInputError for keys that are none.
    """
    made = []
    if current(keys.GENERAL) is None:
        made.append(_begin_general(house, escrow).number)
    if officers and current(keys.CHILD) is None:
        made.append(_begin_child(house, officers).number)
    _publish(house)
    return made


def rotate(house: House, *, escrow: str | None = None, rescue: str = "") -> tuple[VaultEpoch, int]:
    """Begin a new epoch of lane `general` and wrap every record to it.

    `escrow`: another public key from now on, empty for none; None keeps it.
    `rescue`: the escrow's private key, where identities are lost. Returns the epoch
    and how many records were wrapped. Raises NotFoundError `no_vault` before `init`,
    UnavailableError where an identity is missing: then nothing is changed.
    """
    old = _must(keys.GENERAL)
    _secrets(house, keys.GENERAL, (), rescue)  # before anything is written
    kept = escrow if escrow is not None else next(iter(old.recipients[1:]), "")
    made = _begin_general(house, kept)
    _publish(house)
    return made, _wrap_all(house, made, (), rescue)


def rotate_child(
    house: House, given: Sequence[str], officers: Mapping[str, str] | None = None
) -> tuple[VaultEpoch, int]:
    """Begin a new epoch of lane `child` with the keys of two officers of the old one.

    `officers`: others from now on. Returns as `rotate`; raises as it does, and
    UnavailableError `age_refused` where the two keys are no pair.
    """
    old = _must(keys.CHILD)
    _secrets(house, keys.CHILD, given, "")
    made = _begin_child(house, officers or officers_of(old))
    _publish(house)
    return made, _wrap_all(house, made, given, "")


def destroy(house: House, number: int) -> None:
    """Destroy an epoch's identity for good; what came in late is wrapped to the next one first.

    Raises NotFoundError, ConflictError `epoch_in_use` while it is the current one or
    something is still wrapped to it, `search_stands` while a search does: copies in
    backups may be wrapped to it.
    """
    search_day.check_deletion()
    row = VaultEpoch.objects.filter(pk=number).first()
    if row is None:
        raise NotFoundError("There is no such epoch.", code="no_epoch")
    made = current(keys.GENERAL)
    if row.lane == keys.GENERAL and row.rotated_at is not None and made is not None:
        _wrap_all(house, made, (), "")
    if row.rotated_at is None or in_use(house, number):
        raise ConflictError(
            "Something is still sealed to this epoch.",
            code="epoch_in_use",
            fix="Rotate first, and let `jobs` take in what waits.",
        )
    identities.destroy(house.settings.vault_dir, number)
    if row.destroyed_at is not None:
        return
    now = house.now()
    with writing():
        row.destroyed_at = now
        row.save(update_fields=["destroyed_at"])
        records.append_one(records.draft(DESTROYED, now, {"epoch": number}))


def in_use(house: House, number: int) -> bool:
    """Say whether a live record, or a file that waits, needs an epoch's identity."""
    if Evidence.objects.filter(epoch=number).exclude(wrapped=[]).exists():
        return True
    for path in incoming.waiting(layout.folder(house.settings)):
        try:
            if incoming.read(path).header.epoch == number:
                return True
        except UnavailableError:
            return True
    return False


def officers_of(epoch: VaultEpoch) -> dict[str, str]:
    """Return the officers of an epoch of lane `child`: public key by account number."""
    parts = [one.partition(":") for one in epoch.recipients[1:]]
    return {name: key for name, _, key in parts}


def _must(lane: str) -> VaultEpoch:
    found = current(lane)
    if found is None:
        raise NotFoundError(
            "There is no vault yet.", code="no_vault", fix="Run `vigie vault init`."
        )
    return found


def _begin_general(house: House, escrow: str) -> VaultEpoch:
    own = age.generate()
    to = [own.recipient, *([age.check_recipient(escrow)] if escrow else [])]
    if len(set(to)) != len(to):
        raise InvalidInputError("The escrow has a key of its own.", field="escrow")
    with writing():
        number = _next()
        identities.write(house.settings.vault_dir, number, own.secret)
        return _row(house, number, keys.GENERAL, to)


def _begin_child(house: House, officers: Mapping[str, str]) -> VaultEpoch:
    own = age.generate()
    blobs = keys.split(own.secret, officers)
    to = [own.recipient, *(f"{name}:{key}" for name, key in sorted(officers.items()))]
    with writing():
        number = _next()
        identities.write_pairs(house.settings.vault_dir, number, blobs)
        return _row(house, number, keys.CHILD, to)


def _next() -> int:
    return (VaultEpoch.objects.aggregate(last=Max("number"))["last"] or 0) + 1


def _row(house: House, number: int, lane: str, to: list[str]) -> VaultEpoch:
    """Write the epoch's row and record; the one before is over. Inside `writing`."""
    now = house.now()
    VaultEpoch.objects.filter(lane=lane, rotated_at=None).update(rotated_at=now)
    draft = records.draft(CREATED, now, {"epoch": number, "lane": lane, "recipients": to})
    records.append_one(draft)
    return VaultEpoch.objects.create(
        number=number, lane=lane, recipients=to, created_at=now, record_id=draft.record_id
    )


def _publish(house: House) -> None:
    """Tell the sealing processes to whom they seal, as the rows have it."""
    lanes = {}
    for lane in (keys.GENERAL, keys.CHILD):
        row = current(lane)
        if row is not None:
            to = row.recipients if lane == keys.GENERAL else row.recipients[:1]
            lanes[lane] = keys.Lane(epoch=row.number, recipients=tuple(to))
    recipients.change(house.settings, **lanes)


def _secrets(house: House, lane: str, given: Sequence[str], rescue: str) -> dict[int, str]:
    """Return the identity of every epoch that live records of a lane need."""
    live = Evidence.objects.filter(lane=lane).exclude(wrapped=[])
    found = {}
    for number in set(live.values_list("epoch_id", flat=True)):
        if rescue:
            found[number] = rescue.strip()
        elif lane == keys.CHILD:
            found[number] = identities.join(house.settings.vault_dir, number, given)
        else:
            found[number] = identities.read(house.settings.vault_dir, number)
    return found


def _wrap_all(house: House, made: VaultEpoch, given: Sequence[str], rescue: str) -> int:
    """Wrap the key of every live record of a lane to its new epoch, in small transactions."""
    to = made.recipients if made.lane == keys.GENERAL else made.recipients[:1]
    live = Evidence.objects.filter(lane=made.lane).exclude(wrapped=[]).exclude(epoch=made)
    done = 0
    while rows := list(live.order_by("number")[:GROUP]):
        # Asked anew: what waited may have come in since, still wrapped to the epoch before.
        secrets = _secrets(house, made.lane, given, rescue)
        fresh = [(one, _again(one, secrets[one.epoch_id], to)) for one in rows]
        with writing():
            for one, wrapped in fresh:
                # Shredded meanwhile: it stays so.
                still = Evidence.objects.filter(pk=one.pk).exclude(wrapped=[])
                done += still.update(wrapped=[wrapped], epoch=made)
    return done


def _again(one: Evidence, secret: str, to: Sequence[str]) -> str:
    return keys.wrap(keys.unwrap(one.wrapped[0], [secret]), to)
