# SPDX-License-Identifier: Apache-2.0
"""A gateway over a folder of its own, served on 127.0.0.1, in front of a local upstream.

Terms are invented words. One is a clause of the terms and stopped everywhere, one is
an offence in France and Germany alone, two make a conjunction.
"""

from __future__ import annotations

import contextlib
import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
import uvicorn

from tests.support import door
from tests.support.upstream import Upstream
from vigie.asgi import _machine_app
from vigie.bootstrap import open_door, open_gateway
from vigie.core.gateway import (
    Brake,
    ExchangeFacts,
    GatewayConf,
    KnownChange,
    Mode,
    Profile,
    Trips,
    UpstreamKind,
)
from vigie.core.gateway import Upstream as Known
from vigie.journal.reader import Reader, writers
from vigie.journal.rows import Kind, decode
from vigie.machine.holder import Holder
from vigie.screening.access import AccessKey, Scope, digest_of
from vigie.screening.snapshot import load
from vigie.settings import Settings

TRUSTED, PUBLIC, STRICT, OBSERVED, POOR, OTHER = (
    *("vg_ai_trusted", "vg_ai_public", "vg_ai_strict", "vg_ai_observe", "vg_ai_poor"),
    "vg_platform",
)
STOPPED: Final = "zorblax quendor"
"""Stopped everywhere, by a clause of the terms."""
OFFENCE: Final = "gramvil ostrek"
"""Stopped where the law knows the planted offence: in France and Germany, not in Austria."""
NEVER: Final = "sk-of-the-upstream"
PATIENCE: Final = 20.0
WITH_FACTS: Final = (Kind.DECISION, Kind.EXCHANGE)


def lexicon(name: str, *terms: str) -> dict[str, Any]:
    """Return a list of invented words under a label of its own."""
    return {**door.LEXICON, "list": name, "label": name, "terms": list(terms)}


def keys() -> tuple[AccessKey, ...]:
    """Return the keys: each name says what it is for."""
    ai = (Scope.AI,)

    def key(n: int, secret: str, **more: Any) -> AccessKey:
        return AccessKey(**{"id": str(n), "sha256": digest_of(secret), "scopes": ai, **more})

    return (
        key(1, TRUSTED, scopes=(Scope.AI, Scope.TRUSTED)),
        key(2, PUBLIC, scopes=(Scope.AI, Scope.PUBLIC)),
        key(3, STRICT, profile="strict"),
        key(4, OBSERVED, profile="observe"),
        key(5, POOR, limits={"requests_per_day": 2}),
        key(6, OTHER, scopes=(Scope.TRUSTED,)),
    )


def conf(upstream: Upstream, **more: Any) -> GatewayConf:
    """Return the gateway's part of a Snapshot: one upstream, which speaks both interfaces."""
    asked = (
        Known(name="local", url=f"{upstream.url}/v1", private=True),
        Known(name="claude", kind=UpstreamKind.ANTHROPIC, url=upstream.url, private=True),
    )
    profiles = (
        Profile(country="FR"),
        Profile(name="strict", mode=Mode.STRICT, country="FR"),
        Profile(name="observe", mode=Mode.OBSERVE, country="FR"),
    )
    never = Trips(stops_per_hundred=0, failures=0)
    return GatewayConf(**{"upstreams": asked, "profiles": profiles, "trips": never, **more})


def publish(
    settings: Settings,
    upstream: Upstream,
    *,
    gateway: GatewayConf | None = None,
    brakes: Sequence[Brake] = (),
    changes: Sequence[KnownChange] = (),
    **parts: Any,
) -> int:
    """Put a Snapshot in force."""
    policies = door.live(
        door.policy("planted_clause", score="planted"),
        door.policy("planted_offence", score="offence", offences=["fr_denial", "de_130_denial"]),
    )
    given = {
        "policies": policies,
        "lexicons": (lexicon("planted", STOPPED), lexicon("offence", OFFENCE)),
        "access": keys(),
    }
    return door.publish(
        settings.snapshots_dir,
        gateway=gateway or conf(upstream),
        brakes=brakes,
        changes=changes,
        **{**given, **parts},
    )


class Answer(NamedTuple):
    """An answer of the gateway, read in full."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body read as JSON."""
        return json.loads(self.body)


@dataclass
class Gateway:
    """A running gateway and its upstream."""

    settings: Settings
    upstream: Upstream
    port: int
    holder: Holder
    server: uvicorn.Server
    exchanges: int = 0
    _facts: list[ExchangeFacts] = field(default_factory=list)
    _read: dict[str, int] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Address without a path."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def v1(self) -> str:
        """Base address for OpenAI's clients."""
        return f"{self.url}/ai/v1"

    def post(self, path: str, body: Any, key: str = TRUSTED, **headers: str) -> Answer:
        """Post JSON, or bytes as they are."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        given = {"authorization": f"Bearer {key}", "content-type": "application/json", **named}
        request = urllib.request.Request(self.url + path, data, given)
        return self.send(request)

    def get(self, path: str, key: str = TRUSTED) -> Answer:
        """Ask for a path."""
        given = {"authorization": f"Bearer {key}"}
        return self.send(urllib.request.Request(self.url + path, headers=given))

    @staticmethod
    def send(request: urllib.request.Request) -> Answer:
        """Send a request; whatever status comes is an answer."""
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return Answer(answer.status, _lower(answer.headers), answer.read())
        except urllib.error.HTTPError as problem:
            with problem:
                return Answer(problem.code, _lower(problem.headers), problem.read())

    def chat(self, text: str, model: str = "local", key: str = TRUSTED, **more: Any) -> Answer:
        """Ask chat for an answer to one message; `Vigie_Country` and so on become headers."""
        headers = {name: more.pop(name) for name in list(more) if name.startswith("Vigie")}
        body = {"model": model, "messages": [{"role": "user", "content": text}], **more}
        return self.post("/ai/v1/chat/completions", body, key, **headers)

    def ended(self, count: int) -> list[ExchangeFacts]:
        """Wait until so many exchanges are recorded; return them all in order."""
        end = time.monotonic() + PATIENCE
        while len(found := self.facts()) < count:
            assert time.monotonic() < end, f"{len(found)} exchanges are recorded, not {count}"
            time.sleep(0.005)
        return found

    def facts(self) -> list[ExchangeFacts]:
        """Return every exchange that is recorded by now, in order."""
        for writer in writers(self.settings.journal_dir):
            with contextlib.closing(Reader(self.settings.journal_dir, writer)) as reader:
                rows = reader.read(self._read.get(writer, 0), 1_000_000)
            if rows:
                self._read[writer] = rows[-1].seq
            self._facts += facts_of([decode(row) for row in rows if row.kind in WITH_FACTS])
        return self._facts

    def recorded(self) -> ExchangeFacts:
        """Wait for one more exchange than was seen before, and return it."""
        self.exchanges += 1
        return self.ended(self.exchanges)[-1]

    def publish(self, **parts: Any) -> None:
        """Put another Snapshot in force at once."""
        publish(self.settings, self.upstream, **parts)
        self.holder.snapshot = load(self.settings.snapshots_dir)


def _lower(headers: Any) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def exchanges(folder: Path) -> list[ExchangeFacts]:
    """Return every exchange of a folder of journals, in order."""
    return facts_of(bodies(folder, *WITH_FACTS))


def facts_of(found: Sequence[Any]) -> list[ExchangeFacts]:
    """Return the facts that bodies of a journal carry."""
    carried = [body.exchange for body in found if body.exchange]
    return [msgspec.json.decode(one, type=ExchangeFacts) for one in carried]


def bodies(folder: Path, *kinds: Kind) -> list[Any]:
    """Return what stands in the journals of a folder, in order."""
    found: list[Any] = []
    for writer in writers(folder):
        with contextlib.closing(Reader(folder, writer)) as reader:
            rows = reader.read(0, 1_000_000)
            found += [decode(row) for row in rows if row.kind in kinds]
    return found


@contextlib.contextmanager
def serving(folder: Path, upstream: Upstream, **parts: Any) -> Iterator[Gateway]:
    """Serve a gateway for the length of a block, in a thread with an event loop of its own."""
    settings = door.set_up(folder)
    kept = settings.keys_dir / "upstreams"
    kept.mkdir()
    for name in ("local", "claude"):
        (kept / name).write_text(NEVER + "\n")
    publish(settings, upstream, **parts)
    opened = open_door(settings)
    config = uvicorn.Config(
        _machine_app(settings, opened, gateway=open_gateway(settings, opened)),
        host="127.0.0.1",
        port=0,
        log_config=None,
        lifespan="on",
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    end = time.monotonic() + PATIENCE
    while not server.started:
        assert thread.is_alive(), "the gateway ended by itself"
        assert time.monotonic() < end, "the gateway does not start"
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield Gateway(settings, upstream, port, opened.holder, server)
    finally:
        server.should_exit = True
        thread.join(PATIENCE)
        assert not thread.is_alive()
