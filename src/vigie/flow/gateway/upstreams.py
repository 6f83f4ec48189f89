# SPDX-License-Identifier: Apache-2.0
"""Upstreams: whom the gateway asks. Their keys are files of the keys folder alone.

A key is never in the database, a Snapshot, a record or a log; nothing but the
door that calls the upstream reads it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from vigie.core.errors import ConflictError, InvalidInputError, NotFoundError, VigieError
from vigie.core.gateway import Upstream
from vigie.exchange import outbound
from vigie.exchange import upstream as outside
from vigie.flow import records
from vigie.flow.gateway.actor import check_may, named
from vigie.flow.gateway.values import convert
from vigie.flow.house import House
from vigie.flow.snapshot_parts import mark_dirty
from vigie.flow.transaction import writing
from vigie.screening.snapshot_files import write_durably
from vigie.settings import Settings
from vigie.store.models import GatewayUpstream, SnapshotPart, User
from vigie.store.permissions import Permission

CHANGED: Final = "gateway.upstream"
MODE: Final = 0o600
MAX_SECRET: Final = 4_096
MAX_URL: Final = 500
MAX_MODELS: Final = 200
MAX_PATTERN: Final = 200
TEST_S: Final = 10.0
MAX_ANSWER: Final = 2 << 20
SHOWN: Final = 20
_NAMED: Final = msgspec.json.Decoder(dict[str, Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What came when an upstream was asked for its models."""

    ok: bool
    took_ms: int
    status: int = 0
    """Of its answer; 0: none came."""
    models: tuple[str, ...] = field(default=())
    """The first names, for the eye."""
    count: int = 0
    problem: str = ""


def add(house: House, upstream: Upstream, secret: str, by: User | None = None) -> GatewayUpstream:
    """Add an upstream with its key; an empty key where it needs none.

    Raises RefusedError without the permission, InvalidInputError naming the
    field, ConflictError where the name is taken.
    """
    check_may(by, Permission.GATEWAY_MANAGE)
    check(upstream, secret)
    with writing():
        row = GatewayUpstream.objects.filter(name=upstream.name).first()
        if row is not None and row.in_force:
            raise ConflictError(
                _("There is an upstream of this name."), code="upstream_exists", field="name"
            )
        return _write(house, row, upstream, secret, "added", by)


def change(
    house: House, upstream: Upstream, secret: str | None = None, by: User | None = None
) -> GatewayUpstream:
    """Change an upstream; None as the key leaves it. Raises as `add`, NotFoundError.

    A key goes to no other server than the one that it was given for: with a new
    server it is given anew.
    """
    check_may(by, Permission.GATEWAY_MANAGE)
    check(upstream, secret or "")
    with writing():
        row = find(upstream.name)
        known = msgspec.convert(row.document, Upstream)
        if secret is None and has_key(house.settings, upstream.name) and _moves(known, upstream):
            raise InvalidInputError(
                _("This is another server: its key is not known."),
                code="key_of_another",
                field="key",
                fix=_("Give the key again, or an empty one where it needs none."),
            )
        return _write(house, row, upstream, secret, "changed", by)


def _moves(before: Upstream, after: Upstream) -> bool:
    old, new = urlsplit(before.url), urlsplit(after.url)
    return (old.scheme, old.netloc, before.kind) != (new.scheme, new.netloc, after.kind)


def remove(house: House, name: str, by: User | None = None) -> None:
    """Take an upstream out of use and delete its key. Raises NotFoundError."""
    check_may(by, Permission.GATEWAY_MANAGE)
    with writing():
        row = find(name)
        row.in_force, row.changed_at = False, house.now()
        row.save(update_fields=["in_force", "changed_at"])
        _record(house, msgspec.convert(row.document, Upstream), "removed", by)
    key_file(house.settings, name).unlink(missing_ok=True)


def rows() -> QuerySet[GatewayUpstream]:
    """Return the upstreams in use, by name."""
    return GatewayUpstream.objects.filter(in_force=True).order_by("name")


def find(name: str) -> GatewayUpstream:
    """Return an upstream in use. Raises NotFoundError."""
    row = rows().filter(name=name).first()
    if row is None:
        raise NotFoundError(_("There is no such upstream."), code="no_upstream", field="name")
    return row


def key_file(settings: Settings, name: str) -> Path:
    """Return where the key of an upstream lies. Its name is checked: no path is in it."""
    return outside.key_file(settings.keys_dir, name)


def has_key(settings: Settings, name: str) -> bool:
    """Say whether a key is kept for an upstream, without reading it."""
    return key_file(settings, name).is_file()


def check(upstream: Upstream, secret: str) -> None:
    """Raise InvalidInputError where an upstream cannot be used like this."""
    convert(msgspec.to_builtins(upstream), Upstream)
    _check_url(upstream)
    patterns = upstream.models
    if not 0 < len(patterns) <= MAX_MODELS or not all(0 < len(m) <= MAX_PATTERN for m in patterns):
        raise InvalidInputError(
            _("An upstream serves one model or more."),
            field="models",
            fix=_("Give patterns such as gpt-*; * serves all."),
        )
    if len(secret) > MAX_SECRET or not (secret.isascii() and (secret.isprintable() or not secret)):
        raise InvalidInputError(
            _("This is no key."),
            field="key",
            fix=_("A key is one line of ASCII characters, as the provider gave it."),
        )


def _check_url(upstream: Upstream) -> None:
    try:
        parts = outbound.check_url(upstream.url, allow_private=upstream.private)
    except InvalidInputError as problem:
        fix = problem.fix if upstream.private else _("Give https://..., or say that it is private.")
        raise InvalidInputError(
            _("This address cannot be called."), code="bad_address", field="url", fix=fix
        ) from None
    if parts.query or len(upstream.url) > MAX_URL:
        raise InvalidInputError(
            _("This address cannot be called."),
            code="bad_address",
            field="url",
            fix=_("It is the base address, without a query."),
        )


def _write(
    house: House,
    row: GatewayUpstream | None,
    upstream: Upstream,
    secret: str | None,
    act: str,
    by: User | None,
) -> GatewayUpstream:
    """Write row, record and key. The key comes last: without the row nothing uses it."""
    row = row or GatewayUpstream(name=upstream.name)
    row.document, row.in_force = msgspec.to_builtins(upstream), True
    row.changed_at = house.now()
    row.save()
    _record(house, upstream, act, by)
    if secret:
        path = key_file(house.settings, upstream.name)
        write_durably(path, f"{secret}\n".encode("ascii"), MODE)
    elif secret is not None:
        key_file(house.settings, upstream.name).unlink(missing_ok=True)
    return row


def _record(house: House, upstream: Upstream, act: str, by: User | None) -> None:
    now = house.now()
    plain = {
        "act": act,
        "upstream": upstream.name,
        "interface": upstream.kind.value,
        "host": urlsplit(upstream.url).hostname or "",
        "models": list(upstream.models),
        "private": upstream.private,
    }
    records.append_one(records.draft(CHANGED, now, plain, {"by": named(by)}))
    mark_dirty(SnapshotPart.GATEWAY, now)


def probe(house: House, name: str, *, timeout: float = TEST_S) -> Tried:
    """Ask an upstream for its models, within a time limit, and say what came.

    Raises NotFoundError; whatever the upstream does is an answer.
    """
    upstream = msgspec.convert(find(name).document, Upstream)
    began = time.monotonic()
    try:
        to = outbound.target(outside.address(upstream, "/models"), allow_private=upstream.private)
        key = outside.read_key(key_file(house.settings, name))
        got = outbound.get(
            to,
            {"Accept": "application/json", **outside.headers(upstream, key)},
            most=MAX_ANSWER,
            wanted=lambda _kind: True,
            timeout=timeout,
        )
    except VigieError as problem:
        return Tried(ok=False, took_ms=_since(began), problem=problem.message)
    names = _names(got.body) if got.status == outbound.OK else None
    if names is None:
        said = _("It answered, and not with a list of models.")
        return Tried(ok=False, took_ms=_since(began), status=got.status, problem=said)
    return Tried(
        ok=True,
        took_ms=_since(began),
        status=got.status,
        models=tuple(names[:SHOWN]),
        count=len(names),
    )


def _names(body: bytes) -> list[str] | None:
    """Return the names in a list of models; None where it is none."""
    try:
        found = _NAMED.decode(body).get("data")
    except msgspec.MsgspecError:
        return None
    if not isinstance(found, list):
        return None
    ids = (one.get("id") for one in found if isinstance(one, dict))
    return [one[:MAX_PATTERN] for one in ids if isinstance(one, str)]


def _since(began: float) -> int:
    return round((time.monotonic() - began) * 1_000)
