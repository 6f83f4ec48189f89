# SPDX-License-Identifier: Apache-2.0
"""Opening evidence: asked with a reason, granted for an hour at most, used once, logged first.

The access stands in the log, committed, before the vault process is asked; it looks
that up itself and opens nothing without it. Marked classes ask for two people who
have both proved anew who they are. A day has a number of openings for each person;
at the cap there is an alarm. Nothing opens more than one record.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from django.utils.translation import gettext_noop as _

from vigie.core.errors import NotFoundError, RefusedError
from vigie.evidence import keys
from vigie.flow import second_person
from vigie.flow.house import House
from vigie.flow.transaction import writing
from vigie.flow.vault import client, leaves
from vigie.flow.vault.leaves import (
    LOOK,
    PACKAGE,
    REPORT,
    Asking,
    check,
    grant,
    log_all,
    needs_two,
)
from vigie.store.models import (
    AuthorityReport,
    CustodyKind,
    Evidence,
    Order,
    SecondPersonRequest,
    User,
    VaultGrant,
)
from vigie.store.permissions import Permission

OPEN_TWO: Final = "evidence.open"
GROUP: Final = 200


def find(user: User, number: int) -> Evidence:
    """Return a record by its number, as far as this person may know of it.

    Raises RefusedError without the permission, NotFoundError else; what is of class
    `child` is found by those of that room alone.
    """
    if not user.has_perm(Permission.EVIDENCE_READ):
        raise RefusedError(_("Your role may not see what is sealed."), code="no_permission")
    row = Evidence.objects.select_related("decision", "order", "epoch").filter(number=number)
    found = row.first()
    hidden = found is not None and found.lane == keys.CHILD
    if found is None or (hidden and not user.has_perm(Permission.CHILD_READ)):
        raise NotFoundError(_("There is no such evidence."), code="no_evidence")
    return found


def ask(
    house: House,
    user: User,
    evidence: Evidence,
    reason: str,
    ticket: str = "",
    *,
    stepped_at: int | None = None,
) -> VaultGrant | SecondPersonRequest:
    """Ask to open a record: granted at once, or put before a second person.

    `stepped_at` is when the person proved anew who they are; marked classes need it.
    Raises as `check`.
    """
    asking = Asking(user=user, reason=reason, ticket=ticket, stepped_at=stepped_at)
    check(house, evidence, asking)
    if not needs_two(evidence):
        return grant(house, evidence, asking)
    leaves.check_fresh(house, stepped_at)
    payload = {
        "evidence": evidence.evidence_id,
        "evidence_number": evidence.number,
        "ticket": ticket.strip(),
    }
    return second_person.ask(house, user, OPEN_TWO, payload, f"E-{evidence.number}", reason.strip())


def confirm(
    house: House, user: User, request: SecondPersonRequest, *, stepped_at: int
) -> VaultGrant:
    """Confirm somebody's wish to open a record, as the second person.

    Raises RefusedError `step_up` where the proof of who they are is too old, and as
    `second_person.confirm`.
    """
    leaves.check_fresh(house, stepped_at)
    with writing():
        row = SecondPersonRequest.objects.get(pk=request.pk)
        row.payload = {**row.payload, "stepped_at": stepped_at}
        row.save(update_fields=["payload"])
        second_person.confirm(house, user, row)
    return VaultGrant.objects.filter(
        evidence_id=request.payload["evidence"], user_id=request.asked_by_id, second=user
    ).latest("pk")


def carry_out(house: House, request: SecondPersonRequest, user: User) -> None:
    """Grant what was asked, when the second person has confirmed it with a fresh proof."""
    stepped = request.payload.get("stepped_at")
    leaves.check_fresh(house, stepped)
    evidence = Evidence.objects.get(pk=request.payload["evidence"])
    asking = Asking(
        user=request.asked_by,
        reason=request.reason,
        ticket=request.payload.get("ticket", ""),
        second=user,
        second_stepped_at=stepped,
    )
    check(house, evidence, asking)
    grant(house, evidence, asking)


def may_see_request(user: User, request: SecondPersonRequest) -> bool:
    """Say whether a second person may know of a request: as of the record itself."""
    row = Evidence.objects.filter(pk=request.payload.get("evidence", "")).first()
    return row is not None and (row.lane != keys.CHILD or user.has_perm(Permission.CHILD_READ))


second_person.register(OPEN_TWO, Permission.EVIDENCE_OPEN, carry_out, may_see_request)


def read(
    house: House,
    user: User,
    evidence: Evidence,
    reason: str,
    ticket: str = "",
    second: User | None = None,
    *,
    stepped_at: int | None = None,
) -> bytes:
    """Return the bytes of a record, by a leave that stands or one given now.

    The access is in the log before the vault process is asked. `second` must have
    confirmed the leave; nobody can name a second person alone. Raises as `check`,
    RefusedError `second_person`, and as `client.open_record`.
    """
    asking = Asking(user=user, reason=reason, ticket=ticket, stepped_at=stepped_at)
    check(house, evidence, asking)
    with writing():
        leave = _leave(house, evidence, asking, second)
        if leave.record_id is None:
            log_all(house, [leave], CustodyKind.OPENED)
    return client.open_record(house.settings, leave.pk)


def standing(house: House, user: User, evidence: Evidence) -> VaultGrant | None:
    """Return the leave to look that this person has now, if there is one."""
    rows = VaultGrant.objects.filter(evidence=evidence, user=user, purpose=LOOK, used_at=None)
    return rows.filter(expires_at__gt=house.now()).order_by("-pk").first()


def _leave(house: House, evidence: Evidence, asking: Asking, second: User | None) -> VaultGrant:
    found = standing(house, asking.user, evidence)
    two = needs_two(evidence)
    if two:
        leaves.check_fresh(house, asking.stepped_at)
    if found is None or (second is not None and found.second_id != second.pk):
        if two or second is not None:
            raise RefusedError(
                _("This is opened by two people together."),
                code="second_person",
                fix=_("Ask, and let another person confirm it."),
            )
        return grant(house, evidence, asking)
    if asking.stepped_at is not None:
        found.stepped_at = asking.stepped_at
        found.save(update_fields=["stepped_at"])
    return found


def read_for_package(
    house: House,
    evidence: Evidence,
    *,
    user: User,
    order: Order | None,
    ticket: str,
    second: User | None = None,
) -> bytes:
    """Return the bytes of one record for a package. Raises as `packaged`."""
    return next(packaged(house, [evidence], user=user, order=order, ticket=ticket, second=second))[
        1
    ]


def packaged(
    house: House,
    evidence: Iterable[Evidence],
    *,
    user: User,
    order: Order | None,
    ticket: str,
    second: User | None = None,
) -> Iterator[tuple[Evidence, bytes]]:
    """Yield records with their bytes for a package, each copy in the log before it is made.

    The package itself was approved before (a proven order, or the record of a
    search); lane `child` never goes into one. Raises RefusedError, and as
    `client.open_record`.
    """
    rows = list(evidence)
    for start in range(0, len(rows), GROUP):
        part = rows[start : start + GROUP]
        asking = Asking(
            user=user, reason="package", ticket=ticket, purpose=PACKAGE, order=order, second=second
        )
        for one in part:
            check(house, one, asking)
        with writing():
            leaves = [grant(house, one, asking) for one in part]
            log_all(house, leaves, CustodyKind.COPIED)
        for one, leave in zip(part, leaves, strict=True):
            yield one, client.open_record(house.settings, leave.pk)


def prepare_for_report(
    house: House,
    evidence: Evidence,
    report: AuthorityReport,
    *,
    users: tuple[User, User],
    identities: tuple[str, str],
    stepped: tuple[int, int],
) -> VaultGrant:
    """Let two officers unlock one record of lane `child` for its report, for an hour.

    The vault process keeps the record's key in memory until `read_for_report` has
    used it, or the hour is over. Raises as `check` and RefusedError `step_up`.
    """
    user, second = users
    for one in stepped:
        leaves.check_fresh(house, one)
    asking = Asking(
        user=user, second=second, reason="report", ticket=f"R-{report.number}", purpose=REPORT,
        stepped_at=stepped[0], second_stepped_at=stepped[1],
    )  # fmt: skip
    check(house, evidence, asking)
    if second.pk == user.pk or not second.has_perm(Permission.REPORT_SEND):
        raise RefusedError(_("This is opened by two people together."), code="second_person")
    with writing():
        leave = grant(house, evidence, asking)
        log_all(house, [leave], CustodyKind.COPIED)
    client.prepare(house.settings, leave.pk, identities)
    return leave


def read_for_report(house: House, evidence: Evidence, report: AuthorityReport) -> bytes:
    """Return the bytes of a record that two officers unlocked for this report, once.

    Raises RefusedError `not_unlocked` where they did not, or the hour is over.
    """
    leave = VaultGrant.objects.filter(
        evidence=evidence, purpose=REPORT, ticket=f"R-{report.number}", used_at=None,
        expires_at__gt=house.now(),
    ).order_by("-pk").first()  # fmt: skip
    if leave is None:
        raise RefusedError(
            _("Two officers have to unlock this for its report."), code="not_unlocked"
        )
    return client.open_record(house.settings, leave.pk)
