# SPDX-License-Identifier: Apache-2.0
"""A post is proposed by a policy; a person withholds it in two countries."""

from __future__ import annotations

from typing import Any

from demo import voice
from demo.day import Day, expect, number_of

TITLE = "A post is withheld in two countries and stays visible elsewhere"
POST: dict[str, Any] = {
    "id": "post-17",
    "surface": "post",
    "author": {"id": "a-300", "country": "FR", "account_age_days": 3},
    "url": "https://agora.example/p/17",
    "language": "en",
    "text": "They repeat it every year, but the Holocaust never happened.",
}
FACTS = "Your post says that the Holocaust never happened."
REASON = "A plain denial in the author's own voice; no quotation, no irony."


def play(day: Day) -> None:
    """Post, let Mara decide, follow it to the author's page."""
    answer = day.platform.post(POST)
    proposed = answer["decision"]
    expect(proposed["outcome"], "review", "The outcome for the post")
    expect(proposed["actions"][0]["by"], "proposal", "What the policy did")
    record = day.platform.record(proposed["decision_id"])
    voice.say(
        "Agora published its policy on denial as live. A word pattern finds the post below, but a "
        "pattern never restricts speech: the policy proposes, and the post stays up."
    )
    voice.quote(POST["text"])
    voice.links([("proposal", day.page(record))])
    places = proposed["actions"][0]["territories"]
    expect(sorted(places), ["DE", "FR"], "Where the proposal would hold")
    expect(day.mara.next_case("general"), number_of(record), "The next case in the queue")
    day.mara.withhold(number_of(record), places, FACTS, REASON)
    decided = day.after(proposed["decision_id"])
    voice.say(
        "Mara, who leads the moderators, takes it as the next case, reads it, sees the statement "
        "that the author would get, and withholds the post in France and Germany, whose laws know "
        "the offence. Elsewhere it stays visible. For five seconds (thirty outside this demo) she "
        "could take it back; then Agora is told."
    )
    day.receiver.told(decided["decision_id"])
    done = day.platform.applied(decided["decision_id"])
    voice.say("Agora withheld it in both countries and confirmed that it did.")
    statement = day.platform.statement(decided["decision_id"])
    page = day.platform.public(statement["url"].removeprefix(day.base)).decode()
    expect(FACTS in page, True, "That the statement names the facts")
    voice.say("The author has a page of their own: what, where, why, and how to contest it.")
    voice.links([("decision", day.page(done)), ("the author's page", statement["url"])])
    day.story["post"] = {
        "proposal": record,
        "decision": done,
        "statement": statement["url"],
        "receipt": answer["receipt"],
    }
