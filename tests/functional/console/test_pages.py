# SPDX-License-Identifier: Apache-2.0
"""What the pages of the console show, and what they never show."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path

import pytest
from django.test import Client
from django.utils.html import escape

from tests.support.people import SAID, Agora
from vigie.flow.decide import PersonDecision, Verb, decide
from vigie.flow.policies import publish_starter_set
from vigie.ledger.proof import verify_decision
from vigie.store.models import ItemContent, PolicyRecord, PolicyVersion
from vigie.web import proofs

HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(2)> {{ 7|add:7 }} "
    "\u202eright to left\u2066 ' \" & 🐦 " + "x" * 5000
)


def text_of(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


@pytest.fixture
def moderator(agora: Agora) -> Client:
    """A browser in which M. Roth, a moderator, is signed in."""
    agora.person("m.roth", role="moderator")
    client = Client()
    client.post("/console/login", {"name": "m.roth", "password": "correct horse battery staple"})
    return client


@pytest.fixture
def safety(agora: Agora) -> Client:
    """A browser in which S. Child, of child safety, is signed in."""
    agora.person("s.child", role="child_safety")
    client = Client()
    client.post("/console/login", {"name": "s.child", "password": "correct horse battery staple"})
    return client


def test_the_list_masks_what_a_rule_matched(agora: Agora, desk: Client) -> None:
    agora.proposal()
    page = text_of(desk, "/console/decisions")
    assert '<span class="mask">masked</span>' in page
    assert SAID[20:45] not in page


@pytest.mark.parametrize("verb", [Verb.WITHHOLD, Verb.LEAVE])
def test_the_list_masks_a_persons_decision_as_the_one_before(
    agora: Agora, desk: Client, verb: Verb
) -> None:
    number = agora.proposal()
    user = agora.person("m.roth")
    made = decide(agora.house, PersonDecision(on=number, verb=verb, reason="clear", user=user))
    undone = PersonDecision(on=made.number, verb=Verb.UNDO, reason="again", user=user)
    decide(agora.house, undone)
    page = text_of(desk, "/console/decisions")
    assert page.count('<td class="what">') == 3
    assert page.count('<span class="mask">masked</span>') == 3
    assert SAID[20:45] not in page


def test_another_version_is_masked_by_its_own_signals(agora: Agora, desk: Client) -> None:
    agora.proposal()
    agora.harmless("p-100", "Good morning, all of you together here.")
    agora.proposal(text="x" * 60, version=2)
    page = text_of(desk, "/console/decisions")
    assert page.count('<span class="mask">masked</span>') >= 2
    assert SAID[20:45] not in page


LINKS = ["https://example.org/a?b=<i>", "https://example.org/\u202etxt.exe", "javascript:alert(1)"]


def test_links_of_an_item_are_text_and_never_followed(agora: Agora, desk: Client) -> None:
    number = agora.proposal(links=LINKS)
    for path in (f"/console/decisions/{number}", f"/console/decisions/{number}/decide"):
        page = text_of(desk, path)
        for link in LINKS:
            assert f'<bdi dir="ltr">{escape(link)}</bdi>' in page
        assert not re.search(r'(href|src|action)="[^"]*(example\.org|javascript)', page)
    assert "Links of the item" not in text_of(desk, f"/console/decisions/{agora.harmless()}")


def test_links_are_content_and_hidden_from_who_may_not_read_it(
    agora: Agora, client: Client
) -> None:
    agora.person("a.udit", role="auditor")
    client.post("/console/login", {"name": "a.udit", "password": "correct horse battery staple"})
    number = agora.proposal(links=LINKS)
    assert "example.org" not in text_of(client, f"/console/decisions/{number}")


@pytest.mark.parametrize("language", ["en", "fr", "de"])
def test_policies_have_their_title_in_the_readers_language(
    agora: Agora, desk: Client, language: str
) -> None:
    publish_starter_set(agora.house, "test")
    row = PolicyRecord.objects.select_related("current").earliest("policy_id")
    assert row.current is not None
    titles = row.current.document["title"]
    assert len(set(titles.values())) == 3
    for path in ("/console/policies", "/console/decisions", "/"):
        page = unescape(text_of(desk, f"{path}?lang={language}"))
        assert titles[language] in page, path
        assert not [one for code, one in titles.items() if code != language and one in _shown(page)]


def _shown(page: str) -> str:
    """A page without the sources of the policies, which hold every language."""
    return re.sub(r"<pre.*?</pre>", "", page, flags=re.DOTALL)


def test_the_reasons_name_the_title_of_the_version_that_fired(agora: Agora, desk: Client) -> None:
    number = agora.proposal()
    record = PolicyRecord.objects.create(policy_id="denial")
    for version, title in ((3, "Leugnung"), (4, "Etwas anderes")):
        PolicyVersion.objects.create(
            policy=record,
            version=version,
            document={"title": {"en": title, "de": title, "fr": title}},
            state="live",
            published_by="test",
            published_at=1,
        )
    for path in (f"/console/decisions/{number}", f"/console/decisions/{number}/decide"):
        page = text_of(desk, path)
        assert "Leugnung" in page
        assert "Etwas anderes" not in page


def test_hostile_words_are_text_everywhere(agora: Agora, desk: Client) -> None:
    number = agora.proposal("p-<b>1</b>", HOSTILE)
    for path in (
        "/console/decisions",
        f"/console/decisions/{number}",
        f"/console/decisions/{number}/decide",
    ):
        page = text_of(desk, path)
        assert "<script>alert" not in page
        assert "<img" not in page
        assert "<b>1</b>" not in page
        assert "<bdi>" in page
    whole = unescape(re.sub(r"<[^>]+>", "", text_of(desk, f"/console/decisions/{number}")))
    assert "{{ 7|add:7 }}" in whole


def test_class_child_is_in_no_general_list_for_anybody(agora: Agora, safety: Client) -> None:
    agora.removal("p-secret")
    for path in (
        "/console/decisions",
        "/console/decisions?waiting=1",
        "/console/decisions?item=p-secret",
    ):
        assert "p-secret</bdi>" not in text_of(safety, path)
    assert "p-secret" in text_of(safety, "/console/child-safety")


def test_class_child_does_not_exist_for_a_moderator(agora: Agora, moderator: Client) -> None:
    number = agora.removal("p-secret")
    assert moderator.get("/console/child-safety").status_code == 403
    for part in ("", "/decide", "/lift", "/proof.json", "/record.json"):
        assert moderator.get(f"/console/decisions/{number}{part}").status_code == 404
    assert "Child safety" not in text_of(moderator, "/console/decisions")


def test_class_child_shows_no_words_to_its_role_either(agora: Agora, safety: Client) -> None:
    number = agora.removal()
    page = text_of(safety, f"/console/decisions/{number}")
    assert "no words and no picture are kept or shown" in page
    assert "a caption that nobody may see" not in page
    assert not ItemContent.objects.exists()


def test_an_auditor_sees_decisions_without_their_words(agora: Agora, client: Client) -> None:
    agora.person("a.udit", role="auditor")
    client.post("/console/login", {"name": "a.udit", "password": "correct horse battery staple"})
    number = agora.proposal()
    assert SAID[:18] not in text_of(client, "/console/decisions")
    page = text_of(client, f"/console/decisions/{number}")
    assert SAID[:18] not in page
    assert "Your role sees no content." in page


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("outcome=review", {"D-1"}),
        ("outcome=allow", {"D-2"}),
        ("policy=denial", {"D-1"}),
        ("territory=FR", {"D-1"}),
        ("territory=AT", set()),
        ("service=agora", {"D-1", "D-2"}),
        ("service=other", set()),
        ("surface=reply", set()),
        ("item=p-300", {"D-2"}),
        ("waiting=1", {"D-1"}),
        ("since=2026-11-22&until=2026-11-22", {"D-1", "D-2"}),
        ("since=2026-11-23", set()),
        ("since=not-a-day", {"D-1", "D-2"}),
        ("outcome=%3Cscript%3E", {"D-1", "D-2"}),
        ("before=2", {"D-1"}),
    ],
)
def test_filters_stand_in_the_address(
    agora: Agora, desk: Client, query: str, shown: set[str]
) -> None:
    agora.proposal()
    agora.harmless()
    page = text_of(desk, f"/console/decisions?{query}")
    assert set(re.findall(r'nowrap">(D-\d+)<', page)) == shown


def test_older_decisions_are_a_link_away(
    agora: Agora, desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vigie.console import queries

    monkeypatch.setattr(queries, "PAGE", 2)
    for number in range(5):
        agora.harmless(f"p-{number}")
    seen: list[str] = []
    path = "/console/decisions?service=agora"
    while path:
        page = text_of(desk, path)
        seen += re.findall(r'nowrap">(D-\d+)<', page)
        following = re.search(r'<a href="(\?[^"]+)" rel="next"', page)
        path = f"/console/decisions{unescape(following[1])}" if following else ""
    assert seen == [f"D-{number}" for number in range(5, 0, -1)]


def test_an_empty_list_says_why_and_where_to_go(agora: Agora, desk: Client) -> None:
    assert "No decision is recorded yet" in text_of(desk, "/console/decisions")
    assert "Nothing waits here" in text_of(desk, "/console/decisions?waiting=1")
    agora.harmless()
    assert "No decision fits this filter" in text_of(desk, "/console/decisions?outcome=remove")


def test_the_page_gives_every_reason_with_value_and_limit(agora: Agora, desk: Client) -> None:
    page = text_of(desk, f"/console/decisions/{agora.proposal()}")
    for part in (
        "denial 3",
        "text.linear/denial",
        "0.93",
        "0.85",
        "not_quoting",
        "StGB",
        "Loi 29 July 1881",
    ):
        assert part in page


def test_a_failed_detector_is_a_row_and_not_an_absence(agora: Agora, desk: Client) -> None:
    page = text_of(desk, f"/console/decisions/{agora.proposal()}")
    assert 'data-is="failed">Failed</span> timeout' in page


def test_the_map_is_a_list_with_full_names(agora: Agora, desk: Client) -> None:
    page = text_of(desk, f"/console/decisions/{agora.proposal()}")
    assert page.count("<li data-cc=") == 32
    assert '<span class="vh">Germany: proposed, </span>DE' in page


def test_the_proof_holds_and_can_be_taken_away(agora: Agora, desk: Client) -> None:
    number = agora.proposal()
    agora.publish()
    page = text_of(desk, f"/console/decisions/{number}")
    assert page.count('data-is="verified">holds</span>') == 3
    assert "vigie-verify --policy policy.txt D-1.json" in page
    answer = desk.get(f"/console/decisions/{number}/proof.json")
    assert answer["Content-Disposition"] == 'attachment; filename="D-1.json"'
    assert verify_decision(answer.content, proofs.trust()).accepted is not None


def test_a_proof_without_checkpoint_waits_and_says_so(agora: Agora, desk: Client) -> None:
    number = agora.proposal()
    page = text_of(desk, f"/console/decisions/{number}")
    assert "No checkpoint covers this decision yet." in page
    assert "holds" not in page
    assert desk.get(f"/console/decisions/{number}/proof.json").status_code == 503


def test_a_changed_log_never_holds(agora: Agora, desk: Client) -> None:
    number = agora.proposal()
    agora.harmless()
    agora.publish()
    changed = 0
    for tile in Path(agora.settings.log_dir, "tile").rglob("*"):
        if tile.is_file() and "entries" not in tile.parts:
            data = bytearray(tile.read_bytes())
            data[-1] ^= 1
            tile.write_bytes(bytes(data))
            changed += 1
    assert changed
    page = text_of(desk, f"/console/decisions/{number}")
    assert "The proof does not hold. Tell the operator at once." in page
    assert "all steps hold" not in page


def test_another_key_beside_the_log_is_not_believed(agora: Agora, desk: Client) -> None:
    number = agora.proposal()
    agora.publish()
    path = agora.settings.log_dir / "policy.txt"
    other = Agora(agora.folder.parent / "other")
    other.publish_trust()
    path.write_bytes((other.settings.log_dir / "policy.txt").read_bytes())
    page = text_of(desk, f"/console/decisions/{number}")
    assert "The proof does not hold." in page


def test_the_record_is_handed_out_byte_for_byte(agora: Agora, desk: Client) -> None:
    number = agora.proposal()
    record = json.loads(desk.get(f"/console/decisions/{number}/record.json").content)
    assert record["k"] == "decision.made"
    assert set(record["signals"]) == {"_c"}, "what detectors saw stands as a commitment"


def test_every_figure_of_the_overview_is_a_link(agora: Agora, desk: Client) -> None:
    agora.proposal()
    page = text_of(desk, "/console/overview")
    figures = re.findall(r'<div class="figure"><dt>[^<]+</dt><dd>(.*?)</dd>', page)
    assert len(figures) == 6
    assert all(figure.startswith('<a href="/console/') for figure in figures)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Decisions"),
        ("fr", "Décisions"),
        ("de", "Entscheidungen"),
    ],
)
def test_a_link_chooses_the_language_and_it_stays(
    agora: Agora, desk: Client, language: str, words: str
) -> None:
    assert words in text_of(desk, f"/console/decisions?lang={language}")
    page = text_of(desk, "/console/overview")
    assert words in page
    assert f'<html lang="{language}"' in page


def test_a_link_chooses_the_theme_and_switches_keys_off(agora: Agora, desk: Client) -> None:
    assert 'data-theme="dark"' in text_of(desk, "/console/overview?theme=dark")
    assert 'data-theme="dark"' in text_of(desk, "/console/log")
    assert "data-theme" not in text_of(desk, "/console/log?theme=auto")
    assert 'data-keys="off"' in text_of(desk, "/console/log?keys=off")


def test_preferences_take_known_values_only(agora: Agora, desk: Client) -> None:
    desk.cookies["vigie-theme"] = '"><script>'
    page = text_of(desk, "/console/log?lang=xx&theme=pink&keys=1")
    assert "<script>" not in page.replace("<script src=", "")
    assert '<html lang="en">' in page
