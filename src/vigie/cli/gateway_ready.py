# SPDX-License-Identifier: Apache-2.0
"""What `vigie check` says of the AI gateway; nothing where nobody set it up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from vigie.core.gateway import Unregistered

if TYPE_CHECKING:
    from vigie.cli.readiness import Finding
    from vigie.flow.house import House
    from vigie.store.models import GatewayUpstream

IMAGE_DETECTORS: Final = "vigie.image_detectors"


def look(house: House) -> Iterator[Finding]:
    """Say whether the gateway can answer, guards, and can be held to account."""
    from vigie.flow.gateway import upstreams
    from vigie.store.models import ApiKey

    rows = list(upstreams.rows())
    keys = [one for one in ApiKey.objects.filter(revoked_at=None) if "ai" in one.scopes]
    if not rows and not keys:
        return
    if not rows:
        yield _found(
            "gateway_upstream",
            "missing",
            "Keys of the gateway are given out and it has nobody to ask.",
            "vigie gateway upstream add ...",
        )
    yield from _keys(house, rows)
    yield from _profiles()
    yield from _images()
    yield from _register(unwatched=not keys)
    yield from _open_things()


def _found(code: str, level: str, text: str, fix: str) -> Finding:
    from vigie.cli.readiness import Finding

    return Finding(code=code, level=level, text=text, fix=fix)  # type: ignore[arg-type]


def _keys(house: House, rows: list[GatewayUpstream]) -> Iterator[Finding]:
    """A provider refuses without its key; a server of one's own may need none."""
    from vigie.flow.gateway import upstreams

    for row in rows:
        path = upstreams.key_file(house.settings, row.name)
        private = bool(row.document.get("private"))
        if not path.is_file() and not private:
            yield _found(
                "gateway_key",
                "missing",
                f"The upstream {row.name} has no key: its provider will refuse.",
                f"vigie gateway upstream change {row.name} --url ... --key-file FILE",
            )
        elif path.is_file() and path.stat().st_mode & 0o077:
            yield _found(
                "key_mode",
                "missing",
                f"The key of the upstream {row.name} can be read by others.",
                f"chmod 600 {path}",
            )
        if private:
            yield _found(
                "gateway_private",
                "warning",
                f"The upstream {row.name} may lie inside your network.",
                "Make sure that only the gateway can reach it.",
            )


def _profiles() -> Iterator[Finding]:
    from vigie.flow.gateway import profiles

    conf = profiles.conf()
    for one in conf.profiles:
        for risk in profiles.risks(one):
            yield _found(
                "gateway_opens",
                "warning",
                f"The profile {one.name} lets something pass: {risk}.",
                "Each use is recorded; to change it: vigie gateway profile publish FILE",
            )
    for risk in profiles.trip_risks(conf.trips):
        yield _found(
            "gateway_trips", "warning", f"{risk.capitalize()}.", "vigie gateway trips FILE"
        )


def _images() -> Iterator[Finding]:
    from importlib.metadata import entry_points

    if not _available(entry_points(group=IMAGE_DETECTORS)):
        yield _found(
            "gateway_images",
            "warning",
            "No detector of images is installed: the gateway's image routes answer 501.",
            'pip install "vigie[images]"',
        )


def _available(points: object) -> bool:
    """Say whether what one of them needs is installed."""
    return any(point.load().available() for point in points)  # type: ignore[attr-defined]


def _register(*, unwatched: bool) -> Iterator[Finding]:
    from vigie.flow.gateway import profiles
    from vigie.store.models import ChangeKind, RegisteredChange

    known = RegisteredChange.objects.exclude(kind=ChangeKind.RECOMMENDER)
    if unwatched or known.exists():
        return
    refusing = [
        one.name for one in profiles.conf().profiles if one.unregistered is Unregistered.REFUSE
    ]
    text = "No assistant is in the change register: every request raises an alarm."
    if refusing:
        text += f" The profile refuses all of them: {', '.join(refusing)}."
    yield _found(
        "gateway_unregistered",
        "missing" if refusing else "warning",
        text,
        "vigie change register assistant --request body.json ...",
    )


def _open_things() -> Iterator[Finding]:
    from vigie.flow.gateway import alarms, brakes

    for row in brakes.standing().order_by("number"):
        yield _found(
            "gateway_brake",
            "warning",
            f"{brakes.label(row)} stands: {row.feature} is stopped in {' '.join(row.countries)}.",
            f"When it may run again: vigie gateway start {row.number} --as ACCOUNT",
        )
    count = alarms.standing().count()
    if count:
        yield _found(
            "gateway_alarms",
            "warning",
            f"{count} alarms of the gateway are open.",
            "vigie gateway alarm list",
        )
