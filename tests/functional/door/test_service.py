# SPDX-License-Identifier: Apache-2.0
"""Readiness, figures, Snapshots that come and fail, journals that do not take."""

from __future__ import annotations

import json
import time

import pytest
from starlette.testclient import TestClient

from tests.support.door import KEYS, PLANTED, TRUSTED, Client, item, live, opened, policy, publish
from vigie.asgi import Dispatcher
from vigie.bootstrap import STATUS_FILE, open_door, status_reader
from vigie.core.errors import UnavailableError
from vigie.intake.app import IntakeApp
from vigie.intake.health import FORWARDED
from vigie.journal.reader import Reader
from vigie.journal.rows import Kind, decode
from vigie.journal.writer import DiskFullError, JournalFailedError
from vigie.screening.snapshot_files import CURRENT


def _wait(until, seconds: float = 5.0) -> None:
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.05)


def _say(settings, **figures) -> None:
    settings.run_dir.mkdir(exist_ok=True)
    said = {"at": time.time() * 1000, **figures}
    (settings.run_dir / STATUS_FILE).write_text(json.dumps(said))


def test_a_process_that_runs_is_alive(client: Client) -> None:
    assert client.http.get("/healthz").json() == {"status": "alive"}


def test_without_a_word_of_jobs_it_is_not_ready(client: Client) -> None:
    answer = client.http.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["problems"][0]["code"] == "jobs_silent"


def test_with_jobs_at_work_it_is_ready_and_says_which_snapshot(settings, clock) -> None:
    _say(settings, fold_lag_seconds=0.1)
    with opened(settings, clock) as client:
        answer = client.http.get("/readyz")
        assert (answer.status_code, answer.json()["snapshot"]) == (200, 1)


@pytest.mark.parametrize("figures", [{"fold_lag_seconds": 61}, {"at": 0}])
def test_where_records_are_behind_batches_wait_and_single_items_do_not(
    settings, clock, figures
) -> None:
    _say(settings, **figures)
    with opened(settings, clock) as client:
        assert client.http.get("/readyz").json()["problems"][0]["code"] == "fold_behind"
        answer = client.post({"items": [item()]})
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "fold_behind")
        assert int(answer.headers["retry-after"]) > 0
        assert client.post(item()).is_success


def test_a_status_that_does_not_read_is_silence(settings) -> None:
    path = settings.data_dir / "status"
    path.write_text("{")
    assert status_reader(path)() == {}


def test_figures_name_no_item_and_no_key(client: Client) -> None:
    client.decide(id="p-secret", author={"id": "a-secret"}, text=PLANTED)
    client.refused(item(version=0))
    text = client.http.get("/metrics").text
    assert 'vigie_refused_total{code="bad_version"} 1.0' in text
    assert "vigie_items_total" in text
    assert "vigie_snapshot 1.0" in text
    assert "secret" not in text
    assert PLANTED not in text
    assert TRUSTED not in text


def test_figures_are_for_this_machine_alone(client: Client) -> None:
    abroad = TestClient(IntakeApp(client.door.services), client=("192.0.2.1", 50000))
    assert abroad.get("/metrics").status_code == 404


@pytest.mark.parametrize("header", FORWARDED)
def test_a_proxy_on_this_machine_shows_nobody_the_figures(client: Client, header: str) -> None:
    assert client.http.get("/metrics").status_code == 200
    assert client.http.get("/metrics", headers={header: "192.0.2.1"}).status_code == 404


def test_the_longest_slice_is_a_figure(client: Client) -> None:
    client.decide()
    text = client.http.get("/metrics").text
    [line] = [one for one in text.splitlines() if one.startswith("vigie_longest_slice_seconds ")]
    assert float(line.split()[1]) > 0


def test_without_a_snapshot_the_door_does_not_open(settings) -> None:
    (settings.snapshots_dir / CURRENT).unlink()
    with pytest.raises(UnavailableError, match="Snapshot"):
        open_door(settings)


def test_a_new_snapshot_is_taken_while_the_door_is_open(client: Client, settings) -> None:
    before = client.decide(id="a", text=PLANTED)["decision"]
    assert before["outcome"] == "review"
    publish(settings.snapshots_dir, policies=[])
    _wait(lambda: client.door.holder.snapshot.number == 2)
    after = client.decide(id="b", text=PLANTED)["decision"]
    assert (after["outcome"], after["snapshot"]) == ("allow", 2)


def test_a_revoked_key_is_refused_within_two_seconds(client: Client, settings) -> None:
    assert client.post(item()).is_success
    publish(settings.snapshots_dir, access=KEYS[1:])
    _wait(lambda: client.post(item()).status_code == 401, 2.0)


def test_a_damaged_snapshot_is_refused_and_the_old_one_serves(client: Client, settings) -> None:
    number = publish(settings.snapshots_dir, policies=live(policy("other")))
    manifest = json.loads((settings.snapshots_dir / f"{number}.json").read_text())
    part = settings.snapshots_dir / "parts" / manifest["parts"]["policies"]
    part.write_bytes(part.read_bytes()[:-1] + b" ")
    _wait(lambda: client.door.holder.refused)
    assert client.door.holder.snapshot.number == 1
    assert client.decide()["decision"]["snapshot"] == 1
    codes = [one["code"] for one in client.http.get("/readyz").json()["problems"]]
    assert "snapshot_refused" in codes
    assert "vigie_snapshot_refused 1.0" in client.http.get("/metrics").text
    publish(settings.snapshots_dir)
    _wait(lambda: client.door.holder.snapshot.number == 3)
    assert client.door.holder.refused == ""


def test_a_current_that_does_not_read_leaves_the_old_one_in_force(client: Client, settings) -> None:
    (settings.snapshots_dir / CURRENT).write_text("two")
    _wait(lambda: client.door.holder.refused)
    assert client.decide()["decision"]["snapshot"] == 1
    (settings.snapshots_dir / CURRENT).write_text("1\n")
    publish(settings.snapshots_dir)
    _wait(lambda: client.door.holder.snapshot.number == 2)


@pytest.mark.parametrize(
    ("error", "status", "code", "retry"),
    [
        (DiskFullError("full"), 507, "disk_full", "30"),
        (JournalFailedError("failed"), 503, "journal_failed", "2"),
    ],
)
def test_what_could_not_be_recorded_is_not_accepted(
    client: Client, monkeypatch, error, status: int, code: str, retry: str
) -> None:
    journal = client.door.journal
    with monkeypatch.context() as broken:
        broken.setattr(journal, "_commit", lambda _rows: error)
        answer = client.post(item(), idempotency_key="k-1")
        assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
        assert answer.headers["retry-after"] == retry
    assert Reader(journal.folder, journal.writer).read(0, 10) == []
    # Neither the version nor the key was remembered: the next one is the first.
    assert client.post(item(text="Other."), idempotency_key="k-1").is_success


def test_the_hours_key_is_sent_again_after_a_failed_commit(client: Client, monkeypatch) -> None:
    journal = client.door.journal
    with monkeypatch.context() as broken:
        broken.setattr(journal, "_commit", lambda _rows: JournalFailedError("failed"))
        assert client.post(item()).status_code == 503
    for n in range(3):
        client.decide(id=f"p-{n}")
    rows = Reader(journal.folder, journal.writer).read(0, 100)
    assert [row.kind for row in rows].count(Kind.HOURKEY) == 1
    assert rows[0].kind == Kind.HOURKEY
    assert len(decode(rows[0]).key) == 32


def test_one_requests_fault_is_not_another_ones(client: Client, monkeypatch) -> None:
    sealer = client.door.services.engine._sealer
    seal = sealer._seal

    def fail(asked, *rest):
        if asked.subject.item.id == "poison":
            raise RuntimeError("poison")
        return seal(asked, *rest)

    monkeypatch.setattr(sealer, "_seal", fail)
    error = client.refused(item(id="poison"))
    assert (error["status"], error["code"]) == (500, "failed")
    assert "poison" not in error["message"]
    assert client.post(item(id="fine")).is_success


async def _people(_scope, _receive, send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"a page"})


@pytest.mark.parametrize(
    ("path", "machine"),
    [
        ("/v1", True),
        ("/v1/unknown", True),
        ("/ai/v1/chat/completions", True),
        ("/readyzz", True),
        ("/", False),
        ("/console/", False),
        ("/v12", False),
        ("/api/v1/decisions", False),
    ],
)
def test_a_machine_path_is_never_answered_with_a_page(
    client: Client, path: str, machine: bool
) -> None:
    app = Dispatcher(IntakeApp(client.door.services), _people, _people)
    answer = TestClient(app).get(path)
    if machine:
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "no_such_path")
    else:
        assert answer.text == "a page"
