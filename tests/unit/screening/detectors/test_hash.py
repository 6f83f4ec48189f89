# SPDX-License-Identifier: Apache-2.0
"""The hash detector: what it reports of each medium, and that failure is never silence."""

from __future__ import annotations

import hashlib

import pytest
from PIL import Image

from tests.support.pictures import encode, pattern, picture
from vigie.core.decision import Basis
from vigie.core.item import Author, Item, MediaFacts, Subject, Surface
from vigie.screening.batch import Batch, Prepared
from vigie.screening.detectors.base import Parts
from vigie.screening.detectors.hash import LABELS, HashDetector
from vigie.screening.matching.base import BankClass, IndexRow, Opinion, Ref
from vigie.screening.matching.index import HashIndex
from vigie.screening.media.facts import facts_of

LISTED = picture(1)
LISTED_FACTS = facts_of(LISTED)
ONE = Ref("one", "owner-1", BankClass.CHILD)
TWO = Ref("two", "owner-2", BankClass.CHILD)
TERMS = Ref("house", "agora", BankClass.TERMS)


def sha(data, ref):
    return IndexRow("sha256", hashlib.sha256(data).digest(), ref)


def md5(data, ref):
    return IndexRow("md5", hashlib.md5(data).digest(), ref)


def pdq(ref, facts=LISTED_FACTS):
    return IndexRow("pdq", bytes.fromhex(facts.pdq or ""), ref)


def batch(*media):
    item = Item(id="p-1", surface=Surface.POST, author=Author(id="a-1"))
    return Batch(items=[Prepared(Subject(item, each)) for each in media])


def detect(rows, *media):
    index = HashIndex.of(rows) if rows is not None else None
    return HashDetector.from_parts(Parts(index=index)).detect(batch(*media))


def matches(signals):
    return [(s.label, s.match.media, s.match.basis, s.match.algorithm) for s in signals if s.match]


def test_the_same_bytes_are_an_exact_match():
    for row, algorithm in ((sha(LISTED, ONE), "sha256"), (md5(LISTED, ONE), "md5")):
        (signals,) = detect([row], (LISTED_FACTS,))
        assert matches(signals) == [("child", 0, Basis.EXACT, algorithm)]
        assert signals[0].value == 1.0
        assert signals[0].match is not None
        assert signals[0].match.banks == ("one",)
        assert signals[0].match.owners == ("owner-1",)


def test_a_smaller_copy_is_near_on_one_list_and_agreed_on_two():
    copy = facts_of(encode(pattern(1).resize((200, 150)), "WEBP"))
    (near,) = detect([pdq(ONE)], (copy,))
    (agreed,) = detect([pdq(ONE), pdq(TWO)], (copy,))
    assert matches(near) == [("child", 0, Basis.NEAR, "pdq")]
    assert matches(agreed) == [("child", 0, Basis.AGREED, "pdq")]
    assert near[0].match is not None
    assert 0 < near[0].match.distance <= 31
    assert near[0].value == pytest.approx(1 - near[0].match.distance / 256)


def test_a_negative_opinion_leaves_it_to_a_person():
    against = Ref("three", "owner-3", BankClass.CHILD, Opinion.NEGATIVE)
    (signals,) = detect([pdq(ONE), pdq(TWO), pdq(against)], (LISTED_FACTS,))
    assert matches(signals) == [("child", 0, Basis.NEAR, "pdq")]


@pytest.mark.parametrize(
    ("turn", "name"),
    [
        (Image.Transpose.ROTATE_180, "rotate180"),
        (Image.Transpose.FLIP_LEFT_RIGHT, "flipx"),
        (Image.Transpose.ROTATE_90, "rotate270"),
    ],
)
def test_a_turned_copy_is_found_and_marked(turn, name):
    turned = facts_of(encode(pattern(1).transpose(turn), "PNG"))
    (signals,) = detect([pdq(ONE)], (turned,))
    assert matches(signals) == [("child", 0, Basis.NEAR, "pdq")]
    assert len(signals[0].marks) == 1
    (straight,) = detect([pdq(ONE)], (LISTED_FACTS,))
    assert straight[0].marks == ()


def test_the_surest_match_of_each_class_is_told_once():
    rows = [sha(LISTED, ONE), pdq(ONE), pdq(TWO), pdq(TERMS), md5(LISTED, ONE)]
    (signals,) = detect(rows, (LISTED_FACTS,))
    assert sorted(matches(signals)) == [
        ("child", 0, Basis.EXACT, "sha256"),
        ("terms", 0, Basis.NEAR, "pdq"),
    ]


def test_each_item_of_a_batch_gets_its_own_signals():
    other = facts_of(picture(2))
    first, second, third, fourth = detect(
        [sha(LISTED, ONE)], (other, LISTED_FACTS), (), (other,), (LISTED_FACTS, LISTED_FACTS)
    )
    assert matches(first) == [("child", 1, Basis.EXACT, "sha256")]
    assert (second, third) == ([], [])
    assert [media for _, media, _, _ in matches(fourth)] == [0, 1]


def test_hashes_that_the_platform_sent_are_asked_for():
    given = MediaFacts(status="hashes", pdq=LISTED_FACTS.pdq)
    assert matches(detect([pdq(ONE)], (given,))[0]) == [("child", 0, Basis.NEAR, "pdq")]
    given = MediaFacts(status="hashes", sha256=LISTED_FACTS.sha256)
    assert matches(detect([sha(LISTED, ONE)], (given,))[0])


@pytest.mark.parametrize(("quality", "found"), [(49, 0), (50, 1), (None, 1)])
def test_a_flat_picture_is_not_asked_for(quality, found):
    given = MediaFacts(status="hashes", pdq=LISTED_FACTS.pdq, quality=quality)
    assert len(matches(detect([pdq(ONE)], (given,))[0])) == found


def test_the_hash_of_a_blank_picture_is_not_asked_for():
    blank = MediaFacts(status="hashes", pdq="00" * 32)
    row = IndexRow("pdq", bytes(32), ONE)
    assert detect([row], (blank,)) == [[]]


def test_a_picture_that_could_not_be_read_fails_every_class():
    cut = facts_of(LISTED[:500])
    for rows in (None, [sha(LISTED, ONE)]):
        (signals,) = detect(rows, (LISTED_FACTS, cut))
        failed = [signal for signal in signals if signal.status == "failed"]
        assert [signal.label for signal in failed] == list(LABELS)
        assert failed[0].problem == f"media/1: {cut.problem}"
        assert bool(matches(signals)) == (rows is not None)


def test_a_broken_file_that_is_listed_is_found_by_its_digest():
    broken = LISTED[:500]
    (signals,) = detect([sha(broken, ONE)], (facts_of(broken),))
    assert matches(signals) == [("child", 0, Basis.EXACT, "sha256")]


def test_an_address_that_was_not_fetched_says_nothing():
    assert detect([pdq(ONE)], (MediaFacts(status="pending"),)) == [[]]
