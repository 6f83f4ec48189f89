# SPDX-License-Identifier: Apache-2.0
"""Every term asks the holds, in the transaction that deletes; restrictions have a term too."""

from __future__ import annotations

import ast
from contextlib import contextmanager
from pathlib import Path

import pytest

import vigie
from vigie.core.item import MediaFacts
from vigie.flow import deletion, erase, holds, retain
from vigie.flow.transaction import writing
from vigie.jobs.folding import Folding
from vigie.store.models import (
    Case,
    CaseState,
    DecisionRecord,
    Hold,
    HourKey,
    IdempotencyRow,
    ItemContent,
    LogEntry,
    OutgoingTask,
    PendingPurge,
    RecordKey,
    Segment,
    Statement,
    TaskState,
)

DAY = 86_400_000
MEDIA = (MediaFacts(status="ok", sha256="ab" * 32),)
SOURCE = Path(vigie.__file__).parent


@pytest.fixture
def folding(house):
    made = Folding(house, pause=lambda _: None)
    yield made
    made.close()


def hold(house, item_id="p-1"):
    return holds.place_hold(house, basis="order", owner="legal", review_at=0, item_id=item_id)


def test_a_restricted_decision_keeps_hashes_and_pseudonym_until_the_window_ends(
    house, door, folding, clock
):
    door.restrict(media=MEDIA)
    folding.drain()
    clock.advance((house.settings.statement_days - 1) * DAY)
    retain.retain(house)
    kept = DecisionRecord.objects.get()
    assert kept.author
    assert kept.media
    assert RecordKey.objects.filter(record=kept.record_id).exists()
    clock.advance(2 * DAY)
    retain.retain(house)
    gone = DecisionRecord.objects.get()
    assert (gone.author, gone.media, gone.outcome) == ("", [], "limit")
    assert not RecordKey.objects.filter(record=gone.record_id).exists()
    assert LogEntry.objects.filter(index=gone.log_index).exists()


def test_the_window_of_a_restriction_begins_anew_with_each_decision(house, door, folding, clock):
    from vigie.flow.decide import PersonDecision, Verb, decide
    from vigie.store.models import User

    door.restrict(media=MEDIA)
    folding.drain()
    clock.advance(180 * DAY)
    user = User.objects.create_user("c.vidal", None, role="moderator")
    decide(house, PersonDecision(on=1, verb=Verb.CONFIRM, reason="It stands.", user=user))
    clock.advance(20 * DAY)
    retain.retain(house)
    assert DecisionRecord.objects.exclude(author="").count() == 2
    clock.advance((house.settings.statement_days - 19) * DAY)
    retain.retain(house)
    assert not DecisionRecord.objects.exclude(author="").exists()
    assert not DecisionRecord.objects.exclude(reason="").exists()


def test_facts_of_a_listed_picture_go_with_its_decision_once_the_case_is_closed(
    house, door, folding, clock
):
    from tests.support import made

    door.restrict(**made.listed())
    folding.drain()
    clock.advance(400 * DAY)
    retain.retain(house)
    assert Case.objects.get().facts
    Case.objects.update(state=CaseState.DECIDED)
    retain.retain(house)
    assert Case.objects.get().facts == {}


def everything(house, door, folding, clock):
    """Let one item with all that is kept of it come to the end of every term."""
    from vigie.flow.webhooks import add_webhook

    add_webhook(house, "https://agora.example/hooks")
    door.restrict(door.item(id="p-1"), media=MEDIA, idempotency=b"k" * 16)
    door.decide(door.item(id="p-1", version=2))
    folding.drain()
    OutgoingTask.objects.update(state=TaskState.DELIVERED, done_at=house.now())
    clock.advance(400 * DAY)


def left(house) -> dict[str, bool]:
    segment = Segment.objects.get()
    return {
        "text": ItemContent.objects.exists(),
        "hashes": DecisionRecord.objects.exclude(media=[]).exists(),
        "key": RecordKey.objects.filter(record__kind="decision.made").exists(),
        "statement": Statement.objects.exclude(content={}).exists(),
        "message": OutgoingTask.objects.exists(),
        "answer": IdempotencyRow.objects.exists(),
        "segment": (house.settings.archive_dir / segment.file).exists(),
        "hourly key": HourKey.objects.exists(),
    }


def test_no_term_deletes_what_is_held(house, door, folding, clock):
    everything(house, door, folding, clock)
    stands = hold(house)
    retain.retain(house)
    assert all(left(house).values()), left(house)
    holds.lift_hold(house, stands.pk)
    retain.retain(house)
    assert not any(left(house).values()), left(house)


def test_a_hold_on_another_item_keeps_nothing(house, door, folding, clock):
    """The control of the test above."""
    everything(house, door, folding, clock)
    hold(house, "p-2")
    retain.retain(house)
    assert not any(left(house).values()), left(house)


def test_a_hold_on_the_author_covers_segments_too(house, door, folding, clock):
    everything(house, door, folding, clock)
    holds.place_hold(house, basis="order", owner="legal", review_at=0, author_id="a-9")
    retain.retain(house)
    assert all(left(house).values()), left(house)


def test_a_hold_that_comes_while_a_term_is_enforced_still_counts(
    house, door, folding, clock, monkeypatch
):
    everything(house, door, folding, clock)

    @contextmanager
    def late():
        with writing():
            if not Hold.objects.exists():
                item = {"subject": "item", "service": "default", "item_id": "p-1"}
                Hold.objects.create(**item, basis="b", owner="o", review_at=0, placed_at=0)
            yield

    monkeypatch.setattr(deletion, "writing", late)
    retain.retain(house)
    assert all(left(house).values()), left(house)


def test_an_erasure_waits_for_a_hold_that_came_before_the_journals_were_done(house, door, folding):
    door.propose(door.item(id="p-1"))
    folding.drain()
    erase.erase_item(house, "p-1", "platform")
    late = door.propose(door.item(id="p-1", version=2))
    stands = hold(house)
    assert folding.erase() == 0
    folding.drain()
    assert PendingPurge.objects.count() == 1
    assert ItemContent.objects.filter(version=2).exists()
    holds.lift_hold(house, stands.pk)
    assert folding.erase() == 1
    assert not ItemContent.objects.exists()
    assert not RecordKey.objects.filter(record__decision__decision_id=late.decision_id).exists()


BOOKS = {
    # Notes of `jobs` to itself; they hold nothing that a hold could cover.
    ("flow/snapshots.py", "delete"),
    ("jobs/purge.py", "delete"),
    # Settings of the operator: weights, the ladder, routing rules, members of queues.
    ("flow/queues/manage.py", "delete"),
    ("flow/strikes/weights.py", "delete"),
    # Who of the desk has a case open and who serves no queue for a while.
    ("flow/queues/claims.py", "delete"),
    ("flow/queues/moves.py", "delete"),
    # A person's own saved searches: words to search by, no result.
    ("flow/search/saved.py", "delete"),
    # Sessions and second factors of the desk: what signs in must end at once.
    ("console/views/account.py", "delete"),
    ("flow/accounts.py", "delete"),
    ("flow/factors.py", "delete"),
    # What outside parties of the log do not answer, until they do.
    ("flow/anchoring/unreached.py", "delete"),
    # Locations and data of an order, read again from its own document.
    ("flow/orders/apply.py", "delete"),
    # Limits of signing in and codes already used: minutes.
    ("web/shared_cache.py", "delete"),
}


def deletions(path: Path) -> set[tuple[str, str]]:
    name = path.relative_to(SOURCE).as_posix()
    calls = [n for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.Call)]
    named = [n for n in calls if isinstance(n.func, ast.Attribute)]
    words = {n.func.attr for n in named if not n.args}  # type: ignore[attr-defined]
    return {(name, word) for word in words & {"delete", "shred", "redact", "raw_delete"}}


def test_nothing_else_deletes_rows_of_the_store():
    rooms = ("flow", "jobs", "api", "console", "portal", "cli", "web")
    files = [path for room in rooms for path in (SOURCE / room).rglob("*.py")]
    found = {one for path in files for one in deletions(path)}
    assert {one for one in found if one[0] != "flow/deletion.py"} == BOOKS


@pytest.mark.parametrize("words", ["rows.delete()", "rows.shred()", "rows.redact(author='')"])
def test_a_deletion_beside_the_function_would_be_found(words, tmp_path, monkeypatch):
    path = tmp_path / "terms.py"
    path.write_text(words)
    monkeypatch.setitem(globals(), "SOURCE", tmp_path)
    assert deletions(path)
