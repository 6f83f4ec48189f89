# SPDX-License-Identifier: Apache-2.0
"""How a command fails: words and a fix on stderr, and an exit code by kind."""

from __future__ import annotations

import json
import os
import sys
import traceback
from typing import Final

import click

OK: Final = 0
FAILED: Final = 1
USAGE: Final = 2
OUTSIDE: Final = 3
INTERRUPTED: Final = 130

DEBUG: Final = "VIGIE_DEBUG"
DATABASE: Final = "VIGIE_DATABASE_URL"


class Done(Exception):  # noqa: N818 - no error: a command that has said all it had to say
    """Leave with a code after the command has printed its own result."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def code_of(problem: BaseException) -> int:
    """Return the exit code of what was raised."""
    from vigie.core.errors import OutsideError

    if isinstance(problem, Done | click.exceptions.Exit):
        return problem.code if isinstance(problem, Done) else problem.exit_code
    if isinstance(problem, click.UsageError):
        return USAGE
    if isinstance(problem, KeyboardInterrupt | click.Abort):
        return INTERRUPTED
    outside = isinstance(problem, OutsideError) or is_database_away(problem)
    return OUTSIDE if outside else FAILED


def is_database_away(problem: BaseException) -> bool:
    """Say whether a database server did not answer; SQLite is no outside party.

    By name: a command that never touched the store has not loaded Django.
    """
    kind = type(problem)
    lost = kind.__name__ in {"OperationalError", "InterfaceError"}
    return lost and kind.__module__ == "django.db.utils" and bool(os.environ.get(DATABASE))


def report(problem: BaseException, *, as_json: bool) -> None:
    """Say what went wrong. With `--json` in the one error shape."""
    if isinstance(problem, Done | click.exceptions.Exit | BrokenPipeError):
        return
    if isinstance(problem, KeyboardInterrupt | click.Abort):
        print("vigie: interrupted", file=sys.stderr)
        return
    code, message, field, fix = _parts(problem)
    if as_json:
        body = {"code": code, "message": message, "field": field, "fix": fix}
        shown = {key: value for key, value in body.items() if value}
        print(json.dumps({"error": shown}, ensure_ascii=False), file=sys.stderr)
        return
    where = f" ({field})" if field else ""
    print(f"vigie: {message}{where}", file=sys.stderr)
    if fix:
        print(f"       {fix}", file=sys.stderr)


def _parts(problem: BaseException) -> tuple[str, str, str | None, str | None]:
    from vigie.core.errors import VigieError

    if os.environ.get(DEBUG):
        traceback.print_exception(problem)
    if isinstance(problem, VigieError):
        return problem.code, problem.message, problem.field, problem.fix
    if isinstance(problem, click.ClickException):
        kind = "usage" if isinstance(problem, click.UsageError) else "failed"
        return kind, problem.format_message(), None, _usage(problem)
    if isinstance(problem, OSError):
        return "failed", f"{problem.strerror or problem}", problem.filename, None
    if is_database_away(problem):
        fix = f"Look whether it runs, and at {DATABASE}."
        return "database_away", "The database does not answer.", None, fix
    own = getattr(problem, "code", None)
    if isinstance(own, str):  # the ledger has an error root of its own
        return own, str(problem), None, getattr(problem, "fix", None)
    fix = f"This should not happen. Set {DEBUG}=1 for the place in the code."
    return "failed", f"{type(problem).__name__}: {problem}", None, fix


def _usage(problem: click.ClickException) -> str | None:
    if isinstance(problem, click.UsageError) and problem.ctx is not None:
        return f"See `{problem.ctx.command_path} --help`."
    return None
