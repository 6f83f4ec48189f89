# SPDX-License-Identifier: Apache-2.0
"""What `vigie check` says of the vault."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from vigie.core.errors import VigieError

if TYPE_CHECKING:
    from vigie.cli.readiness import Finding
    from vigie.flow.house import House


def look(house: House) -> Iterator[Finding]:
    """Say whether evidence can be sealed and opened, and whether files and rows agree."""
    from vigie.cli.readiness import Finding
    from vigie.flow.vault import layout

    try:
        known = layout.recipients(house.settings)
    except VigieError as problem:
        yield Finding(code="vault", level="missing", text=problem.message, fix=problem.fix or "")
        return
    yield from _custody(house, child=known.child is not None)
    if known.general is None:
        yield Finding(
            code="vault",
            level="warning",
            text="There is no vault: nothing is preserved before it is removed.",
            fix="vigie vault init, then vigie vault escrow --new",
        )
        return
    yield from _agreement(house)
    yield from _process(house)


def _custody(house: House, *, child: bool) -> Iterator[Finding]:
    from vigie.cli.readiness import Finding

    bound = sorted(one.id for one in house.law.entries.values() if one.keeps_bytes)
    if bound and not child:
        yield Finding(
            code="custody",
            level="missing",
            text=f"The law asks that bytes be kept ({', '.join(bound)}), and there is no vault "
            "for class child: they would be lost.",
            fix="vigie vault init --officer ACCOUNT=KEY --officer ACCOUNT=KEY",
        )


def _agreement(house: House) -> Iterator[Finding]:
    from vigie.cli.readiness import Finding
    from vigie.flow.vault.checking import LIGHT, problems
    from vigie.vault import identities

    found = problems(house)
    for one in found:
        level = "warning" if one.code in LIGHT else "missing"
        text = f"{one.text} ({one.count:,})"
        yield Finding(code=one.code, level=level, text=text, fix="vigie vault check")  # type: ignore[arg-type]
    loose = identities.too_open(house.settings.vault_dir)
    if loose:
        yield Finding(
            code="vault_mode",
            level="missing",
            text=f"Others may read the vault's keys: {', '.join(loose[:3])}.",
            fix=f"chmod -R go= {house.settings.vault_dir}",
        )
    if not found and not loose:
        yield Finding(code="vault", level="ok", text="The vault's rows, files and keys agree.")


def _process(house: House) -> Iterator[Finding]:
    from vigie.cli.readiness import Finding
    from vigie.flow.vault import client

    try:
        client.stands(house.settings)
    except VigieError:
        yield Finding(
            code="vault_process",
            level="warning",
            text="The vault process does not answer: sealing goes on, nothing can be opened.",
            fix="vigie serve, or vigie serve --role vault",
        )
