# SPDX-License-Identifier: Apache-2.0
"""Listed pictures of class `child` among many others: stopped, and nothing of them stays."""

from __future__ import annotations

import base64
import hashlib
import io
import logging
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.db import connection
from PIL import Image

from tests.faults.conftest import FULL
from tests.support.door import Client, listed, opened, set_up
from tests.support.traces import find_pictures, find_traces
from vigie.core.clock import SystemClock
from vigie.flow.house import build
from vigie.jobs.folding import Folding
from vigie.screening.media.facts import facts_of

PICTURES = 10_000 if FULL else 400
LISTED = PICTURES // 100
BATCH = 50

pytestmark = [pytest.mark.campaign, pytest.mark.django_db(transaction=True)]


def small_picture(seed: int) -> bytes:
    """Return a small synthetic picture without meaning, made quickly."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (12, 12, 3), dtype=np.uint8)
    image = Image.fromarray(coarse).resize((96, 96), Image.Resampling.BICUBIC)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=85)
    return file.getvalue()


@pytest.fixture
def places(tmp_path: Path, monkeypatch, transactional_db) -> Iterator[dict[str, Path]]:
    """Every place where something could be left: folder, temporary folder, logs, backup."""
    found = {name: tmp_path / name for name in ("data", "tmp", "logs", "backup")}
    for name in ("tmp", "logs"):
        found[name].mkdir()
    monkeypatch.setenv("TMPDIR", str(found["tmp"]))
    monkeypatch.setattr(tempfile, "tempdir", str(found["tmp"]))
    handler = logging.FileHandler(found["logs"] / "all.log")
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield found
    root.setLevel(level)
    root.removeHandler(handler)
    handler.close()


def keep_preview(folder: Path, secrets: set[bytes]) -> Callable[[Client], None]:
    """Return a fault: a class that keeps a preview of what it matched, wrapped in base64."""
    folder.mkdir(parents=True)

    def break_it(client: Client) -> None:
        decoders = client.door.decoders
        real = decoders.submit

        def submit(data: bytes, *rest: Any, **more: Any) -> Any:
            if data in secrets:
                name = hashlib.sha256(data).hexdigest()
                (folder / name).write_bytes(base64.b64encode(data))
            return real(data, *rest, **more)

        decoders.submit = submit  # type: ignore[method-assign]

    return break_it


def run(places: dict[str, Path], count: int, fault: Callable[[Client], None] | None = None):
    """Send pictures, fold, archive, back up; return the listed ones and the decisions."""
    secrets = [small_picture(seed) for seed in range(0, count, 100)]
    hashes = [facts_of(one).pdq or "" for one in secrets]
    rows = [listed(hashlib.sha256(one).digest()) for one in secrets]
    rows += [listed(bytes.fromhex(one), algorithm="pdq", n=n) for one in hashes for n in (1, 2)]
    settings = set_up(places["data"], index=rows, decoders=2)
    decisions = []
    with opened(settings, SystemClock()) as client:
        if fault is not None:
            fault(client)
        for start in range(0, count, BATCH):
            items = [
                {
                    "id": f"p-{n}",
                    "surface": "post",
                    "author": {"id": f"a-{n % 97}"},
                    "text": f"Caption number {n} of the album, with a few more words in it.",
                    "media": [{"base64": base64.b64encode(small_picture(n)).decode()}],
                }
                for n in range(start, start + BATCH)
            ]
            results = client.post({"items": items}).json()["results"]
            decisions += [one["decision"] for one in results]
        folding = Folding(build(settings), pause=lambda _: None)
        while folding.turn():
            continue
        shutil.copytree(places["data"], places["backup"], dirs_exist_ok=True)
    store = Path(str(connection.settings_dict["NAME"]))
    for path in store.parent.glob(f"{store.name}*"):
        shutil.copy(path, places["backup"] / path.name)
    return secrets, hashes, decisions


def test_of_many_pictures_exactly_the_listed_ones_are_stopped_and_no_trace_stays(places) -> None:
    secrets, hashes, decisions = run(places, PICTURES)
    by_rule = [
        one["item_id"]
        for one in decisions
        if any(action["by"] == "rule a" for action in one["actions"])
    ]
    assert by_rule == [f"p-{n}" for n in range(0, PICTURES, 100)]
    assert len(by_rule) == LISTED
    assert {one["outcome"] for one in decisions} == {"remove", "allow"}
    common = [small_picture(seed) for seed in range(1, 6)]
    captions = [f"Caption number {n} of the album, with a few more words in it.".encode()
                for n in range(0, PICTURES, 100)]  # fmt: skip
    raw = [bytes.fromhex(one) for one in hashes]
    for folder in places.values():
        assert find_traces(folder, secrets, common) == []
        assert find_traces(folder, captions) == []
        assert find_pictures(folder, raw) == []
    print(f"{PICTURES} pictures, {len(by_rule)} stopped by rule (a), no trace in {list(places)}")


def test_control_a_class_that_keeps_a_preview_is_found(places) -> None:
    wanted = {small_picture(0)}
    fault = keep_preview(places["data"] / "previews", wanted)
    secrets, _, _ = run(places, 100, fault)
    assert {one.secret for one in find_traces(places["data"], secrets)} == {0}
    assert find_traces(places["backup"], secrets)
