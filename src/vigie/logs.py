# SPDX-License-Identifier: Apache-2.0
"""Logs of the server: JSON for machines, one line for a person at a terminal.

An event is a constant phrase, its keys are ids and counts. A key that is not
on the list is dropped, and a library's message is written without what was
filled into it: logs never hold content, names or secrets. The audit is the
ledger, not this.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Callable, MutableMapping
from typing import Any, Final, TextIO

import structlog

KEYS: Final = frozenset(
    {
        "event", "level", "timestamp", "role", "job", "kind", "line", "code", "logger",
        "request_id", "decision_id", "record_id", "task_id", "endpoint_id", "key_id", "case_id",
        "writer", "snapshot", "size", "count", "seconds", "status", "method", "route", "attempt",
        "policy", "version", "problem", "reason", "account",
    }
)  # fmt: skip
"""What may stand in a log line. Identifiers of items and authors do not."""

Event = MutableMapping[str, Any]


def configure(role: str, *, stream: TextIO | None = None, as_json: bool | None = None) -> None:
    """Set logging up for a process of the server; JSON where nobody watches."""
    target = stream or sys.stderr
    plain = as_json if as_json is not None else not target.isatty()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _with_role(role),
            place_errors,
            drop_unknown,
            structlog.processors.JSONRenderer() if plain else structlog.dev.ConsoleRenderer(),
        ],
        logger_factory=structlog.WriteLoggerFactory(target),
        cache_logger_on_first_use=True,
    )
    root = logging.getLogger()
    root.handlers = [Libraries()]
    root.setLevel(logging.WARNING)


def place_errors(_logger: Any, _method: str, event: Event) -> Event:
    """Put kind and place of an error where its message and trace would stand."""
    problem = event.pop("exc_info", None)
    if isinstance(problem, BaseException):
        event.update(where(problem))
    return event


def drop_unknown(_logger: Any, _method: str, event: Event) -> Event:
    """Leave out every key that may hold more than an id or a count."""
    return {key: value for key, value in event.items() if key in KEYS}


def where(problem: BaseException) -> dict[str, str]:
    """Say what failed and where, never with which values: messages may hold content."""
    frames = traceback.extract_tb(problem.__traceback__)
    line = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""
    return {"kind": type(problem).__name__, "line": line}


class Libraries(logging.Handler):
    """What libraries log: their template, the kind of the error and its place."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write a library's record without the values in it."""
        facts = {"logger": record.name, "code": str(record.msg)[:80]}
        if record.exc_info and record.exc_info[1] is not None:
            facts |= where(record.exc_info[1])
        log = structlog.get_logger()
        log.log(record.levelno, "library_logged", **facts)


def _with_role(role: str) -> Callable[[Any, str, Event], Event]:
    def add(_logger: Any, _method: str, event: Event) -> Event:
        event["role"] = role
        return event

    return add
