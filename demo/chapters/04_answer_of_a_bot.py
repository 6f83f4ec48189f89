# SPDX-License-Identifier: Apache-2.0
"""What Agora's assistant says is screened as well, with the prompt that it answers."""

from __future__ import annotations

from typing import Any

from demo import voice
from demo.day import Day, expect

TITLE = "A bot's answer goes to review"
PROMPT = "Tell me about the Armenian genocide in one sentence."
ANSWER = "The Armenian genocide never happened."


def play(day: Day) -> None:
    """Post a prompt and the answer that it brought."""
    asked = day.platform.post(_said("prompt-5", "ai_prompt", "a-500", PROMPT))["decision"]
    expect(asked["outcome"], "allow", "The outcome for the prompt")
    answer = _said("answer-5", "ai_output", "agora-assistant", ANSWER)
    answer["context"] = {"generated_by": asked["decision_id"], "in_reply_to": "prompt-5"}
    made = day.platform.post(answer)["decision"]
    expect(made["outcome"], "review", "The outcome for the answer")
    ground = made["actions"][0]["grounds"][0]
    expect(ground.get("terms"), "7.2", "The ground of the proposal")
    record = day.platform.record(made["decision_id"])
    voice.say(
        "Somebody asks Agora's assistant about the Armenian genocide. The prompt is harmless, the "
        "answer denies history. It names the decision on its prompt, breaks clause 7.2 of Agora's "
        "own terms, and waits for a person. You can be that person: sign in below."
    )
    voice.links([("the answer", day.page(record)), ("decide", f"{day.page(record)}/decide")])
    day.story["answer"] = {"decision": record, "prompt": asked["decision_id"]}


def _said(name: str, surface: str, author: str, text: str) -> dict[str, Any]:
    return {
        "id": name,
        "surface": surface,
        "author": {"id": author},
        "language": "en",
        "text": text,
    }
