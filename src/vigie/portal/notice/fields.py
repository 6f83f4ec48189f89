# SPDX-License-Identifier: Apache-2.0
"""What each page of the form reads, and what does not fit on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext as _

from vigie.core.errors import InvalidInputError
from vigie.flow.intimate.hashes import from_form
from vigie.flow.letters import check_address
from vigie.flow.notices import form as rules
from vigie.flow.notices.form import Channel, ChildChoice, NoticeForm
from vigie.portal.notice.problems import field_of, words
from vigie.store.models import NoticeKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import QueryDict

    from vigie.portal.notice.draft import Draft

ROWS: Final = 2
"""Rows for addresses at first."""
MANY: Final = 12
"""From so many on they stand in one field, a line each."""
MAX_HASH: Final = 600
"""Characters of one hidden field: a quality and eight hashes."""

Errors = dict[str, str]


def read(step: str, given: QueryDict, data: dict[str, Any]) -> None:
    """Put what a page sends into the draft, whether it fits or not."""
    _READ[step](given, data)


def check(step: str, draft: Draft) -> Errors:
    """Return what does not fit, by field, in the order of the page."""
    return _CHECK[step](draft)


def _text(given: QueryDict, name: str) -> str:
    return given.get(name, "").replace("\0", "")


def _read_what(given: QueryDict, data: dict[str, Any]) -> None:
    data["category"] = _text(given, "category")[:64]
    data["under_age"] = "under_age" in given


def _read_where(given: QueryDict, data: dict[str, Any]) -> None:
    rows = [part for one in given.getlist("location") for part in one.replace("\0", "").split()]
    data["locations"] = rows
    data["rows"] = max(ROWS, len(rows) + (1 if given.get("add") else 0))
    data["hashes"] = [one[:MAX_HASH] for one in given.getlist("hash")][: rules.MAX_HASHES + 1]


def _read_why(given: QueryDict, data: dict[str, Any]) -> None:
    data["kind"] = _text(given, "kind")[:16]
    data["choice"] = _text(given, "choice")[:16]
    data["explanation"] = _text(given, "explanation")


def _read_you(given: QueryDict, data: dict[str, Any]) -> None:
    data["name"] = _text(given, "name")[:2_000]
    data["email"] = _text(given, "email")[:2_000]
    data["on_behalf"] = "on_behalf" in given
    data["unnamed"] = "unnamed" in given


def _read_send(given: QueryDict, data: dict[str, Any]) -> None:
    data["good_faith"] = "good_faith" in given


def _check_what(draft: Draft) -> Errors:
    return _caught(lambda: rules.category_of(draft.data.get("category", "")))


def _check_where(draft: Draft) -> Errors:
    found = _caught(lambda: from_form(hashes_of(draft)))
    if hashes_of(draft) and not draft.data.get("locations"):
        return found  # who has the picture need not know where it is
    return found | _caught(lambda: rules.check_locations(draft.data.get("locations", [])))


def hashes_of(draft: Draft) -> list[str]:
    """Return the hidden fields of the victim's path; no other category takes any."""
    about = draft.about
    victims = about is not None and about.code == rules.INTIMATE
    return list(draft.data.get("hashes", [])) if victims else []


def _check_why(draft: Draft) -> Errors:
    about, data = draft.about, draft.data
    if about is not None and about.anonymous:
        return {}
    if about is not None and about.terms and data.get("kind") not in set(NoticeKind):
        return {"kind": _("Choose one of the two.")}
    found = _caught(lambda: rules.check_explanation(data.get("explanation", "")))
    wanted = about is not None and not about.victim and kind_of(draft) is NoticeKind.ILLEGAL
    if not found and wanted and not data.get("explanation", "").strip():
        return {"explanation": _("Say in a few sentences why it is illegal.")}
    return found


def _check_you(draft: Draft) -> Errors:
    data = draft.data
    found: Errors = {}
    name, email = data.get("name", "").strip(), data.get("email", "").strip()
    if name:
        found |= _caught(lambda: rules.check_name(name))
    if email:
        found |= _caught(lambda: check_address(email))
    if data.get("unnamed") or kind_of(draft) is NoticeKind.TERMS:
        return found
    if not name:
        found["name"] = _("Give your name, or choose below to send it without.")
    if not email:
        found["email"] = _("Give a mail address, or choose below to send it without.")
    return found


def _check_send(draft: Draft) -> Errors:
    if kind_of(draft) is NoticeKind.ILLEGAL and not draft.data.get("good_faith"):
        return {"good_faith": _("Tick this: the law asks for it.")}
    return {}


def _caught(check: Callable[[], object]) -> Errors:
    try:
        check()
    except InvalidInputError as problem:
        return {field_of(problem): words(problem)}
    return {}


def kind_of(draft: Draft) -> NoticeKind:
    """Return under which rule the notice comes."""
    about = draft.about
    terms = about is not None and about.terms and draft.data.get("kind") == NoticeKind.TERMS
    return NoticeKind.TERMS if terms else NoticeKind.ILLEGAL


def form_of(draft: Draft, language: str) -> NoticeForm:
    """Return the notice for the verb; what the category does not take is left out."""
    about, data = draft.about, draft.data
    code = about.code if about is not None else ""
    anonymous = about is not None and about.anonymous
    choice = data.get("choice", "")
    child = choice if choice in set(ChildChoice) else ""
    return NoticeForm(
        channel=Channel.PORTAL,
        category=code,
        kind=kind_of(draft),
        locations=tuple(data.get("locations", [])),
        explanation=child if anonymous else data.get("explanation", ""),
        good_faith=bool(data.get("good_faith")),
        name="" if anonymous else data.get("name", ""),
        email="" if anonymous else data.get("email", ""),
        on_behalf=bool(data.get("on_behalf")) and not anonymous,
        under_age=draft.under_age,
        language=language,
        hashes=tuple(one.plain() for one in from_form(hashes_of(draft))),
        files=tuple(one["id"] for one in data.get("files", [])),
        token=draft.token,
    )


_READ: Final = {
    "what": _read_what,
    "where": _read_where,
    "why": _read_why,
    "you": _read_you,
    "send": _read_send,
}
_CHECK: Final = {
    "what": _check_what,
    "where": _check_where,
    "why": _check_why,
    "you": _check_you,
    "send": _check_send,
}
