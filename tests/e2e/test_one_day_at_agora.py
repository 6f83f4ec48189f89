# SPDX-License-Identifier: Apache-2.0
"""One day at Agora, seen from outside: HTTP, command line, browser, an outsider's program.

The demo has checked its own story while it played; nothing here trusts that.
The server that answers was started anew on the folder that the demo left.
"""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import socket
import subprocess
import sys

import pytest

from demo import pictures
from demo.visitor import Visitor
from tests.e2e.conftest import free_port, play

pytestmark = pytest.mark.e2e
WINDOW = 64
EVERYWHERE = "*"


def verify(folder, arguments):
    """Run the single file with the system's bare interpreter: no package of ours to be found."""
    bare = shutil.which("python3", path="/usr/bin:/usr/local/bin") or sys.executable
    return subprocess.run(
        [bare, "-I", *arguments], cwd=folder, capture_output=True, text=True, check=False, env={}
    )


def test_every_chapter_is_told_with_links_and_a_login(agora):
    for number in range(1, 11):
        assert f"\n{number}. " in agora.said
    assert agora.story["link"] in agora.said
    assert agora.story["post"]["statement"] in agora.said
    assert agora.story["deepfake"]["code"] in agora.said
    assert agora.story["appeal"]["code"] in agora.said


def test_the_listed_picture_is_removed_everywhere_and_confirmed(agora):
    record = agora.record(agora.story["picture"]["decision"]["decision_id"])
    assert record["outcome"] == "remove"
    assert EVERYWHERE in record["territories"]
    assert [effect["state"] for effect in record["effects"]] == ["applied"]
    assert {place["state"] for place in record["effects"][0]["places"]} == {"applied"}
    assert record["statement"] == "issued"


def _holders(folder, data):
    windows = [data[at : at + WINDOW] for at in range(64, len(data) - WINDOW, WINDOW)]
    words = base64.b64encode(data)[128:256]
    found = []
    for path in folder.rglob("*"):
        if path.is_file():
            held = path.read_bytes()
            if words in held or any(window in held for window in windows):
                found.append(path.name)
    return found


def test_no_file_holds_the_listed_picture(agora, tmp_path):
    data = pictures.waves(7)
    assert hashlib.sha256(data).hexdigest() == agora.story["picture"]["sha256"]
    assert _holders(agora.folder, data) == []
    (tmp_path / "control").write_bytes(b"before" + data[100:400] + b"after")
    assert _holders(tmp_path, data) == ["control"]


def test_the_post_is_withheld_in_two_countries_by_a_person(agora):
    proposal = agora.record(agora.story["post"]["proposal"]["decision_id"])
    assert proposal["outcome"] == "review"
    assert proposal["effects"] == []
    assert not proposal["waits_for_person"]
    record = agora.record(proposal["superseded_by"])
    assert (record["kind"], record["outcome"]) == ("person", "withhold")
    assert sorted(record["territories"]) == ["DE", "FR"]
    places = {p["territory"]: p["state"] for e in record["effects"] for p in e["places"]}
    assert places == {"DE": "applied", "FR": "applied"}


def test_the_author_reads_the_statement_without_a_login_in_three_languages(agora):
    address = agora.story["post"]["statement"]
    for language, words in {"en": "2 countries", "fr": "2 pays", "de": "2 Ländern"}.items():
        answer = agora.get(address, language=language)
        assert answer.status_code == 200
        assert words in answer.text
        assert "lexicon" not in answer.text
    wrong = address[:-4] + ("aaaa" if not address.endswith("aaaa") else "bbbb")
    assert agora.get(wrong).status_code == 404


def test_each_edit_has_a_decision_of_its_own(agora):
    first, second, third = agora.story["edit"]["versions"]
    made = [agora.get(f"/v1/decisions/{name}", key=True).json()["decision"] for name in
            (first, second, third)]  # fmt: skip
    assert [(one["version"], one["outcome"]) for one in made] == [
        (1, "allow"),
        (2, "review"),
        (3, "allow"),
    ]
    assert [one["supersedes"] for one in made] == [None, first, second]
    assert [one["snapshot"] > 1 for one in made] == [True] * 3


def test_the_answer_of_the_bot_waits_for_a_person_on_the_terms(agora):
    record = agora.record(agora.story["answer"]["decision"]["decision_id"])
    assert (record["surface"], record["outcome"]) == ("ai_output", "review")
    assert record["waits_for_person"]
    assert record["as_made"]["actions"][0]["grounds"][0] == {"terms": "7.2"}
    assert record["as_made"]["actions"][0]["by"] == "proposal"


def test_the_denial_of_the_assistant_was_cut_in_france_before_it_was_said(agora):
    told = agora.story["assistant"]
    record = agora.record(told["decision"]["decision_id"])
    assert (record["surface"], record["outcome"]) == ("ai_output", "withhold")
    assert "FR" in record["territories"]
    assert "fr_denial" in json.dumps(record["as_made"])
    assert "jamais" not in told["text"]
    assert told["refusal"].startswith("Cette réponse a été interrompue")
    assert record["decision_id"] in told["refusal"]


def test_the_brake_was_pulled_for_france_and_let_go_by_two_people(agora):
    done = subprocess.run(
        [sys.executable, "-m", "vigie", "gateway", "incidents", "--json"],
        env=agora.env,
        capture_output=True,
        text=True,
        check=False,
    )
    (incident,) = json.loads(done.stdout)
    assert str(incident["number"]) == agora.story["brake"]["number"]
    told = json.dumps(incident)
    assert "lea" in told
    assert "noe" in told
    assert "FR" in told


def test_a_notifiers_hash_alone_restricts_nothing_and_brings_it_before_a_person(agora):
    first = agora.record(agora.story["deepfake"]["first"]["decision_id"])
    assert (first["outcome"], first["territories"]) == ("allow", [])
    noticed = agora.record(first["superseded_by"])
    assert (noticed["kind"], noticed["outcome"]) == ("notice", "review")
    assert noticed["decision_id"] != agora.story["deepfake"]["decision"]["decision_id"]


def test_the_confirmed_deepfake_is_withheld_by_a_person(agora):
    record = agora.record(agora.story["deepfake"]["decision"]["decision_id"])
    assert (record["kind"], record["outcome"]) == ("person", "withhold")
    assert record["territories"]
    assert [effect["state"] for effect in record["effects"]] == ["applied"]
    grounds = record["as_made"]["actions"][0]["grounds"]
    assert {"terms": "intimate-pictures"} in grounds


def test_the_hash_of_the_platforms_own_copy_is_listed_not_the_notifiers(agora):
    done = subprocess.run(
        [sys.executable, "-m", "vigie", "bank", "list", "--json"],
        env=agora.env,
        capture_output=True,
        text=True,
        check=False,
    )
    banks = {row["name"]: row for row in json.loads(done.stdout)}
    assert banks["intimate/notified"]["entries"] >= 1, banks


def test_the_copy_is_stopped_without_a_further_look(agora):
    copy = agora.story["deepfake"]["copy"]
    assert 0 < copy["bits"] <= 10
    record = agora.record(copy["decision_id"])
    assert (record["kind"], record["outcome"]) != ("person", "withhold")
    assert record["outcome"] == "withhold"
    assert {action["by"] for action in record["as_made"]["actions"]} == {"rule b"}
    assert not record["waits_for_person"]


@pytest.mark.parametrize("language", ["en", "fr", "de"])
def test_nothing_in_the_authors_statement_identifies_the_notifier(agora, language):
    answer = agora.get(agora.story["deepfake"]["decision"]["statement_url"], language=language)
    assert answer.status_code == 200
    name, mail, explanation = agora.story["deepfake"]["identifying"]
    for one in (*name.split(), mail, *explanation.replace(".", "").split()[-1:], "foulard"):
        assert one not in answer.text


def test_no_file_of_the_server_holds_the_reported_picture(agora):
    for data in (pictures.waves(23), pictures.saved_anew(pictures.waves(23))):
        assert _holders(agora.folder, data) == []


def test_the_notifier_and_the_author_read_their_answers_by_code(agora):
    with Visitor(agora.base, "fr") as ines:
        said = ines.read_notice(agora.story["deepfake"]["code"])
    assert "Notre décision" in said
    assert 'class="state" data-is="done"' in ines.page
    with Visitor(agora.base, "en") as author:
        said = author.read_complaint(agora.story["appeal"]["code"])
    assert "Your complaint was upheld" in said
    assert "Visible again in" in said
    assert "(strike) was taken back" in said


def test_the_complaint_reversed_the_decision(agora):
    first = agora.record(agora.story["appeal"]["decision"]["decision_id"])
    assert (first["kind"], first["outcome"]) == ("person", "withhold")
    after = agora.record(first["superseded_by"])
    assert after["territories"] == []
    assert {effect["state"] for effect in after["effects"]} == {"applied"}


def test_the_log_is_whole(agora):
    done = subprocess.run(
        [sys.executable, "-m", "vigie", "ledger", "verify", "--json"],
        env=agora.env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert [row["ok"] for row in json.loads(done.stdout)] == [True]


def test_an_outsider_verifies_proofs_and_receipt_with_one_file(agora, tmp_path):
    outside = tmp_path / "outside"
    shutil.copytree(agora.story["outside"]["folder"], outside)
    command = agora.story["outside"]["command"]
    done = verify(outside, command)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "5 verified" in done.stdout
    assert "1 kept" in done.stdout


@pytest.mark.parametrize("name", ["proof-post.json", "proof-harmless.json", "receipt.json"])
def test_an_outsider_refuses_what_was_changed(agora, tmp_path, name):
    outside = tmp_path / "outside"
    shutil.copytree(agora.story["outside"]["folder"], outside)
    text = (outside / name).read_text(encoding="utf-8")
    for found, planted in (("withhold", "allow"), ('"allow', '"remove'), ("review", "remove")):
        if found in text:
            (outside / name).write_text(text.replace(found, planted, 1), encoding="utf-8")
            break
    else:
        pytest.fail("nothing to change")
    assert verify(outside, agora.story["outside"]["command"]).returncode == 1


def test_a_person_signs_in_once_and_opens_every_step(agora, browser, tmp_path):
    errors: list[str] = []
    context = browser.new_context(locale="en-GB", viewport={"width": 1440, "height": 1100})
    page = context.new_page()
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.goto(agora.story["link"])
    page.click("main button[type=submit]")
    page.wait_for_url("**/console/queues")
    decided = agora.story["post"]["decision"]
    steps = {
        "proposal": agora.story["post"]["proposal"],
        "decision": decided,
        "edit": agora.story["edit"]["decision"],
        "answer": agora.story["answer"]["decision"],
        "deepfake": agora.story["deepfake"]["decision"],
        "copy": agora.story["deepfake"]["copy"],
        "appeal": agora.story["appeal"]["decision"],
    }
    for name, record in steps.items():
        number = record["label"].removeprefix("D-")
        answer = page.goto(f"{agora.base}/console/decisions/{number}")
        assert answer.status == 200, name
        assert page.locator("h1").inner_text().startswith(f"Decision {record['label']}")
        assert page.get_by_text("all steps hold").count() == 1, name
    listed = agora.story["picture"]["decision"]["label"].removeprefix("D-")
    answer = page.goto(f"{agora.base}/console/decisions/{listed}")
    assert answer.status == 404, "class child is the child-safety team's alone"
    assert "404" in errors.pop()
    page.goto(f"{agora.base}/console/decisions/{decided['label'].removeprefix('D-')}")
    shot = page.screenshot(path=tmp_path / "decision.png", full_page=True)
    assert len(shot) > 20_000
    for code in ("DE", "FR"):
        assert page.locator(f".tiles li[data-cc={code}]").get_attribute("data-is") == "withheld"
    assert page.locator(".tiles li[data-cc=AT]").get_attribute("data-is") != "withheld"
    assert errors == []
    # The link was used: for anybody else it opens nothing.
    again = browser.new_context().new_page().goto(agora.story["link"])
    assert again.status == 410


def test_a_port_in_use_gives_a_clear_message(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = play(tmp_path / "demo", port, "--once")
    assert done.returncode == 1
    assert f"port {port}" in done.stderr
    assert "make demo PORT=" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "demo").exists()


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path):
    (tmp_path / "letter.txt").write_text("mine", encoding="utf-8")
    done = play(tmp_path, free_port(), "--once")
    assert done.returncode == 1
    assert (tmp_path / "letter.txt").read_text(encoding="utf-8") == "mine"
