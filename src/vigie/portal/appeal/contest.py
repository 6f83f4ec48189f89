# SPDX-License-Identifier: Apache-2.0
"""The part of a page with which a decision is contested: a form, or what became of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from django.utils import translation
from django.utils.translation import gettext as _

from vigie.core.errors import ConflictError, VigieError
from vigie.flow import house
from vigie.flow.appeals.form import MAX_GROUNDS, AppealForm, appeals_of, check_open, closes_at
from vigie.flow.appeals.lodge import AppealReceipt, lodge_appeal
from vigie.flow.appeals.words import outcome_of, taken_back
from vigie.law.wording import LANGUAGES
from vigie.store.models import AppealState, DisputeBody
from vigie.web.limits import allow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import QuerySet
    from django.http import HttpRequest

    from vigie.store.models import Appeal, Measure, NoticeItem, Statement

MOST_MAIL: Final = 254
KEPT: Final = "contest_kept"
_TYPED: Final = ("grounds", "email", "hearing", "item")
_UNTYPED: Final = {"grounds": "", "email": "", "hearing": False}


@dataclass(frozen=True, slots=True)
class Contest:
    """What a page says of contesting it."""

    action: str
    """Where the form is sent."""
    appeal: Appeal | None
    is_open: bool
    """True: the form is shown."""
    closes_at: int
    given: Mapping[str, object] = field(default_factory=lambda: dict(_UNTYPED))
    errors: Mapping[str, str] = field(default_factory=dict)
    most: int = MAX_GROUNDS

    @property
    def outcome(self) -> str:
        """One sentence on where the complaint stands."""
        return outcome_of(self.appeal) if self.appeal is not None else ""

    @property
    def taken(self) -> list[str]:
        """What was taken back, a sentence each."""
        return taken_back(self.appeal.reversed, language()) if self.appeal is not None else []

    @property
    def answered(self) -> bool:
        """A person has decided on it."""
        return self.appeal is not None and self.appeal.state != AppealState.LODGED

    @property
    def bodies(self) -> QuerySet[DisputeBody]:
        """The out-of-court bodies that the operator names (Art. 21)."""
        return DisputeBody.objects.filter(active=True).order_by("name")


def language() -> str:
    """Return the language of the page, as letters and complaints know it."""
    known = (translation.get_language() or "en").split("-", maxsplit=1)[0]
    return known if known in LANGUAGES else "en"


def keep(request: HttpRequest) -> None:
    """Keep what was typed on a page whose notice has closed by itself, until the next code."""
    given = request.POST
    words = {name: given[name][: MAX_GROUNDS + 1] for name in _TYPED if name in given}
    request.session[KEPT] = words


def is_kept(request: HttpRequest) -> bool:
    """Say whether something typed waits for the code of its notice."""
    return KEPT in request.session


def take(request: HttpRequest) -> Mapping[str, str]:
    """Return what was kept, once."""
    words: Mapping[str, str] = request.session.pop(KEPT, {})
    return words


def form_of(
    given: Mapping[str, str] | None = None,
    *,
    statement: Statement | None = None,
    notice_item: NoticeItem | None = None,
    measure: Measure | None = None,
) -> AppealForm:
    """Return what was typed about the one thing that is contested."""
    given = given or {}
    return AppealForm(
        statement=statement,
        notice_item=notice_item,
        measure=measure,
        grounds=str(given.get("grounds", "")).replace("\0", "").replace("\r\n", "\n"),
        email=str(given.get("email", ""))[: MOST_MAIL + 1],
        hearing="hearing" in given,
        language=language(),
    )


def of(action: str, form: AppealForm, problem: VigieError | None = None) -> Contest:
    """Return what the page shows: the form, the state of a complaint, or neither."""
    current = house.current()
    try:
        check_open(current, form)
        is_open = True
    except ConflictError:
        is_open = False
    return Contest(
        action=action,
        appeal=appeals_of(form).order_by("-number").first(),
        is_open=is_open,
        closes_at=closes_at(current, form),
        given={"grounds": form.grounds, "email": form.email, "hearing": form.hearing},
        errors={problem.field or "grounds": words(problem)} if problem is not None else {},
    )


def lodge(request: HttpRequest, form: AppealForm) -> AppealReceipt:
    """Take the complaint, within the limits of the public forms."""
    current = house.current()
    allow(current, request, "appeal")
    return lodge_appeal(current, form)


def words(problem: VigieError) -> str:
    """Return an error of the verbs in the language of the page."""
    known = {
        "no_grounds": _("Say in a few sentences why we should decide otherwise."),
        "text_too_long": _("This is too long: at most %(most)s characters.")
        % {"most": f"{MAX_GROUNDS:,}"},
        "bad_address": _("This is no mail address. It looks like name@example.org."),
        "appeal_open": _("You have contested this already; it is being looked at."),
        "appeal_decided": _("Your complaint about this was decided already."),
        "too_late": _("The time for a complaint is over."),
        "nothing_to_contest": _("This no longer holds: there is nothing to contest."),
    }
    return known.get(problem.code, problem.message)
