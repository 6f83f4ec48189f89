# SPDX-License-Identifier: Apache-2.0
"""What everybody may read: register, withheld notices, public texts, changes."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from django.test import Client

from tests.support.people import SAID, Agora
from vigie.core.errors import InvalidInputError
from vigie.flow import changes, disclosures, register
from vigie.flow.changes import Change, register_change
from vigie.flow.decide import PersonDecision, Verb, decide
from vigie.flow.notices.form import Channel, NoticeForm
from vigie.flow.notices.receive import receive_notice
from vigie.store.models import DecisionRecord, Disclosure, Record

DAY = 86_400_000
MONTH = "2026-11"


def withhold(agora: Agora, item: str = "p-1", **more: Any) -> DecisionRecord:
    number = agora.proposal(item)
    user = agora.person(f"m-{item}")
    asked = PersonDecision(on=number, verb=Verb.WITHHOLD, reason="denies", user=user, **more)
    return decide(agora.house, asked)


def lift(agora: Agora, row: DecisionRecord) -> DecisionRecord:
    user = agora.person("lifter")
    return decide(
        agora.house, PersonDecision(on=row.number, verb=Verb.LIFT, reason="quoted", user=user)
    )


def rows(client: Client, form: str = "json") -> list[Any]:
    body = b"".join(client.get(f"/register/{MONTH}.{form}").streaming_content)  # type: ignore[attr-defined]
    if form == "json":
        return list(json.loads(body)["register"])
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))


def test_a_withholding_stands_in_the_register_without_item_author_or_words(
    agora: Agora, client: Client
) -> None:
    made = withhold(agora, territories=("FR",))
    [row] = rows(client)
    assert row["reference"] == made.label
    assert row["territories"] == ["FR"]
    assert (row["source"], row["authority"], row["state"]) == ("reading", "", "in force")
    assert any(one.startswith("FR: ") for one in row["provisions"])
    page = client.get("/register").content.decode()
    for secret in ("p-1", "a-9", SAID, "m-p-1"):
        assert secret not in page + json.dumps(row)
    assert "our reading" in page


def test_what_ended_says_since_when(agora: Agora, client: Client) -> None:
    made = withhold(agora)
    agora.confirm(made.number, "DE", "FR")
    agora.clock.advance(DAY)
    lift(agora, made)
    [row] = rows(client)
    assert (row["state"], row["ended"]) == ("ended", "2026-11-23")


def test_a_notice_about_what_is_withheld_ends_nothing(agora: Agora, client: Client) -> None:
    made = withhold(agora, territories=("FR",))
    form = NoticeForm(
        channel=Channel.API, category="denial", locations=("p-1",), service="agora",
        explanation="It is still there.", good_faith=True, name="Ada", email="ada@example.org",
    )  # fmt: skip
    receive_notice(agora.house, form)
    [row] = rows(client)
    assert (row["reference"], row["state"]) == (made.label, "in force")
    head = DecisionRecord.objects.order_by("-number").first()
    assert head is not None
    again = PersonDecision(
        on=head.number, verb=Verb.LEAVE, reason="stays", user=agora.person("other")
    )
    decide(agora.house, again)
    [row] = rows(client)
    assert row["state"] == "in force"


def test_what_stood_without_a_webhook_stays_as_ended(agora: Agora, client: Client) -> None:
    made = withhold(agora)
    agora.clock.advance(DAY)
    lift(agora, made)
    assert [row["state"] for row in rows(client)] == ["ended"]


def test_what_was_undone_at_once_never_was_a_line(agora: Agora, client: Client) -> None:
    made = withhold(agora)
    agora.clock.advance(5_000)
    lift(agora, made)
    assert rows(client) == []


def test_proposals_terms_and_harmless_items_are_no_withholding(
    agora: Agora, client: Client
) -> None:
    agora.proposal()
    agora.harmless()
    assert rows(client) == []
    assert "Nothing is withheld" in client.get("/register").content.decode()


def test_csv_says_the_same_as_json(agora: Agora, client: Client) -> None:
    withhold(agora)
    [line], [row] = rows(client, "csv"), rows(client)
    assert list(line) == list(register.COLUMNS)
    assert line["provisions"] == " | ".join(row["provisions"])


def test_another_month_is_empty_and_no_month_is_not_there(agora: Agora, client: Client) -> None:
    withhold(agora)
    body = b"".join(client.get("/register/2026-10.json").streaming_content)  # type: ignore[attr-defined]
    assert json.loads(body) == {"register": []}
    for name in ("2026-13", "0000-01", "2026-1", "x"):
        assert client.get(f"/register/{name}.json").status_code == 404


def test_pages_of_the_register_lead_on(
    agora: Agora, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vigie.portal.public.register.PAGE", 1)
    first, second = withhold(agora, "p-1"), withhold(agora, "p-2")
    newest = client.get("/register").content.decode()
    assert second.label in newest
    assert first.label not in newest
    assert first.label in client.get(f"/register?before={second.number}").content.decode()


def test_months_run_from_the_first_line_to_now(agora: Agora) -> None:
    withhold(agora)
    agora.clock.advance(70 * DAY)
    assert register.months(agora.house) == ["2027-01", "2026-12", "2026-11"]


def test_in_place_of_an_item_stands_where_and_on_whose_word(agora: Agora, client: Client) -> None:
    made = withhold(agora, territories=("FR",))
    page = client.get(f"/withheld/{made.decision_id}?country=fr")
    assert "Withheld in France: our reading of" in page.content.decode()
    assert "frame-ancestors *" in page["Content-Security-Policy"]
    assert "script-src 'self'" in page["Content-Security-Policy"]
    data = client.get(f"/withheld/{made.decision_id}/data.json?country=FR").json()
    assert data["country"] == "FR"
    assert data["authority"] is None


def test_elsewhere_after_lifting_and_for_class_child_nothing_is_said(
    agora: Agora, client: Client
) -> None:
    made = withhold(agora, territories=("FR",))
    address = f"/withheld/{made.decision_id}"
    assert client.get(f"{address}?country=DE").status_code == 404
    assert client.get(address).status_code == 422
    assert client.get(f"{address}?country=<b>").status_code == 422
    nowhere = client.get(f"{address}/data.json?country=DE")
    assert (nowhere.status_code, nowhere.json()["error"]["code"]) == (404, "not_withheld")
    lift(agora, made)
    assert client.get(f"{address}?country=FR").status_code == 404
    child = DecisionRecord.objects.get(number=agora.removal())
    assert client.get(f"/withheld/{child.decision_id}?country=FR").status_code == 404
    assert client.get("/withheld/nonsense?country=FR").status_code == 404


def test_public_texts_keep_every_version(agora: Agora, client: Client) -> None:
    say = disclosures.publish_disclosure
    say(agora.house, "contact_recipients", {"en": "Write to help@agora.example."}, "legal")
    say(agora.house, "contact_recipients", {"en": "Call us.", "fr": "Appelez-nous."}, "legal")
    start = client.get("/").content.decode()
    assert "Call us." in start
    assert "help@agora" not in start
    assert "Appelez-nous." in client.get("/?lang=fr").content.decode()
    history = client.get("/texts/contact_recipients?lang=en").content.decode()
    assert "Call us." in history
    assert "help@agora" in history
    assert Record.objects.filter(kind="disclosure.published").count() == 2
    assert client.get("/texts/nothing").status_code == 404


@pytest.mark.parametrize(
    ("kind", "texts", "field"),
    [
        ("menu", {"en": "x"}, "kind"),
        ("terms", {}, "en"),
        ("terms", {"en": "  "}, "en"),
        ("terms", {"it": "x"}, "it"),
        ("terms", {"fr": "x" * 20_001}, "fr"),
    ],
)
def test_a_public_text_names_what_is_wrong(
    agora: Agora, kind: str, texts: dict[str, str], field: str
) -> None:
    with pytest.raises(InvalidInputError) as refused:
        disclosures.publish_disclosure(agora.house, kind, texts, "legal")
    assert refused.value.field == field
    assert not Disclosure.objects.exists()


CHANGE: dict[str, Any] = {
    "kind": "recommender",
    "title": "Less weight on replies",
    "digest": "ab" * 32,
    "by": "x",
}


def test_a_change_is_registered_with_its_digest_and_shown(agora: Agora, client: Client) -> None:
    register_change(agora.house, Change(**CHANGE, description="<b>Feeds</b> calm down."))
    page = client.get("/").content.decode()
    assert "Less weight on replies" in page
    assert "&lt;b&gt;Feeds" in page
    assert "ab" * 32 in page
    assert Record.objects.get(kind="change.registered").entry.index == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", "mood"),
        ("title", " "),
        ("title", "x" * 201),
        ("digest", "AB" * 32),
        ("service", ""),
    ],
)
def test_a_change_names_what_is_wrong(agora: Agora, field: str, value: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        changes.register_change(agora.house, Change(**CHANGE | {field: value}))
    assert refused.value.field == field


def test_matching_does_not_operate_until_a_list_is_loaded(agora: Agora, client: Client) -> None:
    assert client.get("/").content.decode().count("not operating: no list is loaded") == 3


def test_a_policy_shows_its_history_and_never_its_limits(agora: Agora, client: Client) -> None:
    from vigie.flow.policies import publish_starter_set

    publish_starter_set(agora.house, "vigie init")
    page = client.get("/policies/denial").content.decode()
    assert "shadow: recorded" in page
    assert "limits" not in page.replace("limits that everybody", "")
    assert client.get("/policies/none").status_code == 404
