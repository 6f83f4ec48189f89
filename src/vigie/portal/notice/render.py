# SPDX-License-Identifier: Apache-2.0
"""What every page of the form shows: step, question, helplines, who the operator is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _

from vigie.core.errors import InvalidInputError
from vigie.flow import house
from vigie.flow.notices.attach import takes_files
from vigie.flow.notices.form import ChildChoice
from vigie.law import categories, helplines
from vigie.portal.notice import fields

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from vigie.law.categories import Category
    from vigie.law.helplines import Helpline
    from vigie.portal.notice.draft import Draft

FORM: Final = "notice-form"


def page(
    request: HttpRequest, template: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """Render a page of the portal that is about notices."""
    operator = house.current().settings.operator or "Vigie"
    full = {"operator": operator, "noindex": True} | context
    return render(request, f"portal/notice/{template}", full, status=status)


def step(
    request: HttpRequest, name: str, draft: Draft, errors: dict[str, str] | None = None
) -> HttpResponse:
    """Render one step with what was typed and what does not fit."""
    steps, about = draft.steps, draft.about
    at = steps.index(name)
    context: dict[str, Any] = {
        "step": name,
        "number": at + 1,
        "of": len(steps),
        "back": steps[at - 1] if at else "",
        "question": question(name, about),
        "about": about,
        "data": draft.data,
        "errors": errors or {},
        "form_id": FORM,
        "code": draft.code,
        **_of_step(name, draft),
    }
    return page(request, f"{name}.html", context, 422 if errors else 200)


def question(name: str, about: Category | None) -> str:
    """Return the question of a page: its heading and the first words of its title."""
    victim = about is not None and about.victim
    intimate = about is not None and about.code == "intimate"
    child = about is not None and about.anonymous
    return {
        "what": _("What is it about?"),
        "where": _("Where is the picture?") if intimate else _("Where is it?"),
        "why": _("What is there?")
        if child
        else _("What should we know?")
        if victim
        else _("Why should it not be there?"),
        "you": _("How can we reach you?"),
        "send": _("Is this right?"),
    }[name]


def _of_step(name: str, draft: Draft) -> dict[str, Any]:
    data, about = draft.data, draft.about
    if name == "what":
        return {"choices": choices()}
    if name == "where":
        rows = [*data.get("locations", [])]
        blank = max(0, data.get("rows", fields.ROWS) - len(rows))
        many = len(rows) > fields.MANY
        return {
            "rows": [] if many else [*rows, *[""] * (blank or 1)],
            "many": "\n".join(rows) if many else "",
            **care(about, under_age=draft.under_age),
        }
    if name == "why":
        return {
            "child_choices": child_choices(),
            "takes_files": takes_files(about),
            **care(about, under_age=draft.under_age),
        }
    if name == "send":
        return {
            "language_title": about.title(language()) if about else "",
            "kind": fields.kind_of(draft).value,
            "hashes": fields.hashes_of(draft),
            "chosen": dict(child_choices()).get(data.get("choice", "")),
        }
    return {"kind": fields.kind_of(draft).value}


def language() -> str:
    """Return the language of the page."""
    return translation.get_language() or "en"


def choices() -> list[tuple[str, str, str]]:
    """Return code, title and help of each category."""
    spoken = language()
    return [(c.code, c.title(spoken), c.hint(spoken)) for c in categories.load().values()]


def child_choices() -> list[tuple[str, str]]:
    """Return what can be said in the category `child`: a choice, no words."""
    return [
        (ChildChoice.PICTURE.value, _("A picture or video")),
        (ChildChoice.ACCOUNT.value, _("An account or a group")),
        (ChildChoice.CONTACT.value, _("An adult who writes to a child")),
        (ChildChoice.UNSURE.value, _("I do not know")),
    ]


def care(about: Category | None, *, under_age: bool) -> dict[str, Any]:
    """Return the helplines for whom it may concern; none where the operator names none."""
    if about is None:
        return {}
    if about.anonymous or under_age or about.code == "minors":
        audience: helplines.Audience = "minors"
    elif about.victim:
        audience = "victims"
    else:
        audience = "anybody"
    shown = about.discreet or under_age or about.code in {"self_harm", "threat"}
    return {"care": shown, "under_age": under_age, "helplines": _lines(audience) if shown else []}


def _lines(audience: helplines.Audience) -> list[Helpline]:
    settings = house.current().settings
    try:
        found = helplines.load(settings.data_dir)
    except InvalidInputError:
        # `vigie check` names the fault; here a general sentence stands in its place.
        return []
    return helplines.for_people(found, settings.countries, audience)
