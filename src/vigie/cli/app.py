# SPDX-License-Identifier: Apache-2.0
"""The root of all commands, which loads a group only when it is called.

Exit codes: 0 ok, 1 failed, 2 usage, 3 a party outside failed, 130 interrupted.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

import click

from vigie.cli.failures import code_of, report
from vigie.cli.frame import FORMAT

COMMANDS: Final[Mapping[str, tuple[str, str]]] = {
    "init": ("setup", "Set up a data folder: keys, first account, starter policies."),
    "serve": ("serve", "Supervise the doors and the jobs."),
    "screen": ("screen", "Screen files of items and print what was decided."),
    "policy": ("policy", "List, test, explain, publish and measure policies."),
    "law": ("law", "Show which rule applies where, and on what day."),
    "bank": ("bank", "Create, fill, match and list banks of known content."),
    "list": ("lists", "Publish, list and retire lists of words and links of your own."),
    "hold": ("hold", "Place, lift and list holds: what must not be deleted."),
    "vault": (
        "vault",
        "Set up, rotate and check the vault of sealed evidence; open and shred single records.",
    ),
    "evidence": (
        "evidence",
        "Hand over evidence that an outsider can verify; prove how duties were met.",
    ),
    "search": ("search", "Find decisions, items and authors by an expression."),
    "public": (
        "public",
        "Publish the texts that the law asks for: contact points, terms, recommender.",
    ),
    "change": (
        "change",
        "Register changes of rankers, assistants, image models and safety settings; list them.",
    ),
    "subject": ("subject", "Answer a person's request: show or erase what is kept of them."),
    "import": ("history", "Take over what other tools know."),
    "queue": ("queue", "Show the queues, what waits in them and the rules that fill them."),
    "ledger": ("ledger", "Publish checkpoints; prove and verify entries."),
    "witness": ("witness", "Run a witness: cosign other people's logs."),
    "backup": ("backup", "Write an encrypted backup while the server runs."),
    "restore": ("restore", "Go on from a BACKUP in a new folder, without forking the log."),
    "report": ("report", "List and show reports to authorities; send now; unlock bytes for one."),
    "flagger": ("flagger", "Add, list and end trusted flaggers (Art. 22 DSA)."),
    "gateway": (
        "gateway",
        "Run the AI gateway: upstreams, profiles, the brake, incidents, the digest of a day.",
    ),
    "key": ("key", "Create, list and revoke API keys."),
    "account": (
        "account",
        "Create, list, change and close accounts of people; make links that sign in once.",
    ),
    "desk": ("desk", "Show and change the settings of the people's desk."),
    "authority": (
        "authority",
        "Keep the sender directory: authorities, and the contacts by which they are known.",
    ),
    "webhook": ("webhook", "Add, list, test and remove webhook endpoints."),
    "letter": ("letter", "Check, preview, list and retry mails; their texts are yours to change."),
    "order": (
        "order",
        "Show orders of authorities and their clocks; answer them; keep the record of a search.",
    ),
    "matter": (
        "matter",
        "Show and export matter files of proceedings; make the key of privileged notes.",
    ),
    "outbox": ("outbox", "List what could not be delivered, and send it again."),
    "dispute": ("dispute", "Name out-of-court dispute settlement bodies, and list them."),
    "evals": ("evals", "Measure detectors and the gateway on labelled data, with intervals."),
    "check": ("check", "Say what is missing before you go live, and what is kept."),
    "version": ("version", "Print the version."),
}
"""Name: module below `vigie.cli` and short help. A test holds the help equal to the command's."""


class LazyGroup(click.Group):
    """Knows its commands by name; imports one when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the commands in the order in which one meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Load one command."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"vigie.cli.{COMMANDS[cmd_name][0]}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the list without loading anything."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(
    cls=LazyGroup,
    context_settings=FORMAT,
    epilog="Example: vigie init && vigie serve",
)
def root() -> None:
    """Screen, decide, tell and account: one server for what a platform owes the law."""


def run(arguments: Sequence[str]) -> int:
    """Run a command line; return the exit code. Never raises for bad input."""
    try:
        result: Any = root.main(list(arguments), prog_name="vigie", standalone_mode=False)
    except (KeyboardInterrupt, Exception) as problem:  # noqa: BLE001 - the one place that reports
        report(problem, as_json="--json" in arguments)
        return code_of(problem)
    return result if isinstance(result, int) else 0
