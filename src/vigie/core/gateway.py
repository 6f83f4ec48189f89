# SPDX-License-Identifier: Apache-2.0
"""What the AI gateway is told and what it tells: profiles, upstreams, brakes, exchanges."""

from __future__ import annotations

from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Annotated, Final

import msgspec

Count = Annotated[int, msgspec.Meta(ge=0)]
Milliseconds = Annotated[int, msgspec.Meta(ge=1, le=600_000)]
Name = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$")]


class Mode(StrEnum):
    """How far an answer may run ahead of its judgement."""

    STRICT = "strict"
    """Nothing is released before it was judged."""
    PACED = "paced"
    """At most `lead` characters run ahead, never one that could still become a listed term."""
    OBSERVE = "observe"
    """Everything passes at once and is judged all the same."""


class OnFailure(StrEnum):
    """What happens where a judgement does not come in time or fails."""

    CLOSED = "closed"
    OPEN = "open"
    """Released unjudged; each use is recorded."""


class Unregistered(StrEnum):
    """What happens where a model, system text or tools are not in the change register."""

    ALARM = "alarm"
    REFUSE = "refuse"


class Stage(StrEnum):
    """Where in an exchange something was judged or stopped."""

    PROMPT = "prompt"
    ANSWER = "answer"
    IMAGE = "image"


class Feature(StrEnum):
    """What a brake can stop."""

    CHAT = "chat"
    """Chat completions, responses, messages, completions."""
    IMAGE_GENERATION = "image_generation"
    IMAGE_EDIT = "image_edit"
    """Edits and variations: what starts from somebody's photo."""
    EMBEDDINGS = "embeddings"
    MODERATION = "moderation"
    """Judging on request, where nothing is generated."""
    ALL = "all"


class Ending(StrEnum):
    """How an exchange ended."""

    RELEASED = "released"
    REFUSED = "refused"
    """The prompt was stopped; nothing was forwarded."""
    CUT = "cut"
    """The answer was stopped, wholly or from some place on."""
    BRAKED = "braked"
    FAILED = "failed"
    """The upstream or the guard failed; nothing unjudged was released."""
    LEFT = "left"
    """The client went away; what had been released was judged."""


class AlarmKind(StrEnum):
    """What somebody should look at."""

    UNREGISTERED = "unregistered"
    """A model, system text or tools that no registered change names."""
    PROBING = "probing"
    OPENED = "opened"
    """Something was released unjudged by the operator's choice."""
    DETECTOR = "detector"
    UPSTREAM = "upstream"
    STOPS = "stops"
    DRIFT = "drift"


DAY_MS: Final = 86_400_000
WEEK: Final = 7
THURSDAY: Final = 3
"""1970 began on a Thursday: so many days after the Monday of its ISO week."""


def day_of(ms: int) -> int:
    """Return the days since 1970 UTC."""
    return ms // DAY_MS


def week_of(ms: int) -> int:
    """Return the ISO weeks since 1970 UTC: the period of a user's pseudonym."""
    return (day_of(ms) + THURSDAY) // WEEK


def week_begins(week: int) -> int:
    """Return when a week begins: a Monday at midnight UTC, in milliseconds."""
    return (week * WEEK - THURSDAY) * DAY_MS


class _Value(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Frozen, strict about names."""


class Profile(_Value, frozen=True, kw_only=True):
    """How an application's exchanges are guarded. Times in milliseconds, spans in characters."""

    name: Name = "default"
    mode: Mode = Mode.PACED
    lead: Annotated[int, msgspec.Meta(ge=0, le=2_000)] = 300
    window: Annotated[int, msgspec.Meta(ge=50, le=4_000)] = 400
    overlap: Annotated[int, msgspec.Meta(ge=0, le=1_000)] = 150
    prompt_ms: Milliseconds = 2_000
    """Budget for judging a prompt."""
    window_ms: Milliseconds = 2_000
    """Budget for judging one window of an answer."""
    image_ms: Milliseconds = 20_000
    on_failure: dict[Stage, OnFailure] = {}
    """By stage; what is not named fails closed."""
    unregistered: Unregistered = Unregistered.ALARM
    country: str = ""
    """The country of users where a request names none; empty: every country served."""
    excerpt_days: Annotated[int, msgspec.Meta(ge=0, le=180)] = 30
    stops_per_case: Annotated[int, msgspec.Meta(ge=1, le=1_000)] = 5
    """Stops of one application user within a period that open a case."""
    near_variants: Annotated[int, msgspec.Meta(ge=2, le=1_000)] = 8
    """Near variants of one text or picture within ten minutes that count as probing."""

    def fails_open(self, stage: Stage) -> bool:
        """Say whether the operator chose to release what could not be judged."""
        return self.on_failure.get(stage, OnFailure.CLOSED) is OnFailure.OPEN


class UpstreamKind(StrEnum):
    """Which interface an upstream speaks."""

    OPENAI = "openai"
    ANTHROPIC = "anthropic"


class Upstream(_Value, frozen=True, kw_only=True):
    """A server to which exchanges are forwarded. Its key is a file, never in a Snapshot."""

    name: Name
    kind: UpstreamKind = UpstreamKind.OPENAI
    url: str
    """Base address, such as `https://api.example/v1`."""
    models: tuple[str, ...] = ("*",)
    """Patterns of model names that it serves."""
    position: Count = 0
    """Lower ones are asked first; the next ones where it fails before its first byte."""
    private: bool = False
    """True: may lie in the operator's own network."""

    def serves(self, model: str) -> bool:
        """Say whether it is asked for a model."""
        return any(fnmatchcase(model, pattern) for pattern in self.models)


class Trips(_Value, frozen=True, kw_only=True):
    """When a brake trips by itself, per feature and minute; 0: never."""

    stops_per_hundred: Annotated[int, msgspec.Meta(ge=0, le=100)] = 50
    least: Annotated[int, msgspec.Meta(ge=1)] = 50
    """Exchanges of a minute below which no share counts."""
    failures: Count = 20
    """Judgements of a minute that failed."""
    drift_per_hundred: Annotated[int, msgspec.Meta(ge=0, le=100)] = 0
    """Change of the share of stops against the day before, in points."""


class GatewayConf(_Value, frozen=True, kw_only=True):
    """What the gateway is told by a Snapshot."""

    upstreams: tuple[Upstream, ...] = ()
    profiles: tuple[Profile, ...] = (Profile(),)
    trips: Trips = Trips()

    def profile(self, name: str) -> Profile:
        """Return a profile by name, else the strict default: an unknown name guards most."""
        for one in self.profiles:
            if one.name == (name or "default"):
                return one
        return Profile(name="unknown", mode=Mode.STRICT)

    def upstreams_of(self, kind: UpstreamKind, model: str) -> tuple[Upstream, ...]:
        """Return who may be asked for a model, in order."""
        found = (one for one in self.upstreams if one.kind is kind and one.serves(model))
        return tuple(sorted(found, key=lambda one: (one.position, one.name)))


EVERYWHERE: Final = "*"


class Brake(_Value, frozen=True, kw_only=True):
    """A feature that is stopped, somewhere or everywhere."""

    number: int
    feature: Feature
    countries: tuple[str, ...] = (EVERYWHERE,)
    reason: str = ""
    """As users may read it."""
    automatic: bool = False

    def stops(self, feature: Feature, country: str) -> bool:
        """Say whether it holds for a feature and a user's country (empty: unknown)."""
        if self.feature not in (Feature.ALL, feature):
            return False
        return EVERYWHERE in self.countries or not country or country in self.countries


class KnownChange(_Value, frozen=True, kw_only=True):
    """A registered change in force: what an application's requests may look like."""

    number: int
    kind: str
    service: str
    digest: str
    """SHA-256 of the canonical form of model, system text, tools and safety parameters."""
    version: str = ""
    since: int = 0
    until: int = 0
    """0: open."""


class ExchangeFacts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is kept of one exchange beside its decisions: numbers and names, no content."""

    application: str
    """Number of the API key."""
    route: str
    feature: Feature
    ending: Ending
    stage: Stage | None = None
    """Where it was stopped."""
    mode: Mode = Mode.PACED
    profile: str = "default"
    model: str = ""
    upstream: str = ""
    country: str = ""
    language: str = ""
    user: str = ""
    """Rotating pseudonym of the application's user."""
    category: str = ""
    """Why it was stopped, as users read it; empty where it was not."""
    prompt_chars: int = 0
    judged_chars: int = 0
    released_chars: int = 0
    answer_sha256: str = ""
    """Over all that was released of an answer: one line for each channel, in order of
    choice, kind and key, each `{index} {kind} {key} {SHA-256 of its text}`."""
    input_tokens: int = 0
    output_tokens: int = 0
    images: int = 0
    began: int = 0
    """Milliseconds since 1970 UTC."""
    took_ms: int = 0
    first_ms: int = 0
    """Until the first byte left; 0 where none did."""
    prompt_decision: str = ""
    answer_decision: str = ""
    opened: tuple[str, ...] = ()
    """Stages at which the operator's choice released what could not be judged."""
    failures: int = 0
    """Judgements that failed or came too late, whatever became of them."""
    late: int = 0
    """Of these the ones that only came too late: an overload, no detector that fails."""
    change: str = ""
    """Digest of model, system text, tools and safety parameters."""
    change_number: int = 0
    """The registered change that it fits; 0: none."""
    fingerprint: int = 0
    """Keyed similarity fingerprint of the prompt, 64 bits; kept 30 days."""
    excerpt: str = ""
    """Of a stopped one: name of the sealed evidence, or why there is none."""
