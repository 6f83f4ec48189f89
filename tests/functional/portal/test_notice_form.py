# SPDX-License-Identifier: Apache-2.0
"""The form for notices as people meet it: no script, nothing typed is lost, nobody is named."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.test import Client

from tests.support.people import Agora
from vigie.law.helplines import FILE
from vigie.store.models import Case, Notice, NoticeDraft, Queue
from vigie.web.limits import LIMITS

WHERE = "https://agora.example/p/p-100"
STEPS = ("what", "where", "why", "you", "send")
ANSWERS: dict[str, dict[str, Any]] = {
    "what": {"category": "hate"},
    "where": {"location": [WHERE, ""]},
    "why": {"kind": "illegal", "explanation": "It calls for violence."},
    "you": {"name": "Ana Lima", "email": "ana@example.org"},
    "send": {"good_faith": "1"},
}


def fill(client: Client, *steps: str, **more: dict[str, Any]) -> Any:
    answer = None
    for one in steps:
        answer = client.post(f"/notice/{one}", more.get(one, ANSWERS[one]))
        assert answer.status_code == 302, (one, words(answer))
    return answer


def words(answer: Any) -> str:
    text = re.sub(r"<[^>]+>", " ", answer.content.decode())
    return html.unescape(re.sub(r"\s+", " ", text))


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.headers.get("Location")
    return answer.content.decode()


# The road through


def test_a_notice_is_given_without_script_or_account(agora: Agora, client: Client) -> None:
    agora.publish()
    assert client.get("/notice").headers["Location"] == "/notice/what"
    answer = fill(client, *STEPS)
    assert answer.headers["Location"] == "/notice/mine"
    notice = Notice.objects.get()
    assert (notice.complete, notice.channel, notice.category) == (True, "portal", "hate")
    shown = page(client, "/notice/mine")
    assert "We have received your notice" in shown
    assert re.search(r"([0-9A-Z]{4}-){4}[0-9A-Z]{4}", shown)
    assert "demo.invalid/log/1" in shown, "the checkpoint is missing"
    assert not NoticeDraft.objects.exists(), "the words are kept twice"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "One of these is no address."),
        ("fr", "n’est pas une adresse"),
        ("de", "ist keine Adresse"),
    ],
)
def test_what_is_no_address_is_said_at_its_field_in_the_readers_language(
    agora: Agora, client: Client, language: str, said: str
) -> None:
    fill(client, "what")
    answer = client.post(f"/notice/where?lang={language}", {"location": "javascript:alert(1)"})
    assert answer.status_code == 422
    assert said in words(answer)
    assert not Notice.objects.exists()


@pytest.mark.parametrize("step", STEPS)
def test_each_question_has_an_address_and_a_title_of_its_own(
    agora: Agora, client: Client, step: str
) -> None:
    fill(client, *STEPS[: STEPS.index(step)])
    shown = page(client, f"/notice/{step}")
    number = STEPS.index(step) + 1
    title = re.search(r"<title>(.*?)</title>", shown)
    assert title is not None
    assert re.fullmatch(rf".+\? · Step {number} of 5 · Agora", title[1])
    assert shown.count("<h1>") == 1
    assert "data-leave" in shown
    assert shown.count('class="btn main"') == 1
    assert "no-store" in client.get(f"/notice/{step}").headers["Cache-Control"]


def test_later_questions_wait_for_the_earlier_ones(agora: Agora, client: Client) -> None:
    assert client.get("/notice/send").headers["Location"] == "/notice/what"
    fill(client, "what")
    assert client.get("/notice/you").headers["Location"] == "/notice/where"
    assert client.get("/notice/nothing").status_code == 404


def test_what_was_typed_stands_there_when_one_goes_back(agora: Agora, client: Client) -> None:
    fill(client, "what", "where", "why")
    answer = client.post("/notice/you", {"name": "Ana", "email": "", "back": "why"})
    assert answer.headers["Location"] == "/notice/why"
    assert "It calls for violence." in page(client, "/notice/why")
    assert 'value="Ana"' in page(client, "/notice/you")


def test_another_language_keeps_what_was_typed(agora: Agora, client: Client) -> None:
    fill(client, "what", "where")
    answer = client.post("/notice/why", {"explanation": "Half a sen", "lang": "fr"})
    assert answer.headers["Location"] == "/notice/why?lang=fr"
    shown = client.get(answer.headers["Location"]).content.decode()
    assert "Half a sen" in shown
    assert '<html lang="fr"' in shown


def test_a_row_is_added_by_a_button_of_the_form(agora: Agora, client: Client) -> None:
    fill(client, "what")
    before = page(client, "/notice/where").count('name="location"')
    answer = client.post("/notice/where", {"location": [WHERE, "b"], "add": "location"})
    assert answer.headers["Location"] == "/notice/where#last"
    shown = page(client, "/notice/where")
    assert shown.count('name="location"') == before + 1
    assert WHERE in shown


def test_the_form_is_taken_up_again_on_another_device(agora: Agora, client: Client) -> None:
    fill(client, "what", "where")
    assert client.post("/notice/why", {"explanation": "So far", "later": "1"}).status_code == 302
    code = re.search(r"([0-9A-Z]{4}-){4}[0-9A-Z]{4}", page(client, "/notice/later"))
    assert code is not None
    other = Client()
    answer = other.post("/notice/continue", {"code": code[0].lower()})
    assert answer.headers["Location"] == "/notice/why"
    assert "So far" in page(other, "/notice/why")
    assert other.post("/notice/continue", {"code": "0000-0000-0000-0000-0000"}).status_code == 422


def test_what_was_typed_is_deleted_when_asked_and_after_a_week(
    agora: Agora, client: Client
) -> None:
    fill(client, "what", "where")
    client.post("/notice/later", {"discard": "1"})
    assert not NoticeDraft.objects.exists()
    fill(client, "what")
    agora.clock.advance(7 * 86_400_000)
    assert client.get("/notice").headers["Location"] == "/notice/what"
    from vigie.flow.terms_people import drafts

    assert drafts(agora.house) == 1


# Fields that do not fit


@pytest.mark.parametrize(
    ("step", "answer", "field"),
    [
        ("what", {}, "category"),
        ("what", {"category": "<script>"}, "category"),
        ("where", {"location": ["", " "]}, "location"),
        ("where", {"location": ["https://a.example/" + "x" * 3_000]}, "location"),
        ("why", {"kind": "illegal", "explanation": " "}, "explanation"),
        ("why", {"kind": "illegal", "explanation": "x" * 10_001}, "explanation"),
        ("you", {"name": "", "email": "ana@example.org"}, "name"),
        ("you", {"name": "Ana", "email": "ana"}, "email"),
        ("send", {}, "good_faith"),
    ],
)
def test_an_error_stands_on_top_and_at_its_field(
    agora: Agora, client: Client, step: str, answer: dict[str, Any], field: str
) -> None:
    fill(client, *STEPS[: STEPS.index(step)])
    given = client.post(f"/notice/{step}", answer)
    shown = given.content.decode()
    assert given.status_code == 422
    assert f'href="#f-{field}"' in shown
    assert f'id="f-{field}"' in shown
    assert f'id="e-{field}"' in shown
    assert not Notice.objects.exists()


def test_a_thousand_addresses_are_told_and_none_is_lost(agora: Agora, client: Client) -> None:
    many = [f"https://agora.example/x/{n}" for n in range(1_000)]
    fill(client, "what")
    for given in (many, ["\n".join(many)]):
        answer = client.post("/notice/where", {"location": given})
        assert answer.status_code == 422
        assert "At most 100 addresses" in words(answer)
        assert all(one in answer.content.decode() for one in (many[0], many[-1]))
    assert page(client, "/notice/where").count("https://agora.example/x/") == 1_000
    assert client.post("/notice/where", {"location": "\n".join(many[:100])}).status_code == 302


def test_five_megabytes_are_refused_with_a_page(agora: Agora, client: Client) -> None:
    fill(client, "what", "where")
    answer = client.post("/notice/why", {"kind": "illegal", "explanation": "x" * 5_000_000})
    assert answer.status_code == 413
    assert "Nothing was recorded" in words(answer)


HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ settings.SECRET_KEY }}{% debug %}",
    "\u202egnp.exe שלום مرحبا",
    "👩\u200d💻 \U0001f1eb\U0001f1f7",
    "x" * 5_000,
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_and_foreign_text_is_shown_as_text(agora: Agora, client: Client, text: str) -> None:
    short = text[:150]
    fill(
        client,
        "what",
        "where",
        "why",
        "you",
        where={"location": [f"https://agora.example/{text.replace(' ', '')[:400]}"]},
        why={"kind": "illegal", "explanation": text},
        you={"name": short, "email": "ana@example.org"},
    )
    shown = page(client, "/notice/send")
    assert html.escape(text) in shown
    assert html.escape(short) in shown
    for raw in ("<script>alert", "<img src=x"):
        assert raw not in shown
    fill(client, "send")
    assert "<script>alert" not in page(client, "/notice/mine")
    assert Notice.objects.get().explanation == text


def test_a_form_sent_twice_is_one_notice(agora: Agora, client: Client) -> None:
    fill(client, *STEPS)
    again = client.post("/notice/send", ANSWERS["send"])
    assert again.headers["Location"] == "/notice/mine"
    assert Notice.objects.count() == 1


def test_a_form_without_our_token_records_nothing(agora: Agora) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/notice/what", ANSWERS["what"]).status_code == 403
    assert not NoticeDraft.objects.exists()


# What the law waives, and care


def test_in_the_child_category_nobody_is_asked_who_they_are(agora: Agora, client: Client) -> None:
    fill(client, "what", what={"category": "child"})
    assert "Step 2 of 4" in page(client, "/notice/where")
    fill(client, "where")
    why = page(client, "/notice/why")
    assert "<textarea" not in why
    assert 'type="file"' not in why
    fill(client, "why", why={"choice": "picture", "explanation": "never taken"})
    assert client.get("/notice/you").headers["Location"] == "/notice/send"
    fill(client, "send")
    notice = Notice.objects.get()
    assert (notice.name, notice.email, notice.explanation) == ("", "", "picture")
    assert Case.objects.get().queue == Queue.CHILD


def test_somebody_under_18_is_led_to_help_and_asked_for_less(agora: Agora, client: Client) -> None:
    fill(client, "what", what={"category": "intimate", "under_age": "1"})
    shown = words(client.get("/notice/where"))
    assert "you have done nothing wrong" in shown
    assert "Step 2 of 4" in shown
    fill(client, "where", "why", "send", why={"choice": "picture"})
    assert Notice.objects.get().category == "child"


def test_no_number_is_named_unless_the_operator_names_one(agora: Agora, client: Client) -> None:
    fill(client, "what", what={"category": "intimate"})
    shown = page(client, "/notice/where")
    assert "tel:" not in shown
    assert "emergency number of your country" in shown
    agora.folder.joinpath(FILE).write_text(
        "helplines:\n- {country: FR, name: Line <1>, phone: '00 00', audience: victims, "
        "source: test, checked: '2026-11-01'}\n"
    )
    shown = page(client, "/notice/where")
    assert 'href="tel:0000"' in shown
    assert "Line &lt;1&gt;" in shown


def test_a_list_of_helplines_that_does_not_fit_stops_no_page(agora: Agora, client: Client) -> None:
    agora.folder.joinpath(FILE).write_text("helplines: [{name: 1}]")
    fill(client, "what", what={"category": "stalking"})
    assert "emergency number" in page(client, "/notice/where")


def test_a_victim_need_not_explain_and_is_told_that_she_is_never_named(
    agora: Agora, client: Client
) -> None:
    fill(
        client,
        "what",
        "where",
        "why",
        what={"category": "intimate"},
        why={"kind": "illegal", "explanation": ""},
    )
    assert "We never name you" in page(client, "/notice/you")
    fill(client, "you", "send", you={"unnamed": "1"})
    assert Notice.objects.get().missing == ["explanation", "name", "email"]


def test_a_report_under_the_terms_asks_for_no_good_faith(agora: Agora, client: Client) -> None:
    fill(client, "what", "where", "why", why={"kind": "terms", "explanation": "x"})
    fill(client, "you", "send", you={}, send={})
    assert Notice.objects.get().kind == "terms"


# Limits


def test_over_the_limit_the_page_says_so_and_keeps_the_form(agora: Agora, client: Client) -> None:
    for _ in range(LIMITS["notice"].free):
        fill(client, *STEPS)
    fill(client, *STEPS[:-1])
    answer = client.post("/notice/send", ANSWERS["send"])
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "20"
    shown = answer.content.decode()
    assert '<input type="hidden" name="good_faith" value="1">' in shown
    challenge = re.search(r'data-work="([^"]+)"', shown)
    assert challenge is not None
    agora.clock.advance(20_000)
    again = client.post("/notice/send", ANSWERS["send"] | {"work": f"{challenge[1]}:"})
    assert again.headers["Location"] == "/notice/mine"
    assert Notice.objects.count() == LIMITS["notice"].free + 1
