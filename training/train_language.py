# SPDX-License-Identifier: Apache-2.0
"""Train language identification and write its weights and its card's tables.

    python -m training.train_language --data DIR [--catalogues FOLDER ...] [--quotes FOLDER ...]

Named languages learn from the labelled texts' training split (labels unused),
from message catalogues of installed free software and from quotations (Debian's
fortunes packages); all other languages there are counter-examples. How languages
fare that were never seen is measured by leaving each out once, a fifth at a time.
"""

from __future__ import annotations

import argparse
import sysconfig
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import SGDClassifier

from training.catalogues import read_catalogues
from training.corpus import read_corpus
from training.matrix import language_matrix
from training.quotes import read_quotes
from training.segments import held_out, pieces, plain
from vigie.screening.models.features import make_features
from vigie.screening.models.language import LanguageModel
from vigie.screening.models.scripts import Script
from vigie.screening.models.weights import encode, load, save
from vigie.screening.normalise import normalise_many

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
    posts, dev = _posts(options.data)
    material = {
        "messages": read_catalogues(options.catalogues),
        "quotations": read_quotes(options.quotes),
    }
    train = _training_pieces({**_part(material, held=False), "posts": posts})
    path = options.out / f"{NAME}.npz"
    digest = _fit(train, path)
    model = LanguageModel(load(path.read_bytes(), path.name))
    tests = {"posts (dev split)": dev, **_part(material, held=True)}
    report = [*_named_table(model, tests), "", *_others_table(model, train, tests)]
    options.tables.write_text("\n".join(report) + "\n", encoding="utf-8")
    print("\n".join(report))
    print(f"digest {digest}, {path.stat().st_size} bytes")


def _options() -> argparse.Namespace:
    system = [Path("/usr/share/locale"), Path(sysconfig.get_paths()["purelib"])]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of unified.csv.gz")
    parser.add_argument("--catalogues", type=Path, nargs="+", default=system)
    parser.add_argument("--quotes", type=Path, nargs="*", default=[Path("/usr/share")])
    parser.add_argument("--tables", type=Path, default=Path(f"{NAME}.tables.md"))
    parser.add_argument("--out", type=Path, default=MODELS)
    return parser.parse_args()


def _posts(data: Path) -> tuple[Texts, Texts]:
    corpus = read_corpus(data)
    train: Texts = {}
    dev: Texts = {}
    for language in sorted(set(corpus.languages.tolist())):
        for split, texts in (("train", train), ("dev", dev)):
            rows = corpus.where(split) & (corpus.languages == language)
            texts[language] = [corpus.texts[row] for row in np.flatnonzero(rows).tolist()]
    return train, dev


def _part(material: dict[str, Texts], *, held: bool) -> dict[str, Texts]:
    return {
        kind: {
            language: [text for text in texts if held_out(text) is held]
            for language, texts in found.items()
        }
        for kind, found in material.items()
    }


def _training_pieces(material: dict[str, Texts]) -> Texts:
    """Cut each kind of material into pieces, as many of each language as of its like."""
    languages = sorted({name for texts in material.values() for name in texts} - {*BY_SCRIPT})
    found: Texts = {language: [] for language in languages}
    for kind, texts in material.items():
        for language in languages:
            size = sum(map(len, texts.get(language, ())))
            count = min(POSITIVES if language in WRITTEN else NEGATIVES, size // 25)
            if count:
                found[language] += pieces(texts[language], count, f"{language} {kind}")
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


def _named_table(model: LanguageModel, tests: dict[str, Texts]) -> Iterator[str]:
    yield f"| language | texts of {LENGTH} code points | n | right | unknown | wrong |"
    yield "|---|---|---|---|---|---|"
    for kind, texts in tests.items():
        for language in sorted({*NAMED, *BY_SCRIPT} - {"yi"}):
            test = plain(_lower(texts.get(language, [])), 2000, LENGTH)
            if test:
                yield _named_row(language, kind, _named(model, test))


def _named_row(language: str, kind: str, found: list[str | None]) -> str:
    right, unknown = found.count(language), found.count(None)
    shares = [f"{part / len(found):.1%}" for part in (right, unknown, len(found) - right - unknown)]
    return f"| {language} | {kind} | {len(found)} | {' | '.join(shares)} |"


def _lower(texts: Sequence[str]) -> list[str]:
    return [one.text for one in normalise_many(texts)]


def _others_table(model: LanguageModel, train: Texts, tests: dict[str, Texts]) -> Iterator[str]:
    """Yield how often a language without a name here gets one, seen in training or never."""
    texts: Texts = {}
    for kind in tests.values():
        for language in sorted(kind.keys() - {*NAMED, *BY_SCRIPT}):
            texts.setdefault(language, []).extend(plain(_lower(kind[language]), 200, LENGTH))
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
