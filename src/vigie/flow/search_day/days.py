# SPDX-License-Identifier: Apache-2.0
"""Opening and closing a search: who came, with which warrant, for what; under two checkpoints.

Opening works from the command line with the server stopped and asks for no
second person: on such a day nobody may be waiting for somebody else. It takes
nothing away but the right to delete.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, TypeVar

from django.db.models import Max
from django.utils.translation import gettext as _

from vigie.core.errors import ConflictError, InvalidInputError, NotFoundError, RefusedError
from vigie.flow import records
from vigie.flow.decided import by_number
from vigie.flow.house import House
from vigie.flow.search_day import officers, scope, signed
from vigie.flow.search_day.scope import ScopeGiven
from vigie.flow.transaction import writing
from vigie.store.models import (
    Authority,
    Matter,
    Record,
    SearchDay,
    SearchEntry,
    SearchEntryKind,
    User,
)
from vigie.store.permissions import Permission

OPENED: Final = "search.opened"
CLOSED: Final = "search.closed"
COMMAND_LINE: Final = "command line"
MAX_LINE: Final = 300
MAX_TEXT: Final = 20_000
MAX_PERSONS: Final = 100

By = User | str
"""Who does it: a person of the desk, or the name of a command."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchGiven:
    """What is known when officers stand at the door; all else is a later line."""

    authority_name: str
    warrant: str
    """Court, reference, date."""
    scope_text: str
    """The scope in the warrant's words."""
    scope: ScopeGiven = field(default_factory=ScopeGiven)
    persons: tuple[str, ...] = ()
    """Names and offices, as on the identity cards shown."""
    counsel: str = ""
    counsel_called_at: int | None = None
    authority: int | None = None
    """Entry of the sender directory."""
    matter: int | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """A search as it stands now, and whether its checkpoint is out."""

    search: SearchDay
    published: bool


def named(by: By) -> str:
    """Return how a record names somebody: by role and number, or by the command line."""
    return by_number(by) if isinstance(by, User) else by


def check_right(by: By) -> None:
    """Raise RefusedError where a person may not keep the record of a search."""
    if isinstance(by, User) and not by.has_perm(Permission.SEARCH_MANAGE):
        raise RefusedError(_("Your role may not keep the record of a search."))


def open_search(house: House, by: By, given: SearchGiven) -> Opened:
    """Open the record of a search, stop all deletion and publish a checkpoint over it.

    Raises RefusedError without the permission, InvalidInputError without
    authority, warrant or scope. That no checkpoint could be published is told in
    the answer: the search stands all the same.
    """
    check_right(by)
    check_given(given)
    meant = scope.read(house, given.scope)
    now = house.now()
    with writing():
        number = (SearchDay.objects.aggregate(last=Max("number"))["last"] or 0) + 1
        draft = records.draft(OPENED, now, {"search": number}, _personal(given, meant, by))
        records.append_one(draft)
        search = SearchDay.objects.create(
            number=number,
            authority=_one(Authority, given.authority),
            authority_name=given.authority_name.strip(),
            warrant=given.warrant.strip(),
            scope=meant.as_json(),
            scope_text=given.scope_text.strip(),
            persons=_lines(given.persons),
            counsel=given.counsel.strip(),
            counsel_called_at=given.counsel_called_at,
            matter=_one(Matter, given.matter),
            opened_by=by if isinstance(by, User) else None,
            opened_at=now,
            record_id=draft.record_id,
        )
    return Opened(search, signed.publish(house, search))


M = TypeVar("M", Authority, Matter)


def _one(model: type[M], number: int | None) -> M | None:
    """Return what a number names. Raises InvalidInputError where nothing has it."""
    if number is None:
        return None
    found = model.objects.filter(pk=number).first()
    if found is None:
        name = model.__name__.lower()
        raise InvalidInputError(
            _("There is no record of this number."), code=f"no_{name}", field=name
        )
    return found


def check_given(given: SearchGiven) -> None:
    """Raise InvalidInputError where something is missing or too long, naming the field."""
    asked = {
        "authority_name": (given.authority_name, _("Name the authority."), MAX_LINE),
        "warrant": (given.warrant, _("Name the warrant: court, reference, date."), MAX_LINE),
        "scope_text": (given.scope_text, _("Copy the scope from the warrant."), MAX_TEXT),
    }
    for name, (text, words, most) in asked.items():
        if not text.strip() or len(text) > most:
            raise InvalidInputError(words, code=f"search_{name}", field=name, fix=at_most(1, most))
    if len(given.counsel) > MAX_LINE:
        raise InvalidInputError(_("This name is too long."), code="search_counsel", field="counsel")
    if len(given.persons) > MAX_PERSONS or any(len(one) > MAX_LINE for one in given.persons):
        raise InvalidInputError(
            _("At most %(most)s persons, one a line.") % {"most": MAX_PERSONS},
            code="search_persons",
            field="persons",
        )


def at_most(least: int, most: int) -> str:
    """Say how long a text may be."""
    return _("Write %(least)s to %(most)s characters.") % {"least": least, "most": f"{most:,}"}


def _lines(given: Iterable[str]) -> list[str]:
    return [one.strip() for one in given if one.strip()]


def _personal(given: SearchGiven, meant: scope.Scope, by: By) -> dict[str, object]:
    return {
        "authority": given.authority_name.strip(),
        "warrant": given.warrant.strip(),
        "scope": meant.as_json(),
        "scope_text": given.scope_text.strip(),
        "persons": _lines(given.persons),
        "counsel": {"name": given.counsel.strip(), "called_at": given.counsel_called_at},
        "by": named(by),
    }


def close_search(house: House, by: By, number: int, note: str = "") -> Opened:
    """Close a search: officers' access ends, terms run again, a checkpoint covers the day.

    Raises NotFoundError, ConflictError where it is closed already, RefusedError.
    """
    check_right(by)
    if len(note) > MAX_TEXT:
        raise InvalidInputError(_("This note is too long."), code="search_note", field="note")
    now = house.now()
    with writing():
        search = held(number)
        for access in officers.standing_of(search):
            officers.end(access, now)
        draft = records.draft(CLOSED, now, _summary(search), {"by": named(by), "note": note})
        records.append_one(draft)
        search.closed_at = now
        search.closing = Record.objects.get(pk=draft.record_id)
        search.save(update_fields=["closed_at", "closing"])
    return Opened(search, signed.publish(house, search))


def _summary(search: SearchDay) -> dict[str, int]:
    """Return what the closing record says in the open: counts, no name."""
    found = {"search": search.number, "entries": 0}
    for kind in SearchEntry.objects.filter(search=search).values_list("kind", flat=True):
        found["entries"] += 1
        if kind in {SearchEntryKind.OBJECT, SearchEntryKind.COPY, SearchEntryKind.PRIVILEGED}:
            found[kind] = found.get(kind, 0) + 1
    return found


def held(number: int) -> SearchDay:
    """Return a search that stands, for a change. Raises NotFoundError, ConflictError."""
    search = SearchDay.objects.select_for_update().filter(pk=number).first()
    if search is None:
        raise not_there()
    if search.closed_at is not None:
        raise ConflictError(
            _("This search is closed."),
            code="search_closed",
            fix=_("A correction is a further line; another visit is another search."),
        )
    return search


def find(number: int) -> SearchDay:
    """Return a search, its checkpoints brought up to date. Raises NotFoundError."""
    search = SearchDay.objects.select_related("authority", "matter").filter(pk=number).first()
    if search is None:
        raise not_there()
    signed.settle(search)
    return search


def not_there() -> NotFoundError:
    """Return the refusal for a number that no search has."""
    return NotFoundError(
        _("There is no search of this number."),
        code="no_search",
        fix=_("Look at the list of searches."),
    )
