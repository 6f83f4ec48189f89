# SPDX-License-Identifier: Apache-2.0
"""What orders make one keep: sealed before anything changes, held, and nobody told of it."""

from __future__ import annotations

from typing import Any

import pytest
from click.testing import CliRunner
from django.test import Client

from tests.support.order_papers import filled, receive
from tests.support.orders import Desk, refreshed
from tests.support.people import NOW, Agora
from tests.support.vaults import Vault
from vigie.cli import order_act
from vigie.core.clock import DAY_MS
from vigie.core.errors import RefusedError
from vigie.flow.keys import create_key
from vigie.flow.orders import effects, execute
from vigie.flow.orders.receive import OrderReceipt
from vigie.flow.statements import due_statements, issue_statement
from vigie.store.models import Evidence, Hold, Order, OutgoingTask, Statement

pytestmark = pytest.mark.django_db
EPOC_PR = "epocpr_annex_ii"


@pytest.fixture
def desk(agora: Agora) -> Desk:
    return Desk(agora)


@pytest.fixture
def vault(desk: Desk) -> Vault:
    made = Vault(desk.agora.house)
    made.set_up()
    return made


def preservation(desk: Desk, account: str = "a-9", **more: Any) -> tuple[Order, OrderReceipt]:
    fields = filled(EPOC_PR) | {"issuing_state": "FR", "identifiers": [account]} | more
    given = receive(desk.agora, EPOC_PR, fields)
    order = Order.objects.get(pk=given.number)
    desk.prove(order)
    return refreshed(order), given


def test_what_is_removed_is_sealed_first(desk: Desk, vault: Vault) -> None:
    desk.agora.proposal("p-700")
    order = desk.order(content_locations=["https://agora.example/p/p-700"])
    desk.execute(order, unpreserved="")
    [row] = Evidence.objects.filter(order=order)
    assert (row.rule, row.item_id) == ("tco_preservation", "p-700")
    assert row.decision is not None
    assert row.decision.kind == "machine"


def test_an_order_to_preserve_seals_holds_and_tells_nobody(desk: Desk, vault: Vault) -> None:
    desk.agora.proposal("p-710")
    before = OutgoingTask.objects.count()
    order, _given = preservation(desk)
    order.data.update(service="agora")
    desk.prove(order)
    done = execute.execute(desk.agora.house, desk.first, order)
    assert (done.state, done.outcome) == ("closed", "followed")
    assert [one.item_id for one in Evidence.objects.filter(order=order)] != []
    hold = Hold.objects.filter(service="agora").get()
    assert hold.review_at == NOW + 60 * DAY_MS
    letter = done.letters.get(kind="preservation")
    assert "a-9" not in str(letter.data)
    told = OutgoingTask.objects.exclude(event="mail.authority_letter").count()
    assert told == before


def test_the_answer_is_the_same_whether_the_account_exists_or_not(desk: Desk, vault: Vault) -> None:
    desk.agora.proposal("p-720")
    bodies = []
    for account in ("a-9", "nobody-knows"):
        order, _given = preservation(desk, account, reference=f"REF-{account}")
        done = execute.execute(desk.agora.house, desk.first, order)
        body = done.letters.get(kind="preservation").data["body"]
        bodies.append(body.replace(f"O-{order.number}", "").replace(order.reference, ""))
    assert bodies[0] == bodies[1]


def test_nothing_is_called_preserved_that_is_not(desk: Desk) -> None:
    desk.agora.proposal("p-730")
    order, _given = preservation(desk)
    order.data.update(service="agora")
    desk.prove(order)
    with pytest.raises(RefusedError) as refused:
        execute.execute(desk.agora.house, desk.first, order)
    assert refused.value.code == "not_preserved"
    assert refreshed(order).state != "closed"
    assert not order.letters.filter(kind="preservation").exists()
    assert not Hold.objects.exists()


def test_who_holds_the_code_sees_state_and_kinds_of_letters(desk: Desk, vault: Vault) -> None:
    order, given = preservation(desk)
    execute.execute(desk.agora.house, desk.first, order)
    _key, token = create_key(desk.agora.house, "relay", ["orders"])
    client = Client(headers={"authorization": f"Bearer {token}"})
    answer = client.get(f"/api/v1/orders/{given.code}")
    assert answer.status_code == 200, answer.content
    data = answer.json()
    assert (data["state"], data["outcome"]) == ("closed", "followed")
    assert "preservation" in [one["kind"] for one in data["letters"]]
    assert "a-9" not in answer.content.decode()
    assert client.get("/api/v1/orders/0000-0000-0000-0000-0000").status_code == 404
    assert Client().get(f"/api/v1/orders/{given.code}").status_code == 401


def test_the_person_reads_the_page_of_the_order_and_no_form_to_contest_it(desk: Desk) -> None:
    desk.agora.proposal("p-740")
    order = desk.order(
        "dsa_art9_order",
        territorial_scope=["FR"],
        content_locations=["https://agora.example/p/p-740"],
        redress="Tribunal judiciaire, two months",
    )
    desk.execute(order)
    desk.confirm(order)
    for one in due_statements(desk.agora.clock.now_ms()):
        issue_statement(desk.agora.house, one)
    row = Statement.objects.get(decision__kind="order")
    token = desk.agora.house.statement_token(row.decision.decision_id, row.token_expires_at or 0)
    page = Client().get(f"/s/{token}")
    assert page.status_code == 200
    text = page.content.decode()
    assert "Information under Article 9(5)" in text
    assert "Office central" in text
    assert "Tribunal judiciaire, two months" in text
    assert 'name="grounds"' not in text
    assert 'href="#redress"' in text
    assert "transparency database" not in text


def test_the_command_line_carries_out_lists_letters_and_writes_them(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setattr("vigie.cli.context.open_house", lambda _folder: desk.agora.house)
    order = desk.order()
    run = CliRunner()
    asked = [str(order.number), "--by", "d.ecide", "--second", "c.heck", "--json"]
    plan = run.invoke(order_act.execute, [*asked, "--dry-run"])
    assert plan.exit_code == 0, plan.output
    assert '"second_person": true' in plan.output
    done = run.invoke(order_act.execute, [*asked, "--unpreserved", "No vault here."])
    assert done.exit_code == 0, done.output
    assert '"state": "executed"' in done.output
    desk.confirm(order)
    effects.run(desk.agora.house)
    letter = order.letters.get(kind="annex_ii")
    out = tmp_path / "annex.pdf"
    shown = run.invoke(
        order_act.letter,
        [str(order.number), "--letter", str(letter.pk), "--out", str(out), "--json"],
    )
    assert shown.exit_code == 0, shown.output
    assert out.read_bytes().startswith(b"%PDF")
    other = desk.order("dsa_art9_order", territorial_scope=["FR"])
    said = ["--by", "d.ecide", "--reason", "No provision.", "--json"]
    refused = run.invoke(order_act.refuse, [str(other.number), *said])
    assert '"kind": "refusal"' in refused.output
