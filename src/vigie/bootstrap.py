# SPDX-License-Identifier: Apache-2.0
"""The one place where the machine door's parts are put together."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from vigie import keys
from vigie.core.addresses import StatementAddresses
from vigie.core.clock import Clock, SystemClock
from vigie.core.errors import UnavailableError
from vigie.gateway.app import Endpoint
from vigie.gateway.books import Books
from vigie.gateway.budgets import FILE as USAGE_FILE
from vigie.gateway.budgets import Budgets, settled_reader
from vigie.gateway.excerpt import Excerpts
from vigie.gateway.images.credentials import Credentials, local, own
from vigie.gateway.images.held import Held
from vigie.gateway.images.provenance import Provenance
from vigie.gateway.images.route import ImageRoutes, endpoints
from vigie.gateway.judging import Judge
from vigie.gateway.moderations import PATH as MODERATIONS
from vigie.gateway.moderations import Moderations
from vigie.gateway.pictures import Pictures
from vigie.gateway.services import Gateway
from vigie.gateway.services import Metrics as GatewayMetrics
from vigie.gateway.upstream import Upstreams
from vigie.intake.engine import Engine
from vigie.intake.memory import Memory
from vigie.intake.past import Past
from vigie.intake.preserve import SealingPreserver
from vigie.intake.services import Metrics, Services
from vigie.journal.seal import Sealer
from vigie.journal.writer import Journal
from vigie.ledger.receipt import ReceiptSigner
from vigie.machine.commits import Commits
from vigie.machine.holder import Holder
from vigie.machine.sealing import Sealing
from vigie.screening.media.looks import LookPool
from vigie.screening.media.pool import DecoderPool
from vigie.screening.snapshot import load
from vigie.screening.snapshot_files import current_number
from vigie.settings import Settings

DAY_MS: Final = 86_400_000
STATUS_FILE: Final = "jobs.status.json"
LOOKUP_SECONDS: Final = 10
SILENCE_SECONDS: Final = 10
"""`jobs` speaks every second; a longer pause means that nothing is folded."""


@dataclass(slots=True)
class Door:
    """A machine door with all that must be closed again."""

    services: Services
    journal: Journal
    decoders: DecoderPool
    past: Past
    holder: Holder
    sealer: Sealer
    clock: Clock

    def close(self) -> None:
        """Commit what waits, then stop the decoders."""
        self.journal.close()
        self.decoders.close()
        self.past.close()


def open_door(settings: Settings, clock: Clock | None = None) -> Door:
    """Put the machine door together over a folder that `vigie init` set up.

    Raises UnavailableError where no Snapshot is in force.
    """
    if current_number(settings.snapshots_dir) == 0:
        raise UnavailableError(
            "No Snapshot is in force.", code="no_snapshot", fix="Run vigie init."
        )
    clock = clock or SystemClock()
    holder = Holder(load(settings.snapshots_dir))
    past = Past(settings.journal_dir)
    memory = Memory(settings.recent_keys)
    past.rebuild(memory, clock.now_ms() - DAY_MS)
    journal = Journal(settings.journal_dir)
    decoders = DecoderPool(workers=settings.decoders)
    term_ms = settings.receipt_term * 1000
    pseudonym_key = keys.read(settings.keys_dir, keys.KeyName.PSEUDONYM)
    sealer = Sealer(
        pseudonym_key,
        sample_rate=settings.sample_rate,
        term_ms=term_ms,
    )
    engine = Engine(
        holder=holder,
        journal=journal,
        sealer=sealer,
        signer=ReceiptSigner(
            settings.log_origin, keys.read(settings.keys_dir, keys.KeyName.RECEIPT)
        ),
        memory=memory,
        past=past,
        decoders=decoders,
        clock=clock,
        term_ms=term_ms,
        addresses=StatementAddresses(settings.base_url, pseudonym_key, settings.statement_days),
        preserver=SealingPreserver(settings.evidence_dir, clock),
    )
    services = Services(
        engine=engine,
        past=past,
        metrics=Metrics(),
        status=status_reader(settings.run_dir / STATUS_FILE),
        find_archived=archive_finder(settings),
        fold_lag_limit=settings.fold_lag_limit,
        metrics_public=settings.metrics_public,
    )
    return Door(services, journal, decoders, past, holder, sealer, clock)


def open_gateway(settings: Settings, door: Door) -> Gateway:
    """Put the gateway together beside a machine door: one journal, one Snapshot."""
    engine = door.services.engine
    settled = settled_reader(settings.run_dir / USAGE_FILE)
    return Gateway(
        holder=door.holder,
        judge=Judge(door.clock, engine.turns),
        books=Books(
            holder=door.holder,
            journal=door.journal,
            commits=Commits(door.journal),
            sealer=door.sealer,
            clock=door.clock,
            pseudonym_key=keys.read(settings.keys_dir, keys.KeyName.PSEUDONYM),
            excerpts=Excerpts(Sealing(settings.evidence_dir, door.clock)),
            settled=settled,
        ),
        budgets=Budgets(settled),
        upstreams=Upstreams(settings.keys_dir),
        pictures=Pictures(LookPool(settings.lookers)),
        addresses=engine.addresses,
        clock=door.clock,
        metrics=GatewayMetrics(door.services.metrics.registry),
    )


def gateway_endpoints(settings: Settings, gateway: Gateway) -> dict[tuple[str, str], Endpoint]:
    """Return what the gateway answers beside exchanges of text."""

    def credentials() -> Credentials:
        if settings.c2pa_certificate:
            return own(Path(settings.c2pa_certificate), Path(settings.c2pa_key_file))
        now = datetime.fromtimestamp(gateway.clock.now_ms() / 1000, UTC)
        return local(settings.keys_dir, settings.operator, now)

    provenance = Provenance(credentials) if Provenance.available() else None
    images = ImageRoutes(provenance, Held(settings.base_url, gateway.clock))
    moderations = Moderations(gateway.judge, gateway.pictures, settings.media_hosts)
    return {**endpoints(images), ("POST", MODERATIONS): moderations.endpoint}


def status_reader(path: Path, pause: float = 1.0) -> Callable[[], Mapping[str, Any]]:
    """Return a reader of what `jobs` says of itself, at most once a pause."""
    held: dict[str, Any] = {}
    next_look = 0.0

    def read() -> Mapping[str, Any]:
        nonlocal held, next_look
        now = time.monotonic()
        if now >= next_look:
            next_look = now + pause
            try:
                held = _aged(json.loads(path.read_bytes()), time.time())
            except (OSError, ValueError):
                held = {}
        return held

    return read


def _aged(said: dict[str, Any], now: float) -> dict[str, Any]:
    """Return what `jobs` said; its silence since then counts as lag of the fold."""
    silence = now - said.get("at", 0) / 1000
    if silence > SILENCE_SECONDS:
        said["fold_lag_seconds"] = said.get("fold_lag_seconds", 0) + silence
    return said


def archive_finder(settings: Settings) -> Callable[[str], Awaitable[bytes | None]]:
    """Return a finder that reads the archive in a process of its own.

    Parquet readers cost more memory than the whole door, and asking for an old
    decision is rare; one at a time.
    """
    turn = asyncio.Semaphore(1)

    async def find(wanted: str) -> bytes | None:
        async with turn:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "vigie.flow.lookup",
                str(settings.archive_dir),
                wanted,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
            )
            try:
                out, _ = await asyncio.wait_for(process.communicate(), LOOKUP_SECONDS)
            except TimeoutError:
                process.kill()
                await process.wait()
                raise UnavailableError(
                    "The archive does not answer.", code="archive_busy", fix="Ask again later."
                ) from None
        return out if process.returncode == 0 and out else None

    return find
