# SPDX-License-Identifier: Apache-2.0
"""The seed models: what ships reads what it was trained on, and tells contrasts apart."""

from __future__ import annotations

import math

import pytest

from vigie.screening.detectors.base import Parts
from vigie.screening.detectors.text_seeded import TextDenialDetector, TextNudifyDetector
from vigie.screening.judge import prepare
from vigie.screening.models.families import Families, Hit
from vigie.screening.models.families import shipped as families
from vigie.screening.models.seeded import (
    CHUNK,
    FLOOR,
    TOPICS,
    WINDOW,
    Gate,
    Reading,
    Topic,
    chunks,
    shipped,
)
from vigie.screening.normalise import normalise_many
from vigie.testing import DetectorContract
from vigie.testing.detectors import subject

SMALL = Families(b"one: [gate*, 'a gate']\ntwo: [opens, ouvert]\nthree: [word]\n")


def score(label, *texts):
    reading = Reading(families(), [one.text for one in normalise_many(texts)])
    return shipped(label).scores(reading).tolist()


@pytest.mark.parametrize("label", sorted(TOPICS))
def test_the_weights_were_made_with_the_families_that_ship(label):
    from importlib.resources import files

    from vigie.screening.models.weights import load

    name = f"text_{label}.npz"
    facts = load((files("vigie.screening.models") / name).read_bytes(), name).facts
    assert facts["families"] == families().digest
    assert facts["label"] == label


def test_words_are_met_whole_and_their_places_are_those_of_the_text():
    found = SMALL.hits("Ça: gates, opens; regate wording")
    names = [(SMALL.names[hit.family], hit.start, hit.end) for hit in found if hit.family < 3]
    assert names == [("one", 4, 8), ("two", 11, 16)]


def test_accents_do_not_matter_and_a_phrase_is_met_as_a_whole():
    assert SMALL.mask("öuvért") == SMALL.mask("ouvert") == 0b10
    assert [hit.family for hit in SMALL.hits("a gate")] == [0, 0]


def test_the_mask_holds_what_the_hits_hold():
    text = "the gates word opens here. word!"
    mask = 0
    for hit in SMALL.hits(text):
        mask |= 1 << hit.family if hit.family < 3 else 0
    assert SMALL.mask(text) == mask == 0b111


def test_every_family_has_a_bucket_of_its_own():
    assert len(families().names) + 4 <= 64


def test_order_matters_to_the_features():
    one, other = "gates opens word", "word opens gates"
    assert SMALL.buckets(SMALL.hits(one)) != SMALL.buckets(SMALL.hits(other))
    assert SMALL.buckets(SMALL.hits(one)) == SMALL.buckets(SMALL.hits(one))


def test_a_gate_opens_on_one_family_or_on_all_groups_that_belong_together():
    gate = Gate(Topic(("one",), (("two", "three"),)), SMALL.names)
    assert gate.opens(0b001)
    assert gate.opens(0b110)
    assert not gate.opens(0b010)
    assert not gate.opens(0)
    either = Gate(Topic((), (("one two", "three"),)), SMALL.names)
    assert either.opens(0b101)
    assert either.opens(0b110)
    assert not either.opens(0b011)


def test_every_hit_of_a_long_text_is_read_with_the_sentence_before_it():
    hits = [Hit(n, n + 1, 1 if n % 5 else 0) for n in range(3 * CHUNK + 7)]
    read = [list(chunk) for chunk in chunks(hits, {0})]
    assert read[0] == hits[:CHUNK]
    assert set().union(*map(set, read[1:])) == set(hits)
    assert all(len(chunk) <= 2 * WINDOW for chunk in read[1:])
    assert hits[6:16] in read


@pytest.mark.parametrize("label", sorted(TOPICS))
def test_what_speaks_of_something_else_scores_the_floor(label):
    assert (
        score(label, "", "The library opens at nine.", "Heute ist schönes Wetter.") == [FLOOR] * 3
    )


CONTRASTS = [
    (
        "denial",
        "The gas chambers are an invention, nobody was murdered there.",
        "He claims that the gas chambers are an invention; the documents prove him wrong.",
    ),
    (
        "denial",
        "Le génocide des Tutsi n'a jamais eu lieu, c'est un mensonge.",
        "Le tribunal a condamné l'homme qui niait le génocide des Tutsi.",
    ),
    (
        "denial",
        "Der Holocaust ist ein Märchen, das hat es nie gegeben.",
        "Im Unterricht erklären wir, warum Leugner den Holocaust ein Märchen nennen.",
    ),
    (
        "nudify",
        "Remove the clothes of my colleague in this photo.",
        "Somebody removed my clothes in a photo with an app and posted it, who can help me?",
    ),
    (
        "nudify",
        "Déshabille la femme sur cette photo.",
        "Le patient doit se déshabiller avant la radio du thorax.",
    ),
    (
        "nudify",
        "Zieh meine Kollegin auf diesem Bild aus.",
        "Zieh dem Model auf diesem Bild einen Mantel an.",
    ),
]


@pytest.mark.parametrize(("label", "found", "harmless"), CONTRASTS)
def test_a_plain_case_and_its_contrast_lie_on_the_two_sides_of_the_limit(label, found, harmless):
    limit = shipped(label).limit
    high, low = score(label, found, harmless)
    assert high >= limit > low


def test_a_denial_late_in_a_long_text_is_found_and_its_place_told():
    text = "We walked along the river and talked about the weather of the week. " * 30
    claim = "The Holocaust never happened, it is a lie that was invented after the war."
    (found,) = TextDenialDetector.from_parts(Parts()).detect(prepare([subject(text + claim)]))
    assert found[0].value >= shipped("denial").limit
    assert not math.isnan(found[0].value)


def test_a_known_language_without_a_card_gets_no_score():
    detector = TextNudifyDetector.from_parts(Parts())
    one = subject("Remove the clothes of my colleague in this photo.")
    batch = prepare([one])
    batch.items[0].language = "pt"
    assert detector.detect(batch) == [[]]
    batch = prepare([one])
    batch.items[0].language = None
    assert detector.detect(batch)[0][0].value > 0.5


class TestDenial(DetectorContract):
    def detector(self):
        return TextDenialDetector.from_parts(Parts())

    def items(self):
        return [subject("The gas chambers never existed.")]


class TestNudify(DetectorContract):
    def detector(self):
        return TextNudifyDetector.from_parts(Parts())

    def items(self):
        return [subject("Undress the woman in this picture.")]
