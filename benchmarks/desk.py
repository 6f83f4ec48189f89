# SPDX-License-Identifier: Apache-2.0
"""The desk of orders under load: lists and alarms beside ten thousand open clocks.

One process, one data folder, SQLite: five thousand open orders with two clocks
each, as the pages ask for them, rendered whole (view, store, template) for a
person of the legal desk. And the round of `jobs` in which a thousand clocks warn.
"""

from __future__ import annotations

import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.common import Figure

if TYPE_CHECKING:
    from vigie.flow.house import House

ORDERS = 5_000
CALLS = 30
HOUR = 3_600_000
FORMS = (
    ("tco_removal_order_annex_i", ("tco_removal", "tco_feedback")),
    ("fr_lcen_6_1_request", ("fr_admin_removal", "dsa_order_ack")),
    ("dsa_art9_order", ("dsa_order_ack", "dsa_sor_db")),
    ("epoc_annex_i", ("eevidence_epoc", "eevidence_clarification")),
    ("epocpr_annex_ii", ("eevidence_epocpr", "eevidence_clarification")),
)
PASSWORD = "correct horse battery staple"


def measure() -> list[Figure]:
    """Return the figures of orders and clocks."""
    with tempfile.TemporaryDirectory(prefix="vigie-desk-") as folder:
        environment = {**os.environ, "VIGIE_DATA_DIR": folder, "VIGIE_REQUIRE_MFA": "none"}
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.desk", "run"],
            env=environment,
            check=True,
            stdout=subprocess.PIPE,
        )
    told: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return [
        Figure("open clocks", told["clocks"], "clocks", 2 * ORDERS),
        Figure("page of open orders, p95", told["orders"], "ms", 200, False),
        Figure("page of open orders, processor time", told["orders_cpu"], "ms"),
        Figure("page of open orders, of one form, p95", told["form"], "ms", 200, False),
        Figure("page of all clocks, p95", told["all"], "ms", 200, False),
        Figure("page of all clocks, page 100, p95", told["deep"], "ms", 200, False),
        Figure("page of late clocks, p95", told["late"], "ms", 200, False),
        Figure("rows of the overview about clocks, p95", told["alarms"], "ms", 50, False),
        Figure("one clock that warns", told["warn"], "ms"),
    ]


def _fill(house: House) -> None:
    """Write open orders with two clocks each."""
    from vigie.flow.insert import insert
    from vigie.flow.orders import schedule
    from vigie.flow.transaction import writing
    from vigie.law.deadlines import load
    from vigie.store.models import DutyClock, Order, Record

    dice, now = random.Random(1), house.now()
    known = load()
    with writing():
        numbers = range(1, ORDERS + 1)
        record = ("record_id", "kind", "at", "content")
        insert(Record, record, [(f"r{n:031}", "order.received", now, b"{}") for n in numbers])
        orders, clocks = [], []
        for n in numbers:
            form, duties = FORMS[n % len(FORMS)]
            at = now - dice.randrange(0, 300 * HOUR)
            orders.append(
                Order(
                    number=n, form=form, state="ready", channel="form", sender=f"Office {n % 90}",
                    country="FR", received_at=at, record_id=f"r{n:031}", territories=["FR"],
                    silent=n % 3 == 0,
                )
            )  # fmt: skip
            for duty in duties:
                one = known[duty]
                due = one.due_after(at)
                assert due is not None
                missed = due < now and one.kind.value not in schedule.WATCHED
                clocks.append(
                    DutyClock(
                        duty=duty, kind=one.kind.value, subject="order", number=n, order_id=n,
                        start_event="order_received", started_at=at, due_at=due,
                        state="missed" if missed else "running",
                        missed_at=due if missed else None,
                        next_alarm_at=None if missed else max(now + HOUR, due),
                    )
                )  # fmt: skip
        Order.objects.bulk_create(orders, batch_size=500)
        DutyClock.objects.bulk_create(clocks, batch_size=500)


def _p95(work: Callable[[], object]) -> float:
    work()
    times = []
    for _ in range(CALLS):
        began = time.perf_counter()
        work()
        times.append((time.perf_counter() - began) * 1000)
    return statistics.quantiles(times, n=20)[-1]


def _cpu(work: Callable[[], object]) -> float:
    """Return the processor milliseconds of a call: what it costs whatever else runs."""
    began = time.process_time()
    for _ in range(CALLS):
        work()
    return (time.process_time() - began) * 1000 / CALLS


def _run() -> dict[str, float]:
    folder = os.environ["VIGIE_DATA_DIR"]
    command = [sys.executable, "-m", "vigie", "init", "--data-dir", folder]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    from vigie.cli.context import open_house

    house = open_house(Path(folder))
    from django.conf import settings
    from django.db import connection
    from django.test import Client

    from vigie.flow.overview import alarms
    from vigie.store.models import DutyClock, User

    settings.ALLOWED_HOSTS = ["*"]
    user = User.objects.create_user("legal", PASSWORD, role="legal", number=900)
    _fill(house)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    client = Client()
    client.post("/console/login", {"name": "legal", "password": PASSWORD})
    told = {"clocks": float(DutyClock.objects.count())}
    pages = {
        "orders": "/console/orders",
        "form": "/console/orders?form=epoc_annex_i",
        "all": "/console/clocks",
        "deep": "/console/clocks?page=100",
        "late": "/console/clocks?state=late",
    }
    for name, path in pages.items():
        answer = client.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        told[name] = _p95(lambda path=path: client.get(path))  # type: ignore[misc]
    told["orders_cpu"] = _cpu(lambda: client.get(pages["orders"]))
    told["alarms"] = _p95(lambda: alarms.of_clocks(user, house.now()))
    told["warn"] = _warnings(house)
    return told


def _warnings(house: House) -> float:
    """Return the milliseconds for each of a thousand clocks that warn at once."""
    from vigie.flow.orders import clocks
    from vigie.store.models import DutyClock

    keys = list(DutyClock.objects.filter(state="running").values_list("pk", flat=True)[:1_000])
    DutyClock.objects.filter(pk__in=keys).update(next_alarm_at=0)
    began, count = time.perf_counter(), 0
    while done := clocks.run(house):
        count += done
    return (time.perf_counter() - began) * 1000 / max(1, count)


if __name__ == "__main__" and sys.argv[1:] == ["run"]:
    print(json.dumps(_run()))
