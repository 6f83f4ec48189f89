# SPDX-License-Identifier: Apache-2.0
"""What will happen with a choice, before the button: each line is a consequence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from vigie.console import recent
from vigie.console.desk_form import EXEMPTIONS, LEAVE, Form
from vigie.flow.strikes.weights import weight_of

if TYPE_CHECKING:
    from vigie.console.context import Counted
    from vigie.console.page import Page


def lines(page: Page, form: Form, counted: Counted | None, notices: int, *, two: bool) -> list[str]:
    """Return what will happen, in the order in which it does; nothing for no choice."""
    if not form.restricts and form.action != LEAVE:
        return []
    found = [_second()] if two and form.restricts else []
    found.append(_items(form))
    found.append(_statement(form))
    if form.restricts and not page.is_child:
        found.append(_strike(page, form, counted))
    if notices:
        found.append(_answers(notices))
    found.append(_messages(form))
    return found


def _second() -> str:
    return _("First another person must confirm it: this queue asks for two.")


def _items(form: Form) -> str:
    count = 1 + len(form.also)
    if form.restricts:
        words = ngettext("%(count)s item is restricted", "%(count)s items are restricted", count)
    else:
        words = ngettext("%(count)s item stays as it is", "%(count)s items stay as they are", count)
    return words % {"count": count}


def _statement(form: Form) -> str:
    if not form.restricts:
        return _("no statement: nothing is restricted by it")
    if form.exemption in EXEMPTIONS:
        return _("no statement, for the exception that you named")
    return ngettext(
        "the author gets a statement of reasons",
        "each author gets a statement of reasons",
        1 + len(form.also),
    )


def _strike(page: Page, form: Form, counted: Counted | None) -> str:
    """Say what it counts; a label counts nothing."""
    points = weight_of(page.origin.policies, recent.weights()).points
    if counted is None or form.action == "label" or not points:
        return _("no strike")
    after = counted.points + points
    words = {"points": points, "after": after, "next": counted.next_step}
    if counted.next_step is None:
        return _("strike of %(points)s, then %(after)s in force") % words
    if after >= counted.next_step:
        return _("strike of %(points)s: %(after)s of %(next)s, a measure is proposed") % words
    return _("strike of %(points)s: %(after)s of %(next)s, nothing is proposed") % words


def _answers(count: int) -> str:
    return ngettext("%(count)s notice is answered", "%(count)s notices are answered", count) % {
        "count": count
    }


def _messages(form: Form) -> str:
    """Say who is told by machine; without an endpoint nobody is."""
    if not form.restricts:
        return _("no message to the platform")
    count = recent.endpoints() * (1 + len(form.also))
    if not count:
        return _("no message to the platform: no webhook asks for it")
    return ngettext(
        "%(count)s message to the platform", "%(count)s messages to the platform", count
    ) % {"count": count}
