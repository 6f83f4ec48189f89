# SPDX-License-Identifier: Apache-2.0
"""What runs below strace: writes with the product's own code and says what it promised.

`python -m tests.support.writing WHAT FOLDER [forget-sqlite] [forget-files]`; each
line on stdout is an acknowledgement. The last words are controls: no syncs there.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from vigie import sqlite_driver

COMMITS = 500
RECORDS = 60
COSIGNED = 120
SEALED = 24


def say(*words: object) -> None:
    """Acknowledge, in one write."""
    os.write(1, (" ".join(str(word) for word in words) + "\n").encode())


def forget_in_sqlite() -> None:
    """Take the syncs of databases away, nothing else."""
    kept = sqlite_driver.pragmas()
    lines = tuple(one.replace("synchronous=FULL", "synchronous=OFF") for one in kept)
    for name in list(sys.modules):
        if name.startswith("vigie.") and hasattr(sys.modules[name], "pragmas"):
            vars(sys.modules[name])["pragmas"] = lambda: lines


def forget_in_files() -> None:
    """Take the syncs of files away (checkpoints and tiles), databases keep theirs."""
    os.fsync = lambda fd: None


def journal(folder: Path) -> None:
    """Commit groups of rows; now and then the WAL is moved into the file."""
    from vigie.journal.reader import Reader
    from vigie.journal.rows import Row
    from vigie.journal.writer import Journal

    writer = Journal(folder, "wa")
    reader = Reader(folder, "wa")
    done = 0
    for number in range(COMMITS):
        rows = [Row(done + n, "answer", number, bytes([n % 251]) * 300) for n in range(1, 4)]
        writer.append_and_wait(rows)
        done += len(rows)
        say("committed", done)
        if number % 100 == 99:
            reader.truncate_wal()
    writer.close()


def store(folder: Path) -> None:
    """Append records in transactions of the store; sign checkpoints."""
    import django

    django.setup()
    from vigie.core.clock import SystemClock
    from vigie.flow import records
    from vigie.flow.checkpoints import open_log, publish_checkpoint
    from vigie.flow.house import build
    from vigie.flow.transaction import writing
    from vigie.settings import Settings

    house = build(Settings(data_dir=folder), SystemClock())
    log = open_log(house.settings)
    log.start(house.now())
    for number in range(RECORDS):
        with writing():
            drafts = [records.draft("test.made", house.now(), {"n": number}) for _ in range(3)]
            index = records.append(drafts)[-1]
        say("committed", index + 1)
        if number % 4 == 3:
            published = publish_checkpoint(log, house)
            say("signed", published.size if published else 0)


def vault(folder: Path) -> None:
    """Seal records, as people's doors do, and as the machine door and `jobs` do together."""
    from tests.support.vault_door import at_the_door

    door = at_the_door(folder)
    from vigie.flow.vault import adopt, seal

    house = door.house
    for number in range(1, SEALED + 1):
        if number % 2:
            row = seal.seal(
                house, data=bytes([number]) * 900, kind="media", cls="hate", rule="complaint",
                basis="test", service="default", item_id=f"p-{number}",
            )  # fmt: skip
            say("sealed", row.number)
            continue
        note = door.child(f"p-{number}", bytes([number]) * 900)
        say("offered", note.removeprefix("sealed: "))
        adopt.adopt(house)
        say("sealed", number)


def witness(folder: Path) -> None:
    """Cosign a log that grows, over a folder of a witness that was set up before."""
    from tests.support.witnessed import ask
    from vigie.ledger.witness import Witness
    from vigie.witness.home import WitnessHome

    home = WitnessHome(folder)
    peer = Witness([home.cosigner()], home.trusted(), home.store)
    for size in range(1, COSIGNED + 1):
        answer = peer.add_checkpoint(ask(size - 1, size), 1_795_000_000 + size)
        assert answer.status == 200
        say("cosigned", size)


if __name__ == "__main__":
    if "forget-sqlite" in sys.argv:
        forget_in_sqlite()
    if "forget-files" in sys.argv:
        forget_in_files()
    {"journal": journal, "store": store, "witness": witness, "vault": vault}[sys.argv[1]](
        Path(sys.argv[2])
    )
