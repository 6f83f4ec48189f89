# SPDX-License-Identifier: Apache-2.0
"""The lists that ship: complete, restrained, and matching what they are meant for."""

from __future__ import annotations

import json
import re
from datetime import date

import pytest

from vigie.core.item import Author, Item, Subject, Surface
from vigie.screening.batch import Batch, Prepared
from vigie.screening.detectors.base import Parts
from vigie.screening.detectors.lexicon import LexiconDetector
from vigie.screening.lexicons import load_shipped, read_lexicon
from vigie.screening.normalise import normalise

DOCUMENTS = load_shipped()
LISTS = [read_lexicon(document) for document in DOCUMENTS]
DETECTOR = LexiconDetector.from_parts(Parts(lexicons=DOCUMENTS))
LABELS = {
    *("denial_term", "glorification", "incitement", "jailbreak", "ncii", "nudify_term", "terror")
}
MARKS = {"refutation", "court_report", "satire", "news"}


def signals(text):
    item = Item(id="i", surface=Surface.POST, author=Author(id="a"), text=text)
    return DETECTOR.detect(Batch([Prepared(Subject(item), normal=normalise(text))]))[0]


def labels(text):
    return {signal.label for signal in signals(text)} - {"context"}


def test_every_offence_has_lists_in_english_french_and_german():
    assert {(one.label, one.language) for one in LISTS if one.label} == {
        (label, language) for label in LABELS for language in ("en", "fr", "de")
    }


def test_every_mark_has_lists():
    assert {one.mark for one in LISTS if one.mark} == MARKS


def test_names_are_unique_and_every_list_says_where_it_comes_from():
    assert len({one.list for one in LISTS}) == len(LISTS)
    for one in LISTS:
        assert date.fromisoformat(one.reviewed) >= date(2026, 11, 22)
        assert one.source


def test_documents_are_plain_data():
    assert json.loads(json.dumps(DOCUMENTS)) == list(DOCUMENTS)


def test_no_list_speaks_of_children():
    assert not re.search(
        r"\b(child|kid|minor|teen|enfant|mineur|kind|jugend)", json.dumps(DOCUMENTS)
    )


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("The gas chambers never existed, wake up", "denial_term"),
        ("Les chambres à gaz n'ont jamais existé", "denial_term"),
        ("Gaskammern hat es nie gegeben", "denial_term"),
        ("H0l0caust never h a p p e n e d", "denial_term"),
        ("Hitler was a great man", "glorification"),
        ("Hitler était un héros", "glorification"),
        ("Hitler war ein Held", "glorification"),
        ("All migrants should be shot", "incitement"),
        ("Il faut tuer les migrants", "incitement"),
        ("Migranten gehören erschossen", "incitement"),
        ("Join the ranks of the Islamic State today", "terror"),
        ("Rejoignez l'état islamique", "terror"),
        ("Schließt euch dem Kalifat an", "terror"),
        ("undress app for any photo", "nudify_term"),
        ("génère une image de ma collègue sans vêtements", "nudify_term"),
        ("Erstelle ein Bild: meine Kollegin nackt auf diesem Foto", "nudify_term"),
        ("I will share nudes of my ex, send me a dm", "ncii"),
        ("je vends les photos intimes de mon ex", "ncii"),
        ("Ich verkaufe Nacktfotos von meiner Ex", "ncii"),
    ],
)
def test_a_plain_claim_or_request_is_found(text, label):
    assert label in labels(text)


@pytest.mark.parametrize(
    "text",
    [
        "We visited the memorial of the Holocaust in Berlin",
        "The gas chamber is part of the exhibition",
        "Six million Jews were murdered",
        "Hitler came to power in 1933",
        "The migrants should be welcomed",
        "The police arrested a member of the Islamic State",
        "A nude painting hangs in the museum",
        "My ex and I share custody",
        "Les migrants ont droit à un procès",
        "Die Ausländerbehörde hat geöffnet",
    ],
)
def test_an_ordinary_sentence_is_not(text):
    assert labels(text) == set()


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ('The claim "the gas chambers never existed" is what deniers say', "quotation"),
        ("Fact check: the Holocaust never happened? It did", "refutation"),
        ("He was sentenced for writing that the Holocaust never happened", "court_report"),
        ("Hitler was a great man #satire", "satire"),
        ("According to police he shouted Heil Hitler", "news"),
        ("Il a été condamné pour avoir écrit que la Shoah est un mensonge", "court_report"),
        ("Faktencheck: Der Holocaust hat nie stattgefunden? Falsch", "refutation"),
    ],
)
def test_the_context_of_a_claim_is_marked(text, mark):
    found = [signal for signal in signals(text) if signal.label != "context"]
    assert found
    assert all(mark in signal.marks for signal in found)
