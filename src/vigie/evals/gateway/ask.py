# SPDX-License-Identifier: Apache-2.0
"""Asks one prompt of a server of chat completions; says what came, and after what time."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, Self

import aiohttp

from vigie.core.errors import InvalidInputError, OutsideError
from vigie.evals.gateway.prompts import Prompt

STOPPED: Final = frozenset({"content_policy_violation", "content_filter", "content_blocked"})
"""Codes with which gateways refuse a prompt; anything else that is no answer is a failure."""
TRIES: Final = 4
TOO_MANY: Final = 429
SERVER_ERROR: Final = 500
LONGEST_WAIT: Final = 30.0
LINE: Final = 2**20


class Came(StrEnum):
    """What a client got."""

    ANSWER = "answer"
    REFUSED = "refused"
    """The prompt was stopped."""
    CUT = "cut"
    """The answer was stopped, wholly or from some place on."""
    FAILED = "failed"


@dataclass(slots=True)
class Answer:
    """What came of one request; times in milliseconds since it was sent."""

    came: Came = Came.FAILED
    text: str = ""
    status: int = 0
    code: str = ""
    """Of an error."""
    first_ms: float = 0.0
    """Until the first text, or the end where none came."""
    took_ms: float = 0.0

    @property
    def stopped(self) -> bool:
        """Say whether the prompt or the answer was stopped."""
        return self.came in (Came.REFUSED, Came.CUT)


@dataclass(slots=True)
class Server:
    """A server of chat completions: base address up to `/v1`, key, model."""

    base: str
    key: str
    model: str = ""
    timeout: float = 120.0
    _session: aiohttp.ClientSession = field(init=False, repr=False)

    async def __aenter__(self) -> Self:
        """Open the connections; ask for the model's name where none is given."""
        headers = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        self._session = aiohttp.ClientSession(
            headers=headers,
            timeout=aiohttp.ClientTimeout(total=self.timeout),
            connector=aiohttp.TCPConnector(limit=0),
            read_bufsize=LINE,
        )
        try:
            self.model = self.model or await self._first_model()
        except BaseException:
            await self._session.close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connections."""
        await self._session.close()

    async def _first_model(self) -> str:
        try:
            async with self._session.get(f"{self.base.rstrip('/')}/models") as answer:
                found = json.loads(await answer.read()) if answer.status == 200 else {}
            name = str(found["data"][0]["id"])
        except (aiohttp.ClientError, TimeoutError) as problem:
            raise OutsideError(
                "The gateway does not answer.", fix="See that the address of --against is right."
            ) from problem
        except (ValueError, LookupError, TypeError) as problem:
            raise InvalidInputError(
                "The gateway names no model.",
                code="model_unknown",
                field="model",
                fix="Name one with --model; see that the key is right.",
            ) from problem
        return name

    async def ask(self, prompt: Prompt, *, stream: bool) -> Answer:
        """Ask; one asked too soon is asked again. What fails is an answer too."""
        for number in range(TRIES):
            answer, wait = await self._once(prompt, stream=stream)
            if wait is None:
                return answer
            await asyncio.sleep(min(wait or 2.0**number, LONGEST_WAIT))
        return (await self._once(prompt, stream=stream))[0]

    async def _once(self, prompt: Prompt, *, stream: bool) -> tuple[Answer, float | None]:
        answer, began = Answer(), time.perf_counter()
        wait: float | None = None
        try:
            async with self._session.post(
                f"{self.base.rstrip('/')}/chat/completions",
                json=_body(self.model, prompt, stream=stream),
                headers=_headers(prompt),
            ) as response:
                answer.status = response.status
                if response.status == TOO_MANY:
                    wait = _seconds(response.headers.get("Retry-After", ""))
                if stream and response.content_type == "text/event-stream":
                    await _read_stream(response, answer, began)
                else:
                    _read_plain(await response.read(), answer)
        except (aiohttp.ClientError, TimeoutError, ConnectionError) as problem:
            answer.came, answer.code = Came.FAILED, type(problem).__name__
        answer.took_ms = (time.perf_counter() - began) * 1000
        answer.first_ms = answer.first_ms or answer.took_ms
        return answer, wait


def _body(model: str, prompt: Prompt, *, stream: bool) -> dict[str, Any]:
    said = {"role": "user", "content": prompt.text}
    return {"model": model, "messages": [said], "stream": stream}


def _headers(prompt: Prompt) -> dict[str, str]:
    given = {"Vigie-Country": prompt.country, "Vigie-Language": prompt.language}
    return {name: value for name, value in given.items() if value}


def _seconds(said: str) -> float:
    return float(said) if said.isdigit() else 0.0


async def _read_stream(response: aiohttp.ClientResponse, answer: Answer, began: float) -> None:
    """Read events; an answer that ends without a reason is one that failed."""
    async for line in response.content:
        data = line.strip()
        if not data.startswith(b"data:") or data == b"data: [DONE]":
            continue
        event = _object(data[5:])
        if "error" in event:
            _take_error(event["error"], answer)
            return
        _take_choices(event, "delta", answer)
        if answer.text and not answer.first_ms:
            answer.first_ms = (time.perf_counter() - began) * 1000


def _read_plain(body: bytes, answer: Answer) -> None:
    found = _object(body)
    if answer.status >= 400 or "error" in found:
        _take_error(found.get("error"), answer)
        return
    _take_choices(found, "message", answer)


def _take_choices(event: dict[str, Any], part: str, answer: Answer) -> None:
    for choice in event.get("choices") or ():
        said = choice.get(part) or {}
        answer.text += said.get("content") or ""
        reason = choice.get("finish_reason")
        if reason == "content_filter":
            answer.came = Came.CUT
        elif reason and answer.came is not Came.CUT:
            answer.came = Came.ANSWER


def _take_error(error: object, answer: Answer) -> None:
    said = error if isinstance(error, dict) else {}
    answer.code = str(said.get("code") or said.get("type") or "error")
    # litellm tells beside its error which guardrail raised it, and with what.
    beside = said.get("provider_specific_fields") or {}
    stopped = bool(STOPPED & {answer.code, said.get("type"), beside.get("code")})
    stopped = stopped or (answer.status < SERVER_ERROR and "guardrail_name" in beside)
    answer.came = (Came.CUT if answer.text else Came.REFUSED) if stopped else Came.FAILED


def _object(data: bytes) -> dict[str, Any]:
    try:
        found = json.loads(data)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
