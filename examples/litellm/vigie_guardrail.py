# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: INP001 - copied by its users
"""A guardrail for litellm's proxy that asks Vigie: prompts, pictures, tool calls, answers.

Copy this file beside your proxy's `config.yaml` (one is in this folder). It uses
litellm's unified interface, so every route that litellm can translate is asked
for. It fails closed: where Vigie does not answer, the request is refused.
"""

from __future__ import annotations

import json
import os
from typing import Any, Final

import httpx  # noqa: TID251 - litellm brings it along
from fastapi import HTTPException
from litellm.integrations.custom_guardrail import CustomGuardrail
from litellm.types.guardrails import GuardrailEventHooks

CHARACTERS: Final = 200_000
"""Longest text that is sent in one question; a longer one is refused."""
REFUSED: Final = "content_policy_violation"


class VigieGuardrail(CustomGuardrail):
    """Stops what `POST /ai/v1/moderations` flags in the country of the user.

    Streams are released a window at a time, each only after all text up to its
    end was judged; `streaming_sampling_rate` is the length of a window in chunks.
    """

    streaming_buffer_until_moderated = True
    streaming_buffer_release_on_scan = True
    streaming_sampling_rate = 20

    def __init__(
        self,
        api_base: str | None = None,
        api_key: str | None = None,
        country: str | None = None,
        timeout: float | None = None,
        **kwargs: Any,
    ) -> None:
        """Take the settings of `litellm_params`; what is missing comes from the environment.

        `country` is used where a request's metadata has no `vigie_country`; with
        neither, the law of every country served applies.
        """
        super().__init__(
            supported_event_hooks=[
                GuardrailEventHooks.pre_call,
                GuardrailEventHooks.during_call,
                GuardrailEventHooks.post_call,
            ],
            **kwargs,
        )
        base = api_base or os.environ.get("VIGIE_API_BASE", "")
        key = api_key or os.environ.get("VIGIE_API_KEY", "")
        if not base or not key:
            raise ValueError("Set api_base and api_key, or VIGIE_API_BASE and VIGIE_API_KEY.")
        self._country = country or ""
        self._http = httpx.AsyncClient(
            base_url=f"{base.rstrip('/')}/",
            headers={"Authorization": f"Bearer {key}"},
            timeout=timeout or 10.0,
        )

    async def apply_guardrail(
        self, inputs: Any, request_data: dict[str, Any], input_type: str, logging_obj: Any = None
    ) -> Any:
        """Return the inputs as they are, or raise the answer that the client gets."""
        del input_type, logging_obj
        parts = _parts(inputs)
        if not parts:
            return inputs
        result, decision = await self._judged(parts, self._country_of(request_data))
        if result.get("flagged"):
            raise HTTPException(400, _refusal(result, decision))
        return inputs

    def _country_of(self, request_data: dict[str, Any]) -> str:
        for name in ("metadata", "litellm_metadata"):
            given = (request_data.get(name) or {}).get("vigie_country")
            if given:
                return str(given)
        return self._country

    async def _judged(
        self, parts: list[dict[str, Any]], country: str
    ) -> tuple[dict[str, Any], str]:
        """Ask Vigie; every answer that is not a judgement is a failure."""
        headers = {"Vigie-Country": country} if country else {}
        try:
            answer = await self._http.post("moderations", json={"input": parts}, headers=headers)
            answer.raise_for_status()
            (result,) = answer.json()["results"]
        except (httpx.HTTPError, ValueError, LookupError, TypeError) as problem:
            raise HTTPException(
                503, {"error": "The safety check did not answer; nothing was let through."}
            ) from problem
        if not isinstance(result.get("flagged"), bool):
            raise HTTPException(503, {"error": "The safety check gave no judgement."})
        return result, answer.headers.get("vigie-decision", "")


def _parts(inputs: Any) -> list[dict[str, Any]]:
    """Return everything that can carry content, in the words of the moderation API."""
    texts = [text for text in inputs.get("texts") or () if text]
    texts += [_called(call) for call in inputs.get("tool_calls") or ()]
    if sum(len(text) for text in texts) > CHARACTERS:
        raise HTTPException(400, {"error": "Too long to be checked.", "code": REFUSED})
    pictures = [{"type": "image_url", "image_url": {"url": p}} for p in inputs.get("images") or ()]
    return [{"type": "text", "text": text} for text in texts] + pictures


def _called(call: Any) -> str:
    """Return a tool call as text: its name and its arguments."""
    whole = call if isinstance(call, dict) else call.model_dump()
    function = whole.get("function") or {}
    arguments = function.get("arguments") or ""
    try:
        # Escapes in the JSON would hide letters from whoever reads the text as it is.
        arguments = json.dumps(json.loads(arguments), ensure_ascii=False)
    except (TypeError, ValueError):
        arguments = str(arguments)
    return f"{function.get('name') or ''} {arguments}"


def _refusal(result: dict[str, Any], decision: str) -> dict[str, Any]:
    categories = sorted(name for name, found in (result.get("categories") or {}).items() if found)
    return {
        "error": "This was stopped by the operator's safety rules.",
        "code": REFUSED,
        "categories": categories,
        "vigie_decision": decision,
    }
