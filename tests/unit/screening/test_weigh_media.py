# SPDX-License-Identifier: Apache-2.0
"""Pictures that a person confirmed, and hashes of notifiers: what each does to an item."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from PIL import Image

from tests.support.door import decided, live, shadow, shipped
from tests.support.pictures import encode, pattern
from tests.support.screening import judged, planted, signal, snapshot, subject
from vigie.core.actions import Outcome
from vigie.core.decision import CLAIMED, Decision, Ground, Signal
from vigie.core.item import MediaFacts
from vigie.screening.batch import Prepared
from vigie.screening.detectors.base import Parts
from vigie.screening.detectors.hash import HashDetector
from vigie.screening.matching.base import CLAIMS, NOTIFIED, BankClass, IndexRow, Ref
from vigie.screening.matching.index import HashIndex
from vigie.screening.media.facts import facts_of
from vigie.screening.policy import ActivePolicy
from vigie.screening.policy.facts import facts_of as policy_facts

LISTED = facts_of(encode(pattern(7), quality=90))
NOTIFIED_REF = Ref(NOTIFIED, "operator", BankClass.INTIMATE)
CLAIM_REF = Ref(CLAIMS, "notifiers", BankClass.INTIMATE)
OTHER_REF = Ref("stop", "charity", BankClass.INTIMATE)
PACKS = ("intimate_images", "intimate_terms")


def bits(facts: MediaFacts) -> bytes:
    return bytes.fromhex(facts.pdq or "")


def off(distance: int) -> MediaFacts:
    """Return a picture as a platform hashed it, so many bits from the listed one."""
    changed = int.from_bytes(bits(LISTED), "big") ^ ((1 << distance) - 1)
    return MediaFacts(status="hashes", pdq=changed.to_bytes(32, "big").hex())


def index(*refs: Ref, value: bytes | None = None) -> HashIndex:
    return HashIndex.of([IndexRow("pdq", value or bits(LISTED), ref) for ref in refs])


def judge_one(
    media: MediaFacts,
    listed: HashIndex,
    *,
    policies: Sequence[ActivePolicy] | None = None,
    others: Sequence[Signal] = (),
    confirmed: bool = True,
    **fields: Any,
) -> Decision:
    rows = live(*map(shipped, PACKS)) if policies is None else policies
    hidden = planted(*others) if others else planted()
    known = [
        decided("", pdq=LISTED.pdq, ground=Ground(offence="fr_ncii"), territories=("FR",)),
        decided("", pdq=LISTED.pdq, ground=Ground(terms="intimate-pictures")),
    ]
    under = snapshot(
        rows,
        HashDetector.from_parts(Parts(index=listed)),
        hidden,
        decided=known if confirmed else [],
        index=listed,
    )
    return judged(under, subject(media=(media,), **fields))[0]


@pytest.mark.parametrize("distance", [0, 1, 9, 10])
def test_a_near_copy_of_a_confirmed_picture_meets_the_same_decision(distance):
    made = judge_one(off(distance), index(NOTIFIED_REF), policies=[])
    [action] = made.actions
    assert (action.by, action.state) == ("rule b", "sent")
    assert action.territories == ("DE", "FR")
    assert {g.offence or g.terms for g in action.grounds} == {"fr_ncii", "intimate-pictures"}
    assert made.outcome is Outcome.WITHHOLD
    assert {v.reasons[0].clause for v in made.verdicts} == {"near_confirmed"}


@pytest.mark.parametrize("distance", [11, 20, 31])
def test_what_is_less_near_goes_to_a_person(distance):
    made = judge_one(off(distance), index(NOTIFIED_REF))
    assert made.outcome is Outcome.REVIEW
    assert {action.state for action in made.actions} == {"proposed"}


def test_beyond_thirty_one_bits_nothing_is_said():
    assert judge_one(off(32), index(NOTIFIED_REF)).outcome is Outcome.ALLOW


def test_a_mirrored_copy_of_a_confirmed_picture_is_met_too():
    mirrored = facts_of(encode(pattern(7).transpose(Image.Transpose.FLIP_LEFT_RIGHT), "PNG"))
    made = judge_one(mirrored, index(NOTIFIED_REF), policies=[])
    assert [action.by for action in made.actions] == ["rule b"]


def test_another_list_at_the_same_distance_gives_a_far_picture_nothing():
    """The distance that counts is to the picture that was confirmed, not to the nearest list."""
    near = HashIndex.of(
        [
            IndexRow("pdq", bits(off(3)), OTHER_REF),
            IndexRow("pdq", bits(off(28)), NOTIFIED_REF),
        ]
    )
    made = judge_one(off(3), near)
    assert {action.state for action in made.actions} == {"proposed"}


def test_a_confirmed_picture_that_was_taken_back_acts_no_more():
    made = judge_one(off(0), index(NOTIFIED_REF), confirmed=False)
    assert {action.state for action in made.actions} == {"proposed"}


@pytest.mark.parametrize("distance", [0, 5, 31])
def test_a_notifiers_hash_alone_changes_nothing(distance):
    made = judge_one(off(distance), index(CLAIM_REF))
    assert (made.outcome, made.actions, made.verdicts) == (Outcome.ALLOW, (), ())
    assert made.claimed
    [found] = [one for one in made.signals if one.label == CLAIMED]
    assert found.match is not None
    assert found.match.distance == distance
    assert policy_facts(_prepared(), [found]).matched == []
    assert policy_facts(_prepared(), [found]).scores == {}


def _prepared() -> Any:
    return Prepared(subject())


def test_a_notifiers_hash_makes_no_list_agree():
    """With the claim counted as an owner, two lists would agree."""
    child = Ref("north", "north", BankClass.CHILD)
    for refs in ((child,), (child, CLAIM_REF)):
        made = judge_one(off(2), index(*refs), policies=live(shipped("near_child_material")))
        [match] = [one.match for one in made.signals if one.match and one.match.cls == "child"]
        assert (match.basis, match.owners) == ("near", ("north",))


def test_every_policy_of_every_kind_is_blind_to_a_notifiers_hash():
    everything = live(*map(shipped, (*PACKS, "known_child_material", "known_terrorist_material")))
    assert judge_one(off(0), index(CLAIM_REF), policies=everything).outcome is Outcome.ALLOW


@pytest.mark.parametrize("label", ["nudity", "sexual", "deepfake"])
def test_with_another_detector_a_claimed_picture_is_hidden_for_48_hours(label):
    seen = signal(label, 0.9)
    made = judge_one(off(4), index(CLAIM_REF), others=[seen], countries=["FR", "AT"])
    [action] = made.actions
    assert (action.by, action.state) == ("rule g", "sent")
    ends, made_at = (datetime.fromisoformat(text or "") for text in (action.until, made.at))
    assert ends - made_at == timedelta(hours=48)
    assert [g.terms for g in action.grounds] == ["intimate-pictures"]
    assert set(action.territories) == {"FR", "AT"}
    [reason] = made.verdicts[0].reasons
    assert (reason.clause, reason.limit) == ("claimed_picture", 0.85)


@pytest.mark.parametrize(
    "seen",
    [
        signal("nudity", 0.84),
        signal("violence", 1.0),
        signal("nudity", 1.0, status="failed"),
    ],
    ids=["below the limit", "another label", "failed"],
)
def test_what_is_no_agreement_hides_nothing(seen):
    made = judge_one(off(0), index(CLAIM_REF), others=[seen])
    assert (made.outcome, made.actions) == (Outcome.ALLOW, ())


def test_a_detector_alone_without_a_notice_hides_nothing():
    made = judge_one(off(40), index(CLAIM_REF), others=[signal("nudity", 1.0)])
    assert (made.outcome, made.actions) == (Outcome.ALLOW, ())


def test_a_policy_in_shadow_hides_nothing():
    made = judge_one(
        off(0),
        index(CLAIM_REF),
        policies=shadow(shipped("intimate_terms")),
        others=[signal("nudity", 1.0)],
    )
    assert made.actions == ()
