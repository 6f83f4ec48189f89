# SPDX-License-Identifier: Apache-2.0
"""`vigie serve` from outside: started, refused twice, killed, stopped."""

from __future__ import annotations

import os
import signal
import subprocess
from functools import partial
from pathlib import Path

import pytest

from tests.support.installation import Installation
from tests.support.serving import Server, eventually, free_port

ITEM = {"surface": "post", "author": {"id": "a-1"}, "text": "The market opens at nine."}


@pytest.fixture
def server(vigie):
    with Server(vigie) as server:
        yield server


@pytest.fixture
def key(server):
    made = server.vigie.json("key", "create", "tests", "--scope", "trusted")["key"]
    headers = {"Authorization": f"Bearer {made}"}
    eventually(lambda: server.post("/v1/items", {}, **headers).status == 422)
    return headers


def test_an_empty_folder_is_set_up_and_served(bare):
    with Server(bare) as server:
        assert server.get("/healthz").status == 200
        assert (bare.folder / "snapshots" / "CURRENT").exists()
        assert set(server.children()) == {"web", "people", "jobs"}


def test_a_second_server_on_the_folder_is_refused_and_told_who_holds_it(server):
    done = server.vigie.run("serve", "--port", str(free_port()))
    assert done.returncode == 1
    assert f"process {server.process.pid} on " in done.stderr
    assert server.url in done.stderr


def test_a_taken_port_is_refused_with_the_fix(server, tmp_path):
    other = Installation(tmp_path / "other")
    (other.folder / "snapshots").mkdir(parents=True)
    (other.folder / "snapshots" / "CURRENT").write_text("1")
    done = other.run("serve", "--port", str(server.port))
    assert done.returncode == 1
    assert "--port" in done.stderr


def test_a_killed_door_comes_back_and_what_it_answered_is_there(server, key):
    made = server.post("/v1/items", {"id": "p-1", **ITEM}, **key).json()["decision"]
    web = server.children()["web"]
    os.kill(web, signal.SIGKILL)
    # The socket is the supervisor's: a request waits in the kernel for the new process.
    again = eventually(lambda: _found(server, made["decision_id"], key))
    assert again["decision_id"] == made["decision_id"]
    assert server.children()["web"] != web


def _found(server, name, key):
    answer = server.get(f"/v1/decisions/{name}", **key)
    return answer.json().get("decision", answer.json()) if answer.status == 200 else None


def test_sigterm_ends_all_and_keeps_what_was_answered(vigie):
    with Server(vigie) as server:
        made = server.vigie.json("key", "create", "tests", "--scope", "trusted")["key"]
        key = {"Authorization": f"Bearer {made}"}
        eventually(lambda: server.post("/v1/items", {}, **key).status == 422)
        names = [
            server.post("/v1/items", {"id": f"p-{n}", **ITEM}, **key).json()["decision"][
                "decision_id"
            ]
            for n in range(20)
        ]
        pids = [*server.children().values()]
        assert server.stop() == 0
        assert not any(_lives(pid) for pid in pids)
    with Server(vigie) as server:
        for name in names:
            assert eventually(partial(_found, server, name, key))


def test_children_of_a_killed_supervisor_end_and_the_folder_is_free_again(vigie):
    server = Server(vigie)
    pids = [*server.children().values()]
    server.kill()
    with Server(vigie) as again:
        assert not any(_lives(pid) for pid in pids)
        assert again.get("/healthz").status == 200


def test_the_web_process_loads_no_library_of_the_archive(server, key):
    server.post("/v1/items", {"id": "p-1", **ITEM}, **key)
    server.get("/console/login")
    maps = Path(f"/proc/{server.children()['web']}/maps").read_text()
    loaded = [name for name in ("pyarrow", "duckdb", "numba") if f"/{name}/" in maps]
    assert loaded == []
    assert "/numpy/" in maps, "the control: what it does load is seen"


def test_a_role_of_its_own_stops_with_zero(vigie):
    process = vigie.start("serve", "--role", "jobs", stderr=subprocess.DEVNULL)
    try:
        eventually((vigie.folder / "run" / "jobs.status.json").exists)
        refused = vigie.run("serve", "--role", "jobs")
        assert refused.returncode == 1
        assert "jobs already runs" in refused.stderr
    finally:
        process.terminate()
        assert process.wait(timeout=30) == 0


def _lives(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
