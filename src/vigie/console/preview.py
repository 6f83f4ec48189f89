# SPDX-License-Identifier: Apache-2.0
"""The statement as the author would read it, before anything is recorded.

Composed by the same code, from the same facts, as the statement that is sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from vigie.console import desk_form
from vigie.core.actions import ACTIONS, Outcome
from vigie.core.errors import VigieError
from vigie.flow import house
from vigie.flow.decided import facts_of as decided_facts
from vigie.flow.statement_text import Facts, restrictions_of
from vigie.law.statement import compose
from vigie.law.wording import LANGUAGES

if TYPE_CHECKING:
    from vigie.console.desk_form import Form
    from vigie.console.page import Page
    from vigie.core.decision import Action


def statement(page: Page, form: Form, language: str) -> dict[str, Any] | None:
    """Return the page that the author would read, or None where none would be sent."""
    if form.action != desk_form.WITHHOLD or not form.territories or form.exemption:
        return None
    wanted = desk_form.places(page, form)
    actions = tuple(_carried_out(one, wanted) for one in desk_form.proposals(page))
    chosen = tuple(action for action in actions if action.territories)
    decided = msgspec.structs.replace(page.first, outcome=Outcome.WITHHOLD, actions=chosen)
    restrictions = restrictions_of(decided, facts_of(page, form))
    if not restrictions:
        return None
    chosen_language = language if language in LANGUAGES else "en"
    try:
        made = compose(restrictions[0], house.current().law, chosen_language)
    except VigieError:
        return None
    return dict(msgspec.to_builtins(made))


def _carried_out(action: Action, wanted: tuple[str, ...]) -> Action:
    """Return a proposal as `flow.decide` carries it out in the chosen countries."""
    places = tuple(one for one in action.territories if one in wanted)
    if places and not ACTIONS[action.action].territorial:
        places = house.current().everywhere
    return msgspec.structs.replace(action, territories=places, by="person", state="sent")


def facts_of(page: Page, form: Form) -> Facts:
    """Return what the statement may say of the item."""
    return decided_facts(page.origin, form.facts or None, house.current().now())
