# SPDX-License-Identifier: Apache-2.0
"""A lexicon document is checked whole, and a refusal names the field."""

from __future__ import annotations

import pytest

from vigie.core.errors import InvalidInputError
from vigie.screening.lexicons import read_lexicon

GOOD = {
    "list": "made",
    "label": "terms",
    "source": "made for a test",
    "reviewed": "2026-11-22",
    "confidence": "low",
    "terms": ["blue"],
}


def test_a_good_document_is_read():
    lexicon = read_lexicon(GOOD)
    assert (lexicon.list, lexicon.label, lexicon.terms) == ("made", "terms", ("blue",))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"list": "No Spaces"}, "list"),
        ({"terms": ["", "blue"]}, "terms[0]"),
        ({"terms": ["blue", 7]}, "terms[1]"),
        ({"terms": ["x" * 201]}, "terms[0]"),
        ({"weight": 0}, "weight"),
        ({"weight": 2}, "weight"),
        ({"confidence": "sure"}, "confidence"),
        ({"patterns": [{"name": "p", "near": []}]}, "patterns[0].near"),
        ({"patterns": [{"name": "p", "near": [[]]}]}, "patterns[0].near[0]"),
        ({"patterns": [{"name": "p", "near": [["a"]], "within": 0}]}, "patterns[0].within"),
        ({"mark": "satire"}, "label"),
        ({"label": None}, "label"),
    ],
)
def test_a_broken_document_is_refused_with_its_field(change, field):
    with pytest.raises(InvalidInputError) as refused:
        read_lexicon({**GOOD, **change})
    assert (refused.value.code, refused.value.field) == ("lexicon_invalid", field)


@pytest.mark.parametrize("missing", ["list", "source", "reviewed", "confidence"])
def test_a_document_without_a_field_is_refused(missing):
    with pytest.raises(InvalidInputError, match=missing):
        read_lexicon({key: value for key, value in GOOD.items() if key != missing})


def test_an_unknown_field_is_refused():
    with pytest.raises(InvalidInputError, match="terns"):
        read_lexicon({**GOOD, "terns": ["blue"]})


@pytest.mark.parametrize("document", [[], "text", None, 7])
def test_what_is_no_document_is_refused(document):
    with pytest.raises(InvalidInputError):
        read_lexicon(document)
