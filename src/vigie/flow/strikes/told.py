# SPDX-License-Identifier: Apache-2.0
"""What is told of a measure: its page, the platform by webhook, the person by mail.

The page stands at an address that nobody can guess, derived and never stored,
as a statement's (`core.addresses`). The platform knows the author under its own
name; it is taken from the contents of the items while they are kept.
"""

from __future__ import annotations

import base64
import hmac
from datetime import UTC, datetime
from typing import Final

from vigie.flow import records, webhooks
from vigie.flow.house import House
from vigie.flow.letters import write_letter
from vigie.law.wording import wording
from vigie.store.models import (
    Appeal,
    AppealBy,
    DecisionRecord,
    ItemContent,
    Measure,
    MeasureKind,
    MeasureState,
    Notice,
    Strike,
    SubjectKind,
)

PATH: Final = "/measure/"
_KEY: Final = b"vigie/measure-key/v1"
DECIDED: Final = "measure.decided"
ENDED: Final = "measure.ended"
DAY_MS: Final = 86_400_000


def token_of(house: House, measure: Measure) -> str:
    """Return the unguessable part of a measure's address: 192 bits."""
    secret = hmac.digest(house.pseudonym_key, _KEY, "sha256")
    message = f"vigie/measure/v1\n{measure.pk}\n{measure.proposed_at}\n{measure.token_expires_at}"
    return base64.urlsafe_b64encode(hmac.digest(secret, message.encode(), "sha256")[:24]).decode()


def address_of(house: House, measure: Measure) -> str:
    """Return where the person reads what was decided about them."""
    return f"{house.settings.base_url}{PATH}{token_of(house, measure)}"


def tell(house: House, measure: Measure) -> None:
    """Tell the platform and the person of the state of a measure; inside `writing`."""
    if measure.subject_kind == SubjectKind.AUTHOR:
        _tell_platform(house, measure)
    _write_person(house, measure)


def end(house: House, measure: Measure, state: MeasureState, reason: str = "") -> None:
    """End a measure: lifted, or over by itself; inside `writing`.

    A proposal that nobody decided ends without a word to anybody.
    """
    was = measure.state
    now = house.now()
    measure.state, measure.lifted_at = state, now
    if reason:
        measure.reason = reason
    measure.save(update_fields=["state", "lifted_at", "reason"])
    plain = {"measure": measure.pk, "state": state.value, "was": was}
    records.append_one(records.draft(ENDED, now, plain, {"reason": reason} if reason else None))
    if was == MeasureState.IN_FORCE:
        tell(house, measure)


def _tell_platform(house: House, measure: Measure) -> None:
    rows = list(DecisionRecord.objects.filter(strikes__pk__in=measure.strikes).order_by("number"))
    data = {
        "measure": measure.pk,
        "kind": measure.kind,
        "state": measure.state,
        "service": measure.service,
        "author_id": author_id(rows),
        "decision_ids": [row.decision_id for row in rows][-50:],
        "until": measure.until,
        "statement_url": address_of(house, measure),
    }
    body = webhooks.payload(webhooks.ACCOUNT_MEASURE, house.now(), data)
    webhooks.enqueue(webhooks.ACCOUNT_MEASURE, body, house.now())


def author_id(rows: list[DecisionRecord]) -> str | None:
    """Return the author as the platform named them; None once that was erased."""
    for row in reversed(rows):
        kept = ItemContent.objects.filter(
            service=row.service, item_id=row.item_id, version=row.version
        ).first()
        if kept is not None and kept.author.get("id"):
            return str(kept.author["id"])
    return None


def _write_person(house: House, measure: Measure) -> None:
    """Write to whoever gave us an address; an author without one hears it from the platform."""
    if measure.state == MeasureState.EXPIRED:
        return
    found = _address_given(measure)
    if found is None:
        return
    email, language = found
    in_force = measure.state == MeasureState.IN_FORCE
    context = {"url": address_of(house, measure)}
    if in_force and measure.kind == MeasureKind.SUSPENSION:
        context["until"] = day(language, measure.until or 0)
    about = "measure" if measure.subject_kind == SubjectKind.AUTHOR else "notifier"
    write_letter(
        house,
        template=f"{about}_{measure.kind}" if in_force else f"{about}_lifted",
        to=email,
        language=language,
        context=context,
    )


def _address_given(measure: Measure) -> tuple[str, str] | None:
    """Return the mail and language that the person last gave, with a complaint or a notice."""
    given = ("email", "language")
    if measure.subject_kind == SubjectKind.AUTHOR:
        rows = Appeal.objects.filter(by=AppealBy.AUTHOR, decision__author=measure.subject)
        return rows.exclude(email="").order_by("-number").values_list(*given).first()
    notices = Notice.objects.filter(notifier=measure.subject).exclude(email="")
    return notices.order_by("-number").values_list(*given).first()


def day(language: str, ms: int) -> str:
    """Write a day as people read it."""
    return wording(language).day(datetime.fromtimestamp(ms / 1000, UTC).date())


def strikes_of(measure: Measure) -> list[Strike]:
    """Return the strikes that it rests on, the oldest first."""
    rows = Strike.objects.filter(pk__in=measure.strikes).select_related("decision")
    return list(rows.order_by("at", "pk"))
