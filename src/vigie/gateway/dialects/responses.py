# SPDX-License-Identifier: Apache-2.0
"""`/v1/responses`: requests, and plain answers.

Answers are written anew from what the guard can read. They are not stored upstream
unless a request asks for it, since no later request could name them here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from vigie.core.gateway import Feature, UpstreamKind
from vigie.gateway.dialects import responses_request as requests
from vigie.gateway.dialects import responses_shapes as shapes
from vigie.gateway.dialects.base import Answer, Conversation, Refusal, Slot, StreamDialect
from vigie.gateway.dialects.gather import Gathered
from vigie.gateway.dialects.openai import (
    JSON,
    country_of,
    error_body,
    foreign,
    forwarded,
    read_object,
    required,
    told,
    usage_of,
    user_of,
)
from vigie.gateway.dialects.responses_stream import ResponsesStream
from vigie.gateway.inline import asks


class Responses:
    """Responses with typed events."""

    name = "responses"
    kind = UpstreamKind.OPENAI
    feature = Feature.CHAT
    path = "/responses"

    def parse(self, body: bytes) -> Conversation:
        """Read a request. Raises InvalidInputError (400) naming the field."""
        found = read_object(body)
        said = Gathered()
        requests.read(found, said)
        return Conversation(
            model=required(found, "model"),
            parts=tuple(said.parts),
            pictures=tuple(said.pictures),
            stream=found.get("stream") is True,
            user=user_of(found),
            country=country_of(found),
            moderation=asks(found),
            body=found,
        )

    def forward(self, conversation: Conversation, user: str) -> bytes:
        """Return the body for the upstream."""
        body = forwarded(conversation, user)
        body.setdefault("store", False)
        body.pop("top_logprobs", None)
        if "include" in body:
            body["include"] = [one for one in body["include"] or () if "logprobs" not in one]
        return JSON.encode(body)

    def answer(self, raw: bytes) -> Answer:
        """Read a plain answer. Raises OutsideError where it is none, or did not finish."""
        try:
            said = msgspec.json.decode(raw)
        except (ValueError, RecursionError):
            raise foreign("answer") from None
        if not isinstance(said, dict) or said.get("object") != "response":
            raise foreign("answer")
        found: list[Slot] = []
        made = shapes.response(said, {}, found)
        for name in shapes.ECHOED:
            made[name] = said.get(name) if shapes.is_scalar(said.get(name)) else made.get(name)
        slots = tuple(one for one in found if one.text)
        return Answer(b"", slots, usage_of(said.get("usage")), made)

    def cut(self, answer: Answer, refusal: Refusal) -> bytes:
        """Return the response without its output; in its place a message that refuses."""
        stopped = {
            "status": "incomplete",
            "incomplete_details": {"reason": "content_filter"},
            "output": [shapes.refusing(refusal.message)],
            "vigie": told(refusal),
        }
        return JSON.encode({**answer.body, **stopped})

    def written(self, answer: Answer) -> bytes:
        """Return the answer as it may leave."""
        return JSON.encode(answer.body)

    def moderated(self, answer: bytes, moderation: Mapping[str, Any]) -> bytes:
        """Return an answer with the inline `moderation` object."""
        return answer.rstrip()[:-1] + b',"moderation":' + JSON.encode(moderation) + b"}"

    def stream(self, conversation: Conversation) -> StreamDialect:
        """Return the reader and writer of one stream."""
        return ResponsesStream(conversation.body, moderated=conversation.moderation)

    def problem(self, refusal: Refusal, request_id: str) -> bytes:
        """Return the body of an error."""
        return error_body(refusal, request_id)
