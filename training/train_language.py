# SPDX-License-Identifier: Apache-2.0
"""Train language identification and write its weights and its card's tables.

    python -m training.train_language --data DIR [--catalogues FOLDER ...]

Named languages learn from the labelled texts' training split (labels unused) and
from message catalogues of installed free software; all other languages of the
catalogues are counter-examples. How languages fare that were never seen is
measured by leaving each out once, a fifth of them at a time.
"""

from __future__ import annotations

import argparse
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import SGDClassifier

from training.catalogues import read_catalogues
from training.corpus import read_corpus
from training.matrix import language_matrix
from training.segments import held_out, pieces, plain
from vigie.screening.models.features import make_features
from vigie.screening.models.language import LanguageModel
from vigie.screening.models.scripts import Script
from vigie.screening.models.weights import encode, load, save

MODELS = Path(__file__).parent.parent / "src/vigie/screening/models"
NAME = "language"
WRITTEN = {"ar": Script.ARABIC, "ru": Script.CYRILLIC} | dict.fromkeys(
    ("de", "en", "es", "fr", "it", "nl", "pl", "pt"), Script.LATIN
)
"""Named languages and their script."""
NAMED = tuple(sorted(WRITTEN))
BY_SCRIPT = ("el", "he", "ja", "ko", "th", "yi", "zh")
"""No part of the training: their script tells them."""
POSITIVES, NEGATIVES = 6000, 1200
LIMIT = 1.5
"""Score above which a language is named; 0 is as likely as not."""
ALPHA, EPOCHS, FOLDS = 2e-6, 5, 5
LENGTH = 200

Texts = dict[str, list[str]]


def main() -> None:
    """Train, write, measure."""
    options = _options()
    catalogues = read_catalogues(options.catalogues)
    corpus = read_corpus(options.data)
    posts, dev = ({}, {})  # type: tuple[Texts, Texts]
    for language in sorted(set(corpus.languages.tolist())):
        for split, texts in (("train", posts), ("dev", dev)):
            rows = corpus.where(split) & (corpus.languages == language)
            texts[language] = [corpus.texts[row] for row in np.flatnonzero(rows).tolist()]
    train = _training_pieces(catalogues, posts)
    path = options.out / f"{NAME}.npz"
    digest = _fit(train, path)
    model = LanguageModel(load(path.read_bytes(), path.name))
    report = [*_named_table(model, dev, catalogues), "", *_others_table(model, train, catalogues)]
    options.tables.write_text("\n".join(report) + "\n", encoding="utf-8")
    print("\n".join(report))
    print(f"digest {digest}, {path.stat().st_size} bytes")


def _options() -> argparse.Namespace:
    system = [Path("/usr/share/locale"), Path(sysconfig.get_paths()["purelib"])]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of unified.csv.gz")
    parser.add_argument("--catalogues", type=Path, nargs="+", default=system)
    parser.add_argument("--tables", type=Path, default=Path(f"{NAME}.tables.md"))
    parser.add_argument("--out", type=Path, default=MODELS)
    return parser.parse_args()


def _training_pieces(catalogues: Texts, posts: Texts) -> Texts:
    found: Texts = {}
    for language in sorted({*catalogues, *posts} - {*BY_SCRIPT}):
        messages = [text for text in catalogues.get(language, []) if not held_out(text)]
        size = sum(map(len, messages))
        count = min(POSITIVES if language in WRITTEN else NEGATIVES, size // 25)
        found[language] = pieces(messages, count, language) if count else []
        if language in posts:
            found[language] += pieces(posts[language], POSITIVES, f"{language} posts")
    return found


def _fit(train: Texts, path: Path) -> str:
    texts = [text for language in train for text in train[language]]
    named = np.repeat(list(train), [len(pieces_of) for pieces_of in train.values()])
    rows = language_matrix(texts)
    columns, offsets = [], []
    for language in NAMED:
        model = SGDClassifier(
            loss="log_loss", alpha=ALPHA, average=True, max_iter=EPOCHS, tol=None, random_state=0
        ).fit(rows, named == language)
        columns.append(model.coef_.ravel())
        offsets.append(round(float(model.intercept_[0]), 5))
    codes, unit = _coded(np.array(columns, dtype=np.float32).T)
    facts: dict[str, Any] = {
        "model": NAME,
        "languages": NAMED,
        "scripts": [int(WRITTEN[language]) for language in NAMED],
        "others": sorted({*train} - {*NAMED}),
        "offsets": offsets,
        "limit": LIMIT,
        "unit": unit,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    return save(path, {"grams": codes}, facts)


def _coded(weights: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.int8], float]:
    weights[0] = 0  # where n-grams that do not exist are counted
    return encode(weights)


def _named(model: LanguageModel, texts: list[str]) -> list[str | None]:
    return model.identify(make_features(texts))


def _named_table(model: LanguageModel, dev: Texts, catalogues: Texts) -> Iterator[str]:
    yield f"| language | texts of {LENGTH} code points | n | right | unknown | wrong |"
    yield "|---|---|---|---|---|---|"
    sources = [("dev split", dev), ("held-out messages", _messages(catalogues))]
    for name, texts in sources:
        for language in (*NAMED, *BY_SCRIPT):
            test = plain(texts.get(language, []), 2000, LENGTH)
            if test and language != "yi":
                yield _named_row(language, name, _named(model, test))


def _named_row(language: str, source: str, found: list[str | None]) -> str:
    right, unknown = found.count(language) / len(found), found.count(None) / len(found)
    wrong = len(found) - found.count(language) - found.count(None)
    share = f"{wrong / len(found):.1%}"
    return f"| {language} | {source} | {len(found)} | {right:.1%} | {unknown:.1%} | {share} |"


def _messages(catalogues: Texts) -> Texts:
    return {
        language: [text.lower() for text in texts if held_out(text)]
        for language, texts in catalogues.items()
    }


def _others_table(model: LanguageModel, train: Texts, catalogues: Texts) -> Iterator[str]:
    """Yield how often a language without a name here gets one, seen in training or never."""
    texts = {
        language: plain(messages, 200, LENGTH)
        for language, messages in _messages(catalogues).items()
        if language not in {*NAMED, *BY_SCRIPT}
    }
    others = sorted(language for language in texts if len(texts[language]) >= 10)
    seen = {language: _unknown(model, texts[language]) for language in others}
    never: dict[str, float] = {}
    for fold in range(FOLDS):
        left_out = others[fold::FOLDS]
        partial = _without(train, left_out)
        never |= {language: _unknown(partial, texts[language]) for language in left_out}
    yield "| other languages | n languages | unknown, mean | languages mostly unknown | the worst |"
    yield "|---|---|---|---|---|"
    yield _others_row("seen in training", seen)
    yield _others_row("never seen (left out)", never)


def _without(train: Texts, left_out: list[str]) -> LanguageModel:
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"{NAME}.npz"
        _fit({name: found for name, found in train.items() if name not in left_out}, path)
        return LanguageModel(load(path.read_bytes(), path.name))


def _unknown(model: LanguageModel, texts: list[str]) -> float:
    return _named(model, texts).count(None) / len(texts)


def _others_row(name: str, shares: dict[str, float]) -> str:
    mostly = sum(share > 0.5 for share in shares.values())
    worst = sorted(shares, key=shares.__getitem__)[:8]
    listed = ", ".join(f"{language} {shares[language]:.0%}" for language in worst)
    mean = sum(shares.values()) / len(shares)
    return f"| {name} | {len(shares)} | {mean:.1%} | {mostly} | {listed} |"


if __name__ == "__main__":
    main()
