# SPDX-License-Identifier: Apache-2.0
"""The compliance proof: every notice with receipt, time and outcome, and nothing personal."""

from __future__ import annotations

import csv
import io
import json
import zipfile

import pytest

from tests.support.notices import case_of, give, settle
from vigie.core.clock import DAY_MS
from vigie.core.errors import InvalidInputError, RefusedError
from vigie.flow.decide import Verb
from vigie.flow.disclosures import publish_disclosure
from vigie.flow.packages import build_proof
from vigie.ledger.verify.findings import exit_code
from vigie.ledger.verify.packages import Asked, verify_package
from vigie.ledger.verify.policy import TrustPolicy
from vigie.ledger.verify.shelves import zip_shelf

pytestmark = pytest.mark.django_db


@pytest.fixture
def prove(agora, tmp_path):
    """Make the proof of the day before and the day after."""
    legal = agora.person("l.anders", "legal", number=1)
    agora.harmless()
    agora.publish_trust()

    def make(user=legal, **more):
        now = agora.house.now()
        given = {"since": now - DAY_MS, "until": now + DAY_MS, **more}
        return build_proof(agora.house, user=user, out=tmp_path / "proof.zip", **given)

    return make


def contents(made):
    """Return the files of a proof."""
    with zipfile.ZipFile(made.file) as file:
        return {name.partition("/")[2]: file.read(name) for name in file.namelist()}


def lines(made):
    """Return the list of what was handled."""
    return [json.loads(line) for line in contents(made)["data/handled.jsonl"].splitlines()]


def found_in(agora, made):
    """Check a proof as an outsider does."""
    top, shelf = zip_shelf(io.BytesIO(made.file.read_bytes()))
    text = agora.settings.log_dir.joinpath("policy.txt").read_bytes()
    asked = Asked(policy=TrustPolicy.parse(text), now_ms=agora.house.now())
    return verify_package(shelf, "proof", top, asked)


def test_each_notice_stands_with_receipt_decision_and_outcome(agora, prove):
    agora.proposal("p-100")
    open_one = give(agora, locations=("https://agora.example/p/p-100",))
    agora.clock.advance(60_000)
    settle(agora, case_of(open_one), Verb.WITHHOLD)
    agora.clock.advance(60_000)
    agora.proposal("p-101")
    give(agora, locations=("https://agora.example/p/p-101",), email="other@example.org")
    made = prove()
    first, second = lines(made)
    assert (first["number"], first["outcome"], first["took_ms"]) == ("N-1", "withhold", 60_000)
    assert (second["number"], second["closed"], second["outcome"]) == ("N-2", None, None)
    found = found_in(agora, made)
    assert exit_code(found) == 0, [one.line() for one in found]
    handled = next(one for one in found if one.details.get("step") == "handled")
    assert (handled.details["lines"], handled.details["open"]) == (2, 1)


def test_a_table_for_people_says_the_same(agora, prove):
    agora.proposal("p-100")
    give(agora, locations=("https://agora.example/p/p-100",))
    [row] = csv.DictReader(io.StringIO(contents(prove())["data/handled.csv"].decode()))
    assert (row["number"], row["closed"]) == ("N-1", "")


def test_nothing_personal_is_in_it(agora, prove):
    agora.proposal("p-100")
    receipt = give(agora, locations=("https://agora.example/p/p-100",))
    settle(agora, case_of(receipt), Verb.WITHHOLD)
    notice = receipt.notice
    for name, data in contents(prove()).items():
        if name == "verify.py":
            continue
        assert notice.email.encode() not in data, name
        assert notice.name.encode() not in data, name
        assert b"agora.example/p/p-100" not in data, name


def test_what_is_outside_the_period_is_not_in_it(agora, prove):
    agora.proposal("p-100")
    give(agora, locations=("https://agora.example/p/p-100",))
    agora.clock.advance(3 * DAY_MS)
    assert lines(prove()) == []


def test_published_texts_are_in_it(agora, prove):
    publish_disclosure(agora.house, "terms", {"en": "Write to us."}, "admin")
    [line] = lines(prove())
    assert (line["what"], line["outcome"]) == ("published", "disclosure.published")


def test_class_child_is_counted_and_not_listed(agora, prove):
    where = ("https://agora.example/p/p-9",)
    give(agora, category="child", locations=where, name="", email="", explanation="")
    made = prove()
    assert lines(made) == []
    assert b"Counted, not listed: 1 notices" in contents(made)["data/index.html"]


def test_it_says_what_it_does_not_prove(prove):
    text = contents(prove())["data/index.html"].decode()
    assert "everything which was received was recorded" in text


def test_a_period_ends_after_it_begins(agora, prove):
    now = agora.house.now()
    with pytest.raises(InvalidInputError):
        prove(since=now, until=now)


def test_only_those_whose_role_it_is_make_it(agora, prove):
    with pytest.raises(RefusedError):
        prove(user=agora.person("mo", "moderator"))
