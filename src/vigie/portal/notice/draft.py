# SPDX-License-Identifier: Apache-2.0
"""The unfinished notice of this browser: its code is in the session, its words in the store."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from vigie.flow import house, tracking
from vigie.flow.notices import drafts
from vigie.law import categories
from vigie.web.limits import allow

if TYPE_CHECKING:
    from django.http import HttpRequest

    from vigie.law.categories import Category
    from vigie.store.models import NoticeDraft

KEY: Final = "notice_draft"
STEPS: Final = ("what", "where", "why", "you", "send")
ANONYMOUS: Final = ("what", "where", "why", "send")
"""Nobody is asked who they are."""
CHILD: Final = "child"
INTIMATE: Final = "intimate"


@dataclass
class Draft:
    """What was typed so far."""

    data: dict[str, Any] = field(default_factory=dict)
    code: str = ""
    row: NoticeDraft | None = None

    @property
    def about(self) -> Category | None:
        """The category whose rules hold; none before it is chosen.

        An intimate picture of somebody under 18 follows those of `child`.
        """
        code = self.data.get("category", "")
        if code == INTIMATE and self.under_age:
            code = CHILD
        return categories.load().get(code)

    @property
    def under_age(self) -> bool:
        """Somebody who is concerned is under 18."""
        return bool(self.data.get("under_age"))

    @property
    def steps(self) -> tuple[str, ...]:
        """The pages of this notice, in order."""
        about = self.about
        return ANONYMOUS if about is not None and about.anonymous else STEPS

    def is_open(self, step: str) -> bool:
        """Say whether the pages before a step are done."""
        done = self.data.get("done", [])
        return step in self.steps and all(
            one in done for one in self.steps[: self.steps.index(step)]
        )

    def mark(self, step: str, *, done: bool) -> None:
        """Note whether a page is filled in."""
        kept = [one for one in self.data.get("done", []) if one != step]
        self.data["done"] = [*kept, step] if done else kept

    @property
    def first_open(self) -> str:
        """Where to go on."""
        return next((one for one in self.steps if one not in self.data.get("done", [])), "send")

    @property
    def token(self) -> str:
        """Names this very form: sent twice, it is one notice."""
        return tracking.digest_of(self.code)


def of(request: HttpRequest) -> Draft:
    """Return what this browser has begun; an empty one where there is nothing."""
    code = str(request.session.get(KEY, ""))
    row = drafts.find(house.current(), code)
    return Draft(dict(row.data), code, row) if row is not None else Draft()


def keep(request: HttpRequest, draft: Draft) -> None:
    """Keep the words; the first time under a new code."""
    current = house.current()
    if draft.row is not None:
        drafts.keep(current, draft.row, draft.data)
        return
    allow(current, request, "draft")
    draft.code = drafts.begin(current, draft.data)
    draft.row = drafts.find(current, draft.code)
    request.session[KEY] = draft.code


def take_up(request: HttpRequest, code: str) -> Draft | None:
    """Go on with a form by its code."""
    row = drafts.find(house.current(), code)
    if row is None:
        return None
    request.session[KEY] = tracking.normal(code)
    return Draft(dict(row.data), code, row)


def again(request: HttpRequest) -> Draft | None:
    """Go on with the form that a page was made for, where the session has ended meanwhile."""
    code = request.POST.get("draft", "")[:100]
    if not code:
        return None
    allow(house.current(), request, "code")
    return take_up(request, code)


def forget(request: HttpRequest) -> None:
    """Delete the words: they were sent, or are not wanted any more."""
    code = str(request.session.pop(KEY, ""))
    if code:
        drafts.end(code)
