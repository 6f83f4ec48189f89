# SPDX-License-Identifier: Apache-2.0
"""Where a notice stands, for whoever has its code."""

from __future__ import annotations

from vigie.flow import tracking
from vigie.flow.house import House
from vigie.store.models import Notice


def by_code(house: House, code: str) -> Notice | None:  # noqa: ARG001 - the verbs' signature
    """Return the notice of a tracking code, however it was typed; None for any other text.

    The lookup is by the code's digest: what timing could tell is of no use.
    """
    if not tracking.normal(code):
        return None
    return Notice.objects.filter(code_digest=tracking.digest_of(code)).first()
