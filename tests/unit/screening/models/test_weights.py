# SPDX-License-Identifier: Apache-2.0
"""Weight files: what is written is read, what was touched is refused."""

from __future__ import annotations

import io

import numpy as np
import pytest

from vigie.screening.models import weights
from vigie.screening.models.weights import WeightsError, decode, encode, load, save


def written(tmp_path, **facts):
    path = tmp_path / "made.npz"
    codes, unit = encode(np.array([0.0, 1.0, -2.0, 0.001], dtype=np.float32))
    digest = save(path, {"chars": codes}, {"unit": unit, **facts})
    return path.read_bytes(), digest


def test_codes_give_the_weights_back_nearly():
    values = np.linspace(-3, 3, 1001, dtype=np.float32)
    codes, unit = encode(values)
    assert np.abs(decode(codes) * unit - values).max() < 3 / 127
    small = np.abs(values) < 0.1
    assert np.abs(decode(codes) * unit - values)[small].max() < 0.006


def test_all_zero_weights_are_allowed():
    codes, unit = encode(np.zeros(4, dtype=np.float32))
    assert decode(codes).tolist() == [0] * 4
    assert unit > 0


def test_a_file_is_read_as_it_was_written(tmp_path):
    content, digest = written(tmp_path, languages=["en"])
    read = load(content, "made")
    assert read.digest == digest
    assert read.facts["languages"] == ["en"]
    assert read.tables["chars"].dtype == np.int16


def test_the_same_weights_give_the_same_bytes(tmp_path):
    assert written(tmp_path) == written(tmp_path)


def test_other_facts_give_another_digest(tmp_path):
    assert written(tmp_path)[1] != written(tmp_path, tier="clear")[1]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"not weights"])
def test_what_is_no_weight_file_is_refused(content):
    with pytest.raises(WeightsError, match="do not read"):
        load(content, "made")


def test_changed_weights_are_refused(tmp_path):
    content, _ = written(tmp_path)
    with np.load(io.BytesIO(content)) as arrays:
        parts = {name: arrays[name].copy() for name in arrays.files}
    parts["chars"][1] += 1
    changed = io.BytesIO()
    np.savez_compressed(changed, **parts)
    with pytest.raises(WeightsError, match="damaged"):
        load(changed.getvalue(), "made")


def test_weights_for_other_features_are_refused(tmp_path, monkeypatch):
    content, _ = written(tmp_path)
    monkeypatch.setattr(weights, "SCHEME", "another")
    with pytest.raises(WeightsError, match="other features"):
        load(content, "made")
