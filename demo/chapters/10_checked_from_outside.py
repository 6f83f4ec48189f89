# SPDX-License-Identifier: Apache-2.0
"""Somebody who trusts nobody checks a proof and a receipt, without Vigie."""

from __future__ import annotations

import json
import subprocess
import sys

from demo import voice
from demo.day import Day
from demo.errors import DemoError
from demo.verifier import NAME as VERIFIER
from demo.verifier import bundle

TITLE = "Somebody outside checks all this"


def play(day: Day) -> None:
    """Download a proof, a receipt and the verifier; run it apart from Vigie."""
    files = _download(day)
    bundle(day.folder / VERIFIER)
    voice.say(
        "Outside stands one Python file, made of the standard library alone, with the log's key "
        "given by hand. It asks nobody. It checks the proofs of the picture, of the proposal, "
        "of Mara's decision, of a harmless one and of the answer that was cut, and the receipt "
        "that Agora was given for the post:"
    )
    command = [VERIFIER, *files, "--key", day.log_key]
    command += ["--receipt", "receipt.json", "--keys", "receipt-keys.txt"]
    done = subprocess.run(
        # -I: no environment, no site of the project, nothing but the file itself.
        [sys.executable, "-I", *command],
        cwd=day.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    voice.quote(done.stdout or done.stderr)
    if done.returncode:
        raise DemoError("the check from outside failed.")
    voice.say("Try it yourself, or change one letter in a file first:")
    voice.quote(f"cd {day.folder}\npython3 {' '.join(command)}")
    day.story["outside"] = {"folder": str(day.folder), "command": command}


def _download(day: Day) -> list[str]:
    """Fetch what an outsider is handed; return the names of the proofs."""
    post = day.story["post"]
    wanted = {
        "proof-picture.json": day.story["picture"]["decision"]["decision_id"],
        "proof-post.json": post["decision"]["decision_id"],
        "proof-proposal.json": post["proposal"]["decision_id"],
        "proof-harmless.json": day.story["harmless"]["decision_id"],
        "proof-answer.json": day.story["assistant"]["decision"]["decision_id"],
    }
    for name, decision_id in wanted.items():
        (day.folder / name).write_bytes(day.platform.proof(decision_id))
    number = day.log_key.split("+", maxsplit=1)[0].rsplit("/", 1)[-1]
    keys = day.platform.public(f"/log/{number}/receipt-keys.txt")
    (day.folder / "receipt-keys.txt").write_bytes(keys)
    receipt = json.dumps(post["receipt"])
    (day.folder / "receipt.json").write_text(receipt, encoding="utf-8")
    return list(wanted)
