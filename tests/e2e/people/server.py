# SPDX-License-Identifier: Apache-2.0
"""Serves the people's doors over a seeded folder, for browsers of the tests.

`python -m tests.e2e.people.server FOLDER` prints one line of JSON: the address
and the numbers of the seeded decisions; it runs until it is stopped.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

HOSTILE = "<script>alert(1)</script> \u202eleft and right\u2066 " + "x" * 2000


class Threaded(ThreadingMixIn, WSGIServer):
    """One thread a request, as the pool of the server has."""

    daemon_threads = True


class Silent(WSGIRequestHandler):
    """Writes no access log."""

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


class Wall:
    """The machine's clock."""

    def now_ms(self) -> int:
        """Return the time in milliseconds."""
        return time.time_ns() // 1_000_000


def seed(folder: Path) -> dict[str, str]:
    """Fill the folder; return the addresses of what was made, by name."""
    from tests.support.people import Agora
    from vigie.flow import house
    from vigie.flow.decide import PersonDecision, Verb, decide
    from vigie.flow.notices.form import Channel, NoticeForm
    from vigie.flow.notices.receive import receive_notice
    from vigie.flow.policies import publish_starter_set
    from vigie.flow.queues.route import route
    from vigie.flow.statements import address_of
    from vigie.flow.webhooks import add_webhook
    from vigie.store.models import Statement

    agora = Agora(folder)
    agora.clock.ms = Wall().now_ms() - 3_600_000
    house.current = lambda: agora.house  # type: ignore[assignment]
    vidal = agora.person()
    agora.person("m.roth", role="moderator")
    agora.person("new", must_change_password=True)
    agora.person("p.asskey", role="moderator")
    agora.person("a.dmin", role="admin")
    agora.person("s.afe", role="child_safety")
    add_webhook(agora.house, "https://hooks.example.com/vigie")
    publish_starter_set(agora.house, "test")
    links = ["https://links.example/" + "x" * 200, "https://\u202egpj.exe"]
    open_case = agora.proposal("p-100", links=links)
    agora.proposal("p-101", HOSTILE)
    agora.proposal("p-102")
    agora.proposal("p-105", "Hier behauptet jemand abermals, es habe sich nie zugetragen.")
    decided = agora.proposal("p-103")
    asked = PersonDecision(
        on=decided,
        verb=Verb.WITHHOLD,
        reason="denies in its own voice",
        user=vidal,
        territories=("FR",),
        told="Le message nie les faits.",
    )
    withheld = decide(agora.house, asked)
    child = agora.removal()
    agora.harmless()
    given = NoticeForm(
        channel=Channel.PORTAL,
        category="stalking",
        locations=("https://elsewhere.example/thing/1",),
        explanation=HOSTILE,
        good_faith=True,
        name="Noor Example",
        email="noor@mail.example",
    )
    told = receive_notice(agora.house, given).notice.items.get()
    route(agora.house)
    agora.publish()
    statement = Statement.objects.get(decision=withheld)
    object.__setattr__(agora.house, "clock", Wall())
    return {
        "open": f"/console/decisions/{open_case}",
        "desk": f"/console/decisions/{open_case}/decide",
        "noticed": f"/console/decisions/{told.case.decision_id if told.case else 0}/decide",
        "withheld": f"/console/decisions/{withheld.number}",
        "lift": f"/console/decisions/{withheld.number}/lift",
        "child": f"/console/decisions/{child}",
        "statement": address_of(agora.house, statement).removeprefix(agora.settings.base_url),
    }


def main(folder: Path, fill: Callable[[Path], dict[str, str]] = seed) -> None:
    """Seed and serve."""
    os.environ["VIGIE_DATA_DIR"] = str(folder)
    os.environ["DJANGO_SETTINGS_MODULE"] = "vigie.django_settings"
    import vigie.django_settings  # noqa: F401 - it chooses the SQLite library

    import django  # isort: skip
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    paths = fill(folder)
    from django.core.wsgi import get_wsgi_application

    server = make_server("127.0.0.1", 0, get_wsgi_application(), Threaded, Silent)
    address = f"http://127.0.0.1:{server.server_port}"
    print(json.dumps({"address": address, "paths": paths}), flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
