# SPDX-License-Identifier: Apache-2.0
"""A notice is received: recorded, put before a person, confirmed (Art. 16 DSA).

Record, log entry, cases and the confirmation of receipt commit together. The
receipt carries a signed promise of inclusion; the same form sent again within
a day gives the first receipt and writes nothing.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Max

from vigie.core import canonical, locations
from vigie.flow import promised, records, tracking
from vigie.flow.house import House
from vigie.flow.letters import write_letter
from vigie.flow.notices import flaggers
from vigie.flow.notices.attach import bind, takes_files
from vigie.flow.notices.cases import put_before_person
from vigie.flow.notices.follow import follow
from vigie.flow.notices.form import NoticeForm, check_notice, missing_elements
from vigie.flow.notices.locate import Place, locate
from vigie.flow.notices.suspended import check_processed
from vigie.flow.transaction import writing
from vigie.ledger.tiles import LogFolder
from vigie.store.models import Notice, NoticeItem, TrustedFlagger

RECEIVED: Final = "notice.received"
SUBJECT: Final = "notice"
AGAIN_MS: Final = 86_400_000
"""So long the same form is the same notice."""
_KEY: Final = b"vigie/notice-form/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeReceipt:
    """What the notifier is given at once."""

    notice: Notice
    code: str
    """With it, the notifier sees where the notice stands."""
    checkpoint: str | None
    """Signed state of the log as published now; it covers the notice about a second later."""
    again: bool = False
    """True: this very form was received before."""

    @property
    def number(self) -> int:
        """The short number."""
        return self.notice.number

    @property
    def receipt(self) -> dict[str, Any]:
        """The promise of inclusion with its opening, as `vigie-verify` reads it."""
        return self.notice.receipt


def receive_notice(house: House, given: NoticeForm) -> NoticeReceipt:
    """Receive a notice; returns its receipt.

    Raises InvalidInputError for the first field that does not fit, RefusedError
    where the processing of this notifier's notices is suspended (Art. 23(2)).
    """
    form = check_notice(given)
    now = house.now()
    notifier = notifier_of(house, form)
    fingerprint = _fingerprint(house, form)
    with writing():
        first = Notice.objects.filter(
            fingerprint=fingerprint, received_at__gt=now - AGAIN_MS
        ).first()
        if first is not None:
            return receipt_of(house, first, again=True)
        check_processed(notifier, form.service or "default", form.category, now)
        notice = _write(house, form, notifier, fingerprint, now)
        for position, location in enumerate(form.locations):
            place = locate(location, form.service)
            _put(house, notice, position, place, form, now)
        if takes_files(form.about):
            bind(house, notice, form.files)
        _confirm(house, notice, form)
        follow(house, notice)
    return receipt_of(house, notice)


def receipt_of(house: House, notice: Notice, *, again: bool = False) -> NoticeReceipt:
    """Return the receipt of a notice that was received."""
    note = LogFolder(house.settings.log_dir).checkpoint()
    return NoticeReceipt(
        notice=notice,
        code=code_of(house, notice),
        checkpoint=note.decode() if note is not None else None,
        again=again,
    )


def code_of(house: House, notice: Notice) -> str:
    """Return the tracking code of a notice; derived, never stored."""
    return tracking.code_of(house, SUBJECT, notice.record_id)


def notifier_of(house: House, form: NoticeForm) -> str:
    """Return the keyed pseudonym of who gives notice; empty where nobody is named."""
    if form.about.anonymous:
        return ""
    if form.user and form.key is not None:
        return house.pseudonym("notifier", f"user\n{form.key.service}\n{form.user}")
    return house.pseudonym("notifier", form.email.casefold()) if form.email else ""


def _fingerprint(house: House, form: NoticeForm) -> str:
    """Return what is equal for the same form only.

    Every field counts: who knows the victim's address and the location, but not
    her words, must not be given her receipt.
    """
    said = {
        "channel": form.channel.value,
        "key": form.key.pk if form.key else 0,
        "kind": form.kind.value,
        "category": form.category,
        "locations": sorted(locations.canonical(one) for one in form.locations),
        "words": form.explanation,
        "name": form.name,
        "email": form.email,
        "user": form.user,
        "on_behalf": form.on_behalf,
        "hashes": [one["pdq"] for one in form.hashes],
        "token": form.token,
    }
    secret = hmac.digest(house.pseudonym_key, _KEY, "sha256")
    return hmac.digest(secret, canonical.encode(said), "sha256").hex()


def _write(house: House, form: NoticeForm, notifier: str, fingerprint: str, now: int) -> Notice:
    number = (Notice.objects.aggregate(last=Max("number"))["last"] or 0) + 1
    flagger = flaggers.of_key(form.key, now)
    missing = missing_elements(form)
    draft = records.draft(
        RECEIVED,
        now,
        _plain(form, number, missing, flagger),
        _personal(form),
        promised_until=promised.until(house, now),
    )
    index = records.append_one(draft, since=now)
    return Notice.objects.create(
        number=number,
        kind=form.kind,
        channel=form.channel,
        service=form.service or "default",
        category=form.category,
        explanation=form.explanation,
        good_faith=form.good_faith,
        name=form.name,
        email=form.email,
        on_behalf=form.on_behalf,
        under_age=form.under_age,
        notifier=notifier,
        language=form.language,
        country=form.country,
        hashes=[dict(one) for one in form.hashes],
        complete=not missing,
        missing=missing,
        flagger=flagger,
        code_digest=tracking.digest_of(tracking.code_of(house, SUBJECT, draft.record_id)),
        fingerprint=fingerprint,
        received_at=now,
        record_id=draft.record_id,
        log_index=index,
        receipt=promised.promise(house, [draft], now),
    )


def _plain(
    form: NoticeForm, number: int, missing: list[str], flagger: TrustedFlagger | None
) -> dict[str, Any]:
    return {
        "notice": number,
        "legal": form.kind.value,
        "category": form.category,
        "channel": form.channel.value,
        "locations": len(form.locations),
        "missing": missing,
        "good_faith": form.good_faith,
        "trusted": flagger is not None,
    }


def _personal(form: NoticeForm) -> dict[str, Any]:
    """Return what stands in the record as commitments only."""
    values: dict[str, Any] = {"where": list(form.locations)}
    if form.explanation:
        values["words"] = form.explanation
    if form.name or form.email:
        values["notifier"] = {"name": form.name, "email": form.email}
    return values


def _put(
    house: House, notice: Notice, position: int, place: Place, form: NoticeForm, now: int
) -> None:
    item = NoticeItem.objects.create(
        notice=notice, position=position, location=place.location, item_id=place.item_id
    )
    put_before_person(house, item, place, form.about, now)


def _confirm(house: House, notice: Notice, form: NoticeForm) -> None:
    """Send the confirmation of receipt (Art. 16(4)) where an address is known."""
    if not notice.email:
        return
    context = {"code": code_of(house, notice), "url": status_address(house)}
    discreet = form.about.discreet or notice.on_behalf
    write_letter(
        house,
        template="neutral_receipt" if discreet else "notice_receipt",
        to=notice.email,
        language=notice.language,
        context=context if discreet else context | {"number": notice.label},
        notice=notice,
    )


def status_address(house: House) -> str:
    """Return where anybody with a code reads how a notice stands."""
    return f"{house.settings.base_url}/notice/status"
