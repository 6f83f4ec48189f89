# SPDX-License-Identifier: Apache-2.0
"""Officers' access: read-only, bound to the scope of one search, ended by time or by its closing.

An officer signs in by a link that works once and chooses a password that nobody
here knows. What they open is in the log before it is shown.
"""

from __future__ import annotations

from typing import Any, Final

from django.db.models import Max, QuerySet
from django.utils.translation import gettext as _

from vigie.core.errors import InvalidInputError, NotFoundError, RefusedError
from vigie.flow import accounts, records
from vigie.flow.house import House
from vigie.flow.transaction import writing
from vigie.store.models import (
    OfficerAccess,
    OfficerView,
    SearchDay,
    SearchEntryKind,
    User,
)
from vigie.store.permissions import Role

VIEWED: Final = "search.viewed"
HOUR_MS: Final = 3_600_000
USUAL_HOURS: Final = 12
MOST_HOURS: Final = 7 * 24
MAX_LABEL: Final = 200
MAX_WHAT: Final = 300
ENDED: Final = "access_ended"


def give_access(
    house: House,
    by: User | str,
    number: int,
    label: str,
    hours: int = USUAL_HOURS,
    language: str = "en",
) -> OfficerAccess:
    """Make an officer's account for a search that stands; its line of the record says so.

    The account has no password: the door makes the link that works once. Raises
    RefusedError, NotFoundError, ConflictError for a closed search, InvalidInputError.
    """
    from vigie.flow.search_day import days, entries  # noqa: PLC0415 - they end what this gives

    days.check_right(by)
    check_access(label, hours, language)
    now = house.now()
    with writing():
        search = days.held(number)
        user = _account(search, language, now)
        access = OfficerAccess.objects.create(
            search=search,
            user=user,
            label=label.strip(),
            begins_at=now,
            ends_at=now + hours * HOUR_MS,
        )
        line = entries.EntryGiven(
            kind=SearchEntryKind.PERSON,
            label=f"Read-only access for {hours} h, account {user.username}: {label.strip()}"[:300],
        )
        entries.write(search, line, now, days.named(by), {"account": user.pk})
    return access


def check_access(label: str, hours: int, language: str) -> None:
    """Raise InvalidInputError where an access cannot be given like this, naming the field."""
    if not 1 <= len(label.strip()) <= MAX_LABEL:
        raise InvalidInputError(
            _("Name the officer, as on the identity card shown."),
            code="officer_label",
            field="label",
        )
    if not 1 <= hours <= MOST_HOURS:
        raise InvalidInputError(
            _("An access lasts 1 to %(most)s hours.") % {"most": MOST_HOURS},
            code="officer_hours",
            field="hours",
        )
    if language not in accounts.LANGUAGES:
        raise InvalidInputError(
            _("The language is en, fr or de."), code="officer_language", field="language"
        )


def _account(search: SearchDay, language: str, now: int) -> User:
    """Make an account that can sign in by a link alone, until its person chose a password."""
    place = OfficerAccess.objects.filter(search=search).count() + 1
    last = User.objects.aggregate(last=Max("number"))["last"] or 0
    return User.objects.create_user(
        f"officer.s{search.number}.{place}",
        None,
        role=Role.OFFICER,
        language=language,
        must_change_password=True,
        created_at=now,
        number=last + 1,
    )


def end_access(house: House, by: User | str, access_id: int) -> OfficerAccess:
    """End an officer's access at once. Raises RefusedError, NotFoundError."""
    from vigie.flow.search_day import days, entries  # noqa: PLC0415 - as above

    days.check_right(by)
    now = house.now()
    with writing():
        access = (
            OfficerAccess.objects.select_for_update(of=("self",))
            .select_related("search", "user")
            .filter(pk=access_id)
            .first()
        )
        if access is None:
            raise NotFoundError(_("There is no such access."), code="no_access")
        if access.ended_at is None:
            end(access, now)
            line = entries.EntryGiven(
                kind=SearchEntryKind.EVENT, label=f"Access ended: account {access.user.username}"
            )
            entries.write(access.search, line, now, days.named(by), {"account": access.user_id})
    return access


def end(access: OfficerAccess, now: int) -> None:
    """Close an officer's account and its sessions. Inside `transaction.writing`."""
    access.ended_at = now
    access.save(update_fields=["ended_at"])
    user = access.user
    user.is_active = False
    user.set_unusable_password()
    user.save(update_fields=["is_active", "password"])
    accounts.close_sessions(user)


def end_over(house: House) -> int:
    """End every access whose time is over; return how many. No page waits for this."""
    now = house.now()
    if not _over(now).exists():
        return 0
    with writing():
        found = list(_over(now).select_related("user"))
        for access in found:
            end(access, now)
    return len(found)


def _over(now: int) -> QuerySet[OfficerAccess]:
    return OfficerAccess.objects.filter(ended_at=None, ends_at__lte=now)


def standing_of(search: SearchDay) -> QuerySet[OfficerAccess]:
    """Return the accesses of a search that were not ended."""
    rows = OfficerAccess.objects.filter(search=search, ended_at=None)
    return rows.select_related("user").order_by("pk")


def is_in_force(user: User, now: int) -> bool:
    """Say whether an officer may still look: asked at every page."""
    return _in_force(user, now).exists()


def access_of(user: User, now: int) -> OfficerAccess:
    """Return what an officer may look at now. Raises RefusedError once it is over."""
    found = _in_force(user, now).select_related("search").first()
    if found is None or not user.is_active:
        raise RefusedError(_("This access is over."), code=ENDED)
    return found


def _in_force(user: User, now: int) -> QuerySet[OfficerAccess]:
    return OfficerAccess.objects.filter(
        user=user,
        ended_at=None,
        begins_at__lte=now,
        ends_at__gt=now,
        search__closed_at=None,
    )


def note_view(house: House, access: OfficerAccess, what: str, plain: dict[str, Any]) -> None:
    """Record that an officer is about to see something; the page is made afterwards.

    Raises RefusedError where the access ended meanwhile: then nothing is shown.
    """
    now = house.now()
    with writing():
        current = access_of(access.user, now)
        facts = {"search": current.search_id, "officer": access.user.number, **plain}
        draft = records.draft(VIEWED, now, facts, {"what": what, "label": access.label})
        records.append_one(draft)
        OfficerView.objects.create(
            access=current, what=what[:MAX_WHAT], at=now, record_id=draft.record_id
        )
