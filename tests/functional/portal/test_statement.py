# SPDX-License-Identifier: Apache-2.0
"""The statement for the person concerned: what, where, why, what now; nothing else."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from tests.support.people import SAID, Agora
from vigie.exchange.webhook import Receipt
from vigie.flow.decide import PersonDecision, Verb, decide
from vigie.flow.deliver import deliver
from vigie.flow.statements import address_of, issue_statement
from vigie.flow.webhooks import add_webhook
from vigie.ledger.proof import verify_decision
from vigie.store.models import ItemContent, Statement
from vigie.web import proofs

NEVER = (
    "0.93",
    "0.85",
    "text.linear",
    "lexicon",
    "snapshot",
    "Snapshot",
    "synthetic-list",
    "sha256",
    "rule a",
    "c.vidal",
)


def withheld(agora: Agora, facts: str = "Der Text leugnet.") -> Statement:
    """A post that a person withheld in France and Germany."""
    number = agora.proposal()
    asked = PersonDecision(
        on=number, verb=Verb.WITHHOLD, reason="clear", user=agora.person(), told=facts
    )
    record = decide(agora.house, asked)
    agora.publish()
    return Statement.objects.get(decision=record)


def page_of(agora: Agora, statement: Statement) -> str:
    """The path of a statement's page."""
    return address_of(agora.house, statement).removeprefix(agora.settings.base_url)


@pytest.mark.parametrize(
    ("language", "title", "way", "automated"),
    [
        ("en", "Your post can no longer be seen in 2 countries", "Complaint", "person"),
        ("fr", "votre", "Réclamation", "personne"),
        ("de", "Ihr Beitrag ist in 2 Ländern nicht mehr abrufbar", "Beschwerde", "Mensch"),
    ],
)
def test_it_says_what_where_why_and_what_now(
    agora: Agora, client: Client, language: str, title: str, way: str, automated: str
) -> None:
    path = page_of(agora, withheld(agora))
    page = client.get(f"{path}?lang={language}").content.decode()
    for words in (title, way, automated, "StGB 130(3)", "Der Text leugnet."):
        assert words.lower() in page.lower()
    assert f'<html lang="{language}"' in page
    assert SAID in page
    assert page.count("<li data-cc=") == 32


def test_it_never_names_scores_detectors_lists_or_people(agora: Agora, client: Client) -> None:
    path = page_of(agora, withheld(agora))
    for language in ("en", "fr", "de"):
        page = client.get(f"{path}?lang={language}").content.decode()
        assert [word for word in NEVER if word in page] == []


def test_class_child_names_category_ground_action_and_redress_only(
    agora: Agora, client: Client
) -> None:
    statement = Statement.objects.get(decision=agora.removal())
    path = page_of(agora, statement)
    page = client.get(path).content.decode()
    assert "a caption that nobody may see" not in page
    assert [word for word in NEVER if word in page] == []
    assert "proof.json" not in page
    assert client.get(f"{path}/proof.json").status_code == 404


def test_an_address_is_unguessable_and_ends(agora: Agora, client: Client) -> None:
    statement = withheld(agora)
    path = page_of(agora, statement)
    assert len(path.rsplit("/", 1)[-1]) == 32
    assert client.get(path).status_code == 200
    assert client.get(path[:-1] + ("A" if path[-1] != "A" else "B")).status_code == 404
    assert client.get("/s/" + "x" * 31).status_code == 404
    agora.clock.advance(agora.settings.statement_days * 86_400_000)
    assert client.get(path).status_code == 404


def test_the_store_alone_opens_no_page(agora: Agora, client: Client) -> None:
    statement = withheld(agora)
    assert client.get(f"/s/{statement.token_digest[:32]}").status_code == 404
    assert statement.token_digest not in client.get(page_of(agora, statement)).content.decode()


def test_what_is_not_confirmed_is_called_so(agora: Agora, client: Client) -> None:
    statement = withheld(agora)
    path = page_of(agora, statement)
    assert "The effect is not yet confirmed." in client.get(path).content.decode()
    agora.deliver()
    from vigie.store.models import Effect

    Effect.objects.update(state="sent")
    agora.confirm(statement.decision.number, "DE", "FR")
    issue_statement(agora.house, statement.pk)
    assert "The effect is not yet confirmed." not in client.get(path).content.decode()


@pytest.mark.parametrize("language", ["en", "fr", "de"])
def test_nothing_says_sent_that_was_not(agora: Agora, client: Client, language: str) -> None:
    statement = withheld(agora)
    agora.clock.advance(3_600_000)
    agora.deliver()
    issue_statement(agora.house, statement.pk)
    page = client.get(f"{page_of(agora, statement)}?lang={language}").content.decode()
    for word in ("We have sent", "sent on", "envoyé", "gesendet", "Sie gesandt"):
        assert word not in page
    if language == "en":
        assert "We have taken this decision; the service has not yet confirmed" in page


def test_it_says_sent_once_the_service_took_it_and_names_the_time_once_confirmed(
    agora: Agora, client: Client
) -> None:
    add_webhook(agora.house, "https://hooks.example.com/vigie")
    statement = withheld(agora)
    path = page_of(agora, statement)
    agora.clock.advance(60_000)

    def lost(*_args: object, **_more: object) -> Receipt:
        return Receipt(status=0, delivered=False, gone=False, digest="")

    deliver(agora.house, send=lost)
    assert "We have taken this decision" in client.get(path).content.decode()
    agora.clock.advance(3_600_000)
    agora.deliver()
    assert "We have sent this decision" in client.get(path).content.decode()
    issue_statement(agora.house, statement.pk)
    agora.confirm(statement.decision.number, "FR")
    assert "for some of the countries only" in client.get(path).content.decode()
    agora.clock.advance(60_000)
    agora.confirm(statement.decision.number, "DE", "FR")
    page = client.get(path).content.decode()
    assert "not yet confirmed" not in page
    assert "<dd>22 November 2026, 22:02 (UTC)</dd>" in page


def test_a_lifted_restriction_says_so_first(agora: Agora, client: Client) -> None:
    add_webhook(agora.house, "https://hooks.example.com/vigie")
    statement = withheld(agora)
    agora.clock.advance(60_000)
    agora.deliver()
    issue_statement(agora.house, statement.pk)
    user = agora.person("m.roth")
    decide(
        agora.house,
        PersonDecision(on=statement.decision.number, verb=Verb.LIFT, reason="quotes", user=user),
    )
    page = client.get(page_of(agora, statement)).content.decode()
    assert re.search(r"<h1>The restriction was lifted</h1>", page)


def test_an_undone_decision_has_no_page(agora: Agora, client: Client) -> None:
    statement = withheld(agora)
    Statement.objects.update(state="cancelled")
    assert client.get(page_of(agora, statement)).status_code == 404


def test_the_proof_file_holds_and_opens_no_commitment(agora: Agora, client: Client) -> None:
    path = page_of(agora, withheld(agora))
    answer = client.get(f"{path}/proof.json")
    assert verify_decision(answer.content, proofs.trust()).accepted is not None
    assert b'"fields"' not in answer.content
    assert SAID.encode() not in answer.content


def test_the_checkpoint_stands_on_the_page(agora: Agora, client: Client) -> None:
    path = page_of(agora, withheld(agora))
    page = client.get(path).content.decode()
    assert "demo.invalid/log/1" in page
    assert "— demo.invalid/log/1 " in page


def test_erased_words_leave_the_page(agora: Agora, client: Client) -> None:
    path = page_of(agora, withheld(agora))
    ItemContent.objects.all().delete()
    page = client.get(path).content.decode()
    assert SAID not in page
    assert "StGB 130(3)" in page


def test_the_start_page_says_what_works_and_what_does_not(agora: Agora, client: Client) -> None:
    empty = client.get("/").content.decode()
    assert "No checkpoint is signed yet" in empty
    agora.harmless()
    agora.publish()
    page = client.get("/").content.decode()
    assert "/log/1/policy.txt" in page
    assert "Not yet: transparency reports" in page
    assert "none yet: nobody else signs this log" in page


def test_every_refusal_is_a_page_in_the_readers_language(agora: Agora, client: Client) -> None:
    answer = client.get("/nothing/here?lang=de")
    assert answer.status_code == 404
    assert "Unter dieser Adresse gibt es nichts." in answer.content.decode()


def test_no_page_of_the_portal_needs_a_script(agora: Agora, client: Client) -> None:
    """One script, kept apart, makes leaving quicker; the link beside it works alone."""
    path = page_of(agora, withheld(agora))
    for one in ("/", path, "/nothing"):
        page = client.get(one).content.decode()
        scripts = re.findall(r"<script[^>]*>[^<]*", page)
        assert set(scripts) <= {'<script src="/static/vigie/portal.js" defer>'}
    assert f'href="{agora.settings.leave_url}"' in client.get("/").content.decode()
