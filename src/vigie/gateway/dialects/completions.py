# SPDX-License-Identifier: Apache-2.0
"""`/v1/completions`: one prompt, one run of text per choice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from vigie.core.gateway import Feature, UpstreamKind
from vigie.gateway.dialects.base import (
    Answer,
    Channel,
    Conversation,
    Event,
    Part,
    Refusal,
    Slot,
    StreamDialect,
)
from vigie.gateway.dialects.chat_shapes import Index, Padding, Short, counted, read_again
from vigie.gateway.dialects.openai import (
    DONE,
    DONE_FRAME,
    JSON,
    choices_of,
    country_of,
    error_body,
    foreign,
    forwarded,
    frame,
    read_object,
    required,
    says_once,
    told,
    usage_of,
    user_of,
)
from vigie.gateway.dialects.values import forbidden, only, refused, sequence, switch, texts

MOST_PROMPTS: Final = 64
READ: Final = ("suffix", "stop")
"""Fields beside the prompt whose every text is judged."""
_UNMODERATED: Final = forbidden("This interface carries no moderation object.")
KNOWN: Final[dict[str, Any]] = {
    **dict.fromkeys(("model", "prompt", "user", "safety_identifier", "metadata", *READ)),
    **dict.fromkeys(
        (
            *("stream", "n", "best_of", "echo", "max_tokens", "temperature", "top_p", "top_k"),
            *("presence_penalty", "frequency_penalty", "logit_bias", "logprobs", "seed"),
            *("stream_options", "service_tier"),
        ),
        switch,
    ),
    "moderation": _UNMODERATED,
}


class _Choice(msgspec.Struct, forbid_unknown_fields=True):
    text: str = ""
    index: Index = 0
    finish_reason: Short | None = None
    logprobs: None = None


class _Body(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A plain answer, or an event: the shapes are one."""

    choices: list[_Choice]
    id: Short = ""
    object: Short = ""
    created: int | float = 0
    model: Short = ""
    system_fingerprint: Short | None = None
    service_tier: Short | None = None
    usage: dict[str, Any] | None = None
    obfuscation: Padding | None = None


_STRICT: Final = msgspec.json.Decoder(_Body)
_INNER: Final = {_Body: {"choices": _Choice}}


def _read(raw: bytes, what: str) -> tuple[_Body, bool]:
    try:
        body = _STRICT.decode(raw)
        return body, counted(body) and says_once(raw, len(body.choices))
    except (ValueError, RecursionError):
        found: _Body | None = read_again(raw, _Body, _INNER)
    if found is None:
        raise foreign(what)
    return found, False


class Completions:
    """The older interface: text in, text out."""

    name = "completions"
    kind = UpstreamKind.OPENAI
    feature = Feature.CHAT
    path = "/completions"

    def parse(self, body: bytes) -> Conversation:
        """Read a request. Raises InvalidInputError (400) naming the field."""
        found = read_object(body)
        only(found, KNOWN)
        prompts = _prompts(found.get("prompt"))
        parts = [Part("user", text, at, n) for n, (at, text) in enumerate(prompts)]
        for name in READ:
            parts += [Part("user", text, at, -1) for at, text in texts(found.get(name), name)]
        return Conversation(
            model=required(found, "model"),
            parts=tuple(parts),
            stream=found.get("stream") is True,
            user=user_of(found),
            choices=choices_of(found) * len(prompts),
            country=country_of(found),
            body=found,
        )

    def forward(self, conversation: Conversation, user: str) -> bytes:
        """Return the body for the upstream; a stream is always asked for its usage."""
        body = forwarded(conversation, user)
        body.pop("logprobs", None)
        if conversation.stream:
            body["stream_options"] = {"include_usage": True}
        return JSON.encode(body)

    def answer(self, raw: bytes) -> Answer:
        """Read a plain answer. Raises OutsideError where it is none."""
        body, is_clean = _read(raw, "answer")
        slots = tuple(Slot(Channel(one.index), one.text) for one in body.choices if one.text)
        usage = usage_of(body.usage)
        return Answer(raw if is_clean else b"", slots, usage, body)

    def written(self, answer: Answer) -> bytes:
        """Return a plain answer as it may leave."""
        return answer.raw or JSON.encode(answer.body)

    def cut(self, answer: Answer, refusal: Refusal) -> bytes:
        """Return the answer without its texts; its choices say that they were stopped."""
        body: _Body = answer.body
        body.choices = [_Choice("", one.index, "content_filter") for one in body.choices]
        return JSON.encode({**msgspec.to_builtins(body), "vigie": told(refusal)})

    def moderated(self, answer: bytes, moderation: Mapping[str, Any]) -> bytes:
        """Return the answer: this interface has no such object."""
        del moderation
        return answer

    def stream(self, conversation: Conversation) -> StreamDialect:
        """Return the reader and writer of one stream."""
        options = conversation.body.get("stream_options")
        wants = isinstance(options, dict) and options.get("include_usage") is True
        return _Stream(conversation.model, wants_usage=wants)

    def problem(self, refusal: Refusal, request_id: str) -> bytes:
        """Return the body of an error."""
        return error_body(refusal, request_id)


def _prompts(value: Any) -> list[tuple[str, str]]:
    if isinstance(value, str):
        return [("prompt", value)]
    found = sequence(value, "prompt")
    if not 0 < len(found) <= MOST_PROMPTS:
        raise refused("prompt", f"Send 1 to {MOST_PROMPTS} prompts.")
    if not all(isinstance(one, str) for one in found):
        raise refused("prompt", "The guard reads text, not tokens.", "Send the text itself.")
    return [(f"prompt[{n}]", one) for n, one in enumerate(found)]


class _Stream:
    """Reads and writes the events of one stream."""

    joined = False

    def __init__(self, model: str, *, wants_usage: bool) -> None:
        self._wants_usage = wants_usage
        self._head: dict[str, Any] = {"id": "", "created": 0, "model": model}
        self._open: dict[int, Channel] = {}
        self._finished: set[int] = set()
        """Choices whose end was read, and below those whose end was written."""
        self._told: set[int] = set()

    def read(self, name: str, data: bytes, raw: bytes) -> Event:
        """Read an event. Raises OutsideError where it is none."""
        if data == DONE:
            return Event(raw=raw, closes=tuple(self._open.values()), final=True)
        body, is_clean = _read(data, "event")
        raw = raw if is_clean and not name else b""
        usage = usage_of(body.usage)
        if not body.choices:
            if usage and not self._wants_usage:
                return Event(usage=usage)
            return Event(raw=raw, usage=usage, data=body)
        self._head = {"id": body.id, "created": body.created, "model": body.model}
        return self._event(body, raw)

    def _event(self, body: _Body, raw: bytes) -> Event:
        slots: list[Slot] = []
        closes: list[Channel] = []
        for one in body.choices:
            channel = self._open.setdefault(one.index, Channel(one.index))
            if one.text:
                slots.append(Slot(channel, one.text))
            if one.finish_reason is not None:
                closes.append(channel)
                self._finished.add(one.index)
                # Written by us, so that it is known which choices a client saw end.
                raw = b""
        usage = usage_of(body.usage)
        return Event(raw=raw, slots=tuple(slots), closes=tuple(closes), usage=usage, data=body)

    def write(self, event: Event, texts: Sequence[str]) -> bytes:
        """Write an event with other texts; nothing where it then says nothing."""
        if event.final:
            return DONE_FRAME
        body: _Body | None = event.data
        if body is None:
            return b""
        body.obfuscation = None
        filling = iter(texts)
        for one in body.choices:
            if one.text:
                one.text = next(filling)
            if one.finish_reason is not None:
                self._told.add(one.index)
        if event.slots and not any(one.text or one.finish_reason for one in body.choices):
            return b""
        return frame(body)

    def delta(self, channel: Channel, text: str) -> bytes:
        """Write an event of our own that continues a choice."""
        return self._piece(_Choice(text, channel.index))

    def cut(self, refusal: Refusal) -> bytes:
        """Say to every choice under way that it was stopped; then end."""
        waiting = [n for n in self._open if n not in self._told]
        frames = [
            self._piece(_Choice("", n, "content_filter"), vigie=told(refusal))
            for n in waiting or [0]
        ]
        return b"".join(frames) + DONE_FRAME

    def end(self) -> bytes | None:
        """Return `[DONE]` where every choice has finished; None: the stream broke off."""
        return DONE_FRAME if self._open and self._finished >= set(self._open) else None

    def failed(self, problem: Refusal) -> bytes:
        """Say what failed, in place of the rest."""
        return b"data: %b\n\n" % error_body(problem, "") + DONE_FRAME

    def moderated(self, moderation: Mapping[str, Any]) -> bytes:
        """Write nothing: this interface has no such object."""
        del moderation
        return b""

    def _piece(self, choice: _Choice, **more: Any) -> bytes:
        head = {**self._head, "object": "text_completion"}
        return frame({**head, "choices": [choice], **more})
