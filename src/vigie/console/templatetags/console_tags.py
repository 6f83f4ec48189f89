# SPDX-License-Identifier: Apache-2.0
"""What every page of the console shows, whoever renders it: the bar with its rooms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from django import template
from django.utils.html import format_html

from vigie.console import drafts, once, rooms

if TYPE_CHECKING:
    from django.http import HttpRequest

    from vigie.store.models import User

register = template.Library()


@dataclass(frozen=True, slots=True)
class Bar:
    """The rooms in the bar, and those under *More*."""

    main: list[rooms.Entry]
    more: list[rooms.Entry]
    count: int
    """What waits under *More*."""


@register.simple_tag(takes_context=True)
def bar(context: template.Context) -> Bar | None:
    """Return the rooms of the person who is signed in; None before that."""
    request: HttpRequest | None = context.get("request")
    user: Any = getattr(request, "user", None)
    if user is None or not user.is_authenticated or user.must_change_password:
        return None
    user = cast("User", user)
    more = rooms.entries(user, more=True)
    waits = sum(one.shown for one in more)
    return Bar(rooms.entries(user, more=False), more, waits)


@register.simple_tag(takes_context=True)
def writer(context: template.Context) -> str:
    """Say in a form who writes it on which page, so that its words outlive a session."""
    request: HttpRequest = context["request"]
    field = '<input type="hidden" name="{}" value="{}">'
    return format_html(field, drafts.WRITER, drafts.writer(request))


@register.simple_tag(takes_context=True)
def used_forms(context: template.Context) -> str:
    """Name the forms that were carried out last: script then drops what was typed in them."""
    request: HttpRequest = context["request"]
    return " ".join(once.lately(request))
