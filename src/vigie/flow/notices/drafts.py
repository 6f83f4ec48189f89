# SPDX-License-Identifier: Apache-2.0
"""Unfinished notices: kept under a code for a week, so that nothing typed is lost.

The code is random and never stored; without it nobody finds the words again.
Terms (`flow.terms_people`) delete what is left over.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from vigie.flow import deletion, tracking
from vigie.flow.house import House
from vigie.store.models import NoticeDraft

WEEK_MS: Final = 7 * 86_400_000


def begin(house: House, data: Mapping[str, Any]) -> str:
    """Keep a form that somebody has begun; returns its code."""
    code = tracking.random_code()
    NoticeDraft.objects.create(
        code_digest=tracking.digest_of(code), data=dict(data), expires_at=house.now() + WEEK_MS
    )
    return code


def find(house: House, code: str) -> NoticeDraft | None:
    """Return the form of a code while it is kept."""
    if not tracking.normal(code):
        return None
    rows = NoticeDraft.objects.filter(code_digest=tracking.digest_of(code))
    return rows.filter(expires_at__gt=house.now()).first()


def keep(house: House, draft: NoticeDraft, data: Mapping[str, Any]) -> None:
    """Keep what was added; the week begins anew."""
    draft.data, draft.expires_at = dict(data), house.now() + WEEK_MS
    draft.save(update_fields=["data", "expires_at"])


def end(code: str) -> None:
    """Delete a form that was sent or given up; no hold covers what nobody was told."""
    rows = NoticeDraft.objects.filter(code_digest=tracking.digest_of(code))
    deletion.expire(rows, "", 1)
