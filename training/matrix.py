# SPDX-License-Identifier: Apache-2.0
"""Features as a sparse matrix, hashed by the very code that serves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy.sparse as sp

from vigie.screening.models.features import Block, make_features
from vigie.screening.models.language import BITS, ORDER
from vigie.screening.models.linear import CHAR_BITS, WORD_BITS, sizes


def matrix(texts: Sequence[str]) -> Any:
    """Return one row for each text: counts of buckets over the root of the row's size."""
    return sp.vstack([_rows(block) for block in make_features(texts).blocks()], format="csr")


def _rows(block: Block) -> Any:
    numbers = np.arange(len(block.starts))
    at_code = np.repeat(numbers, block.ends - block.starts)
    word, pair, starts = block.words
    at_word = np.repeat(numbers, np.diff(starts, append=len(word)))
    columns, rows = [], []
    for hashes in block.grams.values():
        columns.append(hashes[hashes != 0] >> np.uint32(32 - CHAR_BITS))
        rows.append(at_code[hashes != 0])
    for hashes in (word, pair):
        columns.append((hashes[hashes != 0] >> np.uint32(32 - WORD_BITS)) + (1 << CHAR_BITS))
        rows.append(at_word[hashes != 0])
    column = np.concatenate(columns).astype(np.int32)
    ones = np.ones(len(column), dtype=np.float32)
    shape = (len(numbers), (1 << CHAR_BITS) + (1 << WORD_BITS))
    counts = sp.coo_matrix((ones, (np.concatenate(rows), column)), shape=shape).tocsr()
    return sp.diags((1 / np.sqrt(sizes(block))).astype(np.float32)) @ counts


def language_matrix(texts: Sequence[str]) -> Any:
    """Return one row for each text over the buckets of language identification."""
    blocks = make_features(texts).blocks()
    return sp.vstack([_language_rows(block) for block in blocks], format="csr")


def _language_rows(block: Block) -> Any:
    numbers = np.arange(len(block.starts))
    word, _, starts = block.words
    grams = block.grams[ORDER]
    at_code = np.repeat(numbers, block.ends - block.starts)[grams != 0]
    at_word = np.repeat(numbers, np.diff(starts, append=len(word)))
    hashes = np.concatenate((grams[grams != 0], word))
    column = (hashes >> np.uint32(32 - BITS)).astype(np.int32)
    ones = np.ones(len(column), dtype=np.float32)
    rows = np.concatenate((at_code, at_word))
    counts = sp.coo_matrix((ones, (rows, column)), shape=(len(numbers), 1 << BITS)).tocsr()
    return sp.diags((1 / np.sqrt(sizes(block))).astype(np.float32)) @ counts
