# SPDX-License-Identifier: Apache-2.0
"""Fifty people at the desk while the doors take 300 items a second.

A served folder (`vigie serve`, SQLite) with 100,000 open cases; fifty signed-in
sessions, each with one action every four seconds: open the next case, see the
statement for a choice, decide, open what follows. Intake takes batches of 30 ten
times a second meanwhile, and the fold runs. Server and clients share the machine.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.common import Figure
from benchmarks.server import wait_for
from benchmarks.workload import texts

if TYPE_CHECKING:
    from vigie.flow.house import House

CASES = 100_000
SESSIONS = 50
EVERY_S = 4.0
ACTIONS = 3
WARM_S = 16.0
SECONDS = 60.0
BATCH = 30
BATCHES_A_SECOND = 10
PASSWORD = "correct horse battery staple"
COMMON = {"VIGIE_REQUIRE_MFA": "none", "VIGIE_DATABASE_URL": ""}


@dataclass
class Times:
    """Seconds by kind, from all sessions, after the warming up."""

    pages: list[float] = field(default_factory=list)
    decisions: list[float] = field(default_factory=list)
    posts: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    since: float = 0.0

    def add(self, kind: list[float], began: float) -> None:
        """Note an answer that began after the warming up."""
        if began >= self.since:
            kind.append(time.perf_counter() - began)


def measure() -> list[Figure]:
    """Return what people waited for."""
    texts()
    with tempfile.TemporaryDirectory(prefix="vigie-people-") as folder:
        environment = {**os.environ, **COMMON, "VIGIE_DATA_DIR": folder}
        made = subprocess.run(
            [sys.executable, "-m", "benchmarks.people", "fill"],
            env=environment,
            check=True,
            stdout=subprocess.PIPE,
        )
        told = json.loads(made.stdout.splitlines()[-1])
        with _served(folder, environment) as port:
            times = _load(port, told["key"])
            lag = _lag(folder)
    return [
        *_figures(times, told["cases"]),
        Figure("lag of the fold afterwards", lag, "s", 10, False),
    ]


def _figures(times: Times, cases: int) -> Iterator[Figure]:
    yield Figure("open cases", cases, "cases", CASES)
    yield Figure("pages, p95", _p95(times.pages), "ms", 300, False)
    yield Figure("pages, median", statistics.median(times.pages) * 1000, "ms")
    yield Figure("decisions, p95", _p95(times.decisions), "ms", 400, False)
    yield Figure("decisions", len(times.decisions), "decisions")
    yield Figure("batches of 30 items, p95", _p95(times.posts), "ms")
    rate = len(times.posts) * BATCH / SECONDS
    yield Figure("items taken meanwhile", rate, "items/s", 295)
    yield Figure("actions that went wrong", len(times.wrong), "actions", 0, False)


def _p95(waits: list[float]) -> float:
    return statistics.quantiles(waits, n=20)[18] * 1000


@contextmanager
def _served(folder: str, environment: dict[str, str]) -> Iterator[int]:
    """Run `vigie serve` over the folder."""
    from tests.support.serving import free_port

    port = free_port()
    command = [sys.executable, "-m", "vigie", "serve", "--port", str(port), "--data-dir", folder]
    with (Path(folder) / "serve.log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            wait_for(f"http://127.0.0.1:{port}/healthz", 60)
            yield port
        finally:
            process.terminate()
            process.wait(30)


def _load(port: int, key: str) -> Times:
    """Let everybody work at once; return how long they waited."""
    times = Times()
    people = [Session(port, number, times) for number in range(SESSIONS)]
    for one in people:
        one.sign_in()
    times.since = time.perf_counter() + WARM_S
    end = times.since + SECONDS
    threads = [threading.Thread(target=one.work, args=(end,)) for one in people]
    threads.append(threading.Thread(target=_post, args=(port, key, times, end)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for words in sorted(set(times.wrong))[:5]:
        print(words, file=sys.stderr)
    return times


def _lag(folder: str) -> float:
    status = json.loads((Path(folder) / "run" / "jobs.status.json").read_text())
    return float(status["fold_lag_seconds"])


def _post(port: int, key: str, times: Times, end: float) -> None:
    """Post batches on the beat of a clock, whatever the answers take."""
    words = texts(7)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    due, number = time.perf_counter(), 0
    while time.perf_counter() < end:
        items = []
        for _ in range(BATCH):
            one, number = words[number % len(words)], number + 1
            author = {"id": f"a{number % 5000}"}
            items.append(
                {"id": f"q-{number}", "surface": "post", "author": author, "text": one.text}
            )
        began = time.perf_counter()
        connection.request("POST", "/v1/items", json.dumps({"items": items}), headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            times.wrong.append(f"POST /v1/items answered {answer.status}")
        times.add(times.posts, began)
        due += 1 / BATCHES_A_SECOND
        time.sleep(max(0.0, due - time.perf_counter()))


class Session:
    """One moderator's browser: a kept connection, cookies, forms as the page has them."""

    def __init__(self, port: int, number: int, times: Times) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._cookies: dict[str, str] = {}
        self._name = f"m{number}"
        self._times = times
        self._dice = random.Random(number)
        self._path = ""
        self._page = ""

    def sign_in(self) -> None:
        """Sign in as the person does."""
        self._get("/console/login")
        form = self._form("password", name=self._name, password=PASSWORD)
        self._send("/console/login", form)

    def work(self, end: float) -> None:
        """Do one action every four seconds until the end; nobody decides in step with others."""
        due = time.perf_counter() + self._dice.random() * EVERY_S * ACTIONS
        for action in self._actions():
            time.sleep(max(0.0, due - time.perf_counter()))
            if time.perf_counter() >= end:
                return
            began = time.perf_counter()
            kind = action()
            self._times.add(kind, began)
            due += EVERY_S

    def _actions(self) -> Iterator[Any]:
        while True:
            yield self._next
            yield self._look
            yield self._decide

    def _next(self) -> list[float]:
        self._get("/console/next")
        return self._times.pages

    def _look(self) -> list[float]:
        self._post(show="en")
        return self._times.pages

    def _decide(self) -> list[float]:
        self._post(go="1")
        return self._times.decisions

    def _post(self, **pressed: str) -> None:
        """Send the desk's form as it stands, with a reason."""
        if 'id="desk"' not in self._page:
            self._times.wrong.append(f"no desk at {self._path}")
            return
        before = self._path
        form = self._form("reason", reason="It denies the crime in its own voice.", **pressed)
        self._send(before, form)
        if "go" in pressed and self._path == before:
            self._times.wrong.append("not recorded")

    def _form(self, control: str, **given: str) -> list[tuple[str, str]]:
        from demo.forms import form_with

        form = form_with(self._page, control)
        kept = [pair for pair in form.fields if pair[0] not in given]
        return [*kept, *given.items()]

    def _get(self, path: str) -> None:
        self._ask("GET", path, None)

    def _send(self, path: str, form: list[tuple[str, str]]) -> None:
        self._ask("POST", path, urllib.parse.urlencode(form))

    def _ask(self, method: str, path: str, body: str | None) -> None:
        """Ask, keep cookies, follow to the page that a browser would show."""
        status = 0
        for _ in range(5):
            headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self._cookies.items())}
            if body is not None:
                headers["Content-Type"] = "application/x-www-form-urlencoded"
            answer = self._answer(method, path, body, headers)
            self._page, self._path = answer.read().decode(), path
            for line in answer.headers.get_all("Set-Cookie") or ():
                for name, morsel in SimpleCookie(line).items():
                    self._cookies[name] = morsel.value
            status = answer.status
            if status not in {301, 302, 303}:
                break
            method, body = "GET", None
            path = urllib.parse.urljoin(path, answer.headers["Location"])
        if status != 200:
            self._times.wrong.append(f"{method} {path.split('?')[0]} answered {status}")

    def _answer(
        self, method: str, path: str, body: str | None, headers: dict[str, str]
    ) -> http.client.HTTPResponse:
        """Ask over the kept connection; open another where the server closed an idle one."""
        for last in (False, True):
            try:
                self._connection.request(method, path, body, headers)
                return self._connection.getresponse()
            except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
                self._connection.close()
                if last:
                    raise
        raise AssertionError("not reached")


def _house() -> House:
    from vigie.cli.context import open_house

    return open_house(Path(os.environ["VIGIE_DATA_DIR"]))


def fill() -> None:
    """Set up a folder with people, a key and open cases; print the key."""
    folder = os.environ["VIGIE_DATA_DIR"]
    subprocess.run(
        [sys.executable, "-m", "vigie", "init", "--data-dir", folder],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    house = _house()
    from vigie.flow.keys import create_key
    from vigie.flow.queues.route import route
    from vigie.jobs.folding import Folding
    from vigie.store.models import Case, User

    for number in range(SESSIONS):
        User.objects.create_user(f"m{number}", PASSWORD, role="moderator", number=100 + number)
    _row, key = create_key(house, "platform", ["trusted"])
    with ExitStack() as stack:
        folding = Folding(house, pause=lambda _: None)
        stack.callback(folding.close)
        _proposals(house, folding)
        folding.seal_all()
    while route(house, limit=2_000):
        pass
    print(json.dumps({"key": key, "cases": Case.objects.filter(state="open").count()}))


def _proposals(house: House, folding: Any) -> None:
    from tests.support.made import Door, proposal

    words = texts(3)
    door = Door(house.settings, house.pseudonym_key, house.now())
    for start in range(0, CASES, 200):
        for number in range(start, start + 200):
            one = words[number % len(words)]
            item = door.item(text=f"{number}: {one.text}", language=one.language)
            door.hold(item, **proposal("FR"))
        door.release()
        folding.drain()
    door.close()


if __name__ == "__main__":
    fill()
