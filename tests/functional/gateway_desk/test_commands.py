# SPDX-License-Identifier: Apache-2.0
"""`vigie gateway`, `vigie change` and keys of the gateway, as an operator calls them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result

from vigie.cli import context, publishing
from vigie.cli.app import root
from vigie.core.gateway import day_of
from vigie.flow.gateway import alarms, upstreams
from vigie.store.models import ApiKey, GatewayDay, GatewayUsage, RegisteredChange

if TYPE_CHECKING:
    from tests.support.people import Agora
    from vigie.store.models import User

Run = Callable[..., Result]
PASSWORD = "correct horse battery staple"
SECRET = "sk-only-in-the-file-7f3a"


@pytest.fixture
def run(agora: Agora, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Call a command on the house of the test; the Snapshot is built by the command."""
    agora.settings.run_dir.mkdir(parents=True, exist_ok=True)
    monkeypatch.setattr(context, "open_house", lambda _folder: agora.house)
    monkeypatch.setattr(publishing, "refresh", lambda _house: True)

    def called(*arguments: str, said: Sequence[str] = (), code: int = 0) -> Result:
        result = CliRunner().invoke(root, list(arguments), input="\n".join((*said, "")))
        problem = getattr(result.exception, "message", result.exception)
        assert (result.exit_code == 0) == (code == 0), f"{result.output} {problem}"
        return result

    return called


def told(run: Run, *arguments: str) -> Any:
    return json.loads(run(*arguments, "--json").stdout)


def test_a_key_of_an_upstream_comes_from_a_file_or_is_asked_for(
    run: Run, agora: Agora, tmp_path: Path
) -> None:
    given = tmp_path / "key.txt"
    given.write_text(f"{SECRET}\n", encoding="ascii")
    add = ("gateway", "upstream", "add")
    one = ("--url", "https://api.example/v1", "--model", "assistant-*")
    outputs = [run(*add, "main", *one, "--key-file", str(given)).output]
    outputs.append(run(*add, "spare", *one, "--position", "1", said=[SECRET]).output)
    outputs.append(run(*add, "piped", *one, "--key-file", "-", said=[SECRET]).output)
    outputs.append(run("gateway", "upstream", "list").output)
    for name in ("main", "spare", "piped"):
        path = upstreams.key_file(agora.settings, name)
        assert path.read_text(encoding="ascii").strip() == SECRET
    assert SECRET not in "".join(outputs)
    change = ("gateway", "upstream", "change", "main", "--url", "https://eu.example/v1")
    kept = run(*change, code=1)
    assert kept.exception.code == "key_of_another"  # type: ignore[union-attr]
    run(*change, "--key-file", str(given))
    listed = {one["name"]: one for one in told(run, "gateway", "upstream", "list")}
    assert (listed["main"]["host"], listed["main"]["key"]) == ("eu.example", True)
    run("gateway", "upstream", "remove", "spare")
    assert len(told(run, "gateway", "upstream", "list")) == 2
    wrong = run(*add, "bad", "--url", "http://api.example", "--no-key", code=1)
    assert wrong.exception.code == "bad_address"  # type: ignore[union-attr]


def test_an_upstream_that_does_not_answer_is_an_outside_failure(run: Run) -> None:
    add = ("gateway", "upstream", "add", "local", "--private", "--no-key")
    run(*add, "--url", "http://127.0.0.1:1/v1")
    tried = run("gateway", "upstream", "test", "local", code=3)
    assert "local: no answer." in tried.output


def test_a_profile_that_opens_is_published_with_a_warning(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "profile.yaml"
    file.write_text("name: lenient\non_failure: {answer: open}\n", encoding="utf-8")
    made = run("gateway", "profile", "publish", str(file))
    assert "Warning: answer fails open" in made.stderr
    assert "lenient version 1 is published." in made.stdout
    rows = {one["name"]: one for one in told(run, "gateway", "profile", "list")}
    assert (rows["default"]["version"], len(rows["lenient"]["risks"])) == (0, 1)
    assert told(run, "gateway", "profile", "show", "lenient")["on_failure"] == {"answer": "open"}
    run("gateway", "profile", "show", "none", code=1)
    file.write_text("window: 5\n", encoding="utf-8")
    assert run("gateway", "profile", "publish", str(file), code=1).exception.field == "window"  # type: ignore[union-attr]
    file.write_text("{", encoding="utf-8")
    run("gateway", "profile", "publish", str(file), code=1)


def test_trips_are_shown_and_set(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "trips.yaml"
    file.write_text("stops_per_hundred: 0\nfailures: 5\n", encoding="utf-8")
    assert "no brake trips on the share of stops" in run("gateway", "trips", str(file)).stderr
    assert told(run, "gateway", "trips")["failures"] == 5


def test_a_key_of_the_gateway_has_budgets_a_profile_and_a_country(run: Run, agora: Agora) -> None:
    create = ("key", "create", "assistant", "--scope", "ai", "--scope", "public")
    budgets = ("--requests-per-minute", "60", "--tokens-per-day", "1000")
    made = told(run, *create, *budgets, "--profile", "default", "--country", "fr")
    row = ApiKey.objects.get(pk=made["id"])
    assert (row.country, row.profile) == ("FR", "default")
    assert row.limits == {"requests_per_minute": 60, "tokens_per_day": 1000}
    GatewayUsage.objects.create(
        key=row, day=day_of(agora.house.now()), requests=3, input_tokens=40, output_tokens=2
    )
    [listed] = told(run, "key", "list")
    assert listed["today"] == {"requests": 3, "tokens": 42, "images": 0}
    assert "3 requests, 42 tokens" in run("key", "list").output
    for wrong in (("--profile", "none"), ("--country", "France"), ("--requests-per-day", "0")):
        run(*create, *wrong, code=1)
    run("key", "create", "x", "--scope", "public", "--tokens-per-day", "1", code=1)
    assert ApiKey.objects.count() == 1


def test_a_feature_is_stopped_by_one_and_started_by_two(
    run: Run, vidal: User, anders: User
) -> None:
    stop = ("gateway", "stop", "--feature", "image_edit", "--country", "fr")
    assert "image_edit is stopped, FR: B-1." in run(*stop, "--reason", "Looked into.").output
    rows = {one["feature"]: one for one in told(run, "gateway", "status")["features"]}
    assert rows["image_edit"]["stopped_in"] == ["FR"]
    assert rows["chat"]["stopped_in"] == []
    start = ("gateway", "start", "1", "--as")
    run(*start, vidal.username, "--reason", "Mended.", said=["not the password"], code=1)
    run(*start, vidal.username, said=[PASSWORD], code=1)
    asked = run(*start, vidal.username, "--reason", "Mended.", said=[PASSWORD])
    assert "another person" in asked.output
    again = run(*start, vidal.username, "--reason", "Mended.", said=[PASSWORD])
    assert "another person" in again.output
    run("gateway", "note", "1", "The provider was called.")
    assert "runs again" in run(*start, anders.username, said=[PASSWORD]).output
    [incident] = told(run, "gateway", "incidents")
    lines = [(one["what"], one["by"]) for one in incident["timeline"]]
    assert lines == [
        ("stopped", "command line"),
        ("release_asked", "c.vidal"),
        ("note", "command line"),
        ("released", "l.anders"),
    ]
    assert "B-1 image_edit, FR: released" in run("gateway", "incidents").output
    run(*start, anders.username, said=[PASSWORD], code=1)


def test_alarms_are_listed_shown_in_the_status_and_closed(run: Run, agora: Agora) -> None:
    row = alarms.raise_alarm(agora.house, "upstream", None, "main", count=3)
    assert f"alarm A-{row.pk}: upstream main (3)" in run("gateway", "status").output
    assert told(run, "gateway", "alarm", "list")[0]["count"] == 3
    run("gateway", "alarm", "close", str(row.pk), "--note", "An outage.")
    assert told(run, "gateway", "alarm", "list") == []


def test_the_status_says_what_the_doors_say_of_upstreams(run: Run, agora: Agora) -> None:
    add = ("gateway", "upstream", "add", "main", "--no-key", "--url", "https://api.example/v1")
    run(*add)
    key = int(told(run, "key", "create", "assistant", "--scope", "ai")["id"])
    assert told(run, "gateway", "status")["upstreams"][0]["health"] == ""
    alarms.raise_alarm(agora.house, "upstream", key, "main", count=3)
    alarms.raise_alarm(agora.house, "upstream", None, "main")
    [one] = told(run, "gateway", "status")["upstreams"]
    assert one["health"].startswith("failed 4 times, last 2026-11-22T21:00:00")
    assert "without a key, failed 4 times" in run("gateway", "status").output


def figures(agora: Agora, ago: int = 1) -> None:
    """Write a day: one large category, one of three people, in two countries."""
    day = day_of(agora.house.now()) - ago
    for ending, category, country, exchanges, people in (
        ("released", "", "FR", 1_204, 40),
        ("released", "", "DE", 903, 30),
        ("refused", "nudify", "FR", 31, 12),
        ("refused", "nudify", "DE", 27, 11),
        ("refused", "denial", "FR", 5, 3),
        ("cut", "denial", "DE", 44, 15),
    ):
        GatewayDay.objects.create(
            day=day, application="1", feature="chat", ending=ending, category=category,
            country=country, exchanges=exchanges, many=people >= 10,
            people=[] if people >= 10 else [f"{n:012x}" for n in range(people)],
        )  # fmt: skip


def test_a_digest_shows_no_cell_of_few_people_and_none_that_would_tell(
    run: Run, agora: Agora
) -> None:
    figures(agora)
    found = told(run, "gateway", "digest")
    lines = {(one["ending"], one["category"]): one for one in found["lines"]}
    denial = lines["refused", "denial"]
    assert (denial["countries"]["FR"], denial["total"]) == (None, None)
    # Else the column's total would tell it: another one of France is hidden with it.
    hidden = [key for key, one in lines.items() if one["countries"]["FR"] is None]
    assert len(hidden) > 1
    assert found["asked"]["total"] == 2_214
    assert lines["cut", "denial"]["countries"] == {"DE": 44, "FR": 0}
    text = run("gateway", "digest").output
    assert "fewer than 10" in text
    assert "or more" in text
    assert "Asked: 2,214" in text


def test_a_day_that_is_not_over_is_told_in_tens(run: Run, agora: Agora) -> None:
    figures(agora, ago=0)
    day = "2026-11-22"
    found = told(run, "gateway", "digest", "--day", day)
    assert found["running"] is True
    assert found["asked"]["total"] == 2_210
    assert "so far, in tens" in run("gateway", "digest", "--day", day).output
    run("gateway", "digest", "--day", "2026-11-23", code=1)
    assert "Today 2,210: refused" in run("gateway", "status").output


def test_a_change_is_registered_from_a_request_and_listed(run: Run, tmp_path: Path) -> None:
    body = tmp_path / "body.json"
    body.write_text(
        json.dumps({"model": "assistant-1", "messages": [{"role": "user", "content": "x"}]}),
        encoding="utf-8",
    )
    digest = run("change", "digest", str(body)).output.strip()
    register = ("change", "register", "assistant", "--title", "Shorter answers", "--version", "2")
    who = ("--asked-by", "product", "--approved-by", "A", "--approved-by", "B", "--risk", "Low.")
    run(*register, *who, "--request", str(body), "--until", "2026-12-31")
    row = RegisteredChange.objects.get()
    assert (row.digest, row.approved_by) == (digest, ["A", "B"])
    run(*register, "--request", str(body), code=1)
    run(*register, *who, code=2)
    listed = told(run, "change", "list", "--between", "2026-11-01", "2026-11-30")
    assert [one["version"] for one in listed] == ["2"]
    assert told(run, "change", "list", "--between", "2026-12-31", "2026-12-31")
    assert not told(run, "change", "list", "--between", "2026-12-01", "2026-12-30")
    assert "Shorter answers" in run("change", "list", "--kind", "assistant").output
    body.write_text("[]", encoding="utf-8")
    run("change", "digest", str(body), code=1)


def test_the_older_way_to_register_a_recommender_still_works(run: Run) -> None:
    register = ("public", "change", "register", "recommender", "--title", "Calmer")
    run(*register, "--digest", "ab" * 32, "--from", "2026-11-22", "--description", "Less noise.")
    [one] = told(run, "public", "change", "list")
    assert (one["kind"], one["effective_at"][:10]) == ("recommender", "2026-11-22")


def test_check_says_what_the_gateway_lacks(run: Run, agora: Agora, tmp_path: Path) -> None:
    from vigie.cli.gateway_ready import look

    assert list(look(agora.house)) == []
    run("key", "create", "assistant", "--scope", "ai")
    codes = {one.code for one in look(agora.house)}
    assert {"gateway_upstream", "gateway_unregistered"} <= codes
    run("gateway", "upstream", "add", "main", "--no-key", "--url", "https://api.example/v1")
    file = tmp_path / "profile.yaml"
    file.write_text("mode: observe\nunregistered: refuse\n", encoding="utf-8")
    run("gateway", "profile", "publish", str(file))
    run("gateway", "stop", "--feature", "chat", "--reason", "Looked into.")
    alarms.raise_alarm(agora.house, "upstream", None, "main")
    found = {one.code: one for one in look(agora.house)}
    assert found["gateway_key"].level == "missing"
    assert found["gateway_opens"].level == "warning"
    assert found["gateway_unregistered"].level == "missing"
    assert {"gateway_brake", "gateway_alarms"} <= set(found)
    assert "gateway_upstream" not in found
    run("gateway", "upstream", "change", "main", "--url", "https://api.example/v1",
        "--key-file", "-", said=[SECRET])  # fmt: skip
    upstreams.key_file(agora.settings, "main").chmod(0o644)
    assert "key_mode" in {one.code for one in look(agora.house)}


def test_check_says_where_no_detector_of_images_is(
    run: Run, agora: Agora, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vigie.cli import gateway_ready

    run("key", "create", "assistant", "--scope", "ai")
    monkeypatch.setattr(gateway_ready, "IMAGE_DETECTORS", "vigie.none_at_all")
    assert "gateway_images" in {one.code for one in gateway_ready.look(agora.house)}
