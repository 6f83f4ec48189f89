# SPDX-License-Identifier: Apache-2.0
"""The brake of a running installation: in force within two seconds, streams in flight are cut."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.installation import Installation
from tests.support.serving import Server, eventually
from tests.support.upstream import Upstream
from tests.support.upstream_script import letters

LIMIT_S = 2.0
WORDS = "A calm answer that goes on and on and never hurries. "


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    """A model that speaks slowly, for half a minute."""
    with Upstream(letters(WORDS * 12, 2, gap=0.1)) as made:
        yield made


def stopped_at(vigie: Installation, *arguments: str) -> float:
    """Stop a feature; return when the record says that it was."""
    began = time.time()
    vigie.json("gateway", "stop", "--feature", "chat", "--reason", "Looked into.", *arguments)
    rows = vigie.json("gateway", "incidents")
    at = rows[0]["timeline"][0]["at"]
    parsed = time.mktime(time.strptime(at[:19], "%Y-%m-%dT%H:%M:%S")) - time.timezone
    moment = parsed + float(f"0.{at[20:23]}")
    assert began - 0.1 <= moment
    return moment


class Listener(threading.Thread):
    """Streams one answer and notes when each line came."""

    def __init__(self, port: int, key: str) -> None:
        super().__init__(daemon=True)
        self.port, self.key = port, key
        self.lines: list[tuple[float, str]] = []
        self.status = 0

    def run(self) -> None:
        """Ask and listen to the end."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        body = json.dumps(asked(stream=True))
        headers = {"Authorization": f"Bearer {self.key}", "Vigie-Country": "FR"}
        connection.request("POST", "/ai/v1/chat/completions", body, headers)
        answer = connection.getresponse()
        self.status = answer.status
        for line in answer:
            self.lines.append((time.time(), line.decode().strip()))
        connection.close()


def asked(**more: Any) -> dict[str, Any]:
    return {"model": "m", "messages": [{"role": "user", "content": "Hello"}], **more}


@pytest.mark.whole
def test_a_brake_is_in_force_in_every_process_within_two_seconds_and_cuts_what_streams(
    vigie: Installation, upstream: Upstream
) -> None:
    add = ("gateway", "upstream", "add", "local", "--private", "--no-key")
    vigie.json(*add, "--url", f"{upstream.url}/v1")
    key = vigie.json("key", "create", "assistant", "--scope", "ai")["key"]
    with Server(vigie) as first, Server(vigie, "--role", "gateway") as second:
        listeners = [Listener(door.port, key) for door in (first, second)]
        for one in listeners:
            one.start()
        eventually(lambda: all(len(one.lines) >= 20 for one in listeners), 30)
        since = stopped_at(vigie)
        for one, door in zip(listeners, (first, second), strict=True):
            cut = heard_to_the_end(one) - since
            print(f"cut {cut * 1000:.0f} ms after the brake was recorded")
            assert cut < LIMIT_S
            check_refused(door, key)
        eventually(lambda: cut_answers(vigie) == 2, 20)


def cut_answers(vigie: Installation) -> int:
    """Return how many answers the timeline says were ended; it was in force before."""
    lines = vigie.json("gateway", "incidents")[0]["timeline"]
    assert "in_force" in [one["what"] for one in lines]
    return sum(int(one["note"].split()[0]) for one in lines if one["what"] == "cut")


def heard_to_the_end(one: Listener) -> float:
    """Return when the last line of a stream came; it must say that it was cut."""
    one.join(timeout=30)
    assert not one.is_alive()
    assert one.status == 200
    assert '"content_filter"' in "\n".join(line for _, line in one.lines)
    return one.lines[-1][0]


def check_refused(door: Server, key: str) -> None:
    """Assert that the feature is refused with its reason, and another one is not."""
    head = {"Authorization": f"Bearer {key}"}
    refused = door.post("/ai/v1/chat/completions", asked(), **head)
    assert refused.status == 403
    said = refused.json()["error"]
    assert said["code"] == "feature_stopped"
    assert "Looked into." in said["message"]
    other = door.post("/ai/v1/embeddings", {"model": "m", "input": "x"}, **head)
    assert other.json().get("error", {}).get("code") != "feature_stopped"
