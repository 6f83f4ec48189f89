# SPDX-License-Identifier: Apache-2.0
"""The forms on which we answer, and what a person reads of an order: words in three languages."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from vigie.core.actions import ActionKind
from vigie.law import answers, load
from vigie.law.order_form import Direction, Req
from vigie.law.order_statement import OrderGround, compose_order
from vigie.law.restriction import Automation, Restriction
from vigie.law.wording import LANGUAGES

LAW = load()
GROUND = OrderGround(
    act="tco",
    authority="Office central",
    country="FR",
    reference="FR-7",
    legal_basis="Regulation (EU) 2021/784 Art. 3",
    reasons="It calls for an attack.",
    redress="Tribunal administratif",
)
RESTRICTION = Restriction(
    action=ActionKind.DISABLED,
    territories=("DE", "FR"),
    decided_at=datetime(2026, 11, 23, 9, 0, tzinfo=UTC),
    automated_detection=False,
    automated_decision=Automation.NOT,
)


@pytest.mark.parametrize("form", answers.load().values(), ids=lambda form: form.id)
def test_a_form_of_ours_goes_out_and_speaks_three_languages(form) -> None:
    assert form.direction is Direction.OUT
    assert set(form.titles) == set(LANGUAGES)
    assert all(set(field.labels) == set(LANGUAGES) for field in form.fields)
    assert any(field.req is Req.REQUIRED for field in form.fields)


def test_annex_ii_has_no_field_for_a_signature_and_annex_iii_has_one() -> None:
    forms = answers.load()
    assert forms["tco_feedback_annex_ii"].field("signature") is None
    assert forms["tco_impossibility_annex_iii"].field("signature") is not None
    grounds = forms["tco_impossibility_annex_iii"].field("ground")
    assert grounds is not None
    assert [one.code for one in grounds.options] == [
        "force_majeure",
        "manifest_errors",
        "insufficient_information",
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_removal_order_gives_its_reasons_on_request(language: str) -> None:
    page = compose_order(RESTRICTION, GROUND, LAW, language)
    told = str(page)
    assert "2021/784" in page.article
    assert GROUND.reasons not in told
    assert GROUND.redress in told
    assert "{" not in told
    assert [one.key for one in page.redress] == ["named", "court", "mistaken"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_order_to_act_gives_reasons_redress_and_territory(language: str) -> None:
    ground = OrderGround(act="dsa", authority="Court", country="DE", reasons="It insults.")
    page = compose_order(RESTRICTION, ground, LAW, language)
    assert "2022/2065" in page.article
    assert "It insults." in str(page.why)
    assert page.territories == ("DE", "FR")
    assert [one.key for one in page.redress] == ["court", "mistaken"]
    assert "category" not in [one.key for one in page.facts]
