# SPDX-License-Identifier: Apache-2.0
"""Settings that people change in the console: one table of all, each with its effect.

What belongs to the machine (folders, ports, keys) is in `vigie.settings`; what
belongs to the people who work here is in this table. Every change is a record.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext_lazy as _

from vigie.core.errors import InvalidInputError, RefusedError
from vigie.flow import records
from vigie.flow.house import House
from vigie.flow.transaction import writing
from vigie.store.models import DeskSetting, Record, User
from vigie.store.permissions import Permission

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

CHANGED: Final = "setting.changed"
COMMAND_LINE: Final = "command line"
_WORDS: Final = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}

Value = int | bool | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One thing that can be set: numbers have a range, codes a list, the others are yes or no."""

    key: str
    default: Value
    title: str | _StrPromise
    effect: str | _StrPromise
    """What happens by it, as people read it beside the field."""
    unit: str | _StrPromise = ""
    least: int = 0
    most: int = 0
    codes: tuple[str, ...] = ()
    """Of a list: the codes that it may hold, written with spaces between them."""

    @property
    def is_switch(self) -> bool:
        """True for yes or no."""
        return isinstance(self.default, bool)

    @property
    def is_list(self) -> bool:
        """True for a list of codes."""
        return bool(self.codes)


_LANGUAGES: Final = tuple(
    "bg cs da de el en es et fi fr ga hr hu it lt lv mt nl pl pt ro sk sl sv".split()
)
"""The official languages of the Union."""
_ALL: Final = (
    Setting(
        key="capacity_per_day",
        default=200,
        title=_("Cases that people can decide in a day"),
        effect=_(
            "Publishing a policy compares the cases that it would add with this number; "
            "above it a second person and a plan are needed."
        ),
        unit=_("cases"),
        least=1,
        most=1_000_000,
    ),
    Setting(
        key="claim_minutes",
        default=15,
        title=_("How long a case stays with one person"),
        effect=_("After this time without a decision somebody else can take the case."),
        unit=_("minutes"),
        least=2,
        most=240,
    ),
    Setting(
        key="look_budget",
        default=25,
        title=_("Clear looks in a shift"),
        effect=_(
            "Looks at a clear picture or a sealed file that one person has in a shift. "
            "At 80 % the page says so; at the end it refuses and offers a break."
        ),
        unit=_("looks"),
        least=1,
        most=200,
    ),
    Setting(
        key="look_budget_hard",
        default=10,
        title=_("Of these, looks at hard material"),
        effect=_(
            "The lower limit for terrorism, intimate pictures, minors and self-harm, "
            "and for queues marked as hard."
        ),
        unit=_("looks"),
        least=0,
        most=100,
    ),
    Setting(
        key="look_grant",
        default=5,
        title=_("Looks that a senior person can add"),
        effect=_("Once in a shift, with a reason, for somebody else; it is recorded."),
        unit=_("looks"),
        least=1,
        most=50,
    ),
    Setting(
        key="break_minutes",
        default=60,
        title=_("Time at work before a break is proposed"),
        effect=_("The page proposes a break; it never forces one and counts none."),
        unit=_("minutes"),
        least=15,
        most=240,
    ),
    Setting(
        key="hard_in_row",
        default=6,
        title=_("Hard cases in a row"),
        effect=_(
            "After so many a break is proposed and other queues are served, "
            "until a break or the time below."
        ),
        unit=_("cases"),
        least=1,
        most=50,
    ),
    Setting(
        key="rotation_minutes",
        default=30,
        title=_("Rest from hard queues"),
        effect=_("How long other queues are served after hard cases in a row; a break ends it."),
        unit=_("minutes"),
        least=5,
        most=480,
    ),
    Setting(
        key="idle_hours",
        default=4,
        title=_("Hours without a case that end a shift"),
        effect=_("A new shift begins with the next case, with a full budget of looks."),
        unit=_("hours"),
        least=1,
        most=24,
    ),
    Setting(
        key="evidence_per_day",
        default=20,
        title=_("Pieces of evidence that one person opens in a day"),
        effect=_("At this number the vault refuses, and the overview says so."),
        unit=_("openings"),
        least=1,
        most=500,
    ),
    Setting(
        key="excerpts_per_day",
        default=10,
        title=_("Excerpts of the AI gateway that one person opens in a day"),
        effect=_(
            "What is kept of a stopped prompt or answer is opened from a case, with a reason; "
            "at this number the vault refuses."
        ),
        unit=_("openings"),
        least=1,
        most=200,
    ),
    Setting(
        key="order_languages",
        default="en",
        title=_("Languages of orders"),
        effect=_(
            "Declared for the contact point (Art. 11(3) DSA). An order in another language "
            "without a translation of its essential parts is incomplete."
        ),
        codes=_LANGUAGES,
    ),
    Setting(
        key="removal_languages",
        default="en",
        title=_("Languages of removal orders"),
        effect=_("Designated for removal orders (Art. 15(2) Regulation (EU) 2021/784)."),
        codes=_LANGUAGES,
    ),
    Setting(
        key="evidence_languages",
        default="en",
        title=_("Languages of e-Evidence certificates"),
        effect=_("Accepted for certificates (Art. 27 Regulation (EU) 2023/1543)."),
        codes=_LANGUAGES,
    ),
    Setting(
        key="orders_two_persons",
        default=True,
        title=_("A second person for removal orders"),
        effect=_(
            "On: nobody carries out an order alone. Off: one person may, where the order asks "
            "for no data; what lets data out needs two in any case."
        ),
    ),
    Setting(
        key="personal_figures",
        default=False,
        title=_("Figures of single persons"),
        effect=_(
            "Off: nobody sees any. On: each person can see their own, and the quality lead "
            "sees load and exposure. Speed is never shown, and nobody is ranked."
        ),
    ),
)
SETTINGS: Final[Mapping[str, Setting]] = {one.key: one for one in _ALL}


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a setting, as the log has it."""

    at: int
    key: str
    was: Value
    now: Value
    by: str


def get(key: str) -> Value:
    """Return what is set, else the default. Raises KeyError for a key of no setting."""
    known = SETTINGS[key]
    row = DeskSetting.objects.filter(pk=key).first()
    return known.default if row is None else row.value


def number(key: str) -> int:
    """Return a setting that is a number."""
    return int(get(key))


def switch(key: str) -> bool:
    """Return a setting that is yes or no."""
    return bool(get(key))


def words(key: str) -> tuple[str, ...]:
    """Return a setting that is a list of codes."""
    return tuple(str(get(key)).split())


def all_values() -> dict[str, Value]:
    """Return every setting with what holds now, in the order of the table."""
    rows = dict(DeskSetting.objects.filter(pk__in=SETTINGS).values_list("key", "value"))
    return {key: rows.get(key, one.default) for key, one in SETTINGS.items()}


def read(key: str, text: str) -> Value:
    """Read a value that somebody typed; InvalidInputError names key and range."""
    known = _known(key)
    if known.is_switch:
        found = _WORDS.get(text.strip().lower())
        if found is None:
            raise _wrong(known)
        return found
    if known.is_list:
        return check(key, text)
    plain = text.strip()
    if not (plain.isascii() and plain.isdigit() and len(plain) < 10):
        raise _wrong(known)
    return check(key, int(plain))


def check(key: str, value: object) -> Value:
    """Return the value where it fits the setting; InvalidInputError otherwise."""
    known = _known(key)
    if known.is_switch:
        if isinstance(value, bool):
            return value
        raise _wrong(known)
    if known.is_list:
        return _listed(known, value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise _wrong(known)
    if not known.least <= value <= known.most:
        raise _wrong(known)
    return value


def _listed(known: Setting, value: object) -> str:
    """Return codes once each, in the order of the list; at least one."""
    named = frozenset(str(value).lower().replace(",", " ").split())
    if not isinstance(value, str) or not named or not named <= frozenset(known.codes):
        raise _wrong(known)
    return " ".join(one for one in known.codes if one in named)


def set(house: House, user: User | None, key: str, value: object) -> bool:  # noqa: A001
    """Change a setting; return whether anything changed.

    Without a user it is the operator's command line. Raises RefusedError
    without the permission, InvalidInputError for what does not fit.
    """
    if user is not None and not user.has_perm(Permission.SETTING_MANAGE):
        raise RefusedError("Your role may not change settings.", code="no_permission")
    fitting = check(key, value)
    by = COMMAND_LINE if user is None else user.username
    now = house.now()
    with writing():
        was = get(key)
        if was == fitting:
            return False
        DeskSetting.objects.update_or_create(
            key=key, defaults={"value": fitting, "changed_by": by, "changed_at": now}
        )
        plain = {"setting": key, "was": was, "now": fitting}
        records.append_one(records.draft(CHANGED, now, plain, {"by": by}))
    return True


def history(most: int = 50) -> list[Change]:
    """Return the last changes, the newest first, as the records have them."""
    found = Record.objects.filter(kind=CHANGED).select_related("key").order_by("-at", "-pk")
    return [_change(one) for one in found[:most]]


def _change(record: Record) -> Change:
    said = json.loads(record.canonical)
    key = getattr(record, "key", None)
    fields: Mapping[str, Any] = key.fields if key is not None else {}
    return Change(record.at, said["setting"], said["was"], said["now"], str(fields.get("by", "")))


def _known(key: str) -> Setting:
    if key not in SETTINGS:
        raise InvalidInputError(
            "There is no such setting.",
            code="no_setting",
            field=key,
            fix=f"Choose from: {', '.join(SETTINGS)}.",
        )
    return SETTINGS[key]


def _wrong(known: Setting) -> InvalidInputError:
    fix = f"Give a whole number from {known.least} to {known.most:,}."
    if known.is_switch:
        fix = "Say yes or no."
    elif known.is_list:
        fix = f"Choose from: {' '.join(known.codes)}."
    return InvalidInputError(
        "This does not fit the setting.", code="bad_setting", field=known.key, fix=fix
    )
