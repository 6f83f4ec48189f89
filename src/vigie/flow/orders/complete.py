# SPDX-License-Identifier: Apache-2.0
"""Whether a form is complete: its required fields, each of its type, in a declared language.

What is missing decides the letter: the form's own (Annex III of Regulation (EU)
2021/784 or 2023/1543), else a request to clarify. A complete form is not a genuine one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from vigie.flow import desk_settings
from vigie.flow.orders.values import Cleaned, Missing, Why, cleaned
from vigie.law.orders import Languages, Means, OrderForm

__all__ = ["Missing", "Why", "check", "declared", "problems"]

_SETTING: Final = {
    Languages.CONTACT: "order_languages",
    Languages.REMOVAL: "removal_languages",
    Languages.EVIDENCE: "evidence_languages",
}


def check(form: OrderForm, fields: Mapping[str, Any]) -> list[Missing]:
    """Return what keeps a form from being complete, in the order of its fields.

    `fields` are values as given or as kept; unknown names are not looked at.
    """
    return problems(form, cleaned(form, fields))


def problems(form: OrderForm, read: Cleaned) -> list[Missing]:
    """Return the same of values that were read already."""
    wrong = {one.field: one for one in read.unreadable}
    found = []
    for one in form.fields:
        if one.name in wrong:
            found.append(wrong[one.name])
        elif one.needed(read.values) and read.values.get(one.name) in (None, "", []):
            found.append(Missing(one.name, Why.EMPTY))
    return found + _undeclared(form, read.values)


def _undeclared(form: OrderForm, values: Mapping[str, Any]) -> list[Missing]:
    """Return the language where the operator did not declare it for this form."""
    field = form.means(Means.LANGUAGE)
    said = values.get(field.name) if field is not None else None
    if field is None or not said or said in declared(form):
        return []
    return [Missing(field.name, Why.NOT_DECLARED)]


def declared(form: OrderForm) -> tuple[str, ...]:
    """Return the languages that the operator declared for a form."""
    return desk_settings.words(_SETTING[form.languages])
