# SPDX-License-Identifier: Apache-2.0
"""Serves console and portal over a folder with complaints, strikes, a dispute, a dead letter."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.e2e.people.server import HOSTILE, Wall, main


def seed(folder: Path) -> dict[str, str]:
    """Fill the folder; return the addresses of what was made, by name."""
    from tests.support.appeals import answered, lodged, restricted
    from tests.support.people import Agora
    from vigie.flow import house
    from vigie.flow.appeals.disputes import BodyForm, DisputeForm, add_body, open_dispute
    from vigie.flow.letters import write_letter
    from vigie.flow.statements import address_of
    from vigie.flow.strikes import told
    from vigie.flow.strikes.measures import ASSESSED, MeasureDecision, decide_measure
    from vigie.flow.transaction import writing
    from vigie.flow.webhooks import add_webhook
    from vigie.store.models import AppealState, Measure, OutgoingTask, Statement

    agora = Agora(folder)
    agora.clock.ms = Wall().now_ms() - 3_600_000
    house.current = lambda: agora.house  # type: ignore[assignment]
    olsen = agora.person("m.olsen")
    vidal = agora.person()
    haas = agora.person("l.haas", role="legal")
    agora.person("root", role="admin")
    add_webhook(agora.house, "https://hooks.example.com/vigie")
    first = restricted(agora, olsen, "p-1", text=HOSTILE)
    second = restricted(agora, olsen, "p-2")
    third = restricted(agora, olsen, "p-3")
    fourth = restricted(agora, olsen, "p-4")
    warning = decide_measure(
        agora.house,
        MeasureDecision(
            measure=Measure.objects.get().pk,
            user=vidal,
            confirm=True,
            assessment=dict.fromkeys(ASSESSED, "said in a sentence"),
        ),
    )
    agora.clock.advance(1_000)
    restricted(agora, olsen, "p-5")
    body = add_body(agora.house, None, BodyForm(name="Body", url="https://body.example"))
    lodged(agora, first, grounds=HOSTILE, hearing=True, email="a@person.example")
    refused = lodged(agora, second).appeal
    answered(agora, vidal, refused, AppealState.REFUSED)
    open_dispute(agora.house, haas, DisputeForm(body=body.pk, appeal=refused.number))
    made = lodged(agora, fourth)
    with writing():
        write_letter(
            agora.house,
            template="neutral_decision",
            to="no address",
            language="en",
            context={"url": "https://v.example"},
        )
    OutgoingTask.objects.filter(kind="webhook", event="account.measure").update(
        state="dead", done_at=agora.house.now(), attempts=10
    )
    agora.publish()
    open_statement = Statement.objects.get(decision=third)
    object.__setattr__(agora.house, "clock", Wall())

    def page(statement: Statement) -> str:
        return address_of(agora.house, statement).removeprefix(agora.settings.base_url)

    return {
        "complaint": "/console/appeals/1",
        "answered complaint": f"/console/appeals/{refused.number}",
        "proposal": f"/console/strikes/{Measure.objects.latest('pk').pk}",
        "warning": f"/console/strikes/{warning.pk}",
        "statement": page(open_statement),
        "contested statement": page(Statement.objects.get(decision=second)),
        "measure": told.address_of(agora.house, warning).removeprefix(agora.settings.base_url),
        "code": made.code,
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]), seed)
