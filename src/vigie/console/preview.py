# SPDX-License-Identifier: Apache-2.0
"""The statement as the author would read it, before anything is recorded.

Composed by the same code, from the same facts, as the statement that is sent:
the verb itself says what would be done.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import msgspec

from vigie.console import choices, desk_form, wording
from vigie.core.actions import Outcome
from vigie.core.errors import VigieError
from vigie.flow import house
from vigie.flow.choose import choose
from vigie.flow.decided_statement import facts_from
from vigie.flow.said import check_told
from vigie.flow.statement_text import restrictions_of
from vigie.law.restriction import Restriction
from vigie.law.statement import compose
from vigie.law.wording import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vigie.console.desk_form import Form
    from vigie.console.page import Page
    from vigie.store.models import Notice, User

MINUTE_MS: Final = 60_000
_ENCODER: Final = msgspec.json.Encoder()
_DECODER: Final = msgspec.json.Decoder(Restriction)


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be read, or what stands in its way."""

    page: dict[str, Any] | None = None
    more: int = 0
    """Further restrictions of the same decision."""
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the page has read already."""

    notices: list[Notice]
    titles: Mapping[str, Mapping[str, str]]


def statement(page: Page, form: Form, user: User, language: str, known: Known) -> Preview:
    """Return the page that the author would read; empty where none would be sent."""
    places = choices.places(page, form)
    whole = places or form.action == desk_form.REMOVE
    if not form.restricts or not whole or form.exemption:
        return Preview()
    asked = desk_form.request_of(form, user, places)
    current = house.current()
    try:
        check_told(asked, page.case)
        chosen = choose(current, asked, page.head, page.case, known.titles)
        decided = msgspec.structs.replace(
            page.first, outcome=Outcome.WITHHOLD, actions=chosen.actions
        )
        facts = facts_from(
            page.origin,
            current.now() // MINUTE_MS * MINUTE_MS,
            content=page.content,
            case=page.case,
            notices=known.notices,
            titles=known.titles,
            told=asked.told,
            told_in=asked.told_in,
        )
        restrictions = restrictions_of(decided, facts)
        made = _composed(_ENCODER.encode(restrictions[0]), language)
    except VigieError as problem:
        return Preview(problem=wording.of(problem))
    return Preview(page=made, more=len(restrictions) - 1)


@lru_cache(maxsize=256)
def _composed(restriction: bytes, language: str) -> dict[str, Any]:
    """Return a composed statement; the same choice is shown several times in a minute."""
    known = language if language in LANGUAGES else "en"
    made = compose(_DECODER.decode(restriction), house.current().law, known)
    return dict(msgspec.to_builtins(made))
