# SPDX-License-Identifier: Apache-2.0
"""Anthropic's `/v1/messages`: requests, and plain answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from vigie.core.gateway import Feature, UpstreamKind
from vigie.gateway.dialects import messages_request as requests
from vigie.gateway.dialects import messages_shapes as shapes
from vigie.gateway.dialects.base import (
    Answer,
    Conversation,
    Refusal,
    Slot,
    StreamDialect,
    Usage,
)
from vigie.gateway.dialects.gather import Gathered
from vigie.gateway.dialects.messages_stream import MessagesStream
from vigie.gateway.dialects.openai import JSON, country_of, foreign, read_object, required

OURS: Final = ("user_id", "vigie_country")


class Messages:
    """Messages of Anthropic's interface."""

    name = "messages"
    kind = UpstreamKind.ANTHROPIC
    feature = Feature.CHAT
    path = "/messages"

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
            user=_user(found),
            country=country_of(found),
            body=found,
        )

    def forward(self, conversation: Conversation, user: str) -> bytes:
        """Return the body for the upstream; its user under a pseudonym."""
        body = dict(conversation.body)
        given = body.pop("metadata", None)
        if isinstance(given, dict):
            kept = {name: value for name, value in given.items() if name not in OURS}
            if user and given.get("user_id"):
                kept["user_id"] = user
            if kept:
                body["metadata"] = kept
        return JSON.encode(body)

    def answer(self, raw: bytes) -> Answer:
        """Read a plain answer. Raises OutsideError where it is none."""
        try:
            said = msgspec.json.decode(raw)
        except (ValueError, RecursionError):
            raise foreign("answer") from None
        if not isinstance(said, dict) or said.get("type") != "message":
            raise foreign("answer")
        found: list[Slot] = []
        made = shapes.message(said, found)
        slots = tuple(one for one in found if one.text)
        return Answer(b"", slots, Usage(*shapes.tokens(said.get("usage"))), made)

    def written(self, answer: Answer) -> bytes:
        """Return the answer as it may leave."""
        return JSON.encode(answer.body)

    def cut(self, answer: Answer, refusal: Refusal) -> bytes:
        """Return the message without its content, that says it was stopped and why."""
        ended = {"content": [], **shapes.refusing(refusal), **shapes.beside(refusal)}
        return JSON.encode({**answer.body, **ended})

    def moderated(self, answer: bytes, moderation: Mapping[str, Any]) -> bytes:  # noqa: ARG002
        """Return the answer: the interface has no such object."""
        return answer

    def stream(self, conversation: Conversation) -> StreamDialect:
        """Return the reader and writer of one stream."""
        return MessagesStream(conversation.body)

    def problem(self, refusal: Refusal, request_id: str) -> bytes:
        """Return the body of an error."""
        return JSON.encode(shapes.error(refusal, request_id))


def _user(body: Mapping[str, Any]) -> str:
    metadata = body.get("metadata")
    value = metadata.get("user_id") if isinstance(metadata, dict) else None
    return value[:256] if isinstance(value, str) else ""
