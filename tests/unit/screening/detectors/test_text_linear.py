# SPDX-License-Identifier: Apache-2.0
"""The text model as a detector: a score where the card supports the language, else silence."""

from __future__ import annotations

import pytest

from vigie.core.item import Author, Item, Subject, Surface
from vigie.screening.batch import Batch, Prepared
from vigie.screening.detectors.base import Parts
from vigie.screening.detectors.text_linear import TextLinearDetector
from vigie.screening.models.features import make_features
from vigie.screening.models.linear import shipped
from vigie.screening.normalise import normalise

DETECTOR = TextLinearDetector.from_parts(Parts())
TEXT = "These people are all the same, I say"


def prepared(text, language):
    item = Item(id="i", surface=Surface.POST, author=Author(id="a"), text=text)
    return Prepared(Subject(item), normal=normalise(text) if text else None, language=language)


@pytest.mark.parametrize("language", sorted(shipped().languages))
def test_a_language_of_the_card_gets_a_score(language):
    ((signal,),) = DETECTOR.detect(Batch([prepared(TEXT, language)]))
    assert (signal.detector, signal.label, signal.status) == ("text.linear", "hate", "ok")
    assert 0 < signal.value < 1
    assert signal.span is None


@pytest.mark.parametrize("language", [None, "it", "es", "xx"])
def test_another_language_gets_no_score_rather_than_a_low_one(language):
    assert DETECTOR.detect(Batch([prepared(TEXT, language)])) == [[]]


def test_items_of_all_kinds_keep_their_places():
    items = [prepared(TEXT, "en"), prepared(None, "en"), prepared(TEXT, None), prepared("Hm", "de")]
    assert [len(found) for found in DETECTOR.detect(Batch(items))] == [1, 0, 0, 1]


def test_features_made_for_the_batch_give_the_same_score():
    items = [prepared(TEXT, "en"), prepared("Something else", "fr")]
    features = make_features([one.normal.text for one in items])
    assert DETECTOR.detect(Batch(items, features)) == DETECTOR.detect(Batch(items))


def test_the_version_names_the_weights():
    assert DETECTOR.version == f"1-{shipped().digest[:12]}"
