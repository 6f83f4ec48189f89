# SPDX-License-Identifier: Apache-2.0
"""`/v1/chat/completions`: requests, and plain answers.

A part of a message is known or refused. Audio is refused both ways: nothing here
listens. `logprobs` repeat every token, so an answer leaves without them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final

import msgspec

from vigie.core.gateway import Feature, UpstreamKind
from vigie.gateway.dialects import chat_shapes as shapes
from vigie.gateway.dialects.base import (
    Answer,
    Conversation,
    Part,
    Picture,
    Refusal,
    StreamDialect,
)
from vigie.gateway.dialects.chat_stream import ChatStream
from vigie.gateway.dialects.openai import (
    JSON,
    choices_of,
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
from vigie.gateway.dialects.values import (
    document,
    forbidden,
    is_identifier,
    mapping,
    only,
    plain,
    refused,
    sequence,
    switch,
    text_of,
    texts,
    wordless,
)
from vigie.gateway.inline import asks

ROLES: Final = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
    "tool": "tool",
    "function": "tool",
}
READ: Final = (
    *("tools", "functions", "tool_choice", "function_call", "response_format"),
    *("prediction", "stop"),
)
"""Fields beside the messages whose every text is judged."""
_AUDIO: Final = forbidden("The guard does not listen to audio.")
SET: Final = (
    *("stream", "n", "temperature", "top_p", "top_k", "max_tokens", "max_completion_tokens"),
    *("presence_penalty", "frequency_penalty", "logit_bias", "logprobs", "top_logprobs"),
    *("seed", "service_tier", "stream_options", "store", "parallel_tool_calls", "verbosity"),
    *("reasoning_effort", "prompt_cache_retention"),
)
"""Fields that set something: they carry no text."""
KEPT: Final = ("user", "safety_identifier", "metadata", "prompt_cache_key")
"""Fields that name things for the operator: no model reads them."""
KNOWN: Final[dict[str, Any]] = {
    **dict.fromkeys(("model", "messages", "moderation", *KEPT, *READ)),
    **dict.fromkeys(SET, switch),
}
_TEXT_ONLY: Final = (["text"],)


class Chat:
    """Chat completions."""

    name = "chat"
    kind = UpstreamKind.OPENAI
    feature = Feature.CHAT
    path = "/chat/completions"
    known: ClassVar[dict[str, Any]] = {**KNOWN, "audio": _AUDIO, "modalities": None}

    def parse(self, body: bytes) -> Conversation:
        """Read a request. Raises InvalidInputError (400) naming the field."""
        found = read_object(body)
        only(found, self.known)
        if found.get("modalities") is not None and found["modalities"] not in _TEXT_ONLY:
            raise refused("modalities", "The guard reads text only.")
        parts: list[Part] = []
        pictures: list[Picture] = []
        for name in READ:
            parts += [Part("system", text, at, -1) for at, text in texts(found.get(name), name)]
        for turn, message in enumerate(sequence(found.get("messages"), "messages")):
            _Message(mapping(message, f"messages[{turn}]"), turn, parts, pictures).read()
        return Conversation(
            model=required(found, "model"),
            parts=tuple(parts),
            pictures=tuple(pictures),
            stream=found.get("stream") is True,
            user=user_of(found),
            choices=choices_of(found),
            country=country_of(found),
            moderation=asks(found),
            body=found,
        )

    def forward(self, conversation: Conversation, user: str) -> bytes:
        """Return the body for the upstream; a stream is always asked for its usage."""
        body = forwarded(conversation, user)
        body.pop("logprobs", None)
        body.pop("top_logprobs", None)
        if conversation.stream:
            options = body.get("stream_options")
            kept = options if isinstance(options, dict) else {}
            body["stream_options"] = {**kept, "include_usage": True}
        return JSON.encode(body)

    def answer(self, raw: bytes) -> Answer:
        """Read a plain answer. Raises OutsideError where it is none."""
        found = shapes.read_completion(raw)
        if found is None:
            raise foreign("answer")
        completion, is_clean = found
        slots = [slot for one in completion.choices for slot in shapes.slots_of(one)]
        usage = usage_of(completion.usage)
        return Answer(raw if is_clean else b"", tuple(slots), usage, completion)

    def cut(self, answer: Answer, refusal: Refusal) -> bytes:
        """Return the answer without its texts; its choices say that they were stopped."""
        completion: shapes.Completion = answer.body
        message = {"role": "assistant", "content": None, "refusal": refusal.message}
        choices = [
            {
                "index": one.index,
                "message": message,
                "finish_reason": "content_filter",
                "logprobs": None,
            }
            for one in completion.choices
        ]
        return JSON.encode(
            {**msgspec.to_builtins(completion), "choices": choices, "vigie": told(refusal)}
        )

    def written(self, answer: Answer) -> bytes:
        """Return the answer as it may leave where it could not pass as it came."""
        return answer.raw or JSON.encode(answer.body)

    def moderated(self, answer: bytes, moderation: Mapping[str, Any]) -> bytes:
        """Return an answer with the inline `moderation` object."""
        return answer.rstrip()[:-1] + b',"moderation":' + JSON.encode(moderation) + b"}"

    def stream(self, conversation: Conversation) -> StreamDialect:
        """Return the reader and writer of one stream."""
        options = conversation.body.get("stream_options")
        wants = isinstance(options, dict) and options.get("include_usage") is True
        return ChatStream(conversation.model, wants_usage=wants)

    def problem(self, refusal: Refusal, request_id: str) -> bytes:
        """Return the body of an error."""
        return error_body(refusal, request_id)


class _Message:
    """One message, taken apart into texts and pictures."""

    def __init__(
        self,
        message: Mapping[str, Any],
        turn: int,
        parts: list[Part],
        pictures: list[Picture],
    ) -> None:
        self._message = message
        self._at = f"messages[{turn}]"
        self._turn = turn
        self._parts = parts
        self._pictures = pictures
        role = text_of(message.get("role"), f"{self._at}.role")
        if role not in ROLES:
            raise refused(f"{self._at}.role", "This role is not known to the guard.")
        self._role = ROLES[role]

    def read(self) -> None:
        """Find everything that the message says."""
        for name, value in self._message.items():
            if value is None or name == "role":
                continue
            reader = _FIELDS.get(name)
            if reader is not None:
                reader(self, value, f"{self._at}.{name}")
            else:
                wordless(value, f"{self._at}.{name}")

    def _text(self, value: Any, at: str) -> None:
        if text := text_of(value, at):
            self._parts.append(Part(self._role, text, at, self._turn))

    def _id(self, value: Any, at: str) -> None:
        if not is_identifier(text_of(value, at)):
            self._text(value, at)

    def _content(self, value: Any, at: str) -> None:
        if isinstance(value, str):
            self._text(value, at)
            return
        for n, one in enumerate(sequence(value, at)):
            self._part(mapping(one, f"{at}[{n}]"), f"{at}[{n}]")

    def _part(self, part: Mapping[str, Any], at: str) -> None:
        kind = part.get("type")
        if kind in ("text", "refusal"):
            self._text(part.get(kind), f"{at}.{kind}")
        elif kind == "image_url":
            url = mapping(part.get("image_url"), f"{at}.image_url").get("url")
            found = text_of(url, f"{at}.image_url.url")
            self._pictures.append(Picture(found, f"{at}.image_url.url", self._turn))
        elif kind == "file":
            self._file(mapping(part.get("file"), f"{at}.file"), f"{at}.file")
        else:
            raise refused(f"{at}.type", "This kind of part is not known to the guard.")
        self._beside(part, {"type", kind}, at)

    def _file(self, file: Mapping[str, Any], at: str) -> None:
        data = text_of(file.get("file_data"), f"{at}.file_data")
        self._text(document(data, f"{at}.file_data"), f"{at}.file_data")
        self._rest({n: v for n, v in file.items() if n != "file_data"}, at)

    def _beside(self, part: Mapping[str, Any], known: set[Any], at: str) -> None:
        for name, value in part.items():
            if name not in known:
                wordless(value, f"{at}.{name}")

    def _rest(self, value: Any, at: str) -> None:
        for place, text in texts(value, at):
            self._parts.append(Part(self._role, text, place, self._turn))

    def _calls(self, value: Any, at: str) -> None:
        for n, one in enumerate(sequence(value, at)):
            for place, text in _said(mapping(one, f"{at}[{n}]"), f"{at}[{n}]"):
                self._parts.append(Part(self._role, text, place, self._turn))

    def _call(self, value: Any, at: str) -> None:
        for place, text in _said(mapping(value, at), at):
            self._parts.append(Part(self._role, text, place, self._turn))


def _said(call: Mapping[str, Any], at: str) -> Iterator[tuple[str, str]]:
    """Yield the texts of a call of a tool; its arguments as they will be read."""
    for place, text in texts(call, at):
        yield place, plain(text) if place.endswith((".arguments", ".input")) else text


_FIELDS: Final[dict[str, Any]] = {
    "content": _Message._content,  # noqa: SLF001 - a table of its own methods
    "name": _Message._text,  # noqa: SLF001
    "tool_call_id": _Message._id,  # noqa: SLF001
    "refusal": _Message._text,  # noqa: SLF001
    "reasoning_content": _Message._text,  # noqa: SLF001
    "reasoning": _Message._text,  # noqa: SLF001
    "tool_calls": _Message._calls,  # noqa: SLF001
    "function_call": _Message._call,  # noqa: SLF001
}
