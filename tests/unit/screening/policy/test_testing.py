# SPDX-License-Identifier: Apache-2.0
"""A policy's own tests run on the engine that decides, and can fail."""

from __future__ import annotations

from tests.unit.screening.policy.examples import policy_of
from vigie.screening.policy import Expect, run_tests

TESTS = """\
tests:
  - {name: fires, given: {score.hate: 1}, expect: fires}
  - {name: quiet, given: {score.hate: 0.9, marks: [quotation]}, expect: quiet}
  - {name: fails, given: {failed: [hate]}, expect: fails}
  - {name: wrong, given: {score.hate: 0.1}, expect: fires}
  - {name: wrong too, given: {score.hate: 0.9}, expect: quiet}
  - {name: wrong again, given: {item.surface: ad, score.hate: 0.9}, expect: fails}
"""
CLAUSES = ("score: score.hate >= limit.hate", "calm: \"!('quotation' in marks)\"")


def test_each_test_says_what_was_expected_and_what_happened():
    results = run_tests(policy_of(*CLAUSES, more=TESTS))
    assert [(result.name, result.passed) for result in results] == [
        ("fires", True),
        ("quiet", True),
        ("fails", True),
        ("wrong", False),
        ("wrong too", False),
        ("wrong again", False),
    ]
    assert [result.got for result in results[3:]] == [Expect.QUIET, Expect.FIRES, Expect.FIRES]
    assert results[0].hit is not None
    assert results[0].hit.reasons[0].value == 1.0


def test_the_surface_of_a_test_is_one_that_the_policy_looks_at():
    more = "surfaces: [ad]\n" + TESTS.split("  - {name: quiet", maxsplit=1)[0]
    assert all(result.passed for result in run_tests(policy_of(*CLAUSES, more=more)))


def test_every_variable_can_be_given():
    given = (
        "item.surface: post, item.language: fr, item.service: s, item.visibility: public, "
        "item.author_country: FR, item.account_age_days: -1, item.strikes: 1, item.version: 2, "
        "item.links: 1, item.media: 1, item.countries: [FR], marks: [m], matched: [x]"
    )
    clause = (
        "a: item.surface == 'post' && item.language == 'fr' && item.service == 's' "
        "&& item.visibility == 'public' && item.author_country == 'FR' "
        "&& item.account_age_days == -1 && item.strikes == 1 && item.version == 2 "
        "&& item.links == 1 && item.media == 1 && item.countries == ['FR'] "
        "&& marks == ['m'] && matched == ['x']"
    )
    more = f"tests: [{{name: all, given: {{{given}}}, expect: fires}}]\n"
    assert [result.passed for result in run_tests(policy_of(clause, more=more))] == [True]
