# SPDX-License-Identifier: Apache-2.0
"""An edit is screened anew; what was decided before stays."""

from __future__ import annotations

from typing import Any

from demo import voice
from demo.day import Day, expect

TITLE = "An edited post is screened anew"
FIRST = "A photo from our walk along the river. What a light!"
EDIT = "A photo from our walk. By the way, the gas chambers were only for delousing."
PUT_RIGHT = (
    "I wrote here that the gas chambers were only for delousing. This is false: I was wrong, "
    "here is a fact check."
)


def play(day: Day) -> None:
    """Post the same item three times, each with other words."""
    made = [_post(day, number, text) for number, text in enumerate((FIRST, EDIT, PUT_RIGHT), 1)]
    expect([one["outcome"] for one in made], ["allow", "review", "allow"], "What came of the edits")
    expect(made[1]["supersedes"], made[0]["decision_id"], "What the second decision follows")
    voice.say(
        "A harmless post is allowed. Its author edits it an hour later, and the edit is screened "
        "like a new post: it waits for a person. Then the author puts it right; a refutation uses "
        "the same words, the policy sees its marks and proposes nothing. Each version has its own "
        "decision, and none is overwritten."
    )
    edited = day.platform.record(made[1]["decision_id"])
    voice.links([("the edit", day.page(edited))])
    day.story["edit"] = {"decision": edited, "versions": [one["decision_id"] for one in made]}


def _post(day: Day, version: int, text: str) -> dict[str, Any]:
    item = {
        "id": "post-18",
        "version": version,
        "surface": "post",
        "author": {"id": "a-400", "country": "DE"},
        "language": "en",
        "text": text,
    }
    decision: dict[str, Any] = day.platform.post(item)["decision"]
    return decision
