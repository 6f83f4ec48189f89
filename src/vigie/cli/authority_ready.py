# SPDX-License-Identifier: Apache-2.0
"""What `vigie check` says of the sender directory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from vigie.core.errors import VigieError

if TYPE_CHECKING:
    from vigie.cli.readiness import Finding
    from vigie.flow.house import House


def look(house: House) -> Iterator[Finding]:
    """Say whether any order could be proven, and whether the anchors can be read."""
    from vigie.cli.readiness import Finding
    from vigie.flow.orders import authorities, signatures
    from vigie.store.models import AuthorityContact

    try:
        signatures.question(house.settings.data_dir, house.now())
    except VigieError as problem:
        yield Finding(code="trust", level="missing", text=problem.message, fix=problem.fix or "")
    rows = AuthorityContact.objects.filter(withdrawn_at=None).select_related("authority")
    now = house.now()
    held = {one.authority_id for one in rows.iterator() if authorities.stands(one, now)}
    if held:
        text = f"The directory can prove orders of {len(held)} authorities."
        yield Finding(code="authorities", level="ok", text=text)
        return
    yield Finding(
        code="authorities",
        level="warning",
        text="The directory has no contact that a second person checked: no order can be proven.",
        fix="vigie authority add, then let a second person check its contacts in the console",
    )
