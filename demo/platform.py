# SPDX-License-Identifier: Apache-2.0
"""Agora's own program: what a platform needs to speak with Vigie.

An address and a key; posts items, confirms effects, asks what became of them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import httpx2

from demo.errors import DemoError

PATIENCE = 30.0


def now() -> str:
    """Return the time as the API takes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")  # noqa: TID251 - Agora's own clock


def until(look: Callable[[], Any], what: str) -> Any:
    """Ask again until there is an answer; raise where none comes."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(0.2)
    raise DemoError(f"{what} did not come within {PATIENCE:.0f} s.")


class Platform:
    """A client of `/v1` and `/api/v1` with one key."""

    def __init__(self, base: str, key: str) -> None:
        self.base = base
        self._http = httpx2.Client(
            base_url=base,
            headers={"Authorization": f"Bearer {key}"},
            timeout=30,
            trust_env=False,
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def post(self, item: dict[str, Any]) -> dict[str, Any]:
        """Send an item; return the decision and its receipt."""
        whole = {"service": "agora", "created_at": now(), **item}
        answer: dict[str, Any] = self._good(self._http.post("/v1/items", json=whole))
        return answer

    def confirm(self, decision_id: str, territories: Sequence[str]) -> None:
        """Say that a decision has taken effect."""
        body = {"applied_at": now(), "territories": list(territories), "failed": []}
        self._good(self._http.post(f"/v1/decisions/{decision_id}/effect", json=body))

    def record(self, decision_id: str) -> dict[str, Any]:
        """Return the recorded decision, as soon as it is folded."""
        path = f"/api/v1/decisions/{decision_id}"
        found: dict[str, Any] = until(lambda: self._there(path), "The record")
        return found

    def applied(self, decision_id: str) -> dict[str, Any]:
        """Return the decision once its effects are confirmed."""

        def look() -> dict[str, Any] | None:
            found = self.record(decision_id)
            done = [effect["state"] == "applied" for effect in found["effects"]]
            return found if done and all(done) else None

        found: dict[str, Any] = until(look, "The confirmation of the effect")
        return found

    def statement(self, decision_id: str) -> dict[str, Any]:
        """Return the statement of reasons with its address, once it is issued."""

        def look() -> dict[str, Any] | None:
            found = self._there(f"/api/v1/statements/{decision_id}")
            return found if found and found["state"] == "issued" else None

        found: dict[str, Any] = until(look, "The statement of reasons")
        return found

    def proof(self, decision_id: str) -> bytes:
        """Return the proof file, as soon as a checkpoint covers the decision."""

        def look() -> bytes | None:
            answer = self._http.get(f"/api/v1/proofs/{decision_id}")
            return answer.content if answer.status_code == httpx2.codes.OK else None

        found: bytes = until(look, "The proof")
        return found

    def public(self, path: str) -> bytes:
        """Return a page that needs no key."""
        answer = httpx2.get(self.base + path, timeout=30, trust_env=False)
        answer.raise_for_status()
        return answer.content

    def ask(self, method: str, path: str, **given: Any) -> Any:
        """Call another operation; raise with the server's own words where it refuses."""
        return self._good(self._http.request(method, path, **given))

    def _there(self, path: str) -> dict[str, Any] | None:
        answer = self._http.get(path)
        if answer.status_code == httpx2.codes.NOT_FOUND:
            return None
        found: dict[str, Any] = self._good(answer)
        return found

    def _good(self, answer: httpx2.Response) -> Any:
        if answer.is_success:
            return answer.json()
        try:
            error = answer.json()["error"]
        except (ValueError, KeyError):
            raise DemoError(f"the server answered {answer.status_code}.") from None
        raise DemoError(f"{error['message']} {error.get('fix') or ''} ({error['code']})")
