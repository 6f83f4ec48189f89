# SPDX-License-Identifier: Apache-2.0
"""What a dialect is: one interface of a route, read into texts and written again.

A dialect knows shapes and decides nothing. It finds every text of a request, of an
answer and of each event; what it cannot read it refuses. The exchange judges, and
tells it what may leave. A stream's dialect has state: one is made per stream.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

import msgspec

from vigie.core.gateway import Feature, UpstreamKind


class ChannelKind(StrEnum):
    """What a channel of generated text is for."""

    CONTENT = "content"
    REFUSAL = "refusal"
    REASONING = "reasoning"
    ARGUMENTS = "arguments"
    """Of one call of a tool, its name included: read when complete, so never ahead."""


class Channel(NamedTuple):
    """One run of generated text that a client puts together."""

    index: int  # type: ignore[assignment]  # a field of ours, not the method of tuples
    """Of the choice, or of the output item."""
    kind: ChannelKind = ChannelKind.CONTENT
    key: str = ""
    """What tells apart several of one kind: number of a call, of a content part."""


class Slot(NamedTuple):
    """A text in an answer or event, and the channel that it belongs to."""

    channel: Channel
    text: str


class Part(NamedTuple):
    """One text of a request. `at` names its place as errors do."""

    role: str
    """system, user, assistant or tool."""
    text: str
    at: str = ""
    turn: int = 0
    """Number of the message: parts of one turn are judged as one text."""


class Picture(NamedTuple):
    """A picture in a request: a data URL or an address."""

    url: str
    at: str = ""
    turn: int = 0


class Conversation(msgspec.Struct, kw_only=True):
    """A request, read. `body` is what was sent, decoded; it is encoded anew to be forwarded."""

    model: str
    parts: tuple[Part, ...]
    pictures: tuple[Picture, ...] = ()
    stream: bool = False
    user: str = ""
    """The application's name for its user; never forwarded."""
    choices: int = 1
    country: str = ""
    """`metadata.vigie_country`."""
    moderation: bool = False
    """The inline `moderation` object is asked for."""
    body: dict[str, Any]


class Usage(NamedTuple):
    """Tokens as the upstream counted them."""

    input_tokens: int = 0
    output_tokens: int = 0


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """What a client is told in place of an answer. Never a pattern, a span or a score."""

    message: str
    """In the user's language: what was stopped, why, how to contest it."""
    code: str = "content_policy_violation"
    status: int = 400
    param: str | None = None
    category: str = ""
    decision_id: str = ""
    statement_url: str = ""
    retry_after: int = 0


class Answer(NamedTuple):
    """A plain answer, read."""

    raw: bytes
    """As it came; empty where it must be written by `Dialect.written`."""
    slots: tuple[Slot, ...]
    usage: Usage | None = None
    body: Any = None
    """The dialect's own: what `written` and `cut` need."""


class Event(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One event of a stream, read.

    `raw` may pass where all its text is released in one piece; where it is empty the
    event must be written by `StreamDialect.write`.
    """

    raw: bytes = b""
    """The frame as it came, with the empty line that ends it."""
    slots: tuple[Slot, ...] = ()
    """Text that continues channels."""
    wholes: tuple[Slot, ...] = ()
    """Text that says a channel from its beginning again: must be equal, or is judged anew."""
    closes: tuple[Channel, ...] = ()
    """Channels that end with this event: it waits until they are released in full."""
    final: bool = False
    """The last event of the stream."""
    usage: Usage | None = None
    data: Any = None
    """The dialect's own: what `write` needs."""


NOTHING = Event()
"""An event that says nothing: it is dropped."""


class StreamDialect(Protocol):
    """Reads and writes the events of one stream. Names and data come without framing."""

    joined: bool
    """Its channels of one kind are read one after the other as one text, not as choices."""

    def read(self, name: str, data: bytes, raw: bytes) -> Event:
        """Read an event. Raises OutsideError where it is none of this interface."""
        ...

    def write(self, event: Event, texts: Sequence[str]) -> bytes:
        """Write an event with other texts in its slots, in order; may return nothing.

        With every text empty only what the event says beside them is left.
        """
        ...

    def delta(self, channel: Channel, text: str) -> bytes:
        """Write an event of our own that continues a channel, after one of it was sent."""
        ...

    def cut(self, refusal: Refusal) -> bytes:
        """End the stream because of what was said: every event that a client waits for."""
        ...

    def end(self) -> bytes | None:
        """Return the last event where the upstream left it out; None: it broke off before."""
        ...

    def failed(self, problem: Refusal) -> bytes:
        """End the stream because something failed."""
        ...

    def moderated(self, moderation: Mapping[str, Any]) -> bytes:
        """Write the inline `moderation` object before the last event; nothing: no such event."""
        ...


class Road(Protocol):
    """What records say of a route."""

    name: str
    """As records name the route: `chat`, `responses`, `messages`, `completions`."""
    kind: UpstreamKind
    feature: Feature


class Dialect(Road, Protocol):
    """One route's interface."""

    path: str
    """Behind the upstream's base address."""

    def parse(self, body: bytes) -> Conversation:
        """Read a request. Raises InvalidInputError (400) naming the field."""
        ...

    def forward(self, conversation: Conversation, user: str) -> bytes:
        """Return the body for the upstream. `user`: a pseudonym in place of names; or empty."""
        ...

    def answer(self, raw: bytes) -> Answer:
        """Read a plain answer. Raises OutsideError where it is none of this interface."""
        ...

    def written(self, answer: Answer) -> bytes:
        """Return a plain answer as it may leave: `raw`, or written anew."""
        ...

    def cut(self, answer: Answer, refusal: Refusal) -> bytes:
        """Return a plain answer without any of its texts, that says it was stopped."""
        ...

    def moderated(self, answer: bytes, moderation: Mapping[str, Any]) -> bytes:
        """Return a plain answer with the inline `moderation` object."""
        ...

    def stream(self, conversation: Conversation) -> StreamDialect:
        """Return the reader and writer of one stream."""
        ...

    def problem(self, refusal: Refusal, request_id: str) -> bytes:
        """Return the body of an error, in the interface's own shape."""
        ...
