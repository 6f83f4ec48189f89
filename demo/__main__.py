# SPDX-License-Identifier: Apache-2.0
"""`python -m demo`: start a server, play the day, stay until Ctrl-C."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from demo import day, voice
from demo.errors import DemoError
from demo.server import Server

FOLDER = Path("demo-data")


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    made = argparse.ArgumentParser(prog="make demo", description=__doc__)
    made.add_argument("--port", type=int, default=8000, help="port on 127.0.0.1 (8000)")
    made.add_argument("--data-dir", type=Path, default=FOLDER, help="folder of the demo alone")
    made.add_argument("--once", action="store_true", help="stop after the last chapter")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Play; return the exit status."""
    options = parser().parse_args(arguments)
    # Stopped from outside is stopped by hand: the server is ended in order.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.default_int_handler)
    try:
        with Server(options.data_dir.resolve(), options.port) as server:
            day.play(server)
            if options.once:
                voice.say("", f"Played. To open it again: {server.again}")
                return 0
            voice.ending(server.base)
            voice.say("The server goes on until you press Ctrl-C.")
            _wait(server)
    except DemoError as problem:
        voice.trouble(str(problem))
        return 1
    except KeyboardInterrupt:
        voice.say("", "Stopped. `make demo` begins a new day.")
    return 0


def _wait(server: Server) -> None:
    while server.is_running:
        time.sleep(0.5)
    raise DemoError(f"The server ended by itself; it wrote to {server.log}.")


if __name__ == "__main__":
    sys.exit(main())
