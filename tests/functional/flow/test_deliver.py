# SPDX-License-Identifier: Apache-2.0
"""Messages are sent, tried again, and never called delivered when they were not."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, cast

import pytest

from vigie.core.errors import InvalidInputError
from vigie.exchange import webhook as hooks
from vigie.exchange.webhook import Receipt
from vigie.flow import webhooks
from vigie.flow.decide import PersonDecision, Verb, decide
from vigie.flow.deliver import deliver, mark_overdue
from vigie.flow.statements import address_of, due_statements, issue_statement
from vigie.settings import Settings
from vigie.store.models import (
    DecisionRecord,
    Effect,
    OutgoingTask,
    Record,
    Statement,
    User,
    WebhookEndpoint,
)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    from dataclasses import replace

    return replace(settings, webhook_private=True)


@pytest.fixture
def endpoint(house):
    return webhooks.add_webhook(house, "http://127.0.0.1:9/hooks")


def answers(*statuses: int) -> Any:
    """Return a sender that answers so, one after the other, and keeps what it was given."""
    left = list(statuses)
    seen = []

    def send(url, secrets, message_id, body, now_s, **_more):
        seen.append((message_id, json.loads(body)))
        status = left.pop(0)
        return Receipt(
            status, delivered=200 <= status < 300, gone=status == 410, digest="", problem=""
        )

    cast("Any", send).seen = seen
    return send


def test_refused_message_is_tried_again_under_the_same_id(house, endpoint, door, fold_all, clock):
    door.restrict()
    fold_all()
    send = answers(503, 200)
    assert deliver(house, send=send).failed == 1
    task = OutgoingTask.objects.get()
    assert (task.state, task.attempts) == ("failed", 1)
    assert 4_000 < task.next_try - house.now() < 6_000
    assert deliver(house, send=send) == (0, 0)
    clock.advance(6_000)
    assert deliver(house, send=send).delivered == 1
    task.refresh_from_db()
    assert (task.state, task.receipt["status"]) == ("delivered", 200)
    first, second = send.seen
    assert first == second


def test_gone_endpoint_gets_no_more_messages(house, endpoint, door, fold_all):
    door.restrict()
    fold_all()
    deliver(house, send=answers(410))
    assert OutgoingTask.objects.get().state == "dead"
    endpoint.refresh_from_db()
    assert (endpoint.enabled, endpoint.disabled_reason) == (False, "gone")


def test_after_ten_attempts_a_message_is_dead(house, endpoint, door, fold_all, clock):
    door.restrict()
    fold_all()
    send = answers(*[500] * 10)
    for _ in range(10):
        clock.advance(27 * 3_600_000)
        deliver(house, send=send)
    assert OutgoingTask.objects.get().state == "dead"
    assert OutgoingTask.objects.get().attempts == 10


def test_crash_after_sending_sends_the_same_message_again(house, endpoint, door, fold_all, clock):
    door.restrict()
    fold_all()

    def crashes(*_args, **_more):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        deliver(house, send=crashes)
    assert OutgoingTask.objects.get().state == "sent"
    send = answers(200)
    assert deliver(house, send=send) == (0, 0)
    clock.advance(61_000)
    assert deliver(house, send=send).delivered == 1


def test_nothing_leaves_before_its_time(house, endpoint, clock):
    webhooks.enqueue("decision.made", {}, house.now(), not_before=house.now() + 30_000)
    send = answers(200)
    assert deliver(house, send=send) == (0, 0)
    clock.advance(30_000)
    assert deliver(house, send=send).delivered == 1


def test_statement_is_issued_five_minutes_after_sending_as_not_confirmed(
    house, endpoint, door, fold_all, clock
):
    sealed = door.restrict()
    fold_all()
    assert due_statements(house.now()) == []
    clock.advance(300_000)
    [due] = due_statements(house.now())
    assert issue_statement(house, due)
    statement = Statement.objects.get()
    assert (statement.state, statement.confirmed) == ("issued", False)
    assert Record.objects.filter(kind="statement.issued").count() == 1
    told = OutgoingTask.objects.get(event="statement.issued").payload["data"]
    assert told["decision_id"] == sealed.decision_id
    assert told["statement_url"] == address_of(house, statement)
    assert not issue_statement(house, due)


def test_confirmed_effect_issues_the_statement_at_once_with_its_time(house, door, fold_all, clock):
    sealed = door.restrict()
    fold_all()
    door.now = clock.now_ms() - 60_000
    door.confirm(sealed.decision_id)
    fold_all()
    [due] = due_statements(house.now())
    issue_statement(house, due)
    statement = Statement.objects.get()
    assert statement.confirmed
    since = next(f for f in statement.content["en"]["facts"] if f["key"] == "since")
    assert "confirm" not in since["value"]


def test_unconfirmed_effect_is_overdue_after_five_minutes(house, door, fold_all, clock):
    door.restrict()
    fold_all()
    assert mark_overdue(house) == 0
    clock.advance(300_001)
    assert mark_overdue(house) == 1
    assert Effect.objects.get().overdue


def test_what_a_person_decided_is_overdue_where_nobody_asked_to_be_told(
    house, door, fold_all, clock
):
    door.propose()
    fold_all()
    user = User.objects.create_user("c.vidal", None, role="moderator")
    number = DecisionRecord.objects.get().number
    decide(house, PersonDecision(on=number, verb=Verb.WITHHOLD, reason="It does.", user=user))
    clock.advance(300_001)
    assert mark_overdue(house) == 0, "the time for an undo does not count"
    clock.advance(30_000)
    assert mark_overdue(house) == 1
    assert (Effect.objects.get().state, Effect.objects.get().overdue) == ("waiting", True)


def test_message_arrives_signed_so_that_its_receiver_can_check_it(house, door, fold_all):
    came = []

    class Platform(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            came.append(({k.lower(): v for k, v in self.headers.items()}, body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_args):
            pass

    with HTTPServer(("127.0.0.1", 0), Platform) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        endpoint = webhooks.add_webhook(house, f"http://127.0.0.1:{server.server_port}/in")
        door.restrict()
        fold_all()
        assert deliver(house).delivered == 1
        thread.join()
    headers, body = came[0]
    hooks.verify(endpoint.secret, headers, body, house.now() // 1000)
    assert json.loads(body)["type"] == "decision.made"
    assert len(body) < 20_000


def test_endpoint_with_a_list_gets_only_what_it_asked_for(house):
    endpoint = webhooks.add_webhook(house, "http://127.0.0.1:9/", ["statement.issued"])
    assert webhooks.subscribed([endpoint], "decision.made") == []
    with pytest.raises(InvalidInputError):
        webhooks.add_webhook(house, "http://127.0.0.1:9/", ["everything"])


def test_removed_endpoint_leaves_no_message_behind(house, endpoint, door, fold_all):
    door.restrict()
    fold_all()
    webhooks.remove_webhook(endpoint.pk)
    assert OutgoingTask.objects.get().state == "cancelled"
    assert not WebhookEndpoint.objects.get().enabled


def test_test_message_goes_the_same_way(house, endpoint):
    webhooks.test_webhook(house, endpoint.pk)
    send = answers(200)
    assert deliver(house, send=send).delivered == 1
    assert send.seen[0][1]["type"] == "webhook.test"
