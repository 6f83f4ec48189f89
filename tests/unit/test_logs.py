# SPDX-License-Identifier: Apache-2.0
"""Logs name ids and places, never content."""

from __future__ import annotations

import io
import json
import logging

import pytest
import structlog

from vigie import logs

SECRET = "a sentence that somebody wrote"


@pytest.fixture
def stream():
    before = logging.getLogger().handlers[:], logging.getLogger().level
    stream = io.StringIO()
    logs.configure("web", stream=stream, as_json=True)
    yield stream
    structlog.reset_defaults()
    logging.getLogger().handlers, level = before
    logging.getLogger().setLevel(level)


def _lines(stream):
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_key_that_may_hold_content_is_dropped(stream):
    structlog.get_logger().error("item_refused", decision_id="w-1-0", text=SECRET, author=SECRET)
    assert SECRET not in stream.getvalue()
    (line,) = _lines(stream)
    assert line["event"] == "item_refused"
    assert line["decision_id"] == "w-1-0"
    assert line["role"] == "web"


def test_a_library_is_quoted_without_the_values_in_its_message(stream):
    logging.getLogger("django.request").error("Bad request: %s", SECRET)
    assert SECRET not in stream.getvalue()
    assert _lines(stream)[0]["code"] == "Bad request: %s"


def test_an_error_is_named_by_kind_and_place_without_its_message(stream):
    try:
        raise RuntimeError(SECRET)
    except RuntimeError:
        logging.getLogger("uvicorn.error").exception("Exception in ASGI application")
    assert SECRET not in stream.getvalue()
    (line,) = _lines(stream)
    assert line["kind"] == "RuntimeError"
    assert line["line"].partition(":")[0].endswith("test_logs.py")


def test_an_error_handed_to_the_log_leaves_kind_and_place(stream):
    structlog.get_logger().error("api_failed", exc_info=ValueError(SECRET))
    assert SECRET not in stream.getvalue()
    assert _lines(stream)[0]["kind"] == "ValueError"


def test_a_person_at_a_terminal_reads_lines():
    stream = io.StringIO()
    logs.configure("jobs", stream=stream, as_json=False)
    structlog.get_logger().warning("fold_is_late", seconds=70)
    assert "fold_is_late" in stream.getvalue()
    structlog.reset_defaults()
