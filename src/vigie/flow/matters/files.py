# SPDX-License-Identifier: Apache-2.0
"""A matter file: opened once a proceeding has a reference; people, interviews, questions, links.

Working notes stay out of the log: they are the operator's own. That a file was
opened and closed, and what left it, is recorded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.db.models import Max, Model
from django.utils.translation import gettext as _

from vigie.core.errors import ConflictError, InvalidInputError, NotFoundError, RefusedError
from vigie.flow import records, search_day
from vigie.flow.decided import by_number
from vigie.flow.house import House
from vigie.flow.transaction import writing
from vigie.store.models import (
    Authority,
    AuthorityReport,
    DecisionRecord,
    Evidence,
    Matter,
    MatterEntry,
    MatterEntryKind,
    MatterLink,
    Order,
    SearchDay,
    User,
)
from vigie.store.permissions import Permission

OPENED: Final = "matter.opened"
CLOSED: Final = "matter.closed"
MAX_TITLE: Final = 200
MAX_LINE: Final = 300
MAX_TEXT: Final = 20_000
CHILD: Final = "child"
TARGETS: Final[dict[str, tuple[str, type[Model] | None]]] = {
    "order": ("O-", Order),
    "report": ("R-", AuthorityReport),
    "evidence": ("E-", Evidence),
    "decision": ("D-", DecisionRecord),
    "search": ("S-", SearchDay),
    "package": ("", None),
}
"""What a file can name: the letters before its number, and where it is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryGiven:
    """A person, an interview, a question or a note as it is typed."""

    kind: str
    title: str
    text: str = ""
    happens_at: int | None = None


def check_read(user: User) -> None:
    """Raise RefusedError where somebody may not read matter files."""
    if not user.has_perm(Permission.MATTER_READ):
        raise RefusedError(_("Your role may not read matter files."))


def check_edit(user: User) -> None:
    """Raise RefusedError where somebody may not keep matter files."""
    if not user.has_perm(Permission.MATTER_EDIT):
        raise RefusedError(_("Your role may not keep matter files."))


def open_matter(
    house: House, user: User, title: str, authority: int | None = None, reference: str = ""
) -> Matter:
    """Open the file of a proceeding. Raises RefusedError, InvalidInputError naming the field."""
    check_edit(user)
    check_length("title", title, 1, MAX_TITLE)
    check_length("reference", reference, 0, MAX_TITLE)
    whose = _authority(authority)
    now = house.now()
    with writing():
        number = (Matter.objects.aggregate(last=Max("number"))["last"] or 0) + 1
        personal = {
            "title": title.strip(),
            "reference": reference.strip(),
            "authority": whose.name if whose is not None else "",
            "by": by_number(user),
        }
        draft = records.draft(OPENED, now, {"matter": number}, personal)
        records.append_one(draft)
        return Matter.objects.create(
            number=number,
            title=title.strip(),
            authority=whose,
            reference=reference.strip(),
            opened_by=user,
            opened_at=now,
            record_id=draft.record_id,
        )


def _authority(number: int | None) -> Authority | None:
    if number is None:
        return None
    found = Authority.objects.filter(pk=number).first()
    if found is None:
        raise InvalidInputError(
            _("There is no such authority in the directory."),
            code="no_authority",
            field="authority",
        )
    return found


def close_matter(house: House, user: User, number: int) -> Matter:
    """Close a file: nothing is added any more. Raises as `held`, RefusedError."""
    check_edit(user)
    now = house.now()
    with writing():
        matter = held(number)
        matter.closed_at = now
        matter.save(update_fields=["closed_at"])
        records.append_one(
            records.draft(CLOSED, now, {"matter": matter.number}, {"by": by_number(user)})
        )
    return matter


def find(user: User, number: int) -> Matter:
    """Return a file for somebody who may read it. Raises RefusedError, NotFoundError."""
    check_read(user)
    rows = Matter.objects.select_related("authority", "opened_by")
    found = rows.filter(pk=number).first()
    if found is None:
        raise _not_there()
    return found


def held(number: int) -> Matter:
    """Return an open file, for a change. Raises NotFoundError, ConflictError."""
    matter = Matter.objects.select_for_update().filter(pk=number).first()
    if matter is None:
        raise _not_there()
    if matter.closed_at is not None:
        raise ConflictError(_("This file is closed."), code="matter_closed")
    return matter


def _not_there() -> NotFoundError:
    return NotFoundError(_("There is no file of this number."), code="no_matter")


def add_entry(house: House, user: User, number: int, given: EntryGiven) -> MatterEntry:
    """Write down a person, an interview, a question or a note.

    Raises RefusedError, NotFoundError, ConflictError for a closed file,
    InvalidInputError naming the field.
    """
    check_edit(user)
    check_entry(given)
    with writing():
        return MatterEntry.objects.create(
            matter=held(number),
            kind=given.kind,
            title=given.title.strip(),
            text=given.text.strip(),
            happens_at=given.happens_at,
            written_by=user,
            written_at=house.now(),
        )


def check_entry(given: EntryGiven) -> None:
    """Raise InvalidInputError where an entry cannot stand like this, naming the field."""
    if given.kind not in set(MatterEntryKind):
        raise InvalidInputError(
            _("Choose what this entry is."),
            code="matter_kind",
            field="kind",
            fix=_("Choose from: %(words)s.") % {"words": ", ".join(MatterEntryKind)},
        )
    check_length("title", given.title, 1, MAX_LINE)
    check_length("text", given.text, 0, MAX_TEXT)
    if given.kind == MatterEntryKind.INTERVIEW and given.happens_at is None:
        raise InvalidInputError(
            _("An interview has a date."), code="matter_date", field="happens_at"
        )


def strike_entry(house: House, user: User, entry: int) -> MatterEntry:
    """Strike an entry through: it stays readable, and says that it no longer counts.

    Raises RefusedError, NotFoundError, ConflictError while a search stands or for a
    question that has an answer.
    """
    check_edit(user)
    now = house.now()
    with writing():
        search_day.check_deletion()
        found = MatterEntry.objects.select_for_update().filter(pk=entry).first()
        if found is None:
            raise NotFoundError(_("There is no such entry."), code="no_entry")
        held(found.matter_id)
        if found.answers.exists():
            raise ConflictError(_("This question has an answer."), code="question_answered")
        if found.removed_at is None:
            found.removed_at = now
            found.save(update_fields=["removed_at"])
    return found


def link(house: House, user: User, number: int, kind: str, target: str) -> MatterLink:
    """Say that something of the house belongs to a file, by its number as people see it.

    Raises RefusedError, NotFoundError, ConflictError, InvalidInputError for what is
    not there. Class `child` is never linked: its room is its file.
    """
    check_edit(user)
    name = check_target(kind, target)
    with writing():
        matter = held(number)
        made, _new = MatterLink.objects.get_or_create(
            matter=matter, kind=kind, target=name, defaults={"at": house.now()}
        )
    return made


def check_target(kind: str, target: str) -> str:
    """Return what a link names, as it is kept. Raises InvalidInputError, naming the field."""
    if kind not in TARGETS:
        raise InvalidInputError(
            _("Choose what belongs to the file."),
            code="link_kind",
            field="kind",
            fix=_("Choose from: %(words)s.") % {"words": ", ".join(TARGETS)},
        )
    letters, model = TARGETS[kind]
    name = target.strip()
    check_length("target", name, 1, 100)
    if model is None:
        return name
    digits = name.upper().removeprefix(letters)
    if not (digits.isascii() and digits.isdigit() and len(digits) < 16) or not _is_there(
        model, int(digits)
    ):
        raise InvalidInputError(
            _("There is no record %(name)s.") % {"name": name}, code="link_target", field="target"
        )
    return f"{letters}{int(digits)}"


def _is_there(model: type[Model], number: int) -> bool:
    rows = model._default_manager.filter(number=number)  # noqa: SLF001
    classed = any(field.name == "cls" for field in model._meta.fields)  # noqa: SLF001
    return (rows.exclude(cls=CHILD) if classed else rows).exists()


def check_length(name: str, text: str, least: int, most: int) -> None:
    """Raise InvalidInputError for a text that is missing or too long, naming the field."""
    if not least <= len(text.strip()) <= most:
        raise InvalidInputError(
            _("Write %(least)s to %(most)s characters.") % {"least": least, "most": f"{most:,}"},
            code=f"matter_{name}",
            field=name,
        )
