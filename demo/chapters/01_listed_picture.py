# SPDX-License-Identifier: Apache-2.0
"""A picture that a hash list holds is stopped everywhere, without a person."""

from __future__ import annotations

import base64
import hashlib

from demo import pictures, voice
from demo.day import Day, expect

TITLE = "A listed picture is stopped everywhere"
BANK = "agora-partner-list"


def play(day: Day) -> None:
    """List a picture by its hash alone, then post it."""
    listed, other = pictures.waves(7), pictures.waves(12)
    _list(day, hashlib.sha256(listed).hexdigest())
    voice.say(
        "A partner's list of known child abuse material holds one SHA-256. The picture behind it "
        "is an abstract pattern that this demo draws; the list knows its hash only."
    )
    allowed = day.platform.post(_picture("picture-1", "a-100", other))["decision"]
    expect(allowed["outcome"], "allow", "The outcome for another picture")
    answer = day.platform.post(_picture("picture-2", "a-200", listed))
    decision = answer["decision"]
    expect(decision["outcome"], "remove", "The outcome for the listed picture")
    action = decision["actions"][0]
    expect(action["by"], "rule a", "What acted")
    expect("*" in action["territories"], True, "That it holds everywhere")
    voice.say(
        "Agora posts two pictures. One is allowed. The other has exactly the listed bytes: it is "
        "removed everywhere, by rule (a), one of the few things that act without a person. No copy "
        "of it is kept anywhere."
    )
    done = day.platform.applied(decision["decision_id"])
    voice.say(
        "Agora was told by a signed webhook, took it down and confirmed the effect. At the console "
        "the people of child safety alone find this record."
    )
    voice.links(
        [
            ("the log", f"{day.base}/console/log"),
            ("what may act alone", f"{day.base}/console/policies"),
        ]
    )
    day.story["picture"] = {"decision": done, "sha256": hashlib.sha256(listed).hexdigest()}
    day.story["harmless"] = {"decision_id": allowed["decision_id"]}


def _list(day: Day, sha256: str) -> None:
    bank = {
        "name": BANK,
        "class": "child",
        "owner": "partner.example",
        "description": "Synthetic: abstract patterns drawn by the demo.",
    }
    day.platform.ask("POST", "/api/v1/banks", json=bank)
    entries = {"entries": [{"algorithm": "sha256", "value": sha256}]}
    taken = day.platform.ask("POST", f"/api/v1/banks/{BANK}/entries", json=entries)
    expect(taken["taken"], 1, "The number of hashes taken")
    day.prepared()


def _picture(name: str, author: str, data: bytes) -> dict[str, object]:
    media = {"base64": base64.b64encode(data).decode(), "mime": "image/png"}
    return {"id": name, "surface": "post", "author": {"id": author}, "media": [media]}
