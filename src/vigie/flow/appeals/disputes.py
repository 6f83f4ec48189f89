# SPDX-License-Identifier: Apache-2.0
"""Out-of-court disputes (Art. 21 DSA): the bodies that are named, and the register.

The body's time runs from when it received the complaint: 90 days, at most 180
where it is highly complex. Its outcome binds nobody; what the operator carries
out of it is reversed as an upheld complaint is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from vigie.core.errors import ConflictError, InvalidInputError, NotFoundError, RefusedError
from vigie.flow import records
from vigie.flow.appeals.reverse import reverse
from vigie.flow.decided import by_number
from vigie.flow.house import House
from vigie.flow.transaction import writing
from vigie.law.deadlines import load
from vigie.store.models import Appeal, DecisionRecord, Dispute, DisputeBody, User
from vigie.store.permissions import Permission

CLOCK: Final = "dsa_ods"
DAY_MS: Final = 86_400_000
EXTENDED_DAYS: Final = 180
"""Art. 21(4): the body may take 90 days more."""
OUTCOMES: Final = ("upheld", "overturned", "withdrawn")
OVERTURNED: Final = "overturned"
MAX_TEXT: Final = 2_000
COMMAND_LINE: Final = "command line"


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyForm:
    """A body as the operator names it."""

    name: str
    url: str
    languages: tuple[str, ...] = ()
    subjects: str = ""


def add_body(house: House, user: User | None, form: BodyForm) -> DisputeBody:
    """Name a body; it is offered from now on. Raises for what does not fit."""
    _may(user)
    name, url = form.name.strip(), form.url.strip()
    _check(1 <= len(name) <= 200 and name.isprintable(), "name", "Give its name.")
    parts = urlsplit(url)
    fits = parts.scheme == "https" and bool(parts.hostname) and len(url) <= 500
    _check(fits and url.isprintable(), "url", "Give its address, https://...")
    _check(len(form.subjects) <= MAX_TEXT, "subjects", f"At most {MAX_TEXT} characters.")
    spoken = sorted({one.strip().lower() for one in form.languages if one.strip()})
    short = all(one.isascii() and one.isalpha() and len(one) <= 3 for one in spoken)
    _check(short and len(spoken) <= 30, "languages", "Give codes such as en, fr, de.")
    with writing():
        if DisputeBody.objects.filter(name=name).exists():
            raise ConflictError("This body is named already.", code="body_there")
        row = DisputeBody.objects.create(
            name=name, url=url, languages=spoken, subjects=form.subjects.strip()
        )
        _record(house, "dispute.body", user, {"body": name, "active": True})
    return row


def set_active(house: House, user: User | None, body: int, *, active: bool) -> DisputeBody:
    """Offer a body, or no longer; past disputes keep it."""
    _may(user)
    with writing():
        row = DisputeBody.objects.filter(pk=body).first()
        if row is None:
            raise NotFoundError("There is no such body.", code="no_body")
        row.active = active
        row.save(update_fields=["active"])
        _record(house, "dispute.body", user, {"body": row.name, "active": active})
    return row


def bodies() -> Iterable[DisputeBody]:
    """Return the bodies that are offered."""
    return DisputeBody.objects.filter(active=True).order_by("name")


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeForm:
    """A dispute as the body told of it."""

    body: int
    decision: int | None = None
    appeal: int | None = None
    reference: str = ""
    received_at: int | None = None
    """When the body received the complaint; None: now."""


def open_dispute(house: House, user: User, form: DisputeForm) -> Dispute:
    """Enter a dispute in the register. Raises for what is unknown or out of range."""
    _may(user)
    now = house.now()
    received = now if form.received_at is None else form.received_at
    _check(0 < received <= now, "received_at", "Give a day that is not to come.")
    fits = len(form.reference) <= 100 and form.reference.isprintable()
    _check(fits, "reference", "At most 100 characters.")
    with writing():
        decision, appeal = _about(form)
        body = DisputeBody.objects.filter(pk=form.body).first()
        if body is None:
            raise NotFoundError("There is no such body.", code="no_body", field="body")
        same = Dispute.objects.filter(decision=decision, body=body, outcome="")
        if same.filter(reference=form.reference.strip()).exists():
            raise ConflictError("This dispute is entered already.", code="dispute_there")
        row = Dispute.objects.create(
            decision=decision,
            appeal=appeal,
            body=body,
            reference=form.reference.strip(),
            opened_at=received,
            due_at=load()[CLOCK].due_after(received),
            recorded_by=user.username,
        )
        plain = {"dispute": row.pk, "decision_id": decision.decision_id, "body": body.name}
        _record(house, "dispute.opened", user, plain)
    return row


def extend(house: House, user: User, dispute: int) -> Dispute:
    """Note that the body takes up to 180 days."""
    _may(user)
    with writing():
        row = _open(dispute)
        row.due_at = row.opened_at + EXTENDED_DAYS * DAY_MS
        row.save(update_fields=["due_at"])
        _record(house, "dispute.extended", user, {"dispute": row.pk})
    return row


def close(
    house: House,
    user: User,
    dispute: int,
    outcome: str,
    *,
    implement: bool = False,
    reason: str = "",
) -> Dispute:
    """Enter what came of a dispute; an overturned decision is taken back if asked.

    Raises InvalidInputError for an unknown outcome or where something other
    than an overturned decision would be carried out.
    """
    _may(user)
    _check(outcome in OUTCOMES, "outcome", f"Choose from: {', '.join(OUTCOMES)}.")
    _check(outcome == OVERTURNED or not implement, "implement", "Nothing is to be carried out.")
    _check(len(reason) <= MAX_TEXT, "reason", f"At most {MAX_TEXT} characters.")
    if implement:
        _check(bool(reason.strip()), "reason", "Give a reason, for the record.")
    with writing():
        row = _open(dispute)
        plain: dict[str, Any] = {"dispute": row.pk, "outcome": outcome, "implemented": implement}
        if implement:
            made = reverse(house, user, row.decision, reason.strip())
            plain["reversed"] = sorted(made.taken)
        row.outcome, row.closed_at = outcome, house.now()
        row.implemented = implement if outcome == OVERTURNED else None
        row.save(update_fields=["outcome", "closed_at", "implemented"])
        _record(house, "dispute.closed", user, plain, {"reason": reason.strip()})
    return row


def _about(form: DisputeForm) -> tuple[DecisionRecord, Appeal | None]:
    """Return what is in dispute: a decision, or a complaint and its decision."""
    if form.appeal is not None:
        appeal = Appeal.objects.select_related("decision").filter(number=form.appeal).first()
        if appeal is None or appeal.decision.cls == "child":
            raise NotFoundError("There is no such complaint.", code="no_appeal", field="appeal")
        return appeal.decision, appeal
    decision = DecisionRecord.objects.filter(number=form.decision or 0, sample=False).first()
    if decision is None or decision.cls == "child":
        raise NotFoundError("There is no such decision.", code="no_decision", field="decision")
    return decision, None


def _open(dispute: int) -> Dispute:
    row = Dispute.objects.select_related("decision").filter(pk=dispute).first()
    if row is None:
        raise NotFoundError("There is no such dispute.", code="no_dispute")
    if row.outcome:
        raise ConflictError("This dispute is closed.", code="dispute_closed")
    return row


def _may(user: User | None) -> None:
    if user is not None and not user.has_perm(Permission.DISPUTE_EDIT):
        raise RefusedError("Your role may not keep the register of disputes.")


def _check(fits: bool, field: str, fix: str) -> None:
    if not fits:
        raise InvalidInputError("This does not fit.", code="bad_dispute", field=field, fix=fix)


def _record(
    house: House,
    kind: str,
    user: User | None,
    plain: dict[str, Any],
    personal: dict[str, Any] | None = None,
) -> None:
    by = COMMAND_LINE if user is None else by_number(user)
    records.append_one(records.draft(kind, house.now(), plain, {"by": by} | (personal or {})))
