# SPDX-License-Identifier: Apache-2.0
"""What the stub of a model says and what its users ask: harmless, never twice the same."""

from __future__ import annotations

import random
from typing import Final

TOKENS: Final = 40
SENTENCES: Final = (
    "Boil the potatoes in salted water until a knife goes in without effort.",
    "The ferry leaves every second hour and the crossing takes about fifty minutes.",
    "Most of these beetles live in dead wood and are seldom seen by day.",
    "You may pay by card, in cash at the counter, or by transfer within two weeks.",
    "A good map of the harbour hangs beside the ticket office on the left.",
    "Water the young trees once a week in their first summer, rather much than often.",
    "The museum shows tools of carpenters, coopers and wheelwrights from four centuries.",
    "If the screen stays dark, hold the lower button for ten seconds and try again.",
    "Nobody had expected rain, so the concert moved into the old market hall.",
    "Three of the five bridges were rebuilt in stone after the flood.",
    "Write the total in the last column and sign below the line.",
    "Her second novel follows a lighthouse keeper through one very long winter.",
    "The road climbs slowly between hedges before it opens onto the plateau.",
    "Salt, time and a cool cellar are all that this cheese needs.",
    "Please bring the form, a photograph and proof of your address.",
    "In the evening the swifts gather above the tower and fall silent at once.",
)


def answer(number: int, count: int = TOKENS) -> list[str]:
    """Return the tokens of one answer: words with the space before them."""
    rng = random.Random(number)
    words: list[str] = []
    while len(words) < count:
        words += rng.choice(SENTENCES).split()
    return [word if n == 0 else f" {word}" for n, word in enumerate(words[:count])]


def prompt(number: int) -> str:
    """Return one question, told from all others by a number inside."""
    first, second = random.Random(-number).sample(SENTENCES, 2)
    return f"{first} {second} Please explain note {number} in a few plain words."
