# SPDX-License-Identifier: Apache-2.0
"""The line about the shift that every page of the console shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django import template

from vigie.console import care

if TYPE_CHECKING:
    from vigie.store.models import User

register = template.Library()


@register.simple_tag(takes_context=True)
def shift_line(context: template.Context) -> care.Line | None:
    """Return how the shift of the person who is signed in stands; None before that."""
    user: Any = getattr(context.get("request"), "user", None)
    if user is None or not user.is_authenticated or user.must_change_password:
        return None
    return care.line(cast("User", user))
