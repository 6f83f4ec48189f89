# SPDX-License-Identifier: Apache-2.0
"""The day: who takes part, what the operator prepared, and its chapters in order."""

from __future__ import annotations

import importlib
import json
import pkgutil
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from demo import chapters, voice
from demo.errors import DemoError
from demo.gallery import Gallery
from demo.person import Person
from demo.platform import Platform, until
from demo.receiver import Receiver, confirm_with
from demo.server import Server

NAME = "mara"
ROLES = {NAME: "senior", "jonas": "senior", "lea": "legal", "noe": "legal"}
POLICIES = Path(__file__).parent / "policies"
STABLE = 1.5


@dataclass(frozen=True)
class Day:
    """What a chapter is given."""

    platform: Platform
    """Agora: an address and a key."""
    mara: Person
    """She leads the moderators: an address and a login."""
    jonas: Person
    """He hears complaints, of which he decided nothing before."""
    lea: Person
    """She answers authorities."""
    noe: Person
    """He does so too: what one asks for, the other agrees to."""
    receiver: Receiver
    """Where Agora is told."""
    gallery: Gallery
    """Where Agora serves the pictures of its posts."""
    log_key: str
    """The log's public key, as the operator hands it to outsiders."""
    folder: Path
    """Where somebody outside keeps what they downloaded."""
    mails: Path
    """What the operator's mail server would have been given."""
    vigie: Callable[..., Any]
    """Runs a command of Vigie on the server and returns what it says."""
    passwords: dict[str, str]
    """Of the operator's people, for commands that ask for one."""
    story: dict[str, Any] = field(default_factory=dict)
    """What happened, for whoever checks the day afterwards."""

    @property
    def base(self) -> str:
        """The server's address."""
        return self.platform.base

    def page(self, record: dict[str, Any]) -> str:
        """Return the console page of a recorded decision."""
        return f"{self.base}/console/decisions/{number_of(record)}"

    def after(self, decision_id: str) -> dict[str, Any]:
        """Return the decision that stands in the place of another one."""

        def look() -> object:
            return self.platform.record(decision_id)["superseded_by"]

        return self.platform.record(str(until(look, "The decision of a person")))

    def prepared(self) -> int:
        """Wait until what the operator changed is in force; return the Snapshot's number."""
        since, last = time.monotonic(), 0

        def look() -> int:
            nonlocal since, last
            number = int(json.loads(self.platform.public("/readyz"))["snapshot"])
            if number != last:
                since, last = time.monotonic(), number
            return number if time.monotonic() - since > STABLE else 0

        number: int = until(look, "The new Snapshot")
        return number


def number_of(record: dict[str, Any]) -> int:
    """Return the short number that people see: D-7 is 7."""
    return int(record["label"].removeprefix("D-"))


def expect(found: object, wanted: object, what: str) -> None:
    """End the demo where the story is not what happened."""
    if found != wanted:
        raise DemoError(f"{what} is {found!r}, the story says {wanted!r}.")


def play(server: Server) -> dict[str, Any]:
    """Play every chapter; return what happened, also kept as story.json."""
    begun = time.monotonic()
    with ExitStack() as stack:
        day = _begin(server, stack)
        for number, name in enumerate(names(), start=1):
            chapter = importlib.import_module(f"demo.chapters.{name}")
            voice.title(number, chapter.TITLE)
            chapter.play(day)
    day.story["seconds"] = round(time.monotonic() - begun, 1)
    day.story["link"] = server.vigie("account", "link", NAME)["link"]
    text = json.dumps(day.story, indent=1)
    (server.folder / "story.json").write_text(text, encoding="utf-8")
    voice.say("", "Sign in as Mara, one time, within 15 minutes:")
    voice.links([("link", day.story["link"])])
    return day.story


def names() -> list[str]:
    """Return the chapters in the order of their numbers."""
    return sorted(module.name for module in pkgutil.iter_modules(chapters.__path__))


def _begin(server: Server, stack: ExitStack) -> Day:
    """Do the operator's part, and bring everybody together."""
    outside = server.folder / "outside"
    outside.mkdir()
    scopes = ("--scope", "trusted", "--scope", "records")
    key = server.vigie("key", "create", "agora", *scopes)["key"]
    logins = {
        name: server.vigie("account", "create", name, "--role", role)["password"]
        for name, role in ROLES.items()
    }
    platform = stack.enter_context(closing(Platform(server.base, key)))
    receiver = stack.enter_context(Receiver(confirm_with(platform.confirm)))
    receiver.secret = server.vigie("webhook", "add", receiver.url)["secret"]
    server.until_ready()
    people = {name: stack.enter_context(Person(server.base)) for name in logins}
    own = {name: people[name].sign_in(name, password) for name, password in logins.items()}
    day = Day(
        platform=platform,
        mara=people[NAME],
        jonas=people["jonas"],
        lea=people["lea"],
        noe=people["noe"],
        receiver=receiver,
        gallery=stack.enter_context(Gallery()),
        log_key=server.facts["log_key"],
        folder=outside,
        mails=server.mails,
        vigie=server.vigie,
        passwords=own,
    )
    day.story.update({"base": server.base, "log_key": day.log_key, "key": key})
    _publish(day)
    return day


def _publish(day: Day) -> None:
    """Publish Agora's own policies as live; shipped ones begin in shadow."""
    sources = [path.read_text(encoding="utf-8") for path in sorted(POLICIES.glob("*.yaml"))]
    body = {"policies": [{"source": one, "state": "live"} for one in sources]}
    answer = day.platform.ask("POST", "/api/v1/policies", json=body)
    for result in answer["results"]:
        if result["error"] is not None:
            raise DemoError(f"a policy was refused: {result['error']['message']}")
