# SPDX-License-Identifier: Apache-2.0
"""One port, two applications: machines go to Starlette, people to Django.

Under the supervisor people's pages have processes of their own, and the web
process passes their requests on (`supervisor.forward`); alone it runs both.
Django runs as WSGI in a pool of threads with one kept connection each: under
ASGI it opens a thread and a connection per request. A machine path that nobody
knows is refused by the machine door, never answered with a page.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
from collections.abc import AsyncIterator
from typing import Any, Final

from starlette.types import ASGIApp, Receive, Scope, Send

from vigie.bootstrap import Door, gateway_endpoints, open_door, open_gateway
from vigie.gateway.app import GatewayApp
from vigie.gateway.running import load_watched, running
from vigie.gateway.services import Gateway
from vigie.intake.app import IntakeApp
from vigie.intake.static_log import StaticLog
from vigie.machine.watch import watch
from vigie.screening.snapshot import load_next
from vigie.settings import Settings
from vigie.supervisor.forward import Forward, Peer, sockets

MACHINE: Final = ("/v1/", "/ai/", "/healthz", "/readyz", "/metrics")
AI: Final = "/ai/"
GATEWAY_OWN: Final = (AI, "/healthz", "/readyz", "/metrics")
LOG: Final = "/log/"
THREADS: Final = 3
"""Of one process: one writes, one reads, one waits. More only take the lock from each other."""


def create_intake() -> ASGIApp:
    """Return the machine door alone."""
    settings = Settings.from_env()
    door = open_door(settings)
    app = _machine_app(settings, door)
    keep_for_good()
    return app


def create_gateway() -> ASGIApp:
    """Return the gateway alone, with what machines ask about its health."""
    settings = Settings.from_env()
    door = open_door(settings)
    app = OwnPaths(_machine_app(settings, door, gateway=open_gateway(settings, door)))
    keep_for_good()
    return app


def create_app() -> ASGIApp:
    """Return every door behind one port."""
    settings = Settings.from_env()
    door = open_door(settings)
    paths = sockets()
    forward = Forward(paths) if paths else None
    machines = _machine_app(settings, door, forward, open_gateway(settings, door))
    app = Dispatcher(machines, StaticLog(settings.data_dir / "log"), forward or _people_app())
    keep_for_good()
    return app


def create_people() -> ASGIApp:
    """Return the pages of people, and their interface, for a process of their own."""
    app = Peer(_people_app())
    keep_for_good()
    return app


def keep_for_good() -> None:
    """Put what was loaded at the start out of the garbage collector's sight.

    A full collection over it holds every thread: 26 ms with the machine door
    alone, 80 ms with all doors, where nothing may take more than 5.
    """
    gc.collect()
    gc.freeze()


class Dispatcher:
    """Sends a request where its path belongs; `lifespan` goes to the machine door."""

    def __init__(self, machines: ASGIApp, log: ASGIApp, people: ASGIApp) -> None:
        self._machines = machines
        self._log = log
        self._people = people

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Dispatch by path."""
        path: str = scope.get("path", "")
        if scope["type"] != "http" or path.startswith(MACHINE) or path == "/v1":
            await self._machines(scope, receive, send)
        elif path.startswith(LOG):
            await self._log(scope, receive, send)
        else:
            await self._people(scope, receive, send)


class OwnPaths:
    """Lets through the gateway's paths and those of health; the rest is nothing here."""

    def __init__(self, machines: ASGIApp) -> None:
        self._machines = machines

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer what is ours; another path reaches the door that refuses unknown ones."""
        if scope["type"] == "http" and not scope["path"].startswith(GATEWAY_OWN):
            scope = {**scope, "path": "/v1/", "method": "GET"}
        await self._machines(scope, receive, send)


class Machines:
    """Sends what is under `/ai/` to the gateway, the rest to the door of items."""

    def __init__(self, items: ASGIApp, gateway: ASGIApp) -> None:
        self._items = items
        self._gateway = gateway

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Dispatch by path."""
        if scope["type"] == "http" and scope["path"].startswith(AI):
            await self._gateway(scope, receive, send)
        else:
            await self._items(scope, receive, send)


def _machine_app(
    settings: Settings,
    door: Door,
    forward: Forward | None = None,
    gateway: Gateway | None = None,
) -> ASGIApp:
    @contextlib.asynccontextmanager
    async def lifespan(_app: Any) -> AsyncIterator[None]:
        loader = load_next if gateway is None else load_watched
        watcher = asyncio.create_task(watch(settings.snapshots_dir, door.holder, loader))
        beside = contextlib.nullcontext() if gateway is None else running(gateway)
        try:
            async with beside:
                yield
        finally:
            watcher.cancel()
            if forward is not None:
                await forward.close()
            await asyncio.to_thread(door.close)

    items = IntakeApp(door.services, lifespan)
    return (
        items
        if gateway is None
        else Machines(items, GatewayApp(gateway, gateway_endpoints(settings, gateway)))
    )


def _people_app() -> ASGIApp:
    # Here and not above: the machine door alone must not load Django.
    from a2wsgi import WSGIMiddleware  # noqa: PLC0415
    from django.core.wsgi import get_wsgi_application  # noqa: PLC0415

    from vigie import django_settings  # noqa: F401, PLC0415 - names itself as the settings

    django: Any = get_wsgi_application()
    people: Any = WSGIMiddleware(django, workers=THREADS)
    return people  # type: ignore[no-any-return]
