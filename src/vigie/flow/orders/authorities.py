# SPDX-License-Identifier: Apache-2.0
"""The sender directory: who writes with authority, and by what that is known.

A contact counts once a second person found it in the public source that its entry
names, and for a year from then. An order proves nothing about its own sender: what
was entered after it came, or stood in a letter before, is no way to check it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from vigie.core.errors import ConflictError, InvalidInputError, NotFoundError, RefusedError
from vigie.flow import records
from vigie.flow.decided import by_number
from vigie.flow.house import House
from vigie.flow.orders import planted
from vigie.flow.transaction import writing
from vigie.store.models import Authority, AuthorityContact, AuthorityKind, ContactKind, User
from vigie.store.permissions import Permission

MAX_NAME: Final = 200
MAX_VALUE: Final = 500
MAX_SOURCE: Final = 1_000
MAX_NOTE: Final = 2_000
YEAR_MS: Final = 365 * 86_400_000
CHECK_HOLDS_MS: Final = YEAR_MS
"""A check older than this is made again before the contact proves anything."""
UNION: Final = "EU"
COMMAND_LINE: Final = "command line"
_COUNTRY: Final = re.compile(r"[A-Z]{2}")
_MAIL: Final = re.compile(r"[^@\s]{1,64}@[a-z0-9-]+(\.[a-z0-9-]+)+")
_PHONE: Final = re.compile(r"\+[1-9][0-9]{6,14}")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_GROUPS: Final = re.compile(r"[\s()./-]+")
_WITHIN: Final = {
    "phone": "+4930123456, with the country's code",
    "mail": "name@authority.example",
    "certificate": "64 hexadecimal digits: SHA-256 of the certificate",
}

By = User | str
"""Who does it: a person of the desk, or the name of a command."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorityForm:
    """An authority as somebody enters it."""

    name: str
    country: str
    kind: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactForm:
    """A contact with the public source in which anybody can find it."""

    kind: str
    value: str
    source: str
    declared: bool = False
    """Named by its Member State for removal orders (Art. 12 Reg. (EU) 2021/784)."""


def add(house: House, by: By, form: AuthorityForm) -> Authority:
    """Enter an authority. It proves nothing before it has a checked contact.

    Raises InvalidInputError for what does not fit, ConflictError where it stands
    there already, RefusedError without the permission.
    """
    check_may(by)
    name, country = check_authority(form)
    now = house.now()
    with writing():
        if Authority.objects.filter(country=country, name__iexact=name).exists():
            raise ConflictError(
                _("This authority is in the directory already."),
                code="authority_there",
                field="name",
            )
        row = Authority.objects.create(
            name=name,
            country=country,
            kind=form.kind,
            note=form.note.strip(),
            created_by=role_number(by),
            created_at=now,
        )
        _record("authority.added", row, now, by, {"country": country, "type": form.kind})
    return row


def check_authority(form: AuthorityForm) -> tuple[str, str]:
    """Return its name and country as they are kept. Raises InvalidInputError."""
    name, country = " ".join(form.name.split()), form.country.strip().upper()
    if not name or len(name) > MAX_NAME or not name.isprintable():
        raise InvalidInputError(
            _("Give its name, at most %(most)s characters.") % {"most": MAX_NAME}, field="name"
        )
    if not _COUNTRY.fullmatch(country):
        raise InvalidInputError(
            _("Give the country as two letters; EU for a body of the Union."), field="country"
        )
    if form.kind not in set(AuthorityKind):
        raise InvalidInputError(
            _("There is no such kind of authority."),
            field="kind",
            fix=_("Choose from: %(words)s.") % {"words": ", ".join(AuthorityKind)},
        )
    if len(form.note) > MAX_NOTE:
        raise InvalidInputError(
            _("At most %(most)s characters.") % {"most": MAX_NOTE}, field="note"
        )
    return name, country


def add_contact(
    house: House,
    user: User,
    authority: Authority,
    form: ContactForm,
    letters: Sequence[planted.Said] | None = None,
) -> AuthorityContact:
    """Enter a contact; it waits for a second person who finds it in its source.

    What stood in an order before is kept with it (`seen_in`): the directory never
    learns a contact from the letter that it is meant to check. `letters` is what
    orders say, read once for many contacts.
    Raises as `add`; ConflictError where the authority is closed or the contact there.
    """
    check_may(user)
    value = check_contact_form(form)
    now = house.now()
    seen = planted.orders_naming(form.kind, value, letters)
    with writing():
        row = _open(authority.pk)
        same = row.contacts.filter(kind=form.kind, value=value, withdrawn_at=None)
        if same.exists():
            raise ConflictError(
                _("This contact is entered already."), code="contact_there", field="value"
            )
        contact = AuthorityContact.objects.create(
            authority=row,
            kind=form.kind,
            value=value,
            source=form.source.strip(),
            declared=form.declared,
            entered_by=user,
            entered_at=now,
            seen_in=seen,
        )
        personal = {"value": value, "source": contact.source}
        _record("authority.contact_added", row, now, user, _facts(contact), personal)
    return contact


def check_contact_form(form: ContactForm) -> str:
    """Return the value as it is kept. Raises InvalidInputError naming the field."""
    if form.kind not in set(ContactKind):
        raise InvalidInputError(
            _("There is no such kind of contact."),
            field="kind",
            fix=_("Choose from: %(words)s.") % {"words": ", ".join(ContactKind)},
        )
    source = form.source.strip()
    if len(source) < 8 or len(source) > MAX_SOURCE:
        raise InvalidInputError(
            _("Name the public source in 8 to %(most)s characters.") % {"most": MAX_SOURCE},
            code="no_source",
            field="source",
            fix=_("The address of the page, or the gazette with its date; never a letter."),
        )
    return normal(form.kind, form.value)


def normal(kind: str, value: str) -> str:
    """Return a contact's value in the one spelling that is compared.

    Raises InvalidInputError for a number, address or digest that cannot be one.
    """
    text = value.strip()
    if kind == ContactKind.PHONE:
        text = _GROUPS.sub("", text)
        fits = bool(_PHONE.fullmatch(text))
    elif kind == ContactKind.MAIL:
        text = text.lower()
        fits = bool(_MAIL.fullmatch(text)) and len(text) <= 254
    elif kind == ContactKind.CERTIFICATE:
        text = text.replace(":", "").replace(" ", "").lower()
        fits = bool(_SHA256.fullmatch(text))
    else:
        fits = 1 <= len(text) <= MAX_VALUE and all(one.isprintable() or one == "\n" for one in text)
    if not fits:
        like = _WITHIN.get(kind, "")
        raise InvalidInputError(
            _("This cannot be a contact of this kind."),
            field="value",
            fix=_("For example: %(like)s.") % {"like": like} if like else None,
        )
    return text


def check_contact(house: House, user: User, contact: AuthorityContact) -> AuthorityContact:
    """Note that a second person found the contact in its source, today.

    Raises RefusedError for whoever entered it, ConflictError where it was withdrawn.
    """
    check_may(user)
    now = house.now()
    with writing():
        row = _held(contact.pk)
        if row.entered_by_id == user.pk:
            raise RefusedError(
                _("Whoever entered a contact does not check it."),
                code="own_contact",
                fix=_("Ask a colleague to look it up in its source."),
            )
        row.checked_by, row.checked_at = user, now
        row.save(update_fields=["checked_by", "checked_at"])
        _record("authority.contact_checked", row.authority, now, user, _facts(row))
    return row


def withdraw(house: House, user: User, contact: AuthorityContact, why: str) -> AuthorityContact:
    """Withdraw a contact: proofs that rest on it do not hold any more.

    Raises InvalidInputError without a reason, ConflictError where it is withdrawn.
    """
    check_may(user)
    reason = _reason(why)
    now = house.now()
    with writing():
        row = _held(contact.pk)
        row.withdrawn_at = now
        row.save(update_fields=["withdrawn_at"])
        plain = _facts(row)
        _record("authority.contact_withdrawn", row.authority, now, user, plain, {"reason": reason})
    return row


def close(house: House, user: User, authority: Authority, why: str) -> Authority:
    """Close an entry: it stays to be read, and proves nothing any more. Raises as `withdraw`."""
    check_may(user)
    reason = _reason(why)
    now = house.now()
    with writing():
        row = _open(authority.pk)
        row.closed_at = now
        row.save(update_fields=["closed_at"])
        _record("authority.closed", row, now, user, {}, {"reason": reason})
    return row


def find(kind: str, value: str) -> QuerySet[AuthorityContact]:
    """Return the standing contacts with a value, in whatever spelling; none where it fits none."""
    rows = AuthorityContact.objects.select_related("authority", "entered_by", "checked_by")
    try:
        text = normal(kind, value)
    except InvalidInputError:
        return rows.none()
    found = rows.filter(kind=kind, value=text, withdrawn_at=None, authority__closed_at=None)
    return found.order_by("pk")


def entry(number: int) -> Authority:
    """Return one authority. Raises NotFoundError."""
    row = Authority.objects.filter(pk=number).first()
    if row is None:
        raise NotFoundError(_("There is no such authority."), code="no_authority")
    return row


def listed(words: str = "", country: str = "", *, closed: bool = False) -> QuerySet[Authority]:
    """Return the directory by country and name; `words` stand in the name."""
    rows = Authority.objects.order_by("country", "name")
    if words.strip():
        rows = rows.filter(name__icontains=words.strip())
    if country.strip():
        rows = rows.filter(country=country.strip().upper())
    return rows if closed else rows.filter(closed_at=None)


def stands(contact: AuthorityContact, now: int) -> bool:
    """Say whether a contact was checked within the year and neither it nor its entry is gone."""
    checked = contact.checked_at
    return (
        contact.withdrawn_at is None
        and contact.authority.closed_at is None
        and checked is not None
        and contact.checked_by_id != contact.entered_by_id
        and now - CHECK_HOLDS_MS <= checked <= now
    )


def check_may(by: By) -> None:
    """Raise RefusedError where a person may not keep the directory."""
    if isinstance(by, User) and not by.has_perm(Permission.AUTHORITY_EDIT):
        raise RefusedError(_("Your role may not change the directory of authorities."))


def role_number(by: By) -> str:
    """Name who did it without a name."""
    return by_number(by) if isinstance(by, User) else by


def _reason(why: str) -> str:
    reason = why.strip()
    if not reason or len(reason) > MAX_NOTE:
        raise InvalidInputError(
            _("Give a reason of at most %(most)s characters.") % {"most": MAX_NOTE},
            code="no_reason",
            field="reason",
        )
    return reason


def _open(number: int) -> Authority:
    row = Authority.objects.select_for_update().filter(pk=number).first()
    if row is None:
        raise NotFoundError(_("There is no such authority."), code="no_authority")
    if row.closed_at is not None:
        raise ConflictError(_("This entry is closed."), code="authority_closed")
    return row


def _held(number: int) -> AuthorityContact:
    rows = AuthorityContact.objects.select_for_update(of=("self",)).select_related("authority")
    row = rows.filter(pk=number).first()
    if row is None:
        raise NotFoundError(_("There is no such contact."), code="no_contact")
    if row.withdrawn_at is not None:
        raise ConflictError(_("This contact was withdrawn."), code="contact_withdrawn")
    return row


def _facts(contact: AuthorityContact) -> dict[str, Any]:
    return {"contact": contact.pk, "type": contact.kind, "declared": contact.declared}


def _record(
    kind: str,
    row: Authority,
    now: int,
    by: By,
    plain: Mapping[str, Any],
    personal: Mapping[str, Any] | None = None,
) -> None:
    """Append the record of a change; names and values are commitments."""
    facts = {"authority": row.pk, "by": role_number(by), **plain}
    known = {"name": row.name, **(personal or {})}
    records.append_one(records.draft(kind, now, facts, known))
