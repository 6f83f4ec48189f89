# SPDX-License-Identifier: Apache-2.0
"""`vigie evals run ...`."""

from __future__ import annotations

import click

from vigie.cli import evals_gateway, evals_text, frame

EXAMPLE = "vigie evals run gateway --data prompts.csv --against https://host/ai/v1"


@click.group("evals", cls=frame.Group, epilog=frame.example(EXAMPLE))
def command() -> None:
    """Measure detectors and the gateway on labelled data, with intervals."""


@command.group("run", cls=frame.Group, epilog=frame.example(EXAMPLE))
def run() -> None:
    """Run labelled data through a detector or a gateway and print figures."""


run.add_command(evals_gateway.command)
run.add_command(evals_text.command)
