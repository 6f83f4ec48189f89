# SPDX-License-Identifier: Apache-2.0
"""A post was withheld wrongly; its author complains, and another person grants it."""

from __future__ import annotations

from typing import Any

from demo import voice
from demo.browser import words
from demo.day import Day, expect, number_of
from demo.errors import DemoError
from demo.forms import form_with
from demo.person import Person
from demo.platform import until
from demo.visitor import Visitor

TITLE = "An author contests a decision, and wins"
POST: dict[str, Any] = {
    "id": "post-19",
    "surface": "post",
    "author": {"id": "a-700", "country": "DE"},
    "url": "https://agora.example/p/19",
    "language": "en",
    "text": "Somebody wrote on our school wall that the Holocaust never happened. "
    "We are meeting on Saturday to paint over it.",
}
FIELD = "csrfmiddlewaretoken"
FACTS = "Your post repeats that the Holocaust never happened."
REASON = "The sentence stands there in full."
GROUNDS = "I report what somebody wrote on a wall, and I call on people to paint over it."
ANSWER = "You are right: you report the sentence and stand against it. The post is visible again."


def play(day: Day) -> None:
    """Withhold, contest, refuse the first reviewer, grant, and see it all taken back."""
    decided, strikes = _withheld(day)
    statement = day.platform.statement(decided["decision_id"])["url"]
    expect(_strike(day.mara, strikes), "counts", "The strike of the decision")
    with Visitor(day.base) as author:
        code = author.contest(statement, GROUNDS)
    voice.say(
        "Nobody is always right. Mara withholds this post as well, and its author gets a strike. "
        "The author reads why on a page of their own and complains there, free of charge, without "
        "account or script:"
    )
    voice.quote(POST["text"])
    voice.links([("decision", day.page(decided)), ("the author's page", statement)])
    number = _heard(day)
    _taken_back(day, decided, strikes)
    with Visitor(day.base) as author:
        said = author.read_complaint(code)
        expect(ANSWER in said, True, "That the author reads the reasons")
        for one in ("Visible again in", "strike) was taken back"):
            expect(one in said, True, f"That the answer says {one!r}")
    voice.say(
        "The decision no longer stands: Agora was told and shows the post again in both countries, "
        "the strike is reversed, and the answer to the author says all of it."
    )
    voice.links(
        [
            ("complaint", f"{day.base}/console/appeals/{number}"),
            ("the author's record", f"{day.base}{strikes}"),
            ("the answer", f"{day.base}/appeal"),
            ("its code", code),
        ]
    )
    day.story["appeal"] = {
        "decision": day.platform.record(decided["decision_id"]),
        "statement": statement,
        "code": code,
        "number": number,
        "strikes": strikes,
    }


def _withheld(day: Day) -> tuple[dict[str, Any], str]:
    """Let Mara withhold the post; return her decision, applied, and the author's page."""
    proposed = day.platform.post(POST)["decision"]
    expect(proposed["outcome"], "review", "The outcome for the post")
    record = day.platform.record(proposed["decision_id"])
    places = proposed["actions"][0]["territories"]
    author = day.mara.author_of(number_of(record))
    day.mara.withhold(number_of(record), places, FACTS, REASON)
    decided = day.after(proposed["decision_id"])
    day.receiver.told(decided["decision_id"])
    return day.platform.applied(decided["decision_id"]), author


def _strike(person: Person, path: str) -> str:
    """Return what the author's page says of the one strike there is."""
    said = words(person.open(path)).partition("Strikes, the newest first")[2]
    return next((one for one in ("reversed", "counts") if one in said), "none")


def _heard(day: Day) -> int:
    """Let the complaint be refused to Mara and granted by Jonas; return its number."""
    day.jonas.open("/console/next?queue=appeals")
    number = int(day.jonas.path.rsplit("/", 1)[-1])
    expect(day.mara.complaint(number), None, "The form of the answer, for Mara")
    form = day.jonas.complaint(number)
    if form is None:
        raise DemoError("Jonas was not given the form of the answer.")
    hers = dict(form_with(day.mara.page, FIELD).fields)[FIELD]
    sent = {FIELD: hers, "outcome": "granted", "answer": ANSWER, "reason": REASON}
    expect(day.mara.refused(form, **sent), 403, "What Mara gets who sends it all the same")
    day.jonas.uphold(form, ANSWER, "Reports and condemns; a mark of quotation was missed.")
    voice.say(
        "Mara may read the complaint and not answer it: whoever decided first never hears it. "
        "Jonas, who had no part in it, reads both sides and grants it."
    )
    return number


def _taken_back(day: Day, decided: dict[str, Any], strikes: str) -> None:
    """Wait until visibility is back and the strike reversed."""
    after = day.after(decided["decision_id"])
    expect(after["territories"], [], "Where the post is still withheld")
    day.receiver.told(after["decision_id"])
    day.platform.applied(after["decision_id"])
    until(lambda: _strike(day.jonas, strikes) == "reversed", "The end of the strike")
