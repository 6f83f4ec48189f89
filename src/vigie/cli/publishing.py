# SPDX-License-Identifier: Apache-2.0
"""What a command does after its verb: the work of `jobs`, where no `jobs` runs.

Verbs only mark what changed. A running `jobs` builds Snapshots, folds and
signs; else the command takes its lock and does it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vigie.cli.context import check_version, jobs_lock, load_house, signing_lock

if TYPE_CHECKING:
    from vigie.flow.house import House
    from vigie.settings import Settings


def refresh(house: House) -> bool:
    """Put what changed into a new Snapshot; False: a running `jobs` does it."""
    from vigie.flow.snapshots import publish_snapshot

    with jobs_lock(house.settings) as mine:
        if mine:
            publish_snapshot(house)
    return mine


def fold_all(settings: Settings) -> bool:
    """Fold every journal, seal the segments, publish a checkpoint; False: `jobs` does it."""
    house = load_house(settings)
    check_version(settings.data_dir)
    from vigie.jobs import drain

    with jobs_lock(settings) as mine:
        if mine:
            drain(house)
    return mine


def sign_now(house: House) -> bool:
    """Publish a checkpoint; False: another process signs for this log."""
    from vigie.flow.checkpoints import open_log, publish_checkpoint

    with jobs_lock(house.settings) as mine, signing_lock(house.settings) as ours:
        if not (mine and ours):
            return False
        log = open_log(house.settings)
        log.start(house.now())
        publish_checkpoint(log, house)
    return True


def log_key(settings: Settings) -> str:
    """Return the public key of the log, as a reader takes it."""
    from vigie import keys
    from vigie.ledger.note import Signer

    return Signer(settings.log_origin, keys.read(settings.keys_dir, keys.KeyName.LOG)).vkey


def write_trust(house: House) -> str:
    """Write what outsiders check with beside the log; return the log's public key."""
    from vigie import keys
    from vigie.flow.anchoring.parties import policy_text
    from vigie.ledger.receipt import ReceiptSigner, format_receipt_keys
    from vigie.screening.snapshot_files import write_durably

    settings = house.settings
    vkey = log_key(settings)
    receipts = ReceiptSigner(
        settings.log_origin, keys.read(settings.keys_dir, keys.KeyName.RECEIPT)
    )
    folder = settings.log_dir
    folder.mkdir(parents=True, exist_ok=True)
    write_durably(folder / "policy.txt", policy_text(settings).encode())
    write_durably(folder / "receipt-keys.txt", format_receipt_keys([receipts.vkey]).encode())
    return vkey
