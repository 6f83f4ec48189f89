# SPDX-License-Identifier: Apache-2.0
"""What a policy may rest on."""

import pytest

from vigie.law import load
from vigie.screening.policy import PolicyError, check_grounds, load_policy

LAW = load()
POLICY = """
id: p
version: 1
title: {{en: P, fr: P, de: P}}
description: A policy of a test.
offences: [{offence}]
when: {{known: "size(matched) > 0"}}
action: {action}
"""


def policy(offence: str, action: str):
    return load_policy(POLICY.format(offence=offence, action=action), "p.yaml")


def test_removal_cannot_rest_on_an_offence_of_one_country() -> None:
    with pytest.raises(PolicyError, match="own territory") as caught:
        check_grounds(policy("fr_denial", "remove"), LAW)
    assert caught.value.field == "offences[0]"
    assert caught.value.fix == "use the action withhold"


def test_withholding_can_rest_on_an_offence_of_one_country() -> None:
    check_grounds(policy("fr_denial", "withhold"), LAW)


def test_removal_can_rest_on_class_child() -> None:
    check_grounds(policy("fr_csam", "remove"), LAW)


def test_an_unknown_offence_is_refused_with_a_suggestion() -> None:
    with pytest.raises(PolicyError, match="no law entry") as caught:
        check_grounds(policy("fr_denail", "withhold"), LAW)
    assert "fr_denial" in (caught.value.fix or "")
