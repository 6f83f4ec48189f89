# SPDX-License-Identifier: Apache-2.0
"""What trains the models is read the same way in every run, and names nobody."""

from __future__ import annotations

import csv
import gzip
import struct

import pytest

from training.catalogues import language_of, read_catalogues
from training.corpus import read_corpus
from training.quotes import read_quotes
from training.segments import held_out, pieces, plain

FIELDS = "id text label lang source licence tier split".split()


def catalogue(path, messages):
    """Write a `.mo` file: two tables of strings, originals and translations."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pairs = sorted({"": "Content-Type: text/plain; charset=UTF-8\n", **messages}.items())
    count, at = len(pairs), 28 + 16 * len(pairs)
    tables: list[list[bytes]] = [[], []]
    data = b""
    for side in (0, 1):
        for pair in pairs:
            text = pair[side].encode()
            tables[side].append(struct.pack("<II", len(text), at + len(data)))
            data += text + b"\0"
    head = struct.pack("<IIIIIII", 0x950412DE, 0, count, 28, 28 + 8 * count, 0, 0)
    path.write_bytes(head + b"".join(tables[0] + tables[1]) + data)


def test_catalogues_give_translated_messages_without_codes(tmp_path):
    messages = {
        "Open the file %s": "Die Datei %s wirklich öffnen",
        "Unchanged words": "Unchanged words",
    }
    catalogue(tmp_path / "de_AT/LC_MESSAGES/app.mo", messages)
    assert read_catalogues([tmp_path]) == {"de": ["Die Datei wirklich öffnen"]}


def test_a_broken_catalogue_is_passed_over(tmp_path):
    path = tmp_path / "de/LC_MESSAGES/app.mo"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"nothing")
    assert read_catalogues([tmp_path]) == {"de": []}


@pytest.mark.parametrize(
    ("locale", "language"),
    [("de", "de"), ("pt_BR", "pt"), ("no", "nb"), ("sr@latin", "sr-latin"), ("sr_Latn", "sr-latin"),
     ("en@shaw", None), ("ca@valencia", "ca")],
)  # fmt: skip
def test_a_locale_names_its_language(locale, language):
    assert language_of(locale) == language


def test_quotations_are_read_by_folder(tmp_path):
    for name, text in (("es/vida", "Uno.\n%\nDos.\n"), ("brasil", "Um."), ("es/vida.dat", "x")):
        path = tmp_path / "usr/share/games/fortunes" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert read_quotes([tmp_path]) == {"es": ["Dos.", "Uno."], "pt": ["Um."]}


def test_the_corpus_holds_no_names_and_knows_what_was_translated(tmp_path):
    row = {
        "label": "1",
        "lang": "de",
        "source": "gahd",
        "licence": "x",
        "tier": "clear",
        "split": "train",
    }
    with gzip.open(tmp_path / "unified.csv.gz", "wt", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, FIELDS)
        writer.writeheader()
        writer.writerow({**row, "id": "aa", "text": "Hallo @Some_Name"})
        writer.writerow({**row, "id": "bb", "text": "Hallo"})
    with gzip.open(tmp_path / "original_labels.csv.gz", "wt", encoding="utf-8") as handle:
        handle.write("id,source,original_label,detail\nbb,gahd,1,source=translation\n")
    corpus = read_corpus(tmp_path)
    assert list(corpus.texts) == ["hallo user", "hallo"]
    assert corpus.tiers.tolist() == ["clear", "unclear"]
    assert corpus.where("train", "clear").tolist() == [True, False]
    assert corpus.where("train").tolist() == [True, True]


def test_pieces_are_the_same_in_every_run_and_have_their_lengths():
    texts = [f"sentence number {n} of some length" for n in range(50)]
    found = pieces(texts, 20, "seed", lengths=(40,))
    assert found == pieces(texts, 20, "seed", lengths=(40,))
    assert found != pieces(texts, 20, "other", lengths=(40,))
    assert len(found) == 20
    assert all(len(one) <= 40 for one in found)


def test_plain_pieces_are_cut_without_gaps():
    assert plain(["abc", "def", "g"], 2, 4) == ["abc ", "def "]
    assert plain(["ab"], 2, 4) == []


def test_about_a_fifth_is_held_out_and_always_the_same():
    texts = [f"text {n}" for n in range(5000)]
    held = [text for text in texts if held_out(text)]
    assert 900 < len(held) < 1100
    assert all(held_out(text) for text in held)
