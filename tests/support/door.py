# SPDX-License-Identifier: Apache-2.0
"""A machine door over a folder of its own, without store and without jobs.

Keys and Snapshot are written as `jobs` would write them; what is planted in the
lexicon are invented words, and listed pictures are synthetic.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
from starlette.testclient import TestClient

from vigie import keys
from vigie.asgi import _machine_app
from vigie.bootstrap import Door, open_door
from vigie.core.clock import Clock, iso
from vigie.core.decision import Ground
from vigie.core.gateway import Brake, GatewayConf, KnownChange
from vigie.law import load, to_document
from vigie.screening.access import AccessKey, Scope, digest_of
from vigie.screening.matching.base import BankClass, IndexRow, Ref
from vigie.screening.policy import ActivePolicy, Policy, PolicyState, load_policy, shipped_policies
from vigie.screening.snapshot import Decided, Operator
from vigie.screening.snapshot_files import Manifest, current_number, write_manifest, write_part
from vigie.settings import Settings

NOW = 1_795_381_200_000
TRUSTED, PUBLIC, RECORDS, AGORA, SLOW = (f"vg_{name}" for name in ("t", "p", "r", "a", "s"))
PLANTED = "zorblax quendor"
"""Words of no language; the planted list knows them."""
CLAUSE = "house rule 7"
KEYS = (
    AccessKey(id="1", sha256=digest_of(TRUSTED), scopes=(Scope.TRUSTED,)),
    AccessKey(id="2", sha256=digest_of(PUBLIC), scopes=(Scope.PUBLIC,)),
    AccessKey(id="3", sha256=digest_of(RECORDS), scopes=(Scope.RECORDS,)),
    AccessKey(id="4", sha256=digest_of(AGORA), scopes=(Scope.TRUSTED,), service="agora"),
    AccessKey(id="5", sha256=digest_of(SLOW), scopes=(Scope.TRUSTED,), per_second=2),
)
LEXICON = {
    "list": "planted",
    "label": "planted",
    "source": "invented",
    "reviewed": "2026-11-22",
    "confidence": "high",
    "terms": [PLANTED],
}
_JSON = msgspec.json.Encoder()


def policy(name: str, *, score: str = "planted", **changed: Any) -> Policy:
    """Return a policy on one label; by default on a clause of the terms."""
    words = {"en": name, "fr": name, "de": name}
    document: dict[str, Any] = {
        "id": name,
        "version": 1,
        "title": words,
        "description": "Planted for a test.",
        "when": {"score": f"score.{score} >= limit.planted"},
        "limits": {"planted": 0.5},
        "action": "withhold",
        "tests": [
            {"name": "fires", "given": {f"score.{score}": 0.9}, "expect": "fires"},
            {"name": "is quiet", "given": {f"score.{score}": 0.1}, "expect": "quiet"},
        ],
    }
    if "offences" not in changed:
        document["terms"] = {"clause": CLAUSE, "title": words}
    return load_policy(json.dumps({**document, **changed}), f"{name}.yaml")


def shipped(name: str) -> Policy:
    """Return a policy of the starter set."""
    return load_policy(shipped_policies()[f"{name}.yaml"], f"{name}.yaml")


def live(*policies: Policy) -> list[ActivePolicy]:
    """Return policies as they stand when they are live."""
    return [ActivePolicy(one, PolicyState.LIVE) for one in policies]


def shadow(*policies: Policy) -> list[ActivePolicy]:
    """Return policies as they stand in shadow."""
    return [ActivePolicy(one, PolicyState.SHADOW) for one in policies]


def listed(value: bytes, cls: str = "child", algorithm: str = "sha256", n: int = 1) -> IndexRow:
    """Return a line of list number `n`."""
    return IndexRow(algorithm, value, Ref(f"bank-{n}", f"owner-{n}", BankClass(cls)))


def decided(sha256: str, **changed: Any) -> Decided:
    """Return a person's decision on media, for rule (b)."""
    given: dict[str, Any] = {
        "sha256": sha256,
        "decision_id": "s-1-0000000000",
        "action": "DECISION_VISIBILITY_CONTENT_DISABLED",
        "territories": ("DE", "FR"),
        "policy": "incitement",
        "version": 1,
        "ground": Ground(terms=CLAUSE),
    }
    return Decided(**{**given, **changed})


def default_policies() -> list[ActivePolicy]:
    """A planted clause that proposes, a planted offence, and known child material."""
    offence = policy("planted_offence", offences=["fr_denial", "de_130_denial"])
    return live(shipped("known_child_material"), policy("planted_clause"), offence)


def publish(
    folder: Path,
    *,
    policies: Sequence[ActivePolicy] | None = None,
    lexicons: Sequence[dict[str, Any]] = (LEXICON,),
    index: Sequence[IndexRow] = (),
    access: Sequence[AccessKey] = KEYS,
    media: Sequence[Decided] = (),
    operator: Operator | None = None,
    gateway: GatewayConf | None = None,
    brakes: Sequence[Brake] = (),
    changes: Sequence[KnownChange] = (),
) -> int:
    """Put a Snapshot in force and return its number."""
    parts = {
        "policies": _JSON.encode(default_policies() if policies is None else list(policies)),
        "law": to_document(load()),
        "lexicons": _JSON.encode(list(lexicons)),
        "domains": b"[]",
        "keys": _JSON.encode(list(access)),
        "decided": _JSON.encode(list(media)),
        "operator": _JSON.encode(operator or Operator(served=("AT", "DE", "FR"))),
        "index_tail": _JSON.encode(list(index)),
        "gateway": _JSON.encode(gateway or GatewayConf()),
        "brakes": _JSON.encode(list(brakes)),
        "changes": _JSON.encode(list(changes)),
    }
    number = current_number(folder) + 1
    digests = {name: write_part(folder, content) for name, content in parts.items()}
    write_manifest(folder, Manifest(number=number, at=iso(NOW), parts=digests))
    return number


def set_up(folder: Path, **parts: Any) -> Settings:
    """Make keys and a first Snapshot in a data folder; return its settings."""
    wanted = {name: parts.pop(name) for name in list(parts) if name in SETTINGS}
    given: dict[str, Any] = {"countries": ("AT", "DE", "FR"), "decoders": 1, "sample_rate": 0.0}
    settings = Settings(data_dir=folder, **{**given, **wanted})
    keys.create_missing(settings.keys_dir)
    publish(settings.snapshots_dir, **parts)
    return settings


SETTINGS = frozenset(Settings.__dataclass_fields__)


class Client:
    """Speaks to a door as a platform would."""

    def __init__(self, door: Door, http: TestClient) -> None:
        self.door = door
        self.http = http

    def post(self, body: Any, key: str = TRUSTED, **headers: str) -> Any:
        """Post items, given as values or as raw bytes; return the response."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        given = {"authorization": f"Bearer {key}", **named}
        return self.http.post("/v1/items", content=content, headers=given)

    def get(self, path: str, key: str = TRUSTED) -> Any:
        """Ask for a path."""
        return self.http.get(path, headers={"authorization": f"Bearer {key}"})

    def decide(self, key: str = TRUSTED, **fields: Any) -> dict[str, Any]:
        """Post one item; return the whole answer, which must be 200."""
        answer = self.post(item(**fields), key)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def refused(self, body: Any, key: str = TRUSTED, **headers: str) -> dict[str, Any]:
        """Post what must be refused; return the error with its status."""
        answer = self.post(body, key, **headers)
        assert answer.status_code >= 400, answer.text
        assert set(answer.json()) == {"error"}
        return {"status": answer.status_code, **answer.json()["error"]}


def item(**fields: Any) -> dict[str, Any]:
    """Return an item that is accepted as it stands; None takes a field away."""
    given = {"id": "p-1", "surface": "post", "author": {"id": "a-9"}, "text": "Good morning."}
    return {name: value for name, value in {**given, **fields}.items() if value is not None}


@contextlib.contextmanager
def opened(settings: Settings, clock: Clock | None = None) -> Iterator[Client]:
    """Open the door of a folder and close it again."""
    door = open_door(settings, clock)
    with TestClient(_machine_app(settings, door), raise_server_exceptions=False) as http:
        yield Client(door, http)
