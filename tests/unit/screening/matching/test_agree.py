# SPDX-License-Identifier: Apache-2.0
"""How sure a match is, and what takes that away."""

from __future__ import annotations

from vigie.core.decision import Basis
from vigie.screening.matching.agree import judge_lists, together
from vigie.screening.matching.base import BankClass, Opinion, Ref


def ref(bank, owner, opinion=Opinion.POSITIVE, cls=BankClass.CHILD):
    return Ref(bank, owner, cls, opinion)


def basis(nearest, *, exact=False):
    return [(each.cls.value, each.basis) for each in judge_lists(nearest, exact=exact)]


def test_one_list_alone_is_near():
    assert basis({ref("a", "x"): 4}) == [("child", Basis.NEAR)]


def test_two_owners_agree():
    assert basis({ref("a", "x"): 4, ref("b", "y"): 9}) == [("child", Basis.AGREED)]


def test_two_banks_of_one_owner_do_not_agree():
    assert basis({ref("a", "x"): 4, ref("b", "x"): 4}) == [("child", Basis.NEAR)]


def test_lists_of_two_classes_do_not_agree():
    nearest = {ref("a", "x"): 4, ref("b", "y", cls=BankClass.TERRORIST): 4}
    assert basis(nearest) == [("child", Basis.NEAR), ("terrorist", Basis.NEAR)]


def test_a_negative_opinion_takes_agreement_away():
    nearest = {ref("a", "x"): 4, ref("b", "y"): 4, ref("c", "z", Opinion.NEGATIVE): 31}
    assert basis(nearest) == [("child", Basis.NEAR)]


def test_a_disputed_entry_counts_for_nothing_but_a_look():
    assert basis({ref("a", "x", Opinion.DISPUTED): 4}) == [("child", Basis.NEAR)]
    nearest = {ref("a", "x"): 4, ref("b", "y", Opinion.DISPUTED): 4}
    assert basis(nearest) == [("child", Basis.NEAR)]


def test_a_negative_opinion_in_another_class_says_nothing():
    nearest = {
        ref("a", "x"): 4,
        ref("b", "y"): 4,
        ref("c", "z", Opinion.NEGATIVE, BankClass.TERMS): 4,
    }
    assert basis(nearest) == [("child", Basis.AGREED)]


def test_what_its_owner_calls_negative_is_no_match():
    assert basis({ref("a", "x", Opinion.NEGATIVE): 0}, exact=True) == []


def test_the_same_bytes_are_exact_unless_disputed():
    assert basis({ref("a", "x"): 0}, exact=True) == [("child", Basis.EXACT)]
    nearest = {ref("a", "x"): 0, ref("b", "y", Opinion.NEGATIVE): 0}
    assert basis(nearest, exact=True) == [("child", Basis.NEAR)]


def test_the_least_distance_and_all_names_are_told():
    first, second = {ref("a", "x"): 9, ref("b", "y"): 5}, {ref("a", "x"): 3}
    (judged,) = judge_lists(together([first, second]), exact=False)
    assert (judged.distance, judged.banks, judged.owners) == (3, ("a", "b"), ("x", "y"))
