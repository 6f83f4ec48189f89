# SPDX-License-Identifier: Apache-2.0
"""Upstreams: the key is one file of mode 0600 and nowhere else."""

from __future__ import annotations

import json
import stat
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from vigie.core.errors import ConflictError, InvalidInputError, NotFoundError, RefusedError
from vigie.core.gateway import Upstream, UpstreamKind
from vigie.flow.gateway import upstreams
from vigie.flow.snapshots import publish_snapshot
from vigie.store.models import GatewayUpstream, Record, RecordKey, SnapshotPart

if TYPE_CHECKING:
    from vigie.flow.house import House
    from vigie.store.models import User

SECRET = "sk-only-in-the-file-7f3a"
MAIN = Upstream(name="main", url="https://api.example/v1", models=("assistant-*",))


class Models(BaseHTTPRequestHandler):
    """A provider that lists its models to whoever has the key, and can drip."""

    asked: list[dict[str, str]]
    answer = json.dumps({"data": [{"id": "assistant-1"}, {"id": "assistant-2"}]}).encode()
    drips = False

    def do_GET(self) -> None:
        """Answer as told."""
        self.asked.append({"path": self.path, **{k.lower(): v for k, v in self.headers.items()}})
        given = (self.headers.get("Authorization"), self.headers.get("x-api-key"))
        self.send_response(200 if f"Bearer {SECRET}" in given or SECRET in given else 401)
        self.send_header("Content-Length", str(len(self.answer)))
        self.end_headers()
        if not self.drips:
            self.wfile.write(self.answer)
            return
        for byte in self.answer[:20]:
            time.sleep(0.1)
            self.wfile.write(bytes([byte]))

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def provider() -> Iterator[tuple[str, type[Models]]]:
    """A provider on a port of its own."""
    kind = type("Mine", (Models,), {"asked": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), kind)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", kind
    server.shutdown()
    server.server_close()
    thread.join()


def everything(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_key_is_in_its_file_and_nowhere_else(
    house: House, part: Callable[[SnapshotPart], Any]
) -> None:
    upstreams.add(house, MAIN, SECRET)
    [one] = part(SnapshotPart.GATEWAY)["upstreams"]
    assert (one["name"], one["models"]) == ("main", ["assistant-*"])
    publish_snapshot(house)
    path = upstreams.key_file(house.settings, "main")
    assert path.read_text(encoding="ascii").strip() == SECRET
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    held = [file for file, data in everything(house.settings.data_dir).items()
            if SECRET.encode() in data]  # fmt: skip
    assert held == [path]
    kept = [bytes(row.canonical) for row in Record.objects.all()]
    kept += [json.dumps(row.fields).encode() for row in RecordKey.objects.all()]
    kept += [json.dumps(row.document).encode() for row in GatewayUpstream.objects.all()]
    assert not any(SECRET.encode() in one for one in kept)
    said = json.loads(Record.objects.get(kind="gateway.upstream").canonical)
    assert (said["act"], said["host"], said["models"]) == ("added", "api.example", ["assistant-*"])


@pytest.mark.parametrize(
    "url",
    ["https://other.example/v1", "https://sub.api.example/v1"],
    ids=["another host", "a host below it"],
)
def test_a_key_goes_to_no_other_server_than_its_own(house: House, url: str) -> None:
    upstreams.add(house, MAIN, SECRET)
    later = msgspec.structs.replace(MAIN, url=url)
    with pytest.raises(InvalidInputError) as refused:
        upstreams.change(house, later)
    assert refused.value.field == "key"
    assert upstreams.find("main").document["url"] == MAIN.url
    upstreams.change(house, later, "sk-second")
    assert upstreams.find("main").document["url"] == url


def test_an_upstream_is_changed_with_or_without_a_new_key_and_removed_with_it(
    house: House,
) -> None:
    upstreams.add(house, MAIN, SECRET)
    with pytest.raises(ConflictError):
        upstreams.add(house, MAIN, SECRET)
    later = msgspec.structs.replace(MAIN, models=("gpt-*",))
    upstreams.change(house, later)
    path = upstreams.key_file(house.settings, "main")
    assert path.read_text(encoding="ascii").strip() == SECRET
    upstreams.change(house, later, "sk-second")
    assert path.read_text(encoding="ascii").strip() == "sk-second"
    upstreams.remove(house, "main")
    assert not path.exists()
    assert not upstreams.rows().exists()
    for verb in (lambda: upstreams.remove(house, "main"), lambda: upstreams.change(house, MAIN)):
        with pytest.raises(NotFoundError):
            verb()
    assert upstreams.add(house, MAIN, "").in_force
    assert not upstreams.has_key(house.settings, "main")


@pytest.mark.parametrize(
    ("url", "private", "allowed"),
    [
        ("https://api.example/v1", False, True),
        ("http://api.example/v1", False, False),
        ("https://10.0.0.7/v1", False, False),
        ("https://localhost/v1", False, False),
        ("http://localhost:8080/v1", True, True),
        ("https://me:secret@api.example/v1", True, False),
        ("https://api.example/v1?key=a", True, False),
        ("https://api.example/v1#a", False, False),
        ("ftp://api.example", True, False),
        ("https://api.example/" + "a" * 500, False, False),
        ("", True, False),
    ],
)
def test_addresses_are_https_unless_they_are_said_to_be_private(
    house: House, url: str, private: bool, allowed: bool
) -> None:
    one = Upstream(name="main", url=url, private=private)
    if allowed:
        assert upstreams.add(house, one, SECRET).pk
        return
    with pytest.raises(InvalidInputError) as refused:
        upstreams.add(house, one, SECRET)
    assert refused.value.field == "url"
    assert not upstreams.has_key(house.settings, "main")


@pytest.mark.parametrize(
    ("change", "secret", "field"),
    [
        ({"name": "../log"}, SECRET, "name"),
        ({"name": ".."}, SECRET, "name"),
        ({"models": ()}, SECRET, "models"),
        ({"models": ("",)}, SECRET, "models"),
        ({}, "two\nlines", "key"),
        ({}, "schlüssel", "key"),
        ({}, "x" * 4_097, "key"),
    ],
)
def test_what_does_not_fit_is_named_and_leaves_nothing(
    house: House, change: dict[str, Any], secret: str, field: str | None
) -> None:
    given = {"name": "main", "url": "https://api.example/v1", "models": ("*",)} | change
    before = everything(house.settings.keys_dir)
    with pytest.raises(InvalidInputError) as refused:
        upstreams.add(house, Upstream(**given), secret)
    assert refused.value.field == field
    assert secret not in f"{refused.value} {refused.value.fix}"
    assert everything(house.settings.keys_dir) == before
    assert not GatewayUpstream.objects.exists()


def test_only_who_manages_the_gateway_changes_an_upstream(house: House, vidal: User) -> None:
    with pytest.raises(RefusedError):
        upstreams.add(house, MAIN, SECRET, vidal)
    upstreams.add(house, MAIN, SECRET)
    with pytest.raises(RefusedError):
        upstreams.change(house, MAIN, None, vidal)
    with pytest.raises(RefusedError):
        upstreams.remove(house, "main", vidal)


@pytest.mark.parametrize("kind", list(UpstreamKind))
def test_a_test_says_what_came(
    house: House, provider: tuple[str, type[Models]], kind: UpstreamKind
) -> None:
    url, seen = provider
    base = f"{url}/v1" if kind is UpstreamKind.OPENAI else url
    one = Upstream(name="local", kind=kind, url=base, private=True)
    upstreams.add(house, one, SECRET)
    tried = upstreams.probe(house, "local")
    assert (tried.ok, tried.status, tried.count) == (True, 200, 2)
    assert tried.models == ("assistant-1", "assistant-2")
    assert seen.asked[-1]["path"] == "/v1/models"
    upstreams.change(house, one, "sk-wrong")
    refused = upstreams.probe(house, "local")
    assert (refused.ok, refused.status, refused.models) == (False, 401, ())
    seen.answer = b"[]"
    upstreams.change(house, one, SECRET)
    assert upstreams.probe(house, "local").ok is False


def test_a_test_has_an_end_however_the_upstream_drips(
    house: House, provider: tuple[str, type[Models]]
) -> None:
    url, seen = provider
    seen.drips = True
    upstreams.add(house, Upstream(name="local", url=url, private=True), SECRET)
    began = time.monotonic()
    tried = upstreams.probe(house, "local", timeout=0.3)
    assert time.monotonic() - began < 1.5
    assert (tried.ok, tried.status) == (False, 0)
    gone = Upstream(name="local", url="http://127.0.0.1:1", private=True)
    upstreams.change(house, gone, SECRET)
    assert upstreams.probe(house, "local", timeout=0.3).problem
