# SPDX-License-Identifier: Apache-2.0
"""Sets of prompts are read in the shapes in which they are found."""

from __future__ import annotations

import json

import pytest

from vigie.core.errors import InvalidInputError
from vigie.evals.gateway.prompts import Prompt, Reading, read, read_terms


def test_the_own_shape_needs_no_columns_named(tmp_path):
    path = tmp_path / "set.csv"
    path.write_text(
        "text,language,label,category,country,forbidden\n"
        'Hello there,en,allow,greeting,fr,\n"A, b",de,1,test,DE,alphaquill|beta quill\n'
    )
    assert read(path, Reading()) == [
        Prompt(1, "Hello there", block=False, language="en", country="FR", category="greeting"),
        Prompt(2, "A, b", block=True, language="de", country="DE", category="test",
               forbidden=("alphaquill", "beta quill")),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "text", "wanted"),
    [
        ("a.csv", "prompt_text,hazard,locale\nHello,hte,en\n", ("Hello", "hte")),
        ("b.csv", "id,harm_area,category,prompts_final\n1,x,y,Hello\n", ("Hello", "y")),
        ("c.csv", "Behavior,SemanticCategory,ContextString\nHello,z,\n", ("Hello", "z")),
        ("d.csv", "Behavior,SemanticCategory,ContextString\nHello,z,Before\n",
         ("Before\n\nHello", "z")),
        ("e.json", json.dumps(["Hello"]), ("Hello", "")),
        ("f.txt", "Hello\n\n", ("Hello", "")),
        ("g.jsonl", json.dumps({"prompt": "Hello", "category": "q"}) + "\n", ("Hello", "q")),
    ],
)  # fmt: skip
def test_shapes_of_other_sets_are_read_with_one_label_for_all(tmp_path, name, text, wanted):
    path = tmp_path / name
    path.write_text(text)
    (found,) = read(path, Reading(label="block"))
    assert (found.text, found.category) == wanted
    assert found.block


def test_named_columns_win(tmp_path):
    path = tmp_path / "set.tsv"
    path.write_text("text\tq\tok\nno\tHello\tsafe\n")
    (found,) = read(path, Reading({"text": "q", "label": "ok"}))
    assert (found.text, found.block) == ("Hello", False)


@pytest.mark.parametrize(
    ("name", "text", "field"),
    [
        ("a.csv", "text,label\nsecret words,perhaps\n", "label"),
        ("b.csv", "text,label\n ,block\n", "text"),
        ("c.csv", "other\nsecret words\n", "text"),
        ("d.json", "{", None),
    ],
)
def test_what_cannot_be_read_is_said_without_its_words(tmp_path, name, text, field):
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(InvalidInputError) as caught:
        read(path, Reading())
    assert caught.value.field == field
    assert "secret" not in str(caught.value)


def test_the_name_of_a_row_holds_nothing_of_its_text():
    assert "Hello" not in Prompt(7, "Hello", block=True).key
    assert Prompt(7, "Hello", block=True).key != Prompt(7, "Hallo", block=True).key


def test_terms_stand_one_a_line(tmp_path):
    path = tmp_path / "terms.txt"
    path.write_text("# neutral\nalphaquill\n\nbeta quill\n")
    assert read_terms(path) == ("alphaquill", "beta quill")
