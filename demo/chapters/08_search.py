# SPDX-License-Identifier: Apache-2.0
"""Officers come with a warrant; what they take along can be checked by anybody."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Final

import pyrage

from demo import voice
from demo.day import Day, expect
from demo.errors import DemoError
from demo.verifier import NAME as VERIFIER
from demo.verifier import bundle

TITLE = "Prosecutors search the offices, and take evidence that proves itself"
COURT: Final = "Tribunal judiciaire de Paris"
WARRANT: Final = "JIRS 26/118"
SCOPE: Final = "the post at agora.example/p/66 and what was decided about it"


def play(day: Day) -> None:
    """Open the record of the day, try to delete, hand over a package, check it outside."""
    opened = day.vigie(
        "order", "search", "open", "--authority", COURT, "--warrant", WARRANT,
        "--scope", SCOPE, "--service", "agora", "--item", "post-66",
        "--counsel", "Maître A. Berger",
    )  # fmt: skip
    number = str(opened["search"])
    voice.say(
        "Officers come with a warrant. Lea opens the record of the search first: a checkpoint is "
        "published, and from now on nothing is deleted by anybody, by no term and no command."
    )
    _nothing_is_deleted(day)
    day.vigie(
        "order", "search", "entry", number, "--kind", "object", "--label", "Notebook of the desk",
        "--serial", "SN-2026-77", "--seal", "S-4411",
    )  # fmt: skip
    package = _package(day, number)
    _checked(day, package)
    closed = day.vigie("order", "search", "close", number)
    voice.say("The record is closed with another checkpoint; terms run again.")
    day.story["search"] = {"search": number, "package": str(package), "closed": closed}


def _nothing_is_deleted(day: Day) -> None:
    """Ask for an erasure; see it refused."""
    try:
        day.vigie("subject", "erase", "a-660", "--yes")
    except DemoError as refused:
        voice.say("An erasure that somebody asks for meanwhile is refused, with the reason:")
        voice.quote(str(refused).partition("failed: ")[2])
        return
    raise DemoError("something was erased during a search.")


def _package(day: Day, number: str) -> Path:
    """Make the package for the court's key; open it as the court does."""
    court = pyrage.x25519.Identity.generate()
    key, sealed = day.folder / "court.pub", day.folder / "search.zip.age"
    key.write_text(f"{court.to_public()}\n", encoding="utf-8")
    day.vigie(
        "evidence", "package", "--search", number.removeprefix("S-"), "--to", str(key),
        "--as", "lea", "--out", str(sealed), words=f"{day.passwords['lea']}\n",
    )  # fmt: skip
    package = day.folder / "search.zip"
    package.write_bytes(pyrage.decrypt(sealed.read_bytes(), [court]))
    voice.say(
        "What the warrant names goes into one package, encrypted to the court's key: the sealed "
        "records, their custody, the decisions, each with its proof. The log knew of it first."
    )
    return package


def _checked(day: Day, package: Path) -> None:
    """Check it with the one file, then once more with a single byte changed."""
    bundle(day.folder / VERIFIER)
    policy = day.folder / "policy.txt"
    number = day.log_key.split("+", maxsplit=1)[0].rsplit("/", 1)[-1]
    policy.write_bytes(day.platform.public(f"/log/{number}/policy.txt"))
    code, said = _verify(day.folder, package.name)
    voice.say("The court checks it with one Python file and the network cut off:")
    voice.quote(said)
    expect(code, 0, "What the verifier says")
    expect("items: 1" in said, True, "That the sealed record is inside")
    data = bytearray(package.read_bytes())
    data[len(data) // 2] ^= 1
    (day.folder / "changed.zip").write_bytes(data)
    code, said = _verify(day.folder, "changed.zip")
    expect(code, 1, "What the verifier says of one changed byte")
    voice.say("The same package with one byte changed:")
    voice.quote("\n".join(said.splitlines()[:4]))


def _verify(folder: Path, name: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-I", VERIFIER, name, "--policy", "policy.txt"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout or done.stderr
