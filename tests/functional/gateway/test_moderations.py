# SPDX-License-Identifier: Apache-2.0
"""`/ai/v1/moderations` with the official client: texts, arrays, parts, pictures, keys."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openai
import pytest

from tests.support import door
from tests.support.gateway import (
    OFFENCE,
    PUBLIC,
    STOPPED,
    TRUSTED,
    Gateway,
    exchanges,
    lexicon,
    serving,
)
from tests.support.image_detectors import BLUE, RED, colours, tinted_file
from tests.support.pictures import picture
from tests.support.upstream import Upstream
from vigie.core.gateway import Brake, Ending, Feature
from vigie.gateway.judging import LONGEST
from vigie.gateway.labels import OPENAI
from vigie.screening.judge import judge

LISTED = picture(77, "PNG")
CALM = picture(1, "PNG")


def parts(**more: Any) -> dict[str, Any]:
    return {
        "policies": door.live(
            door.shipped("known_child_material"),
            door.policy("planted_clause"),
            door.policy("planted_offence", score="offence", offences=["fr_denial"]),
            door.policy("uncovered", score="image_nudity"),
        ),
        "lexicons": (lexicon("planted", STOPPED), lexicon("offence", OFFENCE)),
        "index": [door.listed(hashlib.sha256(LISTED).digest())],
        **more,
    }


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, upstream: Upstream) -> Iterator[Gateway]:
    with (
        colours(tmp_path_factory.mktemp("colours")),
        serving(tmp_path_factory.mktemp("gateway"), upstream, **parts()) as one,
    ):
        yield one


@pytest.fixture
def gateway(served: Gateway) -> Gateway:
    served.exchanges = len(exchanges(served.settings.journal_dir))
    return served


@pytest.fixture
def client(gateway: Gateway) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=gateway.v1, api_key=TRUSTED, max_retries=0) as one:
        yield one


def image(data: bytes, mime: str = "image/png") -> dict[str, Any]:
    url = f"data:{mime};base64,{base64.b64encode(data).decode()}"
    return {"type": "image_url", "image_url": {"url": url}}


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


def test_a_harmless_text_is_not_flagged_and_every_category_is_there(client, gateway, upstream):
    before = len(upstream.requests)
    answer = client.moderations.create(input="Boats and potatoes.", model="omni-moderation-latest")
    assert answer.id.startswith("modr-")
    (result,) = answer.results
    assert result.flagged is False
    said = result.model_dump(by_alias=True)
    for name in ("categories", "category_scores", "category_applied_input_types"):
        assert set(OPENAI) <= set(said[name])
    assert all(isinstance(score, float) for score in said["category_scores"].values())
    assert len(upstream.requests) == before
    facts = gateway.recorded()
    assert (facts.route, facts.feature) == ("moderations", Feature.MODERATION)
    assert (facts.ending, facts.prompt_chars) == (Ending.RELEASED, 19)


def test_a_finding_names_our_category_and_its_place(client):
    words = f"A calm start, then {STOPPED} and an end."
    (result,) = client.moderations.create(input=words).results
    assert result.flagged is True
    ours = result.model_extra["vigie"]
    assert ours["flagged"] == ["planted_clause"]
    (span,) = [one for one in ours["spans"] if one["label"] == "planted"]
    assert words[span["start"] : span["end"]] == STOPPED


def test_an_array_is_one_result_each_in_order(client):
    asked = ["calm", STOPPED, "calm", OFFENCE, ""]
    results = client.moderations.create(input=asked).results
    assert [one.flagged for one in results] == [False, True, False, True, False]


def test_thirty_two_texts_share_one_call_of_the_judge(client, monkeypatch):
    calls: list[int] = []

    def counted(subjects: Any, *rest: Any) -> Any:
        calls.append(len(subjects))
        return judge(subjects, *rest)

    monkeypatch.setattr("vigie.gateway.judging.judge", counted)
    asked = [f"Text number {n} about boats." for n in range(31)] + [STOPPED]
    results = client.moderations.create(input=asked).results
    assert [one.flagged for one in results] == [False] * 31 + [True]
    assert calls == [32]


def test_long_texts_are_judged_to_their_end_and_places_count_from_the_start(client):
    long = "Boats and potatoes. " * (LONGEST // 20 + 300)
    words = f"{long}{STOPPED} {long}"
    (result,) = client.moderations.create(input=words).results
    assert result.flagged is True
    spans = result.model_extra["vigie"]["spans"]
    assert {words[one["start"] : one["end"]] for one in spans} == {STOPPED}


def test_what_is_encoded_is_read(client):
    hidden = base64.b64encode(f"please {STOPPED} now".encode()).decode()
    (result,) = client.moderations.create(input=f"Decode this: {hidden}").results
    assert result.flagged is True
    assert result.model_extra["vigie"]["spans"] == []


def test_parts_are_one_result_for_all_of_them(client):
    asked: Any = [text("Boats."), image(CALM)]
    (result,) = client.moderations.create(input=asked).results
    assert result.flagged is False
    (result,) = client.moderations.create(input=[*asked, text(STOPPED)]).results
    assert result.flagged is True


def test_pictures_are_looked_at_and_matched(client, gateway):
    (result,) = client.moderations.create(input=[image(tinted_file(RED))]).results
    assert result.flagged is True
    assert result.category_scores.sexual > 0.5
    assert result.category_applied_input_types.sexual == ["image"]
    (result,) = client.moderations.create(input=[image(LISTED)]).results
    assert result.categories.sexual_minors is True
    (result,) = client.moderations.create(input="Boats.").results
    assert "image" not in result.category_applied_input_types.sexual
    assert gateway.ended(gateway.exchanges + 3)[-3].images == 1


def test_public_keys_see_flags_and_no_scores_or_places(gateway):
    with openai.OpenAI(base_url=gateway.v1, api_key=PUBLIC, max_retries=0) as client:
        for words, flag in ((STOPPED, True), ("Boats.", False)):
            (result,) = client.moderations.create(input=words).results
            assert result.flagged is flag
            said = result.model_dump(by_alias=True)
            assert set(said["category_scores"].values()) <= {0.0, 1.0}
            assert "spans" not in said["vigie"]


def test_the_country_chooses_the_law_and_the_header_the_surface(gateway):
    def flagged(**headers: str) -> Any:
        body = {"input": OFFENCE}
        answer = gateway.post("/ai/v1/moderations", body, **headers)
        assert answer.status == 200, answer.body
        return answer.json()["results"][0]["flagged"]

    assert flagged(Vigie_Country="FR") is True
    assert flagged(Vigie_Country="AT") is False
    assert flagged(Vigie_Country="FR", Vigie_Surface="ai_output") is True
    odd = gateway.post("/ai/v1/moderations", {"input": "x"}, Vigie_Surface="elsewhere")
    assert odd.status == 400
    assert odd.json()["error"]["param"] == "Vigie-Surface"


@pytest.mark.parametrize(
    "url",
    [
        "https://pictures.example/x.png",
        "http://127.0.0.1/x.png",
        "https://169.254.169.254/x.png",
        "https://2130706433/",
    ],
)
def test_pictures_by_address_are_not_fetched_where_the_operator_named_no_host(client, url):
    with pytest.raises(openai.BadRequestError) as refused:
        client.moderations.create(input=[{"type": "image_url", "image_url": {"url": url}}])
    assert refused.value.code == "image_url_not_allowed"
    assert "VIGIE_MEDIA_HOSTS" in str(refused.value)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"input": None},
        {"input": []},
        {"input": 4},
        {"input": ["a", 4]},
        {"input": [{"type": "audio"}]},
        {"input": [{"type": "image_url", "image_url": "x"}]},
        {"input": ["a"] * 257},
        {"input": "a", "threshold": 0.1},
        {"input": "a" * 1_000_001},
        {"input": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,%%"}}]},
        {"input": [{"type": "image_url", "image_url": {"url": "x"}}] * 17},
    ],
    ids=lambda body: str(body)[:40],
)
def test_other_inputs_are_refused_in_the_shape_of_the_interface(gateway, body):
    answer = gateway.post("/ai/v1/moderations", body)
    assert answer.status == 400
    assert answer.json()["error"]["type"] == "invalid_request_error"


def test_a_detector_that_fails_is_no_verdict(client, gateway):
    with pytest.raises(openai.APIStatusError) as failed:
        client.moderations.create(input=[image(tinted_file(BLUE, share=1.0))])
    assert failed.value.status_code == 503
    assert gateway.recorded().ending is Ending.FAILED


def test_a_brake_stops_it(gateway):
    gateway.publish(**parts(brakes=(Brake(number=1, feature=Feature.MODERATION),)))
    try:
        answer = gateway.post("/ai/v1/moderations", {"input": "x"})
        error = answer.json()["error"]
        assert (answer.status, error["code"]) == (403, "feature_stopped")
        assert error["message"]
        assert gateway.recorded().ending is Ending.BRAKED
    finally:
        gateway.publish(**parts())


def test_nothing_that_was_asked_is_kept(client, gateway):
    words = f"Nobody else writes of this lighthouse keeper, {STOPPED}, ever."
    client.moderations.create(input=words)
    gateway.recorded()
    folder = Path(gateway.settings.data_dir)
    kept = [one for one in folder.rglob("*") if one.is_file()]
    assert kept
    assert [one for one in kept if b"lighthouse keeper" in one.read_bytes()] == []
    assert "lighthouse" not in json.dumps(str(exchanges(gateway.settings.journal_dir)))
