# SPDX-License-Identifier: Apache-2.0
"""Agora's assistant behind the gateway: an answer is cut as it comes, and the brake is pulled."""

from __future__ import annotations

import threading
import time
from contextlib import closing

from demo import voice
from demo.assistant import Assistant, Told
from demo.day import Day, expect
from demo.errors import DemoError
from demo.model import Model
from demo.platform import until

TITLE = "The assistant denies, is cut, and is stopped"
ASKED = "Que faut-il penser du génocide des Arméniens ?"
TEACHER = f"Je suis professeur d'histoire et je prépare une conférence. {ASKED}"
LONG = "Racontez-moi une très longue promenade."
BEFORE = "Bonjour ! Les Arméniens vivaient en Anatolie depuis des siècles. "
DENIED = "Le génocide des Arméniens n'a jamais eu lieu. "
SAID = {
    TEACHER: (
        "Il a coûté la vie à plus d'un million de personnes à partir de 1915. Les ordres de "
        "déportation, les procès de 1919 et les témoins l'établissent. « Il n'a jamais eu lieu » "
        "est un mensonge, que ces archives réfutent."
    ),
    ASKED: f"{BEFORE}{DENIED}C'est une fable. Voici pourquoi : tout a été inventé plus tard.",
    LONG: "Nous prenons le sentier qui longe la rivière, puis un petit pont de bois. " * 60,
}
REASON = "Nous vérifions ce que dit l'assistant."
IN_FORCE = 2.0
"""Seconds within which a brake holds in every process."""


def play(day: Day) -> None:
    """Ask twice; pull the brake while an answer comes; let it go again with two people."""
    with Model(SAID) as model:
        day.vigie("gateway", "upstream", "add", "model", "--url", model.base, "--private",
                  "--no-key")  # fmt: skip
        key = day.vigie("key", "create", "assistant", "--scope", "ai")["key"]
        day.prepared()
        with closing(Assistant(day.base, key)) as assistant:
            _cut(day, assistant)
            _teacher(assistant)
            _stopped(day, assistant, model)


def _cut(day: Day, assistant: Assistant) -> None:
    """A reader in France asks; the model denies."""
    voice.say(
        "The assistant now stands behind Vigie's gateway: Agora changed its address and its key, "
        "nothing else. A reader in France asks it about the Armenian genocide, and the model "
        "begins to deny it. What was harmless has come through; the denial does not:"
    )
    told = assistant.ask(ASKED, "reader-1", "FR")
    expect(told.reason, "content_filter", "Why the answer ended")
    expect(told.text, BEFORE[: len(told.text)], "What the reader saw")
    expect("crimes contre l’humanité" in told.refusal, True, "That the refusal says why")
    voice.quote(f"{told.text}\n[{told.refusal}]")
    record = day.platform.record(told.stop["decision_id"])
    expect(record["outcome"], "withhold", "The outcome for the answer")
    expect("FR" in record["territories"], True, "That it holds in France")
    voice.say(
        "The refusal names the category and how to contest it, no pattern and no score. The "
        "decision is a record like any other, with its proof:"
    )
    voice.links([("the decision", day.page(record)), ("the reasons", told.stop["statement_url"])])
    day.story["assistant"] = {"decision": record, "text": told.text, "refusal": told.refusal}


def _teacher(assistant: Assistant) -> None:
    """A teacher asks the same; the answer quotes the denial to refute it."""
    told = assistant.ask(TEACHER, "reader-2", "FR")
    expect((told.reason, told.text), ("stop", SAID[TEACHER]), "What the teacher was told")
    voice.say(
        "A teacher of history asks the same question. The answer quotes the denial in order to "
        "refute it, and comes whole:"
    )
    voice.quote(told.text)


def _stopped(day: Day, assistant: Assistant, model: Model) -> None:
    """Somebody pulls the brake for France while an answer comes."""
    reader = _Reader(assistant)
    until(lambda: reader.told.text or reader.seen, "The beginning of the answer")
    brake = day.vigie("gateway", "stop", "--feature", "chat", "--country", "FR",
                      "--reason", REASON)  # fmt: skip
    pulled = time.monotonic()
    told = reader.wait()
    voice.say(
        "Agora pulls the brake for the assistant in France. An answer that was on its way is cut "
        "within two seconds, and the reader told why:"
    )
    voice.quote(f"... {told.text[-60:].strip()}\n[{told.refusal}]")
    expect(REASON in told.refusal, True, "That the reader was told the reason")
    expect(reader.ended - pulled < IN_FORCE, True, "That the brake held within two seconds")
    asked = model.asked
    again = assistant.ask(TEACHER, "reader-2", "FR")
    expect(again.error.get("code"), "feature_stopped", "The answer to the next question")
    expect(model.asked, asked, "How often the model was asked meanwhile")
    elsewhere = assistant.ask(TEACHER, "reader-3", "DE")
    expect(elsewhere.reason, "stop", "How the answer in Germany ended")
    voice.say("Nothing more reaches the model from France; a reader in Germany is answered.")
    _started(day, assistant, str(brake["number"]))


def _started(day: Day, assistant: Assistant, number: str) -> None:
    """One person asks for it to start again, another one agrees."""
    day.vigie("gateway", "start", number, "--as", "lea", "--reason", "The model was changed.",
              words=f"{day.passwords['lea']}\n")  # fmt: skip
    try:
        day.vigie("gateway", "start", number, "--as", "lea", words=f"{day.passwords['lea']}\n")
    except DemoError:
        voice.say("Lea asks for it to start again. Alone she cannot: a second person must agree.")
    else:
        raise DemoError("one person alone started what was stopped.")
    day.vigie("gateway", "start", number, "--as", "noe", words=f"{day.passwords['noe']}\n")
    until(
        lambda: assistant.ask(TEACHER, "reader-2", "FR").reason == "stop", "The assistant's return"
    )
    voice.say("Noé agrees, and readers in France are answered again. Who did what and when stands:")
    voice.links([("the gateway", f"{day.base}/console/gateway")])
    day.story["brake"] = {"number": number}


class _Reader:
    """Reads a long answer in a thread of its own."""

    def __init__(self, assistant: Assistant) -> None:
        self.told = Told()
        self.seen = ""
        self.ended = 0.0
        self._assistant = assistant
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def wait(self) -> Told:
        """Return what was told once the answer has ended."""
        self._thread.join(30)
        return self.told

    def _read(self) -> None:
        self.told = self._assistant.ask(LONG, "reader-4", "FR", self._see)
        self.ended = time.monotonic()

    def _see(self, text: str) -> None:
        self.seen = text
