# SPDX-License-Identifier: Apache-2.0
"""An item: one thing that was published or said, as the platform sends it."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from vigie.core.decision import Signal


class Surface(StrEnum):
    """Where on the platform the item stands."""

    POST = "post"
    REPLY = "reply"
    PROFILE = "profile"
    MESSAGE = "message"
    AD = "ad"
    AI_PROMPT = "ai_prompt"
    AI_OUTPUT = "ai_output"


class Visibility(StrEnum):
    """Who can see it; private items are refused at the door."""

    PUBLIC = "public"
    LIMITED = "limited"
    PRIVATE = "private"


class Stage(StrEnum):
    """Whether it is asked before or after publication."""

    BEFORE = "before"
    AFTER = "after"


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every part of an item shares: frozen, strict about names."""


class Author(_Part, frozen=True):
    """Who published it, under the platform's own pseudonym."""

    id: str
    country: str | None = None
    account_age_days: int | None = None
    strikes: int = 0


class Media(_Part, frozen=True):
    """One picture or file: bytes, or hashes only, or an address only."""

    base64: str | None = None
    mime: str | None = None
    sha256: str | None = None
    md5: str | None = None
    pdq: str | None = None
    pdq_quality: int | None = None
    url: str | None = None


class Context(_Part, frozen=True):
    """How the item relates to others."""

    in_reply_to: str | None = None
    generated_by: str | None = None


class Item(_Part, frozen=True):
    """One version of one published thing. Names are the contract at the door.

    Text is at most 100,000 code points (``intake.limits``), without NUL and
    lone surrogates. `countries` is where it can be seen; absent means
    everywhere the operator serves.
    """

    id: str
    surface: Surface
    author: Author
    version: int = 1
    service: str = "default"
    url: str | None = None
    visibility: Visibility = Visibility.PUBLIC
    stage: Stage = Stage.AFTER
    text: str | None = None
    language: str | None = None
    countries: list[str] | None = None
    media: list[Media] = []
    links: list[str] = []
    created_at: str | None = None
    context: Context | None = None


class MediaFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What the decoder found out about one medium, or that it could not.

    ``status``: ok (hashed), hashes (given by the platform), pending (address
    only, not fetched), failed (``problem`` says why; never silence).
    """

    status: str
    sha256: str | None = None
    md5: str | None = None
    pdq: str | None = None
    quality: int | None = None
    dihedral: tuple[str, ...] = ()
    width: int | None = None
    height: int | None = None
    mime: str | None = None
    problem: str | None = None
    notes: tuple[str, ...] = ()
    """What a reader should know: `animated`, `orientation:6`, `scaled`, `trailing_data`, ..."""
    seen: tuple[Signal, ...] = ()
    """What image detectors saw, or that they failed; empty where none was asked."""


class Subject(msgspec.Struct, frozen=True):
    """An item with what is known of its media: the input of `judge`."""

    item: Item
    media: tuple[MediaFacts, ...] = ()
    supersedes: str | None = None
    """The decision on an earlier version, if one is remembered."""
    stale: bool = False
    """A higher version came before."""
    gateway: bool = False
    """Asked by the gateway before anything is forwarded or released: it may refuse."""
    earlier: tuple[tuple[str, float], ...] = ()
    """Of a conversation: labels and values of what was said before."""
