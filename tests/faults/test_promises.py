# SPDX-License-Identifier: Apache-2.0
"""A fold that comes later than a receipt's term of two seconds: told, and provable."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.door import NOW, PLANTED, opened, set_up
from vigie import keys
from vigie.core.clock import FixedClock, iso
from vigie.flow.checkpoints import open_log, publish_checkpoint
from vigie.flow.fold.effects import fold
from vigie.flow.house import House, build
from vigie.journal.reader import Reader, writers
from vigie.ledger.log import Log
from vigie.ledger.note import Signer
from vigie.ledger.receipt import ReceiptSigner
from vigie.ledger.verify.command import main
from vigie.settings import Settings
from vigie.store.models import BrokenPromise, Record

TERM_S = 2


class Verifier:
    """`vigie-verify` over the published log, with keys given by hand."""

    def __init__(self, settings: Settings, folder: Path, capsys) -> None:
        seed = keys.read(settings.keys_dir, keys.KeyName.LOG)
        other = keys.read(settings.keys_dir, keys.KeyName.RECEIPT)
        self._capsys = capsys
        self._folder = folder
        self._given = [
            "--log", str(settings.log_dir),
            "--key", Signer(settings.log_origin, seed).vkey,
            "--keys", ReceiptSigner(settings.log_origin, other).vkey,
        ]  # fmt: skip

    def state(self, answer: dict, now_ms: int) -> str:
        """Return what the verifier says of an answer's receipt at a time."""
        file = self._folder / "receipt.json"
        file.write_text(json.dumps(answer["receipt"]))
        self._capsys.readouterr()
        main(["--receipt", str(file), "--now", iso(now_ms), "--json", *self._given])
        findings = json.loads(self._capsys.readouterr().out)["findings"]
        [one] = [found for found in findings if found["what"] == "receipt"]
        return str(one["state"])


def _fold(house: House, log: Log) -> None:
    for writer in writers(house.settings.journal_dir):
        reader = Reader(house.settings.journal_dir, writer)
        fold(reader, house, pause=lambda _: None)
        reader.close()
    publish_checkpoint(log, house)


@pytest.mark.django_db
def test_a_receipt_is_kept_pending_and_broken_once_each(tmp_path, capsys) -> None:
    clock = FixedClock(NOW)
    settings = set_up(tmp_path / "data", receipt_term=TERM_S)
    house = build(settings, clock)
    log = open_log(settings)
    log.start(clock.now_ms())
    verifier = Verifier(settings, tmp_path, capsys)
    with opened(settings, clock) as client:
        first = client.decide(id="p-1", text=PLANTED)
        clock.advance(1000)
        _fold(house, log)
        assert verifier.state(first, clock.now_ms()) == "kept"

        second = client.decide(id="p-2", text=PLANTED)
        clock.advance(1000)
        assert verifier.state(second, clock.now_ms()) == "pending"
        clock.advance(1001)
        assert verifier.state(second, clock.now_ms()) == "broken"

    assert BrokenPromise.objects.count() == 0
    _fold(house, log)
    broken = BrokenPromise.objects.get()
    assert broken.not_after == NOW + 1000 + TERM_S * 1000
    record = Record.objects.get(kind="promise.broken")
    assert record.record_id == broken.record_id
    assert json.loads(record.canonical)["index"] == broken.log_index
