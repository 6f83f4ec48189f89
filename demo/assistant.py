# SPDX-License-Identifier: Apache-2.0
"""Agora's own program that asks an assistant for its readers: an address and a key."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx2

from demo.model import NAME


@dataclass
class Told:
    """What a reader saw, and what the program learned beside it."""

    status: int = 0
    text: str = ""
    refusal: str = ""
    """What the reader is told in place of the rest."""
    reason: str = ""
    """Why the answer ended."""
    headers: dict[str, str] = field(default_factory=dict)
    error: dict[str, Any] = field(default_factory=dict)
    stop: dict[str, Any] = field(default_factory=dict)
    """What the program is told of a stop: decision, category, statement."""


class Assistant:
    """A client of `/ai/v1` with one key."""

    def __init__(self, base: str, key: str) -> None:
        self._http = httpx2.Client(
            base_url=f"{base}/ai/v1/",
            headers={"Authorization": f"Bearer {key}"},
            timeout=30,
            trust_env=False,
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def ask(
        self, question: str, reader: str, country: str, seen: Callable[[str], None] = lambda _: None
    ) -> Told:
        """Ask for one reader; `seen` is called with the text so far, as it comes."""
        told = Told()
        body = {
            "model": NAME,
            "stream": True,
            "user": reader,
            "messages": [{"role": "user", "content": question}],
        }
        headers = {"Vigie-Country": country, "Vigie-Language": "fr"}
        with self._http.stream("POST", "chat/completions", json=body, headers=headers) as answer:
            told.status, told.headers = answer.status_code, dict(answer.headers)
            if not answer.is_success:
                told.error = json.loads(answer.read())["error"]
                return told
            for line in answer.iter_lines():
                if line.startswith("data: {"):
                    _take(json.loads(line.removeprefix("data: ")), told)
                    seen(told.text)
        return told


def _take(event: dict[str, Any], told: Told) -> None:
    told.error = event.get("error") or told.error
    told.stop = event.get("vigie") or told.stop
    for choice in event.get("choices") or ():
        delta = choice.get("delta") or {}
        told.text += delta.get("content") or ""
        told.refusal += delta.get("refusal") or ""
        told.reason = choice.get("finish_reason") or told.reason
