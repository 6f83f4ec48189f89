# SPDX-License-Identifier: Apache-2.0
"""The fields of an order's form as a page shows them, and what a page sends back.

Used by the public form for authorities and by the desk: from the data of `law.orders`
alone, in the language of the page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext as _

from vigie.flow.orders.values import Why
from vigie.law import orders as forms
from vigie.law.orders import Aim, FieldType, OrderForm, Req

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.http import QueryDict

    from vigie.flow.orders.values import Missing
    from vigie.law.orders import OrderField

PREFIX: Final = "f-"
"""Before the name of each field, so that none meets a field of the page itself."""
MOST: Final = 1_000_000
"""Characters of one field that a page reads; the verb says what is too long."""
_LONG: Final = {FieldType.TEXT, FieldType.LINES, FieldType.LOCATIONS}
_ROWS: Final = {FieldType.TEXT: 5, FieldType.LINES: 3, FieldType.LOCATIONS: 4}
_LENGTHS: Final = {
    FieldType.COUNTRY: 2,
    FieldType.COUNTRIES: 300,
    FieldType.LANGUAGE: 5,
    FieldType.MOMENT: 40,
    FieldType.DATE: 10,
    FieldType.EMAIL: 254,
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a field."""

    code: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Widget:
    """One field as it stands on a page."""

    name: str
    label: str
    hint: str
    kind: str
    """`text`, `area`, `check`, `one` or `many`."""
    rows: int
    length: int
    value: str
    chosen: bool
    options: tuple[Choice, ...]
    required: bool
    when: bool
    """Required under a condition."""
    section: str
    problem: str

    @property
    def field_id(self) -> str:
        """Its id on the page."""
        return f"{PREFIX}{self.name}"


def widgets(
    form: OrderForm,
    language: str,
    values: Mapping[str, Any] | None = None,
    problems: Mapping[str, str] | None = None,
) -> list[Widget]:
    """Return the fields of a form with what stands in them and what does not fit."""
    held, wrong = values or {}, problems or {}
    return [_widget(one, language, held.get(one.name), wrong) for one in form.fields]


def _widget(one: OrderField, language: str, value: Any, wrong: Mapping[str, str]) -> Widget:
    listed = [str(part) for part in value] if isinstance(value, list | tuple) else []
    text = "\n".join(listed) if listed else ("" if value is None else str(value))
    chosen = set(listed) or {text}
    return Widget(
        name=one.name,
        label=one.label(language),
        hint=one.hint(language),
        kind=_kind(one),
        rows=_ROWS.get(one.type, 1),
        length=one.most or _LENGTHS.get(one.type, 500),
        value=" ".join(listed) if one.type is FieldType.COUNTRIES else text,
        chosen=value is True,
        options=tuple(
            Choice(each.code, each.label(language), each.code in chosen) for each in one.options
        ),
        required=one.req is Req.REQUIRED,
        when=one.req is Req.CONDITIONAL,
        section=one.section,
        problem=wrong.get(one.name, ""),
    )


def _kind(one: OrderField) -> str:
    if one.type in _LONG:
        return "area"
    named = {FieldType.BOOLEAN: "check", FieldType.CHOICE: "one", FieldType.CHOICES: "many"}
    return named.get(one.type, "text")


def read(form: OrderForm, given: QueryDict) -> dict[str, Any]:
    """Return what a page sent for the form's fields, as it was typed."""
    found: dict[str, Any] = {}
    for one in form.fields:
        key = f"{PREFIX}{one.name}"
        if one.type is FieldType.BOOLEAN:
            if key in given:
                found[one.name] = True
        elif one.type is FieldType.CHOICES:
            chosen = [part[:64] for part in given.getlist(key)[: len(one.options)]]
            if chosen:
                found[one.name] = chosen
        elif given.get(key, "").strip():
            found[one.name] = given[key][:MOST]
    return found


def told(missing: Iterable[Missing]) -> dict[str, str]:
    """Return what is wrong with each field, in words."""
    words = {
        Why.EMPTY: _("This is missing."),
        Why.UNREADABLE: _("This cannot be read as it stands."),
        Why.TOO_LONG: _("This is too long."),
        Why.NOT_DECLARED: _("We did not declare this language: add a translation."),
    }
    return {one.field: words[one.why] for one in missing}


def groups() -> list[tuple[str, list[OrderForm]]]:
    """Return the forms that are taken here, by what they want; referrals apart."""
    words = {
        Aim.REMOVAL: _("Remove or restrict content"),
        Aim.DISCLOSURE: _("Hand over data"),
        Aim.PRESERVATION: _("Preserve data"),
        Aim.OTHER: _("Other orders and requests"),
        Aim.REFERRAL: _("Refer content to our attention, without binding force"),
    }
    known = forms.received_here()
    return [(title, [one for one in known if one.aim is aim]) for aim, title in words.items()]
