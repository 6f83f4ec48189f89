# SPDX-License-Identifier: Apache-2.0
"""`/healthz` (alive), `/readyz` (able to serve) and `/metrics` (Prometheus)."""

from __future__ import annotations

from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import Response

from vigie.core.errors import ErrorEnvelope, NotFoundError
from vigie.intake.services import Services
from vigie.machine.http import encode

JSON: Final = "application/json; charset=utf-8"
LOCAL: Final = frozenset({"127.0.0.1", "::1", "testclient"})
FORWARDED: Final = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip")
"""What a proxy adds: behind one on this machine every caller looks local."""


class Health:
    """The three pages that machines ask to learn how this process is."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def alive(self, _request: Request) -> Response:
        """Answer 200 as long as the process runs."""
        return Response(encode({"status": "alive"}), media_type=JSON)

    async def ready(self, _request: Request) -> Response:
        """Answer 200 where items are taken and folded in time, else 503 with reasons."""
        problems = self.problems()
        body = {
            "status": "ready" if not problems else "not_ready",
            "snapshot": self._services.engine.holder.snapshot.number,
            "problems": problems,
        }
        return Response(encode(body), 503 if problems else 200, media_type=JSON)

    def problems(self) -> list[dict[str, str]]:
        """Say what keeps this process from being ready."""
        found = []
        refused = self._services.engine.holder.refused
        if refused:
            found.append({"code": "snapshot_refused", "message": refused})
        status = self._services.status()
        if not status:
            found.append({"code": "jobs_silent", "message": "jobs has not spoken yet."})
        elif status.get("fold_lag_seconds", 0) > self._services.fold_lag_limit:
            found.append({"code": "fold_behind", "message": "Records are behind."})
        return found

    async def metrics(self, request: Request) -> Response:
        """Answer the figures, to this machine alone unless configured."""
        if not self._services.metrics_public and not _is_local(request):
            hidden = NotFoundError("There is nothing at this path.").body()
            return Response(encode(ErrorEnvelope(hidden)), 404, media_type=JSON)
        own = self._services.metrics
        own.snapshot.set(self._services.engine.holder.snapshot.number)
        own.snapshot_refused.set(bool(self._services.engine.holder.refused))
        own.block.set(self._services.engine.bench.longest)
        for figure, value in self._services.status().items():
            if isinstance(value, int | float):
                own.jobs.labels(figure).set(value)
        return Response(generate_latest(own.registry), media_type=CONTENT_TYPE_LATEST)


def _is_local(request: Request) -> bool:
    """Say whether the caller is on this machine, and not a proxy that speaks for another."""
    client = request.client.host if request.client else ""
    return client in LOCAL and not any(name in request.headers for name in FORWARDED)
