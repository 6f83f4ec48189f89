# SPDX-License-Identifier: Apache-2.0
"""A notifier's hash finds copies and decides nothing: limits, past, future, end."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from PIL import Image

from tests.support.made import there
from tests.support.screening import Says, signal
from tests.support.victims import Road, hashes, off, seen
from vigie.core.actions import Outcome
from vigie.core.errors import InvalidInputError
from vigie.core.item import MediaFacts
from vigie.flow import banks, retain
from vigie.flow.deletion import Subject
from vigie.flow.intimate import claims, copies, search
from vigie.flow.intimate.hashes import from_documents, from_form, turned
from vigie.flow.intimate.request import Followed, followed
from vigie.flow.keys import create_key
from vigie.flow.personal import PARTS
from vigie.flow.transaction import writing
from vigie.screening.matching.bank import Entry
from vigie.screening.matching.base import CLAIMS
from vigie.screening.matching.pdq import PDQ
from vigie.store.models import (
    ApiScope,
    BankEntry,
    Case,
    CaseKind,
    ClaimState,
    DecisionRecord,
    Effect,
    ErasureSubject,
    Notice,
    OutgoingTask,
    PictureClaim,
    PictureCopy,
    PictureSighting,
    Queue,
    Record,
    Statement,
    WebhookEndpoint,
)

DAY_MS = 86_400_000
HERS = seen(1)


def listed() -> set[str]:
    rows = BankEntry.objects.filter(bank__name=CLAIMS, active=True)
    return set(rows.values_list("value", flat=True))


def look_around(road: Road) -> None:
    """Let `jobs` do what there is to do."""
    while search.turn(road.house):
        pass


# Receipt


def test_a_notice_opens_a_case_of_48_hours_and_follows_its_hashes(road: Road) -> None:
    road.screen(HERS, name="p-1")
    notice = road.notice("p-1", hashes=hashes(HERS)).notice
    case = Case.objects.get(kind=CaseKind.INTIMATE)
    assert (case.queue, case.category) == (Queue.INTIMATE, "intimate")
    assert (case.clock, case.hard) == ("us_take_it_down", True)
    assert case.due_at == notice.received_at + 48 * 3_600_000
    claim = PictureClaim.objects.get()
    assert (claim.pdq, claim.state) == (HERS.pdq, ClaimState.ACTIVE)
    assert len(claim.turns) == 7
    entry = BankEntry.objects.get(bank__name=CLAIMS)
    assert (entry.value, entry.reference) == (HERS.pdq, notice.label)
    assert entry.bank.cls == "intimate"
    assert [one.owner for one in entry.opinions.all()] == [notice.label]


def test_a_proposal_that_waits_already_moves_to_the_victims_path(road: Road) -> None:
    """A notice joins the case of an item; from then on its members decide it, in 48 hours."""
    road.screen(HERS, name="p-1")
    road.notice("p-1", category="hate", explanation="words")
    assert Case.objects.get().queue == Queue.GENERAL
    road.clock.advance(DAY_MS)
    second = road.notice("p-1", email="other@example.org").notice
    case = Case.objects.get()
    assert (case.kind, case.queue) == (CaseKind.INTIMATE, Queue.INTIMATE)
    # The clock of the first notice ran already: no move gives more time.
    assert case.due_at is not None
    assert case.due_at <= second.received_at + 48 * 3_600_000


def test_nothing_of_a_hash_stands_in_the_open_record(road: Road) -> None:
    road.notice("p-1", hashes=hashes(HERS))
    assert HERS.pdq is not None
    for row in Record.objects.all():
        assert HERS.pdq.encode() not in bytes(row.content)


@pytest.mark.parametrize(
    "given",
    [
        {"pdq": "zz" * 32, "quality": 90},
        {"pdq": "ab" * 31, "quality": 90},
        {"pdq": 7, "quality": 90},
        {"quality": 90},
        {"pdq": HERS.pdq, "quality": 101},
        {"pdq": HERS.pdq, "quality": 90, "turns": ["ab" * 32]},
        {"pdq": HERS.pdq, "quality": 90, "turns": [seen(n).pdq for n in range(20, 27)]},
    ],
    ids=["no digits", "short", "a number", "nothing", "quality", "one turn", "other pictures"],
)
def test_what_is_no_hash_is_refused_and_nothing_is_written(road: Road, given: Any) -> None:
    with pytest.raises(InvalidInputError) as caught:
        road.notice("p-1", hashes=(given,))
    assert caught.value.code == "bad_hash"
    assert not Notice.objects.exists()


def test_a_flat_picture_is_refused_with_what_to_do_instead(road: Road) -> None:
    for given in ({"pdq": HERS.pdq, "quality": 49}, {"pdq": "00" * 32, "quality": 90}):
        with pytest.raises(InvalidInputError) as caught:
            road.notice("p-1", hashes=(given,))
        assert caught.value.code == "low_quality"
        assert "address" in (caught.value.fix or "")


def test_the_hidden_field_of_the_form_is_read_as_strictly() -> None:
    turns = ",".join(HERS.dihedral)
    [one] = from_form([f"88:{turns}", f"88:{turns}"])
    assert one.plain() == from_documents(hashes(HERS))[0].plain() | {"quality": 88}
    for bad in ("", "88", f"8x:{turns}", f"-1:{turns}", f"0088:{turns}", f"88:{turns},{turns}"):
        with pytest.raises(InvalidInputError):
            from_form([bad])


def test_what_the_bits_say_of_a_turned_picture_is_near_enough_to_check_it() -> None:
    for seed in range(30):
        facts = seen(seed)
        expected = turned(bytes.fromhex(facts.dihedral[0]))
        for one, other in zip(facts.dihedral, expected, strict=True):
            assert PDQ.distance(bytes.fromhex(one), other) <= 40


# Limits


def test_one_notifier_has_sixty_hashes_followed_in_a_day_and_is_told_of_the_rest(
    road: Road,
) -> None:
    pictures = [seen(seed, size=(160, 120)) for seed in range(100, 170)]
    made = [road.notice(f"p-{n}", hashes=hashes(*pictures[n : n + 20])) for n in range(0, 70, 20)]
    assert [followed(one.notice).followed for one in made] == [20, 20, 20, 0]
    assert followed(made[-1].notice).over == 10
    assert len(listed()) == 60
    road.clock.advance(DAY_MS + 1)
    again = road.notice("p-9", hashes=hashes(*pictures[60:]))
    assert followed(again.notice) == Followed(10, 0)


def test_another_notifier_is_not_touched_by_somebody_elses_limit(road: Road) -> None:
    pictures = [seen(seed, size=(160, 120)) for seed in range(100, 161)]
    for n in range(0, 60, 20):
        road.notice(f"p-{n}", hashes=hashes(*pictures[n : n + 20]))
    other = road.notice("p-9", hashes=hashes(pictures[60]), email="other@example.org")
    assert followed(other.notice).followed == 1


def test_the_doors_index_has_a_limit_of_its_own(road: Road, monkeypatch: Any) -> None:
    monkeypatch.setattr(claims, "MOST_ACTIVE", 2)
    pictures = [seen(seed, size=(160, 120)) for seed in range(300, 303)]
    made = road.notice("p-1", hashes=hashes(*pictures))
    assert followed(made.notice) == Followed(2, 1)


def test_more_than_twenty_pictures_in_one_notice_are_refused(road: Road) -> None:
    with pytest.raises(InvalidInputError) as caught:
        road.notice("p-1", hashes=hashes(*[seen(n, size=(160, 120)) for n in range(200, 221)]))
    assert caught.value.code == "too_many_pictures"


# The past


def test_copies_of_the_past_are_found_in_archive_and_store_with_their_distance(road: Road) -> None:
    mirrored = seen(1, turn=Image.Transpose.FLIP_LEFT_RIGHT)
    road.screen(seen(1, quality=50), name="p-same")
    road.screen(mirrored, name="p-mirrored")
    road.screen(off(HERS, 31), name="p-far")
    road.screen(off(HERS, 32), name="p-other")
    road.screen(seen(2), name="p-nothing")
    road.screen(name="p-words", text="only words")
    assert DecisionRecord.objects.count() == 0
    notice = road.notice("p-1", hashes=hashes(HERS)).notice
    look_around(road)
    rows = {one.item_id: one.distance for one in notice.copies.all()}
    assert set(rows) == {"p-same", "p-mirrored", "p-far"}
    assert rows["p-far"] == 31
    assert rows["p-same"] <= 10
    assert rows["p-mirrored"] <= 10
    [far] = copies.find(road.house, [HERS.pdq or ""])[-1:]
    assert (far.item_id, far.decision, far.author != "") == ("p-far", None, True)


def test_of_an_edited_item_the_newest_version_is_listed_once(road: Road) -> None:
    road.screen(HERS, name="p-2")
    road.screen(HERS, name="p-2", version=2)
    notice = road.notice("p-1", hashes=hashes(HERS)).notice
    look_around(road)
    assert [(one.item_id, one.version) for one in notice.copies.all()] == [("p-2", 2)]


def test_class_child_is_never_listed_as_a_copy(road: Road) -> None:
    banks.create_bank(road.house, "north", "child", "north")
    digest = Entry(algorithm="sha256", value=bytes.fromhex(HERS.sha256 or ""))
    banks.import_entries(road.house, "north", [digest], "test", pause=lambda _: None)
    road.screen(HERS, name="p-9")
    assert DecisionRecord.objects.get().cls == "child"
    notice = road.notice("p-1", hashes=hashes(HERS)).notice
    look_around(road)
    road.screen(HERS, name="p-10")
    look_around(road)
    assert not notice.copies.exists()
    assert not PictureSighting.objects.exists()


def test_a_hash_without_an_address_opens_its_case_with_the_first_copy(road: Road) -> None:
    notice = road.notice(hashes=hashes(HERS)).notice
    assert not Case.objects.exists()
    look_around(road)
    assert not Case.objects.exists()
    road.screen(HERS, name="p-3")
    look_around(road)
    case = Case.objects.get()
    assert (case.kind, case.decision.item_id) == (CaseKind.INTIMATE, "p-3")
    assert [one.item_id for one in notice.items.all()] == ["p-3"]


def test_an_address_or_a_hash_is_needed(road: Road) -> None:
    with pytest.raises(InvalidInputError) as caught:
        road.notice()
    assert caught.value.code == "no_location"


# The future


def test_a_new_copy_is_listed_and_nothing_happens_to_it(road: Road) -> None:
    WebhookEndpoint.objects.create(
        url="https://agora.example/hook", events=["*"], secret="s" * 32, created_at=1
    )
    road.screen(HERS, name="p-1")
    notice = road.notice("p-1", hashes=hashes(HERS)).notice
    look_around(road)
    made = road.screen(seen(1, quality=60), name="p-new", text="look at this")
    assert (made.outcome, made.actions) == (Outcome.ALLOW, ())
    look_around(road)
    # An item of which nothing was kept is known by its number alone, not by its address.
    assert {one.item_id for one in notice.copies.all()} == {"p-1", "p-new"}
    copy = notice.copies.get(item_id="p-new")
    assert copy.decision is not None
    assert (copy.decision.outcome, copy.decision.sample) == ("allow", False)
    assert Case.objects.count() == 1
    assert not Effect.objects.exists()
    assert not Statement.objects.exists()
    assert not OutgoingTask.objects.filter(kind="webhook").exists()


def test_a_claimed_picture_is_hidden_only_where_another_detector_agrees(road: Road) -> None:
    road.notice("p-1", hashes=hashes(HERS))
    nude = Says("nude", ["nudity"], lambda _item: [signal("nudity", 0.95)])
    alone = road.screen(off(HERS, 40), name="p-2", others=[nude])
    both = road.screen(off(HERS, 3), name="p-3", others=[nude])
    assert alone.actions == ()
    [action] = both.actions
    assert action.by == "rule g"
    statement = Statement.objects.get()
    assert statement.decision.item_id == "p-3"
    page = statement.content["en"]
    assert "R. Lind" not in str(page)
    assert [one.until != "" for one in Effect.objects.all()] == [True]


def test_the_interface_tells_no_key_of_a_claim(road: Road) -> None:
    road.notice("p-1", hashes=hashes(HERS))
    made = road.screen(HERS, name="p-2")
    record = DecisionRecord.objects.get(decision_id=made.decision_id)
    assert "claimed" in str(record.body)
    secret = create_key(road.house, "app", [ApiScope.RECORDS, ApiScope.TRUSTED])[1]
    answer = Client().get(
        f"/api/v1/decisions/{made.decision_id}", headers={"authorization": f"Bearer {secret}"}
    )
    assert answer.json()["as_made"]["decision_id"] == made.decision_id
    for word in ("claimed", CLAIMS, "distance"):
        assert word not in answer.content.decode()


# The end


def test_a_claim_ends_after_its_time_and_is_deleted_a_month_later(road: Road) -> None:
    notice = road.notice("p-1", hashes=hashes(HERS)).notice
    road.clock.advance(claims.CLAIM_DAYS * DAY_MS)
    look_around(road)
    assert PictureClaim.objects.get().state == ClaimState.ENDED
    assert listed() == set()
    road.clock.advance(31 * DAY_MS)
    retain.retain(road.house)
    assert not PictureClaim.objects.exists()
    assert not PictureCopy.objects.filter(notice=notice).exists()
    assert not BankEntry.objects.filter(bank__name=CLAIMS).exists()


def test_a_hash_that_two_notices_follow_ends_with_the_second(road: Road) -> None:
    road.notice("p-1", hashes=hashes(HERS))
    road.notice("p-2", hashes=hashes(HERS), email="other@example.org")
    first, second = PictureClaim.objects.order_by("pk")
    with writing():
        claims.end(road.house, PictureClaim.objects.filter(pk=first.pk))
    assert listed() == {HERS.pdq}
    with writing():
        claims.end(road.house, PictureClaim.objects.filter(pk=second.pk))
    assert listed() == set()


def test_a_picture_that_the_platform_hashed_itself_is_found_as_well(road: Road) -> None:
    road.notice("p-1", hashes=hashes(HERS))
    made = road.screen(MediaFacts(status="hashes", pdq=HERS.pdq), name="p-5")
    assert made.claimed


def test_a_request_for_access_shows_hers_and_erasing_takes_them_once_the_notice_is_answered(
    road: Road,
) -> None:
    notice = road.notice("p-1", hashes=hashes(HERS)).notice
    hers = Subject(kind=ErasureSubject.NOTIFIER, service="", email=notice.email)
    [part] = [one for one in PARTS if one.model is PictureClaim]
    rows = part.rows(hers)
    assert rows is not None
    assert [one.pdq for one in rows] == [HERS.pdq]
    assert not there(part.ended(hers, road.house.now())).exists()
    with writing():
        claims.end(road.house, PictureClaim.objects.all())
    assert there(part.ended(hers, road.house.now())).count() == 1
